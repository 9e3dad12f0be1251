//! `/v1/work-orders/{id}/routing`: who got an order, and why not the others.

use crate::ask::Ask;
use crate::read::{Object, id};
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_domain::id::{AgentId, AgentKind, WorkOrderId};
use redress_domain::routing::{Considered, Rejection, Routing};
use redress_service::desk;
use schemars::JsonSchema;
use serde::Serialize;

/// Who got an order and why; or why one agent did not.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum RoutingView {
    /// The decision.
    Decided(Box<Routing>),
    /// There was none yet: the shop has no team.
    Undecided {
        /// None.
        team: (),
        /// None.
        agent: (),
        /// None.
        rule: (),
        /// Never.
        decided_at: (),
        /// Nobody.
        candidates: Vec<Considered>,
    },
    /// Why one agent does not have it.
    WhyNot {
        /// Which agent.
        agent: AgentId,
        /// Why.
        reason: Reason,
    },
}

/// `GET /v1/work-orders/{id}/routing`, and with `?why_not=ag_…` the one reason.
pub(crate) async fn show(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let order = desk::get(ask.world(), ask.caller()?, &id).await?.value;
    let body = match (ask.query(why_not)?, order.routing) {
        (Some(agent), routing) => RoutingView::WhyNot { reason: reason(routing.as_deref(), &agent), agent },
        (None, Some(routing)) => RoutingView::Decided(routing),
        (None, None) => {
            RoutingView::Undecided { team: (), agent: (), rule: (), decided_at: (), candidates: Vec::new() }
        }
    };
    Ok(json(StatusCode::OK, &body))
}

/// The agent whom somebody asks about.
pub(crate) fn why_not(query: &mut Object<'_>) -> Option<AgentId> {
    query.optional("why_not", id::<AgentKind>())
}

/// Why an agent does not have it, in a word.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
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
