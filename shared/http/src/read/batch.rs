//! Many feedbacks at once as the API takes them. The envelope is read first, and then each item by
//! itself: what is wrong with one is nothing to the others.

use super::feedback::said;
use super::{Reader, by, list, object, wrong};
use crate::idempotency;
use jiff::Timestamp;
use redress_domain::feedback::Feedback;
use serde_json::{Value, json};

/// As many items as one request brings.
pub(crate) const ITEMS: usize = 100;

/// The envelope: whether there are items, and not too many. They stay where they are.
pub(crate) fn batch(now: Timestamp) -> impl Reader<Of = ()> {
    object(move |fields| {
        let any = by(|_: &Value| Ok(()), move || item(now).schema());
        let items = list(ITEMS, any).then(|items| if items.is_empty() { wrong("must have an item") } else { Ok(()) });
        fields.required("items", items.with(json!({ "minItems": 1 })))
    })
}

/// A feedback, and the caller's key for it.
pub(crate) fn item(now: Timestamp) -> impl Reader<Of = (Feedback, Option<String>)> {
    object(move |fields| {
        let key = fields.optional("idempotency_key", key());
        said(fields, now).map(|feedback| (feedback, key))
    })
}

/// What may stand in the header may stand here, bare.
fn key() -> impl Reader<Of = String> {
    by(
        |value| match value.as_str().filter(|text| idempotency::is_key(text)) {
            Some(text) => Ok(text.to_owned()),
            None => wrong("must be 1 to 255 printable ASCII characters"),
        },
        || json!({ "type": "string", "pattern": "^(?=.*[!-~])[ -~]{1,255}$" }),
    )
}
