//! The shortest story that still goes wrong: faults are taken away, then people, then faults again.

use crate::fault::{Faults, Script};
use crate::run::{Outcome, Telling, tell};
use std::collections::BTreeSet;

/// As many stories are told to find a shorter one.
const TELLINGS: usize = 600;

/// A story that goes wrong, while it is made shorter.
struct Shrinking {
    telling: Telling,
    faults: Faults,
    without: BTreeSet<u32>,
    told: usize,
}

/// A shorter story that goes wrong like `failed`, told line by line, and how it is told again.
pub(crate) fn shrink(telling: &Telling, failed: &Outcome) -> (Outcome, Telling) {
    let (telling, faults) = (telling.clone(), failed.faults.clone());
    let mut shrinking = Shrinking { telling, faults, without: BTreeSet::new(), told: 0 };
    if shrinking.fails(&shrinking.faults.clone(), &BTreeSet::new()) {
        shrinking.drop_faults();
        shrinking.drop_lives();
        shrinking.drop_faults();
    }
    let telling = Telling { told: true, ..shrinking.as_told(&shrinking.faults, &shrinking.without) };
    (tell(telling.clone()), telling)
}

impl Shrinking {
    fn as_told(&self, faults: &Faults, without: &BTreeSet<u32>) -> Telling {
        let (script, without) = (Script::These(faults.clone()), without.iter().copied().collect());
        Telling { script, without, told: false, ..self.telling.clone() }
    }

    fn fails(&mut self, faults: &Faults, without: &BTreeSet<u32>) -> bool {
        self.told += 1;
        self.told <= TELLINGS && tell(self.as_told(faults, without)).violation.is_some()
    }

    /// Takes away halves, then quarters, then single faults, while it still goes wrong.
    fn drop_faults(&mut self) {
        let mut size = self.faults.len().div_ceil(2);
        while size > 0 {
            let places: Vec<_> = self.faults.keys().cloned().collect();
            for some in places.chunks(size) {
                let mut fewer = self.faults.clone();
                fewer.retain(|place, _| !some.contains(place));
                if fewer.len() < self.faults.len() && self.fails(&fewer, &self.without.clone()) {
                    self.faults = fewer;
                }
            }
            size /= 2;
        }
    }

    fn drop_lives(&mut self) {
        for life in 0..self.telling.scale.orders {
            let mut fewer = self.without.clone();
            fewer.insert(life);
            if self.fails(&self.faults.clone(), &fewer) {
                self.without = fewer;
            }
        }
    }
}
