//! From the local clock to UTC and back. The local clock is counted in milliseconds since
//! 1970-01-01T00:00 on that clock, so that local midnights are the multiples of [`DAY`].

use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase, TimeZoneTransition};

use super::instant;
use super::segment::{DAY, INSTANTS, Segment};

/// A time zone, asked as calendars ask.
#[derive(Debug)]
pub(super) struct Zone(TimeZone);

/// A stretch of UTC in which a zone keeps one offset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    span: Segment,
    offset: i64,
}

impl Stretch {
    /// No stretch: what is known before anything was asked.
    pub(super) const NONE: Self = Self { span: Segment::new(0, 0), offset: 0 };

    /// Whether the local day from `midnight` lies inside, with a day to spare on either side
    /// because no clock was ever moved by more.
    fn holds(&self, midnight: i64) -> bool {
        let start = midnight - self.offset;
        self.span.start <= start - DAY && start + 2 * DAY <= self.span.end
    }
}

impl Zone {
    /// The zone of that IANA name, from the database in the binary: the same on every machine.
    pub(super) fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// The local date of an instant, in days since 1970-01-01.
    pub(super) fn date(&self, at: i64) -> i64 {
        (at + millis(self.0.to_offset(instant(at)))).div_euclid(DAY)
    }

    /// The instants of a local date.
    pub(super) fn day(&self, date: i64) -> Segment {
        Segment::new(self.opening(date * DAY), self.opening((date + 1) * DAY))
    }

    /// The instants of a stretch of the local clock.
    pub(super) fn segment(&self, local: Segment) -> Segment {
        Segment::new(self.opening(local.start), self.closing(local.end))
    }

    /// When the local clock first shows `local`, or else the first instant after its gap.
    fn opening(&self, local: i64) -> i64 {
        match self.offsets(local) {
            AmbiguousOffset::Unambiguous { offset } => local - millis(offset),
            AmbiguousOffset::Fold { before, .. } => local - millis(before),
            AmbiguousOffset::Gap { after, .. } => self.end_of_gap(local - millis(after)),
        }
    }

    /// When the local clock last shows `local`; but a midnight ends the day when it first comes.
    fn closing(&self, local: i64) -> i64 {
        match self.offsets(local) {
            AmbiguousOffset::Fold { after, .. } if local % DAY != 0 => local - millis(after),
            _ => self.opening(local),
        }
    }

    /// The transition that made the gap, from an instant less than the gap's width before it.
    fn end_of_gap(&self, before: i64) -> i64 {
        self.0.following(instant(before)).next().map_or(before, moment)
    }

    fn offsets(&self, local: i64) -> AmbiguousOffset {
        self.0.to_ambiguous_timestamp(Offset::UTC.to_datetime(instant(local))).offset()
    }

    /// The one offset of a local date with no transition near, in milliseconds; `None` near one,
    /// where every local time must be asked for by itself. `known` is the last stretch seen: days
    /// are walked in order, so it nearly always answers without a look into the zone.
    pub(super) fn steady(&self, date: i64, known: &mut Stretch) -> Option<i64> {
        let midnight = date * DAY;
        if !known.holds(midnight) {
            *known = self.stretch(midnight);
        }
        known.holds(midnight).then_some(known.offset)
    }

    /// The stretch around an instant; one that is itself a transition begins its stretch.
    fn stretch(&self, at: i64) -> Stretch {
        let start = self.0.preceding(instant(at + 1)).next().map_or(INSTANTS.start, moment);
        let end = self.0.following(instant(at)).next().map_or(INSTANTS.end, moment);
        Stretch { span: Segment::new(start, end), offset: millis(self.0.to_offset(instant(at))) }
    }
}

fn millis(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}

fn moment(transition: TimeZoneTransition<'_>) -> i64 {
    transition.timestamp().as_millisecond()
}
