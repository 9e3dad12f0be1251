//! From a text to scores.

use crate::features::{Feature, KINDS, Kind, walk};
use crate::model::{Model, Output};
use crate::table::{CATEGORIES, SENTIMENTS, Slot, Table};
use std::ops::Range;

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

/// Room for one text at a time, to be used again for the next.
#[derive(Default)]
pub struct Scratch {
    /// Every feature of the text, in its order.
    met: Vec<Met>,
    category: Sums<CATEGORIES>,
    sentiment: Sums<SENTIMENTS>,
}

/// A feature of a text, and where its weights are.
#[derive(Clone, Copy)]
struct Met {
    feature: Feature,
    category: Option<Slot>,
    sentiment: Option<Slot>,
}

struct Sums<const N: usize> {
    /// A bit for every slot: a feature counts once however often it is in the text. None is set
    /// between one sum and the next.
    seen: Vec<u64>,
    weights: [[i32; N]; KINDS],
    counts: [u32; KINDS],
}

impl Model {
    /// Scores a folded text, whose features `scratch` then holds.
    pub(crate) fn score_folded(&self, folded: &str, scratch: &mut Scratch) -> Scores {
        let Scratch { met, category, sentiment } = scratch;
        met.clear();
        walk(folded, &mut |feature| {
            let (category, sentiment) = self.table.find(feature.key);
            met.push(Met { feature, category, sentiment });
        });
        self.sum(met.iter(), category, sentiment)
    }

    /// Scores the text that `scratch` holds without whatever touches the folded bytes `left_out`.
    pub(crate) fn score_besides(&self, left_out: &[Range<usize>], scratch: &mut Scratch) -> Scores {
        let Scratch { met, category, sentiment } = scratch;
        let touches =
            |feature: Feature| left_out.iter().any(|range| feature.start < range.end && range.start < feature.end);
        self.sum(met.iter().filter(|met| !touches(met.feature)), category, sentiment)
    }

    /// Scores a clause of the text that `scratch` holds, given by its folded bytes: what lies in it as
    /// a whole. `from` is where the clause before it ended among the features, and then where this
    /// one does.
    pub(crate) fn score_clause(&self, clause: Range<usize>, from: &mut usize, scratch: &mut Scratch) -> Scores {
        let Scratch { met, category, sentiment } = scratch;
        // A stop stands between two clauses, and the features of what is before it come before its own.
        let rest = &met[*from..];
        let begin = rest.iter().position(|met| met.feature.end > clause.start).unwrap_or(rest.len());
        let length = rest[begin..].iter().position(|met| met.feature.start >= clause.end);
        let end = length.map_or(rest.len(), |length| begin + length);
        *from += end;
        let inside = |met: &&Met| met.feature.start >= clause.start && met.feature.end <= clause.end;
        self.sum(rest[begin..end].iter().filter(inside), category, sentiment)
    }

    /// Calls `emit` with every feature that weighs on a category, and its part of that category's score
    /// (at its first place only). `scratch` is as [`Model::score_folded`] left it.
    pub(crate) fn explain(&self, category: usize, scratch: &mut Scratch, emit: &mut impl FnMut(Feature, f32)) {
        let (met, sums) = (&scratch.met, &mut scratch.category);
        let length = self.category.length(sums);
        for Met { feature, category: slot, .. } in met {
            let Some(slot) = slot.filter(|slot| sums.first(*slot)) else { continue };
            let scale = self.category.scales[feature.kind as usize][category];
            emit(*feature, widen(self.table.categories(slot)[category]) as f32 * scale / length);
        }
        met.iter().filter_map(|met| met.category).for_each(|slot| sums.forget(slot));
    }

    fn sum<'a>(
        &self,
        met: impl Iterator<Item = &'a Met> + Clone,
        category: &mut Sums<CATEGORIES>,
        sentiment: &mut Sums<SENTIMENTS>,
    ) -> Scores {
        let (mut all, mut known) = (0_u32, 0_u32);
        category.clear();
        sentiment.clear();
        for met in met.clone() {
            if is_probe(met.feature) {
                all += 1;
                known += u32::from(met.category.is_some());
            }
            if let Some(slot) = met.category {
                category.add(slot, met.feature.kind, self.table.categories(slot));
            }
            if let Some(slot) = met.sentiment {
                sentiment.add(slot, met.feature.kind, self.table.sentiments(slot));
            }
        }
        for met in met {
            met.category.into_iter().for_each(|slot| category.forget(slot));
            met.sentiment.into_iter().for_each(|slot| sentiment.forget(slot));
        }
        Scores {
            categories: self.category.margins(category),
            sentiments: self.sentiment.margins(sentiment),
            known: if all == 0 { 0.0 } else { known as f32 / all as f32 },
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
    fn forget(&mut self, slot: Slot) {
        self.seen[slot / 64] &= !(1 << (slot % 64));
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
