//! The rungs that a clock has still to climb, and when it wants to be looked at for them.

use super::SegmentKind;
use super::clock::{Clock, Rules};
use super::level::{Anchor, Level, Rung};
use crate::calendar::CalendarError;
use crate::order::later;
use crate::policy::SlaPolicy;
use jiff::{SignedDuration, Timestamp};

impl Clock {
    /// Finds the rungs that are still to be reached, judged from `at`, earliest first.
    pub(super) fn look_ahead(&mut self, at: Timestamp, rules: &Rules<'_>) -> Result<(), CalendarError> {
        if self.open() == Some(SegmentKind::Run) {
            let due_at = self.due_at;
            self.look_from(at, self.consumed(rules.calendar, at), rules)?;
            // What runs late stays due when it was.
            self.due_at = due_at;
        }
        Ok(())
    }

    /// Finds the due instant and the rungs of a clock that runs, and had consumed so much at `at`:
    /// in one walk over the calendar, but for those before due.
    pub(super) fn look_from(
        &mut self,
        at: Timestamp,
        consumed: SignedDuration,
        rules: &Rules<'_>,
    ) -> Result<(), CalendarError> {
        // What somebody promised by hand is as if the target were the time until then.
        let by_hand = self.overridden.map(|due_at| due_at.max(at));
        let agreed = (self.target.duration(), self.allowed());
        let (target, allowed) =
            by_hand.map(|due_at| consumed + rules.calendar.between(at, due_at)).map_or(agreed, |all| (all, all));
        let remaining = (allowed - consumed).max(SignedDuration::ZERO);
        let levels = rules.policy.levels.iter().filter(|level| level.is_for(&self.key.metric));
        let mut leads: Vec<_> = levels
            .map(|level| (level, self.times(&level.name), level.anchor.consumed(target, allowed) - consumed))
            .filter(|(level, times, _)| *times < level.times())
            .collect();
        leads.sort_by_key(|(_, _, lead)| *lead);
        let mut points: Vec<_> = leads.iter().map(|(_, _, lead)| (*lead).max(SignedDuration::ZERO)).collect();
        let place = points.partition_point(|point| *point < remaining);
        points.insert(place, remaining);
        let mut instants = rules.calendar.add_each(at, &points)?;
        let counted = instants.remove(place);
        let due_at = by_hand.unwrap_or(counted);
        let mut rungs = Vec::with_capacity(leads.len());
        for ((level, times, lead), mut reached) in leads.into_iter().zip(instants) {
            if let Anchor::Before(seconds) = level.anchor
                && lead.is_positive()
            {
                reached = rules.calendar.sub(due_at, SignedDuration::from_secs(seconds))?;
            }
            // Such a promise may end while nobody is at work: what is due with it comes no sooner.
            if lead >= remaining {
                reached = reached.max(due_at);
            }
            let next = match self.last(&level.name) {
                // Once it has begun to come again it keeps its own time, whatever due does.
                Some(last) if !lead.is_positive() => later(last.at, step(level)).max(at),
                _ => later(reached, step(level) * i32::try_from(times).unwrap_or(i32::MAX)),
            };
            rungs.push(Rung { level: level.name.clone(), repeat: times, at: next });
        }
        // Those of one instant stay in the order of their leads.
        rungs.sort_by_key(|rung| rung.at);
        (self.due_at, self.pending) = (Some(due_at), rungs);
        Ok(())
    }

    /// How often a level was reached or written off.
    fn times(&self, level: &str) -> u32 {
        u32::try_from(self.done.iter().filter(|rung| rung.level == level).count()).unwrap_or(u32::MAX)
    }

    /// The last time that a level was reached or written off.
    fn last(&self, level: &str) -> Option<&Rung> {
        self.done.iter().rfind(|rung| rung.level == level)
    }

    /// Takes note that a rung was reached or written off; a level that comes again has its next one.
    pub(super) fn climb(&mut self, name: &str, repeat: u32, policy: &SlaPolicy) {
        let Some(place) = self.pending.iter().position(|rung| rung.level == name && rung.repeat == repeat) else {
            return;
        };
        let rung = self.pending.remove(place);
        let again = policy.level(name).filter(|level| repeat + 1 < level.times());
        if let Some(level) = again {
            let next = Rung { level: name.to_owned(), repeat: repeat + 1, at: later(rung.at, step(level)) };
            let place = self.pending.partition_point(|other| other.at <= next.at);
            self.pending.insert(place, next);
        }
        self.done.push(rung);
    }

    /// When the clock wants to be looked at: its next rung, or the millisecond after due (exactly
    /// at due is still in time).
    #[must_use]
    pub fn next_look(&self) -> Option<Timestamp> {
        let breach =
            self.due_at.filter(|_| self.breach.is_none()).map(|due| later(due, SignedDuration::from_millis(1)));
        breach.into_iter().chain(self.pending.first().map(|rung| rung.at)).min()
    }
}

/// Elapsed time from one time that a level is reached to the next.
fn step(level: &Level) -> SignedDuration {
    SignedDuration::from_secs(level.repeat.map_or(0, |repeat| repeat.every_seconds))
}
