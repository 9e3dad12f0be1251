//! A file as the API is told of it.

use super::text::text;
use super::{Reader, object, one_of, whole, words, wrong};
use redress_domain::attachment::{Declared, LARGEST, MediaType, flaw_of_name};
use serde_json::json;

/// The longest name of a file, in characters.
const FILE_NAME: usize = 128;

/// A file that is going to be uploaded.
pub(crate) fn declared() -> impl Reader<Of = Declared> {
    let largest = i64::try_from(LARGEST).expect("25 MiB are few bytes");
    object(move |fields| {
        let file_name = fields.required("file_name", file_name());
        let media_type = fields.required("media_type", one_of(&MediaType::ALL));
        let size_bytes = fields.required("size_bytes", whole(1, largest).map(i64::unsigned_abs));
        let sha256 = fields.required("sha256", sha256());
        file_name.zip(media_type).zip(size_bytes).zip(sha256).map(|(((file_name, media_type), size_bytes), sha256)| {
            Declared { file_name, media_type, size_bytes, sha256 }
        })
    })
}

fn file_name() -> impl Reader<Of = String> {
    let (words, names_a_file) = (words(FILE_NAME), |name: String| flaw_of_name(&name).map_or(Ok(name), wrong));
    let shows = "^[^/\\\\\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$";
    let says_something = words.schema()["pattern"].take();
    let all = json!({ "pattern": shows, "allOf": [{ "pattern": says_something }, { "pattern": "[^. ]" }] });
    words.then(names_a_file).with(all)
}

/// A digest in hexadecimal digits, which are kept in lower case.
fn sha256() -> impl Reader<Of = String> {
    let digits = |digest: String| match digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(digest.to_ascii_lowercase()),
        false => wrong("must be 64 hexadecimal digits"),
    };
    text(64).then(digits).with(json!({ "pattern": "^[0-9A-Fa-f]{64}$" }))
}
