//! Looking at a file's bytes, chunk by chunk: a file never lies in memory as a whole.

use super::sniff::{HEAD, Sniffed, is_control, sniff};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// How many.
    pub size_bytes: u64,
    /// Their SHA-256, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// What they are.
    pub sniffed: Sniffed,
}

/// A file that is being looked at.
///
/// # Examples
/// ```
/// use redress_domain::attachment::{Examination, Sniffed};
/// let mut examination = Examination::default();
/// examination.feed("退货单 ".as_bytes());
/// examination.feed(b"return slip");
/// assert_eq!(examination.end().sniffed, Sniffed::Known("text/plain"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Examination {
    head: Vec<u8>,
    hash: Sha256,
    size_bytes: u64,
    control: bool,
}

impl Examination {
    /// The next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend(bytes.iter().take(room));
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        self.control = self.control || bytes.iter().copied().any(is_control);
    }

    /// What they were, now that there are no more.
    #[must_use]
    pub fn end(self) -> Seen {
        let sniffed = sniff(&self.head, !self.control);
        Seen { size_bytes: self.size_bytes, sha256: hex(&self.hash.finalize()), sniffed }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes what is written to it");
        text
    })
}
