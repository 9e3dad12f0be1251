//! `/v1/work-orders/{id}/watchers`: who is told of whatever happens to an order.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::problem::{Code, Problem};
use crate::reply::{Answer, changed};
use crate::{precondition, read};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use redress_domain::id::{AgentId, AgentKind, WorkOrderId};
use redress_service::amend::{self, Amendment};
use redress_service::auth::{Caller, Role};
use redress_service::desk;
use redress_service::reply::Keyed;
use redress_service::view::WatcherView;

/// `GET /v1/work-orders/{id}/watchers`
pub(crate) async fn list(ask: Ask) -> Answer {
    let order = desk::get(ask.world(), ask.caller()?, &ask.id()?).await?.value;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(WatcherView::all(&order), |watcher| &watcher.audience)))
}

/// `POST /v1/work-orders/{id}/watchers`
pub(crate) async fn add(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::watcher())).await?;
    let caller = ask.caller()?;
    may_speak_for(caller, &asked.what)?;
    let (watch, if_match) = (Amendment::Watch(asked.what), asked.if_match.as_ref());
    let reply = amend::amend(ask.world(), caller, &id, if_match, &watch, &asked.keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `DELETE /v1/work-orders/{id}/watchers/{agent}`
pub(crate) async fn remove(ask: Ask) -> Answer {
    let (id, caller): (WorkOrderId, _) = (ask.id()?, ask.caller()?);
    desk::get(ask.world(), caller, &id).await?;
    let agent = ask.member::<AgentKind>()?;
    let if_match = precondition::if_match_given(ask.headers())?;
    ask.no_query()?;
    may_speak_for(caller, &agent)?;
    let (unwatch, unnamed) = (Amendment::Unwatch(agent), Keyed::without("unwatch"));
    amend::amend(ask.world(), caller, &id, if_match.as_ref(), &unwatch, &unnamed, ask.moment()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An agent speaks for nobody else.
pub(crate) fn may_speak_for(caller: &Caller, agent: &AgentId) -> Result<(), Problem> {
    if caller.role == Role::Agent && caller.agent.as_ref() != Some(agent) {
        return Err(Problem::new(Code::Forbidden, "an agent may do this for themselves alone"));
    }
    Ok(())
}
