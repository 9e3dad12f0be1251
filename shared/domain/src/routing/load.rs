//! What an agent carries: a counter that changes in the same transaction as the orders it counts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an agent carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// Points of the orders that are theirs and open.
    pub points: u32,
    /// When they last got one; who has waited longest comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_assigned_at: Option<Timestamp>,
    /// How many they were given on the day that ends then; what they gave up counts too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub today: u32,
    /// When the day ends that `today` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today_ends_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What an order of `points` weighs on somebody who can carry `capacity`: all they can carry, where
/// it is more than that. So nobody is too small for an order, and nobody carries too much.
#[must_use]
pub fn weighs(points: u32, capacity: u32) -> u32 {
    points.min(capacity).max(1)
}

impl Load {
    /// How many they were given on the day of `now`.
    #[must_use]
    pub fn given_on(&self, now: Timestamp) -> u32 {
        if self.today_ends_at.is_some_and(|ends| now < ends) { self.today } else { 0 }
    }

    /// With one order more, of `points`; `day_ends_at`: when the agent's day ends.
    #[must_use]
    pub fn with(&self, points: u32, now: Timestamp, day_ends_at: Timestamp) -> Self {
        let today = self.given_on(now);
        let kept = self.today_ends_at.filter(|_| today > 0);
        Self {
            points: self.points.saturating_add(points),
            last_assigned_at: Some(now),
            today: today.saturating_add(1),
            today_ends_at: Some(kept.unwrap_or(day_ends_at)),
        }
    }

    /// With one order less, of `points`.
    #[must_use]
    pub fn without(&self, points: u32) -> Self {
        Self { points: self.points.saturating_sub(points), ..self.clone() }
    }
}
