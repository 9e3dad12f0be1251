//! How it is said over HTTP: routes, problems, preconditions, pages. No AWS here, so tests drive
//! the whole API over the in-memory world.
//!
//! A request passes these in turn, and the first that objects answers: `envelope` (request id,
//! CORS), `guard` (key, fair share, role), the router (404, 405), the handler: the id (404), the media
//! type (415), the size (413), the JSON (400), the headers (428, 412, 400), the values (422), and
//! last the state of things (409, 410, 412).

mod api_keys;
mod ask;
mod context;
mod cursor;
mod envelope;
mod fair_share;
mod feedback;
mod form;
mod guard;
mod idempotency;
mod json;
mod labels;
mod messages;
mod negotiate;
mod openapi;
mod pages;
mod people;
mod policies;
mod precondition;
mod priority;
mod problem;
mod read;
mod reply;
pub mod roles;
mod routing;
mod rules;
mod secret;
mod survey_page;
mod surveys;
mod texts;
mod tracking;
mod work_orders;

pub use context::{Clock, Context};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use context::Api;
use std::sync::Arc;

type Routes = Router<Arc<Api>>;

/// Where feedback comes in, and where customers see how far it is.
pub fn intake(context: Context) -> Router {
    serve(intake_routes(), context)
}

/// What agents and supervisors do. It also answers whatever no route is for.
pub fn desk(context: Context) -> Router {
    serve(desk_routes(), context)
}

/// Where customers say whether it was put right, and where that is read.
pub fn follow_up(context: Context) -> Router {
    serve(follow_up_routes(), context)
}

/// Every route together: for tests and simulations.
pub fn all(context: Context) -> Router {
    serve(intake_routes().merge(desk_routes()).merge(follow_up_routes()), context)
}

fn intake_routes() -> Routes {
    Router::new()
        .route("/v1/feedback", post(feedback::receive))
        .route("/v1/feedback/{id}", get(feedback::show))
        .route("/t/{token}", get(tracking::show))
}

fn desk_routes() -> Routes {
    Router::new()
        .route("/v1/work-orders", get(work_orders::list))
        .route("/v1/work-orders/{id}", get(work_orders::show).patch(work_orders::amend))
        .route("/v1/work-orders/{id}/facts", get(work_orders::facts))
        .route("/v1/work-orders/{id}/messages", get(messages::list).post(messages::post))
        .route("/v1/work-orders/{id}/transitions", post(work_orders::transition))
        .route("/v1/work-orders/{id}/routing", get(routing::show))
        .route("/v1/work-orders/{id}/sla/proof", get(work_orders::proof))
        .route("/v1/work-orders/{id}/sla/reapply", post(work_orders::reapply))
        .route("/v1/work-orders/{id}/sla/annulments", post(work_orders::annul))
        .route("/v1/labels", get(labels::list))
        .route("/v1/priority-policy", get(priority::show).put(priority::replace))
        .route("/v1/priority-policy/preview", post(priority::preview))
        .route("/v1/calendars", get(policies::calendars).post(policies::add_calendar))
        .route("/v1/calendars/preview", post(policies::preview_calendar))
        .route(
            "/v1/calendars/{id}",
            get(policies::calendar).put(policies::replace_calendar).delete(policies::drop_calendar),
        )
        .route("/v1/sla-policies", get(policies::sla_policies).post(policies::add_sla_policy))
        .route("/v1/sla-policies/preview", post(policies::preview_sla_policy))
        .route("/v1/sla-policies/reapply", post(policies::reapply))
        .route(
            "/v1/sla-policies/{id}",
            get(policies::sla_policy).put(policies::replace_sla_policy).delete(policies::drop_sla_policy),
        )
        .merge(people_routes())
        .merge(rule_routes())
}

fn people_routes() -> Routes {
    Router::new()
        .route("/v1/teams", get(people::teams).post(people::add_team))
        .route("/v1/teams/{id}", get(people::team).put(people::replace_team).delete(people::drop_team))
        .route("/v1/agents", get(people::agents).post(people::add_agent))
        .route("/v1/agents/{id}", get(people::agent).put(people::replace_agent).delete(people::drop_agent))
        .route("/v1/agents/{id}/status", put(people::set_status))
        .route("/v1/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/v1/api-keys/{id}", get(api_keys::show).delete(api_keys::revoke))
}

fn rule_routes() -> Routes {
    Router::new()
        .route("/v1/routing-rules", get(rules::routing_rules).post(rules::add_routing_rule))
        .route(
            "/v1/routing-rules/{id}",
            get(rules::routing_rule).put(rules::replace_routing_rule).delete(rules::drop_routing_rule),
        )
        .route("/v1/survey-policies", get(rules::survey_policies).post(rules::add_survey_policy))
        .route(
            "/v1/survey-policies/{id}",
            get(rules::survey_policy).put(rules::replace_survey_policy).delete(rules::drop_survey_policy),
        )
}

fn follow_up_routes() -> Routes {
    Router::new()
        .route("/v1/surveys", get(surveys::list))
        .route("/s/{token}", get(survey_page::show).post(survey_page::answer))
}

/// The envelope goes around the whole router and not around its routes: so it sees `Allow`, which
/// the router adds last.
fn serve(routes: Routes, context: Context) -> Router {
    let api = Arc::new(Api::new(context));
    let inside = routes
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::other_method)
        .layer(from_fn_with_state(Arc::clone(&api), guard::admit))
        .with_state(Arc::clone(&api));
    Router::new().fallback_service(inside).layer(from_fn_with_state(api, envelope::wrap))
}

#[cfg(test)]
mod tests;
