//! What a file is called: as it came, and as it is handed out.

use super::MediaType;
use std::fmt::Write;

/// What is wrong with a file's name, if anything is: it names a file and no place, and shows all of
/// itself to whoever reads it.
#[must_use]
pub fn flaw_of_name(name: &str) -> Option<&'static str> {
    if name.contains(['/', '\\']) {
        return Some("must be a name without a path");
    }
    if name.chars().any(char::is_control) {
        return Some("must not contain control characters");
    }
    if name.chars().any(turns_the_text) {
        return Some("must not contain characters that turn the direction of the text: they disguise how a name ends");
    }
    if name.trim_matches(['.', ' ']).is_empty() {
        return Some("must not be dots alone");
    }
    None
}

/// Whether a character changes in which order others are shown.
///
/// # Source
/// Unicode Standard Annex 9, section 2: explicit directional formatting characters.
fn turns_the_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The header that makes a browser save a file and not show it, under its own name; whose ending is
/// added where the name ends as another type does, since a desktop opens files by their endings.
///
/// # Source
/// RFC 6266: a plain name for old readers beside the whole one, which is written as RFC 8187 says.
///
/// # Examples
/// ```
/// use redress_domain::attachment::{MediaType, disposition};
/// let picture = MediaType::parse("image/png").unwrap();
/// assert_eq!(
///     disposition("破损.png", picture),
///     "attachment; filename=\"__.png\"; filename*=UTF-8''%E7%A0%B4%E6%8D%9F.png",
/// );
/// ```
#[must_use]
pub fn disposition(name: &str, kind: MediaType) -> String {
    let name = with_ending(name, kind);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(&name))
}

fn with_ending(name: &str, kind: MediaType) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match kind.endings() {
        endings if endings.contains(&ending.as_str()) => name.to_owned(),
        endings => format!("{name}.{}", endings.first().copied().unwrap_or("bin")),
    }
}

/// Whether every reader takes a character between quotes for itself.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%')
}

/// `attr-char` of RFC 8187 as itself, everything else byte by byte.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(char::from(byte)),
            b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => {
                text.push(char::from(byte));
            }
            _ => write!(text, "%{byte:02X}").expect("a text takes what is written to it"),
        }
        text
    })
}
