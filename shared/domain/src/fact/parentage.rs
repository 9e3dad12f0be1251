//! What a part takes over from the order that it is a part of.

use crate::category::{Category, Language, Sentiment};
use crate::id::WorkOrderId;
use crate::priority::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of which order something is a part, and what it begins with: nobody reads its words to find out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parentage {
    /// The whole.
    pub order: WorkOrderId,
    /// Whether the whole can't be resolved before this is done.
    pub mandatory: bool,
    /// What this part is about, as whoever made it says.
    pub category: Category,
    /// The whole's band.
    pub priority: Priority,
    /// The whole's score, 0 to 100.
    pub score: u8,
    /// How the customer of the whole sounds.
    pub sentiment: Sentiment,
    /// What the customer of the whole speaks.
    pub language: Language,
}
