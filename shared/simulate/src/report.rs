//! What was seen, in words and numbers.

use crate::fault::{FaultKind, Faults};
use crate::meter::Metered;
use crate::run::{Outcome, Telling};
use redress_service::ports::Write;
use serde_json::Value;
use std::collections::BTreeMap;

/// What all runs came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// Customers' stories.
    pub lives: u64,
    /// Feedbacks that were taken in.
    pub feedbacks: u64,
    /// Work orders.
    pub orders: u64,
    /// Somebody to be told something.
    pub deliveries: u64,
    /// Messages that were handled.
    pub events: u64,
    /// Messages that were laid aside, since they failed too often while faults lasted.
    pub rested: u64,
    /// Port calls.
    pub calls: u64,
    /// Writes that found that somebody else had written.
    pub conflicts: u64,
    /// Bytes that were logged and read.
    pub logged: u64,
    /// How often what people do came about, by its word.
    pub played: BTreeMap<&'static str, u64>,
    /// What it would have cost, if that was measured.
    pub metered: Metered,
    /// Faults of each kind.
    pub faults: BTreeMap<FaultKind, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.lives += outcome.lives;
        self.feedbacks += outcome.feedbacks;
        self.orders += outcome.orders;
        self.deliveries += outcome.deliveries;
        self.events += outcome.events;
        self.rested += outcome.rested;
        self.calls += outcome.calls;
        self.conflicts += outcome.conflicts;
        self.logged += outcome.logged;
        self.metered.add(&outcome.metered);
        for (word, times) in &outcome.played {
            *self.played.entry(word).or_default() += times;
        }
        for kind in outcome.faults.values() {
            *self.faults.entry(*kind).or_default() += 1;
        }
    }

    /// All of it in words, a line each. `seconds`: how long it took.
    #[must_use]
    pub fn told(&self, seconds: f64) -> Vec<String> {
        let Self { runs, lives, feedbacks, orders, deliveries, events, rested, calls, conflicts, logged, .. } = self;
        let minute = *lives as f64 * 60.0 / seconds;
        let mut lines = vec![
            format!("{runs} runs, {lives} lifecycles in {seconds:.1} s: {minute:.0} a minute"),
            format!(
                "{feedbacks} feedbacks, {orders} work orders, {deliveries} deliveries, {events} messages, \
                 {calls} port calls, {conflicts} conflicts, {logged} bytes of logs read"
            ),
        ];
        lines.extend(self.played.iter().map(|(word, times)| format!("{times:>10}  {word}")));
        lines.extend(self.by_kind().map(|(kind, times)| format!("{times:>10}  {}", kind.as_str())));
        lines.push(format!("{rested:>10}  messages rested after five failures, and were put back"));
        lines
    }

    /// Faults of every kind, in the order of the kinds.
    pub fn by_kind(&self) -> impl Iterator<Item = (FaultKind, u64)> {
        FaultKind::WORDS.iter().map(|(kind, _)| (*kind, self.faults.get(kind).copied().unwrap_or(0)))
    }
}

/// A run in which something did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Its seed.
    pub seed: u64,
    /// What did not hold.
    pub violation: String,
    /// How many faults it had, and how many stories.
    pub faults: usize,
    /// Customers' stories in it.
    pub lives: u64,
    /// What does not hold in the shortest story that was found.
    pub shrunk: String,
    /// The faults that are left in that.
    pub left: Vec<String>,
    /// The customers' stories that are left in it.
    pub lives_left: u64,
    /// Each line of it.
    pub story: Vec<String>,
}

impl Failing {
    /// All of it in words, a line each.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let Self { seed, violation, faults, lives, shrunk, left, lives_left, story } = self;
        let mut lines = vec![
            format!("seed {seed}: {violation}"),
            format!(
                "{faults} faults in {lives} lifecycles; the shortest story that goes wrong has {} in {lives_left}:",
                left.len()
            ),
        ];
        lines.extend(left.iter().map(|fault| format!("  {fault}")));
        lines.push(format!("there: {shrunk}"));
        lines.extend(story.iter().cloned());
        lines
    }

    pub(crate) fn of(
        telling: &Telling,
        violation: String,
        outcome: &Outcome,
        shrunk: Outcome,
        as_told: &Telling,
    ) -> Self {
        let left = |faults: &Faults| {
            let line = |((task, call), kind): (&(String, u32), &FaultKind)| {
                if *call == 0 {
                    format!("{}: {task}", kind.as_str())
                } else {
                    format!("{}: call {call} of {task}", kind.as_str())
                }
            };
            faults.iter().map(line).collect()
        };
        Self {
            seed: telling.seed,
            violation,
            faults: outcome.faults.len(),
            lives: outcome.lives,
            shrunk: shrunk
                .violation
                .unwrap_or_else(|| "nothing any more: the faults alone do not bring it about".to_owned()),
            left: left(&shrunk.faults),
            lives_left: u64::from(as_told.scale.orders) - as_told.without.len() as u64,
            story: shrunk.story,
        }
    }
}

/// What was written, for whoever reads the story.
pub(crate) fn writes(writes: &[Write]) -> String {
    let one = |write: &Write| match write {
        Write::Delete(key, _) => format!("{} away", short(&key.partition)),
        Write::Put(record) => {
            let body = &record.body;
            let known = [&body["status"], &body["state"], &body["reason"]].into_iter().filter_map(Value::as_str);
            let fact = body["facts"].as_array().and_then(|facts| facts.last()?["type"].as_str());
            let more: Vec<&str> = known.chain(fact).collect();
            format!("{} v{} {}", short(&record.key.partition), record.version, more.join(" "))
        }
    };
    writes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A partition without its tenant.
fn short(partition: &str) -> &str {
    partition.split_once('#').map_or(partition, |(_, rest)| rest)
}
