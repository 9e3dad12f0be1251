//! `/v1/work-orders`: what agents read, and how they move it.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::precondition;
use crate::problem::{Code, Problem};
use crate::read::{self, Object, Reader, category, id, one_of, query_instant, words};
use crate::reply::{Answer, changed, json};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use redress_domain::id::{AgentKind, TeamKind, WorkOrderId};
use redress_domain::order::{OrderKind, Status, Transition};
use redress_domain::sla::proof::ProvedClock;
use redress_service::Fault;
use redress_service::amend::{self, Amendment, Patch};
use redress_service::auth::Role;
use redress_service::desk::{self, IfMatch};
use redress_service::lists::{self, OrderFilter, Page};
use redress_service::publish;
use redress_service::reply::Keyed;
use redress_service::view::WorkOrderView;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// `GET /v1/work-orders`
pub(crate) async fn list(ask: Ask) -> Answer {
    let caller = ask.caller()?;
    let (filter, paging) = Paging::read(&ask, filter).await?;
    let page = lists::work_orders(ask.world(), caller, &filter, paging.after.clone(), paging.limit).await?;
    let now = ask.moment().now;
    let terms = publish::terms_for(ask.world(), &caller.tenant, page.items.iter().map(|(order, _)| order)).await?;
    let views = page.items.iter().map(|(order, version)| WorkOrderView::of(order, *version, &terms, now));
    let items = views.collect::<Result<Vec<_>, _>>().map_err(Fault::from)?;
    Ok(paging.answer(Page { items, next: page.next }))
}

pub(crate) fn filter(query: &mut Object<'_>) -> OrderFilter {
    OrderFilter {
        kind: query.optional("kind", one_of(&OrderKind::ALL)),
        status: query.optional("status", one_of(&Status::ALL)),
        team: query.optional("team", id::<TeamKind>()),
        agent: query.optional("agent", id::<AgentKind>()),
        priority: query.optional("priority", one_of(&read::PRIORITIES)),
        category: query.optional("category", category()),
        customer_ref: query.optional("customer_ref", words(128)),
        due_before: query.optional("due_before", query_instant()),
    }
}

/// `GET /v1/work-orders/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let context = &ask.api.context;
    let (caller, now) = (ask.caller()?, ask.moment().now);
    let mut reply = desk::show(ask.world(), caller, &ask.id()?, context.survey_links, now).await?;
    ask.no_query()?;
    if precondition::has(ask.headers(), reply.version) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, precondition::etag(reply.version))]).into_response());
    }
    if let Some(Value::String(path)) = reply.body.pointer_mut("/links/survey") {
        *path = context.link(path);
    }
    Ok(changed(StatusCode::OK, &reply))
}

/// `GET /v1/work-orders/{id}/facts`
pub(crate) async fn facts(ask: Ask) -> Answer {
    let facts = desk::facts(ask.world(), ask.caller()?, &ask.id()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice(facts)))
}

/// `POST /v1/work-orders/{id}/transitions`
pub(crate) async fn transition(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let (asked, if_match, keyed) = ask.about(&id, asked(&ask)).await?;
    let reply = desk::transition(ask.world(), ask.caller()?, &id, &if_match, &asked, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

fn asked(ask: &Ask) -> Result<(Transition, IfMatch, Keyed), Problem> {
    let body = ask.json()?;
    let if_match = precondition::if_match(ask.headers())?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    Ok((read::transition().read(&body)?, if_match, keyed))
}

/// `PATCH /v1/work-orders/{id}`
pub(crate) async fn amend(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let read = || {
        let (body, if_match) = (ask.json()?, precondition::if_match(ask.headers())?);
        let keyed = ask.keyed(&body)?;
        ask.no_query()?;
        Ok((read::patch().read(&body)?, Some(if_match), keyed))
    };
    let read = ask.about(&id, read()).await?;
    let overrules = matches!(&read.0, Amendment::Patch(Patch { due_override: Some(_), .. }));
    if overrules && ask.caller()?.role == Role::Agent {
        return Err(Problem::new(Code::Forbidden, "only a supervisor promises another instant"));
    }
    amended(&ask, &id, read).await
}

/// `POST /v1/work-orders/{id}/sla/reapply`
pub(crate) async fn reapply(ask: Ask) -> Answer {
    amend_by(ask, |body| read::reapply().read(body)).await
}

/// `POST /v1/work-orders/{id}/sla/annulments`
pub(crate) async fn annul(ask: Ask) -> Answer {
    amend_by(ask, |body| read::annulment().read(body)).await
}

async fn amend_by(ask: Ask, read: fn(&Value) -> read::Read<Amendment>) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = || {
        let body = ask.json()?;
        let keyed = ask.keyed(&body)?;
        ask.no_query()?;
        Ok((read(&body)?, None, keyed))
    };
    let asked = ask.about(&id, asked()).await?;
    amended(&ask, &id, asked).await
}

async fn amended(
    ask: &Ask,
    id: &WorkOrderId,
    (amendment, if_match, keyed): (Amendment, Option<IfMatch>, Keyed),
) -> Answer {
    let if_match = if_match.as_ref();
    let reply = amend::amend(ask.world(), ask.caller()?, id, if_match, &amendment, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// Why an order is due when it is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Proof {
    /// Which order.
    work_order: WorkOrderId,
    /// Every clock of every cycle.
    clocks: Vec<ProvedClock>,
}

/// `GET /v1/work-orders/{id}/sla/proof`
pub(crate) async fn proof(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let clocks = desk::proof(ask.world(), ask.caller()?, &id, ask.moment().now).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &Proof { work_order: id, clocks }))
}
