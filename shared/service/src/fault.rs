//! What can go wrong, in four kinds.

use crate::ports::PortError;
use redress_domain::calendar::CalendarError;
use redress_domain::compensation::CompensationState;
use redress_domain::order::{Refusal, Status};

/// Why a use case did not do what it was asked. Nothing has changed, unless it is
/// [`Fault::Unavailable`]: then it may have, and trying again finds out and finishes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Well-formed but wrong, at these places of the request.
    #[error("{}", told(.0))]
    Invalid(Vec<Flaw>),
    /// There is no such thing, or it belongs to somebody else: told apart by nobody.
    #[error("not found")]
    NotFound,
    /// It can't be done as things stand.
    #[error("{0}")]
    Conflict(Conflict),
    /// The world did not answer; trying again is right.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Something wrong at a place of the request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Flaw {
    /// JSON pointer to the place.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

fn told(flaws: &[Flaw]) -> String {
    flaws.iter().map(|flaw| format!("{}: {}", flaw.pointer, flaw.detail)).collect::<Vec<_>>().join("; ")
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The order can't go there from where it is.
    #[error("{detail}")]
    Illegal {
        /// Where it is.
        state: Status,
        /// Why not.
        detail: String,
    },
    /// What was done must be shown before the order can go there.
    #[error("{detail}")]
    EvidenceMissing {
        /// Where it is.
        state: Status,
        /// What to show.
        detail: String,
    },
    /// The caller decided on an older version.
    #[error("it has changed since you read it; read it again")]
    Stale,
    /// The channel's message id already stands for another message.
    #[error("this source_message_id already stands for a message with another body")]
    SourceReused,
    /// The idempotency key already stands for another request.
    #[error("this Idempotency-Key was used with another body; take a new key")]
    KeyReused,
    /// The time to answer has passed.
    #[error("the time to answer has passed")]
    Closed,
    /// There is one of this name already.
    #[error("there is one with this id already; replace it with PUT, or take another id")]
    Exists,
    /// Something else rests on it.
    #[error("{0}")]
    InUse(String),
    /// Nobody could make another key, or anything else, any more.
    #[error("this is the last admin key: make another one first")]
    LastAdminKey,
    /// The identity is linked to too many to be one person's.
    #[error("this identity, or this customer's reference, is linked to too many to be one person's")]
    Crowded,
    /// That clock has no breach, or it is annulled already.
    #[error("that clock has no breach that could be annulled")]
    NothingBroken,
    /// Somebody has decided otherwise.
    #[error("it is {} already: what was decided stays so", .0.as_str())]
    Decided(CompensationState),
    /// The amount is more than the caller may decide on.
    #[error("{0}")]
    AboveBand(String),
    /// The agent carries as much as they can.
    #[error("this agent carries as many work orders as they can")]
    AtCapacity,
    /// There are as many webhooks as there may be.
    #[error("there are 20 webhooks, as many as there may be: remove one, or let one be told more events")]
    TooManyWebhooks,
    /// As many incidents are open as may be.
    #[error("20 incidents are open, as many as may be: close one first")]
    TooManyIncidents,
    /// What is disabled is told nothing.
    #[error("the webhook is disabled: enable it with PUT, then replay")]
    WebhookDisabled,
    /// The two are not of one customer.
    #[error("the two work orders are of different customers: one would see what the other said")]
    OtherCustomer,
}

impl Fault {
    /// A wrong value at a place of the request.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Flaw { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Whether the same request may succeed later without being changed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        match error {
            // Whoever can settle a conflict does so before it gets here; trying again settles it.
            PortError::Conflict => Self::Unavailable("others are writing the same document".to_owned()),
            PortError::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

impl From<CalendarError> for Fault {
    fn from(error: CalendarError) -> Self {
        Self::Unavailable(format!("the policy's calendar can't be used: {error}"))
    }
}

/// A refusal of an order that is at `state`.
pub(crate) fn refused(refusal: Refusal, state: Status) -> Fault {
    match refusal {
        Refusal::NothingBroken => Fault::Conflict(Conflict::NothingBroken),
        Refusal::OtherCustomer => Fault::Conflict(Conflict::OtherCustomer),
        Refusal::EvidenceMissing => Fault::Conflict(Conflict::EvidenceMissing { state, detail: refusal.to_string() }),
        Refusal::Illegal { .. }
        | Refusal::NothingAsked
        | Refusal::Cancelled
        | Refusal::NotActive(_)
        | Refusal::PartsOpen(_)
        | Refusal::TooManyParts
        | Refusal::Grandchild
        | Refusal::ParentDone(_)
        | Refusal::Over(_)
        | Refusal::Family
        | Refusal::Revisit
        | Refusal::NotRunning
        | Refusal::TooManyWatchers => Fault::Conflict(Conflict::Illegal { state, detail: refusal.to_string() }),
        Refusal::TargetOver(state) => Fault::Conflict(Conflict::Illegal { state, detail: refusal.to_string() }),
        Refusal::Statutory => Fault::invalid("/due_override/metric", refusal.to_string()),
        Refusal::DuePassed => Fault::invalid("/due_override/due_at", refusal.to_string()),
        Refusal::TooMuchCustom => Fault::invalid("/custom_fields", refusal.to_string()),
        Refusal::ReasonMissing => Fault::invalid("/reason", refusal.to_string()),
        Refusal::NoSuchCalendar(_) => Fault::invalid("/calendar", refusal.to_string()),
        Refusal::Calendar(error) => error.into(),
    }
}

/// How an attempt at a decision failed.
pub(crate) enum Tried {
    /// What the decision rested on has changed: decide again.
    Again,
    /// It can't be done.
    Failed(Fault),
}

impl From<Fault> for Tried {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<PortError> for Tried {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Conflict => Self::Again,
            PortError::Unavailable(_) => Self::Failed(error.into()),
        }
    }
}

impl From<CalendarError> for Tried {
    fn from(error: CalendarError) -> Self {
        Self::Failed(error.into())
    }
}

/// The answer of an attempt, or `None` if it must be made again.
pub(crate) fn settled<T>(tried: Result<T, Tried>) -> Option<Result<T, Fault>> {
    match tried {
        Ok(value) => Some(Ok(value)),
        Err(Tried::Failed(fault)) => Some(Err(fault)),
        Err(Tried::Again) => None,
    }
}

/// Others were faster [`crate::orders::TRIES`] times; the next delivery will find it calmer.
pub(crate) fn contended() -> Fault {
    PortError::Conflict.into()
}
