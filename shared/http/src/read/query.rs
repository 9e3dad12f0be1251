//! Values of a query, where everything is text.

use super::instant::{like, parse};
use super::{Reader, by, wrong};
use jiff::Timestamp;
use serde_json::json;

/// An instant of a query, where `+` means a space unless it is written as `%2B`: in the place of
/// an offset's sign a space can only have been one.
pub(crate) fn query_instant() -> impl Reader<Of = Timestamp> {
    by(
        |value| {
            let text = value.as_str().unwrap_or_default();
            match text.rsplit_once(' ') {
                Some((time, offset)) if like(offset, "00:00") => parse(&format!("{time}+{offset}").into()),
                _ => parse(value),
            }
        },
        || json!({ "type": "string", "format": "date-time" }),
    )
}

/// A whole number of a query, from `least` to `most`, in plain digits.
pub(crate) fn query_number(least: usize, most: usize) -> impl Reader<Of = usize> {
    by(
        move |value| {
            let digits = value.as_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let number = digits.and_then(|text| text.parse().ok());
            let number = number.filter(|number| (least..=most).contains(number));
            number.map_or_else(|| wrong(format!("must be a whole number from {least} to {most}")), Ok)
        },
        move || json!({ "type": "integer", "minimum": least, "maximum": most }),
    )
}

/// `true` or `false` of a query.
pub(crate) fn query_flag() -> impl Reader<Of = bool> {
    by(
        |value| match value.as_str() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => wrong("must be true or false"),
        },
        || json!({ "type": "boolean" }),
    )
}
