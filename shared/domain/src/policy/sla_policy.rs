//! An agreement as a manager writes it: for whom, what is promised, and what happens when a promise
//! nears its end.

use crate::category::{Category, Sentiment};
use crate::feedback::{Channel, Money, Tier};
use crate::order::Status;
use crate::priority::Priority;
use crate::sla::{Action, Anchor, Audience, Level, Metric, Repeat, VersionRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which orders an SLA policy is for; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

    pub(super) fn all(&self) -> [Option<i64>; 4] {
        [self.p1, self.p2, self.p3, self.p4]
    }

    pub(super) fn shortest(&self) -> Option<i64> {
        self.all().into_iter().flatten().min()
    }
}

/// The longest target and the longest anchor: ten years of elapsed time, in seconds.
pub const LONGEST: i64 = 10 * 366 * 86_400;

/// How a clock goes on when an order comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReopenMode {
    /// With what was left of the target.
    Continue,
    /// With the whole target.
    Restart,
}

/// How clocks go on when an order comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
}
