//! What an order owes to the time that has passed: breaches, rungs that were reached, reminders.

use super::compensate::COMPENSATED_AT_ONCE;
use super::{Entry, PAUSE_CAP, Status, WorkOrder, later};
use crate::calendar::CalendarError;
use crate::fact::{Outcome, What};
use crate::sla::{Action, Audience, Breach, Clock, ClockKey, Level, Rung};
use jiff::{SignedDuration, Timestamp};

impl WorkOrder {
    /// Brings the order up to `by.now`: breaches, rungs that were reached and what they ask for, a
    /// reminder of a long pause, the end of the window in which a resolved order may come back. Run
    /// twice it does nothing the second time.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn catch_up(&mut self, by: Entry<'_>, team_calendar: Option<&str>) -> Result<(), CalendarError> {
        for breached in self.broken(by.now, by)? {
            self.write(by, breached)?;
        }
        let since = self.fact_count;
        while let Some((key, rung)) = self.first_reached(by.now) {
            self.climb(by, &key, &rung, team_calendar)?;
            // What is left stays due.
            if self.compensations_since(since) == COMPENSATED_AT_ONCE {
                break;
            }
        }
        if self.status.is_active() && self.reminder_at(by.terms).is_some_and(|at| at <= by.now) {
            let (level, audience) = (PAUSE_CAP.to_owned(), Audience::TeamLead);
            self.write(by, self.escalated(level, audience))?;
        }
        if self.status == Status::Resolved && self.is_over(by.now, by.terms) {
            let (from, to) = (Status::Resolved, Status::Closed);
            self.write(by, What::StatusChanged { from, to, reason: None, resolution: None })?;
        }
        Ok(())
    }

    /// An escalation that no clock is behind.
    pub(super) fn escalated(&self, level: String, audience: Audience) -> What {
        let (cycle, outcome) = (self.cycle, Outcome::Fired);
        What::Escalated { metric: None, cycle, exchange: 1, level, repeat: 0, audience, outcome }
    }

    /// The breaches to write down as of `at`.
    pub(super) fn broken(&self, at: Timestamp, by: Entry<'_>) -> Result<Vec<What>, CalendarError> {
        let broken = self.clocks.broken(at, &by.terms.book)?;
        Ok(broken.iter().filter_map(|(key, breach)| self.broke(self.clocks.find(key)?, breach)).collect())
    }

    /// A breach that a clock has on record, as a fact.
    pub(super) fn breached(&self, clock: &Clock) -> Option<What> {
        self.broke(clock, clock.breach.as_ref()?)
    }

    fn broke(&self, clock: &Clock, breach: &Breach) -> Option<What> {
        Some(What::Breached {
            clock: clock.key.clone(),
            due_at: breach.due_at,
            why: breach.cause,
            consumed_ms: breach.consumed_ms,
            target_ms: clock.target.ms,
            policy: clock.policy.clone(),
            calendar: clock.target.calendar.clone(),
            team: self.team.clone(),
            agent: self.agent.clone(),
        })
    }

    /// The earliest rung that was reached and is not on record.
    fn first_reached(&self, now: Timestamp) -> Option<(ClockKey, Rung)> {
        let first = self.clocks.live().filter_map(|clock| Some((clock, clock.pending.first()?)));
        let reached = first.filter(|(_, rung)| rung.at <= now).min_by_key(|(_, rung)| rung.at);
        reached.map(|(clock, rung)| (clock.key.clone(), rung.clone()))
    }

    /// Climbs one rung: writes it down, and what it asks for.
    fn climb(
        &mut self,
        by: Entry<'_>,
        key: &ClockKey,
        rung: &Rung,
        team_calendar: Option<&str>,
    ) -> Result<(), CalendarError> {
        let Some(clock) = self.clocks.find(key) else { return Ok(()) };
        let policy = by.terms.book.policy(&clock.policy)?.clone();
        let level = policy.level(&rung.level);
        let outcome = match level {
            None => Outcome::Withdrawn,
            Some(level) if is_late(clock, level, rung, by.now) => Outcome::SkippedLate,
            Some(_) => Outcome::Fired,
        };
        let fact = self.climbed(clock, rung, outcome, by);
        self.write(by, fact)?;
        let Some(level) = level.filter(|_| outcome == Outcome::Fired) else { return Ok(()) };
        for action in &level.actions {
            match action {
                Action::Raise => self.prioritise(by, self.priority.raised(), team_calendar, Some(key.clone()))?,
                Action::Compensate(amount) => self.compensate(by, key, amount, policy.compensation_cap.as_ref())?,
                // Whom to tell, who watches and who else could have it is known further out.
                Action::Notify | Action::Reassign | Action::Watch | Action::Webhook => {}
            }
        }
        Ok(())
    }

    /// What became of a rung, as a fact. Nobody has the order yet: the agent's warning goes to who
    /// can find one.
    pub(super) fn climbed(&self, clock: &Clock, rung: &Rung, outcome: Outcome, by: Entry<'_>) -> What {
        let level = by.terms.book.policy(&clock.policy).ok().and_then(|policy| policy.level(&rung.level).cloned());
        let audience = level.filter(|_| self.agent.is_some()).map_or(Audience::Supervisors, |level| level.audience);
        let ClockKey { metric, cycle, exchange } = clock.key.clone();
        let (metric, level, repeat) = (Some(metric), rung.level.clone(), rung.repeat);
        What::Escalated { metric, cycle, exchange, level, repeat, audience, outcome }
    }
}

/// Whether it would be noise to tell of a rung now: a warning of a breach that has happened since,
/// or a time of a level whose next time has come, too.
fn is_late(clock: &Clock, level: &Level, rung: &Rung, now: Timestamp) -> bool {
    let passed = clock.due_at.is_some_and(|due_at| due_at <= now);
    let overtaken = level.repeat.is_some_and(|repeat| {
        rung.repeat + 1 < repeat.max && later(rung.at, SignedDuration::from_secs(repeat.every_seconds)) <= now
    });
    (level.anchor.warns() && passed) || overtaken
}
