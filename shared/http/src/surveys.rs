//! `/v1/surveys`: what customers thought of it, for those who lead.

use crate::ask::Ask;
use crate::context::Context;
use crate::cursor::Paging;
use crate::read::{self, Object, Reader, id, query_flag, query_instant};
use crate::reply::{Answer, changed};
use axum::http::StatusCode;
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::id::{AgentId, SurveyId, TeamId, WorkOrderId, WorkOrderKind};
use redress_domain::survey::{self as domain, SkipReason, Survey, SurveyState};
use redress_service::answer;
use redress_service::auth::{Caller, Role};
use redress_service::lists::{self, Page, SurveyFilter};
use schemars::JsonSchema;
use serde::Serialize;

/// A survey as those see it who lead.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Survey")]
pub(crate) struct SurveyView {
    id: SurveyId,
    work_order: WorkOrderId,
    cycle: u32,
    state: SurveyState,
    csat: Option<u8>,
    ces: Option<u8>,
    nps: Option<u8>,
    solved: Option<bool>,
    comment: Option<String>,
    /// Whether the customer suggests something, here or in a call.
    suggestion: bool,
    skip_reason: Option<SkipReason>,
    resolver: Option<AgentId>,
    /// Whose queue it was in when it was resolved.
    team: Option<TeamId>,
    /// What the customer said when they were called; apart from what they said themselves.
    called: Option<CalledView>,
    /// The order to call the customer.
    revisit: Option<WorkOrderId>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    reminded_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    closes_at: Timestamp,
    /// Where the customer answers; local cloud only.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// What a customer said when they were called.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CalledAnswer")]
struct CalledView {
    csat: Option<u8>,
    ces: Option<u8>,
    nps: Option<u8>,
    solved: Option<bool>,
    comment: Option<String>,
    /// Who wrote it down.
    given_by: Option<Actor>,
    answered_at: Timestamp,
}

impl CalledView {
    fn of(answer: &domain::Answer) -> Self {
        let domain::Answer { csat, ces, nps, solved, comment, given_by, at } = answer.clone();
        Self { csat, ces, nps, solved, comment, given_by, answered_at: at }
    }
}

impl SurveyView {
    fn of(survey: Survey, link: Option<String>) -> Self {
        let (answer, called) = (survey.own(), survey.entered().map(CalledView::of));
        Self {
            csat: answer.and_then(|answer| answer.csat),
            ces: answer.and_then(|answer| answer.ces),
            nps: answer.and_then(|answer| answer.nps),
            solved: answer.and_then(|answer| answer.solved),
            comment: answer.and_then(|answer| answer.comment.clone()),
            answered_at: answer.map(|answer| answer.at),
            suggestion: lists::suggests(&survey),
            id: survey.id,
            work_order: survey.work_order,
            cycle: survey.cycle,
            state: survey.state,
            skip_reason: survey.skipped,
            called,
            resolver: survey.resolver,
            team: survey.team,
            revisit: survey.revisit,
            created_at: survey.created_at,
            sent_at: survey.sent_at,
            reminded_at: survey.reminded_at,
            closes_at: survey.closes_at,
            link,
        }
    }
}

/// `GET /v1/surveys`
pub(crate) async fn list(ask: Ask) -> Answer {
    let caller = ask.caller()?;
    let (filter, paging) = Paging::read(&ask, filter).await?;
    let page = lists::surveys(ask.world(), caller, &filter, paging.after.clone(), paging.limit).await?;
    // Those of one order come all at once.
    let page = if filter.work_order.is_some() { paging.slice(page.items) } else { page };
    let show = |survey: Survey| SurveyView::of(survey.clone(), link(&ask.api.context, caller, &survey));
    Ok(paging.answer(Page { items: page.items.into_iter().map(show).collect(), next: page.next }))
}

/// `POST /v1/surveys/{id}/answer`
pub(crate) async fn enter(ask: Ask) -> Answer {
    let (id, caller): (SurveyId, _) = (ask.id()?, ask.caller()?);
    answer::get(ask.world(), caller, &id).await?;
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let given = read::answer(ask.moment().now).read(&body)?;
    let reply = answer::enter(ask.world(), caller, &id, &given, &keyed, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &reply))
}

pub(crate) fn filter(query: &mut Object<'_>) -> SurveyFilter {
    SurveyFilter {
        work_order: query.optional("work_order", id::<WorkOrderKind>()),
        from: query.optional("from", query_instant()),
        to: query.optional("to", query_instant()),
        suggestion: query.optional("suggestion", query_flag()),
    }
}

fn link(context: &Context, caller: &Caller, survey: &Survey) -> Option<String> {
    let shown = context.survey_links && matches!(caller.role, Role::Supervisor | Role::Admin);
    shown.then(|| context.link(&format!("/s/{}", survey.token)))
}
