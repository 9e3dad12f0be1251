//! `/v1/work-orders/{id}/routing`: who got an order, and why not the others.

use crate::ask::Ask;
use crate::read;
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_domain::id::{AgentKind, WorkOrderId};
use redress_service::desk;
use serde_json::json;

/// `GET /v1/work-orders/{id}/routing`, and with `?why_not=ag_…` the one reason.
pub(crate) async fn show(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let order = desk::get(ask.world(), ask.caller()?, &id).await?.value;
    let why_not = ask.query(|query| query.optional("why_not", read::id::<AgentKind>()))?;
    let body = match (why_not, &order.routing) {
        (Some(agent), _) => {
            let reason = desk::why_not(ask.world(), ask.caller()?, &order, &agent).await?;
            json!({ "agent": agent, "reason": reason })
        }
        (None, Some(routing)) => json!(routing),
        (None, None) => json!({ "team": null, "agent": null, "rule": null, "decided_at": null, "candidates": [] }),
    };
    Ok(json(StatusCode::OK, &body))
}
