//! Pins and starts the local cloud: the whole system on this machine, deployed from `template.yaml`.
//!
//! [`up`] makes a virtual environment with the pinned emulator, builds the functions, starts the
//! emulator bound to this machine only, and deploys the very template that AWS would get. [`down`]
//! stops it and keeps its data. Nothing here prints; progress goes to a callback.

mod cloud;
mod deploy;
mod down;
mod emulator;
mod error;
mod faults;
mod functions;
mod layout;
mod lock;
mod logs;
mod options;
mod process;
mod python;
mod queues;
mod up;

pub use cloud::{Cloud, running};
pub use down::down;
pub use error::LocalError;
pub use faults::{Injected, Rules, injected, load_faults};
pub use logs::{LogLine, Logs, logs};
pub use options::{DEFAULT_PORT, Options, Profile, Step, interrupts};
pub use python::environment;
pub use queues::{QueueDepth, queues};
pub use up::up;
