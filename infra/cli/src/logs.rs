//! `redress logs`: what the functions say.

use crate::{Failure, state_dir, terminal};
use redress_local::Logs;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The functions by their folders' names.
const FUNCTIONS: [&str; 7] = ["intake", "classification", "assignment", "escalation", "follow-up", "desk", "delivery"];

/// What `logs` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One function's only: intake, classification, assignment, escalation, follow-up, desk, delivery.
    function: Option<String>,
    /// Go on until Ctrl-C.
    #[arg(long)]
    follow: bool,
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(unknown) = arguments.function.as_deref().filter(|name| !FUNCTIONS.contains(name)) {
        return Err(Failure::Usage(format!("there is no function {unknown:?}; there are {}", FUNCTIONS.join(", "))));
    }
    let interrupted = redress_local::interrupts()?;
    let mut logs = Logs::open(&state_dir()?, arguments.function.as_deref());
    loop {
        for line in logs.more()? {
            terminal::say(&format!("{:<14} {}", line.function, line.message));
        }
        if !arguments.follow || interrupted.load(Ordering::Relaxed) {
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(250));
    }
}
