//! Escalation levels: rungs that a clock reaches because it nears or passes its target.

use super::Metric;
use crate::feedback::Money;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where in a clock's run a level lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// When this share of the target is consumed, 1 to 1,000; past 100 is over the target.
    Percent(u16),
    /// So many business seconds before the due instant, but not before the clock's start.
    Before(i64),
    /// The due instant.
    At,
    /// So many business seconds after the due instant.
    After(i64),
}

impl Anchor {
    /// How much business time of a target is consumed when the level is reached.
    pub(super) fn consumed(self, target: SignedDuration, remaining_plus_consumed: SignedDuration) -> SignedDuration {
        let due = remaining_plus_consumed;
        match self {
            Self::Percent(percent) => share(target, percent),
            Self::Before(seconds) => due - SignedDuration::from_secs(seconds),
            Self::At => due,
            Self::After(seconds) => due + SignedDuration::from_secs(seconds),
        }
    }

    /// Whether it warns of a breach that has not happened yet.
    #[must_use]
    pub fn warns(self) -> bool {
        match self {
            Self::Percent(percent) => percent < 100,
            Self::Before(_) => true,
            Self::At | Self::After(_) => false,
        }
    }
}

fn share(target: SignedDuration, percent: u16) -> SignedDuration {
    let ms = i64::try_from(target.as_millis()).unwrap_or(i64::MAX);
    SignedDuration::from_millis(ms.saturating_mul(i64::from(percent)) / 100)
}

/// Who is told when a level is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Who works on it.
    Agent,
    /// Who leads the team.
    TeamLead,
    /// The tenant's supervisors.
    Supervisors,
}

/// What is done when a level is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The audience is told.
    Notify,
    /// The priority goes up by one band, never down; the clock that escalates keeps its target.
    Raise,
    /// Another agent of the team gets it, if one is free.
    Reassign,
    /// The audience is told of whatever else happens to the order.
    Watch,
    /// Those who subscribed to events are told.
    Webhook,
    /// The customer is to be given this much, up to the policy's cap for an order.
    Compensate(Money),
}

/// How a level comes again while the clock runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Elapsed seconds from one time to the next, 60 or more.
    pub every_seconds: i64,
    /// How often in all, 2 to 100.
    pub max: u32,
}

/// A rung of the escalation ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name, unique in the policy.
    pub name: String,
    /// Whose clocks climb it; every metric's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Vec<Metric>>,
    /// When it is reached.
    pub anchor: Anchor,
    /// Who is told.
    pub audience: Audience,
    /// What is done.
    #[serde(default = "notify")]
    pub actions: Vec<Action>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// Told at once, also outside of the audience's hours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

fn notify() -> Vec<Action> {
    vec![Action::Notify]
}

impl Level {
    /// Whether clocks of `metric` climb it.
    #[must_use]
    pub fn is_for(&self, metric: &Metric) -> bool {
        self.metrics.as_ref().is_none_or(|metrics| metrics.contains(metric))
    }

    /// How often it is reached at most.
    #[must_use]
    pub fn times(&self) -> u32 {
        self.repeat.map_or(1, |repeat| repeat.max)
    }
}

/// A level that a clock has still to reach, or has reached: the `repeat`th time, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    /// The level's name.
    pub level: String,
    /// Which time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeat: u32,
    /// When.
    pub at: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(repeat: &u32) -> bool {
    *repeat == 0
}
