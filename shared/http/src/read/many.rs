//! Lists, and objects whose keys are not known beforehand.

use super::{Read, Reader, Wrong, within, wrong};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// At most `most` items, each read by `reader`.
pub(crate) fn list<R: Reader>(most: usize, reader: R) -> impl Reader<Of = Vec<R::Of>> {
    List { most, reader }
}

struct List<R> {
    most: usize,
    reader: R,
}

impl<R: Reader> Reader for List<R> {
    type Of = Vec<R::Of>;

    fn read(&self, value: &Value) -> Read<Self::Of> {
        let Value::Array(items) = value else { return wrong("must be an array") };
        if items.len() > self.most {
            return wrong(format!("must have at most {} items", self.most));
        }
        let (mut made, mut why) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            let read = self.reader.read(item);
            read.map_or_else(|wrong| why.extend(within(&at.to_string(), wrong)), |item| made.push(item));
        }
        if why.is_empty() { Ok(made) } else { Err(why) }
    }

    fn schema(&self) -> Value {
        json!({ "type": "array", "items": self.reader.schema(), "maxItems": self.most })
    }
}

/// A list that is not empty: an empty one would match nothing.
pub(crate) fn some<R: Reader>(most: usize, reader: R) -> impl Reader<Of = Vec<R::Of>> {
    let filled = |items: Vec<R::Of>| match items.is_empty() {
        true => wrong("an empty list matches nothing: leave the condition out"),
        false => Ok(items),
    };
    list(most, reader).then(filled).with(json!({ "minItems": 1 }))
}

/// A list in which nothing stands twice.
pub(crate) fn no_repeats<T: PartialEq>(list: impl Reader<Of = Vec<T>>) -> impl Reader<Of = Vec<T>> {
    let distinct = |items: Vec<T>| match items.iter().enumerate().find(|(at, item)| items[..*at].contains(item)) {
        Some((at, _)) => Err(vec![Wrong { pointer: format!("/{at}"), detail: "stands there twice".to_owned() }]),
        None => Ok(items),
    };
    list.then(distinct).with(json!({ "uniqueItems": true }))
}

/// Which keys an object may have, as a pattern, and what they mean.
pub(crate) type Keys<K> = (String, fn(&str) -> Option<K>);

/// An object of at most `most` entries under such keys, whose values are read by `reader`.
pub(crate) fn map<K: Ord, R: Reader>(
    most: usize,
    (keys, key): Keys<K>,
    reader: R,
) -> impl Reader<Of = BTreeMap<K, R::Of>> {
    Entries { most, keys, key, reader }
}

struct Entries<K, R> {
    most: usize,
    keys: String,
    key: fn(&str) -> Option<K>,
    reader: R,
}

impl<K: Ord, R: Reader> Reader for Entries<K, R> {
    type Of = BTreeMap<K, R::Of>;

    fn read(&self, value: &Value) -> Read<Self::Of> {
        let Value::Object(fields) = value else { return wrong("must be an object") };
        if fields.len() > self.most {
            return wrong(format!("must have at most {} entries", self.most));
        }
        let (mut made, mut why) = (BTreeMap::new(), Vec::new());
        for (name, value) in fields {
            match ((self.key)(name), self.reader.read(value)) {
                (Some(key), Ok(value)) => drop(made.insert(key, value)),
                (None, _) => {
                    why.extend(within(name, vec![Wrong { pointer: String::new(), detail: "unknown key".to_owned() }]));
                }
                (_, Err(wrong)) => why.extend(within(name, wrong)),
            }
        }
        if why.is_empty() { Ok(made) } else { Err(why) }
    }

    fn schema(&self) -> Value {
        let entries = self.reader.schema();
        json!({
            "type": "object", "patternProperties": { self.keys.as_str(): entries },
            "additionalProperties": false, "maxProperties": self.most,
        })
    }
}

/// The pattern of exactly these words.
pub(crate) fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    format!("^({})$", words.into_iter().collect::<Vec<_>>().join("|").replace('.', "[.]"))
}
