//! A supervisor promises by hand when something is due.

use super::{Entry, Refusal, WorkOrder, later};
use crate::fact::What;
use crate::sla::Metric;
use jiff::{SignedDuration, Timestamp};

/// A promise that somebody makes by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueOverride {
    /// Of what.
    pub metric: Metric,
    /// When it shall be due; `None` takes an earlier word back.
    pub due_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// How far ahead somebody may promise.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);

impl WorkOrder {
    /// Lets a running clock be due at an instant, until that is taken back or the clock ends: another
    /// priority or policy moves it no more, and a pause does not put it off. The same word again
    /// changes nothing.
    ///
    /// # Errors
    /// A law gives the promise; no such clock runs in time, or the instant has passed or is more than a year
    /// ahead; a calendar has
    /// no open time.
    pub fn overrule(&mut self, by: Entry<'_>, asked: DueOverride) -> Result<(), Refusal> {
        let DueOverride { metric, due_at, reason } = asked;
        if metric.is_statutory() {
            return Err(Refusal::Statutory);
        }
        let now = self.happened(by);
        let clock = self.clocks.live_clock(&metric).ok_or(Refusal::NotRunning)?;
        if clock.overridden == due_at {
            return Ok(());
        }
        if due_at.is_some() && (clock.is_paused() || clock.is_breached(now)) {
            return Err(Refusal::NotRunning);
        }
        if due_at.is_some_and(|due_at| due_at <= now || due_at > later(now, FARTHEST)) {
            return Err(Refusal::DuePassed);
        }
        let clock = clock.key.clone();
        self.settle(by)?;
        let before = self.clocks.clone();
        self.write(by, What::DueOverridden { clock, due_at, reason })?;
        Ok(self.tell_moved(&before, by)?)
    }
}
