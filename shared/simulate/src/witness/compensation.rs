//! What customers are given for promises that were not kept: once a breach, within the cap, and decided
//! once.

use crate::plan::CAP;
use redress_domain::id::CompensationId;
use redress_service::ports::Record;
use serde_json::Value;
use std::collections::BTreeMap;

/// One compensation: for which clock, how much is asked for, how much is given once that is decided.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    order: String,
    clock: String,
    asked: i64,
    given: Option<i64>,
}

/// Every compensation.
#[derive(Debug, Default)]
pub(crate) struct Compensations {
    all: BTreeMap<String, Seen>,
    /// Up to which amount nobody need say so, and up to which a supervisor may.
    bands: Option<(i64, i64)>,
}

impl Compensations {
    /// Policies were written: the one band that is played.
    pub(super) fn banded(&mut self, policies: &Value) {
        let band = &policies["promises"]["approval"][0];
        let most = |name: &str| band[name].as_i64();
        self.bands = most("automatic_up_to_minor").zip(most("supervisor_up_to_minor"));
    }

    /// One was written: what does not hold of that.
    pub(super) fn written(&mut self, id: &str, record: &Record) -> Vec<String> {
        let (body, mut wrong) = (&record.body, Vec::new());
        let seen = Seen {
            order: body["work_order"].as_str().unwrap_or_default().to_owned(),
            clock: body["clock"].to_string(),
            asked: body["amount"]["amount_minor"].as_i64().unwrap_or_default(),
            given: body["ruled"]["amount_minor"].as_i64(),
        };
        let of_clock = |other: &&Seen| (&other.order, &other.clock) == (&seen.order, &seen.clock);
        let before = self.all.get(id);
        match before {
            None if self.all.values().any(|other| of_clock(&other)) => {
                wrong.push(format!("{id} is the second compensation for {} of {}", seen.clock, seen.order));
            }
            Some(Seen { given: Some(given), .. }) if seen.given != Some(*given) => {
                wrong.push(format!("{id} was decided, and is decided otherwise"));
            }
            Some(before) if before.asked != seen.asked => {
                wrong.push(format!("{id} asks for another amount than before"))
            }
            _ => {}
        }
        let automatic = self.bands.is_some_and(|(automatic, _)| seen.asked <= automatic);
        if before.is_none() && automatic != seen.given.is_some() {
            wrong.push(format!("{id} asks for {}, and was given {:?} at once", seen.asked, seen.given));
        }
        if !(0..=seen.asked).contains(&seen.given.unwrap_or(0)) {
            wrong.push(format!("{id} asks for {}, and {:?} is given", seen.asked, seen.given));
        }
        let order = seen.order.clone();
        self.all.insert(id.to_owned(), seen);
        let sum = self.of(&order);
        if sum > CAP {
            wrong.push(format!("the compensations of {order} come to {sum}, above their cap of {CAP}"));
        }
        wrong
    }

    /// What those of an order come to: what was given, and what is still asked for.
    pub(crate) fn of(&self, order: &str) -> i64 {
        let theirs = self.all.values().filter(|seen| seen.order == order);
        theirs.map(|seen| seen.given.unwrap_or(seen.asked)).sum()
    }

    /// How many an order has.
    pub(crate) fn count(&self, order: &str) -> usize {
        self.all.values().filter(|seen| seen.order == order).count()
    }

    /// How many there are, and how many are decided.
    pub(super) fn counts(&self) -> (u64, u64) {
        let decided = self.all.values().filter(|seen| seen.given.is_some());
        (self.all.len() as u64, decided.count() as u64)
    }

    /// One of an order's that nobody has decided on, and whether a supervisor may.
    pub(crate) fn pending(&self, order: &str) -> Option<(CompensationId, bool)> {
        let (id, seen) = self.all.iter().find(|(_, seen)| seen.order == order && seen.given.is_none())?;
        Some((CompensationId::parse(id)?, self.bands.is_some_and(|(_, supervisor)| seen.asked <= supervisor)))
    }
}
