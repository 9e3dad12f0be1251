//! An agreement as a manager writes it: for whom, what is promised, and what happens when a promise
//! nears its end.

use super::PolicyError;
use crate::category::{Category, Sentiment};
use crate::feedback::{Channel, Money, Tier};
use crate::order::Status;
use crate::priority::Priority;
use crate::sla::{Action, Anchor, Audience, Level, Metric, Repeat, VersionRef};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which orders an SLA policy is for; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// One of these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Vec<Channel>>,
    /// One of these categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<Category>>,
    /// One of these sentiments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Vec<Sentiment>>,
    /// One of these tiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Vec<Tier>>,
}

/// What the choice of an SLA policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// Where it was said.
    pub channel: Channel,
    /// What it is about.
    pub category: Category,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// Who says it.
    pub tier: Tier,
}

impl Conditions {
    /// Whether `subject` is one of those.
    #[must_use]
    pub fn matches(&self, subject: Subject) -> bool {
        fn among<T: PartialEq>(allowed: Option<&Vec<T>>, value: &T) -> bool {
            allowed.is_none_or(|allowed| allowed.contains(value))
        }
        among(self.channel.as_ref(), &subject.channel)
            && among(self.category.as_ref(), &subject.category)
            && among(self.sentiment.as_ref(), &subject.sentiment)
            && among(self.tier.as_ref(), &subject.tier)
    }
}

/// What is promised for one metric: business seconds by priority, or for a statutory metric whole
/// local days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// The calendar that they are counted on; the policy's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Seconds at P1, 1 to [`LONGEST`].
    #[serde(rename = "P1", default, skip_serializing_if = "Option::is_none")]
    pub p1: Option<i64>,
    /// Seconds at P2.
    #[serde(rename = "P2", default, skip_serializing_if = "Option::is_none")]
    pub p2: Option<i64>,
    /// Seconds at P3.
    #[serde(rename = "P3", default, skip_serializing_if = "Option::is_none")]
    pub p3: Option<i64>,
    /// Seconds at P4.
    #[serde(rename = "P4", default, skip_serializing_if = "Option::is_none")]
    pub p4: Option<i64>,
    /// Local days, 1 to 3,660; the day on which the clock starts is not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Promise {
    /// Seconds at a priority.
    #[must_use]
    pub fn seconds(&self, priority: Priority) -> Option<i64> {
        match priority {
            Priority::P1 => self.p1,
            Priority::P2 => self.p2,
            Priority::P3 => self.p3,
            Priority::P4 => self.p4,
        }
    }

    fn all(&self) -> [Option<i64>; 4] {
        [self.p1, self.p2, self.p3, self.p4]
    }

    fn shortest(&self) -> Option<i64> {
        self.all().into_iter().flatten().min()
    }
}

/// The longest target and the longest anchor: ten years of elapsed time, in seconds.
pub const LONGEST: i64 = 10 * 366 * 86_400;

/// How a clock goes on when an order comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenMode {
    /// With what was left of the target.
    Continue,
    /// With the whole target.
    Restart,
}

/// How clocks go on when an order comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reopening {
    /// With what was left, or anew.
    pub mode: ReopenMode,
    /// Share of the target that a new cycle gets if the one before was broken, 1 to 100.
    pub target_percent_after_breach: i64,
}

impl Default for Reopening {
    fn default() -> Self {
        Self { mode: ReopenMode::Continue, target_percent_after_breach: 50 }
    }
}

/// One version of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// Its name within the tenant.
    pub id: String,
    /// From 1; a published version never changes.
    #[serde(default = "first")]
    pub version: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For whom.
    #[serde(default)]
    pub when: Conditions,
    /// Says that these orders are promised nothing: then there are no targets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_sla: bool,
    /// What is promised.
    #[serde(default)]
    pub targets: BTreeMap<Metric, Promise>,
    /// The calendar for targets that name none; the tenant's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Which statuses hold which clocks.
    #[serde(default = "pauses")]
    pub pauses: BTreeMap<Status, Vec<Metric>>,
    /// The rungs that clocks climb.
    #[serde(default = "ladder")]
    pub levels: Vec<Level>,
    /// How clocks go on when an order comes back.
    #[serde(default)]
    pub reopen: Reopening,
    /// Business seconds that a clock still gets when a new target leaves it none; 0 grants nothing.
    #[serde(default)]
    pub retarget_grace_seconds: i64,
    /// Elapsed seconds after which somebody is reminded of an order whose clock is paused.
    #[serde(default = "two_weeks")]
    pub pause_cap_seconds: i64,
    /// The most that one order's compensations may come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensation_cap: Option<Money>,
}

fn first() -> u32 {
    1
}

fn pauses() -> BTreeMap<Status, Vec<Metric>> {
    BTreeMap::from([(Status::PendingCustomer, vec![Metric::Resolution])])
}

fn two_weeks() -> i64 {
    14 * 86_400
}

/// 80 % warns the agent, due tells who leads the team, half as much again the supervisors, daily
/// and five times at most.
///
/// # Source
/// sla.md section 4, the default ladder.
fn ladder() -> Vec<Level> {
    let level = |name: &str, anchor, audience, repeat| Level {
        name: name.to_owned(),
        metrics: None,
        anchor,
        audience,
        actions: vec![Action::Notify],
        repeat,
        urgent: false,
    };
    vec![
        level("warn_80", Anchor::Percent(80), Audience::Agent, None),
        level("at_due", Anchor::At, Audience::TeamLead, None),
        level("over_50", Anchor::Percent(150), Audience::Supervisors, Some(Repeat { every_seconds: 86_400, max: 5 })),
    ]
}

impl SlaPolicy {
    /// A policy of that name with nothing but the defaults.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: first(),
            name: None,
            when: Conditions::default(),
            no_sla: false,
            targets: BTreeMap::new(),
            calendar: None,
            pauses: pauses(),
            levels: ladder(),
            reopen: Reopening::default(),
            retarget_grace_seconds: 0,
            pause_cap_seconds: two_weeks(),
            compensation_cap: None,
        }
    }

    /// Which version it is.
    #[must_use]
    pub fn version(&self) -> VersionRef {
        VersionRef { id: self.id.clone(), version: self.version }
    }

    /// The level of that name.
    #[must_use]
    pub fn level(&self, name: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.name == name)
    }

    /// Whether `status` holds clocks of `metric`.
    #[must_use]
    pub fn pauses(&self, status: Status, metric: &Metric) -> bool {
        self.pauses.get(&status).is_some_and(|metrics| metrics.contains(metric))
    }

    /// The calendars that it names, with the place of each.
    pub fn calendars(&self) -> impl Iterator<Item = (String, &str)> {
        let own = self.calendar.iter().map(|id| ("/calendar".to_owned(), id.as_str()));
        let named = self.targets.iter().filter_map(|(metric, promise)| {
            Some((format!("/targets/{metric}/calendar"), promise.calendar.as_deref()?))
        });
        own.chain(named)
    }

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
