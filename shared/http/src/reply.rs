//! Answers that are JSON.

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

/// Says whether this was answered before.
pub(crate) fn replayed(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
