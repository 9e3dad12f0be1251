//! Labelled text: what a model is trained on and measured by.

use redress_domain::category::{Category, Sentiment};
use redress_domain::priority::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The label of a row that an agent of the shop corrected or confirmed.
pub const AGENT: &str = "agent";

/// The label of a row whose category a keyword rule made: good enough to learn from, never to be
/// measured by.
pub const WEAK: &str = "weak";

/// One in so many of a shop's own rows is held back: no training sees it.
const HELD_BACK_ONE_IN: u64 = 5;

/// A text and what somebody said of it. Fields that are not here are left alone: data sets have more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The words.
    pub text: String,
    /// What they are about.
    #[serde(default)]
    pub category: Option<Category>,
    /// How they sound.
    #[serde(default)]
    pub sentiment: Option<Sentiment>,
    /// How urgent they are: no model learns it, but the rules may be measured by it.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Where it is from: scores are told by source.
    #[serde(default = "unknown")]
    pub source: String,
    /// Who labelled it: [`AGENT`], [`WEAK`], or another word for a label that counts.
    #[serde(default)]
    pub label_kind: String,
}

fn unknown() -> String {
    "unknown".to_owned()
}

impl Row {
    /// Whether models are compared by this row, so that none may learn from it: about a fifth of
    /// what a shop's own agents labelled, the same rows for ever.
    ///
    /// # Source
    /// FNV-1a of the row's name, or of its text: <https://www.ietf.org/archive/id/draft-eastlake-fnv-21.html>.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        let name = self.id.as_deref().unwrap_or(&self.text);
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let hash: u64 = name.bytes().fold(0xcbf2_9ce4_8422_2325, hash);
        self.label_kind == AGENT && (hash ^ (hash >> 32)).is_multiple_of(HELD_BACK_ONE_IN)
    }

    /// Whether its category may be used to measure a model.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.label_kind == WEAK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u32, label_kind: &str) -> Row {
        let (id, label_kind) = (Some(format!("fb_{id}")), label_kind.to_owned());
        Row { id, text: "退款 refund".to_owned(), label_kind, ..Row::default() }
    }

    #[test]
    fn about_a_fifth_of_a_shops_own_rows_are_held_back_and_of_others_none() {
        let held = (0..1000).filter(|id| row(*id, AGENT).is_held_back()).count();
        assert!((150..250).contains(&held), "{held}");
        assert!(!(0..1000).any(|id| row(id, "mapped").is_held_back()));
    }

    #[test]
    fn a_row_needs_nothing_but_its_text_and_a_category_that_there_is() {
        let row: Row = serde_json::from_str(r#"{"text": "发票", "intent": "x"}"#).unwrap();
        assert_eq!((row.category, row.source.as_str()), (None, "unknown"));
        assert!(serde_json::from_str::<Row>(r#"{"text": "发票", "category": "invoices"}"#).is_err());
        assert!(serde_json::from_str::<Row>(r#"{"category": "other"}"#).is_err());
    }
}
