//! `/v1/priority-policy`: what makes a feedback urgent or wide, and what that leads to.

use crate::ask::Ask;
use crate::policies;
use crate::read::{self, Reader};
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_service::classify;
use redress_service::govern::{self, Ruling};

/// `GET /v1/priority-policy`
pub(crate) async fn show(ask: Ask) -> Answer {
    policies::show(&ask, &govern::priority(ask.world(), ask.caller()?).await?)
}

/// `PUT /v1/priority-policy`: a new version; what it leaves out is as it is shipped.
pub(crate) async fn replace(ask: Ask) -> Answer {
    policies::replace(&ask, |body| read::priority_policy().read(body).map(Ruling::ReplacePriority)).await
}

/// `POST /v1/priority-policy/preview`: how something would be understood, without anybody saying it.
pub(crate) async fn preview(ask: Ask) -> Answer {
    let body = ask.document()?;
    ask.no_query()?;
    let read::PriorityPreview { message, tier, public, policy } = read::priority_preview().read(&body)?;
    let asked = classify::Preview { message, tier, public, policy };
    Ok(json(StatusCode::OK, &classify::preview(ask.world(), ask.caller()?, &asked, ask.moment()).await?))
}
