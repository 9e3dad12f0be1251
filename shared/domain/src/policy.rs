//! Policy is data: what a manager may change, versioned, with shipped defaults.

use crate::calendar::Calendar;
use crate::category::{Category, Sentiment};
use crate::feedback::{Channel, Tier};
use crate::order::Status;
use crate::priority::Priority;
use crate::sla::{CalendarRef, Level, Metric, Rules, Target};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The policies that every tenant starts with (R39, R40).
pub const SHIPPED: &str = include_str!("policy/shipped.json");

/// One immutable version of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarVersion {
    /// Its name within the tenant.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// As in sla.md section 1: `"24x7"` or an object.
    pub calendar: serde_json::Value,
}

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

/// Business seconds by priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetsByPriority {
    /// The calendar they are counted on; the tenant's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Seconds for each band, 1 or more.
    #[serde(flatten)]
    pub seconds: BTreeMap<Priority, i64>,
}

/// An agreement: for whom, and what is promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// Its name within the tenant.
    pub id: String,
    /// For whom.
    #[serde(default)]
    pub when: Conditions,
    /// What is promised.
    pub targets: BTreeMap<Metric, TargetsByPriority>,
}

/// When customers are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyPolicy {
    /// From resolved to asked.
    pub delay_seconds: i64,
    /// How long an answer is taken, and may be changed.
    pub window_seconds: i64,
}

/// When orders come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenPolicy {
    /// How long after resolving a customer may reopen; then the order closes.
    pub window_seconds: i64,
    /// How often dissatisfaction gives the order to another resolver before it goes to a supervisor.
    pub cap: u32,
    /// Share of the target that a new cycle gets if the one before was broken, 1 to 100.
    pub target_percent_after_breach: i64,
}

/// All of a tenant's policies, published as one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// From 1; clocks remember which one they were made by.
    pub version: u32,
    /// Every version of every calendar that a clock may still run on.
    pub calendars: Vec<CalendarVersion>,
    /// The calendar for whatever names none.
    pub calendar: String,
    /// In order: the first that matches counts, and the last must match everything.
    pub sla: Vec<SlaPolicy>,
    /// Which statuses hold which clocks.
    pub pauses: BTreeMap<Status, Vec<Metric>>,
    /// The rungs that every clock climbs.
    pub ladder: Vec<Level>,
    /// When customers are asked.
    pub survey: SurveyPolicy,
    /// When orders come back.
    pub reopen: ReopenPolicy,
}

/// A policy document that can't be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct PolicyError {
    /// JSON pointer to the place.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl PolicyError {
    fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Policies with their calendars compiled: what an order's rules are read from.
#[derive(Debug, Clone)]
pub struct Terms {
    /// As published.
    pub policies: Policies,
    calendars: BTreeMap<(String, u32), Calendar>,
    /// The newest version of each calendar.
    newest: BTreeMap<String, u32>,
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

impl Terms {
    /// Compiles and checks a whole policy document.
    ///
    /// # Errors
    /// The first place that can't be meant: a calendar that does not compile, a name that is not
    /// there, a target below one second, no catch-all at the end.
    pub fn compile(policies: Policies) -> Result<Self, PolicyError> {
        let (mut calendars, mut newest) = (BTreeMap::new(), BTreeMap::new());
        for (index, entry) in policies.calendars.iter().enumerate() {
            let compiled = Calendar::parse(&entry.calendar).map_err(|errors| {
                let place = format!("/calendars/{index}/calendar{}", errors[0].pointer);
                PolicyError::at(place, errors[0].detail.as_str())
            })?;
            calendars.insert((entry.id.clone(), entry.version), compiled);
            let latest = newest.entry(entry.id.clone()).or_insert(entry.version);
            *latest = entry.version.max(*latest);
        }
        let terms = Self { policies, calendars, newest };
        terms.check()?;
        Ok(terms)
    }

    /// The policies that every tenant starts with.
    #[must_use]
    pub fn shipped() -> Self {
        let policies = serde_json::from_str(SHIPPED).expect("the shipped policies parse: a test reads them");
        Self::compile(policies).expect("the shipped policies compile: a test compiles them")
    }

