//! What others are told: thin, with ids and small facts, never a customer's words.

use crate::id::TenantId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened, past tense and versioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum EventType {
    /// A feedback was accepted; it wants to be understood.
    #[serde(rename = "feedback.received.v1")]
    FeedbackReceived,
    /// A feedback was understood; it wants an order.
    #[serde(rename = "feedback.classified.v1")]
    FeedbackClassified,
    /// An order waits for an agent and should be tried again.
    #[serde(rename = "work_order.waiting.v1")]
    WorkOrderWaiting,
    /// A clock of an order wants to be looked at.
    #[serde(rename = "work_order.due.v1")]
    WorkOrderDue,
    /// Capacity of a team became free; waiting orders may be drained.
    #[serde(rename = "capacity.freed.v1")]
    CapacityFreed,
    /// An order was resolved; the customer should be asked.
    #[serde(rename = "work_order.resolved.v1")]
    WorkOrderResolved,
    /// A survey must be looked at: asked, reminded, given up.
    #[serde(rename = "survey.due.v1")]
    SurveyDue,
    /// A customer answered; the verdict must be acted on.
    #[serde(rename = "survey.answered.v1")]
    SurveyAnswered,
    /// A file was uploaded; it wants to be judged.
    #[serde(rename = "attachment.uploaded.v1")]
    AttachmentUploaded,
    /// A file that was announced must be looked at: it is there unheard of, or it never came.
    #[serde(rename = "attachment.due.v1")]
    AttachmentDue,
    /// Facts of an order were recorded that webhooks are told of.
    #[serde(rename = "work_order.recorded.v1")]
    WorkOrderRecorded,
    /// Whoever an incident concerns is to be told.
    #[serde(rename = "incident.declared.v1")]
    IncidentDeclared,
    /// Somebody is to be told something, or to be told it again.
    #[serde(rename = "delivery.due.v1")]
    DeliveryDue,
}

/// The queue, and so the function, that an event goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Understands feedback.
    Classification,
    /// Makes orders and finds agents.
    Assignment,
    /// Asks customers and reopens.
    FollowUp,
    /// Watches clocks.
    Escalation,
    /// Judges files.
    Attachment,
    /// Tells who must know.
    Delivery,
}

/// An event in the attribute names of CloudEvents 1.0.
///
/// # Source
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: String,
    /// `<subject>/<type>/<version of the subject>`: the same happening always has the same id.
    pub id: String,
    /// `redress`.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Which feedback, order, fact, survey, attachment, incident or delivery it happened to.
    pub subject: String,
    /// When.
    pub time: Timestamp,
    /// Whose (a CloudEvents extension attribute).
    pub tenant: TenantId,
}

impl QueueName {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Classification, Self::Assignment, Self::FollowUp, Self::Escalation, Self::Attachment, Self::Delivery];

    /// Its name, as people type it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Assignment => "assignment",
            Self::FollowUp => "follow-up",
            Self::Escalation => "escalation",
            Self::Attachment => "attachment",
            Self::Delivery => "delivery",
        }
    }
}

impl EventType {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FeedbackReceived => "feedback.received.v1",
            Self::FeedbackClassified => "feedback.classified.v1",
            Self::WorkOrderWaiting => "work_order.waiting.v1",
            Self::WorkOrderDue => "work_order.due.v1",
            Self::CapacityFreed => "capacity.freed.v1",
            Self::WorkOrderResolved => "work_order.resolved.v1",
            Self::SurveyDue => "survey.due.v1",
            Self::SurveyAnswered => "survey.answered.v1",
            Self::AttachmentUploaded => "attachment.uploaded.v1",
            Self::AttachmentDue => "attachment.due.v1",
            Self::WorkOrderRecorded => "work_order.recorded.v1",
            Self::IncidentDeclared => "incident.declared.v1",
            Self::DeliveryDue => "delivery.due.v1",
        }
    }
}

impl Event {
    /// What happened to `subject` at its `version`.
    #[must_use]
    pub fn new(tenant: &TenantId, kind: EventType, subject: &str, version: u64, time: Timestamp) -> Self {
        Self {
            specversion: "1.0".to_owned(),
            id: format!("{subject}/{}/{version}", kind.as_str()),
            source: "redress".to_owned(),
            kind,
            subject: subject.to_owned(),
            time,
            tenant: tenant.clone(),
        }
    }

    /// Where it goes.
    #[must_use]
    pub fn queue(&self) -> QueueName {
        match self.kind {
            EventType::FeedbackReceived => QueueName::Classification,
            EventType::FeedbackClassified | EventType::WorkOrderWaiting | EventType::CapacityFreed => {
                QueueName::Assignment
            }
            EventType::WorkOrderDue => QueueName::Escalation,
            EventType::WorkOrderResolved | EventType::SurveyDue | EventType::SurveyAnswered => QueueName::FollowUp,
            EventType::AttachmentUploaded | EventType::AttachmentDue => QueueName::Attachment,
            EventType::WorkOrderRecorded | EventType::IncidentDeclared | EventType::DeliveryDue => QueueName::Delivery,
        }
    }
}
