//! What a text says: its language, subject, mood, the words that make it urgent or wide, and what
//! it names.
//!
//! Category and sentiment are read by a trained linear model ([`Model`]): one-vs-rest over hashed
//! character n-grams of Chinese and words and parts of words of English, a MiB of weights that is
//! built in. Urgency and impact cues are rules (`lexicon.tsv`), since nobody has honest labels for
//! them. What it knows, where from, and what it must not be used for: `model/README.md`.
//!
//! [`Reading::confidence`] is calibrated on texts like those it was trained on, and kept low where
//! much of a text is unknown to it; **on texts of another kind it is no probability**. When in
//! doubt the answer is [`Category::Other`] with [`Reading::needs_review`], and the three best
//! guesses are kept in [`Reading::top`].
//!
//! ```
//! use redress_domain::category::{Category, Language, Sentiment};
//!
//! let reading = redress_language::read("充电器冒烟了，我要退款！");
//! assert_eq!(reading.language, Language::Zh);
//! assert_eq!(reading.cues[0].rule, "urgency.hazard");
//! assert_eq!(reading.cues[0].span, (3, 5));
//!
//! let reading = redress_language::read("Where is my parcel? The tracking has not moved.");
//! assert_eq!(reading.category, Category::Logistics);
//! assert!(!reading.needs_review);
//! ```

mod calibration;
mod clause;
mod cue;
pub mod entity;
pub mod evaluate;
mod evidence;
mod features;
mod figure;
mod fold;
mod lexicon;
mod model;
mod negation;
mod personal;
pub mod rows;
mod score;
mod script;
mod suggestion;
mod table;
pub mod train;
mod verdict;

pub use entity::{mask, preview};
pub use model::{Damage, Model};
pub use score::{Scores, Scratch};
pub use suggestion::suggests;
pub use verdict::{Verdict, verdict};

use redress_domain::category::{Category, Language, Sentiment};
use redress_domain::priority::Cue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entity::Entity;
use crate::fold::Folded;

/// What was read out of one text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// The language most of it is written in.
    pub language: Language,
    /// What it is about; [`Category::Other`] where the reader is unsure.
    pub category: Category,
    /// The score of the best category, 0 to 1: see the crate's page for what it is not.
    pub confidence: f64,
    /// True where a person should look at the category: the model is not sure enough, or the text
    /// is in neither language.
    pub needs_review: bool,
    /// The three best categories, best first; kept when unsure too.
    pub top: Vec<CategoryScore>,
    /// What else it is about, in the order of the text: a fifth of what customers write has two subjects.
    #[serde(default)]
    pub secondary: Vec<Category>,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// How strongly, −1 (unhappy) to 1 (happy).
    pub sentiment_score: f64,
    /// How it sounds without the words of the cues, which speak for themselves: one more cue never
    /// makes it sound less urgent.
    pub sentiment_besides_cues: Sentiment,
    /// Reasons for urgency and impact found in the text, in its order.
    pub cues: Vec<Cue>,
    /// The words that speak for the best category, in the order of the text; ten at most.
    pub evidence: Vec<Evidence>,
    /// What it names: orders, amounts, dates, in its order.
    #[serde(default)]
    pub entities: Vec<Entity>,
}

/// A category and how much speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// 0 to 1; those of all categories need not add up to 1.
    pub score: f64,
}

/// Words of the text that spoke for a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The characters `start..end` of the text as the customer wrote them.
    pub text: String,
    /// First character, counted in Unicode scalar values of the original text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What it adds to the category's score before calibration; sentences are about −1 to 1.
    pub weight: f64,
}

/// Reads a text by the shipped model in time proportional to its length; any text will do, an empty
/// one too.
///
/// ```
/// use redress_domain::category::Category;
///
/// let reading = redress_language::read("请问发票的抬头可以改成公司吗？");
/// assert_eq!(reading.category, Category::PaymentInvoice);
/// assert!(reading.evidence.iter().any(|words| words.text.contains("发票")));
///
/// assert!(redress_language::read("").needs_review);
/// ```
#[must_use]
pub fn read(text: &str) -> Reading {
    Model::shipped().read(text)
}

/// How many categories are kept in [`Reading::top`].
const TOP: usize = 3;

impl Model {
    /// Reads a text; see [`read`].
    #[must_use]
    pub fn read(&self, text: &str) -> Reading {
        let (folded, mut scratch) = (Folded::of(text), Scratch::default());
        let head = folded.head(model::MAX_CHARACTERS);
        let scores = self.score_folded(head, &mut scratch);
        let entities = entity::entities(text);
        let (cues, said) = cue::of(&folded, &entities);
        let language = script::language(text, &folded, |word| self.knows(word));
        let calibration = &self.calibration;
        let ranked = calibration.rank(&scores);
        let (best, confidence) = ranked[0];
        let needs_review = confidence < calibration.threshold || language == Language::Other;
        let evidence = evidence::of(self, text, &folded, (head, best), &mut scratch);
        let (sentiment, sentiment_score) = calibration.sentiment(&scores);
        let sentiment_besides_cues =
            if said.is_empty() { sentiment } else { calibration.sentiment(&self.score_besides(&said, &mut scratch)).0 };
        let score = |(category, score): (usize, f32)| CategoryScore {
            category: Category::ALL[category],
            score: rounded(score),
        };
        Reading {
            language,
            category: if needs_review { Category::Other } else { Category::ALL[best] },
            confidence: rounded(confidence),
            needs_review,
            top: ranked.into_iter().take(TOP).map(score).collect(),
            secondary: if needs_review { Vec::new() } else { clause::secondary(self, head, best, &mut scratch) },
            sentiment,
            sentiment_score: rounded(sentiment_score),
            sentiment_besides_cues,
            cues,
            evidence,
            entities,
        }
    }

    /// The scores of a text alone, without what else it says.
    pub fn score(&self, text: &str, scratch: &mut Scratch) -> Scores {
        let folded = Folded::of(text);
        self.score_folded(folded.head(model::MAX_CHARACTERS), scratch)
    }
}

impl Reading {
    /// How it sounds, −100 (unhappy) to 100 (happy).
    #[must_use]
    pub fn tone(&self) -> i8 {
        (self.sentiment_score * 100.0).round() as i8
    }
}

/// To three decimals, so that the same text gives the same JSON on every machine; never −0.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0 + 0.0
}
