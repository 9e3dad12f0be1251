//! How it sounds: happy words against unhappy ones.

use redress_domain::category::Sentiment;

use crate::fold::Folded;
use crate::lexicon::LEXICON;
use crate::{negation, rounded};

/// What silence weighs: one mild word alone does not make a text extreme.
const DOUBT: f64 = 1.0;
/// A score nearer to 0 than this is neutral: one hint, or as much good as bad.
const NEUTRAL_BELOW: f64 = 0.2;
/// "Not bad" is a smaller praise than "bad" is a blame; "not good" is plain blame.
const DENIED_BLAME: f64 = 0.5;

/// How a text sounds, and how strongly.
pub(crate) struct Mood {
    pub(crate) sentiment: Sentiment,
    pub(crate) score: f64,
}

/// The mood of a text.
pub(crate) fn of(folded: &Folded) -> Mood {
    let (good, bad) = weigh(folded);
    let score = rounded((good - bad) / (good + bad + DOUBT));
    let sentiment = match score {
        _ if score >= NEUTRAL_BELOW => Sentiment::Positive,
        _ if score <= -NEUTRAL_BELOW => Sentiment::Negative,
        _ => Sentiment::Neutral,
    };
    Mood { sentiment, score }
}

/// The weight of the happy and of the unhappy words, both 0 or more.
fn weigh(folded: &Folded) -> (f64, f64) {
    let (mut good, mut bad) = (0.0, 0.0);
    for hit in LEXICON.mood.hits(folded) {
        let weight = LEXICON.rule(&hit).mood.unwrap_or_default();
        match turned(weight, negation::denied(folded.text(), &hit)) {
            weight if weight > 0.0 => good += weight,
            weight => bad -= weight,
        }
    }
    (good, bad)
}

fn turned(weight: f64, denied: bool) -> f64 {
    match denied {
        true if weight < 0.0 => -weight * DENIED_BLAME,
        true => -weight,
        false => weight,
    }
}