    fn check(&self) -> Result<(), PolicyError> {
        self.known(&self.policies.calendar, "/calendar")?;
        if self.policies.sla.last().is_none_or(|last| last.when != Conditions::default()) {
            let detail = "the last policy must match everything: give it no `when`";
            return Err(PolicyError::at("/sla", detail));
        }
        for (index, policy) in self.policies.sla.iter().enumerate() {
            for (metric, targets) in &policy.targets {
                let place = format!("/sla/{index}/targets/{}", metric.as_str());
                self.known(targets.calendar.as_ref().unwrap_or(&self.policies.calendar), &place)?;
                let complete = targets.seconds.len() == 4 && targets.seconds.values().all(|seconds| *seconds >= 1);
                if !complete {
                    return Err(PolicyError::at(place, "give P1, P2, P3 and P4 one second or more each"));
                }
            }
        }
        let percents = 1..=100;
        if !percents.contains(&self.policies.reopen.target_percent_after_breach) {
            return Err(PolicyError::at("/reopen/target_percent_after_breach", "must be 1 to 100"));
        }
        Ok(())
    }

    fn known(&self, calendar: &str, pointer: &str) -> Result<(), PolicyError> {
        let detail = || format!("there is no calendar {calendar:?}; add it to /calendars");
        self.newest.contains_key(calendar).then_some(()).ok_or_else(|| PolicyError::at(pointer, detail()))
    }

    /// What is promised to `subject` for `metric` at `priority`, with the policy version it came
    /// from; `None` where nothing is promised.
    #[must_use]
    pub fn target(&self, subject: Subject, metric: Metric, priority: Priority) -> Option<(Target, u32)> {
        let policy = self.policies.sla.iter().find(|policy| policy.when.matches(subject))?;
        let targets = policy.targets.get(&metric)?;
        let id = targets.calendar.as_ref().unwrap_or(&self.policies.calendar);
        let version = *self.newest.get(id)?;
        let seconds = *targets.seconds.get(&priority)?;
        let calendar = CalendarRef { id: id.clone(), version };
        Some((Target { seconds, calendar }, self.policies.version))
    }

    /// What a clock with this target runs by.
    #[must_use]
    pub fn rules(&self, target: &Target) -> Rules<'_> {
        Rules { calendar: self.calendar(&target.calendar), ladder: &self.policies.ladder }
    }

    /// A calendar version. One that is gone is read as the newest of its name, or as always open:
    /// a clock must not stop because a document was tidied away.
    #[must_use]
    pub fn calendar(&self, calendar: &CalendarRef) -> &Calendar {
        static ALWAYS: std::sync::LazyLock<Calendar> = std::sync::LazyLock::new(Calendar::always);
        let newest = || self.newest_calendar(&calendar.id);
        self.calendars.get(&(calendar.id.clone(), calendar.version)).or_else(newest).unwrap_or(&ALWAYS)
    }

    /// The newest version of the calendar of that name.
    #[must_use]
    pub fn newest_calendar(&self, id: &str) -> Option<&Calendar> {
        let version = *self.newest.get(id)?;
        self.calendars.get(&(id.to_owned(), version))
    }

    /// Whether `status` holds clocks of `metric`.
    #[must_use]
    pub fn pauses(&self, status: Status, metric: Metric) -> bool {
        self.policies.pauses.get(&status).is_some_and(|metrics| metrics.contains(&metric))
    }

    /// How long after resolving an order may come back by the customer's word.
    #[must_use]
    pub fn reopen_window(&self) -> SignedDuration {
        SignedDuration::from_secs(self.policies.reopen.window_seconds)
    }
}

impl Conditions {
    fn matches(&self, subject: Subject) -> bool {
        fn among<T: PartialEq>(allowed: Option<&Vec<T>>, value: &T) -> bool {
            allowed.is_none_or(|allowed| allowed.contains(value))
        }
        among(self.channel.as_ref(), &subject.channel)
            && among(self.category.as_ref(), &subject.category)
            && among(self.sentiment.as_ref(), &subject.sentiment)
            && among(self.tier.as_ref(), &subject.tier)
    }
}
