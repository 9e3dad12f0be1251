//! `/v1/attachments`: files that come with what is said.

use crate::ask::Ask;
use crate::read::{self, Reader};
use crate::reply::{Answer, json, located, replayed};
use axum::http::StatusCode;
use redress_service::attachments;

/// `POST /v1/attachments`
pub(crate) async fn announce(ask: Ask) -> Answer {
    let (caller, body) = (ask.caller()?, ask.json()?);
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let declared = read::declared().read(&body)?;
    let reply = attachments::announce(ask.world(), caller, &declared, &keyed, ask.moment()).await?;
    let id = reply.body["id"].as_str().unwrap_or_default();
    let location = ask.api.context.link(&format!("/v1/attachments/{id}"));
    Ok(replayed(located(json(StatusCode::CREATED, &reply.body), &location), reply.replayed))
}

/// `GET /v1/attachments/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let view = attachments::show(ask.world(), &ask.caller()?.tenant, &ask.id()?, ask.moment().now).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &view))
}
