//! How it is said over HTTP: routes, problems, preconditions, pages. No AWS here, so tests drive
//! the whole API over the in-memory world.
//!
//! A request passes these in turn, and the first that objects answers: `envelope` (request id,
//! CORS), `guard` (key, fair share, role), the router (404, 405), the handler: the id (404), the media
//! type (415), the size (413), the JSON (400), the headers (428, 412, 400), the values (422), and
//! last the state of things (409, 410, 412).

mod address;
mod api_keys;
mod ask;
mod assignments;
mod attachments;
mod batch;
mod compensations;
mod context;
mod cursor;
mod customers;
mod documents;
mod effort;
mod envelope;
mod fair_share;
mod family;
mod feedback;
mod form;
mod guard;
mod idempotency;
mod incidents;
mod json;
mod labels;
mod messages;
mod negotiate;
mod notices;
mod openapi;
mod pages;
mod people;
mod policies;
mod precondition;
mod preferences;
mod priority;
mod problem;
mod promise_page;
mod promises;
mod read;
mod reply;
pub mod roles;
mod routes;
mod routing;
mod rules;
mod satisfaction;
mod suppressions;
mod survey_page;
mod surveys;
mod texts;
mod tracking;
mod unsubscribe;
mod watchers;
mod webhooks;
mod work_orders;

pub use context::{Clock, Context};
pub use openapi::document;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_request};
use context::Api;
use routes::Routes;
use std::sync::Arc;

/// Where feedback and its attachments come in, and where customers see how far it is.
pub fn intake(context: Context) -> Router {
    serve(routes::intake(), context)
}

/// What agents and supervisors do. It also answers whatever no route is for.
pub fn desk(context: Context) -> Router {
    serve(routes::desk(), context)
}

/// Where customers say whether it was put right, and where that is read.
pub fn follow_up(context: Context) -> Router {
    serve(routes::follow_up(), context)
}

/// Every route together: for tests and simulations.
pub fn all(context: Context) -> Router {
    serve(routes::all(), context)
}

/// The envelope goes around the whole router and not around its routes: so it sees `Allow`, which
/// the router adds last.
fn serve(routes: Routes, context: Context) -> Router {
    let api = Arc::new(Api::new(context));
    let router = routes.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let inside = router
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::other_method)
        .layer(from_fn_with_state(Arc::clone(&api), guard::admit))
        .with_state(Arc::clone(&api));
    let addressed = map_request(address::whole_references);
    Router::new().fallback_service(inside).layer(addressed).layer(from_fn_with_state(api, envelope::wrap))
}

#[cfg(test)]
mod tests;
