//! Chance that comes again: the same seed and the same name give the same numbers, whatever happens
//! elsewhere. So a story from which something was taken away goes on as before in all else.

use rand_core::{Rng, SeedableRng};
use rand_xorshift::XorShiftRng;

/// Numbers of one name.
pub(crate) struct Dice(XorShiftRng);

impl Dice {
    /// Those of `name` under `seed`.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        Self(XorShiftRng::seed_from_u64(seed ^ hash(name)))
    }

    /// 0 to `many` − 1; 0 for none.
    pub(crate) fn below(&mut self, many: u64) -> u64 {
        if many == 0 { 0 } else { self.0.next_u64() % many }
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// So often in ten thousand.
    pub(crate) fn chance(&mut self, of_ten_thousand: u64) -> bool {
        self.below(10_000) < of_ten_thousand
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        *of.get(at).expect("there is one to pick")
    }
}

/// FNV-1a, as the due index spreads its keys; nothing secret depends on it.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_under_the_same_seed_gives_the_same_numbers_and_another_name_others() {
        let numbers = |seed, name| {
            let mut dice = Dice::of(seed, name);
            [dice.below(1_000_000), dice.below(1_000_000), dice.below(1_000_000)]
        };
        assert_eq!(numbers(1, "一"), numbers(1, "一"));
        assert_ne!(numbers(1, "一"), numbers(1, "one"));
        assert_ne!(numbers(1, "一"), numbers(2, "一"));
        assert!(Dice::of(7, "x").between(-3, -3) == -3 && (0..100).all(|_| Dice::of(7, "x").between(2, 5) <= 5));
    }
}
