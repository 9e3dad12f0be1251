//! `/v1/promises`: what a shop promises in public, and who approves what follows when it is not kept.

use crate::ask::Ask;
use crate::policies;
use crate::read::{self, Reader};
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use redress_service::govern::{self, Ruling};
use redress_service::promises;

/// `GET /v1/promises`. Figures follow the SLA policies, so the `ETag`, which is the version of what
/// was written here, tells nobody that nothing has changed.
pub(crate) async fn show(ask: Ask) -> Answer {
    let reply = promises::show(ask.world(), ask.caller()?).await?;
    ask.no_query()?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `PUT /v1/promises`: a new version of the whole.
pub(crate) async fn replace(ask: Ask) -> Answer {
    let terms = govern::terms(ask.world(), ask.caller()?).await?;
    policies::replace(&ask, |body| read::promises(&terms).read(body).map(Ruling::ReplacePromises)).await
}
