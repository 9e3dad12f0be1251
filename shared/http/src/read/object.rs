//! Objects, read field by field, and described.

use super::{Read, Reader, Wrong, within, wrong};
use crate::problem::LISTED;
use serde_json::{Map, Value, json};

/// Fields that a caller reads and never writes.
const OURS: [&str; 13] = [
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
    "figure",
];

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
