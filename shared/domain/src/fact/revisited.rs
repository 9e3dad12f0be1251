//! What a revisit takes over from the order whose customer is called.

use crate::category::{Category, Language, Sentiment};
use crate::id::{AgentId, SurveyId, WorkOrderId};
use crate::priority::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// About which work a customer is called, and what the call begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revisited {
    /// Whose customer is called.
    pub order: WorkOrderId,
    /// Which survey's questions are asked.
    pub survey: SurveyId,
    /// Whose work is asked about: somebody else calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<AgentId>,
    /// What that order is about.
    pub category: Category,
    /// How soon to call.
    pub priority: Priority,
    /// That order's score, 0 to 100.
    pub score: u8,
    /// How its customer sounded.
    pub sentiment: Sentiment,
    /// What its customer speaks.
    pub language: Language,
}
