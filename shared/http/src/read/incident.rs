//! Incidents, as the API takes them.

use super::feedback::REFERENCE;
use super::policy::MANY;
use super::promise::bilingual;
use super::{Reader, category, no_repeats, object, some, words, wrong};
use redress_domain::incident::Affected;
use redress_service::incidents::Wanted;
use serde_json::json;

/// The longest title, in characters: the subject of a mail.
const TITLE: usize = 100;

/// The longest text, in characters.
const TEXT: usize = 1_000;

/// An incident to be declared.
pub(crate) fn incident() -> impl Reader<Of = Wanted> {
    object(|fields| {
        let title = fields.required("title", bilingual(TITLE));
        let text = fields.required("text", bilingual(TEXT));
        let affects = fields.required("affects", affected());
        title.zip(text).zip(affects).map(|((title, text), affects)| Wanted { title, text, affects })
    })
}

/// Whom an incident would concern.
pub(crate) fn affects() -> impl Reader<Of = Affected> {
    object(|fields| fields.required("affects", affected()))
}

fn affected() -> impl Reader<Of = Affected> {
    let own = || no_repeats(some(MANY, words(REFERENCE)));
    let read = object(move |fields| {
        Some(Affected {
            category: fields.optional("category", no_repeats(some(MANY, category()))),
            product_type: fields.optional("product_type", own()),
            sku: fields.optional("sku", own()),
            lot: fields.optional("lot", own()),
            courier: fields.optional("courier", own()),
            warehouse: fields.optional("warehouse", own()),
        })
    });
    let somebody = |affected: Affected| match affected.is_everybody() {
        true => wrong("must say whom it concerns, by at least one of its fields"),
        false => Ok(affected),
    };
    read.then(somebody).with(json!({ "minProperties": 1 }))
}
