//! `/v1/work-orders/{id}/merge` and `…/children`: orders that are one, and orders that are parts.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::read;
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use redress_domain::id::WorkOrderId;
use redress_service::{family, merge};

/// `POST /v1/work-orders/{id}/merge`
pub(crate) async fn merge(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::merging())).await?;
    let (caller, if_match) = (ask.caller()?, asked.if_match.as_ref());
    let reply = merge::merge(ask.world(), caller, &id, if_match, &asked.what, &asked.keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `GET /v1/work-orders/{id}/children`
pub(crate) async fn list(ask: Ask) -> Answer {
    let children = family::children(ask.world(), ask.caller()?, &ask.id()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice(children)))
}

/// `POST /v1/work-orders/{id}/children`
pub(crate) async fn add(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::branch())).await?;
    let (caller, if_match) = (ask.caller()?, asked.if_match.as_ref());
    let reply = family::add(ask.world(), caller, &id, if_match, &asked.what, &asked.keyed, ask.moment()).await?;
    let mut response = changed(StatusCode::CREATED, &reply);
    let path = reply.body["links"]["self"].as_str().unwrap_or_default();
    let location = HeaderValue::from_str(&ask.api.context.link(path));
    response.headers_mut().extend(location.map(|location| (LOCATION, location)));
    Ok(response)
}
