//! What a store costs: documents, marks and requests, and the units that the table and its two indexes
//! would charge for reading and writing them. And how often queues are called.

use crate::keys;
use crate::pack::Text;
use crate::ports::{Key, Record, Write};

/// Bytes of one read unit.
///
/// # Source
/// Amazon DynamoDB, read consistency: a strongly consistent read of up to 4 KB is one unit, an
/// eventually consistent one half; a query is charged for the sum of what it reads.
const UNIT: u64 = 4_096;

/// Bytes of one write unit.
///
/// # Source
/// Amazon DynamoDB, "DynamoDB on-demand capacity mode": a write of up to 1 KB is one unit, in a
/// transaction two; a write whose condition fails is charged as well.
const WRITE_UNIT: u64 = 1_024;

/// About how many bytes an entry of an index has: keys only.
const ENTRY: u64 = 200;

/// What was read and written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Documents.
    pub documents: u64,
    /// Marks of the due index, which has keys only.
    pub marks: u64,
    /// Calls.
    pub requests: u64,
    /// Half read units.
    pub half_units: u64,
    /// Half read units of the due index: a sweep asks it every minute, whatever is open.
    pub sweep_half_units: u64,
    /// Documents that were written, or should have been.
    pub writes: u64,
    /// Write units of the table.
    pub write_units: u64,
    /// Write units of its indexes.
    pub index_units: u64,
    /// Messages that were sent.
    pub sends: u64,
    /// Messages that were delivered: invocations, if each comes alone.
    pub deliveries: u64,
    /// Whether documents are weighed, which takes time; else each counts as if it were small.
    pub(super) weighs: bool,
}

impl Meter {
    /// The document that was asked for, read consistently; that there is none costs as much as a small one.
    pub(super) fn document(&mut self, found: Option<&Record>) {
        self.requests += 1;
        self.documents += u64::from(found.is_some());
        self.half_units += 2 * found.map_or(0, |record| self.size(record)).div_ceil(UNIT).max(1);
    }

    /// Documents that were read consistently by their keys in one call.
    pub(super) fn documents(&mut self, records: &[Record]) {
        self.requests += 1;
        self.documents += records.len() as u64;
        self.half_units += records.iter().map(|record| 2 * self.size(record).div_ceil(UNIT).max(1)).sum::<u64>();
    }

    /// Documents that one query read consistently.
    pub(super) fn queried(&mut self, records: &[Record]) {
        self.requests += 1;
        self.documents += records.len() as u64;
        self.half_units += 2 * records.iter().map(|record| self.size(record)).sum::<u64>().div_ceil(UNIT).max(1);
    }

    /// Documents whose keys one query of an index read, and that were then read by those.
    pub(super) fn listed(&mut self, records: &[Record]) {
        self.requests += 1;
        self.half_units += (records.len() as u64 * ENTRY).div_ceil(UNIT).max(1);
        if !records.is_empty() {
            self.documents(records);
        }
    }

    /// Marks that one query of the due index read, each of about so many bytes.
    pub(super) fn marked(&mut self, marks: usize, bytes: u64) {
        self.requests += 1;
        self.marks += marks as u64;
        self.sweep_half_units += (marks as u64 * bytes).div_ceil(UNIT).max(1);
    }

    /// Documents that one call wrote in the place of others.
    pub(super) fn wrote<'a>(&mut self, writes: impl ExactSizeIterator<Item = (&'a Write, Option<&'a Record>)>) {
        let each = if writes.len() > 1 { 2 } else { 1 };
        self.requests += 1;
        for (write, old) in writes {
            let new = match write {
                Write::Put(record) => Some(record),
                Write::Delete(..) => None,
            };
            let bytes = old.into_iter().chain(new).map(|record| self.size(record)).max().unwrap_or_default();
            self.writes += 1;
            self.write_units += each * units(bytes);
            self.index_units += entries(old.and_then(|old| old.due_at), new.and_then(|new| new.due_at));
            let place = |record: &Record| record.place.clone().map(|place| (place.list, place.rank));
            self.index_units += entries(old.and_then(place), new.and_then(place));
        }
    }

    /// What was read and written since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            documents: self.documents - before.documents,
            marks: self.marks - before.marks,
            requests: self.requests - before.requests,
            half_units: self.half_units - before.half_units,
            sweep_half_units: self.sweep_half_units - before.sweep_half_units,
            writes: self.writes - before.writes,
            write_units: self.write_units - before.write_units,
            index_units: self.index_units - before.index_units,
            sends: self.sends - before.sends,
            deliveries: self.deliveries - before.deliveries,
            weighs: self.weighs,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            documents: self.documents + other.documents,
            marks: self.marks + other.marks,
            requests: self.requests + other.requests,
            half_units: self.half_units + other.half_units,
            sweep_half_units: self.sweep_half_units + other.sweep_half_units,
            writes: self.writes + other.writes,
            write_units: self.write_units + other.write_units,
            index_units: self.index_units + other.index_units,
            sends: self.sends + other.sends,
            deliveries: self.deliveries + other.deliveries,
            weighs: self.weighs,
        }
    }

    fn size(&self, record: &Record) -> u64 {
        if self.weighs { size(record) } else { 0 }
    }

    /// Read units, without those of sweeps.
    #[must_use]
    pub fn units(self) -> f64 {
        self.half_units as f64 / 2.0
    }
}

pub(super) fn units(bytes: u64) -> u64 {
    bytes.div_ceil(WRITE_UNIT).max(1)
}

/// What an index of keys charges: a changed key is one entry less and one more, and one that stays costs
/// nothing.
///
/// # Source
/// Amazon DynamoDB, "Using Global Secondary Indexes": write throughput considerations.
pub(super) fn entries<K: PartialEq>(old: Option<K>, new: Option<K>) -> u64 {
    if old == new { 0 } else { units(ENTRY) * (u64::from(old.is_some()) + u64::from(new.is_some())) }
}

/// How many bytes an item has: its attributes' names and values.
///
/// # Source
/// Amazon DynamoDB, "DynamoDB item sizes and formats".
pub(super) fn size(record: &Record) -> u64 {
    let Key { partition, sort } = &record.key;
    let key = "pksk".len() + partition.len() + sort.len();
    let version = "version".len() + 2;
    let due = record.due_at.map_or(0, |at| "due_sharddue_at".len() + 2 + keys::instant(at).len());
    let place = record.place.as_ref().map_or(0, |place| "listrank".len() + place.list.len() + place.rank.len());
    let expires = record.expires_at.map_or(0, |_| "expires_at".len() + 6);
    (key + version + due + place + expires + "body".len() + Text::of(&record.body).size()) as u64
}
