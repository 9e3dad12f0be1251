//! `/v1/suppressions`: addresses to which nothing goes any more.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies::show as shown;
use crate::problem::Problem;
use crate::read::{self, Reader};
use crate::reply::{Answer, created, removed};
use redress_domain::id::is_digest;
use redress_domain::identity::Identity;
use redress_domain::suppression::SuppressedBecause;
use redress_service::reply::Keyed;
use redress_service::suppressions;
use serde_json::Value;

/// `GET /v1/suppressions`, by id.
pub(crate) async fn list(ask: Ask) -> Answer {
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let page = suppressions::list(ask.world(), ask.caller()?, paging.after.as_deref(), paging.limit).await?;
    Ok(paging.answer(page))
}

/// `POST /v1/suppressions`
pub(crate) async fn add(ask: Ask) -> Answer {
    let ((address, because), keyed) = asked(&ask)?;
    let asked = (&address, because);
    let reply = suppressions::add(ask.world(), ask.caller()?, asked, &keyed, ask.moment()).await?;
    Ok(created(&ask, &reply))
}

fn asked(ask: &Ask) -> Result<((Identity, SuppressedBecause), Keyed), Problem> {
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    Ok((read::suppression().read(&body)?, keyed))
}

/// `GET /v1/suppressions/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    shown(&ask, &suppressions::show(ask.world(), ask.caller()?, named(&ask)?).await?)
}

/// `DELETE /v1/suppressions/{id}`
pub(crate) async fn remove(ask: Ask) -> Answer {
    let keyed = ask.keyed(&Value::Null)?;
    ask.no_query()?;
    let reply = suppressions::remove(ask.world(), ask.caller()?, named(&ask)?, &keyed, ask.moment()).await?;
    Ok(removed(&reply))
}

/// The id in the path. What is none is not there, and the table, whose keys end at 1 KiB, is not asked.
fn named(ask: &Ask) -> Result<&str, Problem> {
    Some(ask.param()).filter(|id| is_digest(id)).ok_or_else(Problem::not_found)
}
