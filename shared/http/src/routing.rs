//! `/v1/work-orders/{id}/routing`: who got an order, and why not the others.

use crate::ask::Ask;
use crate::read;
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_domain::id::{AgentId, AgentKind, WorkOrderId};
use redress_domain::routing::{Rejection, Routing};
use redress_service::desk;
use serde::Serialize;
use serde_json::json;

/// `GET /v1/work-orders/{id}/routing`, and with `?why_not=ag_…` the one reason.
pub(crate) async fn show(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let order = desk::get(ask.world(), ask.caller()?, &id).await?.value;
    let why_not = ask.query(|query| query.optional("why_not", read::id::<AgentKind>()))?;
    let body = match (why_not, order.routing) {
        (Some(agent), routing) => json!({ "agent": agent, "reason": reason(routing.as_deref(), &agent) }),
        (None, Some(routing)) => json!(routing),
        (None, None) => json!({ "team": null, "agent": null, "rule": null, "decided_at": null, "candidates": [] }),
    };
    Ok(json(StatusCode::OK, &body))
}

/// Why an agent does not have it, in a word.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    /// This agent does have it.
    Chosen,
    /// Could have had it; somebody else was freer.
    LessFree,
    /// Nobody asked: it went to another team, or to none yet.
    NotInTeam,
    #[serde(untagged)]
    Rejected(Rejection),
}

fn reason(routing: Option<&Routing>, agent: &AgentId) -> Reason {
    let considered = routing.and_then(|routing| routing.candidates.iter().find(|one| one.agent == *agent));
    match considered.map(|considered| considered.rejected_because) {
        None => Reason::NotInTeam,
        Some(Some(rejection)) => Reason::Rejected(rejection),
        Some(None) if routing.is_some_and(|routing| routing.agent.as_ref() == Some(agent)) => Reason::Chosen,
        Some(None) => Reason::LessFree,
    }
}
