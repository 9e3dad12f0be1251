//! Values of requests: parsed once into what the domain knows, with *everything* that is wrong
//! told at once. Each reader also says, as JSON Schema, which values it reads, so that the OpenAPI
//! document can't promise one thing and the API do another.
//!
//! [`object`] puts readers of fields together: one function reads the fields of an [`Object`], and
//! run on an empty one it describes them. Written by hand and not derived with `deserr`: there an
//! absent optional field and `null` are one and the same, every constrained text needs a type of
//! its own beside the domain's, and queries and forms would need a second way. This is shorter than
//! its attributes would be.

mod amendment;
mod answer;
mod attachment;
mod batch;
mod deed;
mod feedback;
mod identity;
mod instant;
mod message;
mod people;
mod policy;
mod priority;
mod query;
mod ranked;
mod text;
mod transition;

pub(crate) use amendment::{annulment, patch, reapply, reason};
pub(crate) use answer::answer;
pub(crate) use attachment::declared;
pub(crate) use batch::{batch, item};
pub(crate) use deed::{Stretch, assignment, branch, effort, merging, watcher};
pub(crate) use feedback::{REFERENCE, feedback};
pub(crate) use identity::identity;
pub(crate) use instant::instant;
pub(crate) use message::draft;
pub(crate) use people::{agent, api_key, presence, team};
pub(crate) use policy::{CalendarPreview, PRIORITIES, calendar, calendar_preview, sla_policy, sla_preview};
pub(crate) use priority::{PriorityPreview, priority_policy, priority_preview};
pub(crate) use query::{query_instant, query_number};
pub(crate) use ranked::{routing_rule, survey_policy};
pub(crate) use text::{slug, words};
pub(crate) use transition::transition;

use crate::problem::LISTED;
use redress_domain::category::Category;
use redress_domain::id::{Id, Kind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// JSON pointer (RFC 6901) from the value that was read.
    pub(crate) pointer: String,
    /// What is wrong and how to mend it.
    pub(crate) detail: String,
}

/// A value, or everything that is wrong with it.
pub(crate) type Read<T> = Result<T, Vec<Wrong>>;

/// Fields that a caller reads and never writes.
const OURS: [&str; 12] = [
    "id",
    "status",
    "received_at",
    "created_at",
    "updated_at",
    "version",
    "tenant",
    "classification",
    "work_order_id",
    "tracking_url",
    "author",
    "number",
];

/// The value itself is wrong.
pub(crate) fn wrong<T>(detail: impl Into<String>) -> Read<T> {
    Err(vec![Wrong { pointer: String::new(), detail: detail.into() }])
}

/// The same, as seen from the value that holds it under `name`.
fn within(name: &str, wrong: Vec<Wrong>) -> impl Iterator<Item = Wrong> {
    let name = name.replace('~', "~0").replace('/', "~1");
    wrong.into_iter().map(move |Wrong { pointer, detail }| Wrong { pointer: format!("/{name}{pointer}"), detail })
}

/// Reads values of one kind, and says which.
pub(crate) trait Reader: Sized {
    /// What a value means.
    type Of;

    /// What `value` means, or everything that is wrong with it.
    fn read(&self, value: &Value) -> Read<Self::Of>;

    /// The values that are read, as JSON Schema (2020-12).
    fn schema(&self) -> Value;

    /// The same, and what is made of it.
    fn map<T>(self, made: impl Fn(Self::Of) -> T) -> impl Reader<Of = T> {
        self.then(move |read| Ok(made(read)))
    }

    /// The same, and what is made of it, unless that is wrong.
    fn then<T>(self, made: impl Fn(Self::Of) -> Read<T>) -> impl Reader<Of = T> {
        Then { reader: self, made }
    }

    /// The same, described more closely: `more` is added to the schema.
    fn with(self, more: Value) -> impl Reader<Of = Self::Of> {
        With { reader: self, more }
    }
}

struct Then<A, F> {
    reader: A,
    made: F,
}

impl<A: Reader, T, F: Fn(A::Of) -> Read<T>> Reader for Then<A, F> {
    type Of = T;

    fn read(&self, value: &Value) -> Read<T> {
        (self.made)(self.reader.read(value)?)
    }

    fn schema(&self) -> Value {
        self.reader.schema()
    }
}

struct With<A> {
    reader: A,
    more: Value,
}

impl<A: Reader> Reader for With<A> {
    type Of = A::Of;

    fn read(&self, value: &Value) -> Read<A::Of> {
        self.reader.read(value)
    }

    fn schema(&self) -> Value {
        let mut schema = self.reader.schema();
        if let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), &self.more) {
            schema.extend(more.clone());
        }
        schema
    }
}

struct By<F, S> {
    read: F,
    schema: S,
}

impl<T, F: Fn(&Value) -> Read<T>, S: Fn() -> Value> Reader for By<F, S> {
    type Of = T;

    fn read(&self, value: &Value) -> Read<T> {
        (self.read)(value)
    }

    fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// A reader of whatever `read` reads and `schema` describes.
pub(crate) fn by<T>(read: impl Fn(&Value) -> Read<T>, schema: impl Fn() -> Value) -> impl Reader<Of = T> {
    By { read, schema }
}

/// An object, read field by field; or the description of all such objects, while it has no fields.
pub(crate) struct Object<'a> {
    fields: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
    wrong: Vec<Wrong>,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl<'a> Object<'a> {
    fn new(fields: Option<&'a Map<String, Value>>) -> Self {
        Self { fields, known: Vec::new(), wrong: Vec::new(), properties: Map::new(), required: Vec::new() }
    }

    /// What `made` makes of the fields of `value`, unless anything is wrong or nobody knows a field.
    pub(crate) fn read<T>(value: &'a Value, made: impl FnOnce(&mut Self) -> Option<T>) -> Read<T> {
        let Value::Object(fields) = value else { return wrong("must be an object") };
        let mut object = Self::new(Some(fields));
        let made = made(&mut object);
        object.close(fields, made)
    }

    /// The objects that `made` makes something of.
    pub(crate) fn describe<T>(made: impl FnOnce(&mut Object<'_>) -> T) -> Value {
        let mut object = Object::new(None);
        made(&mut object);
        let mut schema = json!({ "type": "object", "properties": object.properties, "additionalProperties": false });
        if !object.required.is_empty() {
            schema["required"] = json!(object.required);
        }
        schema
    }

    /// A field that must be there.
    pub(crate) fn required<R: Reader>(&mut self, name: &'static str, reader: R) -> Option<R::Of> {
        match self.fields {
            None => self.required.push(name),
            Some(fields) if !fields.contains_key(name) => self.refuse(name, "required"),
            Some(_) => {}
        }
        self.optional(name, reader)
    }

    /// A field that may be absent.
    pub(crate) fn optional<R: Reader>(&mut self, name: &'static str, reader: R) -> Option<R::Of> {
        let Some(fields) = self.fields else {
            self.properties.insert(name.to_owned(), reader.schema());
            return None;
        };
        self.known.push(name);
        let read = match fields.get(name)? {
            Value::Null => wrong("must not be null; leave it out instead"),
            value => reader.read(value),
        };
        read.map_err(|why| self.wrong.extend(within(name, why))).ok()
    }

    /// A field that may be absent, or `null`: then nothing stands there.
    pub(crate) fn nullable<R: Reader>(&mut self, name: &'static str, reader: R) -> Option<Option<R::Of>> {
        match self.fields.map(|fields| fields.get(name)) {
            None => {
                let schema = json!({ "anyOf": [reader.schema(), { "type": "null" }] });
                self.properties.insert(name.to_owned(), schema);
                None
            }
            Some(Some(Value::Null)) => {
                self.known.push(name);
                Some(None)
            }
            Some(_) => self.optional(name, reader).map(Some),
        }
    }

    /// Something is wrong with a field that was read.
    pub(crate) fn refuse(&mut self, name: &str, detail: &str) {
        self.wrong.extend(within(name, vec![Wrong { pointer: String::new(), detail: detail.to_owned() }]));
    }

    /// Something is wrong with the object itself.
    pub(crate) fn refuse_itself(&mut self, detail: &str) {
        self.wrong.push(Wrong { pointer: String::new(), detail: detail.to_owned() });
    }

    /// Whether a field was sent, whatever it holds.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.is_some_and(|fields| fields.contains_key(name))
    }

    /// All that is wrong with what was read, taken together. What could not be read is told
    /// already: what it would have meant need not be told too.
    pub(crate) fn refuse_untold(&mut self, wrong: impl IntoIterator<Item = Wrong>) {
        let told = |wrong: &Wrong| {
            let near =
                |told: &Wrong| told.pointer.starts_with(&wrong.pointer) || wrong.pointer.starts_with(&told.pointer);
            self.wrong.iter().any(near)
        };
        let untold: Vec<_> = wrong.into_iter().filter(|wrong| !told(wrong)).collect();
        self.wrong.extend(untold);
    }

    fn close<T>(mut self, fields: &Map<String, Value>, made: Option<T>) -> Read<T> {
        let unknown = fields.keys().filter(|name| !self.known.contains(&name.as_str()));
        // No more than will be listed, and one that says that there are more.
        for name in unknown.take((LISTED + 1).saturating_sub(self.wrong.len())) {
            let detail = if OURS.contains(&name.as_str()) { "set by the server" } else { "unknown field" };
            self.wrong.extend(within(name, vec![Wrong { pointer: String::new(), detail: detail.to_owned() }]));
        }
        match made {
            Some(made) if self.wrong.is_empty() => Ok(made),
            _ => Err(self.wrong),
        }
    }
}

/// An object that `made` makes something of. `made` asks for every field before it answers, since
/// on an object without fields it only describes them.
pub(crate) fn object<T>(made: impl Fn(&mut Object<'_>) -> Option<T>) -> impl Reader<Of = T> {
    struct Made<F>(F);

    impl<T, F: Fn(&mut Object<'_>) -> Option<T>> Reader for Made<F> {
        type Of = T;

        fn read(&self, value: &Value) -> Read<T> {
            Object::read(value, |fields| (self.0)(fields))
        }

        fn schema(&self) -> Value {
            Object::describe(|fields| (self.0)(fields))
        }
    }

    Made(made)
}

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

#[cfg(test)]
mod tests;
