//! From a text to scores.

use crate::features::{Feature, KINDS, Kind, walk};
use std::ops::Range;

use crate::model::{Model, Output};
use crate::table::{CATEGORIES, SENTIMENTS, Slot, Table};

/// What the model says of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Distances from the plane of each category: about −1 for no, 1 for yes.
    pub categories: [f32; CATEGORIES],
    /// The same for the sentiments.
    pub sentiments: [f32; SENTIMENTS],
    /// How much of the text the model has category weights for, 0 to 1.
    pub known: f32,
}

/// Room for the sums of one text, to be used again for the next.
#[derive(Default)]
pub struct Scratch {
    category: Sums<CATEGORIES>,
    sentiment: Sums<SENTIMENTS>,
    /// Features whose being known says something of the text, and how many are.
    probes: [u32; 2],
}

struct Sums<const N: usize> {
    /// A bit for every slot: a feature counts once however often it is in the text.
    seen: Vec<u64>,
    weights: [[i32; N]; KINDS],
    counts: [u32; KINDS],
}

impl Model {
    /// Scores a folded text.
    pub(crate) fn score_folded(&self, folded: &str, scratch: &mut Scratch) -> Scores {
        self.score_besides(folded, &[], scratch)
    }

    /// Scores a folded text without whatever touches the folded bytes `left_out`, in order.
    pub(crate) fn score_besides(&self, folded: &str, left_out: &[Range<usize>], scratch: &mut Scratch) -> Scores {
        scratch.clear();
        walk(folded, &mut |feature| {
            if !left_out.iter().any(|range| feature.start < range.end && range.start < feature.end) {
                self.count(feature, scratch);
            }
        });
        let [all, known] = scratch.probes;
        Scores {
            categories: self.category.margins(&scratch.category),
            sentiments: self.sentiment.margins(&scratch.sentiment),
            known: if all == 0 { 0.0 } else { known as f32 / all as f32 },
        }
    }

    /// Calls `emit` with every feature of a folded text that weighs on a category, and its part of
    /// that category's score (at its first place only). `scratch` is as [`Model::score_folded`] left it for that text.
    pub(crate) fn explain(
        &self,
        folded: &str,
        category: usize,
        scratch: &mut Scratch,
        emit: &mut impl FnMut(Feature, f32),
    ) {
        let length = self.category.length(&scratch.category);
        scratch.category.seen.fill(0);
        walk(folded, &mut |feature| {
            let Some(slot) = self.table.find(feature.key).0 else { return };
            if scratch.category.first(slot) {
                let scale = self.category.scales[feature.kind as usize][category];
                emit(feature, widen(self.table.categories(slot)[category]) as f32 * scale / length);
            }
        });
    }

    #[inline]
    fn count(&self, feature: Feature, scratch: &mut Scratch) {
        let (category, sentiment) = self.table.find(feature.key);
        if is_probe(feature) {
            scratch.probes[0] += 1;
            scratch.probes[1] += u32::from(category.is_some());
        }
        if let Some(slot) = category {
            scratch.category.add(slot, feature.kind, self.table.categories(slot));
        }
        if let Some(slot) = sentiment {
            scratch.sentiment.add(slot, feature.kind, self.table.sentiments(slot));
        }
    }
}

/// Single characters, also as words, and parts of words are nearly always known; of pairs a quarter is unknown in
/// the trained sources and more than half elsewhere.
fn is_probe(feature: Feature) -> bool {
    let longer = feature.end - feature.start > 1;
    matches!(feature.kind, Kind::Han2 | Kind::Word | Kind::Pair | Kind::Skip) && longer
}

/// A weight is kept as the root of its size, with its sign: most are near 0 and a few are large, so
/// that int8 in even steps would round most of them away.
pub(crate) fn widen(weight: i8) -> i32 {
    let weight = i32::from(weight);
    weight * weight.abs()
}

impl<const N: usize> Output<N> {
    fn margins(&self, sums: &Sums<N>) -> [f32; N] {
        let length = self.length(sums);
        let mut margins = self.biases;
        for (scales, weights) in self.scales.iter().zip(&sums.weights) {
            for class in 0..N {
                margins[class] += scales[class] * weights[class] as f32 / length;
            }
        }
        margins
    }

    /// L2 over the known features; 1 where there is none.
    fn length(&self, sums: &Sums<N>) -> f32 {
        let square: f32 = self.values.iter().zip(sums.counts).map(|(value, count)| value * value * count as f32).sum();
        if square > 0.0 { square.sqrt() } else { 1.0 }
    }
}

impl<const N: usize> Default for Sums<N> {
    fn default() -> Self {
        Self { seen: vec![0; Table::SLOTS / 64], weights: [[0; N]; KINDS], counts: [0; KINDS] }
    }
}

impl<const N: usize> Sums<N> {
    fn clear(&mut self) {
        self.seen.fill(0);
        self.weights = [[0; N]; KINDS];
        self.counts = [0; KINDS];
    }

    /// Whether this slot is met for the first time.
    #[inline]
    fn first(&mut self, slot: Slot) -> bool {
        let bit = 1 << (slot % 64);
        let word = &mut self.seen[slot / 64];
        let first = *word & bit == 0;
        *word |= bit;
        first
    }

    #[inline]
    fn add(&mut self, slot: Slot, kind: Kind, weights: [i8; N]) {
        if self.first(slot) {
            let kind = kind as usize;
            self.counts[kind] += 1;
            for (sum, weight) in self.weights[kind].iter_mut().zip(weights) {
                *sum += widen(weight);
            }
        }
    }
}

impl Scratch {
    fn clear(&mut self) {
        self.category.clear();
        self.sentiment.clear();
        self.probes = [0; 2];
    }
}
