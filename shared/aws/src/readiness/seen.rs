//! What was seen of a stack: plain values, for pure functions to judge.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a look at something brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look<T> {
    /// It.
    There(T),
    /// There is no such thing.
    Gone,
    /// Nobody can tell, and why.
    Untold(String),
}

impl<T> Look<T> {
    pub(super) fn there(&self) -> Option<&T> {
        match self {
            Self::There(thing) => Some(thing),
            _ => None,
        }
    }

    pub(super) fn map<U>(self, then: impl FnOnce(T) -> U) -> Look<U> {
        match self {
            Self::There(thing) => Look::There(then(thing)),
            Self::Gone => Look::Gone,
            Self::Untold(why) => Look::Untold(why),
        }
    }
}

/// A stack as CloudFormation has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// For example `UPDATE_COMPLETE`.
    pub status: String,
    /// What it was deployed with.
    pub parameters: BTreeMap<String, String>,
    /// What it tells.
    pub outputs: BTreeMap<String, String>,
    /// What it is made of.
    pub resources: Vec<Resource>,
    /// When this was told, by the clock of whoever told it.
    pub told_at: Option<Timestamp>,
    /// The same by our clock.
    pub heard_at: Timestamp,
}

/// A part of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the template.
    pub logical: String,
    /// Its own name, address or id.
    pub physical: String,
    /// For example `AWS::SQS::Queue`.
    pub kind: String,
    /// For example `CREATE_COMPLETE`.
    pub status: String,
}

impl Stack {
    /// What an output says.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }
}

/// A part, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<T> {
    pub(super) logical: String,
    pub(super) physical: String,
    pub(super) look: Look<T>,
}

impl<T> Part<T> {
    /// Where it is, for a person.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.logical, short(&self.physical))
    }
}

/// The name at the end of an address or ARN.
pub(super) fn short(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// A function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) arn: String,
    pub(super) timeout_seconds: i64,
    /// `REDRESS_VERSION`: the release of the template that it was deployed by.
    pub(super) version: Option<String>,
    /// The address of the queue where it lays aside what no further try can help.
    pub(super) dead_letters: Option<String>,
    /// `Active`, or why not; absent where nobody says.
    pub(super) state: Option<String>,
    /// `Successful`, or how its last change went; absent where nobody says.
    pub(super) last_update: Option<String>,
    /// How many may run at once; absent where it shares the account's. At 0 it is switched off.
    pub(super) reserved: Option<i64>,
}

/// What hands a queue's messages to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) queue_arn: String,
    pub(super) function_arn: String,
    /// `Enabled`, or not.
    pub(super) state: String,
    /// Whether single messages of a batch may fail.
    pub(super) single: bool,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    pub(super) arn: String,
    pub(super) visibility_seconds: i64,
    /// The ARN of its dead letters.
    pub(super) dead_letters: Option<String>,
    /// How many messages are in it, whether they can be received now or not.
    pub(super) messages: i64,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) status: String,
    /// Each index and its status, which is empty where nobody says.
    pub(super) indexes: BTreeMap<String, String>,
    /// Whether it can be brought back to any second of the last weeks.
    pub(super) recovery: Look<bool>,
    /// The attribute by which what has expired goes.
    pub(super) expiry: Look<Option<String>>,
}

/// The bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Whether it keeps versions.
    pub(super) versions: Look<bool>,
    /// Whom it tells: the queue's ARN, and what the paths begin with that it tells of.
    pub(super) tells: Look<Vec<(String, String)>>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) state: String,
    pub(super) target_arn: String,
}

/// An alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Alarm {
    /// For example `AWS/Lambda`.
    pub(super) namespace: String,
    /// For example `Errors`.
    pub(super) metric: String,
    /// Whose.
    pub(super) dimensions: BTreeMap<String, String>,
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub(super) state: String,
    /// Whether anybody is told.
    pub(super) actions_enabled: bool,
    /// Who.
    pub(super) actions: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whether it is the local cloud, which keeps no backups and forgets nothing by itself.
    pub(super) local: bool,
    pub(super) functions: Vec<Part<Function>>,
    pub(super) sources: Look<Vec<Source>>,
    pub(super) queues: Vec<Part<Queue>>,
    pub(super) tables: Vec<Part<Table>>,
    pub(super) buckets: Vec<Part<Bucket>>,
    pub(super) schedules: Vec<Part<Schedule>>,
    pub(super) alarms: Look<Vec<Part<Alarm>>>,
}
