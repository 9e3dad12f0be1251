//! What a use case needs of the world: somewhere to keep documents, somewhere to send events,
//! somebody outside. Two worlds stand behind it, [`crate::memory`] and AWS, and one
//! [`crate::contract`] holds both to the same semantics.

use crate::letters::Letter;
use crate::models::Readers;
use crate::publish::Compiled;
use crate::roster::Crews;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use redress_domain::attachment::Seen;
use redress_domain::delivery::Answer;
use redress_domain::event::Event;
use redress_domain::id::TenantId;
use redress_domain::signature::Seal;
use redress_domain::webhook::Access;
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// Where a document lives: a partition and a place in it. Keys are spelled out in [`crate::keys`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Documents of one partition can be listed together, in the order of `sort`.
    pub partition: String,
    /// The place in the partition.
    pub sort: String,
}

/// A place in a work list: documents of one `list` come back in the order of `rank`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which list, for example the open orders of one tenant.
    pub list: String,
    /// Compared as bytes; unique within the list.
    pub rank: String,
}

/// A document as it is kept: its body, and the marks by which it is found again.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it lives.
    pub key: Key,
    /// 1 for a new document, one more with every write.
    pub version: u64,
    /// The document itself; shared, since many read what one has written.
    pub body: Arc<Value>,
    /// When it must be looked at again: the due mark of an open item, `None` for a closed one.
    pub due_at: Option<Timestamp>,
    /// Its place in a work list, if it has one.
    pub place: Option<Place>,
    /// After this instant the document may vanish; correctness never depends on when.
    pub expires_at: Option<Timestamp>,
}

/// What must hold for a write to happen: version 1 expects nothing there, version n+1 expects n.
///
/// A write is one [`Record`] whose `version` says what it replaces.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Keep the record. Its `version` is one more than the stored one, or 1 if there is none.
    Put(Record),
    /// Remove the document, which must be at this version.
    Delete(Key, u64),
}

/// A due mark as the index gives it back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueMark {
    /// When the document asked to be looked at.
    pub at: Timestamp,
    /// Which document.
    pub key: Key,
}

/// Why a port did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// A condition did not hold: somebody else wrote first, or we ourselves did on an earlier try.
    #[error("the stored document is not at the expected version")]
    Conflict,
    /// The world did not answer, or refused for the moment; trying again is right.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// As many keys are read in one call.
///
/// # Source
/// Amazon DynamoDB, `BatchGetItem`.
pub const KEYS_A_READ: usize = 100;

/// Somewhere to keep documents.
#[async_trait]
pub trait Store: Send + Sync {
    /// The document at `key`, read after every write that was acknowledged before (strongly consistent).
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError>;

    /// The documents at `keys` that exist, in no order; at most [`KEYS_A_READ`] keys.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError>;

    /// Documents of a partition whose `sort` begins with `prefix` and is greater than `after`,
    /// ascending, at most `limit`.
    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError>;

    /// All of the writes or none. At most 25 writes, each key at most once.
    ///
    /// # Errors
    /// [`PortError::Conflict`] if any document is not at the version its write expects, unless all
    /// of them already are exactly what these writes would have made them (an earlier try of ours
    /// won and its reply was lost): that is success.
    async fn commit(&self, writes: &[Write]) -> Result<(), PortError>;

    /// The last documents of a partition, by `sort`, last first, at most `limit`.
    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError>;

    /// Due marks of one shard (0 to [`crate::keys::DUE_SHARDS`] − 1) after `after`, if that is given,
    /// and at or before `until`, earliest first, at most `limit`. May lag a write by a moment.
    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError>;

    /// Documents of a work list whose rank is greater than `after`, in rank order, at most `limit`.
    /// May lag a write by a moment.
    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError>;
}

/// Somewhere to send events. Delivery is at least once, late, and in any order.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Hands the event to the queue that its type belongs to ([`Event::queue`]).
    async fn send(&self, event: &Event) -> Result<(), PortError>;

    /// The same, but it is not delivered before `delay` has passed; at most 15 minutes.
    async fn send_later(&self, event: &Event, delay: SignedDuration) -> Result<(), PortError>;
}

