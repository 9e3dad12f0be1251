//! Trains a model from rows in memory: the same bytes from the same rows, always.

mod calibrate;
mod corpus;
mod fit;
mod own;
mod recipe;
mod solver;

use sha2::{Digest, Sha256};

use crate::model::Model;
use crate::rows::Row;
use crate::table::{CATEGORIES, Half, SENTIMENTS, Table};
use calibrate::calibrate;
use corpus::Bag;
use fit::Task;
use recipe::{CATEGORY, SENTIMENT};

/// Seed of the shipped model.
const SEED: u64 = 20_260_101;

/// There is nothing to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no row has a category or a sentiment to learn from")]
pub struct Unlabelled;

/// Trains on `rows` without those that are held back, and on our own, calibrates on `dev`, and answers with the
/// model as a file. `progress` is told how many of how many planes are found.
///
/// # Errors
/// [`Unlabelled`], if the rows hold nothing to learn.
pub fn train(rows: &[Row], dev: &[Row], progress: &mut dyn FnMut(u64, u64)) -> Result<Vec<u8>, Unlabelled> {
    let mut rows: Vec<&Row> = rows.iter().filter(|row| !row.is_held_back()).collect();
    if rows.iter().all(|row| row.category.is_none() && row.sentiment.is_none()) {
        return Err(Unlabelled);
    }
    let own = own::rows();
    rows.extend(&own);
    let bags: Vec<Bag> = rows.iter().map(|row| Bag::of(&row.text)).collect();
    let categories = task(&rows, &bags, |row| row.category.map(|known| known as usize), recipe::category_weight);
    let sentiments = task(&rows, &bags, |row| row.sentiment.map(|known| known as usize), recipe::sentiment_weight);
    let mut found = 0;
    let mut step = || {
        found += 1;
        progress(found, PLANES);
    };
    let mut table = Table::empty();
    let category = categories.fit(&CATEGORY, Half::Category, SEED, &mut table, &mut step);
    let sentiment = sentiments.fit(&SENTIMENT, Half::Sentiment, SEED, &mut table, &mut step);
    let calibration = recipe::UNCALIBRATED;
    let mut model = Model { seed: SEED, data: data(&rows), category, sentiment, calibration, table };
    model.calibration = calibrate(&model, dev);
    Ok(model.to_bytes())
}

/// Planes to be found: of every category and sentiment, over all features and over those kept.
const PLANES: u64 = 2 * (CATEGORIES + SENTIMENTS) as u64;

fn task<'a>(
    rows: &[&Row],
    bags: &'a [Bag],
    label: impl Fn(&Row) -> Option<usize>,
    weight: impl Fn(&Row) -> f64,
) -> Task<'a> {
    let mut task = Task { bags: Vec::new(), labels: Vec::new(), weights: Vec::new() };
    for (row, bag) in rows.iter().zip(bags) {
        let weight = weight(row);
        let Some(label) = label(row).filter(|_| weight.is_finite() && weight > 0.0) else { continue };
        task.bags.push(bag);
        task.labels.push(label);
        task.weights.push(weight);
    }
    task
}

/// SHA-256 over what the rows say, their order too.
fn data(rows: &[&Row]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for row in rows {
        for part in [&row.text, &row.source, &row.label_kind] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let label = |label: Option<usize>| label.map_or(u8::MAX, |label| label as u8);
        hash.update([
            label(row.category.map(|known| known as usize)),
            label(row.sentiment.map(|known| known as usize)),
        ]);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
