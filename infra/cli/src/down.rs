//! `redress down`: stops the local cloud.

use crate::{Failure, keys, state_dir, terminal};

/// What `down` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Forget its data too.
    #[arg(long)]
    wipe: bool,
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let state_dir = state_dir()?;
    let stopped = redress_local::down(&state_dir, arguments.wipe)?;
    if arguments.wipe {
        keys::forget(&state_dir);
    }
    terminal::complain(match (stopped, arguments.wipe) {
        (true, false) => "Stopped; `redress up` goes on where it was.",
        (true, true) => "Stopped, and its data is gone.",
        (false, false) => "Nothing was running.",
        (false, true) => "Nothing was running; its data is gone.",
    });
    Ok(())
}
