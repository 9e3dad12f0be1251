//! How clocks go on when an order comes back, and where a law's days begin and end.

use super::Metric;
use super::clocks::{AFRESH, Clocks, Done, Step};
use crate::policy::ReopenMode;
use jiff::SignedDuration;
use std::collections::BTreeSet;

impl Clocks {
    /// It came back: cycle `step.cycle` begins. The resolution goes on with what was left of it,
    /// and so does a first response that was never given; what was broken gets a share of its
    /// target, and a policy may give the whole of it again. Cycles before stay as they are.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what a clock runs by.
    pub fn reopened(&mut self, step: Step<'_>) -> Done {
        let promised = self.agreement.iter().flat_map(|agreement| agreement.targets.keys());
        let begun = self.all.iter().map(|clock| &clock.key.metric).filter(|metric| metric.is_statutory());
        let metrics: BTreeSet<_> = promised.chain(begun).cloned().collect();
        for metric in metrics {
            if metric.is_statutory() {
                self.go_on_by_law(metric, step)?;
            } else if self.is_owed(&metric, step.status) {
                self.go_on(metric, step)?;
            }
        }
        self.hold(step)
    }

    fn go_on(&mut self, metric: Metric, step: Step<'_>) -> Done {
        let Some((target, policy)) = self.promise(&metric) else { return Ok(()) };
        let reopen = step.book.policy(&policy)?.reopen;
        let share = match self.latest(&metric) {
            Some(before) if reopen.mode == ReopenMode::Continue => match &before.breach {
                Some(_) => (reopen.target_percent_after_breach, SignedDuration::ZERO),
                None => (before.share, before.consumed(step.book.time_of(before)?, step.at)),
            },
            _ => AFRESH,
        };
        self.start(metric, (target, policy), share, step)
    }

    /// A law's days go on to the same last day, if that is still to come: nobody stops them.
    fn go_on_by_law(&mut self, metric: Metric, step: Step<'_>) -> Done {
        let Some(before) = self.latest(&metric) else { return self.begin(metric, step) };
        let since = before.started_at().map_or(SignedDuration::ZERO, |from| step.at.duration_since(from));
        let passed = since + SignedDuration::from_millis(before.carried_ms);
        let agreed = (before.target.clone(), before.policy.clone());
        if passed < before.target.duration() { self.start(metric, agreed, (100, passed), step) } else { Ok(()) }
    }
}
