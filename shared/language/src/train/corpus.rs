//! Texts as sparse vectors.

use crate::features::{KINDS, walk};
use crate::fold::Folded;
use crate::model::MAX_CHARACTERS;

/// The distinct features of a text, in the order of their keys.
pub(super) struct Bag(Vec<(u32, u8)>);

impl Bag {
    /// The bag of a text.
    pub(super) fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        let mut features = Vec::new();
        walk(folded.head(MAX_CHARACTERS), &mut |feature| features.push((feature.key, feature.kind as u8)));
        features.sort_unstable();
        features.dedup_by_key(|feature| feature.0);
        Self(features)
    }
}

/// The features that may have a weight, in the order of their keys.
pub(super) struct Dictionary {
    /// Their names.
    pub(super) keys: Vec<u32>,
    /// What they are made of, as [`crate::features::Kind`] numbers.
    pub(super) kinds: Vec<u8>,
    /// In how many texts they are.
    pub(super) texts: Vec<u32>,
}

impl Dictionary {
    /// The features of a used kind that at least `least` of the texts have.
    pub(super) fn of(bags: &[&Bag], values: &[f32; KINDS], least: usize) -> Self {
        let mut all: Vec<(u32, u8)> = bags.iter().flat_map(|bag| &bag.0).copied().collect();
        all.retain(|(_, kind)| values[usize::from(*kind)] > 0.0);
        all.sort_unstable();
        let mut dictionary = Self { keys: Vec::new(), kinds: Vec::new(), texts: Vec::new() };
        for same in all.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() >= least) {
            dictionary.keys.push(same[0].0);
            dictionary.kinds.push(same[0].1);
            dictionary.texts.push(u32::try_from(same.len()).unwrap_or(u32::MAX));
        }
        dictionary
    }

    /// The same without the features whose number `keep` does not have; `keep` is in order.
    pub(super) fn only(&self, keep: &[usize]) -> Self {
        Self {
            keys: keep.iter().map(|&at| self.keys[at]).collect(),
            kinds: keep.iter().map(|&at| self.kinds[at]).collect(),
            texts: keep.iter().map(|&at| self.texts[at]).collect(),
        }
    }
}

/// Sparse rows of feature numbers and values.
pub(super) struct Matrix {
    starts: Vec<usize>,
    cells: Vec<(u32, f32)>,
}

impl Matrix {
    /// The bags over a dictionary: the value of a feature's kind over the length (L2) of the known
    /// features, times the feature's `scale`. The scale is not in the length, so that it can be
    /// folded into the weight and the model need not know it.
    pub(super) fn of(bags: &[&Bag], dictionary: &Dictionary, values: &[f32; KINDS], scale: &[f32]) -> Self {
        let mut matrix = Self { starts: vec![0], cells: Vec::new() };
        for bag in bags {
            let start = matrix.cells.len();
            let mut square = 0.0;
            for (key, _) in &bag.0 {
                let Ok(at) = dictionary.keys.binary_search(key) else { continue };
                let value = values[usize::from(dictionary.kinds[at])];
                square += value * value;
                matrix.cells.push((u32::try_from(at).expect("under 2^26 keys"), value * scale[at]));
            }
            let length = square.max(f32::MIN_POSITIVE).sqrt();
            matrix.cells[start..].iter_mut().for_each(|cell| cell.1 /= length);
            matrix.starts.push(matrix.cells.len());
        }
        matrix
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// A row's feature numbers and values.
    pub(super) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.cells[self.starts[row]..self.starts[row + 1]]
    }
}
