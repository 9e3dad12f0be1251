//! `/v1/work-orders/{id}/assignments`: who shall have an order.

use crate::ask::Ask;
use crate::read;
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use redress_domain::id::WorkOrderId;
use redress_service::give;

/// `POST /v1/work-orders/{id}/assignments`
pub(crate) async fn give(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::assignment())).await?;
    let (caller, if_match) = (ask.caller()?, asked.if_match.as_ref());
    let reply = give::give(ask.world(), caller, &id, if_match, &asked.what, &asked.keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}
