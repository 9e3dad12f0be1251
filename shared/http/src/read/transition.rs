//! A move of an order as the API takes it.

use super::text::{is_visible, text, visible};
use super::{Reader, boolean, by, no_repeats, object, one_of, some, words, wrong};
use redress_domain::fact::{Resolution, ResolutionCode};
use redress_domain::id::{AttachmentId, AttachmentKind, Kind};
use redress_domain::order::{Status, Transition};
use serde_json::json;

/// The longest reason and the longest summary, in characters.
const REASON: usize = 2_000;

/// A move.
pub(crate) fn transition() -> impl Reader<Of = Transition> {
    by(
        |value| fields().read(value),
        || {
            let when = |to: &str| json!({ "properties": { "to": { "const": to } } });
            let reason = json!({ "required": ["reason"], "properties": { "reason": { "pattern": visible() } } });
            let rules = json!([
                { "if": when("pending_customer"), "then": reason },
                { "if": { "required": ["resolution"] }, "then": when("resolved") },
                { "if": { "required": ["survey"] }, "then": when("resolved") },
            ]);
            fields().with(json!({ "allOf": rules })).schema()
        },
    )
}

fn fields() -> impl Reader<Of = Transition> {
    object(|fields| {
        // Where an order begins, nobody can send it: it is open or assigned by being routed.
        let targets = Status::ALL.into_iter().filter(|(status, _)| !matches!(status, Status::Open | Status::Assigned));
        let to = fields.required("to", one_of(&targets.collect::<Vec<_>>()));
        let reason = fields.optional("reason", text(REASON));
        let resolution = fields.optional("resolution", resolution());
        let survey = fields.optional("survey", boolean());
        if to == Some(Status::PendingCustomer) && !reason.as_deref().is_some_and(is_visible) {
            fields.refuse("reason", "waiting for the customer needs a reason");
        }
        if resolution.is_some() && to.is_some_and(|to| to != Status::Resolved) {
            fields.refuse("resolution", "only a resolved order has a resolution");
        }
        if survey.is_some() && to.is_some_and(|to| to != Status::Resolved) {
            fields.refuse("survey", "only about a resolved order a customer is asked");
        }
        to.map(|to| Transition { to, reason, resolution, survey: survey.unwrap_or(true) })
    })
}

/// As many proofs of what was done as a resolution takes, and the longest, in characters.
const EVIDENCE: usize = 20;
const PROOF: usize = 200;

/// An attachment's id, or a reference that says something; whether the attachment is there and
/// clean, the service finds out.
fn proof() -> impl Reader<Of = String> {
    let attached =
        |proof: String| match proof.starts_with(AttachmentKind::PREFIX) && AttachmentId::parse(&proof).is_none() {
            true => wrong("begins like an attachment's id, and is none"),
            false => Ok(proof),
        };
    words(PROOF).then(attached)
}

fn resolution() -> impl Reader<Of = Resolution> {
    object(|fields| {
        let code = fields.required("code", one_of(&ResolutionCode::ALL));
        let summary = fields.optional("summary", text(REASON));
        let evidence = fields.optional("evidence", no_repeats(some(EVIDENCE, proof()))).unwrap_or_default();
        code.map(|code| Resolution { code, summary, evidence })
    })
}
