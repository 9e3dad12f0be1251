//! What a shop says in its own words, to readers of either language.

use crate::category::Language;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The same text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Bilingual {
    /// The text for a reader of a language; of a third one, in English.
    #[must_use]
    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En | Language::Other => &self.en,
        }
    }
}
