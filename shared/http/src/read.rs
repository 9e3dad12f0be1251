//! Values of requests: parsed once into what the domain knows, with *everything* that is wrong
//! told at once.
//!
//! A reader is a function `&Value -> Read<T>`; [`Object`] puts readers of fields together. Written
//! by hand and not derived with `deserr`: there an absent optional field and `null` are one and
//! the same, every constrained text needs a type of its own beside the domain's, and queries and
//! forms would need a second way. This is shorter than its attributes would be.

mod amendment;
mod answer;
mod feedback;
mod instant;
mod message;
mod policy;
mod priority;
mod text;
mod transition;

pub(crate) use amendment::{annulment, patch, reapply, reason};
pub(crate) use answer::answer;
pub(crate) use feedback::feedback;
pub(crate) use instant::{instant, query_instant};
pub(crate) use message::draft;
pub(crate) use policy::{CalendarPreview, PRIORITIES, calendar, calendar_preview, sla_policy, sla_preview};
pub(crate) use priority::{PriorityPreview, priority_policy, priority_preview};
pub(crate) use text::words;
pub(crate) use transition::transition;

use serde_json::{Map, Value};

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

/// An object, read field by field.
pub(crate) struct Object<'a> {
    fields: &'a Map<String, Value>,
    known: Vec<&'static str>,
    wrong: Vec<Wrong>,
}

impl<'a> Object<'a> {
    /// Begins to read `value`, which must be an object.
    pub(crate) fn of(value: &'a Value) -> Read<Self> {
        let Value::Object(fields) = value else { return wrong("must be an object") };
        Ok(Self { fields, known: Vec::new(), wrong: Vec::new() })
    }

    /// A field that must be there.
    pub(crate) fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&Value) -> Read<T>) -> Option<T> {
        if !self.fields.contains_key(name) {
            self.refuse(name, "required");
        }
        self.optional(name, read)
    }

    /// A field that may be absent.
    pub(crate) fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(&Value) -> Read<T>) -> Option<T> {
        self.known.push(name);
        let read = match self.fields.get(name)? {
            Value::Null => wrong("must not be null; leave it out instead"),
            value => read(value),
        };
        read.map_err(|why| self.wrong.extend(within(name, why))).ok()
    }

    /// A field that may be absent, or `null`: then nothing stands there.
    pub(crate) fn nullable<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<Option<T>> {
        if self.fields.get(name).is_some_and(Value::is_null) {
            self.known.push(name);
            return Some(None);
        }
        self.optional(name, read).map(Some)
    }

    /// Something is wrong with a field that was read.
    pub(crate) fn refuse(&mut self, name: &str, detail: &str) {
        self.wrong.extend(within(name, vec![Wrong { pointer: String::new(), detail: detail.to_owned() }]));
    }

    /// What was `made` of the fields, unless anything was wrong or nobody knows a field.
    pub(crate) fn close<T>(mut self, made: Option<T>) -> Read<T> {
        for name in self.fields.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let detail = if OURS.contains(&name.as_str()) { "set by the server" } else { "unknown field" };
            self.wrong.extend(within(name, vec![Wrong { pointer: String::new(), detail: detail.to_owned() }]));
        }
        match made {
            Some(made) if self.wrong.is_empty() => Ok(made),
            _ => Err(self.wrong),
        }
    }
}

/// One of some words.
pub(crate) fn one_of<T: Copy>(words: &[(T, &'static str)]) -> impl Fn(&Value) -> Read<T> {
    move |value| match words.iter().find(|(_, word)| value.as_str() == Some(word)) {
        Some((meant, _)) => Ok(*meant),
        None => {
            let words: Vec<_> = words.iter().map(|(_, word)| *word).collect();
            wrong(format!("must be one of {}", words.join(", ")))
        }
    }
}

/// A whole number from `least` to `most`.
pub(crate) fn whole(least: i64, most: i64) -> impl Fn(&Value) -> Read<i64> {
    move |value| match value.as_i64().filter(|number| (least..=most).contains(number)) {
        Some(number) => Ok(number),
        None => wrong(format!("must be a whole number from {least} to {most}")),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: &Value) -> Read<bool> {
    value.as_bool().map_or_else(|| wrong("must be true or false"), Ok)
}

/// At most `most` items, each read by `read`.
pub(crate) fn list<T>(most: usize, read: impl Fn(&Value) -> Read<T>) -> impl Fn(&Value) -> Read<Vec<T>> {
    move |value| {
        let Value::Array(items) = value else { return wrong("must be an array") };
        if items.len() > most {
            return wrong(format!("must have at most {most} items"));
        }
        let (mut made, mut why) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            read(item).map_or_else(|wrong| why.extend(within(&at.to_string(), wrong)), |item| made.push(item));
        }
        if why.is_empty() { Ok(made) } else { Err(why) }
    }
}

/// An id, by the parser of its kind.
pub(crate) fn id<T>(parse: fn(&str) -> Option<T>, like: &'static str) -> impl Fn(&Value) -> Read<T> {
    move |value| {
        let parsed = value.as_str().and_then(parse);
        parsed.map_or_else(|| wrong(format!("must be an id like {like}")), Ok)
    }
}

#[cfg(test)]
mod tests;
