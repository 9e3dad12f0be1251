//! What a clock keeps of its life: the stretches it ran or paused, and the promise that it broke.

use super::VersionRef;
use crate::actor::Actor;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a clock stands, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Not started.
    Idle,
    /// Counting.
    Running,
    /// Held; has no due instant.
    Paused,
    /// Stopped in time.
    Fulfilled,
    /// The promise was broken; stays so.
    Breached,
    /// No longer promised.
    Cancelled,
}

/// Whether a stretch of a clock's life counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// Counts, in business time.
    Run,
    /// Does not count.
    Pause,
}

/// One stretch of a clock's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// Whether it counts.
    pub kind: SegmentKind,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; open while absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The fact that began it.
    pub cause: String,
    /// Business milliseconds in it, once it has ended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ms: i64,
    /// The calendar it was counted on, where the clock has moved to another since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<VersionRef>,
}

/// Why a promise counts as broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreachCause {
    /// The time ran out.
    Elapsed,
    /// A new target gave less than had been consumed.
    Retarget,
}

/// A broken promise: written once, never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Breach {
    /// What had been promised.
    pub due_at: Timestamp,
    /// When it was seen to be broken.
    pub detected_at: Timestamp,
    /// Why.
    pub cause: BreachCause,
    /// Business milliseconds used up by then.
    pub consumed_ms: i64,
    /// Who excused it and why, if anybody did: reports give figures with and without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annulled: Option<Annulment>,
}

/// An excuse for a broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Annulment {
    /// Who approved it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(ms: &i64) -> bool {
    *ms == 0
}
