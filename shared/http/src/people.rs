//! `/v1/teams` and `/v1/agents`: who may act.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies::show;
use crate::precondition;
use crate::problem::{Code, Problem};
use crate::read::{self, Read, Reader};
use crate::reply::{Answer, changed, created, removed};
use axum::http::StatusCode;
use redress_domain::id::{AgentId, Id, Kind, TeamId, encode};
use redress_service::auth::Role;
use redress_service::people::{self, Staffing};
use serde_json::Value;

/// `GET /v1/teams`, by id.
pub(crate) async fn teams(ask: Ask) -> Answer {
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let page = people::teams(ask.world(), ask.caller()?, paging.after.as_deref(), paging.limit).await?;
    Ok(paging.answer(page))
}

/// `GET /v1/agents`, by id.
pub(crate) async fn agents(ask: Ask) -> Answer {
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let page = people::agents(ask.world(), ask.caller()?, paging.after.as_deref(), paging.limit).await?;
    Ok(paging.answer(page))
}

/// `GET /v1/teams/{id}`
pub(crate) async fn team(ask: Ask) -> Answer {
    show(&ask, &people::team(ask.world(), ask.caller()?, &ask.id()?).await?)
}

/// `GET /v1/agents/{id}`
pub(crate) async fn agent(ask: Ask) -> Answer {
    show(&ask, &people::agent(ask.world(), ask.caller()?, &ask.id()?).await?)
}

/// `POST /v1/teams`
pub(crate) async fn add_team(ask: Ask) -> Answer {
    add(&ask, |body, id: TeamId| read::team(id, true).read(body).map(Staffing::AddTeam)).await
}

/// `POST /v1/agents`
pub(crate) async fn add_agent(ask: Ask) -> Answer {
    add(&ask, |body, id: AgentId| read::agent(id, true).read(body).map(|(agent, _)| Staffing::AddAgent(agent))).await
}

async fn add<K: Kind>(ask: &Ask, read: impl Fn(&Value, Id<K>) -> Read<Staffing>) -> Answer {
    let body = ask.document()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    // An id nobody gave is one that nobody else has.
    let asked = read(&body, Id::derive(&[&encode(&ask.moment().nonce)]))?;
    let reply = people::staff(ask.world(), ask.caller()?, &asked, None, &keyed, ask.moment()).await?;
    Ok(created(ask, &reply))
}

/// `PUT /v1/teams/{id}`
pub(crate) async fn replace_team(ask: Ask) -> Answer {
    let id: TeamId = ask.id()?;
    people::team(ask.world(), ask.caller()?, &id).await?;
    replace(&ask, |body| read::team(id.clone(), false).read(body).map(Staffing::ReplaceTeam)).await
}

/// `PUT /v1/agents/{id}`
pub(crate) async fn replace_agent(ask: Ask) -> Answer {
    let id: AgentId = ask.id()?;
    people::agent(ask.world(), ask.caller()?, &id).await?;
    let asked = |(agent, status)| Staffing::ReplaceAgent(agent, status);
    replace(&ask, |body| read::agent(id.clone(), false).read(body).map(asked)).await
}

async fn replace(ask: &Ask, read: impl Fn(&Value) -> Read<Staffing>) -> Answer {
    let body = ask.document()?;
    let if_match = precondition::if_match(ask.headers())?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let asked = read(&body)?;
    let reply = people::staff(ask.world(), ask.caller()?, &asked, Some(&if_match), &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `DELETE /v1/teams/{id}`
pub(crate) async fn drop_team(ask: Ask) -> Answer {
    remove(&ask, Staffing::DropTeam(ask.id()?)).await
}

/// `DELETE /v1/agents/{id}`
pub(crate) async fn drop_agent(ask: Ask) -> Answer {
    remove(&ask, Staffing::DropAgent(ask.id()?)).await
}

async fn remove(ask: &Ask, asked: Staffing) -> Answer {
    let if_match = precondition::if_match_given(ask.headers())?;
    let keyed = ask.keyed(&Value::Null)?;
    ask.no_query()?;
    let reply = people::staff(ask.world(), ask.caller()?, &asked, if_match.as_ref(), &keyed, ask.moment()).await?;
    Ok(removed(&reply))
}

/// `PUT /v1/agents/{id}/status`: an agent says it for themselves, a supervisor for anybody.
pub(crate) async fn set_status(ask: Ask) -> Answer {
    let (id, caller): (AgentId, _) = (ask.id()?, ask.caller()?);
    if caller.role == Role::Agent && caller.agent.as_ref() != Some(&id) {
        return Err(Problem::new(Code::Forbidden, "an agent says for nobody else whether they are there"));
    }
    people::agent(ask.world(), caller, &id).await?;
    let body = ask.json()?;
    let if_match = precondition::if_match_given(ask.headers())?;
    ask.no_query()?;
    let status = read::presence().read(&body)?;
    let reply = people::set_status(ask.world(), caller, &id, status, if_match.as_ref(), ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}
