//! `/v1/work-orders/{id}/effort`: how much time was spent on an order.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::problem::Problem;
use crate::read::{self, Stretch, Wrong};
use crate::reply::{Answer, json, replayed};
use crate::watchers::may_speak_for;
use axum::http::StatusCode;
use redress_domain::effort::Effort;
use redress_domain::id::WorkOrderId;
use redress_service::auth::Caller;
use redress_service::effort::{self, totals};
use serde_json::json;

/// `GET /v1/work-orders/{id}/effort`
pub(crate) async fn list(ask: Ask) -> Answer {
    let spent = effort::list(ask.world(), ask.caller()?, &ask.id()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let (kinds, total_seconds) = totals(&spent);
    let page = paging.slice_by(spent, |spent| spent.id.as_str());
    Ok(paging.answer_with(page, json!({ "totals": kinds, "total_seconds": total_seconds })))
}

/// `POST /v1/work-orders/{id}/effort`
pub(crate) async fn add(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::effort(ask.moment().now))).await?;
    let caller = ask.caller()?;
    let effort = whose(caller, asked.what)?;
    let reply = effort::add(ask.world(), caller, &id, &effort, &asked.keyed, ask.moment()).await?;
    Ok(replayed(json(StatusCode::CREATED, &reply.body), reply.replayed))
}

/// The caller's own time, unless it is said whose it is.
fn whose(caller: &Caller, stretch: Stretch) -> Result<Effort, Problem> {
    let Stretch { agent, kind, started_at, ended_at } = stretch;
    let unsaid = || {
        let detail = "required: this key is no agent's".to_owned();
        Problem::from(vec![Wrong { pointer: "/agent".to_owned(), detail }])
    };
    let agent = agent.or_else(|| caller.agent.clone()).ok_or_else(unsaid)?;
    may_speak_for(caller, &agent)?;
    Ok(Effort { agent, kind, started_at, ended_at })
}
