//! Texts: counted in code points, kept as they are.

use super::{Reader, by, wrong};
use redress_domain::policy::NAME;
use serde_json::json;

/// A text of at most `most` code points, which may be empty.
pub(crate) fn text(most: usize) -> impl Reader<Of = String> {
    by(
        move |value| {
            let Some(text) = value.as_str() else { return wrong("must be a string") };
            if text.chars().nth(most).is_some() {
                return wrong(format!("must have at most {most} characters"));
            }
            if text.contains('\0') {
                return wrong("must not contain U+0000");
            }
            Ok(text.to_owned())
        },
        move || json!({ "type": "string", "maxLength": most, "pattern": "^[^\\u0000]*$" }),
    )
}

/// A text of 1 to `most` code points that says something.
pub(crate) fn words(most: usize) -> impl Reader<Of = String> {
    let says_something = |text: String| {
        if text.is_empty() {
            return wrong("must not be empty");
        }
        if !is_visible(&text) {
            return wrong("must have a visible character");
        }
        Ok(text)
    };
    let words = move || text(most).then(says_something);
    by(move |value| words().read(value), move || words().with(json!({ "minLength": 1, "pattern": visible() })).schema())
}

/// Whether a reader sees anything of a text.
pub(super) fn is_visible(text: &str) -> bool {
    !text.chars().all(is_invisible)
}

/// The same, as a regular expression.
pub(super) fn visible() -> String {
    format!("^[^\\u0000]*[^{}][^\\u0000]*$", invisible())
}

/// Characters where a reader sees nothing, from and to.
///
/// # Source
/// Unicode 16: `White_Space`, `Default_Ignorable_Code_Point`
/// (<https://www.unicode.org/Public/16.0.0/ucd/DerivedCoreProperties.txt>), controls, and the blank
/// Braille pattern.
const INVISIBLE: [(char, char); 22] = [
    ('\0', ' '),
    ('\u{7f}', '\u{a0}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2000}', '\u{200f}'),
    ('\u{2028}', '\u{202f}'),
    ('\u{205f}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(from, to)| (*from..=*to).contains(&c))
}

/// The same as the inside of a class of a regular expression.
fn invisible() -> String {
    INVISIBLE.iter().map(|(from, to)| format!("{}-{}", escaped(*from), escaped(*to))).collect()
}

/// A character as every dialect of regular expressions reads it.
fn escaped(c: char) -> String {
    match u16::try_from(u32::from(c)) {
        Ok(unit) => format!("\\u{unit:04x}"),
        Err(_) => c.to_string(),
    }
}

/// A plausible e-mail address: whether it works, only a message can tell.
pub(super) fn email() -> impl Reader<Of = String> {
    let plausible = |address: String| {
        let plain = !address.chars().any(is_invisible);
        match address.split('@').collect::<Vec<_>>()[..] {
            [user, host] if plain && !user.is_empty() && !host.is_empty() => Ok(address),
            _ => wrong("must be an e-mail address like name@example.com"),
        }
    };
    let address = move || text(254).then(plausible);
    by(
        move |value| address().read(value),
        move || {
            let part = format!("[^@{}]+", invisible());
            address().with(json!({ "pattern": format!("^{part}@{part}$") })).schema()
        },
    )
}

/// A language tag of the form of BCP 47.
///
/// # Source
/// RFC 5646, section 2.1, without its registry: subtags of 1 to 8 letters and digits, the first of
/// letters alone, 35 characters in all (section 4.4.1).
pub(super) fn locale() -> impl Reader<Of = String> {
    let tag = |tag: String| {
        let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let first = tag.split('-').next().unwrap_or_default();
        if tag.split('-').all(subtag) && first.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Ok(tag);
        }
        wrong("must be a language tag like zh-CN")
    };
    text(35).then(tag).with(json!({ "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$" }))
}

/// Three capitals.
pub(super) fn currency() -> impl Reader<Of = String> {
    let code = |code: String| match code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        true => Ok(code),
        false => wrong("must be three capital letters like CNY"),
    };
    text(3).then(code).with(json!({ "pattern": "^[A-Z]{3}$" }))
}

/// The name of a document that a manager makes, as it stands in paths.
pub(crate) fn slug() -> impl Reader<Of = String> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    by(
        move |value| {
            let text = value.as_str().unwrap_or_default();
            if text.is_empty() || text.len() > NAME || !text.bytes().all(plain) {
                return wrong(format!("must be 1 to {NAME} of a-z, 0-9, _ and -"));
            }
            if ROUTES.contains(&text) {
                return wrong("is the name of a route; take another");
            }
            Ok(text.to_owned())
        },
        || {
            let pattern = format!("^(?!({})$)[a-z0-9_-]{{1,{NAME}}}$", ROUTES.join("|"));
            json!({ "type": "string", "pattern": pattern })
        },
    )
}

/// What stands where a document's name does in a path.
const ROUTES: [&str; 2] = ["preview", "reapply"];
