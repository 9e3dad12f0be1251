//! `/v1/feedback`: what customers say comes in here.

use crate::ask::Ask;
use crate::problem::{Code, Problem};
use crate::read::{self, Reader};
use crate::reply::{Answer, json, replayed};
use crate::tracking;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use redress_service::receive::{self, Receive, Received};
use serde_json::json;

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

/// The answer follows from the id alone, so a replay gives the same one.
async fn accepted(ask: &Ask, received: &Received) -> Answer {
    let (context, id) = (&ask.api.context, &received.id);
    let token = tracking::token(ask.api.secret().await?, &ask.caller()?.tenant, id);
    let body = json!({
        "id": id,
        "status": "received",
        "received_at": received.received_at,
        "tracking_url": context.link(&format!("/t/{token}")),
    });
    let mut response = json(StatusCode::ACCEPTED, &body);
    let location = HeaderValue::from_str(&context.link(&format!("/v1/feedback/{id}")));
    response.headers_mut().extend(location.map(|location| (LOCATION, location)));
    Ok(replayed(response, received.replayed))
}

/// `GET /v1/feedback/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let view = receive::show(ask.world(), &ask.caller()?.tenant, &ask.id()?).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &view))
}
