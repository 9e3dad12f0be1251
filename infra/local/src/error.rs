//! What can go wrong, each with what to do next.

use std::fmt::Display;
use std::path::PathBuf;

/// Why the local cloud could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// No Python at all.
    #[error(
        "Python 3.11 or newer is needed to run the local cloud, and there is none. Install it: \
         `apt-get install python3 python3-venv` (Debian, Ubuntu), `dnf install python3` (Fedora) \
         or `brew install python` (macOS)"
    )]
    NoPython,
    /// Only Pythons that the emulator can't run on.
    #[error(
        "Python 3.11 or newer is needed to run the local cloud, and {found} is the newest here. Install a newer one beside it, for instance `apt-get install python3.12 python3.12-venv`"
    )]
    OldPython {
        /// The newest version found, as `3.9`.
        found: String,
    },
    /// Python without the part that makes virtual environments.
    #[error(
        "{python} lacks the `venv` module. Install it: `apt-get install python3-venv` (Debian, Ubuntu), then try again"
    )]
    NoVenv {
        /// The command that lacks it.
        python: String,
    },
    /// What is pinned could not be installed.
    #[error("{what} could not be installed. Is the Python package index reachable (or PIP_INDEX_URL set)?\n{tail}\nThe whole story: {}", log.display())]
    Install {
        /// What: the emulator, or something beside it.
        what: &'static str,
        /// The last lines of the log.
        tail: String,
        /// The log.
        log: PathBuf,
    },
    /// `cargo` is not there.
    #[error("`cargo` was not found. Install Rust from https://rustup.rs, or set CARGO to its path")]
    NoCargo,
    /// The directory is not the workspace.
    #[error("there is no template.yaml in {}. Run this in the workspace", root.display())]
    NoTemplate {
        /// Where it was looked for.
        root: PathBuf,
    },
    /// The functions do not build.
    #[error("the functions do not build:\n{tail}\nThe whole story: {}", log.display())]
    Build {
        /// The last lines of the log.
        tail: String,
        /// The log.
        log: PathBuf,
    },
    /// Somebody else listens on the port.
    #[error("port {port} is taken. Choose another: `redress up --port {}`", port.wrapping_add(1).max(1024))]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The emulator ended or did not answer.
    #[error("the local cloud did not start:\n{tail}\nThe whole story: {}. `redress down --wipe` starts afresh", log.display())]
    Start {
        /// The last lines of the log.
        tail: String,
        /// The log.
        log: PathBuf,
    },
    /// The template could not be deployed.
    #[error("template.yaml could not be deployed:\n{tail}\nThe whole story: {}", log.display())]
    Deploy {
        /// The last lines of the log.
        tail: String,
        /// The log.
        log: PathBuf,
    },
    /// A file of fault rules is none.
    #[error("{}: {why}. Fault rules are a JSON array of objects, such as [{{\"service\": \"dynamodb\", \"probability\": 0.1, \"reset\": true}}]", path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// The fault proxy knows better.
    #[error("the fault proxy did not take the rules: {why}. The whole story: {}", log.display())]
    RulesRefused {
        /// What it said.
        why: String,
        /// The log.
        log: PathBuf,
    },
    /// Functions are told their endpoint when they are started.
    #[error("the local cloud runs without the fault proxy. `redress down` first, then `redress up --faults …`")]
    NoProxy,
    /// Ctrl-C, or its like.
    #[error("interrupted; nothing was left running")]
    Interrupted,
    /// The running cloud does not answer.
    #[error("the local cloud at {endpoint} does not answer: {reason}. `redress down`, then `redress up`")]
    NoAnswer {
        /// Where it was asked.
        endpoint: String,
        /// What happened instead.
        reason: String,
    },
    /// A file or process could not be used.
    #[error("can't {action} {subject}: {source}")]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// On what.
        subject: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl LocalError {
    pub(crate) fn io(action: &'static str, subject: impl Display, source: std::io::Error) -> Self {
        Self::Io { action, subject: subject.to_string(), source }
    }
}
