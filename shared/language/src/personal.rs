//! Personal data in a folded text, as far as the training data had it masked: what the model learnt
//! from `[NUM]` must hold for a real order number.

use crate::fold::is_east_asian;

/// Longer names of masks and users are not looked for.
const MAX_NAME: usize = 64;
/// Digit runs of this length and more are masked as `[NUM]` in the training data.
const LONG_RUN: usize = 7;

/// The name of the mask (`[NUM]`, `[ACCOUNT_NUMBER]`) that a folded text starts with, as folded, and
/// how many bytes the mask has.
pub(crate) fn mask(rest: &str) -> Option<(&str, usize)> {
    let inside = rest.strip_prefix("[\u{2}")?;
    let length = inside.find(']').filter(|length| *length <= MAX_NAME)?;
    let name = inside[..length].strip_suffix('\u{3}')?;
    Some((name, rest.len() - inside.len() + length + 1))
}

/// How many bytes the URL has that a folded text starts with.
pub(crate) fn url(rest: &str) -> Option<usize> {
    let is_url =
        ["\u{2}http\u{3}://", "\u{2}https\u{3}://", "\u{2}www\u{3}."].iter().any(|start| rest.starts_with(start));
    is_url.then(|| address(rest))
}

/// How many bytes the e-mail address has that a folded text starts with.
pub(crate) fn email(rest: &str) -> Option<usize> {
    let mut user = rest.char_indices().take(MAX_NAME).take_while(|(_, c)| in_address(*c));
    let at = user.find(|(_, c)| *c == '@')?.0;
    let host = rest[at..].strip_prefix("@\u{2}")?;
    let length = address(host);
    host[..length].contains("\u{3}.\u{2}").then_some(rest.len() - host.len() + length)
}

/// How many bytes of a text are of an address, without a full stop at its end.
fn address(rest: &str) -> usize {
    let end = rest.find(|c| !in_address(c)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', '!', '?', ';', ':']).len()
}

/// Stays inside an address: no blank, no East Asian character, no bracket.
fn in_address(c: char) -> bool {
    !is_east_asian(c) && !matches!(c, ' ' | '[' | ']' | '(' | ')' | '<' | '>' | '"' | ',' | '，' | '。')
}

/// The digit runs of a word that are long enough to have been masked.
pub(crate) fn long_digits(word: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let bytes = word.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let start = at;
            at += length.max(1);
            if length >= LONG_RUN {
                return Some((start, at));
            }
        }
        None
    })
}
