//! Changes of an order as the API takes them.

use super::policy::{PRIORITIES, slug};
use super::{Object, Read, one_of, whole, words, wrong};
use redress_domain::category::Category;
use redress_domain::sla::{ClockKey, Metric};
use redress_service::amend::{Amendment, Patch};
use serde_json::Value;

/// The longest reason, in characters.
const REASON: usize = 2_000;

/// What shall be changed of an order's fields; at least one.
pub(crate) fn patch(value: &Value) -> Read<Amendment> {
    let mut fields = Object::of(value)?;
    let categories = Category::ALL.map(|category| (category, category.as_str()));
    let patch = Patch {
        priority: fields.optional("priority", one_of(&PRIORITIES)),
        category: fields.optional("category", one_of(&categories)),
        calendar: fields.nullable("calendar", slug),
    };
    let patch = fields.close(Some(patch))?;
    if patch == Patch::default() {
        return wrong("give priority, category or calendar");
    }
    Ok(Amendment::Patch(patch))
}

/// Why the policies in force shall be applied.
pub(crate) fn reapply(value: &Value) -> Read<Amendment> {
    reason(value).map(Amendment::Reapply)
}

/// Why something shall be done.
pub(crate) fn reason(value: &Value) -> Read<String> {
    let mut fields = Object::of(value)?;
    let reason = fields.required("reason", words(REASON));
    fields.close(reason)
}

/// Which broken promise is excused, and why.
pub(crate) fn annulment(value: &Value) -> Read<Amendment> {
    let mut fields = Object::of(value)?;
    let metric = fields.required("metric", |value| {
        value
            .as_str()
            .and_then(Metric::parse)
            .map_or_else(|| wrong("must be a metric of one of the order's clocks"), Ok)
    });
    let number = |number: i64| u32::try_from(number).ok();
    let cycle = fields.required("cycle", whole(1, 1_000_000)).and_then(number);
    let exchange = fields.optional("exchange", whole(1, 1_000_000)).and_then(number).unwrap_or(1);
    let reason = fields.required("reason", words(REASON));
    let clock = metric.zip(cycle).map(|(metric, cycle)| ClockKey { metric, cycle, exchange });
    fields.close(clock.zip(reason).map(|(clock, reason)| Amendment::Annul(clock, reason)))
}
