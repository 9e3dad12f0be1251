//! `/v1/calendars` and `/v1/sla-policies`: what a manager may change.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::precondition;
use crate::problem::Problem;
use crate::read::{self, Reader, Wrong};
use crate::reply::{Answer, changed, created, json, removed, replayed};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use jiff::Timestamp;
use redress_domain::calendar::{Calendar, ClosedDay};
use redress_domain::id::{digest, encode};
use redress_domain::policy::{CalendarChoice, SlaPolicy, Terms};
use redress_domain::sla::{Agreement, Clock, Clocks, Metric, Rung, Step};
use redress_service::amend;
use redress_service::govern::{self, Ruling};
use redress_service::reply::{Keyed, Reply};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// `GET /v1/calendars`
pub(crate) async fn calendars(ask: Ask) -> Answer {
    let all = govern::calendars(ask.world(), ask.caller()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |calendar| &calendar.id)))
}

/// `GET /v1/sla-policies`, in the order in which they are asked.
pub(crate) async fn sla_policies(ask: Ask) -> Answer {
    let all = govern::policies(ask.world(), ask.caller()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |shown| &shown.policy.id)))
}

/// `GET /v1/calendars/{id}`
pub(crate) async fn calendar(ask: Ask) -> Answer {
    show(&ask, &govern::calendar(ask.world(), ask.caller()?, ask.param()).await?)
}

/// `GET /v1/sla-policies/{id}`
pub(crate) async fn sla_policy(ask: Ask) -> Answer {
    show(&ask, &govern::policy(ask.world(), ask.caller()?, ask.param()).await?)
}

pub(crate) fn show(ask: &Ask, reply: &Reply) -> Answer {
    ask.no_query()?;
    if precondition::has(ask.headers(), reply.version) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, precondition::etag(reply.version))]).into_response());
    }
    Ok(changed(StatusCode::OK, reply))
}

/// `POST /v1/calendars`
pub(crate) async fn add_calendar(ask: Ask) -> Answer {
    add(&ask, |body, id| read::calendar(id, true).read(body).map(Ruling::AddCalendar)).await
}

/// `POST /v1/sla-policies`
pub(crate) async fn add_sla_policy(ask: Ask) -> Answer {
    let terms = govern::terms(ask.world(), ask.caller()?).await?;
    add(&ask, |body, id| read::sla_policy(id, true, &terms).read(body).map(Ruling::AddPolicy)).await
}

/// Publishes something new.
pub(crate) async fn add(ask: &Ask, read: impl Fn(&Value, &str) -> read::Read<Ruling>) -> Answer {
    let body = ask.document()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    // A name nobody gave is one that nobody else has.
    let ruling = read(&body, &encode(&ask.moment().nonce))?;
    let reply = govern::rule(ask.world(), ask.caller()?, &ruling, None, &keyed, ask.moment()).await?;
    Ok(created(ask, &reply))
}

/// `PUT /v1/calendars/{id}`
pub(crate) async fn replace_calendar(ask: Ask) -> Answer {
    govern::calendar(ask.world(), ask.caller()?, ask.param()).await?;
    replace(&ask, |body| read::calendar(ask.param(), false).read(body).map(Ruling::ReplaceCalendar)).await
}

/// `PUT /v1/sla-policies/{id}`
pub(crate) async fn replace_sla_policy(ask: Ask) -> Answer {
    govern::policy(ask.world(), ask.caller()?, ask.param()).await?;
    let terms = govern::terms(ask.world(), ask.caller()?).await?;
    replace(&ask, |body| read::sla_policy(ask.param(), false, &terms).read(body).map(Ruling::ReplacePolicy)).await
}

