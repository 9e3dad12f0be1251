//! `/v1/work-orders/{id}/routing`: who got an order, and why not the others.

use crate::ask::Ask;
use crate::read::{Object, id};
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_domain::id::{AgentId, AgentKind, WorkOrderId};
use redress_domain::routing::{Considered, Routing, WhyNot};
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
        reason: WhyNot,
    },
}

/// `GET /v1/work-orders/{id}/routing`, and with `?why_not=ag_…` the one reason.
pub(crate) async fn show(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let order = desk::get(ask.world(), ask.caller()?, &id).await?.value;
    let body = match (ask.query(why_not)?, &order.routing) {
        (Some(agent), _) => {
            let reason = desk::why_not(ask.world(), ask.caller()?, &order, &agent).await?;
            RoutingView::WhyNot { reason, agent }
        }
        (None, Some(routing)) => RoutingView::Decided(routing.clone()),
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
