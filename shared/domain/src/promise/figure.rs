//! The figure behind a promise: what the clocks of the SLA policy that it rests on keep, and nothing
//! that anybody wrote beside it.

use crate::calendar::Calendar;
use crate::feedback::Money;
use crate::policy::{SlaPolicy, Terms};
use crate::priority::Priority;
use crate::sla::{Action, Anchor, Metric};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is offered for a promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Late {
    /// How much at most: what the level asks for, within the cap.
    pub amount: Money,
    /// How late it must be, in seconds counted as the target is; 0: as soon as it is late at all.
    pub late_by_seconds: i64,
}

/// What the clocks keep of a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// Of which SLA policy.
    pub sla_policy: String,
    /// Which version of it: the one in force.
    pub version: u32,
    /// What is measured.
    pub metric: Metric,
    /// Seconds by priority, counted in the hours of the calendar; none of a statutory metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<Priority, i64>,
    /// Whole local days of a statutory metric; the day on which it begins is not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The calendar that they are counted on.
    pub calendar: String,
    /// The calendars of teams that have one of their own: their orders are counted on that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team_calendars: Vec<String>,
    /// Whether none of these calendars ever closes.
    pub around_the_clock: bool,
    /// What follows a breach, by priority: once for each. Nothing where no level asks for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub compensation: BTreeMap<Priority, Late>,
    /// What all compensations of one order come to at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensation_cap: Option<Money>,
}

const PRIORITIES: [Priority; 4] = [Priority::P1, Priority::P2, Priority::P3, Priority::P4];

/// The priorities for which a figure is the same, most urgent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike<'a> {
    /// Which.
    pub priorities: Vec<Priority>,
    /// Their target; `None` of a statutory metric.
    pub seconds: Option<i64>,
    /// What follows a breach.
    pub late: Option<&'a Late>,
}

/// Milliseconds of a day, as every day had 24 hours.
const DAY_MS: i64 = 86_400_000;

impl Figure {
    /// What `policy` promises for `metric`; `None` if it does not.
    pub(super) fn of(terms: &Terms, policy: &SlaPolicy, metric: &Metric, teams: &BTreeSet<String>) -> Option<Self> {
        let promise = policy.targets.get(metric)?;
        let own = [promise.calendar.as_ref(), policy.calendar.as_ref()].into_iter().flatten().next();
        let calendar = own.unwrap_or(&terms.policies.calendar).clone();
        // Days of a law are local days, whatever hours a calendar has.
        let others = teams.iter().filter(|id| promise.days.is_none() && **id != calendar);
        let team_calendars: Vec<String> = others.cloned().collect();
        let open = |id: &String| terms.newest_calendar(id).is_some_and(Calendar::never_closes);
        let around_the_clock = [&calendar].into_iter().chain(&team_calendars).all(open);
        let seconds = |priority| Some((priority, promise.seconds(priority)?));
        let late = |priority| {
            // A law's last day ends up to a day after so many times 24 hours.
            let days = promise.days.map(|days| i64::from(days + 1) * DAY_MS);
            let target = days.or_else(|| promise.seconds(priority)?.checked_mul(1000))?;
            Some((priority, first_late(policy, metric, target)?))
        };
        let compensation: BTreeMap<_, _> = PRIORITIES.into_iter().filter_map(late).collect();
        Some(Self {
            sla_policy: policy.id.clone(),
            version: policy.version,
            metric: metric.clone(),
            targets: PRIORITIES.into_iter().filter_map(seconds).collect(),
            days: promise.days,
            calendar,
            team_calendars,
            around_the_clock,
            compensation_cap: policy.compensation_cap.clone().filter(|_| !compensation.is_empty()),
            compensation,
        })
    }
}

impl Figure {
    /// The figure, once for all priorities for which it is the same.
    #[must_use]
    pub fn alike(&self) -> Vec<Alike<'_>> {
        let mut all: Vec<Alike<'_>> = Vec::new();
        for priority in PRIORITIES {
            let (seconds, late) = (self.targets.get(&priority).copied(), self.compensation.get(&priority));
            match all.last_mut().filter(|last| last.seconds == seconds && last.late == late) {
                Some(last) => last.priorities.push(priority),
                None => all.push(Alike { priorities: vec![priority], seconds, late }),
            }
        }
        all
    }
}

/// What the first level asks for that compensates a breach: a breach is compensated once, so no
/// later one does. `target` in milliseconds.
fn first_late(policy: &SlaPolicy, metric: &Metric, target: i64) -> Option<Late> {
    let cap = policy.compensation_cap.as_ref()?;
    let asks = policy.levels.iter().filter(|level| level.is_for(metric)).flat_map(|level| {
        let amount = |action: &Action| match action {
            Action::Compensate(amount) => Some((lateness(level.anchor, target), amount.clone())),
            _ => None,
        };
        level.actions.iter().filter_map(amount)
    });
    // Of several at once the first in the policy counts: `min_by_key` keeps it.
    let (late_ms, amount) = asks.min_by_key(|(late_ms, _)| *late_ms)?;
    let amount_minor = amount.amount_minor.min(cap.amount_minor);
    let late_by_seconds = late_ms / 1000 + i64::from(late_ms % 1000 > 0);
    Some(Late { amount: Money { amount_minor, currency: amount.currency }, late_by_seconds })
}

/// How long after due a level lies, in milliseconds; 0 for one that is not after it.
fn lateness(anchor: Anchor, target: i64) -> i64 {
    match anchor {
        Anchor::Percent(percent) => {
            target.saturating_mul(i64::from(percent)).saturating_div(100).saturating_sub(target).max(0)
        }
        Anchor::After(seconds) => seconds.saturating_mul(1000),
        Anchor::At | Anchor::Before(_) => 0,
    }
}
