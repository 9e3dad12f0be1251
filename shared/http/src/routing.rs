//! `/v1/work-orders/{id}/routing`: who got an order, and why not the others.

use crate::ask::Ask;
use crate::read::{Object, id};
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use jiff::Timestamp;
use redress_domain::id::{AgentId, AgentKind, TeamId, WorkOrderId};
use redress_domain::routing::{Considered, Routing, WhyNot};
use redress_service::desk;
use schemars::JsonSchema;
use serde::Serialize;

/// Who got an order and why; or why one agent did not.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum RoutingView {
    /// The decision.
    Decided(Box<Decided>),
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

/// A decision with everybody who was considered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Routing")]
pub(crate) struct Decided {
    /// The team.
    team: TeamId,
    /// The team whose order it is, where another one helps it out.
    home: Option<TeamId>,
    /// The agent; none while nobody can take it.
    agent: Option<AgentId>,
    /// The rule that chose the team, for example `category:logistics`; `manual` if somebody named
    /// the agent, `manual:team` if somebody named the team.
    rule: String,
    /// When.
    decided_at: Timestamp,
    /// What it takes of the agent's capacity, in points.
    points: u32,
    /// When the first shift or day begins of somebody who could have it then, if it waits for one.
    look_again_at: Option<Timestamp>,
    /// Everybody of the team, and of those that were asked to help it out: who could have had it,
    /// best first, and then the others.
    candidates: Vec<Considered>,
}

impl Decided {
    fn of(routing: Routing) -> Self {
        let candidates = routing.considered();
        let Routing { team, home, agent, rule, decided_at, points, look_again_at, .. } = routing;
        Self { team, home, agent, rule, decided_at, points, look_again_at, candidates }
    }
}

/// `GET /v1/work-orders/{id}/routing`, and with `?why_not=ag_…` the one reason.
pub(crate) async fn show(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let routing = desk::routing(ask.world(), ask.caller()?, &id).await?;
    let body = match (ask.query(why_not)?, routing) {
        (Some(agent), routing) => {
            let reason = desk::why_not(ask.world(), ask.caller()?, routing.as_ref(), &agent).await?;
            RoutingView::WhyNot { reason, agent }
        }
        (None, Some(routing)) => RoutingView::Decided(Box::new(Decided::of(routing))),
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