/// What lies outside: the people and the servers that are told.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Hands a message for people to whoever carries it: again with the same id changes nothing.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if it is not known what came of it: it is tried again, and this
    /// try does not count.
    async fn send(&self, letter: &Letter) -> Result<Answer, PortError>;

    /// Calls a server of a shop's, and tells what came of it: whether it took it, refused it, or let us
    /// wait. Goes nowhere that [`World::access`] forbids, and follows no redirect.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if we could not try.
    async fn call(&self, call: &Call) -> Result<Answer, PortError>;
}

/// What a server of a shop's is told: one POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Where.
    pub url: Url,
    /// What travels beside the body.
    pub seal: Seal,
    /// JSON.
    pub body: Vec<u8>,
}

/// Somewhere to keep the models that tenants trained on their own rows.
#[async_trait]
pub trait Models: Send + Sync {
    /// The bytes of a tenant's model, by their SHA-256; `None` if nothing lies there.
    async fn get(&self, tenant: &TenantId, digest: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// Keeps a model; again with the same bytes changes nothing.
    async fn put(&self, tenant: &TenantId, digest: &str, bytes: &[u8]) -> Result<(), PortError>;

    /// Counts, for operators, that the shipped model read instead of a tenant's own.
    fn count_fallback(&self);
}

/// What may be put into the bucket by whoever holds the form for it: one object, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission<'a> {
    /// Where.
    pub path: &'a str,
    /// Of which type.
    pub media_type: &'a str,
    /// How many bytes, exactly.
    pub size_bytes: u64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// A form that puts an object into the bucket: its fields in any order, then the file as `file`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, JsonSchema)]
pub struct Form {
    /// Where it is posted to, as `multipart/form-data`.
    pub url: String,
    /// What it says besides the file.
    pub fields: BTreeMap<String, String>,
}

/// An object that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which of those that were put there one after the other.
    pub version: String,
    /// What its bytes are.
    pub seen: Seen,
}

/// Under what an object is kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept<'a> {
    /// Where.
    pub path: &'a str,
    /// Its `Content-Type`.
    pub media_type: &'a str,
    /// Its `Content-Disposition`.
    pub disposition: &'a str,
}

/// Somewhere to upload files to and download them from.
#[async_trait]
pub trait Files: Send + Sync {
    /// The form for what is permitted. Nothing is there yet.
    async fn form(&self, permission: Permission<'_>) -> Result<Form, PortError>;

    /// Reads the newest object at `path` from its first byte to its last; `None` if there is none.
    async fn examine(&self, path: &str) -> Result<Option<Found>, PortError>;

    /// Copies one version of the object at `path` to where nobody uploads to; again with the same
    /// bytes changes nothing.
    async fn keep(&self, path: &str, version: &str, to: Kept<'_>) -> Result<(), PortError>;

    /// Where the object at `path` can be downloaded without a key, from an instant until another.
    async fn link(&self, path: &str, from: Timestamp, until: Timestamp) -> Result<String, PortError>;
}

/// One world: all the ports together.
#[derive(Clone)]
pub struct World {
    /// Documents.
    pub store: Arc<dyn Store>,
    /// Events.
    pub queue: Arc<dyn Queue>,
    /// Whoever is told.
    pub outside: Arc<dyn Outside>,
    /// Where webhooks may lead.
    pub access: Access,
    /// Models of the tenants' own.
    pub models: Arc<dyn Models>,
    /// Files.
    pub files: Arc<dyn Files>,
    /// What absolute links begin with, without a slash at the end; links begin with `/` if it is empty.
    pub public_url: Arc<str>,
    /// Policies that were compiled before: published versions never change.
    pub compiled: Arc<Compiled>,
    /// Models that were loaded before.
    pub readers: Arc<Readers>,
    /// People that were read before.
    pub crews: Arc<Crews>,
}

impl World {
    /// The address of `path`, which begins with `/`.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }
}
