//! Readers, and what is made of them.

use super::Read;
use serde_json::Value;

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
