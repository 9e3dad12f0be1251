//! Compensation: what a customer is to be given for a promise that was not kept, once a breach, and
//! who said so.

mod approval;

pub use approval::{ApprovalBand, Approver};

use crate::actor::Actor;
use crate::fact::{Fact, What};
use crate::feedback::Money;
use crate::id::{CompensationId, WorkOrderId};
use crate::order::WorkOrder;
use crate::sla::{ClockKey, VersionRef};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reason of a compensation that goes because its breach is excused.
pub const ANNULLED: &str = "annulled";

/// How far a compensation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompensationState {
    /// Asked for; somebody must decide.
    Pending,
    /// The customer is given it, or less of it.
    Approved,
    /// The customer is given nothing.
    Declined,
}

impl CompensationState {
    /// Every state and its word in JSON.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Pending, "pending"), (Self::Approved, "approved"), (Self::Declined, "declined")];

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("pending", |(_, word)| word)
    }
}

/// What somebody says of a compensation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The customer is given it.
    Approved,
    /// The customer is not.
    Declined,
}

impl Verdict {
    /// Every verdict and its word in JSON.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Approved, "approved"), (Self::Declined, "declined")];
}

/// A verdict with what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ruled {
    /// Which.
    pub decision: Verdict,
    /// What the customer is given, in minor units: never more than was asked, nothing if declined.
    pub amount_minor: i64,
    /// Who said so; Redress itself where the amount needs nobody.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why: of whatever is less than was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a customer is to be given for one broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compensation {
    /// Its id: follows from the order and the clock, so that a breach has one.
    pub id: CompensationId,
    /// Of which order.
    pub work_order: WorkOrderId,
    /// Which promise of it was not kept.
    pub clock: ClockKey,
    /// To whom, in the shop's words.
    pub customer_ref: String,
    /// How much is asked for: what the level says, within what the cap left.
    pub amount: Money,
    /// The policy version that was agreed.
    pub policy: VersionRef,
    /// When the promise ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// What somebody said of it; `None` while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruled: Option<Ruled>,
}

/// What somebody asks to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which way.
    pub decision: Verdict,
    /// How much, if less than was asked for; minor units.
    pub amount_minor: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// Why a verdict can't be meant. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Meaningless {
    /// Nothing, or more than was asked for.
    #[error("must be 1 or more, and at most the {0} that were asked for")]
    Amount(i64),
    /// Declined, and yet an amount.
    #[error("what is declined has no amount: leave it out")]
    AmountDeclined,
    /// Less than was asked for, and no reason.
    #[error("required: whoever gives less than was asked for says why")]
    ReasonMissing,
}

impl CompensationId {
    /// The compensation of one breach: at most one. The order's id follows from its tenant already.
    #[must_use]
    pub fn of(order: &WorkOrderId, clock: &ClockKey) -> Self {
        Self::derive(&["compensation", order.as_str(), &clock.to_string()])
    }
}

impl Compensation {
    /// What a fact of `order` asks for; `None` if it asks for nothing. The order stands as it did
    /// when that was written down.
    #[must_use]
    pub fn requested(order: &WorkOrder, fact: &Fact) -> Option<Self> {
        let What::CompensationRequested { compensation: Some(id), clock: key, amount } = &fact.what else {
            return None;
        };
        let clock = order.clocks.find(key)?;
        Some(Self {
            id: id.clone(),
            work_order: order.id.clone(),
            clock: key.clone(),
            customer_ref: order.customer.reference.clone(),
            amount: amount.clone(),
            policy: clock.policy.clone(),
            due_at: clock.breach.as_ref().map(|breach| breach.due_at).or(clock.due_at),
            requested_at: fact.recorded_at,
            ruled: None,
        })
    }

    /// The same after a fact that decides it; as it is after any other.
    #[must_use]
    pub fn after(self, fact: &Fact) -> Self {
        match &fact.what {
            What::CompensationDecided { compensation, decision, amount, reason, .. } if *compensation == self.id => {
                let (by, at) = (fact.actor.clone(), fact.recorded_at);
                let (decision, amount_minor, reason) = (*decision, amount.amount_minor, reason.clone());
                Self { ruled: Some(Ruled { decision, amount_minor, by, at, reason }), ..self }
            }
            _ => self,
        }
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> CompensationState {
        match self.ruled.as_ref().map(|ruled| ruled.decision) {
            None => CompensationState::Pending,
            Some(Verdict::Approved) => CompensationState::Approved,
            Some(Verdict::Declined) => CompensationState::Declined,
        }
    }

    /// What a verdict gives the customer, in minor units.
    ///
    /// # Errors
    /// It gives nothing though it approves, or more than was asked for; it declines and gives
    /// something; it gives less than was asked for without a reason.
    pub fn given(&self, asked: &Asked) -> Result<i64, Meaningless> {
        let most = self.amount.amount_minor;
        let given = match (asked.decision, asked.amount_minor) {
            (Verdict::Approved, amount) => amount.unwrap_or(most),
            (Verdict::Declined, None) => 0,
            (Verdict::Declined, Some(_)) => return Err(Meaningless::AmountDeclined),
        };
        if asked.decision == Verdict::Approved && !(1..=most).contains(&given) {
            return Err(Meaningless::Amount(most));
        }
        if given < most && asked.reason.is_none() {
            return Err(Meaningless::ReasonMissing);
        }
        Ok(given)
    }

    /// Whether a verdict is the one that it has.
    #[must_use]
    pub fn is_ruled_so(&self, asked: &Asked) -> bool {
        self.ruled.as_ref().is_some_and(|ruled| {
            let amount = match asked.decision {
                Verdict::Approved => asked.amount_minor.unwrap_or(self.amount.amount_minor),
                Verdict::Declined => 0,
            };
            ruled.decision == asked.decision && ruled.amount_minor == amount
        })
    }
}

#[cfg(test)]
mod tests;
