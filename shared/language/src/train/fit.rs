//! Trains the planes of one output: once over all features, to see which deserve a slot, and again
//! over those.

use crate::features::KINDS;
use crate::model::Output;
use crate::table::{Half, Slot, Table};

use super::corpus::{Bag, Dictionary, Matrix};
use super::recipe::Recipe;
use super::solver::{Plane, Problem};

/// Features in fewer texts are left out.
const LEAST_TEXTS: usize = 2;
/// Score of a class without a row: never the best.
const ABSENT: f32 = -4.0;

/// Labelled bags.
pub(super) struct Task<'a> {
    pub(super) bags: Vec<&'a Bag>,
    pub(super) labels: Vec<usize>,
    pub(super) weights: Vec<f64>,
}

impl Task<'_> {
    /// Trains, and writes the weights into a half of the table.
    /// `step` is called with every plane.
    pub(super) fn fit<const N: usize>(
        &self,
        recipe: &Recipe,
        half: Half,
        seed: u64,
        table: &mut Table,
        step: &mut dyn FnMut(),
    ) -> Output<N> {
        let all = Dictionary::of(&self.bags, &recipe.values, LEAST_TEXTS);
        let planes = self.planes::<N>(recipe, &all, seed, step);
        let kept = claim(&all, &planes, recipe, half, table);
        let numbers: Vec<usize> = kept.iter().map(|(number, _)| *number).collect();
        let dictionary = all.only(&numbers);
        let planes = self.planes::<N>(recipe, &dictionary, seed, step);
        let scales = quantise(&planes, &dictionary, |feature, weights| table.set(half, kept[feature].1, weights));
        let mut output = Output { values: recipe.values, scales, biases: planes.each_ref().map(|plane| plane.bias) };
        fold_values(&mut output);
        output
    }

    /// A plane for each class, in units of the features' own values.
    fn planes<const N: usize>(
        &self,
        recipe: &Recipe,
        dictionary: &Dictionary,
        seed: u64,
        step: &mut dyn FnMut(),
    ) -> [Plane; N] {
        let rarity = self.rarity(recipe, dictionary);
        let matrix = Matrix::of(&self.bags, dictionary, &recipe.values, &rarity);
        std::array::from_fn(|class| {
            let positive: Vec<bool> = self.labels.iter().map(|label| *label == class).collect();
            let mut plane = self.plane(recipe, &matrix, &positive, dictionary.keys.len(), seed);
            plane.weights.iter_mut().zip(&rarity).for_each(|(weight, rarity)| *weight *= rarity);
            step();
            plane
        })
    }

    fn plane(&self, recipe: &Recipe, matrix: &Matrix, positive: &[bool], features: usize, seed: u64) -> Plane {
        let mut totals = [0.0; 2];
        for (positive, weight) in positive.iter().zip(&self.weights) {
            totals[usize::from(*positive)] += weight;
        }
        if totals[1] == 0.0 {
            return Plane { weights: vec![0.0; features], bias: ABSENT };
        }
        let balance = power(totals[0] / totals[1], recipe.balance);
        let costs = positive.iter().zip(&self.weights);
        let costs: Vec<f64> =
            costs.map(|(positive, weight)| recipe.cost * weight * if *positive { balance } else { 1.0 }).collect();
        let stretch = self.stretch(recipe, matrix, positive, totals, features);
        Problem { matrix, positive, costs: &costs, stretch: &stretch }.solve(seed)
    }

    /// Inverse document frequency, 1 for a feature in a fifth of the texts, to the recipe's power.
    fn rarity(&self, recipe: &Recipe, dictionary: &Dictionary) -> Vec<f32> {
        let texts = self.bags.len() as f64;
        let rarity = |(count, kind): (&u32, &u8)| {
            let inverse = (ln(texts / f64::from(*count)) + 1.0) * 0.38;
            power(inverse, recipe.rarity[usize::from(*kind)]) as f32
        };
        dictionary.texts.iter().zip(&dictionary.kinds).map(rarity).collect()
    }

    /// How one-sided each feature is: its log count ratio.
    ///
    /// # Source
    /// Wang, Manning: *Baselines and Bigrams*, ACL 2012, section 2.3 (NB-SVM, with interpolation).
    fn stretch(
        &self,
        recipe: &Recipe,
        matrix: &Matrix,
        positive: &[bool],
        totals: [f64; 2],
        features: usize,
    ) -> Vec<f32> {
        let mut sums = [vec![1.0; features], vec![1.0; features]];
        for row in 0..matrix.rows() {
            let sums = &mut sums[usize::from(positive[row])];
            matrix.row(row).iter().for_each(|(at, _)| sums[*at as usize] += self.weights[row]);
        }
        // Where every text is of the class, as if one were not.
        let odds = totals[0].max(1.0) / totals[1];
        let [outside, inside] = sums;
        let ratio = |(inside, outside): (f64, f64)| ln(inside / outside * odds).abs() as f32;
        let stretch = |ratio: f32| 1.0 - recipe.stretch + recipe.stretch * ratio;
        inside.into_iter().zip(outside).map(ratio).map(stretch).collect()
    }
}

