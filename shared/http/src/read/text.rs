//! Texts: counted in code points, kept as they are.

use super::{Read, wrong};
use serde_json::Value;

/// A text of at most `most` code points, which may be empty.
pub(crate) fn text(most: usize) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let Some(text) = value.as_str() else { return wrong("must be a string") };
        if text.chars().nth(most).is_some() {
            return wrong(format!("must have at most {most} characters"));
        }
        if text.contains('\0') {
            return wrong("must not contain U+0000");
        }
        Ok(text.to_owned())
    }
}

/// A text of 1 to `most` code points that says something.
pub(crate) fn words(most: usize) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let text = text(most)(value)?;
        if text.is_empty() {
            return wrong("must not be empty");
        }
        if text.chars().all(is_invisible) {
            return wrong("must have a visible character");
        }
        Ok(text)
    }
}

/// Whether a reader sees nothing where this character stands.
///
/// # Source
/// Unicode 16: `White_Space`, `Default_Ignorable_Code_Point`
/// (<https://www.unicode.org/Public/16.0.0/ucd/DerivedCoreProperties.txt>), controls, and the blank
/// Braille pattern.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A plausible e-mail address: whether it works, only a message can tell.
pub(super) fn email(value: &Value) -> Read<String> {
    let address = text(254)(value)?;
    let plain = !address.chars().any(is_invisible);
    match address.split('@').collect::<Vec<_>>()[..] {
        [user, host] if plain && !user.is_empty() && !host.is_empty() => Ok(address),
        _ => wrong("must be an e-mail address like name@example.com"),
    }
}

/// A language tag of the form of BCP 47.
///
/// # Source
/// RFC 5646, section 2.1, without its registry: subtags of 1 to 8 letters and digits, the first of
/// letters alone, 35 characters in all (section 4.4.1).
pub(super) fn locale(value: &Value) -> Read<String> {
    let tag = text(35)(value)?;
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = tag.split('-').next().unwrap_or_default();
    if tag.split('-').all(subtag) && first.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(tag);
    }
    wrong("must be a language tag like zh-CN")
}

/// Three capitals.
pub(super) fn currency(value: &Value) -> Read<String> {
    match value.as_str().filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())) {
        Some(code) => Ok(code.to_owned()),
        None => wrong("must be three capital letters like CNY"),
    }
}
