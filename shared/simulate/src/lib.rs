//! The whole system in the in-memory world, on a virtual clock, with faults at every beat.
//!
//! One seed decides everything: who says what and when, who works, what goes wrong. The people of a
//! run ([`Scale`]) live their stories while functions die before and after their port calls, messages
//! come late and twice, and two sweeps run at once. A witness sees each write, each event and each line
//! of the log, and says what does not hold. When nothing goes wrong any more, everything must end.

mod deed;
mod dice;
mod ending;
mod fault;
mod ground;
mod logs;
mod meter;
mod next;
mod plan;
mod plant;
mod port;
mod report;
mod run;
mod shrink;
mod task;
mod witness;
mod words;

pub use fault::{FaultKind, FaultPlace, Faults};
pub use meter::Metered;
pub use plan::Scale;
pub use plant::Plant;
pub use report::{Failing, Tally};

use fault::Script;
use run::{Telling, tell};

/// What is to be simulated.
#[derive(Debug, Clone, Copy)]
pub struct Simulation {
    /// Of the first run; the next one has the next.
    pub seed: u64,
    /// How much happens in a run.
    pub scale: Scale,
    /// A bug that is put into the world, to see whether it is found.
    pub plant: Plant,
    /// Whether what it would cost is measured, which takes time.
    pub metered: bool,
}

impl Simulation {
    /// Tells one run, and adds it to what was seen. If something does not hold, answers with the
    /// shortest story that shows it.
    pub fn run(&self, number: u64, tally: &mut Tally) -> Option<Failing> {
        let telling = self.telling(number, false);
        let outcome = tell(telling.clone());
        tally.add(&outcome);
        let violation = outcome.violation.clone()?;
        let (shrunk, as_told) = shrink::shrink(&telling, &outcome);
        Some(Failing::of(&telling, violation, &outcome, shrunk, &as_told))
    }

    /// What did not hold in one run, if anything did not: no shorter story is looked for.
    #[must_use]
    pub fn violation(&self, number: u64, tally: &mut Tally) -> Option<String> {
        let outcome = tell(self.telling(number, false));
        tally.add(&outcome);
        outcome.violation
    }

    /// Every line of one run's story.
    #[must_use]
    pub fn story(&self, number: u64) -> Vec<String> {
        tell(self.telling(number, true)).story
    }

    fn telling(&self, number: u64, told: bool) -> Telling {
        // Some runs are nearly peaceful, and some are not.
        let seed = self.seed.wrapping_add(number);
        let often = dice::Dice::of(seed, "weather").pick(&[1, 1, 2, 4]);
        let script = Script::Chance(often);
        let Self { scale, plant, metered, .. } = *self;
        Telling { seed, scale, plant, script, without: Vec::new(), told, metered }
    }
}
