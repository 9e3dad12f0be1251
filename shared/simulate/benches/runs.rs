//! How fast runs are, faults and all: says what was seen and asserts nothing, but ends with 1 where
//! something did not hold. `cargo bench -p redress-simulate`, which takes `-- --runs 10000`, `--seed`,
//! `--orders`, `--days` and `--meter` as `redress simulate` does.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and its arguments")]

use redress_simulate::{Plant, Scale, Simulation, Tally};
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let said = |name: &str| arguments.windows(2).find(|pair| pair[0] == name).and_then(|pair| pair[1].parse().ok());
    let small = |name: &str, otherwise| said(name).and_then(|said: u64| u32::try_from(said).ok()).unwrap_or(otherwise);
    let metered = arguments.iter().any(|argument| argument == "--meter");
    let scale = Scale { orders: small("--orders", 4), days: small("--days", 2) };
    let simulation = Simulation { seed: said("--seed").unwrap_or(1), scale, plant: Plant::Nothing, metered };
    let (mut tally, begun) = (Tally::default(), Instant::now());
    let failing = (0..said("--runs").unwrap_or(1_000)).find_map(|number| simulation.run(number, &mut tally));
    let mut lines = tally.told(begun.elapsed().as_secs_f64());
    if metered {
        lines.extend(tally.metered.told(tally.lives));
    }
    lines.extend(failing.as_ref().map_or_else(|| vec!["every invariant held".to_owned()], |failing| failing.told()));
    for line in lines {
        let _closed = writeln!(std::io::stdout(), "{line}");
    }
    ExitCode::from(u8::from(failing.is_some()))
}
