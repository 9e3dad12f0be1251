//! Changes of an order as the API takes them.

use super::feedback::EXACT;
use super::policy::{PRIORITIES, metric};
use super::text::text;
use super::{Reader, Wrong, by, category, instant, map, object, one_of, slug, whole, words, wrong};
use redress_domain::custom::{Custom, is_plain};
use redress_domain::order::{CUSTOM_FIELDS, DueOverride};
use redress_domain::sla::ClockKey;
use redress_service::amend::{Amendment, Patch};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The longest reason, in characters.
pub(super) const REASON: usize = 2_000;

/// What shall be changed of an order's fields; at least one.
pub(crate) fn patch() -> impl Reader<Of = Amendment> {
    let fields = object(|fields| {
        Some(Patch {
            priority: fields.optional("priority", one_of(&PRIORITIES)),
            category: fields.optional("category", category()),
            calendar: fields.nullable("calendar", slug()),
            due_override: fields.optional("due_override", due_override()),
            custom_fields: fields.optional("custom_fields", custom_fields()).unwrap_or_default(),
        })
    });
    let asked = |patch| match patch == Patch::default() {
        true => wrong("give priority, category, calendar, due_override or custom_fields"),
        false => Ok(Amendment::Patch(patch)),
    };
    fields.then(asked).with(json!({ "minProperties": 1 }))
}

/// When something shall be due; `null` takes an earlier word back.
fn due_override() -> impl Reader<Of = DueOverride> {
    object(|fields| {
        let metric = fields.required("metric", metric());
        let due_at = fields.nullable("due_at", instant());
        if due_at.is_none() {
            let detail = "required: an instant, or null to take an earlier one back".to_owned();
            fields.refuse_untold([Wrong { pointer: "/due_at".to_owned(), detail }]);
        }
        let reason = fields.required("reason", words(REASON));
        let promise = metric.zip(due_at).zip(reason);
        promise.map(|((metric, due_at), reason)| DueOverride { metric, due_at, reason })
    })
    .with(json!({ "required": ["metric", "due_at", "reason"] }))
}

/// The longest name of a field of the shop's own, in characters.
const NAME: usize = 64;

/// Fields of the shop's own; `null` takes one away.
fn custom_fields() -> impl Reader<Of = BTreeMap<String, Option<Custom>>> {
    let name = |name: &str| {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        ((1..=NAME).contains(&name.len()) && name.bytes().all(plain)).then(|| name.to_owned())
    };
    // As many may go as may come.
    map(2 * CUSTOM_FIELDS, (format!("^[a-z0-9_]{{1,{NAME}}}$"), name), custom())
}

/// The longest text of a field of the shop's own, in characters.
const CUSTOM: usize = 1_000;

fn custom() -> impl Reader<Of = Option<Custom>> {
    let read = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(Custom::Flag(*flag))),
        Value::String(_) => text(CUSTOM).read(value).map(Custom::Text).map(Some),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) if whole.unsigned_abs() <= EXACT.unsigned_abs() => Ok(Some(Custom::Whole(whole))),
            (None, Some(other)) if !number.is_u64() && is_plain(other) => Ok(Some(Custom::Number(other))),
            _ => wrong("must be a whole number that every reader keeps, or have at most 15 digits"),
        },
        Value::Array(_) | Value::Object(_) => wrong("must be a string, a number, true, false or null"),
    };
    by(read, || json!({ "type": ["string", "number", "boolean", "null"], "maxLength": CUSTOM }))
}

/// Why the policies in force shall be applied.
pub(crate) fn reapply() -> impl Reader<Of = Amendment> {
    reason().map(Amendment::Reapply)
}

/// Why something shall be done.
pub(crate) fn reason() -> impl Reader<Of = String> {
    object(|fields| fields.required("reason", words(REASON)))
}

/// Which broken promise is excused, and why.
pub(crate) fn annulment() -> impl Reader<Of = Amendment> {
    object(|fields| {
        let metric = fields.required("metric", metric());
        let cycle = fields.required("cycle", number());
        let exchange = fields.optional("exchange", number()).unwrap_or(1);
        let reason = fields.required("reason", words(REASON));
        let clock = metric.zip(cycle).map(|(metric, cycle)| ClockKey { metric, cycle, exchange });
        clock.zip(reason).map(|(clock, reason)| Amendment::Annul(clock, reason))
    })
}

fn number() -> impl Reader<Of = u32> {
    whole(1, 1_000_000).map(|number| u32::try_from(number).expect("a million is small"))
}
