//! Answers that are JSON.

use crate::ask::Ask;
use crate::precondition::etag;
use crate::problem::Problem;
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use redress_service::reply::Reply;
use serde::Serialize;

/// What a handler answers.
pub(crate) type Answer = Result<Response, Problem>;

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A JSON document.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("our values have string keys and finite numbers");
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// What changed an order: its body, and the version that it made.
pub(crate) fn changed(status: StatusCode, reply: &Reply) -> Response {
    let mut response = json(status, &reply.body);
    response.headers_mut().insert(ETAG, etag(reply.version));
    replayed(response, reply.replayed)
}

/// Says where it is from now on.
pub(crate) fn located(mut response: Response, address: &str) -> Response {
    response.headers_mut().extend(HeaderValue::from_str(address).map(|address| (LOCATION, address)));
    response
}

/// What was made, below the address where it was asked for.
pub(crate) fn created(ask: &Ask, reply: &Reply) -> Response {
    let link = ask.api.context.link(&format!("{}/{}", ask.path(), reply.body["id"].as_str().unwrap_or_default()));
    located(changed(StatusCode::CREATED, reply), &link)
}

/// Nothing is there any more.
pub(crate) fn removed(reply: &Reply) -> Response {
    replayed(StatusCode::NO_CONTENT.into_response(), reply.replayed)
}

/// Says whether this was answered before.
pub(crate) fn replayed(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
