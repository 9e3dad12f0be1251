//! `/v1/customers`: who is who, and what they said over all channels.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::problem::Problem;
use crate::read::{self, Reader, words};
use crate::reply::{Answer, json, replayed};
use axum::http::StatusCode;
use redress_domain::identity::Identity;
use redress_service::customers;
use redress_service::reply::Keyed;

/// The reference in the path. What is none is not there.
pub(crate) fn reference(ask: &Ask) -> Result<String, Problem> {
    words(read::REFERENCE).read(&ask.param().into()).map_err(|_| Problem::not_found())
}

/// `GET /v1/customers/{ref}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let view = customers::show(ask.world(), ask.caller()?, &reference(&ask)?).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &view))
}

/// `GET /v1/customers/{ref}/timeline`, oldest first.
pub(crate) async fn timeline(ask: Ask) -> Answer {
    let (caller, reference) = (ask.caller()?, reference(&ask)?);
    let read = Paging::read(&ask, |_| ()).await;
    if read.is_err() {
        customers::timeline(ask.world(), caller, &reference, None, 1).await?;
    }
    let ((), paging) = read?;
    let page = customers::timeline(ask.world(), caller, &reference, paging.after.clone(), paging.limit).await?;
    Ok(paging.answer(page))
}

/// `POST /v1/customers/{ref}/identities`
pub(crate) async fn link(ask: Ask) -> Answer {
    let reference = reference(&ask)?;
    let (identity, keyed) = asked(&ask)?;
    let reply = customers::link(ask.world(), ask.caller()?, &reference, &identity, &keyed, ask.moment()).await?;
    Ok(replayed(json(StatusCode::CREATED, &reply.body), reply.replayed))
}

fn asked(ask: &Ask) -> Result<(Identity, Keyed), Problem> {
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    Ok((read::identity().read(&body)?, keyed))
}
