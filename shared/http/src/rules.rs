//! `/v1/routing-rules` and `/v1/survey-policies`: whose orders these are, and who is asked.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies::{add, remove, replace, show};
use crate::read::{self, Reader};
use crate::reply::Answer;
use redress_service::govern::{self, Ruling};

/// `GET /v1/routing-rules`, in the order in which they are asked.
pub(crate) async fn routing_rules(ask: Ask) -> Answer {
    let all = govern::routing_rules(ask.world(), ask.caller()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |shown| &shown.policy.id)))
}

/// `GET /v1/routing-rules/{id}`
pub(crate) async fn routing_rule(ask: Ask) -> Answer {
    show(&ask, &govern::routing_rule(ask.world(), ask.caller()?, ask.param()).await?)
}

/// `POST /v1/routing-rules`
pub(crate) async fn add_routing_rule(ask: Ask) -> Answer {
    add(&ask, |body, id| read::routing_rule(id, true).read(body).map(Ruling::AddRule)).await
}

/// `PUT /v1/routing-rules/{id}`
pub(crate) async fn replace_routing_rule(ask: Ask) -> Answer {
    govern::routing_rule(ask.world(), ask.caller()?, ask.param()).await?;
    replace(&ask, |body| read::routing_rule(ask.param(), false).read(body).map(Ruling::ReplaceRule)).await
}

/// `DELETE /v1/routing-rules/{id}`
pub(crate) async fn drop_routing_rule(ask: Ask) -> Answer {
    remove(&ask, Ruling::DropRule(ask.param().to_owned())).await
}

/// `GET /v1/survey-policies`, in the order in which they are asked.
pub(crate) async fn survey_policies(ask: Ask) -> Answer {
    let all = govern::survey_policies(ask.world(), ask.caller()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |shown| &shown.policy.id)))
}

/// `GET /v1/survey-policies/{id}`
pub(crate) async fn survey_policy(ask: Ask) -> Answer {
    show(&ask, &govern::survey_policy(ask.world(), ask.caller()?, ask.param()).await?)
}

/// `POST /v1/survey-policies`
pub(crate) async fn add_survey_policy(ask: Ask) -> Answer {
    add(&ask, |body, id| read::survey_policy(id, true).read(body).map(Ruling::AddSurvey)).await
}

/// `PUT /v1/survey-policies/{id}`
pub(crate) async fn replace_survey_policy(ask: Ask) -> Answer {
    govern::survey_policy(ask.world(), ask.caller()?, ask.param()).await?;
    replace(&ask, |body| read::survey_policy(ask.param(), false).read(body).map(Ruling::ReplaceSurvey)).await
}

/// `DELETE /v1/survey-policies/{id}`
pub(crate) async fn drop_survey_policy(ask: Ask) -> Answer {
    remove(&ask, Ruling::DropSurvey(ask.param().to_owned())).await
}
