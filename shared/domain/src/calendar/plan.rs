//! A calendar made ready: what each local day has open, with nothing left that crosses midnight.

use std::collections::BTreeMap;

use super::rules::{Day, Rules, civil, number, stretch, weekday};
use super::segment::{DAY, INSTANTS, Segment, union};
use super::spec::{Break, CalendarSpec, Interval};
use super::zone::{Stretch, Zone};
use super::{ClosedDay, ClosedReason};

/// A compiled calendar.
#[derive(Debug)]
pub(super) struct Plan {
    zone: Zone,
    /// Monday first.
    week: [Day; 7],
    /// The dates that the week does not tell right, by days since 1970-01-01.
    dated: BTreeMap<i64, Day>,
    /// In UTC; sorted, disjoint.
    breaks: Vec<Segment>,
}

impl Plan {
    /// The plan of a spec that is right, in its zone.
    pub(super) fn of(spec: &CalendarSpec, zone: Zone) -> Self {
        let rules = Rules::of(spec);
        let breaks = union(spec.breaks.iter().map(|pause| cut(pause, &zone)).collect());
        Self { zone, week: rules.week(), dated: rules.dated(), breaks }
    }

    /// What is open in `window`: sorted, disjoint, none empty; the same from either end.
    pub(super) fn open(&self, window: Segment) -> impl DoubleEndedIterator<Item = Segment> {
        let window = window.and(INSTANTS);
        // One date more: where the clock goes back over midnight, the old date comes again.
        let dates = self.zone.date(window.start)..self.zone.date(window.end) + 2;
        let mut known = Stretch::NONE;
        dates
            .flat_map(move |date| self.hours(date, self.zone.steady(date, &mut known)))
            .flat_map(|hours| hours.without(&self.breaks))
            .map(move |open| open.and(window))
            .filter(|open| !open.is_empty())
    }

    pub(super) fn never_opens(&self) -> bool {
        let weekly = self.week.iter().any(|day| !day.hours.is_empty());
        !weekly && self.dated.keys().all(|date| self.closed(*date).is_some())
    }

    pub(super) fn never_closes(&self) -> bool {
        let whole = |day: &Day| day.hours == [Segment::new(0, DAY)];
        self.breaks.is_empty() && self.week.iter().chain(self.dated.values()).all(whole)
    }

    /// The end of the local date `days` after that of `at`.
    pub(super) fn end_of_day(&self, at: i64, days: i64) -> i64 {
        self.zone.day(self.zone.date(at) + days).end
    }

    pub(super) fn closed_days(&self, window: Segment) -> Vec<ClosedDay> {
        let dates = self.zone.date(window.start)..=self.zone.date(window.end);
        dates
            .filter(|date| !self.zone.day(*date).and(window).is_empty())
            .filter_map(|date| Some(ClosedDay { date: civil(date), reason: self.closed(date)? }))
            .collect()
    }

    /// Why the date has no open time, if it has none.
    fn closed(&self, date: i64) -> Option<ClosedReason> {
        if self.open(self.zone.day(date)).next().is_some() {
            return None;
        }
        let planned = self.hours(date, None).any(|hours| !hours.is_empty());
        Some(if planned { ClosedReason::Break } else { self.day(date).closed })
    }

    /// The hours of a date in UTC, breaks not yet cut out; some may be empty. `offset` is that of
    /// the whole day, in milliseconds, if it has one.
    fn hours(&self, date: i64, offset: Option<i64>) -> impl DoubleEndedIterator<Item = Segment> {
        let (midnight, hours) = (date * DAY, &self.day(date).hours);
        (0..hours.len()).map(move |k| match offset {
            Some(offset) => hours[k].shift(midnight - offset),
            None => self.unsteady(date, hours, k),
        })
    }

    /// The `k`-th of a date's hours in UTC, near a transition. Less what the hours before it already
    /// cover, for a closing's second occurrence may come after the next opening's first; and inside
    /// the date's own window, for the clock may have gone back over midnight into it.
    fn unsteady(&self, date: i64, hours: &[Segment], k: usize) -> Segment {
        let place = |k: usize| self.zone.segment(hours[k].shift(date * DAY));
        let earlier = k.checked_sub(1).map_or(INSTANTS.start, |before| place(before).end);
        place(k).and(self.zone.day(date)).and(Segment::new(earlier, INSTANTS.end))
    }

    /// Whether the short way was open and led where the long way leads; panics where it leads elsewhere.
    #[cfg(test)]
    pub(super) fn steady_agrees(&self, date: i64, known: &mut Stretch) -> bool {
        let offset = self.zone.steady(date, known);
        assert!(self.hours(date, offset).eq(self.hours(date, None)), "{}", civil(date));
        offset.is_some()
    }

    fn day(&self, date: i64) -> &Day {
        self.dated.get(&date).unwrap_or_else(|| &self.week[weekday(date)])
    }
}

fn cut(pause: &Break, zone: &Zone) -> Segment {
    zone.segment(stretch(Interval(pause.from, pause.to)).shift(number(pause.date) * DAY))
}
