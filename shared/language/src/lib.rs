//! What a text says: its language, subject, mood, and the words that make it urgent or wide.
//!
//! **This is a lexicon, not a trained model.** Hand-written phrases in Chinese and English
//! (`lexicon.tsv`) are looked up in the text and their weights added. It knows the words it was
//! given and nothing else: no spelling mistakes, no irony, no traditional characters, and any
//! text in Latin letters passes for English. The trained model takes over category and sentiment
//! behind the same [`read`]; the urgency and impact cues stay rules, since nobody has honest
//! labels for them.
//!
//! [`Reading::confidence`] is a heuristic score and **not a probability**: 0.8 does not mean
//! right four times in five. When in doubt the answer is [`Category::Other`] with
//! [`Reading::needs_review`], and the three best guesses are kept in [`Reading::top`].
//!
//! ```
//! use redress_domain::category::{Category, Language, Sentiment};
//!
//! let reading = redress_language::read("充电器冒烟了，我要退款！");
//! assert_eq!(reading.language, Language::Zh);
//! assert_eq!(reading.sentiment, Sentiment::Negative);
//! assert_eq!(reading.cues[0].rule, "urgency.hazard");
//! assert_eq!(reading.cues[0].span, Some((3, 5)));
//!
//! let reading = redress_language::read("Where is my parcel? The tracking has not moved.");
//! assert_eq!(reading.category, Category::Logistics);
//! assert!(!reading.needs_review);
//! ```

mod cue;
pub mod entity;
mod figure;
mod fold;
mod lexicon;
mod mood;
mod negation;
mod script;
mod topic;

use redress_domain::category::{Category, Language, Sentiment};
use redress_domain::priority::Contribution;
use serde::{Deserialize, Serialize};

use crate::fold::Folded;

/// What was read out of one text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The language most of it is written in.
    pub language: Language,
    /// What it is about; [`Category::Other`] where the reader is unsure.
    pub category: Category,
    /// The score of the best category, 0 to 1: a heuristic, not a probability.
    pub confidence: f64,
    /// True where a person should look at the category: too little was recognised, two
    /// categories were too close, or the text is in neither language.
    pub needs_review: bool,
    /// The three best categories, best first; kept when unsure too.
    pub top: Vec<CategoryScore>,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// How strongly, −1 (unhappy) to 1 (happy).
    pub sentiment_score: f64,
    /// Reasons for urgency and impact found in the text, in its order.
    pub cues: Vec<Contribution>,
    /// The words that speak for the best category, in the order of the text; ten at most.
    pub evidence: Vec<Evidence>,
}

/// A category and how much speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// 0 to 1: its share of the recognised weight, never quite 1. Not a probability.
    pub score: f64,
}

/// Words of the text that spoke for a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The characters `start..end` of the text as the customer wrote them.
    pub text: String,
    /// First character, counted in Unicode scalar values of the original text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What it added, in the lexicon's weights: 0.5 (a hint) to 4 (hardly anything else).
    pub weight: f64,
}

/// Reads a text in time proportional to its length; any text will do, an empty one too.
///
/// ```
/// use redress_domain::category::Category;
///
/// let reading = redress_language::read("请问发票的抬头可以改成公司吗？");
/// assert_eq!(reading.category, Category::PaymentInvoice);
/// assert_eq!(reading.evidence[0].text, "发票");
///
/// assert!(redress_language::read("").needs_review);
/// ```
#[must_use]
pub fn read(text: &str) -> Reading {
    let folded = Folded::of(text);
    let language = script::language(text);
    let topic = topic::of(text, &folded);
    let needs_review = topic.unsure || language == Language::Other;
    let mood = mood::of(&folded);
    Reading {
        language,
        category: if needs_review { Category::Other } else { topic.top[0].category },
        confidence: topic.top[0].score,
        needs_review,
        top: topic.top,
        sentiment: mood.sentiment,
        sentiment_score: mood.score,
        cues: cue::of(&folded, &entity::entities(text)),
        evidence: topic.evidence,
    }
}

/// To three decimals, so that the same text gives the same JSON on every machine; never −0.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
