//! `/v1/labels`: what people corrected, as rows that a model can be trained on.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::reply::Answer;
use redress_service::labels;

/// `GET /v1/labels`, oldest first. The words are masked.
pub(crate) async fn list(ask: Ask) -> Answer {
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let page = labels::list(ask.world(), &ask.caller()?.tenant, paging.after.clone(), paging.limit).await?;
    Ok(paging.answer(page))
}
