//! `/v1/surveys`: what customers thought of it, for those who lead.

use crate::ask::Ask;
use crate::context::Context;
use crate::cursor::Paging;
use crate::read::{Object, id, query_instant};
use crate::reply::Answer;
use jiff::Timestamp;
use redress_domain::id::{AgentId, SurveyId, WorkOrderId, WorkOrderKind};
use redress_domain::survey::{SkipReason, Survey, SurveyState};
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
    skip_reason: Option<SkipReason>,
    resolver: Option<AgentId>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    closes_at: Timestamp,
    /// Where the customer answers; local cloud only.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl SurveyView {
    fn of(survey: Survey, link: Option<String>) -> Self {
        let answer = survey.answers.last();
        Self {
            csat: answer.and_then(|answer| answer.csat),
            ces: answer.and_then(|answer| answer.ces),
            nps: answer.and_then(|answer| answer.nps),
            solved: answer.and_then(|answer| answer.solved),
            comment: answer.and_then(|answer| answer.comment.clone()),
            answered_at: answer.map(|answer| answer.at),
            id: survey.id,
            work_order: survey.work_order,
            cycle: survey.cycle,
            state: survey.state,
            skip_reason: survey.skipped,
            resolver: survey.resolver,
            created_at: survey.created_at,
            sent_at: survey.sent_at,
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

pub(crate) fn filter(query: &mut Object<'_>) -> SurveyFilter {
    SurveyFilter {
        work_order: query.optional("work_order", id::<WorkOrderKind>()),
        from: query.optional("from", query_instant()),
        to: query.optional("to", query_instant()),
    }
}

fn link(context: &Context, caller: &Caller, survey: &Survey) -> Option<String> {
    let shown = context.survey_links && matches!(caller.role, Role::Supervisor | Role::Admin);
    shown.then(|| context.link(&format!("/s/{}", survey.token)))
}
