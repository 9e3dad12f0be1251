//! Half-open stretches `[start, end)` of milliseconds, and what can be done with rows of them.
//!
//! # Source
//!
//! The idea, business time as algebra on half-open segments, is that of `zendesk/biz`.

/// A day of 24 hours.
pub(super) const DAY: i64 = 86_400_000;

/// Every instant there is, in milliseconds since the epoch: the years −9999 to 9999.
///
/// # Source
///
/// `jiff::Timestamp::MIN` and `MAX`, to the millisecond.
pub(super) const INSTANTS: Segment = Segment::new(-377_705_023_201_000, 253_402_207_200_999);

/// `[start, end)` in milliseconds: of a local day, of the local clock or of UTC, as the holder
/// says. Empty when it ends at or before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Segment {
    pub(super) const fn new(start: i64, end: i64) -> Self {
        Self { start, end }
    }

    pub(super) fn len(self) -> i64 {
        self.end - self.start
    }

    pub(super) fn is_empty(self) -> bool {
        self.end <= self.start
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    pub(super) fn shift(self, by: i64) -> Self {
        Self::new(self.start + by, self.end + by)
    }

    /// What `cuts`, sorted and disjoint, leave of it.
    pub(super) fn without(self, cuts: &[Self]) -> impl DoubleEndedIterator<Item = Self> {
        let first = cuts.partition_point(|cut| cut.end <= self.start);
        let last = cuts.partition_point(|cut| cut.start < self.end);
        let cuts = cuts.get(first..last).unwrap_or_default();
        (0..cuts.len() + 1).map(move |k| {
            let start = k.checked_sub(1).map_or(self.start, |before| cuts[before].end);
            Self::new(start, cuts.get(k).map_or(self.end, |cut| cut.start))
        })
    }
}

/// The same instants as sorted segments that neither overlap nor touch.
pub(super) fn union(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.retain(|segment| !segment.is_empty());
    segments.sort_unstable();
    segments.into_iter().fold(Vec::new(), |mut row: Vec<Segment>, next| {
        match row.last_mut() {
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => row.push(next),
        }
        row
    })
}
