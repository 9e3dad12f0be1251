//! A linear support-vector machine with squared hinge loss, trained by dual coordinate descent.
//!
//! # Source
//! Hsieh, Chang, Lin, Keerthi, Sundararajan: *A Dual Coordinate Descent Method for Large-scale
//! Linear SVM*, ICML 2008, algorithm 1. Only `+ - * /` are used, in a fixed order: the same
//! weights on every run and machine.

use super::corpus::Matrix;

/// One class against the rest.
pub(super) struct Problem<'a> {
    /// The texts.
    pub(super) matrix: &'a Matrix,
    /// Which of them are of the class.
    pub(super) positive: &'a [bool],
    /// What an error on each costs (`C`); nothing for a text that is to be left out.
    pub(super) costs: &'a [f64],
    /// By how much each feature is stretched: a stretched one may have a larger weight.
    pub(super) stretch: &'a [f32],
}

/// What was learnt about a class.
#[derive(Clone)]
pub(super) struct Plane {
    /// A weight for each feature, the stretch folded in.
    pub(super) weights: Vec<f32>,
    /// What is added for every text.
    pub(super) bias: f32,
}

/// Passes over the texts at most.
const PASSES: usize = 200;
/// The largest step of a pass, in units of the cost, at which training ends.
const STEP: f64 = 0.0005;

impl Problem<'_> {
    /// Trains; the order of the texts comes from `seed`.
    pub(super) fn solve(&self, seed: u64) -> Plane {
        let mut plane = Plane { weights: vec![0.0; self.stretch.len()], bias: 0.0 };
        let squares: Vec<f64> = (0..self.matrix.rows()).map(|row| self.square(row)).collect();
        let mut duals = vec![0.0; squares.len()];
        let mut order: Vec<usize> = (0..squares.len()).filter(|row| self.costs[*row] > 0.0).collect();
        let mut random = Random(seed);
        for _ in 0..PASSES {
            random.shuffle(&mut order);
            let mut largest = 0.0_f64;
            for &row in &order {
                let step = self.step(&plane, row, squares[row], &mut duals[row]);
                self.add(&mut plane, row, step);
                largest = largest.max(step.abs() / self.costs[row]);
            }
            if largest < STEP {
                break;
            }
        }
        plane.weights.iter_mut().zip(self.stretch).for_each(|(weight, stretch)| *weight *= stretch);
        plane
    }

    fn square(&self, row: usize) -> f64 {
        let square = |value: f32| f64::from(value) * f64::from(value);
        self.matrix.row(row).iter().map(|(at, value)| square(value * self.stretch[*at as usize])).sum::<f64>() + 1.0
    }

    /// Moves the dual of a text to its best value and returns by how much.
    fn step(&self, plane: &Plane, row: usize, square: f64, dual: &mut f64) -> f64 {
        let margin: f32 = self
            .matrix
            .row(row)
            .iter()
            .map(|(at, v)| plane.weights[*at as usize] * v * self.stretch[*at as usize])
            .sum();
        let signed = f64::from(margin + plane.bias) * if self.positive[row] { 1.0 } else { -1.0 };
        let diagonal = 0.5 / self.costs[row];
        let gradient = signed - 1.0 + diagonal * *dual;
        let moved = (*dual - gradient / (square + diagonal)).max(0.0);
        let step = moved - *dual;
        *dual = moved;
        step
    }

    fn add(&self, plane: &mut Plane, row: usize, step: f64) {
        if step == 0.0 {
            return;
        }
        let step = step as f32 * if self.positive[row] { 1.0 } else { -1.0 };
        for (at, value) in self.matrix.row(row) {
            plane.weights[*at as usize] += step * value * self.stretch[*at as usize];
        }
        plane.bias += step;
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fisher and Yates.
    fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            order.swap(last, usize::try_from(other).expect("not over `last`"));
        }
    }
}
