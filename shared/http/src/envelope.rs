//! What every answer has, whoever gives it: an id, the headers that keep browsers and caches in
//! line, CORS, and the body of a problem in the form that the caller can read.

use crate::context::Api;
use crate::guard::Route;
use crate::negotiate::{language, prefers_page};
use crate::pages;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use redress_domain::category::Language;
use redress_domain::id::encode;
use redress_service::Moment;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// When a request came, and what it is called.
#[derive(Clone)]
pub(crate) struct Arrival {
    pub(crate) moment: Moment,
    request_id: HeaderValue,
}

impl Arrival {
    /// The caller's own id if it is 1 to 128 printable ASCII characters, else one of ours. Ours
    /// tells nothing of the nonce that it is made of.
    pub(crate) fn of(headers: &HeaderMap, moment: Moment) -> Self {
        let printable =
            |id: &&HeaderValue| (1..=128).contains(&id.len()) && id.as_bytes().iter().all(|b| matches!(b, b' '..=b'~'));
        let request_id = headers.get(X_REQUEST_ID).filter(printable).cloned().unwrap_or_else(|| made(moment));
        Self { moment, request_id }
    }

    /// What the request is called.
    pub(crate) fn request_id(&self) -> &str {
        self.request_id.to_str().unwrap_or_default()
    }
}

fn made(moment: Moment) -> HeaderValue {
    let digest = Sha256::new().chain_update("request").chain_update(moment.nonce).finalize();
    HeaderValue::from_str(&format!("rq_{}", encode(&digest[..16]))).expect("base 32 is a header")
}

/// How to say a problem to this caller.
enum Voice {
    Json,
    Page(Language),
}

/// Serves a request and finishes its answer.
pub(crate) async fn wrap(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let arrival = Arrival::of(request.headers(), (api.context.moment)());
    let (method, voice) = (request.method().clone(), voice(&request));
    request.extensions_mut().insert(arrival.clone());
    let origin = request.headers().contains_key(header::ORIGIN);
    let mut response = match &api.context.cors_origin {
        Some(_) if is_preflight(&request) => preflight(),
        _ => next.run(request).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = said(&problem, response, &voice, arrival.request_id());
    }
    let status = response.status();
    let route = response.extensions().get::<Route>().map_or("none", |route| route.0.as_str()).to_owned();
    finish(status, response.headers_mut(), &arrival, api.context.cors_origin.as_deref().filter(|_| origin));
    tracing::info!(
        request.id = arrival.request_id(),
        http.method = method.as_str(),
        http.route = route,
        http.status = status.as_u16(),
        "answered"
    );
    if method == Method::HEAD { response.map(|_| Body::empty()) } else { response }
}

/// Customers read pages, programs read JSON; under `/v1` there are only programs.
fn voice(request: &Request) -> Voice {
    let (path, headers) = (request.uri().path(), request.headers());
    let for_customers = ["/p/", "/s/", "/t/", "/u/"].iter().any(|page| path.starts_with(page));
    let by_default =
        !headers.get(header::CONTENT_TYPE).is_some_and(|sent| sent.as_bytes().starts_with(b"application/json"));
    if for_customers && prefers_page(headers).unwrap_or(by_default) {
        Voice::Page(language(headers, Language::Zh))
    } else {
        Voice::Json
    }
}

/// The problem as the caller can read it, with the headers that it already has.
fn said(problem: &Problem, response: Response, voice: &Voice, request_id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let body = match voice {
        Voice::Json => problem.document(request_id),
        Voice::Page(language) => {
            parts.headers.extend(pages::headers(*language));
            pages::problem(problem.status(), *language).into_bytes()
        }
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Body::from(body))
}

fn finish(status: StatusCode, headers: &mut HeaderMap, arrival: &Arrival, cors_origin: Option<&str>) {
    headers.insert(X_REQUEST_ID, arrival.request_id.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Nearly everything here is about a person, and the rest is small.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(allow) = methods(status, headers.remove(header::ALLOW)) {
        headers.insert(header::ALLOW, allow);
    }
    if let Some(origin) = cors_origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// The methods of a route, told to those who got as far as the route and to nobody else.
fn methods(status: StatusCode, allow: Option<HeaderValue>) -> Option<HeaderValue> {
    let told = matches!(status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NO_CONTENT);
    let allow = allow.filter(|_| told)?;
    HeaderValue::from_str(&format!("{}, OPTIONS", allow.to_str().ok()?.replace(',', ", "))).ok()
}

const EXPOSED: &str = "ETag, Location, X-Request-Id, Idempotency-Replayed, Retry-After";
const ALLOWED: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id";

/// A browser asks whether a script may ask. It sends no key, and learns of no route.
fn is_preflight(request: &Request) -> bool {
    let asks = |name: HeaderName| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && asks(header::ORIGIN) && asks(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
