//! `/v1/work-orders/{id}/messages`: what was said on an order.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::problem::Problem;
use crate::read::{self, Reader};
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use redress_domain::id::WorkOrderId;
use redress_service::desk::{self, Draft, Message};
use redress_service::lists::Page;
use redress_service::reply::Keyed;

/// `GET /v1/work-orders/{id}/messages`
pub(crate) async fn list(ask: Ask) -> Answer {
    let (caller, id): (_, WorkOrderId) = (ask.caller()?, ask.id()?);
    let ((), paging) = ask.about(&id, Paging::read(&ask, |_| ()).await).await?;
    let after = u32::try_from(paging.number()).unwrap_or(u32::MAX);
    let messages = desk::messages(ask.world(), caller, &id, after, paging.limit + 1).await?;
    Ok(paging.answer(page(messages, paging.limit)))
}

/// The first `limit` messages; that there was one more says that there is a next page.
fn page(mut messages: Vec<Message>, limit: usize) -> Page<Message> {
    let more = messages.len() > limit;
    messages.truncate(limit);
    let next = messages.last().filter(|_| more).map(|last| last.number.to_string());
    Page { items: messages, next }
}

/// `POST /v1/work-orders/{id}/messages`
pub(crate) async fn post(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let (draft, keyed) = ask.about(&id, drafted(&ask)).await?;
    let reply = desk::post_message(ask.world(), ask.caller()?, &id, &draft, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::CREATED, &reply))
}

fn drafted(ask: &Ask) -> Result<(Draft, Keyed), Problem> {
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    Ok((read::draft().read(&body)?, keyed))
}
