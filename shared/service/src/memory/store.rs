//! Documents in memory, with the conditional semantics of the table.

use super::{Busiest, Faults, Meter, lock};
use crate::keys;
use crate::ports::{DueMark, Key, PortError, Record, Store, Write};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex};

/// About how many bytes the due index charges for a mark: two keys of the item and two of its own,
/// and 100 that an index adds.
const MARK: u64 = 220;

#[derive(Debug, Default)]
struct Tables {
    documents: BTreeMap<Key, Record>,
    due: BTreeMap<u16, BTreeSet<DueMark>>,
    lists: BTreeMap<String, BTreeMap<String, Key>>,
    meter: Meter,
    busiest: Option<Busiest>,
}

/// Documents in memory.
pub struct MemoryStore {
    tables: Mutex<Tables>,
    faults: Arc<Faults>,
}

impl Write {
    fn key(&self) -> &Key {
        match self {
            Self::Put(record) => &record.key,
            Self::Delete(key, _) => key,
        }
    }
}

impl Tables {
    /// Whether the stored document is the one that the write expects.
    fn allows(&self, write: &Write) -> bool {
        let stored = self.documents.get(write.key()).map_or(0, |record| record.version);
        match write {
            Write::Put(record) => record.version == stored + 1,
            Write::Delete(_, version) => *version == stored,
        }
    }

    /// Whether the stored document already is what the write would make it.
    fn has(&self, write: &Write) -> bool {
        match write {
            Write::Put(record) => self.documents.get(&record.key) == Some(record),
            Write::Delete(key, _) => !self.documents.contains_key(key),
        }
    }

    /// Charges a commit, whatever comes of it.
    fn measure(&mut self, writes: &[Write]) {
        let Self { documents, meter, busiest, .. } = self;
        let written = || writes.iter().map(|write| (write, documents.get(write.key())));
        meter.wrote(written());
        if let Some(busiest) = busiest {
            busiest.wrote(written());
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(old) = self.documents.remove(key) {
            if let Some(at) = old.due_at {
                let mark = DueMark { at, key: key.clone() };
                self.due.entry(keys::due_shard(key)).or_default().remove(&mark);
            }
            if let Some(place) = old.place {
                self.lists.entry(place.list).or_default().remove(&place.rank);
            }
        }
    }

    fn insert(&mut self, record: Record) {
        self.remove(&record.key);
        if let Some(at) = record.due_at {
            let mark = DueMark { at, key: record.key.clone() };
            self.due.entry(keys::due_shard(&record.key)).or_default().insert(mark);
        }
        if let Some(place) = &record.place {
            self.lists.entry(place.list.clone()).or_default().insert(place.rank.clone(), record.key.clone());
        }
        self.documents.insert(record.key.clone(), record);
    }
}

impl MemoryStore {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self { tables: Mutex::default(), faults }
    }

    /// Counts from now on how much each key takes of what is written.
    pub fn count_keys(&self) {
        lock(&self.tables).busiest.get_or_insert_default();
    }

    /// How much each key takes of what was written; nothing unless it is counted.
    #[must_use]
    pub fn busiest(&self) -> Busiest {
        lock(&self.tables).busiest.clone().unwrap_or_default()
    }

    /// Every document, in the order of keys: for tests that compare worlds.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Record> {
        lock(&self.tables).documents.values().cloned().collect()
    }

    /// Puts documents there as they are, at whatever versions: what another world has kept, for tests that
    /// go on from it.
    pub fn restore(&self, documents: impl IntoIterator<Item = Record>) {
        let mut tables = lock(&self.tables);
        documents.into_iter().for_each(|record| tables.insert(record));
    }

    /// The earliest due mark.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        lock(&self.tables).due.values().filter_map(|shard| shard.first()).map(|mark| mark.at).min()
    }

    /// From now on, documents are weighed.
    pub(super) fn weigh(&self) {
        lock(&self.tables).meter.weighs = true;
    }

    /// What has been read so far.
    #[must_use]
    pub fn meter(&self) -> Meter {
        lock(&self.tables).meter
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let found = tables.documents.get(key).cloned();
            tables.meter.document(found.as_ref());
            Ok(found)
        })
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let found: Vec<Record> = keys.iter().filter_map(|key| tables.documents.get(key).cloned()).collect();
            tables.meter.documents(&found);
            Ok(found)
        })
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let from = Key { partition: partition.to_owned(), sort: after.unwrap_or(prefix).to_owned() };
            let from = if after.is_some() { Bound::Excluded(from) } else { Bound::Included(from) };
            let found: Vec<Record> = tables
                .documents
                .range((from, Bound::Unbounded))
                .take_while(|(key, _)| key.partition == partition)
                .filter(|(key, _)| key.sort.starts_with(prefix))
                .take(limit)
                .map(|(_, record)| record.clone())
                .collect();
            tables.meter.queried(&found);
            Ok(found)
        })
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let from = Key { partition: partition.to_owned(), sort: String::new() };
            let all = tables.documents.range(from..).take_while(|(key, _)| key.partition == partition);
            let mut found: Vec<Record> = all.map(|(_, record)| record.clone()).collect();
            found = found.into_iter().rev().take(limit).collect();
            tables.meter.queried(&found);
            Ok(found)
        })
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            tables.measure(writes);
            if !writes.iter().all(|write| tables.allows(write)) {
                return if writes.iter().all(|write| tables.has(write)) { Ok(()) } else { Err(PortError::Conflict) };
            }
            for write in writes {
                match write {
                    Write::Put(record) => tables.insert(record.clone()),
                    Write::Delete(key, _) => tables.remove(key),
                }
            }
            Ok(())
        })
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let marks = tables.due.get(&shard).map(|marks| marks.iter());
            let late = marks.into_iter().flatten().skip_while(|mark| after.is_some_and(|after| mark.at <= after));
            let found: Vec<DueMark> = late.take_while(|mark| mark.at <= until).take(limit).cloned().collect();
            tables.meter.marked(found.len(), MARK);
            Ok(found)
        })
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        self.faults.around(|| {
            let mut tables = lock(&self.tables);
            let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_owned()));
            let range = tables.lists.get(list).map(|ranks| ranks.range((from, Bound::Unbounded)));
            let keys: Vec<Key> = range.into_iter().flatten().take(limit).map(|(_, key)| key.clone()).collect();
            let found: Vec<Record> = keys.iter().filter_map(|key| tables.documents.get(key).cloned()).collect();
            tables.meter.listed(&found);
            Ok(found)
        })
    }
}
