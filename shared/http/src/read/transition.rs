//! A move of an order as the API takes it.

use super::text::text;
use super::{Reader, object, one_of};
use redress_domain::fact::{Resolution, ResolutionCode};
use redress_domain::order::{Status, Transition};
use serde_json::json;

/// The longest reason and the longest summary, in characters.
const REASON: usize = 2_000;

/// A move.
pub(crate) fn transition() -> impl Reader<Of = Transition> {
    let fields = object(|fields| {
        // Where an order begins, nobody can send it: it is open or assigned by being routed.
        let targets = Status::ALL.into_iter().filter(|(status, _)| !matches!(status, Status::Open | Status::Assigned));
        let to = fields.required("to", one_of(&targets.collect::<Vec<_>>()));
        let reason = fields.optional("reason", text(REASON));
        let resolution = fields.optional("resolution", resolution());
        if to == Some(Status::PendingCustomer) && reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            fields.refuse("reason", "waiting for the customer needs a reason");
        }
        if resolution.is_some() && to.is_some_and(|to| to != Status::Resolved) {
            fields.refuse("resolution", "only a resolved order has a resolution");
        }
        to.map(|to| Transition { to, reason, resolution })
    });
    fields.with(json!({ "allOf": [
        {
            "if": { "properties": { "to": { "const": "pending_customer" } } },
            "then": { "required": ["reason"], "properties": { "reason": { "pattern": "[!-~\u{4e00}-\u{9fff}]" } } },
        },
        { "if": { "required": ["resolution"] }, "then": { "properties": { "to": { "const": "resolved" } } } },
    ] }))
}

fn resolution() -> impl Reader<Of = Resolution> {
    object(|fields| {
        let code = fields.required("code", one_of(&ResolutionCode::ALL));
        let summary = fields.optional("summary", text(REASON));
        code.map(|code| Resolution { code, summary })
    })
}
