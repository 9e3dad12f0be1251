//! `Idempotency-Key`: the caller's name for a request, so that a retry is known as one.
//!
//! # Source
//! draft-ietf-httpapi-idempotency-key-header-07: the value is a string of RFC 8941, section 3.3.3.
//! Many callers send the bare text, so that is taken too, and the two are one key.

use crate::problem::{Code, Problem};
use axum::http::{HeaderMap, HeaderName};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key, in characters.
const LONGEST: usize = 255;

/// The key, if there is one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let key = line.to_str().ok().filter(|_| lines.next().is_none()).and_then(parse);
    key.map(Some).ok_or_else(|| {
        let detail =
            "Idempotency-Key must be one text of 1 to 255 printable ASCII characters, bare or as a quoted string";
        Problem::new(Code::IdempotencyKeyMalformed, detail)
    })
}

fn parse(line: &str) -> Option<String> {
    let line = line.trim_matches([' ', '\t']);
    let key = match line.strip_prefix('"') {
        Some(rest) => unquote(rest)?,
        None => line.to_owned(),
    };
    is_key(&key).then_some(key)
}

/// Whether this can be a key, bare.
pub(crate) fn is_key(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    printable && text.len() <= LONGEST && !text.trim().is_empty()
}

/// What stands before the closing quote, which must be the end.
fn unquote(text: &str) -> Option<String> {
    let (mut key, mut rest) = (String::new(), text.chars());
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(key),
            '\\' => key.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_and_a_quoted_key_are_one() {
        assert_eq!(parse("8e03978e-40d5"), parse("\"8e03978e-40d5\""));
        assert_eq!(parse(r#""a \"b\" \\c""#).as_deref(), Some(r#"a "b" \c"#));
        assert_eq!(parse("  a b  ").as_deref(), Some("a b"));
        assert_eq!(parse(&"k".repeat(255)).map(|key| key.len()), Some(255));
        assert_eq!(parse(&format!("\"{}\"", "k".repeat(255))).map(|key| key.len()), Some(255));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "k".repeat(256);
        for line in ["", "  ", "\"\"", "\"  \"", "\"a", "\"a\" b", "\"a\";x=1", r#""\a""#, "a\tb", &long] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
