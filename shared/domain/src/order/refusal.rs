//! Why a decision was refused.

use super::Status;
use crate::calendar::CalendarError;

/// Why a decision was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The move is not allowed from where the order is.
    #[error("a work order that is {} can't become {}", from.as_str(), to.as_str())]
    Illegal {
        /// Where it is.
        from: Status,
        /// Where it was asked to go.
        to: Status,
    },
    /// Waiting for the customer needs a reason.
    #[error("waiting for the customer needs a reason")]
    ReasonMissing,
    /// Waiting for the customer needs a public message to wait on.
    #[error("post a public message before waiting for the customer's answer")]
    NothingAsked,
    /// The customer was not satisfied with what was done before.
    #[error("the customer was not satisfied: say in resolution what was done now, as a summary or as evidence")]
    EvidenceMissing,
    /// Cancelled orders take no messages.
    #[error("a cancelled work order takes no messages")]
    Cancelled,
    /// Nothing more is done on an order that is resolved, closed or cancelled.
    #[error("the work order is {}", .0.as_str())]
    NotActive(Status),
    /// Parts that must be done first are not.
    #[error("{0} of its mandatory children must be done first")]
    PartsOpen(usize),
    /// It has as many parts as an order may have.
    #[error("a work order has at most {} children", super::CHILDREN)]
    TooManyParts,
    /// A part has no parts of its own.
    #[error("a child has no children of its own")]
    Grandchild,
    /// Its parent was resolved on its word.
    #[error("its parent is {}: reopen that first", .0.as_str())]
    ParentDone(Status),
    /// It is over, and nothing can be done about it.
    #[error("the work order is {}, and can't be merged any more", .0.as_str())]
    Over(Status),
    /// The order that it was to be merged into is over.
    #[error("the work order to merge into is {}", .0.as_str())]
    TargetOver(Status),
    /// They are of different customers.
    #[error("the two work orders are of different customers")]
    OtherCustomer,
    /// Families are not merged.
    #[error("a child, or an order with mandatory children to be done, can't be merged")]
    Family,
    /// A call to a customer is not what the customer wants put right.
    #[error("a revisit can't be merged")]
    Revisit,
    /// As many watch it as may.
    #[error("at most {} may watch a work order", super::WATCHERS)]
    TooManyWatchers,
    /// There are more fields of the shop's own than an order takes.
    #[error(
        "a work order has at most {} custom fields, and at most {} bytes of them",
        super::CUSTOM_FIELDS,
        super::CUSTOM_SIZE
    )]
    TooMuchCustom,
    /// There is no calendar of this name.
    #[error("there is no calendar {0:?}")]
    NoSuchCalendar(String),
    /// A law gives the promise.
    #[error("what a law gives can't be moved")]
    Statutory,
    /// No clock of that metric runs in time.
    #[error("no clock of this metric is running in time")]
    NotRunning,
    /// The instant is not to come, or too far ahead.
    #[error("must be in the future, and at most 366 days ahead")]
    DuePassed,
    /// There is no breach of that clock, or it is annulled already.
    #[error("that clock has no breach that could be annulled")]
    NothingBroken,
    /// A calendar of the policy has no open time.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}
