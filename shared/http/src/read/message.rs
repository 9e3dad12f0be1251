//! A message on an order as the API takes it.

use super::feedback::{ATTACHMENTS, REFERENCE};
use super::{Object, Read, list, one_of, words, wrong};
use redress_domain::fact::{Direction, Visibility};
use redress_service::desk::Draft;
use serde_json::Value;

const DIRECTIONS: [(Direction, &str); 2] = [(Direction::Outbound, "outbound"), (Direction::Inbound, "inbound")];
const VISIBILITIES: [(Visibility, &str); 2] = [(Visibility::Public, "public"), (Visibility::Internal, "internal")];

/// A message; public unless it says otherwise.
pub(crate) fn draft(value: &Value) -> Read<Draft> {
    let mut fields = Object::of(value)?;
    let direction = fields.required("direction", one_of(&DIRECTIONS));
    let visibility = fields.optional("visibility", one_of(&VISIBILITIES)).unwrap_or(Visibility::Public);
    let body = fields.required("body", words(8_000));
    fields.optional("attachments", attachments);
    if direction == Some(Direction::Inbound) && visibility == Visibility::Internal {
        fields.refuse("visibility", "what the customer said is public");
    }
    fields.close(direction.zip(body).map(|(direction, body)| Draft { direction, visibility, body }))
}

/// There are no attachments yet, so none can be named.
fn attachments(value: &Value) -> Read<()> {
    let unknown =
        |value: &Value| words(REFERENCE)(value).and_then(|_| wrong::<()>("there is no attachment with this id"));
    list(ATTACHMENTS, unknown)(value).map(|_| ())
}
