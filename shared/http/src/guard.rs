//! Who may pass: a valid key before anything is told of a route under `/v1`, then its fair share,
//! then the role.

use crate::context::Api;
use crate::envelope::Arrival;
use crate::fair_share;
use crate::problem::{Code, Problem};
use crate::roles;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use redress_service::auth::{Caller, authenticate};
use std::sync::Arc;

/// The route that a request went to, noted on its answer for the log: paths hold secrets.
#[derive(Clone)]
pub(crate) struct Route(pub(crate) MatchedPath);

/// Lets a request through to its route, or says why not.
pub(crate) async fn admit(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = match check(&api, &mut request, route.as_ref()).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

async fn check(api: &Api, request: &mut Request, route: Option<&MatchedPath>) -> Result<(), Problem> {
    if !is_protected(request.uri().path()) {
        return Ok(());
    }
    let caller = identify(api, request.headers()).await?;
    if request.method() != Method::OPTIONS {
        let arrival = request.extensions().get::<Arrival>();
        let moment = arrival.map_or_else(|| (api.context.moment)(), |arrival| arrival.moment);
        fair_share::check(api, &caller, moment).await?;
    }
    if route.is_some_and(|route| !roles::may(caller.role, request.method(), route.as_str())) {
        return Err(Problem::new(Code::Forbidden, "the role of this API key does not allow it"));
    }
    request.extensions_mut().insert(caller);
    Ok(())
}

/// Everything but what describes the API, and what customers have links to.
fn is_protected(path: &str) -> bool {
    path != "/v1/openapi.json" && path.strip_prefix("/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn identify(api: &Api, headers: &HeaderMap) -> Result<Caller, Problem> {
    let found = match bearer(headers) {
        Some(key) => authenticate(api.world(), key).await?,
        None => None,
    };
    let detail = "send a valid API key: Authorization: Bearer rk_…";
    found.ok_or_else(|| Problem::new(Code::Unauthorized, detail))
}

/// The key that was sent, if exactly one was.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let (scheme, key) = line.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Nothing is here.
pub(crate) async fn no_route() -> Problem {
    Problem::not_found()
}

/// The route has other methods: the router names them in `Allow`.
pub(crate) async fn other_method(method: Method) -> Response {
    match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => Problem::new(Code::MethodNotAllowed, "the methods that this address has are in Allow").into_response(),
    }
}