/// Gives slots to features in the order of their worth while there is room; in the order of numbers.
fn claim(all: &Dictionary, planes: &[Plane], recipe: &Recipe, half: Half, table: &mut Table) -> Vec<(usize, Slot)> {
    let worth = |feature: usize| {
        let square: f32 = planes.iter().map(|plane| plane.weights[feature] * plane.weights[feature]).sum();
        f64::from(square.sqrt()) * power(f64::from(all.texts[feature]), recipe.frequency)
    };
    let mut order: Vec<(f64, usize)> = (0..all.keys.len()).map(|feature| (worth(feature), feature)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let claimed = order.into_iter().filter_map(|(_, at)| Some((at, table.claim(half, all.keys[at])?)));
    let mut kept: Vec<(usize, Slot)> = claimed.collect();
    kept.sort_unstable();
    kept
}

/// Rounds weights to int8 with a scale for each kind and class.
fn quantise<const N: usize>(
    planes: &[Plane; N],
    dictionary: &Dictionary,
    mut set: impl FnMut(usize, &[i8]),
) -> [[f32; N]; KINDS] {
    let mut scales = [[0.0_f32; N]; KINDS];
    for (feature, kind) in dictionary.kinds.iter().enumerate() {
        for (scale, plane) in scales[usize::from(*kind)].iter_mut().zip(planes) {
            *scale = scale.max(plane.weights[feature].abs());
        }
    }
    scales.as_flattened_mut().iter_mut().for_each(|scale| *scale /= 127.0 * 127.0);
    for (feature, kind) in dictionary.kinds.iter().enumerate() {
        let scales = scales[usize::from(*kind)];
        let weights: [i8; N] = std::array::from_fn(|class| narrow(planes[class].weights[feature], scales[class]));
        set(feature, &weights);
    }
    scales
}

/// The int8 that [`crate::score`] widens nearest to a weight in units of `scale`.
fn narrow(weight: f32, scale: f32) -> i8 {
    let root = (weight.abs() / scale.max(f32::MIN_POSITIVE)).sqrt().min(127.0);
    let below = root.floor();
    // Of two neighbours the nearer square, which is not always the nearer root.
    let nearest =
        if root * root - below * below > (below + 1.0) * (below + 1.0) - root * root { below + 1.0 } else { below };
    (nearest * weight.signum()) as i8
}

/// Multiplies the value of each kind into its scales, so that the sums need it no more.
fn fold_values<const N: usize>(output: &mut Output<N>) {
    for (scales, value) in output.scales.iter_mut().zip(output.values) {
        scales.iter_mut().for_each(|scale| *scale *= value);
    }
}

/// `base` to the power of `quarters` / 4, with square roots only: the same on every machine.
fn power(base: f64, quarters: u8) -> f64 {
    let root = base.sqrt().sqrt();
    (0..quarters).fold(1.0, |power, _| power * root)
}

/// Natural logarithm of a positive number with `+ - * /` only: the same on every machine.
///
/// # Source
/// ln x = k ln 2 + 2 artanh((m − 1) / (m + 1)) with x = m 2^k, m near 1 (Abramowitz, Stegun 4.1.27).
fn ln(x: f64) -> f64 {
    let (mut mantissa, mut exponent) = (x, 0.0);
    while mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1.0;
    }
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let series = (0..12).rev().fold(0.0, |sum, term| sum * z * z + 1.0 / f64::from(2 * term + 1));
    exponent * std::f64::consts::LN_2 + 2.0 * z * series
}
