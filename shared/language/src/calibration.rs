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

#[cfg(test)]
mod tests {
    use super::*;

    const CALIBRATION: Calibration =
        Calibration { offset: 0.5, top: 2.0, lead: 3.0, unknown: 4.0, threshold: 0.6, temperature: 0.5 };

    fn scores(best: &[(usize, f32)], sentiments: [f32; SENTIMENTS], known: f32) -> Scores {
        let mut categories = [-1.0; CATEGORIES];
        best.iter().for_each(|(category, score)| categories[*category] = *score);
        Scores { categories, sentiments, known }
    }

    fn near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }

    #[test]
    fn confidence_is_the_sigmoid_of_score_lead_and_what_is_unknown() {
        let (category, confidence) = CALIBRATION.answer(&scores(&[(3, 0.8), (7, 0.5)], [0.0; 3], 0.75));
        assert_eq!(category, 3);
        // 0.5 + 2 × 0.8 + 3 × 0.3 − 4 × 0.25
        near(confidence, 1.0 / (1.0 + (-2.0_f32).exp()));
        let (_, capped) = CALIBRATION.answer(&scores(&[(3, 1.7), (7, 1.4)], [0.0; 3], 0.75));
        // A score counts up to 1.
        near(capped, 1.0 / (1.0 + (-2.4_f32).exp()));
    }

    #[test]
    fn a_text_of_which_nothing_is_known_is_half_as_sure() {
        let (_, confidence) = CALIBRATION.answer(&scores(&[(3, 0.8), (7, 0.5)], [0.0; 3], 0.0));
        near(confidence, 0.5 / (1.0 + 1.0_f32.exp()));
    }

    #[test]
    fn categories_are_ranked_by_score_and_the_first_of_equals_is_best() {
        let ranked = CALIBRATION.rank(&scores(&[(2, 0.4), (5, 0.4), (9, 0.1)], [0.0; 3], 1.0));
        assert_eq!(ranked.map(|(category, _)| category)[..3], [2, 5, 9]);
        assert_eq!(ranked[0].1, ranked[1].1, "equals are equally sure");
        // 0.5 + 2 × 0.1 + 3 × (0.1 − 0.4)
        near(ranked[2].1, 1.0 / (1.0 + 0.2_f32.exp()));
        let Best { category, top, lead } = best(&scores(&[(0, 0.2), (4, 0.9)], [0.0; 3], 1.0).categories);
        assert_eq!((category, top), (4, 0.9));
        near(lead, 0.7);
    }

    #[test]
    fn sentiments_are_a_softmax_whose_two_ends_say_how_strongly() {
        let all = CALIBRATION.sentiments(&scores(&[], [0.1, -0.4, 0.6], 1.0));
        let powers = [(-1.0_f32).exp(), (-2.0_f32).exp(), 1.0];
        let sum: f32 = powers.iter().sum();
        all.iter().zip(powers).for_each(|(found, power)| near(*found, power / sum));
        let hear = |sentiments| CALIBRATION.sentiment(&scores(&[], sentiments, 1.0));
        let (sentiment, strength) = hear([0.1, -0.4, 0.6]);
        assert_eq!(sentiment, Sentiment::Positive);
        near(strength, all[2] - all[0]);
        assert_eq!(hear([0.6, 0.1, -0.4]).0, Sentiment::Negative);
        assert_eq!(hear([-0.4, 0.6, 0.1]).0, Sentiment::Neutral);
        assert_eq!(hear([0.0, 0.3, 0.3]).0, Sentiment::Neutral, "what may be either is not praised");
    }

    #[test]
    fn the_numbers_of_a_file_are_the_numbers() {
        assert_eq!(CALIBRATION.numbers(), [0.5, 2.0, 3.0, 4.0, 0.6, 0.5]);
        assert_eq!(Calibration::from_numbers(CALIBRATION.numbers()), CALIBRATION);
    }
}
