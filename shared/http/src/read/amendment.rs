//! Changes of an order as the API takes them.

use super::policy::{PRIORITIES, metric};
use super::{Reader, category, object, one_of, slug, whole, words, wrong};
use redress_domain::sla::ClockKey;
use redress_service::amend::{Amendment, Patch};
use serde_json::json;

/// The longest reason, in characters.
const REASON: usize = 2_000;

/// What shall be changed of an order's fields; at least one.
pub(crate) fn patch() -> impl Reader<Of = Amendment> {
    let fields = object(|fields| {
        Some(Patch {
            priority: fields.optional("priority", one_of(&PRIORITIES)),
            category: fields.optional("category", category()),
            calendar: fields.nullable("calendar", slug()),
        })
    });
    let asked = |patch| match patch == Patch::default() {
        true => wrong("give priority, category or calendar"),
        false => Ok(Amendment::Patch(patch)),
    };
    fields.then(asked).with(json!({ "minProperties": 1 }))
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
