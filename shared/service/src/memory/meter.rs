//! What a store costs: documents, marks and requests, and the units that the table and its two indexes
//! would charge for reading and writing them. And how often queues are called.

use crate::ports::{Record, Write};
use serde_json::Value;

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
}

impl Meter {
    /// Documents that were read consistently by their keys, one by one.
    pub(super) fn documents<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>) {
        self.requests += 1;
        for record in records {
            self.documents += 1;
            self.half_units += 2 * size(record).div_ceil(UNIT).max(1);
        }
    }

    /// Documents that one query read consistently.
    pub(super) fn queried(&mut self, records: &[Record]) {
        self.requests += 1;
        self.documents += records.len() as u64;
        self.half_units += 2 * records.iter().map(size).sum::<u64>().div_ceil(UNIT).max(1);
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
        self.half_units += (marks as u64 * bytes).div_ceil(UNIT).max(1);
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
            let bytes = old.map_or(0, size).max(new.map_or(0, size));
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
            writes: self.writes - before.writes,
            write_units: self.write_units - before.write_units,
            index_units: self.index_units - before.index_units,
            sends: self.sends - before.sends,
            deliveries: self.deliveries - before.deliveries,
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
            writes: self.writes + other.writes,
            write_units: self.write_units + other.write_units,
            index_units: self.index_units + other.index_units,
            sends: self.sends + other.sends,
            deliveries: self.deliveries + other.deliveries,
        }
    }

    /// Read units.
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

/// About how many bytes an item has: its names and keys, and its body as JSON.
pub(super) fn size(record: &Record) -> u64 {
    (record.key.partition.len() + record.key.sort.len() + 100 + length(&record.body)) as u64
}

/// About how long a value is as JSON, without writing it.
fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| length(item) + 1).sum::<usize>(),
        Value::Object(fields) => 2 + fields.iter().map(|(key, value)| key.len() + 4 + length(value)).sum::<usize>(),
    }
}
