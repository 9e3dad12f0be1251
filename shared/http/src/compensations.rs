//! `/v1/compensations`: what customers are given for promises that were not kept, for those who lead.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies;
use crate::read::{self, Object, id, one_of, query_instant};
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use redress_domain::compensation::CompensationState;
use redress_domain::id::{CompensationId, WorkOrderKind};
use redress_service::compensations::{self, CompensationFilter};

/// `GET /v1/compensations`
pub(crate) async fn list(ask: Ask) -> Answer {
    let (filter, paging) = Paging::read(&ask, filter).await?;
    let page = compensations::list(ask.world(), ask.caller()?, &filter, paging.after.clone(), paging.limit).await?;
    // Those of one order come all at once.
    let page = if filter.work_order.is_some() { paging.slice(page.items) } else { page };
    Ok(paging.answer(page))
}

pub(crate) fn filter(query: &mut Object<'_>) -> CompensationFilter {
    CompensationFilter {
        state: query.optional("state", one_of(&CompensationState::ALL)),
        work_order: query.optional("work_order", id::<WorkOrderKind>()),
        from: query.optional("from", query_instant()),
        to: query.optional("to", query_instant()),
    }
}

/// `GET /v1/compensations/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    policies::show(&ask, &compensations::show(ask.world(), ask.caller()?, &ask.id()?).await?)
}

/// `POST /v1/compensations/{id}/decision`
pub(crate) async fn decide(ask: Ask) -> Answer {
    let (id, caller): (CompensationId, _) = (ask.id()?, ask.caller()?);
    compensations::show(ask.world(), caller, &id).await?;
    let asked = ask.asked(read::verdict())?;
    let (if_match, keyed) = (asked.if_match.as_ref(), &asked.keyed);
    let reply = compensations::decide(ask.world(), caller, &id, if_match, &asked.what, keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}
