//! From scores to numbers that a person can read.

use redress_domain::category::Sentiment;

use crate::score::Scores;
use crate::table::{CATEGORIES, SENTIMENTS};

/// Four numbers fitted on the dev rows, and two chosen by leaving whole sources out of the training:
/// rows of the trained sources hardly show what happens when much is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibration {
    /// What every text starts with.
    pub(crate) offset: f32,
    /// For the best category's score, counted up to 1; fixed.
    pub(crate) top: f32,
    /// For its lead over the second.
    pub(crate) lead: f32,
    /// Against the unknown share of the text; fixed.
    pub(crate) unknown: f32,
    /// Confidence from which an answer is given without review.
    pub(crate) threshold: f32,
    /// For the softmax over sentiments.
    pub(crate) temperature: f32,
}

/// How much of its confidence is left to a text without anything that could be known or unknown: one
/// character says too little, however clear it is elsewhere.
const NOTHING_KNOWN: f32 = 0.5;

impl Calibration {
    pub(crate) const COUNT: usize = 6;

    pub(crate) fn from_numbers(numbers: [f32; Self::COUNT]) -> Self {
        let [offset, top, lead, unknown, threshold, temperature] = numbers;
        Self { offset, top, lead, unknown, threshold, temperature }
    }

    pub(crate) fn numbers(&self) -> [f32; Self::COUNT] {
        [self.offset, self.top, self.lead, self.unknown, self.threshold, self.temperature]
    }

    /// The best category and how sure it is, 0 to 1: calibrated on texts like those of the training,
    /// kept low elsewhere.
    pub(crate) fn answer(&self, scores: &Scores) -> (usize, f32) {
        let Best { category, top, lead } = best(&scores.categories);
        (category, self.confidence(top, lead, scores))
    }

    fn confidence(&self, score: f32, lead: f32, scores: &Scores) -> f32 {
        let sure = sigmoid(self.offset + self.lead * lead + self.fixed(score, scores));
        if scores.known > 0.0 { sure } else { sure * NOTHING_KNOWN }
    }

    /// The part of the logit that is not fitted on dev.
    pub(crate) fn fixed(&self, score: f32, scores: &Scores) -> f32 {
        self.top * score.min(1.0) - self.unknown * (1.0 - scores.known)
    }

    /// Every category with how sure it is, best first: for all but the best, what it lacks counts
    /// against it as the best one's lead counts for that.
    pub(crate) fn rank(&self, scores: &Scores) -> [(usize, f32); CATEGORIES] {
        let Best { category: first, top, lead } = best(&scores.categories);
        let mut ranked = std::array::from_fn(|category| {
            let score = scores.categories[category];
            let ahead = if category == first { lead } else { score - top };
            (category, self.confidence(score, ahead, scores))
        });
        // By the scores: confidences may round to the same.
        ranked.sort_by(|a, b| scores.categories[b.0].total_cmp(&scores.categories[a.0]).then(a.0.cmp(&b.0)));
        ranked
    }

    /// How it sounds, and how strongly: −1 (unhappy) to 1 (happy).
    pub(crate) fn sentiment(&self, scores: &Scores) -> (Sentiment, f32) {
        let [negative, neutral, positive] = self.sentiments(scores);
        let sentiment = if negative >= neutral && negative >= positive {
            Sentiment::Negative
        } else if positive > neutral {
            Sentiment::Positive
        } else {
            Sentiment::Neutral
        };
        (sentiment, positive - negative)
    }

    /// How likely each sentiment is, in sum 1.
    pub(crate) fn sentiments(&self, scores: &Scores) -> [f32; SENTIMENTS] {
        let best = scores.sentiments.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = scores.sentiments.map(|score| ((score - best) / self.temperature).exp());
        let sum: f32 = powers.iter().sum();
        powers.map(|power| power / sum)
    }
}

/// The best of the scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Best {
    /// Its category, the first of equals.
    pub(crate) category: usize,
    /// The score.
    pub(crate) top: f32,
    /// By how much it is over the second.
    pub(crate) lead: f32,
}

/// Finds the best of the scores.
pub(crate) fn best(scores: &[f32; CATEGORIES]) -> Best {
    let (mut first, mut second) = (0, f32::NEG_INFINITY);
    for class in 1..CATEGORIES {
        if scores[class] > scores[first] {
            second = scores[first];
            first = class;
        } else {
            second = second.max(scores[class]);
        }
    }
    Best { category: first, top: scores[first], lead: scores[first] - second }
}

/// 1 / (1 + e^−x).
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
