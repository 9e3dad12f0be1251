//! Somebody is told something: to whom, what, how often it was tried, and when it is tried next.

mod recipient;
mod schedule;

pub use recipient::{NoRecipient, Recipient};
pub use schedule::{TRIES, next_try};

use crate::id::{DeliveryId, TenantId, WorkOrderId};
use crate::incident;
use crate::order::later;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// As many tries as are remembered: those of the schedule, and some that people asked for.
pub const REMEMBERED: usize = 24;

/// How long a delivery that has ended is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How long it is remembered that a customer was told of an incident: longer than any is open.
pub const WARNED: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How long a try may take before somebody else may make the next one.
pub const TURN: SignedDuration = SignedDuration::from_mins(1);

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It will be tried, or tried again.
    Pending,
    /// Whoever is told has it.
    Delivered,
    /// Given up: it was refused for good, or too often.
    Failed,
    /// It must not go out, for the reason that is given.
    Suppressed,
}

impl DeliveryState {
    /// Every state and its word.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::Pending, "pending"),
        (Self::Delivered, "delivered"),
        (Self::Failed, "failed"),
        (Self::Suppressed, "suppressed"),
    ];

    /// The word for it in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was taken.
    Taken,
    /// It was not taken: the answer says so.
    Refused,
    /// It will never be taken as it is.
    Rejected,
    /// The receiver is gone for good, and says so.
    Gone,
    /// The answer sends us elsewhere, where nobody has been checked.
    Redirected,
    /// No answer in time.
    TimedOut,
    /// Nobody answers there.
    Unreachable,
    /// The address leads to where we must not go.
    Forbidden,
    /// It was not asked: it has let others wait too often, just now.
    LeftAlone,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Try {
    /// When it began.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
}

/// What the outside said to one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// Not again before this, as the receiver asks.
    pub not_before: Option<Timestamp>,
}

impl Answer {
    /// Taken at once, as by what answers no HTTP.
    #[must_use]
    pub fn taken() -> Self {
        Self { outcome: Outcome::Taken, status: None, took_ms: 0, not_before: None }
    }
}

/// What is told to one receiver. Ids and small facts only: never a customer's words or contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, which follows from whose it is and why.
    pub id: DeliveryId,
    /// Why: the fact, the rung or the survey behind it, and what is said of it. The same reason is one
    /// delivery, to whomever it was told first; where one fact tells several the same, the reason
    /// names the receiver, too.
    pub reason: String,
    /// To whom.
    pub to: Recipient,
    /// What it says: a template, for example `order_assigned`; for a webhook the type of the event.
    pub template: String,
    /// The order it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_order: Option<WorkOrderId>,
    /// The number of the fact behind it, among those of its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// What the template needs besides: ids, instants, links.
    pub data: Value,
    /// When the reason for it came about.
    pub created_at: Timestamp,
    /// Not before this: the receiver is not at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How far it is.
    pub state: DeliveryState,
    /// Why it was suppressed or given up, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The newest tries, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Try>,
    /// How many tries of the schedule were made.
    #[serde(default)]
    pub tried: u32,
    /// When it may be tried next; `None` once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When somebody has read it in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Delivery {
    /// A delivery that nobody has tried: `template` because of `reason` to `to`.
    #[must_use]
    pub fn new(
        tenant: &TenantId,
        reason: &str,
        to: Recipient,
        (template, data): (&str, Value),
        created_at: Timestamp,
    ) -> Self {
        let reason = format!("{reason}/{template}");
        Self {
            id: DeliveryId::derive(&[tenant.as_str(), &reason]),
            reason,
            to,
            template: template.to_owned(),
            work_order: None,
            sequence: None,
            data,
            created_at,
            not_before: None,
            state: DeliveryState::Pending,
            why: None,
            tries: Vec::new(),
            tried: 0,
            next_at: Some(created_at),
            read_at: None,
            ended_at: None,
        }
    }

    /// The same about an order, because of the fact of that number.
    #[must_use]
    pub fn about(self, order: &WorkOrderId, sequence: Option<u32>) -> Self {
        Self { work_order: Some(order.clone()), sequence, ..self }
    }

    /// The same, held back until `not_before`.
    #[must_use]
    pub fn held(self, not_before: Option<Timestamp>) -> Self {
        Self { not_before, next_at: not_before.or(self.next_at), ..self }
    }

    /// Whether it may be tried now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_at.is_some_and(|next_at| next_at <= now)
    }

    /// The same in the hands of whoever tries it now: nobody else does until [`TURN`] has passed.
    #[must_use]
    pub fn taken_up(&self, now: Timestamp) -> Self {
        Self { next_at: Some(later(now, TURN)), ..self.clone() }
    }

    /// The same after a try that began at `at`: delivered, to be tried again, or given up.
    #[must_use]
    pub fn after(&self, at: Timestamp, answer: &Answer) -> Self {
        let Answer { outcome, status, took_ms, not_before } = *answer;
        let mut after = Self { tried: self.tried + 1, ..self.clone() };
        after.tries.push(Try { at, outcome, status, took_ms });
        let spare = after.tries.len().saturating_sub(REMEMBERED);
        after.tries.drain(..spare);
        if self.state != DeliveryState::Pending {
            // Somebody has ended it while it was tried.
            return after;
        }
        let ended = later(at, SignedDuration::from_millis(took_ms.into()));
        match (outcome, next_try(&self.id, after.tried, ended)) {
            (Outcome::Taken, _) => after.end(DeliveryState::Delivered, None, at),
            (Outcome::Rejected, _) => after.end(DeliveryState::Failed, Some("rejected"), at),
            (Outcome::Gone, _) => after.end(DeliveryState::Failed, Some("gone"), at),
            (_, None) => after.end(DeliveryState::Failed, Some("given_up"), at),
            (_, Some(next)) => Self { next_at: Some(not_before.map_or(next, |asked| next.max(asked))), ..after },
        }
    }

    /// The same, to be looked at again at `then`: its reader is left alone until then.
    #[must_use]
    pub fn postponed(&self, then: Timestamp) -> Self {
        let next_at = self.next_at.map(|_| then);
        Self { not_before: Some(then), next_at, ..self.clone() }
    }

    /// The same, told once more under the same id, whatever came of it so far: its tries begin anew.
    #[must_use]
    pub fn replayed(&self, now: Timestamp) -> Self {
        let fresh = self.clone();
        Self {
            state: DeliveryState::Pending,
            why: None,
            tried: 0,
            not_before: None,
            next_at: Some(now),
            ended_at: None,
            ..fresh
        }
    }

    /// The same, which must not go out.
    #[must_use]
    pub fn suppressed(&self, why: &str, now: Timestamp) -> Self {
        self.clone().end(DeliveryState::Suppressed, Some(why), now)
    }

    fn end(self, state: DeliveryState, why: Option<&str>, at: Timestamp) -> Self {
        Self { state, why: why.map(str::to_owned), next_at: None, ended_at: Some(at), ..self }
    }

    /// Until when it is kept, once it has ended.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let kept = if self.template == incident::TEMPLATE { WARNED } else { KEPT };
        self.ended_at.map(|ended_at| later(ended_at, kept))
    }
}

#[cfg(test)]
mod tests;
