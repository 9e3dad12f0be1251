//! Where a value stands in its document.

use serde_json::Value;

use super::CalendarError;

/// A value and its place.
pub(super) struct Place<'a> {
    pub(super) value: &'a Value,
    /// An RFC 6901 JSON pointer.
    pub(super) pointer: String,
}

impl<'a> Place<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Place { value, pointer: String::new() }
    }

    /// The place of `value` under this one.
    pub(super) fn under(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Place { value, pointer: format!("{}/{key}", self.pointer) }
    }

    pub(super) fn entries(&self) -> Result<impl Iterator<Item = (&'a str, Self)>, CalendarError> {
        let object = self.value.as_object().ok_or_else(|| self.not("an object"))?;
        Ok(object.iter().map(|(key, value)| (key.as_str(), self.under(key, value))))
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, CalendarError> {
        let items = self.value.as_array().ok_or_else(|| self.not("a list"))?;
        Ok(items.iter().enumerate().map(|(k, item)| self.under(&k.to_string(), item)).collect())
    }

    pub(super) fn error(&self, code: &'static str, detail: impl Into<String>) -> CalendarError {
        CalendarError::new(code, self.pointer.clone(), detail)
    }

    pub(super) fn not(&self, wanted: &str) -> CalendarError {
        let root = if self.pointer.is_empty() { r#" or "24x7""# } else { "" };
        self.error("malformed", format!("must be {wanted}{root}"))
    }
}

/// Faults by their places: keys by name, as `serde_json` keeps them, and items by number.
pub(super) fn in_order(mut faults: Vec<CalendarError>) -> Vec<CalendarError> {
    faults.sort_by(|a, b| steps(&a.pointer).cmp(steps(&b.pointer)));
    faults
}

/// The keys and numbers of a pointer, numbers before keys.
fn steps(pointer: &str) -> impl Iterator<Item = (usize, &str)> {
    pointer.split('/').map(|step| (step.parse().unwrap_or(usize::MAX), step))
}
