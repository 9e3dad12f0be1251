//! What each reason weighs: a manager's to change.

use super::{Axis, Contribution, Priority};
use crate::category::Category;
use crate::policy::PolicyError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The weights that every tenant starts with, and with them the name of every rule.
static SHIPPED: LazyLock<PriorityPolicy> = LazyLock::new(|| {
    serde_json::from_str(include_str!("shipped.json")).expect("the shipped priority policy parses: a test reads it")
});

/// The longest name of a subscriber, in characters.
const NAME: usize = 64;

/// What reasons weigh, and what they lead to besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorityPolicy {
    /// From 1: one more with every publishing.
    pub version: u32,
    /// Points of every rule, 0 to 100; the rule's name says to which axis. 20 points are one level
    /// of four.
    pub weights: BTreeMap<String, i32>,
    /// Rules that alone make it at least this priority, whatever the matrix says.
    pub at_least: BTreeMap<String, Priority>,
    /// Subjects that go one band up (R15).
    pub one_band_up: Vec<Category>,
    /// Who is told of every order about a subject (R15), for example `technical`.
    pub subscribers: BTreeMap<Category, Vec<String>>,
    /// How far a customer's tone must fall below what it was to be told, in points of −100 to 100.
    pub sentiment_drop: i32,
    /// How much of an agent's capacity an order of a band takes, 1 to 100 points.
    #[serde(default = "shipped_points")]
    pub points: BTreeMap<Priority, u32>,
}

fn shipped_points() -> BTreeMap<Priority, u32> {
    SHIPPED.points.clone()
}

impl PriorityPolicy {
    /// The policy that every tenant starts with.
    #[must_use]
    pub fn shipped() -> Self {
        SHIPPED.clone()
    }

    /// Every rule there is, by name.
    pub fn rules() -> impl Iterator<Item = &'static str> {
        SHIPPED.weights.keys().map(String::as_str)
    }

    /// What a rule adds. One that is newer than this policy weighs what it is shipped with.
    #[must_use]
    pub fn contribution(&self, rule: &str, span: Option<(usize, usize)>) -> Contribution {
        let weight = self.weights.get(rule).or_else(|| SHIPPED.weights.get(rule));
        Contribution { rule: rule.to_owned(), axis: Axis::of(rule), weight: weight.copied().unwrap_or_default(), span }
    }

    /// What an order of that band weighs on whoever gets it, in points.
    #[must_use]
    pub fn points(&self, priority: Priority) -> u32 {
        self.points.get(&priority).or_else(|| SHIPPED.points.get(&priority)).copied().unwrap_or(1)
    }

    /// Everything about it that can't be meant.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyError> {
        let mut faults = Vec::new();
        for (rule, weight) in &self.weights {
            let at = format!("/weights/{rule}");
            match SHIPPED.weights.contains_key(rule) {
                true if (0..=100).contains(weight) => {}
                true => faults.push(PolicyError::at(at, "must be 0 to 100: no reason makes it less urgent")),
                false => faults.push(no_such_rule(at)),
            }
        }
        faults.extend(self.at_least.keys().filter_map(|rule| {
            let at = format!("/at_least/{rule}");
            match SHIPPED.weights.contains_key(rule) {
                true if SHIPPED.is_cue(rule) => None,
                true => Some(PolicyError::at(at, "only what the words say can make it at least so urgent")),
                false => Some(no_such_rule(at)),
            }
        }));
        for (category, names) in &self.subscribers {
            let plain = |name: &String| !name.trim().is_empty() && name.chars().count() <= NAME;
            if names.is_empty() || !names.iter().all(plain) {
                let detail = format!("name one or more, of 1 to {NAME} characters, or leave it out");
                faults.push(PolicyError::at(format!("/subscribers/{}", category.as_str()), detail));
            }
        }
        if !(10..=200).contains(&self.sentiment_drop) {
            faults.push(PolicyError::at("/sentiment_drop", "must be 10 to 200: tones are -100 to 100"));
        }
        for (priority, points) in &self.points {
            if !(1..=100).contains(points) {
                let place = format!("/points/{}", priority.as_str());
                faults.push(PolicyError::at(place, "must be 1 to 100: an order weighs something"));
            }
        }
        faults
    }

    /// Whether a rule is about words: those that are not are about who speaks, where and how.
    fn is_cue(&self, rule: &str) -> bool {
        self.weights.contains_key(rule) && !NOT_IN_THE_WORDS.contains(&rule)
    }
}

/// Rules whose reason is not in the text.
const NOT_IN_THE_WORDS: [&str; 5] = [
    "urgency.negative_sentiment",
    "impact.tier_silver",
    "impact.tier_gold",
    "impact.tier_vip",
    "impact.said_in_public",
];

impl PriorityPolicy {
    /// Every rule that words can fire.
    pub fn cues() -> impl Iterator<Item = &'static str> {
        Self::rules().filter(|rule| SHIPPED.is_cue(rule))
    }
}

fn no_such_rule(at: String) -> PolicyError {
    let all = PriorityPolicy::rules().collect::<Vec<_>>().join(", ");
    PolicyError::at(at, format!("there is no such rule; there are {all}"))
}
