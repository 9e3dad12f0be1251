//! Locks that the system lets go of when their holder dies.

use crate::layout::Layout;
use crate::{LocalError, Options, Step};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How often a waiter looks again.
const WAIT: Duration = Duration::from_millis(100);

/// Waits for the lock at `path`, telling `progress` once if somebody else has it.
pub(crate) fn take(path: &Path, options: &Options, progress: &mut dyn FnMut(Step)) -> Result<File, LocalError> {
    let mut told = false;
    loop {
        if let Some(lock) = try_take(path)? {
            return Ok(lock);
        }
        options.check_interrupted()?;
        if !told {
            progress(Step::Waiting);
            told = true;
        }
        std::thread::sleep(WAIT);
    }
}

/// Takes the lock at `path` if nobody has it.
pub(crate) fn try_take(path: &Path) -> Result<Option<File>, LocalError> {
    let failed = |e| LocalError::io("lock", path.display(), e);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let file = File::options().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The process id of the emulator that lives on this state, if one does.
pub(crate) fn emulator_pid(layout: &Layout) -> Option<i32> {
    let file = File::open(layout.emulator_lock()).ok()?;
    // Shared, so that two who look at once don't take each other for an emulator.
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    fs::read_to_string(layout.emulator_lock()).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_one_holder_at_a_time() {
        let path = std::env::temp_dir().join(format!("redress-lock-{}", std::process::id()));
        let held = try_take(&path).expect("a writable temporary directory");
        assert!(held.is_some());
        assert!(try_take(&path).expect("lockable").is_none());
        drop(held);
        assert!(try_take(&path).expect("lockable").is_some());
        fs::remove_file(path).expect("just made");
    }

    #[test]
    fn an_emulator_is_known_by_the_lock_it_holds_and_not_by_the_number_it_left() {
        let dir = std::env::temp_dir().join(format!("redress-emulator-{}", std::process::id()));
        let layout = Layout::at(&dir);
        assert_eq!(emulator_pid(&layout), None);
        let held = try_take(&layout.emulator_lock()).expect("a writable temporary directory");
        fs::write(layout.emulator_lock(), "4711").expect("just made");
        assert_eq!(emulator_pid(&layout), Some(4711));
        drop(held);
        assert_eq!(emulator_pid(&layout), None);
        fs::remove_dir_all(dir).expect("just made");
    }
}
