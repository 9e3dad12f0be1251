//! `…/preferences`: what customers and agents wish to be told, and how.

use crate::ask::Ask;
use crate::customers::reference;
use crate::policies::show;
use crate::precondition;
use crate::problem::{Code, Problem};
use crate::read::{self, Reader};
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use redress_domain::id::AgentId;
use redress_service::auth::Role;
use redress_service::desk::IfMatch;
use redress_service::reply::Keyed;
use redress_service::wishes;

/// `GET /v1/customers/{ref}/preferences`
pub(crate) async fn customer(ask: Ask) -> Answer {
    show(&ask, &wishes::customer(ask.world(), ask.caller()?, &reference(&ask)?).await?)
}

/// `PUT /v1/customers/{ref}/preferences`
pub(crate) async fn set_customer(ask: Ask) -> Answer {
    let reference = reference(&ask)?;
    let (wishes, if_match, keyed) = asked(&ask, read::customer_wishes())?;
    let (caller, asked) = (ask.caller()?, (&wishes, &if_match));
    let reply = wishes::set_customer(ask.world(), caller, &reference, asked, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `GET /v1/agents/{id}/preferences`
pub(crate) async fn agent(ask: Ask) -> Answer {
    let id = own(&ask)?;
    show(&ask, &wishes::agent(ask.world(), ask.caller()?, &id).await?)
}

/// `PUT /v1/agents/{id}/preferences`
pub(crate) async fn set_agent(ask: Ask) -> Answer {
    let id = own(&ask)?;
    wishes::agent(ask.world(), ask.caller()?, &id).await?;
    let (wishes, if_match, keyed) = asked(&ask, read::agent_wishes())?;
    let asked = (&wishes, &if_match);
    let reply = wishes::set_agent(ask.world(), ask.caller()?, &id, asked, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// The agent in the path: an agent sees no other's address.
fn own(ask: &Ask) -> Result<AgentId, Problem> {
    let (id, caller): (AgentId, _) = (ask.id()?, ask.caller()?);
    if caller.role == Role::Agent && caller.agent.as_ref() != Some(&id) {
        return Err(Problem::new(Code::Forbidden, "an agent's preferences are for that agent and for admins"));
    }
    Ok(id)
}

fn asked<R: Reader>(ask: &Ask, reader: R) -> Result<(R::Of, IfMatch, Keyed), Problem> {
    let body = ask.json()?;
    let if_match = precondition::if_match(ask.headers())?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    Ok((reader.read(&body)?, if_match, keyed))
}
