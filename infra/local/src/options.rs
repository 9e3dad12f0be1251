//! What a caller may choose, and what it is told on the way.

use crate::{LocalError, Rules};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The port of a local cloud that was never given another one.
pub const DEFAULT_PORT: u16 = 4566;

/// How the functions are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Fast to build; what development and tests use.
    #[default]
    Dev,
    /// Fast to run; takes minutes to build.
    Release,
}

/// What [`crate::up`] is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The workspace's root, where `template.yaml` is.
    pub root: PathBuf,
    /// Where this cloud keeps its data, logs and locks.
    pub state_dir: PathBuf,
    /// Where the pinned emulator is installed; clouds with different data may share it.
    pub venv_dir: PathBuf,
    /// The port on 127.0.0.1; `None` for the one this state last had, at first [`DEFAULT_PORT`].
    pub port: Option<u16>,
    /// How the functions are built.
    pub profile: Profile,
    /// What the fault proxy does to the functions' AWS calls; without rules, not even none, there is
    /// no proxy.
    pub faults: Option<Rules>,
    /// Where the pinned fault proxy is installed, if there is to be one.
    pub faults_venv_dir: PathBuf,
    /// Set from a signal handler to give up and leave nothing behind; see [`interrupts`].
    pub interrupted: Arc<AtomicBool>,
    /// Whether it lives on after this process; if not, it ends with it, however that ends.
    pub stay: bool,
}

impl Options {
    /// The usual choices for the workspace at `root`: everything under `<root>/.local`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self {
            state_dir: root.join(".local"),
            venv_dir: root.join(".local/venv"),
            faults_venv_dir: root.join(".local/faults-venv"),
            root,
            port: None,
            profile: Profile::default(),
            faults: None,
            interrupted: Arc::default(),
            stay: true,
        }
    }

    pub(crate) fn check_interrupted(&self) -> Result<(), LocalError> {
        if self.interrupted.load(Ordering::Relaxed) { Err(LocalError::Interrupted) } else { Ok(()) }
    }
}

/// A flag that Ctrl-C, SIGTERM and SIGHUP set from now on, for [`Options::interrupted`].
///
/// A second signal ends the process at once.
///
/// # Errors
/// When the system refuses a signal handler.
pub fn interrupts() -> Result<Arc<AtomicBool>, LocalError> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first signal finds the flag unset.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag)))
            .map_err(|source| LocalError::io("handle signals", "this process", source))?;
    }
    Ok(flag)
}

/// What [`crate::up`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another `up` is at work on the same state.
    Waiting,
    /// The pinned emulator is being installed; on first use only.
    Installing,
    /// The pinned fault proxy is being installed; on first use only.
    InstallingFaults,
    /// The functions are being built; this many crates had to be compiled so far.
    Building(usize),
    /// The emulator is starting.
    Starting,
    /// The template is being deployed.
    Deploying,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for another `redress up`"),
            Self::Installing => f.write_str("installing the local cloud (once)"),
            Self::InstallingFaults => f.write_str("installing the fault proxy (once)"),
            Self::Building(0) => f.write_str("building the functions"),
            Self::Building(crates) => write!(f, "building the functions: {crates} crates"),
            Self::Starting => f.write_str("starting the local cloud"),
            Self::Deploying => f.write_str("deploying template.yaml"),
        }
    }
}
