//! Fields of the shop's own.

use super::{Entry, Refusal, WorkOrder};
use crate::custom::{Custom, CustomChanges};
use crate::fact::What;
use std::collections::BTreeMap;

/// As many fields of its own as a shop may give one order.
pub const CUSTOM_FIELDS: usize = 50;

/// As many bytes as they may have together, as JSON: the order is written with every change, and a
/// page of 200 orders must fit into one answer (docs/adr/0020).
pub const CUSTOM_SIZE: usize = 16 * 1024;

impl WorkOrder {
    /// Gives fields other values; `None` takes a field away. What is not named, or has that value
    /// already, stays.
    ///
    /// # Errors
    /// There would be too many fields, or too much in them; a calendar has no open time.
    pub fn customize(&mut self, by: Entry<'_>, fields: BTreeMap<String, Option<Custom>>) -> Result<(), Refusal> {
        let fields: BTreeMap<_, _> =
            fields.into_iter().filter(|(name, value)| self.custom_fields.get(name) != value.as_ref()).collect();
        if fields.is_empty() {
            return Ok(());
        }
        let after = merged(&self.custom_fields, &fields);
        let size = serde_json::to_string(&after).map_or(usize::MAX, |text| text.len());
        if after.len() > CUSTOM_FIELDS || size > CUSTOM_SIZE {
            return Err(Refusal::TooMuchCustom);
        }
        Ok(self.record(by, What::CustomFieldsChanged { fields: CustomChanges(fields) })?)
    }

    pub(super) fn customized(&mut self, fields: &BTreeMap<String, Option<Custom>>) {
        self.custom_fields = merged(&self.custom_fields, fields);
    }
}

fn merged(before: &BTreeMap<String, Custom>, fields: &BTreeMap<String, Option<Custom>>) -> BTreeMap<String, Custom> {
    let mut after = before.clone();
    for (name, value) in fields {
        match value {
            Some(value) => drop(after.insert(name.clone(), value.clone())),
            None => drop(after.remove(name)),
        }
    }
    after
}
