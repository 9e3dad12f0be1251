//! JSON, read strictly: no key twice in an object, and no deeper than [`DEEPEST`].
//!
//! `serde_json` itself refuses invalid UTF-8, lone surrogates and anything after the value. Of two
//! equal keys it silently keeps the last, and two readers of one document would then disagree.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// How many objects and arrays may stand in each other.
pub(crate) const DEEPEST: usize = 32;

/// As much memory as the values of a body take besides their texts, about, in bytes. Without it
/// small objects would take eighty times what they are written in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Weight {
    /// Something that somebody says or asks for: some dozens of fields, and long texts.
    Plain,
    /// A list of many small things, as a batch, a calendar or a policy is: twice what the heaviest
    /// needs that anybody has a reason to send in 256 KiB.
    Document,
}

impl Weight {
    fn bytes(self) -> usize {
        match self {
            Self::Plain => 256 * 1024,
            Self::Document => 8 * 1024 * 1024,
        }
    }
}

/// The one value that `text` is.
pub(crate) fn parse(text: &[u8], weight: Weight) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Strict { room: DEEPEST, memory: &Cell::new(weight.bytes()) }.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// A value as text, with the keys of its objects in order: equal for documents that say the same,
/// whatever their spacing and order.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            let fields =
                sorted.into_iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

/// Builds a value with room for so many levels, and so much memory left for all of it.
#[derive(Clone, Copy)]
struct Strict<'a> {
    room: usize,
    memory: &'a Cell<usize>,
}

/// What an array, and an object, takes for itself, about; and what a field takes besides its name.
const ARRAY: usize = 128;
const OBJECT: usize = 640;
const FIELD: usize = 128;

impl Strict<'_> {
    /// Takes so much of the memory that is left.
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.memory.get().checked_sub(bytes).ok_or_else(|| E::custom("it holds too many values"))?;
        self.memory.set(left);
        Ok(())
    }

    fn inside<E: Error>(self) -> Result<Self, E> {
        let room = self.room.checked_sub(1).ok_or_else(|| E::custom(format!("nested deeper than {DEEPEST} levels")))?;
        Ok(Self { room, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let (inside, mut array) = (self.inside()?, Vec::new());
        self.take(ARRAY)?;
        while let Some(item) = items.next_element_seed(inside)? {
            self.take(size_of::<Value>())?;
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let (inside, mut object) = (self.inside()?, Map::new());
        self.take(OBJECT)?;
        while let Some(key) = fields.next_key::<String>()? {
            self.take(FIELD + key.len())?;
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key comes twice in one object"));
            }
            object.insert(key, fields.next_value_seed(inside)?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_json_is_read_as_it_is() {
        let text = r#"{"a": [1, -2, 0.5, true, null, "😀"], "\u0062": {"c": "\ud83d\ude00"}}"#;
        let read = json!({"a": [1, -2, 0.5, true, null, "😀"], "b": {"c": "😀"}});
        assert_eq!(parse(text.as_bytes(), Weight::Document).unwrap(), read);
    }

    #[test]
    fn an_integer_of_any_size_is_read() {
        assert!(parse(b"123456789012345678901234567890", Weight::Document).unwrap().is_number());
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"x": [{"b": 1, "b": 2}]}"#,
            r#""\ud800""#,
            r#"{"\udc00": 1}"#,
            "{} {}",
            "[1,]",
            "NaN",
            "",
            "\u{feff}{}",
        ] {
            assert!(parse(text.as_bytes(), Weight::Document).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"", Weight::Document).is_err());
        assert!(parse(b"\"\xed\xa0\x80\"", Weight::Document).is_err());
    }

    #[test]
    fn the_deepest_level_is_read_and_the_next_is_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(DEEPEST).as_bytes(), Weight::Document).is_ok());
        assert!(parse(nested(DEEPEST + 1).as_bytes(), Weight::Document).is_err());
        assert!(parse("[".repeat(100_000).as_bytes(), Weight::Document).is_err());
    }

    #[test]
    fn more_values_than_anybody_has_a_reason_to_send_are_refused() {
        let body = |part: &str| format!("[{}0]", part.repeat(256 * 1024 / part.len()));
        for part in ["{\"a\":0},", "{},", "[[[[[[[[]]]]]]]],"] {
            assert!(parse(body(part).as_bytes(), Weight::Document).is_err(), "{part}");
        }
        assert!(parse(body("0,").as_bytes(), Weight::Document).is_ok());
        let fields: Vec<_> = (0..25_000).map(|at| format!("\"x{at}\":0")).collect();
        assert!(parse(format!("{{{}}}", fields.join(",")).as_bytes(), Weight::Document).is_ok());
        let days: Vec<_> = (0..7_900).map(|at| format!("\"2026-{at:05}\":[[\"09:00\",\"18:00\"]]")).collect();
        assert!(parse(format!("{{{}}}", days.join(",")).as_bytes(), Weight::Document).is_ok(), "a calendar of 256 KiB");
    }

    #[test]
    fn documents_that_say_the_same_have_one_canonical_text() {
        let (one, other) = (
            parse(br#"{"b": [1, {"d": 1, "c": "\u4f60"}], "a": 2}"#, Weight::Document),
            parse(r#"{"a":2,"b":[1,{"c":"你","d":1}]}"#.as_bytes(), Weight::Document),
        );
        assert_eq!(canonical(&one.unwrap()), canonical(&other.unwrap()));
    }
}
