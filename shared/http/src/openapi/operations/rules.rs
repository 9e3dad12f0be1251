//! Whose orders these are, and who is asked.

use super::{Operation, POLICY, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::problem::Code;
use crate::read;
use redress_domain::policy::{RoutingRule, SurveyPolicy};
use redress_service::govern::Shown;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    routing().into_iter().chain(surveys()).collect()
}

fn routing() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/routing-rules", "Routing rules in the order in which they are asked: the first that matches picks the team")
            .of(POLICY)
            .query(Paging::described)
            .gives::<cursor::Listed<Shown<RoutingRule>>>(200, &[]),
        operation("POST", "/v1/routing-rules", "Add a routing rule")
            .of(POLICY)
            .says("Where no rule matches, the team that lists the category gets the order. An order that has its team keeps it.")
            .keyed()
            .takes(&read::routing_rule("", true))
            .example("zh", json!({ "id": "phones", "name": "贵宾的手机", "when": { "product_type": ["手机"], "tier": ["vip"] }, "team": "tm_care" }))
            .example("en", json!({ "when": { "order_status": ["shipped"], "language": ["en"] }, "team": "tm_care" }))
            .gives::<Shown<RoutingRule>>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/routing-rules/{id}", "A routing rule")
            .of(POLICY)
            .if_none_match()
            .gives::<Shown<RoutingRule>>(200, &[ETag]),
        operation("PUT", "/v1/routing-rules/{id}", "Publish a new version of a routing rule")
            .of(POLICY)
            .keyed()
            .if_match(true)
            .takes(&read::routing_rule("", false))
            .example("zh", json!({ "name": "贵宾", "position": 1, "when": { "tier": ["vip", "gold"] }, "team": "tm_care" }))
            .example("en", json!({ "when": { "priority": ["P1"] }, "team": "tm_care" }))
            .gives::<Shown<RoutingRule>>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/routing-rules/{id}", "Take a routing rule out of force")
            .of(POLICY)
            .keyed()
            .if_match(false)
            .gives_nothing(204),
    ]
}

fn surveys() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/survey-policies", "Survey policies in the order in which they are asked: the first that matches counts")
            .of(POLICY)
            .query(Paging::described)
            .gives::<cursor::Listed<Shown<SurveyPolicy>>>(200, &[]),
        operation("POST", "/v1/survey-policies", "Add a survey policy")
            .of(POLICY)
            .says("The last one matches everything. One that is not `enabled` asks nobody; the survey is then skipped with the reason `policy`. Quiet hours are on the customer's own clock: that of the region in `customer.locale` where it has one clock, else `time_zone`, else that of the tenant's own calendar. A survey keeps to the version that it was arranged by.")
            .keyed()
            .takes(&read::survey_policy("", true))
            .example("zh", json!({ "id": "chat", "name": "在线咨询", "when": { "channel": ["chat"] }, "delay_seconds": 600, "window_seconds": 259_200, "quiet_hours": { "from": "21:00", "to": "09:00" }, "reminder_after_seconds": 86_400 }))
            .example("en", json!({ "when": { "category": ["account"] }, "enabled": false, "delay_seconds": 0, "window_seconds": 86_400 }))
            .gives::<Shown<SurveyPolicy>>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/survey-policies/{id}", "A survey policy")
            .of(POLICY)
            .if_none_match()
            .gives::<Shown<SurveyPolicy>>(200, &[ETag]),
        operation("PUT", "/v1/survey-policies/{id}", "Publish a new version of a survey policy")
            .of(POLICY)
            .keyed()
            .if_match(true)
            .takes(&read::survey_policy("", false))
            .example("zh", json!({ "name": "所有人", "delay_seconds": 7200, "window_seconds": 604_800, "cool_down_seconds": 604_800, "time_zone": "Asia/Shanghai", "reopen_below": { "csat": 4 } }))
            .example("en", json!({ "enabled": false, "delay_seconds": 0, "window_seconds": 60 }))
            .gives::<Shown<SurveyPolicy>>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/survey-policies/{id}", "Take a survey policy out of force")
            .of(POLICY)
            .keyed()
            .if_match(false)
            .gives_nothing(204),
    ]
}
