//! How a document's text is written: as it is while it is short, and packed when it is long, since the
//! table charges by the kilobyte, once for each write and twice within a transaction.
//!
//! Packed text is a zlib stream over a dictionary of what our documents look like. The stream names its
//! dictionary by a checksum, so that text packed over an earlier one stays readable for as long as we know
//! that one.
//!
//! # Source
//! RFC 1950, section 2.2 (`FDICT`, `DICTID`); why: docs/adr/0034-documents-are-packed.md.

use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, Decompress, FlushDecompress, Status};
use serde_json::Value;
use std::io::Write;

/// Text of up to so many bytes stays as it is, and can be read in the table: with its keys and marks it
/// is written for one unit.
const PLAIN: usize = 640;

/// The newest first: that is written over. None is ever changed or removed; a new one is read for one
/// release before it is written, so that the release before can read what a canary wrote.
const DICTIONARIES: [&[u8]; 1] = [include_bytes!("pack/2026-11.txt")];

/// A document's text as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// JSON.
    Plain(String),
    /// JSON, packed.
    Packed(Vec<u8>),
}

/// Bytes that no version of us packed, or a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not packed by this version or an earlier one")]
pub struct Unreadable;

impl Text {
    /// The text of `body`.
    #[must_use]
    pub fn of(body: &Value) -> Self {
        let text = body.to_string();
        if text.len() <= PLAIN { Self::Plain(text) } else { Self::Packed(pack(text.as_bytes())) }
    }

    /// How many bytes are written.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Packed(bytes) => bytes.len(),
        }
    }
}

fn pack(text: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::default(), true);
    compress.set_dictionary(DICTIONARIES[0]).expect("nothing is packed yet");
    let mut encoder = ZlibEncoder::new_with_compress(Vec::with_capacity(text.len() / 4), compress);
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes what is written to it")
}

/// The document whose text was packed.
///
/// # Errors
/// [`Unreadable`] if these bytes are not what [`Text::of`] makes.
pub fn unpack(bytes: &[u8]) -> Result<Value, Unreadable> {
    let mut inflate = Decompress::new(true);
    let mut text = Vec::with_capacity(8 * bytes.len() + 1);
    loop {
        let seen = usize::try_from(inflate.total_in()).map_err(|_| Unreadable)?;
        let rest = bytes.get(seen..).ok_or(Unreadable)?;
        match inflate.decompress_vec(rest, &mut text, FlushDecompress::Finish) {
            Ok(Status::StreamEnd) => return serde_json::from_slice(&text).map_err(|_| Unreadable),
            Ok(_) if text.len() == text.capacity() => text.reserve(bytes.len().max(text.len())),
            Ok(_) => return Err(Unreadable),
            Err(error) if error.needs_dictionary().is_some() => {
                DICTIONARIES.iter().find(|its| inflate.set_dictionary(its).is_ok()).ok_or(Unreadable)?;
            }
            Err(_) => return Err(Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn round(body: &Value) -> Value {
        match Text::of(body) {
            Text::Plain(text) => serde_json::from_str(&text).expect("JSON"),
            Text::Packed(bytes) => unpack(&bytes).expect("ours"),
        }
    }

    #[test]
    fn what_is_short_stays_readable_and_what_is_long_is_packed() {
        assert_eq!(Text::of(&json!({"to": "退货"})), Text::Plain(r#"{"to":"退货"}"#.to_owned()));
        let long = json!({"preview": "我要退货。I want to return it. ".repeat(40)});
        assert!(matches!(Text::of(&long), Text::Packed(_)));
        assert!(Text::of(&long).size() < 200);
    }

    #[test]
    fn text_comes_back_code_point_for_code_point_and_numbers_digit_for_digit() {
        for length in [0, 1, 599, 600, 601, 5_000, 400_000] {
            let body = json!({
                "words": "𠮷野家\u{1}\u{10FFFF}\0é".repeat(length / 8),
                "numbers": [9_007_199_254_740_993_i64, u64::MAX, i64::MIN, 0.1, 5e-324],
                "noise": (0..length / 40).map(|n| n.wrapping_mul(0x9E37_79B9)).collect::<Vec<_>>(),
            });
            assert_eq!(round(&body), body, "of some {length} bytes");
        }
    }

    #[test]
    fn bytes_that_are_not_ours_are_refused() {
        let Text::Packed(bytes) = Text::of(&json!(vec!["work_order"; 200])) else { panic!("long") };
        let mut other = bytes.clone();
        other[2] ^= 1;
        for wrong in [&bytes[..bytes.len() - 5], &bytes[..3], &other, b"{}", b"", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]] {
            assert_eq!(unpack(wrong), Err(Unreadable));
        }
    }

    #[test]
    fn no_dictionary_was_changed() {
        let named = |dictionary: &&[u8]| {
            let mut compress = Compress::new(Compression::default(), true);
            compress.set_dictionary(dictionary).expect("nothing is packed yet")
        };
        assert_eq!(DICTIONARIES.iter().map(named).collect::<Vec<_>>(), [205_303_382]);
    }
}
