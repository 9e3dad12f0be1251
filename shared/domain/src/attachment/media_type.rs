//! What kinds of files are taken, how their bytes are known, and how their names end.

use super::Sniffed;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A media type that is taken; the word is its name (RFC 6838), without parameters.
///
/// Pictures, sounds and films as telephones make them, PDF, plain text, tables and the office
/// formats that hold no macros. Nothing that a browser runs (HTML, SVG, XML, scripts), no programs,
/// and no archives: nobody looks into them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub struct MediaType(usize);

/// A media type; what the sniffer calls its bytes; how its names may end, the usual ending first.
type Kind = (&'static str, &'static [&'static str], &'static [&'static str]);

const KINDS: [Kind; 23] = [
    ("image/jpeg", &["image/jpeg"], &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/png", &["image/png"], &["png"]),
    ("image/gif", &["image/gif"], &["gif"]),
    ("image/webp", &["image/webp"], &["webp"]),
    ("image/heic", &["image/heif"], &["heic", "heif"]),
    ("image/heif", &["image/heif"], &["heif", "heic"]),
    ("image/avif", &["image/avif"], &["avif"]),
    ("application/pdf", &["application/pdf"], &["pdf"]),
    ("text/plain", &["text/plain"], &["txt", "log"]),
    ("text/csv", &["text/plain"], &["csv"]),
    ("audio/mpeg", &["audio/mpeg"], &["mp3"]),
    ("audio/mp4", &["audio/m4a", "video/mp4"], &["m4a", "mp4"]),
    ("audio/aac", &["audio/aac"], &["aac"]),
    ("audio/amr", &["audio/amr"], &["amr"]),
    ("audio/ogg", &["audio/ogg", "audio/opus"], &["ogg", "oga", "opus"]),
    ("audio/wav", &["audio/x-wav"], &["wav"]),
    ("audio/webm", &["video/webm"], &["weba", "webm"]),
    ("video/mp4", &["video/mp4", "video/x-m4v"], &["mp4", "m4v"]),
    ("video/quicktime", &["video/quicktime"], &["mov", "qt"]),
    ("video/webm", &["video/webm"], &["webm"]),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
        &["docx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
        &["xlsx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
        &["pptx"],
    ),
];

impl MediaType {
    /// Every media type that is taken, and its word in JSON.
    pub const ALL: [(Self, &'static str); KINDS.len()] = {
        let mut all = [(Self(0), ""); KINDS.len()];
        let mut at = 0;
        while at < KINDS.len() {
            all[at] = (Self(at), KINDS[at].0);
            at += 1;
        }
        all
    };

    /// The media type of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind)
    }

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS[self.0].0
    }

    /// Whether bytes that were found to be `sniffed` are of this type.
    #[must_use]
    pub fn agrees_with(self, sniffed: &Sniffed) -> bool {
        matches!(sniffed, Sniffed::Known(name) if KINDS[self.0].1.contains(name))
    }

    /// How the names of such files may end, the usual ending first.
    pub(super) fn endings(self) -> &'static [&'static str] {
        KINDS[self.0].2
    }
}

impl From<MediaType> for &'static str {
    fn from(kind: MediaType) -> Self {
        kind.as_str()
    }
}

impl TryFrom<String> for MediaType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a media type that is taken")
    }
}

impl JsonSchema for MediaType {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MediaType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(|(_, word)| word) })
    }
}
