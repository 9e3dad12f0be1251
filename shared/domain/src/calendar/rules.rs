//! Hours as they are written, checked, and what they make of each local day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, civil::Date};

use super::segment::{DAY, Segment, union};
use super::spec::{CalendarSpec, Hours, Interval};
use super::{CalendarError, ClosedReason};

/// The hours of one local day.
#[derive(Debug)]
pub(super) struct Day {
    /// Milliseconds of the local day, 0 to 24 hours; sorted, disjoint.
    pub(super) hours: Vec<Segment>,
    /// What closes the day when there are none.
    pub(super) closed: ClosedReason,
}

/// The hours as they are written: they may cross midnight, and so end after 24 hours.
pub(super) struct Rules {
    week: [Vec<Segment>; 7],
    overrides: BTreeMap<i64, Vec<Segment>>,
    holidays: BTreeSet<i64>,
}

impl Rules {
    pub(super) fn of(spec: &CalendarSpec) -> Result<Self, CalendarError> {
        Ok(Self {
            week: weekly(&spec.hours)?,
            overrides: spec.overrides.iter().map(overridden).collect::<Result<_, _>>()?,
            holidays: spec.holidays.iter().copied().map(number).collect(),
        })
    }

    /// The hours that start on a date.
    fn starting(&self, date: i64) -> &[Segment] {
        match self.overrides.get(&date) {
            Some(hours) => hours,
            None if self.holidays.contains(&date) => &[],
            None => &self.week[weekday(date)],
        }
    }

    fn day(&self, date: i64) -> Day {
        let (overridden, holiday) = (self.overrides.contains_key(&date), self.holidays.contains(&date));
        let hours = within(self.starting(date), self.starting(date - 1));
        match (overridden, holiday) {
            (true, _) => Day { hours, closed: ClosedReason::Override },
            (false, true) => Day { hours: Vec::new(), closed: ClosedReason::Holiday },
            (false, false) => Day { hours, closed: ClosedReason::Weekly },
        }
    }

    pub(super) fn week(&self) -> [Day; 7] {
        std::array::from_fn(|day| Day {
            hours: within(&self.week[day], &self.week[(day + 6) % 7]),
            closed: ClosedReason::Weekly,
        })
    }

    /// Every date with an override or holiday, and the date after it.
    pub(super) fn dated(&self) -> BTreeMap<i64, Day> {
        let named = self.overrides.keys().chain(&self.holidays);
        named.flat_map(|date| [*date, date + 1]).map(|date| (date, self.day(date))).collect()
    }
}

/// What is open within one local day, of the hours that start on it and on the day before.
fn within(today: &[Segment], yesterday: &[Segment]) -> Vec<Segment> {
    let crossing = yesterday.iter().map(|hours| hours.shift(-DAY));
    let day = Segment::new(0, DAY);
    union(today.iter().copied().chain(crossing).map(|hours| hours.and(day)).collect())
}

/// An interval and where it is written.
struct Placed {
    segment: Segment,
    pointer: String,
}

fn weekly(hours: &Hours) -> Result<[Vec<Segment>; 7], CalendarError> {
    let (mut week, mut row) = <([Vec<Segment>; 7], Vec<Placed>)>::default();
    // Monday comes again after Sunday, so that hours across that midnight are compared too.
    for (day, (name, intervals)) in hours.days().into_iter().cycle().take(8).enumerate() {
        let placed = place(intervals, &format!("/hours/{name}"), day as i64 * DAY)?;
        week[day % 7] = segments(&placed, day as i64 * DAY);
        row.extend(placed);
    }
    refuse_overlaps(row)?;
    Ok(week)
}

fn overridden((date, intervals): (&Date, &Vec<Interval>)) -> Result<(i64, Vec<Segment>), CalendarError> {
    let placed = place(intervals, &format!("/overrides/{date}"), 0)?;
    let hours = segments(&placed, 0);
    refuse_overlaps(placed)?;
    Ok((number(*date), hours))
}

/// Intervals of the list at `pointer`, on a day that starts at `midnight`.
fn place(intervals: &[Interval], pointer: &str, midnight: i64) -> Result<Vec<Placed>, CalendarError> {
    let placed = |(index, interval): (usize, &Interval)| {
        let pointer = format!("{pointer}/{index}");
        Ok(Placed { segment: stretch(*interval, &pointer)?.shift(midnight), pointer })
    };
    intervals.iter().enumerate().map(placed).collect()
}

fn segments(row: &[Placed], midnight: i64) -> Vec<Segment> {
    row.iter().map(|placed| placed.segment.shift(-midnight)).collect()
}

/// Milliseconds from the midnight before; past 24 hours where the interval crosses midnight.
pub(super) fn stretch(Interval(from, to): Interval, pointer: &str) -> Result<Segment, CalendarError> {
    let (start, end) = (i64::from(from.seconds()) * 1000, i64::from(to.seconds()) * 1000);
    if start >= DAY {
        let detail = "24:00 only ends a day: start the next day's hours at 00:00 instead";
        return Err(CalendarError::new("malformed_interval", pointer, detail));
    }
    Ok(Segment::new(start, if end <= start { end + DAY } else { end }))
}

/// Refuses a row in which one interval starts before an earlier one has ended.
fn refuse_overlaps(mut row: Vec<Placed>) -> Result<(), CalendarError> {
    row.sort_by_key(|placed| placed.segment);
    let overlap = row.windows(2).find(|pair| pair[1].segment.start < pair[0].segment.end);
    overlap.map_or(Ok(()), |pair| Err(overlapping(&pair[0].pointer, &pair[1].pointer)))
}

fn overlapping(earlier: &str, later: &str) -> CalendarError {
    let detail = format!("starts before {earlier} has ended: let them touch, or make one of them");
    CalendarError::new("overlapping_hours", later, detail)
}

/// Monday is 0; 1970-01-01 was a Thursday.
pub(super) fn weekday(date: i64) -> usize {
    (date + 3).rem_euclid(7) as usize
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A date in days since 1970-01-01.
pub(super) fn number(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

pub(super) fn civil(date: i64) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(date * 24))
}
