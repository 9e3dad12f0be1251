//! Files: each is judged once, and nobody gets one that is not clean.

use super::Witness;
use redress_service::ports::Record;
use std::collections::BTreeMap;

/// How far each file is.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, String>);

impl Files {
    /// One was written: what does not hold of that.
    pub(super) fn written(&mut self, id: &str, record: &Record) -> Option<String> {
        let status = record.body["status"].as_str().unwrap_or_default().to_owned();
        let before = self.0.insert(id.to_owned(), status.clone());
        match before.as_deref() {
            None if status == "pending" => None,
            Some("pending") if matches!(status.as_str(), "pending" | "clean" | "quarantined" | "expired") => None,
            _ => Some(format!("{id} was {before:?}, and is {status}")),
        }
    }

    /// How many are so far.
    pub(super) fn count(&self, status: &str) -> u64 {
        self.0.values().filter(|is| *is == status).count() as u64
    }

    /// How far a file is.
    pub(crate) fn status(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

impl Witness {
    /// Somebody gets a link to what lies at `path`: a clean file, where clean ones lie.
    pub(crate) fn handed_out(&mut self, path: &str) {
        let id = path.rsplit('/').next().unwrap_or_default();
        if self.files.status(id) != Some("clean") || !path.starts_with("attachments/") {
            self.violated(format!("{path} was handed out, and is {:?}", self.files.status(id)));
        }
    }
}
