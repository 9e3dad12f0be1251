//! `name=value&…`, as queries and forms are written. Unlike `form_urlencoded`, bytes that are no
//! UTF-8 are an error and not U+FFFD: text comes back code point for code point or not at all.

/// A name or value is no UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotUtf8;

/// Names and values in their order.
///
/// # Source
/// <https://url.spec.whatwg.org/#urlencoded-parsing>
pub(crate) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, NotUtf8> {
    let parts = text.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts.map(pair).collect()
}

fn pair(part: &[u8]) -> Result<(String, String), NotUtf8> {
    let at = part.iter().position(|byte| *byte == b'=');
    let (name, value) = at.map_or((part, &part[part.len()..]), |at| (&part[..at], &part[at + 1..]));
    Ok((decode(name)?, decode(value)?))
}

/// A `%` that no two hexadecimal digits follow stands for itself.
fn decode(text: &[u8]) -> Result<String, NotUtf8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let (byte, left) = match (first, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, left @ ..]) => hex(*high, *low).map_or((b'%', after), |byte| (byte, left)),
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8(bytes).map_err(|_| NotUtf8)
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let read = pairs("a=1&b=%E4%BD%A0+%2b&c&=d&&e=x=y&f=100%&g=你".as_bytes()).unwrap();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, [("a", "1"), ("b", "你 +"), ("c", ""), ("", "d"), ("e", "x=y"), ("f", "100%"), ("g", "你")]);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_refused() {
        assert_eq!(pairs(b"a=%FF"), Err(NotUtf8));
        assert_eq!(pairs(b"a=%ED%A0%80"), Err(NotUtf8));
    }
}
