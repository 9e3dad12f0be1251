//! What can't be meant in an SLA policy.

use super::PolicyError;
use super::sla_policy::{LONGEST, SlaPolicy};
use crate::order::Status;
use crate::sla::{Action, Anchor, Level};
use std::collections::BTreeSet;

impl SlaPolicy {
    /// Everything about it that can't be meant, whatever other policies there are.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyError> {
        let mut faults = Faults(Vec::new());
        self.check_targets(&mut faults);
        self.check_pauses(&mut faults);
        self.levels.iter().enumerate().for_each(|(place, level)| self.check_level(place, level, &mut faults));
        let percent = self.reopen.target_percent_after_breach;
        faults.unless((1..=100).contains(&percent), "/reopen/target_percent_after_breach", "must be 1 to 100");
        let grace = self.retarget_grace_seconds;
        faults.unless((0..=LONGEST).contains(&grace), "/retarget_grace_seconds", "must be 0 or more");
        let cap = self.pause_cap_seconds;
        faults.unless((60..=LONGEST).contains(&cap), "/pause_cap_seconds", "must be 60 or more");
        faults.0
    }

    fn check_targets(&self, faults: &mut Faults) {
        faults.unless(
            !self.no_sla || self.targets.is_empty(),
            "/targets",
            "a policy with no_sla promises nothing: leave targets out",
        );
        faults.unless(self.no_sla || !self.targets.is_empty(), "/targets", "promise something, or say no_sla");
        for (metric, promise) in &self.targets {
            let place = format!("/targets/{metric}");
            if metric.is_statutory() {
                let days = promise.days.is_some_and(|days| (1..=3_660).contains(&days));
                faults.unless(days && promise.shortest().is_none(), &place, "give days, 1 to 3660, and no seconds");
            } else {
                let complete = promise.all().iter().all(|s| s.is_some_and(|s| (1..=LONGEST).contains(&s)));
                faults.unless(
                    complete && promise.days.is_none(),
                    &place,
                    "give P1, P2, P3 and P4 one second or more each",
                );
            }
        }
    }

    fn check_pauses(&self, faults: &mut Faults) {
        for (status, metrics) in &self.pauses {
            let place = format!("/pauses/{}", status.as_str());
            let waits = matches!(
                status,
                Status::PendingCustomer | Status::PendingSupplier | Status::PendingCarrier | Status::OnHold
            );
            faults.unless(
                waits,
                &place,
                "only a status that waits may pause: pending_customer, pending_supplier, pending_carrier or on_hold",
            );
            let lawful = metrics.iter().all(|metric| !metric.is_statutory());
            faults.unless(lawful, &place, "what a law gives is never paused");
        }
    }

    fn check_level(&self, place: usize, level: &Level, faults: &mut Faults) {
        let at = |field: &str| format!("/levels/{place}{field}");
        let twice = self.levels[..place].iter().any(|other| other.name == level.name);
        faults.unless(!twice, &at("/name"), "another level has this name");
        match level.anchor {
            Anchor::Percent(percent) => {
                faults.unless(
                    (1..=1_000).contains(&percent),
                    &at("/anchor/percent"),
                    "must be 1 to 1000: at 0 the clock has not run",
                );
            }
            Anchor::Before(seconds) => {
                faults.unless((1..=LONGEST).contains(&seconds), &at("/anchor/before"), "must be 1 second or more");
                let shortest = self
                    .targets
                    .iter()
                    .filter(|(metric, _)| level.is_for(metric))
                    .filter_map(|(_, p)| p.shortest())
                    .min();
                let starts = shortest.is_none_or(|shortest| seconds <= shortest);
                faults.unless(
                    starts,
                    &at("/anchor/before"),
                    "is before the clock starts: at most the shortest target that the level is for",
                );
            }
            Anchor::After(seconds) => {
                faults.unless((1..=LONGEST).contains(&seconds), &at("/anchor/after"), "must be 1 second or more");
            }
            Anchor::At => {}
        }
        if let Some(repeat) = level.repeat {
            faults.unless(
                (60..=LONGEST).contains(&repeat.every_seconds),
                &at("/repeat/every_seconds"),
                "must be 60 or more",
            );
            faults.unless(
                (2..=100).contains(&repeat.max),
                &at("/repeat/max"),
                "must be 2 to 100: nothing repeats for ever",
            );
        }
        faults.unless(!level.actions.is_empty(), &at("/actions"), "name something to do");
        for action in &level.actions {
            if let Action::Compensate(money) = action {
                let late = !level.anchor.warns();
                faults.unless(
                    late,
                    &at("/anchor"),
                    "nothing is broken yet that could be compensated: at the due or after it",
                );
                let capped = self
                    .compensation_cap
                    .as_ref()
                    .is_some_and(|cap| cap.currency == money.currency && cap.amount_minor > 0);
                faults.unless(capped, "/compensation_cap", "compensation needs a cap in the same currency");
                faults.unless(money.amount_minor > 0, &at("/actions"), "a compensation is more than nothing");
            }
        }
        let unknown: BTreeSet<_> =
            level.metrics.iter().flatten().filter(|metric| !self.targets.contains_key(metric)).collect();
        faults.unless(unknown.is_empty(), &at("/metrics"), "names a metric that the policy has no target for");
    }
}

struct Faults(Vec<PolicyError>);

impl Faults {
    fn unless(&mut self, holds: bool, pointer: &str, detail: &str) {
        if !holds {
            self.0.push(PolicyError::at(pointer, detail));
        }
    }
}
