//! What goes wrong, where, and how often: each fault has a place, the name of a task and the number
//! of its port call, so that a story can be told again with some of them and without the others.

use crate::dice::Dice;
use std::collections::BTreeMap;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Whoever calls a port dies before the call has an effect.
    DiedBefore,
    /// Whoever calls a port dies after the call has had its effect.
    DiedAfter,
    /// A port refuses for the moment.
    Throttled,
    /// A port does what it is asked, and its reply is lost.
    ReplyLost,
    /// A message comes twice, or three times.
    Repeated,
    /// A message comes minutes late, behind others that were sent after it.
    Late,
    /// The sweep runs twice at once.
    SweptTwice,
    /// A client sends the same request twice at once.
    SentTwice,
    /// The clock of one function is off by some hundred milliseconds.
    ClockOff,
    /// Time passes in which nothing runs.
    Outage,
    /// Whoever is told outside refuses.
    Refused,
    /// Whoever is told outside does not answer in time.
    TimedOut,
    /// Whether whoever is told outside has it, nobody knows.
    Unknown,
}

impl FaultKind {
    /// Every kind, in words.
    pub const WORDS: [(Self, &'static str); 13] = [
        (Self::DiedBefore, "died before a call"),
        (Self::DiedAfter, "died after a call"),
        (Self::Throttled, "throttled"),
        (Self::ReplyLost, "reply lost"),
        (Self::Repeated, "message repeated"),
        (Self::Late, "message late"),
        (Self::SweptTwice, "two sweeps at once"),
        (Self::SentTwice, "request sent twice at once"),
        (Self::ClockOff, "clock off"),
        (Self::Outage, "outage"),
        (Self::Refused, "refused outside"),
        (Self::TimedOut, "timed out outside"),
        (Self::Unknown, "unknown outside"),
    ];

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// Where something goes wrong: at which call of which task, counted from 1; 0 is the task itself.
pub type FaultPlace = (String, u32);

/// What went wrong in a run, or is to go wrong in one.
pub type Faults = BTreeMap<FaultPlace, FaultKind>;

/// Which faults a run has.
#[derive(Debug, Clone)]
pub(crate) enum Script {
    /// Those that chance brings, so many times as often as usual.
    Chance(u64),
    /// These and no others.
    These(Faults),
}

/// Decides what goes wrong, and remembers it.
pub(crate) struct Fates {
    seed: u64,
    script: Script,
    /// Nothing goes wrong any more.
    pub(crate) calm: bool,
    /// What went wrong.
    pub(crate) met: Faults,
}

impl Fates {
    pub(crate) fn new(seed: u64, script: Script) -> Self {
        Self { seed, script, calm: false, met: Faults::new() }
    }

    /// What goes wrong at a place, if anything: by chance one of `kinds`, each so often in ten thousand.
    pub(crate) fn at(
        &mut self,
        task: &str,
        call: u32,
        dice: &mut Dice,
        kinds: &[(FaultKind, u64)],
    ) -> Option<FaultKind> {
        if self.calm {
            return None;
        }
        let fate = match &self.script {
            Script::Chance(often) => {
                let mut roll = dice.below(10_000);
                kinds.iter().find_map(|(kind, each)| {
                    let each = each * often;
                    if roll < each {
                        return Some(*kind);
                    }
                    roll -= each;
                    None
                })
            }
            Script::These(faults) => faults.get(&(task.to_owned(), call)).copied(),
        };
        if let Some(kind) = fate {
            self.met.insert((task.to_owned(), call), kind);
        }
        fate
    }

    /// The dice of a task.
    pub(crate) fn dice(&self, task: &str) -> Dice {
        Dice::of(self.seed, task)
    }
}
