//! Files in memory: forms that are really checked, links that really end.

use super::{Faults, Queues, lock};
use crate::keys;
use crate::ports::{Files, Form, Found, Kept, Permission, PortError};
use async_trait::async_trait;
use jiff::Timestamp;
use redress_domain::attachment::Examination;
use redress_domain::event::{Event, EventType};
use redress_domain::id::digest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A file that was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its `Content-Type`.
    pub media_type: String,
    /// Its `Content-Disposition`, if it has one.
    pub disposition: Option<String>,
}

/// Objects by their paths, oldest version first.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    objects: BTreeMap<String, Vec<Download>>,
    /// Whether nobody is told of uploads.
    pub(super) silent: bool,
}

pub(super) struct MemoryFiles {
    pub(super) bucket: Mutex<Bucket>,
    pub(super) queues: Arc<super::MemoryQueue>,
    pub(super) clock: Arc<Mutex<(Timestamp, u64)>>,
    pub(super) faults: Arc<Faults>,
}

/// Stands for a signature: only who has the secret can make it.
fn sign(what: &str) -> String {
    digest(&["the bucket's secret", what])
}

impl MemoryFiles {
    fn now(&self) -> Timestamp {
        lock(&self.clock).0
    }

    /// Takes an upload if the form allows it, and says so to the queue as a bucket does.
    pub(super) fn upload(&self, fields: &BTreeMap<String, String>, bytes: &[u8]) -> Result<(), &'static str> {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let policy: Value = serde_json::from_str(field("policy")).map_err(|_| "no policy")?;
        if field("x-signature") != sign(field("policy")) {
            return Err("signature");
        }
        if policy["until"]
            .as_str()
            .and_then(|until| until.parse().ok())
            .is_none_or(|until: Timestamp| until <= self.now())
        {
            return Err("expired");
        }
        let differs = |name: &str| policy[name] != field(name);
        if differs("key") || differs("Content-Type") || fields.keys().any(|name| !FIELDS.contains(&name.as_str())) {
            return Err("condition");
        }
        if policy["size"] != bytes.len() {
            return Err("size");
        }
        let (path, media_type) = (field("key").to_owned(), field("Content-Type").to_owned());
        let object = Download { bytes: bytes.to_vec(), media_type, disposition: None };
        self.put(path, object);
        Ok(())
    }

    fn put(&self, path: String, object: Download) {
        let mut bucket = lock(&self.bucket);
        if let Some((tenant, id)) = keys::upload_of(&path).filter(|_| !bucket.silent) {
            let event = Event::new(&tenant, EventType::AttachmentUploaded, id.as_str(), 1, self.now());
            let mut queues: std::sync::MutexGuard<'_, Queues> = lock(&self.queues.queues);
            queues.waiting.entry(event.queue()).or_default().push_back((event, 0));
        }
        bucket.objects.entry(path).or_default().push(object);
    }

    /// What a link opens now.
    pub(super) fn download(&self, url: &str) -> Option<Download> {
        let (opened, signature) = url.split_once("&signature=")?;
        let (path, until) = opened.strip_prefix("memory://")?.split_once("?until=")?;
        let open = signature == sign(opened) && self.now() < until.parse().ok()?;
        lock(&self.bucket).objects.get(path).filter(|_| open)?.last().cloned()
    }
}

/// What a form has: anything else is refused.
const FIELDS: [&str; 4] = ["key", "Content-Type", "policy", "x-signature"];

#[async_trait]
impl Files for MemoryFiles {
    async fn form(&self, permission: Permission<'_>) -> Result<Form, PortError> {
        self.faults.around(|| {
            let Permission { path, media_type, size_bytes, until, .. } = permission;
            let policy = json!({ "key": path, "Content-Type": media_type, "size": size_bytes, "until": until });
            let policy = policy.to_string();
            let values = [path.to_owned(), media_type.to_owned(), policy.clone(), sign(&policy)];
            let fields = FIELDS.iter().map(|name| (*name).to_owned()).zip(values).collect();
            Ok(Form { url: "memory://".to_owned(), fields })
        })
    }

    async fn examine(&self, path: &str) -> Result<Option<Found>, PortError> {
        self.faults.around(|| {
            let bucket = lock(&self.bucket);
            let Some(versions) = bucket.objects.get(path) else { return Ok(None) };
            let Some(newest) = versions.last() else { return Ok(None) };
            let mut examination = Examination::default();
            newest.bytes.chunks(1000).for_each(|chunk| examination.feed(chunk));
            Ok(Some(Found { version: versions.len().to_string(), seen: examination.end() }))
        })
    }

    async fn keep(&self, path: &str, version: &str, to: Kept<'_>) -> Result<(), PortError> {
        self.faults.around(|| {
            let found = {
                let bucket = lock(&self.bucket);
                let version: Option<usize> = version.parse().ok();
                let versions = bucket.objects.get(path).map(Vec::as_slice).unwrap_or_default();
                version.and_then(|version| versions.get(version.checked_sub(1)?)).cloned()
            };
            let found = found.ok_or_else(|| PortError::Unavailable("there is no such version".to_owned()))?;
            let Kept { path, media_type, disposition } = to;
            let (media_type, disposition) = (media_type.to_owned(), Some(disposition.to_owned()));
            self.put(path.to_owned(), Download { media_type, disposition, ..found });
            Ok(())
        })
    }

    async fn link(&self, path: &str, _: Timestamp, until: Timestamp) -> Result<String, PortError> {
        self.faults.around(|| {
            let opened = format!("memory://{path}?until={until}");
            Ok(format!("{opened}&signature={}", sign(&opened)))
        })
    }
}
