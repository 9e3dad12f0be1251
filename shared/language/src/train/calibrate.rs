//! Fits the calibration on dev rows: two numbers for the confidence, the threshold, the
//! temperature.

use crate::calibration::{Calibration, best};
use crate::model::Model;
use crate::rows::Row;
use crate::score::{Scores, Scratch};

use super::recipe::CAUTION;

/// Accuracy that answers above the threshold are to have on dev; a little over the mark of .945.
const ACCURACY: f32 = 0.954;
/// Nothing is answered below this confidence, however right the dev rows are: other texts come.
const LEAST: f32 = 0.5;
/// Holds the two numbers near 0 where every row is right.
const PRIOR: f64 = 1e-3;
/// Fewer rows than this do not move a calibration.
const LEAST_ROWS: usize = 100;
/// Results are rounded to this, so that the last bits of `exp` do not matter.
const STEP: f32 = 1.0 / 1024.0;

/// The calibration of a model from dev rows with a category (not `weak`) or a sentiment.
pub(super) fn calibrate(model: &Model, dev: &[Row]) -> Calibration {
    let mut scratch = Scratch::default();
    let scores: Vec<Scores> = dev.iter().map(|row| model.score(&row.text, &mut scratch)).collect();
    let mut calibration = model.calibration;
    let rows = || dev.iter().zip(&scores);
    let categories: Vec<(Scores, bool)> = rows()
        .filter(|(row, _)| !row.is_weak())
        .filter_map(|(row, scores)| Some((*scores, best(&scores.categories).category == row.category? as usize)))
        .collect();
    if categories.len() >= LEAST_ROWS {
        fit_confidence(&mut calibration, &categories);
        calibration.threshold = threshold(&calibration, &categories);
    }
    let sentiments: Vec<(Scores, usize)> =
        rows().filter_map(|(row, scores)| Some((*scores, row.sentiment? as usize))).collect();
    if sentiments.len() >= LEAST_ROWS {
        calibration.temperature = temperature(calibration, &sentiments);
    }
    calibration
}

/// Logistic regression of being right on the best score's lead (Platt 1999), what is fixed given; by
/// Newton's method.
fn fit_confidence(calibration: &mut Calibration, rows: &[(Scores, bool)]) {
    let (mut offset, mut lead) = (0.0_f64, 1.0_f64);
    for _ in 0..30 {
        let mut gradient = [PRIOR * offset, PRIOR * lead];
        let mut curvature = [PRIOR, 0.0, PRIOR];
        for (scores, right) in rows {
            let best = best(&scores.categories);
            let input = f64::from(best.lead);
            let fixed = f64::from(calibration.fixed(best.top, scores));
            let p = 1.0 / (1.0 + (-(fixed + offset + lead * input)).exp());
            let error = p - f64::from(u8::from(*right));
            let weight = p * (1.0 - p);
            gradient[0] += error;
            gradient[1] += error * input;
            curvature[0] += weight;
            curvature[1] += weight * input;
            curvature[2] += weight * input * input;
        }
        let determinant = curvature[0] * curvature[2] - curvature[1] * curvature[1];
        offset -= (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant;
        lead -= (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant;
    }
    calibration.offset = round(offset as f32 - CAUTION);
    calibration.lead = round(lead as f32);
}

/// The lowest confidence from which on answers are right as often as [`ACCURACY`] asks.
fn threshold(calibration: &Calibration, rows: &[(Scores, bool)]) -> f32 {
    let mut answers: Vec<(f32, bool)> =
        rows.iter().map(|(scores, right)| (calibration.answer(scores).1, *right)).collect();
    answers.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut threshold) = (0, 1.0);
    for (answered, (confidence, is_right)) in answers.iter().enumerate() {
        right += usize::from(*is_right);
        if right as f32 >= ACCURACY * (answered + 1) as f32 {
            threshold = *confidence;
        }
    }
    ((threshold / STEP).floor() * STEP).max(LEAST)
}

/// The temperature under which the gold sentiments are most likely, by trying a hundred.
fn temperature(mut calibration: Calibration, rows: &[(Scores, usize)]) -> f32 {
    let mut loss = |temperature: f32| {
        calibration.temperature = temperature;
        rows.iter().map(|(scores, gold)| -f64::from(calibration.sentiments(scores)[*gold].max(1e-9).ln())).sum::<f64>()
    };
    let candidates = (2..100).map(|step| step as f32 / 50.0);
    let (_, best) = candidates.map(|t| (loss(t), t)).fold((f64::INFINITY, 1.0), |a, b| if b.0 < a.0 { b } else { a });
    best
}

fn round(x: f32) -> f32 {
    (x / STEP).round() * STEP
}
