//! Where a cloud keeps what, under its state directory.

use crate::LocalError;
use std::fs;
use std::path::{Path, PathBuf};

/// How much of a log an error quotes.
const TAIL_LINES: usize = 20;

/// The state directory and the names in it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
}

impl Layout {
    /// The layout at `dir`, which need not exist.
    pub(crate) fn at(dir: &Path) -> Self {
        // Absolute, because children have other working directories.
        Self { dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf()) }
    }

    /// Makes the directories, the temporary one empty. Nothing may be running.
    pub(crate) fn make(&self) -> Result<(), LocalError> {
        let temporary = self.temporary();
        ignore_missing(fs::remove_dir_all(&temporary)).map_err(|e| LocalError::io("remove", temporary.display(), e))?;
        for dir in [self.data(), self.temporary(), self.logs(), self.packages()] {
            fs::create_dir_all(&dir).map_err(|e| LocalError::io("make", dir.display(), e))?;
        }
        Ok(())
    }

    /// Makes the directory of logs alone.
    pub(crate) fn make_logs(&self) -> Result<(), LocalError> {
        let dir = self.logs();
        fs::create_dir_all(&dir).map_err(|e| LocalError::io("make", dir.display(), e))
    }

    /// Forgets everything but locks.
    pub(crate) fn wipe(&self) -> Result<(), LocalError> {
        for dir in [self.data(), self.temporary(), self.logs(), self.packages()] {
            ignore_missing(fs::remove_dir_all(&dir)).map_err(|e| LocalError::io("remove", dir.display(), e))?;
        }
        for file in [self.cloud(), self.port()] {
            ignore_missing(fs::remove_file(&file)).map_err(|e| LocalError::io("remove", file.display(), e))?;
        }
        Ok(())
    }

    pub(crate) fn cloud(&self) -> PathBuf {
        self.dir.join("cloud.json")
    }

    pub(crate) fn port(&self) -> PathBuf {
        self.dir.join("port")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Where the emulator unpacks functions: temporary, and found by `wipe`.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.logs().join(name).with_extension("log")
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.dir.join("packages")
    }

    /// Held by whoever is in [`crate::up`] or [`crate::down`].
    pub(crate) fn work_lock(&self) -> PathBuf {
        self.dir.join("work.lock")
    }

    /// Held by the emulator while it lives; its text is the emulator's process id.
    pub(crate) fn emulator_lock(&self) -> PathBuf {
        self.dir.join("emulator.lock")
    }
}

fn ignore_missing(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The last lines of a log, for an error to quote.
pub(crate) fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiping_what_was_never_made_is_fine() {
        let dir = std::env::temp_dir().join(format!("redress-layout-{}", std::process::id()));
        let layout = Layout::at(&dir);
        layout.wipe().expect("nothing to remove");
        layout.make().expect("a writable temporary directory");
        layout.wipe().expect("just made");
        assert!(!layout.data().exists());
        fs::remove_dir_all(&dir).expect("just made");
    }
}
