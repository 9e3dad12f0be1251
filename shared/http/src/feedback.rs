//! `/v1/feedback`: what customers say comes in here.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::problem::{Code, Problem};
use crate::read::{self, Object, REFERENCE, Reader, query_instant, words};
use crate::reply::{Answer, json, located, replayed};
use axum::http::StatusCode;
use jiff::Timestamp;
use redress_domain::id::{FeedbackId, TenantId};
use redress_service::links;
use redress_service::receive::{self, Receive, Received};
use redress_service::said::{self, FeedbackFilter};
use redress_service::secret::Secret;
use redress_service::view::Progress;
use schemars::JsonSchema;
use serde::Serialize;

/// A feedback that was taken in. It follows from the id alone, so a replay gives the same one.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Accepted {
    /// Its id.
    id: FeedbackId,
    /// How far it is.
    status: Progress,
    /// When it came in, the first time.
    received_at: Timestamp,
    /// Where the customer sees how far it is.
    tracking_url: String,
}

impl Accepted {
    pub(crate) fn of(ask: &Ask, secret: &Secret, tenant: &TenantId, received: &Received) -> Self {
        let token = links::tracking(secret, tenant, &received.id);
        Self {
            id: received.id.clone(),
            status: Progress::Received,
            received_at: received.received_at,
            tracking_url: ask.api.context.link(&format!("/t/{token}")),
        }
    }
}

/// `POST /v1/feedback`
pub(crate) async fn receive(ask: Ask) -> Answer {
    let (caller, moment) = (ask.caller()?, ask.moment());
    let body = ask.json()?;
    let idempotency_key = ask.idempotency_key()?;
    if idempotency_key.is_none() && body.get("source_message_id").is_none() {
        let detail = "send an Idempotency-Key, or the channel's own source_message_id: a retry needs one of them";
        return Err(Problem::new(Code::IdempotencyKeyMissing, detail));
    }
    ask.no_query()?;
    let feedback = read::feedback(moment.now).read(&body)?;
    let request = Receive { feedback, idempotency_key };
    let received = receive::receive(ask.world(), caller, request, moment).await?;
    accepted(&ask, &received).await
}

async fn accepted(ask: &Ask, received: &Received) -> Answer {
    let body = Accepted::of(ask, ask.api.secret().await?, &ask.caller()?.tenant, received);
    let address = ask.api.context.link(&format!("/v1/feedback/{}", received.id));
    let response = located(json(StatusCode::ACCEPTED, &body), &address);
    Ok(replayed(response, received.replayed))
}

/// `GET /v1/feedback`, oldest first.
pub(crate) async fn list(ask: Ask) -> Answer {
    let (filter, paging) = Paging::read(&ask, filter).await?;
    let page = said::list(ask.world(), ask.caller()?, &filter, paging.after.clone(), paging.limit).await?;
    Ok(paging.answer(page))
}

pub(crate) fn filter(query: &mut Object<'_>) -> FeedbackFilter {
    FeedbackFilter {
        customer_ref: query.optional("customer_ref", words(REFERENCE)),
        from: query.optional("from", query_instant()),
        to: query.optional("to", query_instant()),
    }
}

/// `GET /v1/feedback/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let view = receive::show(ask.world(), &ask.caller()?.tenant, &ask.id()?).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &view))
}
