//! Values of fields that a shop adds of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value of a field of the shop's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Custom {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// Words.
    Text(String),
}

/// What changes of an order's own fields: the new values; `None` for what is taken away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomChanges(pub BTreeMap<String, Option<Custom>>);

/// As many significant digits as a number has at most: with these, and within
/// [`SMALLEST`] and [`LARGEST`], it is read back as it was written, by every reader.
///
/// # Source
/// IEEE 754-2019, section 5.12.2: 15 decimal digits survive binary64 and back. Both the digits and
/// the power of ten are then exact in binary64, so that one multiplication or division rounds once
/// (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
pub const DIGITS: usize = 15;

/// The least that a number may be, but for 0 and the sign.
pub const SMALLEST: f64 = 1e-7;

/// What a number must be below, but for the sign.
pub const LARGEST: f64 = 1e15;

/// Whether a number is read back as it was written.
///
/// ```
/// use redress_domain::custom::is_plain;
/// assert!(is_plain(0.1) && is_plain(-12_345.678) && is_plain(0.0));
/// assert!(!is_plain(0.1 + 0.2) && !is_plain(1e15) && !is_plain(f64::NAN));
/// ```
#[must_use]
pub fn is_plain(number: f64) -> bool {
    let digits = format!("{number:e}");
    let mantissa = digits.split('e').next().unwrap_or_default();
    let significant = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let size = number.abs();
    number == 0.0 || ((SMALLEST..LARGEST).contains(&size) && significant <= DIGITS)
}