pub(crate) async fn replace(ask: &Ask, read: impl Fn(&Value) -> read::Read<Ruling>) -> Answer {
    let body = ask.document()?;
    let if_match = precondition::if_match(ask.headers())?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let ruling = read(&body)?;
    let reply = govern::rule(ask.world(), ask.caller()?, &ruling, Some(&if_match), &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

/// `DELETE /v1/calendars/{id}`
pub(crate) async fn drop_calendar(ask: Ask) -> Answer {
    remove(&ask, Ruling::DropCalendar(ask.param().to_owned())).await
}

/// `DELETE /v1/sla-policies/{id}`
pub(crate) async fn drop_sla_policy(ask: Ask) -> Answer {
    remove(&ask, Ruling::DropPolicy(ask.param().to_owned())).await
}

/// Takes something out of force.
pub(crate) async fn remove(ask: &Ask, ruling: Ruling) -> Answer {
    let if_match = precondition::if_match_given(ask.headers())?;
    let keyed = ask.keyed(&Value::Null)?;
    ask.no_query()?;
    let reply = govern::rule(ask.world(), ask.caller()?, &ruling, if_match.as_ref(), &keyed, ask.moment()).await?;
    Ok(removed(&reply))
}

/// `POST /v1/sla-policies/reapply`: the policies in force are applied to a page of the open orders.
pub(crate) async fn reapply(ask: Ask) -> Answer {
    let body = ask.document()?;
    let keyed = ask.keyed(&body)?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    let reason = read::reason().read(&body)?;
    let place = (paging.after.clone(), paging.limit);
    // Another page is another request.
    let asked = [keyed.fingerprint.as_str(), place.0.as_deref().unwrap_or_default(), &place.1.to_string()];
    let keyed = Keyed { fingerprint: digest(&asked), ..keyed.clone() };
    let (page, again) = amend::reapply_page(ask.world(), ask.caller()?, &reason, place, &keyed, ask.moment()).await?;
    Ok(replayed(paging.answer(page), again))
}

/// When so many business seconds have passed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CalendarDue {
    /// Then.
    due_at: Timestamp,
    /// Each closed day on the way.
    closed_days: Vec<ClosedDay>,
}

/// `POST /v1/calendars/preview`: when so many business seconds have passed, without publishing.
pub(crate) async fn preview_calendar(ask: Ask) -> Answer {
    let body = ask.document()?;
    ask.no_query()?;
    let read::CalendarPreview { calendar, start, seconds } = read::calendar_preview().read(&body)?;
    let compiled = Calendar::parse(&calendar).map_err(|_| Problem::not_found())?;
    let due_at = compiled.add(start, jiff::SignedDuration::from_secs(seconds));
    let due_at = due_at.map_err(|error| vec![Wrong { pointer: "/calendar".to_owned(), detail: error.detail }])?;
    let closed_days = compiled.closed_days(start, due_at);
    Ok(json(StatusCode::OK, &CalendarDue { due_at, closed_days }))
}

/// What an order would be promised.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SlaDue {
    /// By which policy version, as `id@version`; `null` where nothing is promised.
    policy: Option<String>,
    /// Every clock that would run.
    clocks: Vec<ClockDue>,
}

/// A clock that would run.
#[derive(Serialize, JsonSchema)]
struct ClockDue {
    /// What is promised.
    metric: Metric,
    /// Business seconds.
    target_seconds: i64,
    /// When they end.
    due_at: Option<Timestamp>,
    /// Counted on which calendar version, as `id@version`.
    calendar: String,
    /// Its rungs.
    levels: Vec<LevelDue>,
}

/// A rung that would be reached.
#[derive(Serialize, JsonSchema)]
struct LevelDue {
    /// Which.
    level: String,
    /// When.
    at: Timestamp,
}

/// `POST /v1/sla-policies/preview`: what an order would be promised, and when that would be due,
/// without publishing and without an order.
pub(crate) async fn preview_sla_policy(ask: Ask) -> Answer {
    let body = ask.document()?;
    ask.no_query()?;
    let mut terms = (*govern::terms(ask.world(), ask.caller()?).await?).clone();
    let asked = read::sla_preview(&terms).read(&body)?;
    let policy = match asked.policy {
        Some(policy) => {
            terms.book.add_policy(policy.version(), Arc::new(policy.clone()));
            Some(policy)
        }
        None => terms.matching(asked.subject).cloned(),
    };
    let policy = policy.filter(|policy| !policy.no_sla);
    let agreement =
        policy.as_ref().map(|policy| terms.agreement(policy, asked.priority, CalendarChoice::default(), None));
    let clocks = run(&terms, agreement.as_ref(), asked.start)?;
    let clocks = clocks.all.iter().map(ClockDue::of).collect();
    let policy = policy.map(|policy: SlaPolicy| policy.version().to_string());
    Ok(json(StatusCode::OK, &SlaDue { policy, clocks }))
}

/// The clocks of an order that a customer opens at `start`, as if it were in a queue and an answer
/// were owed for everything.
fn run(terms: &Terms, agreement: Option<&Agreement>, start: Timestamp) -> Result<Clocks, Problem> {
    let status = redress_domain::order::Status::Open;
    let step = Step { at: start, cause: "preview", status, cycle: 1, book: &terms.book };
    let mut clocks = Clocks::opened(true);
    let ran = clocks.agree(step, agreement, start, None).and_then(|()| clocks.queued(step, false));
    let unopened = |error: redress_domain::calendar::CalendarError| {
        Problem::from(vec![Wrong { pointer: "/start".to_owned(), detail: error.detail }])
    };
    ran.map_err(unopened)?;
    Ok(clocks)
}

impl ClockDue {
    fn of(clock: &Clock) -> Self {
        let level = |rung: &Rung| LevelDue { level: rung.level.clone(), at: rung.at };
        Self {
            metric: clock.key.metric.clone(),
            target_seconds: clock.target.seconds(),
            due_at: clock.due_at,
            calendar: clock.target.calendar.to_string(),
            levels: clock.pending.iter().map(level).collect(),
        }
    }
}
