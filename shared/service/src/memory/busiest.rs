//! Which key takes most of all that is written: what one partition of the table or of an index takes
//! must stay a small part of it, for one partition carries only so much.

use super::meter::{entries, size, units};
use crate::keys;
use crate::ports::{Record, Write};
use std::collections::BTreeMap;

/// The table, or one of its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The documents.
    Table,
    /// What must be looked at again.
    Due,
    /// What stands on whose list.
    Worklist,
}

impl Part {
    /// Every part and its word.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Table, "table"), (Self::Due, "index due"), (Self::Worklist, "index worklist")];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(part, _)| *part == self).map_or("table", |(_, word)| word)
    }
}

/// Write units by partition key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Busiest {
    /// Of each key of each part.
    pub units: BTreeMap<(Part, String), u64>,
    /// Of all of them together.
    pub all: u64,
}

impl Busiest {
    /// Documents that one call wrote in the place of others.
    pub(super) fn wrote<'a>(&mut self, writes: impl ExactSizeIterator<Item = (&'a Write, Option<&'a Record>)>) {
        let each = if writes.len() > 1 { 2 } else { 1 };
        for (write, old) in writes {
            let (key, new) = match write {
                Write::Put(record) => (&record.key, Some(record)),
                Write::Delete(key, _) => (key, None),
            };
            let bytes = old.map_or(0, size).max(new.map_or(0, size));
            self.add(Part::Table, &key.partition, each * units(bytes));
            let due = |record: &Record| record.due_at;
            let marked = entries(old.and_then(due), new.and_then(due));
            self.add(Part::Due, &keys::due_shard(key).to_string(), marked);
            let place = |record: &Record| record.place.clone();
            let (from, to) = (old.and_then(place), new.and_then(place));
            if from != to {
                for place in [from, to].into_iter().flatten() {
                    self.add(Part::Worklist, &place.list, entries(None, Some(place.rank)));
                }
            }
        }
    }

    fn add(&mut self, part: Part, key: &str, units: u64) {
        if units > 0 {
            *self.units.entry((part, key.to_owned())).or_default() += units;
            self.all += units;
        }
    }

    /// The key of a part that takes most, and which share of all units, 0 to 1.
    #[must_use]
    pub fn busiest(&self, part: Part) -> Option<(&str, f64)> {
        let of_part = self.units.iter().filter(|((known, _), _)| *known == part);
        let ((_, key), units) = of_part.max_by_key(|(_, units)| **units)?;
        Some((key, *units as f64 / self.all as f64))
    }
}
