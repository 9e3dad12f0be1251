//! Hours as they are written, and what they make of each local day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, civil::Date};

use super::ClosedReason;
use super::segment::{DAY, Segment, union};
use super::spec::{CalendarSpec, Interval};

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
    pub(super) fn of(spec: &CalendarSpec) -> Self {
        let overridden = |(date, hours): (&Date, &Vec<Interval>)| (number(*date), segments(hours));
        Self {
            week: spec.hours.days().map(segments),
            overrides: spec.overrides.iter().map(overridden).collect(),
            holidays: spec.holidays.iter().copied().map(number).collect(),
        }
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

fn segments(intervals: &[Interval]) -> Vec<Segment> {
    intervals.iter().copied().map(stretch).collect()
}

/// Milliseconds from the midnight before; past 24 hours where the interval crosses midnight.
pub(super) fn stretch(Interval(from, to): Interval) -> Segment {
    let (start, end) = (i64::from(from.seconds()) * 1000, i64::from(to.seconds()) * 1000);
    Segment::new(start, if end <= start { end + DAY } else { end })
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
