//! Port calls that die.

use super::lock;
use crate::ports::PortError;
use std::sync::Mutex;

/// Where a port call dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Before it had an effect.
    Before,
    /// After its effect, so that the reply is lost.
    After,
}

/// Which calls die.
#[derive(Debug, Clone, Copy)]
enum Doom {
    /// That one.
    One(u64, Crash),
    /// Each so-manieth: before its effect, after it, and so in turn.
    Each(u64),
}

impl Doom {
    fn of(self, call: u64) -> Option<Crash> {
        match self {
            Self::One(doomed, crash) => (doomed == call).then_some(crash),
            Self::Each(every) if !call.is_multiple_of(every) => None,
            Self::Each(every) if (call / every).is_multiple_of(2) => Some(Crash::After),
            Self::Each(_) => Some(Crash::Before),
        }
    }

    /// The first that dies.
    fn first(self) -> u64 {
        match self {
            Self::One(call, _) | Self::Each(call) => call,
        }
    }
}

/// Counts port calls, and makes some of them die.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<(u64, Option<Doom>)>,
}

impl Faults {
    /// Makes the `call`th call from now on, counted from 1, die.
    pub fn arm(&self, call: u64, crash: Crash) {
        *lock(&self.state) = (0, Some(Doom::One(call, crash)));
    }

    /// Makes each `every`th call from now on die, before its effect and after it in turn.
    pub fn arm_each(&self, every: u64) {
        *lock(&self.state) = (0, Some(Doom::Each(every)));
    }

    /// Lets every call through; `true` if one had died since it was armed.
    pub fn disarm(&self) -> bool {
        let mut state = lock(&self.state);
        let died = state.1.is_some_and(|doom| state.0 >= doom.first());
        state.1 = None;
        died
    }

    /// Runs a port call's effect, unless it dies before it; loses its answer, if it dies after it.
    pub(super) fn around<T>(&self, effect: impl FnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        let armed = {
            let mut state = lock(&self.state);
            state.0 += 1;
            state.1.and_then(|doom| doom.of(state.0))
        };
        let died = || Err(PortError::Unavailable("the test made this call die".to_owned()));
        match armed {
            Some(Crash::Before) => died(),
            Some(Crash::After) => effect().and_then(|_| died()),
            None => effect(),
        }
    }
}
