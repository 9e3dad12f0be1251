//! How an order was put right.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How it was put right, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionCode {
    /// Money back.
    Refunded,
    /// Another item.
    Replaced,
    /// Mended.
    Repaired,
    /// Sent back.
    Returned,
    /// Something for the trouble.
    Compensated,
    /// An answer was enough.
    Explained,
    /// It arrived.
    Delivered,
    /// Nothing was wrong.
    NoFaultFound,
    /// Another order has it.
    Duplicate,
    /// None of these.
    Other,
}

impl ResolutionCode {
    /// Every code and its word in JSON.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Refunded, "refunded"),
        (Self::Replaced, "replaced"),
        (Self::Repaired, "repaired"),
        (Self::Returned, "returned"),
        (Self::Compensated, "compensated"),
        (Self::Explained, "explained"),
        (Self::Delivered, "delivered"),
        (Self::NoFaultFound, "no_fault_found"),
        (Self::Duplicate, "duplicate"),
        (Self::Other, "other"),
    ];

    /// The code of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(code, _)| *code)
    }
}

/// How it was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolution {
    /// In a word.
    pub code: ResolutionCode,
    /// In the resolver's words, up to 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What shows that it was: ids of clean attachments, or references such as a refund's number; up
    /// to 20 of up to 200 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

impl Resolution {
    /// Whether it shows what was done: in words, or by something that can be looked at.
    #[must_use]
    pub fn shows(&self) -> bool {
        let says = |text: &String| text.chars().any(char::is_alphanumeric);
        self.summary.as_ref().is_some_and(says) || self.evidence.iter().any(says)
    }
}
