//! Instants: RFC 3339 with any offset, kept to the millisecond.

use super::{Read, Reader, by, wrong};
use jiff::Timestamp;
use serde_json::{Value, json};

/// An instant.
pub(crate) fn instant() -> impl Reader<Of = Timestamp> {
    by(parse, || json!({ "type": "string", "format": "date-time" }))
}

pub(super) fn parse(value: &Value) -> Read<Timestamp> {
    let parsed = value.as_str().filter(|text| is_rfc3339(text)).and_then(|text| text.parse::<Timestamp>().ok());
    match parsed.filter(|at| *at >= EARLIEST).map(Timestamp::as_millisecond).map(Timestamp::from_millisecond) {
        Some(Ok(at)) => Ok(at),
        _ => wrong("must be an instant like 2026-01-31T09:30:00Z or 2026-01-31T17:30:00+08:00"),
    }
}

/// The first instant whose year has four digits in UTC.
const EARLIEST: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// Whether `text` has the shape that RFC 3339 gives; `jiff` reads more (names of zones, no seconds).
///
/// # Source
/// RFC 3339, section 5.6.
fn is_rfc3339(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let Some((time, rest)) = rest.split_at_checked(9) else { return false };
    let (_, offset) = rest
        .strip_prefix('.')
        .map_or(("", rest), |fraction| fraction.split_at(fraction.bytes().take_while(u8::is_ascii_digit).count()));
    let fraction = rest.len() - offset.len();
    like(date, "0000-00-00")
        && (like(time, "T00:00:00") || like(time, "t00:00:00") || like(time, " 00:00:00"))
        && (fraction == 0 || (2..=10).contains(&fraction))
        && (matches!(offset, "Z" | "z") || like(offset, "+00:00") || like(offset, "-00:00"))
}

/// Whether `text` is `shape` with any digits in the place of its zeros.
pub(super) fn like(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_any_offset_and_is_kept_to_the_millisecond() {
        for (text, read) in [
            ("2026-01-31T17:30:00+08:00", "2026-01-31T09:30:00Z"),
            ("2026-01-31t09:30:00.123456789z", "2026-01-31T09:30:00.123Z"),
            ("2026-01-31 09:30:00.5-00:00", "2026-01-31T09:30:00.5Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(parse(&text.into()).unwrap().to_string(), read);
        }
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T09:30Z",
            "2026-01-31T09:30:00",
            "2026-01-31T09:30:00+08",
            "2026-02-30T09:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00+08:00[Asia/Shanghai]",
            "20260131T093000Z",
            "+002026-01-31T09:30:00Z",
            "0000-01-01T00:00:00+23:00",
            "9999-12-31T23:59:59-23:00",
            "明天上午九点半好不好呀",
        ] {
            assert!(parse(&text.into()).is_err(), "{text}");
        }
        assert!(parse(&1_769_851_800.into()).is_err());
    }
}
