//! `/v1/work-orders/{id}/effort`: how much time was spent on an order.

use crate::ask::Ask;
use crate::cursor::{Listed, Paging};
use crate::problem::Problem;
use crate::read::{self, Stretch, Wrong};
use crate::reply::{Answer, json, replayed};
use crate::watchers::may_speak_for;
use axum::http::StatusCode;
use redress_domain::effort::Effort;
use redress_domain::id::WorkOrderId;
use redress_service::auth::Caller;
use redress_service::effort::{self, Spent, Total, totals};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of what was spent, and what all of it comes to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EffortView {
    #[serde(flatten)]
    listed: Listed<Spent>,
    /// What each kind comes to, all pages together.
    totals: Vec<Total>,
    /// What everything comes to: what overlaps counts once for each agent, whatever its kind.
    total_seconds: i64,
}

/// `GET /v1/work-orders/{id}/effort`
pub(crate) async fn list(ask: Ask) -> Answer {
    let spent = effort::list(ask.world(), ask.caller()?, &ask.id()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let (totals, total_seconds) = totals(&spent);
    let listed = paging.listed(paging.slice_by(spent, |spent| spent.id.as_str()));
    Ok(json(StatusCode::OK, &EffortView { listed, totals, total_seconds }))
}

/// `POST /v1/work-orders/{id}/effort`
pub(crate) async fn add(ask: Ask) -> Answer {
    let id: WorkOrderId = ask.id()?;
    let asked = ask.about(&id, ask.asked(read::effort(ask.moment().now))).await?;
    let caller = ask.caller()?;
    let effort = whose(caller, asked.what)?;
    let if_match = asked.if_match.as_ref();
    let reply = effort::add(ask.world(), caller, &id, if_match, &effort, &asked.keyed, ask.moment()).await?;
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
