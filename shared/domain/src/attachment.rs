//! Files that come with what is said: announced, uploaded, and judged by their bytes before anybody
//! may have them.

mod examine;
mod media_type;
mod name;
mod sniff;

pub use examine::{Examination, Seen};
pub use media_type::MediaType;
pub use name::{disposition, flaw_of_name};
pub use sniff::Sniffed;

use crate::actor::Actor;
use crate::id::AttachmentId;
use crate::order::later;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest file, in bytes: 25 MiB.
///
/// # Source
/// docs/adr/0017: a minute of a telephone's video, as large as e-mail carries, and read by the
/// smallest function in a second.
pub const LARGEST: u64 = 25 * 1024 * 1024;

/// How long a file may be uploaded after it was announced.
pub const UPLOAD: SignedDuration = SignedDuration::from_mins(15);

/// How long an upload that began in time may take to end, and its event to arrive.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// What a caller says of a file before it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declared {
    /// Its name, without a path: 1 to 128 characters.
    pub file_name: String,
    /// What it is.
    pub media_type: MediaType,
    /// How large it is, in bytes: 1 to [`LARGEST`].
    pub size_bytes: u64,
    /// The SHA-256 of its bytes, 64 hexadecimal digits in lower case.
    pub sha256: String,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AttachmentStatus")]
pub enum Status {
    /// Announced; its bytes are not there, or not yet judged.
    Pending,
    /// It is what it was said to be.
    Clean,
    /// It is something else: nobody gets it.
    Quarantined,
    /// It was never uploaded.
    Expired,
}

impl Status {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Clean => "clean",
            Self::Quarantined => "quarantined",
            Self::Expired => "expired",
        }
    }
}

/// Why a file is quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "QuarantineReason")]
pub enum Reason {
    /// It is not as large as it was said to be.
    Size,
    /// Its bytes are others than those that were announced.
    Digest,
    /// It is a page, a script or a program.
    ForbiddenType,
    /// It is of another type than it was said to be.
    MediaType,
}

impl Reason {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Digest => "digest",
            Self::ForbiddenType => "forbidden_type",
            Self::MediaType => "media_type",
        }
    }
}

/// A file, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What was said of it.
    #[serde(flatten)]
    pub declared: Declared,
    /// How far it is.
    pub status: Status,
    /// Why it is quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who announced it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// Until when it may be uploaded.
    pub expires_at: Timestamp,
    /// When it was judged, or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_at: Option<Timestamp>,
}

impl Attachment {
    /// A file that `created_by` announces at `now`.
    #[must_use]
    pub fn announced(id: AttachmentId, declared: Declared, created_by: Actor, now: Timestamp) -> Self {
        let (status, expires_at) = (Status::Pending, later(now, UPLOAD));
        Self { id, declared, status, reason: None, created_by, created_at: now, expires_at, judged_at: None }
    }

    /// When it must be looked at again though nobody has said that it is there; never once it is
    /// judged.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        (self.status == Status::Pending).then(|| later(self.expires_at, GRACE))
    }

    /// Whether something that is said may come with it: it is clean, or may still become so.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Clean)
    }

    /// What becomes of it, once its bytes were `seen`, or were looked for in vain; `None` if nothing
    /// does: it was judged before, or may still come. A file is judged once, whatever lies there later.
    #[must_use]
    pub fn decide(&self, seen: Option<&Seen>, now: Timestamp) -> Option<Self> {
        let due_at = self.due_at()?;
        let (status, reason) = match seen.map(|seen| judge(&self.declared, seen)) {
            Some(Ok(())) => (Status::Clean, None),
            Some(Err(reason)) => (Status::Quarantined, Some(reason)),
            None if due_at <= now => (Status::Expired, None),
            None => return None,
        };
        Some(Self { status, reason, judged_at: Some(now), ..self.clone() })
    }
}

/// Whether a file is what it was said to be.
///
/// # Errors
/// The first reason, in the order of [`Reason`], why it is not.
pub fn judge(declared: &Declared, seen: &Seen) -> Result<(), Reason> {
    if seen.size_bytes != declared.size_bytes {
        return Err(Reason::Size);
    }
    if seen.sha256 != declared.sha256 {
        return Err(Reason::Digest);
    }
    match &seen.sniffed {
        Sniffed::Forbidden => Err(Reason::ForbiddenType),
        sniffed if declared.media_type.agrees_with(sniffed) => Ok(()),
        _ => Err(Reason::MediaType),
    }
}

#[cfg(test)]
mod tests;
