//! Documents as values: a body of a known shape at a known version.

use crate::fault::Fault;
use crate::ports::{Key, Place, Record, Store, Write};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// The version it was read at.
    pub version: u64,
}

/// The marks by which a document is found again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) place: Option<Place>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The value at `key`.
pub(crate) async fn load<T: DeserializeOwned>(store: &dyn Store, key: &Key) -> Result<Option<Stored<T>>, Fault> {
    store.get(key).await?.map(|record| read(&record)).transpose()
}

/// A record's body as a value. What we can't read was written by a newer version of us: later. The
/// reader's own words are left out, since they quote what stood there.
pub(crate) fn read<T: DeserializeOwned>(record: &Record) -> Result<Stored<T>, Fault> {
    let unreadable = |_| Fault::Unavailable(format!("{} holds what this version can't read", record.key.partition));
    let value = T::deserialize(&*record.body).map_err(unreadable)?;
    Ok(Stored { value, version: record.version })
}

/// The write that puts `value` in the place of what was read at version `seen` (0 for nothing).
pub(crate) fn put<T: Serialize>(key: Key, seen: u64, value: &T, marks: Marks) -> Write {
    let body = serde_json::to_value(value).expect("our values have string keys and finite numbers");
    let Marks { due_at, place, expires_at } = marks;
    Write::Put(Record { key, version: seen + 1, body: body.into(), due_at, place, expires_at })
}
