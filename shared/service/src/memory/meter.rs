//! What reading costs: documents, marks and requests, and the read units that the table would charge.

use crate::ports::Record;
use serde_json::Value;

/// Bytes of one read unit.
///
/// # Source
/// Amazon DynamoDB, read consistency: a strongly consistent read of up to 4 KB is one unit, an
/// eventually consistent one half; a query is charged for the sum of what it reads.
const UNIT: u64 = 4_096;

/// What was read of a store so far.
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

    /// Documents that one query read.
    pub(super) fn queried(&mut self, records: &[Record], consistent: bool) {
        self.requests += 1;
        self.documents += records.len() as u64;
        let units = records.iter().map(size).sum::<u64>().div_ceil(UNIT).max(1);
        self.half_units += if consistent { 2 * units } else { units };
    }

    /// Marks that one query of the due index read, each of about so many bytes.
    pub(super) fn marked(&mut self, marks: usize, bytes: u64) {
        self.requests += 1;
        self.marks += marks as u64;
        self.half_units += (marks as u64 * bytes).div_ceil(UNIT).max(1);
    }

    /// What was read since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            documents: self.documents - before.documents,
            marks: self.marks - before.marks,
            requests: self.requests - before.requests,
            half_units: self.half_units - before.half_units,
        }
    }

    /// Read units.
    #[must_use]
    pub fn units(self) -> f64 {
        self.half_units as f64 / 2.0
    }
}

/// About how many bytes an item has: its names and keys, and its body as JSON.
fn size(record: &Record) -> u64 {
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
