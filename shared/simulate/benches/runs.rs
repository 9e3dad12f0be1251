//! How fast runs are, faults and all: prints a figure, asserts none. `cargo bench -p redress-simulate`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use redress_simulate::{Plant, Scale, Simulation, Tally};
use std::io::Write;
use std::time::Instant;

const RUNS: u64 = 1_000;

fn main() {
    let simulation = Simulation { seed: 1, scale: Scale { orders: 4, days: 2 }, plant: Plant::Nothing };
    let (mut tally, begun) = (Tally::default(), Instant::now());
    let wrong = (0..RUNS).find_map(|number| simulation.violation(number, &mut tally));
    let seconds = begun.elapsed().as_secs_f64();
    let faults: u64 = tally.faults.values().sum();
    let _closed = writeln!(
        std::io::stdout(),
        "{} lifecycles in {} runs in {seconds:.1} s, {:.0} a minute; {faults} faults, {} port calls; {}",
        tally.lives,
        tally.runs,
        tally.lives as f64 * 60.0 / seconds,
        tally.calls,
        wrong.unwrap_or_else(|| "every invariant held".to_owned()),
    );
}
