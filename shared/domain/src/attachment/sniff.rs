//! What bytes are, whatever their name says.
//!
//! # Source
//! <https://mimesniff.spec.whatwg.org/>: what browsers take for markup, and which bytes no text has.

/// As many of a file's first bytes as are looked at.
pub(super) const HEAD: usize = 8 * 1024;

/// What a file's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A page, a script or a program: whatever a machine may run.
    Forbidden,
    /// A type, by the sniffer's name; `text/plain` for any text.
    Known(&'static str),
    /// Nothing that is known here.
    Unknown,
}

/// What a file is that begins with `head` and, as a whole, has no byte that no text has (`text`).
pub(super) fn sniff(head: &[u8], text: bool) -> Sniffed {
    if is_markup(head) || is_script(head) {
        return Sniffed::Forbidden;
    }
    // Before the sniffer is asked: it takes any text that begins with `BM` for a picture.
    if text && !head.starts_with(b"%PDF-") && !head.starts_with(b"%!PS") && !head.starts_with(b"{\\rtf") {
        return Sniffed::Known("text/plain");
    }
    if let Some(office) = office(head) {
        return Sniffed::Known(office);
    }
    match infer::get(head) {
        Some(kind) if kind.matcher_type() == infer::MatcherType::App => Sniffed::Forbidden,
        Some(kind) if RUN.contains(&kind.mime_type()) => Sniffed::Forbidden,
        Some(kind) => Sniffed::Known(kind.mime_type()),
        None => Sniffed::Unknown,
    }
}

/// What runs, and what the sniffer does not count among programs.
const RUN: [&str; 8] = [
    "text/html",
    "text/xml",
    "text/x-shellscript",
    "application/x-shockwave-flash",
    "application/x-google-chrome-extension",
    "application/vnd.debian.binary-package",
    "application/x-rpm",
    "application/postscript",
];

/// What a browser may take for a page: after a byte order mark and white space, a tag, a comment, a
/// declaration. Stricter than browsers, which know a list of tags: SVG and XML begin so too.
fn is_markup(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let opens = |second: u8| second.is_ascii_alphabetic() || matches!(second, b'!' | b'?' | b'/' | b'%');
    matches!(rest, [b'<', second, ..] if opens(*second))
}

/// What a shell may take for a script. The one sound that begins alike is told apart.
fn is_script(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    rest.starts_with(b"#!") && !rest.starts_with(b"#!AMR\n")
}

/// Whether a byte stands in no text.
pub(super) fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

/// What stands in front of each file of an archive, up to its name.
const LOCAL_HEADER: usize = 30;

/// The office format of an archive, by the folder that its first files lie in. The sniffer knows it
/// only where the writer is Microsoft's, by their order.
fn office(head: &[u8]) -> Option<&'static str> {
    const FOLDERS: [(&[u8], &str); 3] = [
        (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];
    let is_archive = head.starts_with(b"PK\x03\x04");
    let first = head.get(LOCAL_HEADER..).filter(|_| is_archive)?;
    let belongs = [&b"[Content_Types].xml"[..], b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/"];
    if !belongs.iter().any(|name| first.starts_with(name)) {
        return None;
    }
    let headers = head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04");
    let mut names = headers.filter_map(|(at, _)| head.get(at + LOCAL_HEADER..));
    names.find_map(|name| FOLDERS.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, kind)| *kind))
}
