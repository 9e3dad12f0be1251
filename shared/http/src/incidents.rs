//! `/v1/incidents`: whoever something concerns is told of it before they ask.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies::show as shown;
use crate::read::{self, Object, Reader, one_of};
use crate::reply::{Answer, changed, created, json};
use crate::webhooks::state;
use axum::http::StatusCode;
use redress_domain::id::IncidentId;
use redress_domain::incident::IncidentState;
use redress_service::incidents;
use serde_json::Value;

const STATES: [(IncidentState, &str); 2] = [(IncidentState::Open, "open"), (IncidentState::Closed, "closed")];

/// What the query of the list may hold besides the page.
pub(crate) fn filter(query: &mut Object<'_>) -> Option<IncidentState> {
    query.optional("state", one_of(&STATES))
}

/// `GET /v1/incidents`, newest first.
pub(crate) async fn list(ask: Ask) -> Answer {
    let (state, paging) = Paging::read(&ask, filter).await?;
    let tenant = &ask.caller()?.tenant;
    Ok(paging.answer(incidents::list(ask.world(), tenant, state, paging.after.clone(), paging.limit).await?))
}

/// `GET /v1/incidents/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    shown(&ask, &incidents::show(ask.world(), &ask.caller()?.tenant, &ask.id()?).await?)
}

/// `POST /v1/incidents`
pub(crate) async fn declare(ask: Ask) -> Answer {
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let wanted = read::incident().read(&body)?;
    Ok(created(&ask, &incidents::declare(ask.world(), ask.caller()?, &wanted, &keyed, ask.moment()).await?))
}

/// `POST /v1/incidents/preview`
pub(crate) async fn preview(ask: Ask) -> Answer {
    let body = ask.json()?;
    ask.no_query()?;
    let affects = read::affects().read(&body)?;
    Ok(json(StatusCode::OK, &incidents::preview(ask.world(), &ask.caller()?.tenant, &affects).await?))
}

/// `POST /v1/incidents/{id}/close`
pub(crate) async fn close(ask: Ask) -> Answer {
    let (id, keyed) = (ask.id()?, ask.keyed(&Value::Null)?);
    ask.no_query()?;
    let reply = incidents::close(ask.world(), ask.caller()?, &id, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `GET /v1/incidents/{id}/deliveries`, newest first.
pub(crate) async fn deliveries(ask: Ask) -> Answer {
    let (id, tenant): (IncidentId, _) = (ask.id()?, &ask.caller()?.tenant);
    let (state, paging) = Paging::read(&ask, state).await?;
    let page = incidents::deliveries(ask.world(), tenant, &id, state, paging.after.clone(), paging.limit).await?;
    Ok(paging.answer(page))
}
