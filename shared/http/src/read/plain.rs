//! Values without parts.

use super::{Reader, by, wrong};
use redress_domain::category::Category;
use redress_domain::id::{Id, Kind};
use serde_json::{Value, json};

/// One of some words.
pub(crate) fn one_of<T: Copy>(words: &[(T, &'static str)]) -> impl Reader<Of = T> {
    let names = move || words.iter().map(|(_, word)| *word).collect::<Vec<_>>();
    by(
        move |value| match words.iter().find(|(_, word)| value.as_str() == Some(word)) {
            Some((meant, _)) => Ok(*meant),
            None => wrong(format!("must be one of {}", names().join(", "))),
        },
        move || json!({ "type": "string", "enum": names() }),
    )
}

/// What something is about.
pub(crate) fn category() -> impl Reader<Of = Category> {
    let words = Category::ALL.map(Category::as_str);
    by(
        move |value| match value.as_str().and_then(Category::parse) {
            Some(category) => Ok(category),
            None => wrong(format!("must be one of {}", words.join(", "))),
        },
        move || json!({ "type": "string", "enum": words }),
    )
}

/// A number without a fraction, however it is written: `3.0` is 3.
///
/// # Source
/// JSON Schema Validation 2020-12, section 6.1.1: an integer is any number with a zero fractional part.
fn integer(value: &Value) -> Option<i64> {
    // Integers are exact in a float up to 2^53, and beyond it nobody can tell which was meant.
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0;
    value.as_i64().or_else(|| value.as_f64().filter(exact).map(|number| number as i64))
}

/// A whole number from `least` to `most`.
pub(crate) fn whole(least: i64, most: i64) -> impl Reader<Of = i64> {
    by(
        move |value| match integer(value).filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(number),
            None => wrong(format!("must be a whole number from {least} to {most}")),
        },
        move || json!({ "type": "integer", "minimum": least, "maximum": most }),
    )
}

/// `true` or `false`.
pub(crate) fn boolean() -> impl Reader<Of = bool> {
    by(|value| value.as_bool().map_or_else(|| wrong("must be true or false"), Ok), || json!({ "type": "boolean" }))
}

/// An id.
pub(crate) fn id<K: Kind>() -> impl Reader<Of = Id<K>> {
    by(
        |value| {
            let parsed = value.as_str().and_then(Id::parse);
            parsed.map_or_else(|| wrong(format!("must be an id like {}…", K::PREFIX)), Ok)
        },
        || json!({ "type": "string", "pattern": Id::<K>::pattern() }),
    )
}
