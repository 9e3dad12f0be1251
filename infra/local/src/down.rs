//! Stops a local cloud.

use crate::layout::Layout;
use crate::{LocalError, Options, emulator, lock};
use std::path::Path;

/// Stops the cloud on `state_dir`; answers whether one ran. With `wipe`, also forgets its data.
///
/// The installed emulator stays. An `up` that is at work is waited for.
///
/// # Errors
/// `Io` when files can't be removed.
pub fn down(state_dir: &Path, wipe: bool) -> Result<bool, LocalError> {
    if !state_dir.exists() {
        return Ok(false);
    }
    let layout = Layout::at(state_dir);
    let _held = lock::take(&layout.work_lock(), &Options::new(state_dir), &mut |_| ())?;
    let ran = emulator::stop(&layout);
    if wipe {
        layout.wipe()?;
    }
    Ok(ran)
}
