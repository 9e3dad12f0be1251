//! A message on an order as the API takes it.

use super::feedback::attachments;
use super::{Reader, object, one_of, words};
use redress_domain::fact::{Direction, Visibility};
use redress_service::desk::Draft;
use serde_json::json;

const DIRECTIONS: [(Direction, &str); 2] = [(Direction::Outbound, "outbound"), (Direction::Inbound, "inbound")];
const VISIBILITIES: [(Visibility, &str); 2] = [(Visibility::Public, "public"), (Visibility::Internal, "internal")];

/// A message; public unless it says otherwise.
pub(crate) fn draft() -> impl Reader<Of = Draft> {
    let secret = json!({
        "properties": { "direction": { "const": "inbound" }, "visibility": { "const": "internal" } },
        "required": ["direction", "visibility"],
    });
    let fields = object(|fields| {
        let direction = fields.required("direction", one_of(&DIRECTIONS));
        let visibility = fields.optional("visibility", one_of(&VISIBILITIES)).unwrap_or(Visibility::Public);
        let body = fields.required("body", words(8_000));
        let attachments = fields.optional("attachments", attachments()).unwrap_or_default();
        if direction == Some(Direction::Inbound) && visibility == Visibility::Internal {
            fields.refuse("visibility", "what the customer said is public");
        }
        direction.zip(body).map(|(direction, body)| Draft { direction, visibility, body, attachments })
    });
    fields.with(json!({ "not": secret }))
}
