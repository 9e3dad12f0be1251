//! Every route, by the function that serves it. Who may use it stands in [`crate::roles`], and what
//! it takes and gives in [`crate::openapi`].

use crate::context::Api;
use crate::{
    api_keys, assignments, attachments, batch, compensations, customers, documents, effort, family, feedback,
    incidents, labels, messages, notices, people, policies, preferences, priority, promise_page, promises, routing,
    rules, satisfaction, suppressions, survey_page, surveys, tracking, unsubscribe, watchers, webhooks, work_orders,
};
use axum::routing::{MethodRouter, delete, get, post, put};
use std::sync::Arc;

/// Paths, and what answers their methods.
pub(crate) type Routes = Vec<(&'static str, MethodRouter<Arc<Api>>)>;

pub(crate) fn intake() -> Routes {
    vec![
        ("/v1/feedback", get(feedback::list).post(feedback::receive)),
        ("/v1/feedback/batch", post(batch::receive)),
        ("/v1/feedback/{id}", get(feedback::show)),
        ("/v1/attachments", post(attachments::announce)),
        ("/v1/attachments/{id}", get(attachments::show)),
        ("/v1/customers/{ref}", get(customers::show)),
        ("/v1/customers/{ref}/identities", post(customers::link)),
        ("/v1/customers/{ref}/preferences", get(preferences::customer).put(preferences::set_customer)),
        ("/v1/customers/{ref}/timeline", get(customers::timeline)),
        ("/t/{token}", get(tracking::show)),
    ]
}

pub(crate) fn desk() -> Routes {
    vec![
        ("/v1/work-orders", get(work_orders::list)),
        ("/v1/work-orders/{id}", get(work_orders::show).patch(work_orders::amend)),
        ("/v1/work-orders/{id}/facts", get(work_orders::facts)),
        ("/v1/work-orders/{id}/messages", get(messages::list).post(messages::post)),
        ("/v1/work-orders/{id}/transitions", post(work_orders::transition)),
        ("/v1/work-orders/{id}/assignments", post(assignments::give)),
        ("/v1/work-orders/{id}/merge", post(family::merge)),
        ("/v1/work-orders/{id}/children", get(family::list).post(family::add)),
        ("/v1/work-orders/{id}/watchers", get(watchers::list).post(watchers::add)),
        ("/v1/work-orders/{id}/watchers/{agent}", delete(watchers::remove)),
        ("/v1/work-orders/{id}/effort", get(effort::list).post(effort::add)),
        ("/v1/work-orders/{id}/routing", get(routing::show)),
        ("/v1/work-orders/{id}/sla/proof", get(work_orders::proof)),
        ("/v1/work-orders/{id}/sla/reapply", post(work_orders::reapply)),
        ("/v1/work-orders/{id}/sla/annulments", post(work_orders::annul)),
        ("/v1/labels", get(labels::list)),
        ("/v1/priority-policy", get(priority::show).put(priority::replace)),
        ("/v1/priority-policy/preview", post(priority::preview)),
        ("/v1/compensations", get(compensations::list)),
        ("/v1/compensations/{id}", get(compensations::show)),
        ("/v1/compensations/{id}/decision", post(compensations::decide)),
        ("/v1/promises", get(promises::show).put(promises::replace)),
        ("/v1/calendars", get(policies::calendars).post(policies::add_calendar)),
        ("/v1/calendars/preview", post(policies::preview_calendar)),
        ("/v1/calendars/{id}", get(policies::calendar).put(policies::replace_calendar).delete(policies::drop_calendar)),
        ("/v1/sla-policies", get(policies::sla_policies).post(policies::add_sla_policy)),
        ("/v1/sla-policies/preview", post(policies::preview_sla_policy)),
        ("/v1/sla-policies/reapply", post(policies::reapply)),
        (
            "/v1/sla-policies/{id}",
            get(policies::sla_policy).put(policies::replace_sla_policy).delete(policies::drop_sla_policy),
        ),
        ("/v1/teams", get(people::teams).post(people::add_team)),
        ("/v1/teams/{id}", get(people::team).put(people::replace_team).delete(people::drop_team)),
        ("/v1/agents", get(people::agents).post(people::add_agent)),
        ("/v1/agents/{id}", get(people::agent).put(people::replace_agent).delete(people::drop_agent)),
        ("/v1/agents/{id}/status", put(people::set_status)),
        ("/v1/agents/{id}/preferences", get(preferences::agent).put(preferences::set_agent)),
        ("/v1/notices", get(notices::list)),
        ("/v1/notices/read", post(notices::mark_all)),
        ("/v1/notices/{id}/read", post(notices::mark)),
        ("/v1/incidents", get(incidents::list).post(incidents::declare)),
        ("/v1/incidents/preview", post(incidents::preview)),
        ("/v1/incidents/{id}", get(incidents::show)),
        ("/v1/incidents/{id}/close", post(incidents::close)),
        ("/v1/incidents/{id}/deliveries", get(incidents::deliveries)),
        ("/v1/suppressions", get(suppressions::list).post(suppressions::add)),
        ("/v1/suppressions/{id}", get(suppressions::show).delete(suppressions::remove)),
        ("/v1/api-keys", get(api_keys::list).post(api_keys::create)),
        ("/v1/api-keys/{id}", get(api_keys::show).delete(api_keys::revoke)),
        ("/v1/webhooks", get(webhooks::list).post(webhooks::create)),
        ("/v1/webhooks/{id}", get(webhooks::show).put(webhooks::replace).delete(webhooks::remove)),
        ("/v1/webhooks/{id}/secret", post(webhooks::rotate)),
        ("/v1/webhooks/{id}/test", post(webhooks::test)),
        ("/v1/webhooks/{id}/deliveries", get(webhooks::deliveries)),
        ("/v1/webhooks/{id}/deliveries/{delivery}", get(webhooks::delivery)),
        ("/v1/webhooks/{id}/deliveries/{delivery}/replay", post(webhooks::replay)),
        ("/v1/routing-rules", get(rules::routing_rules).post(rules::add_routing_rule)),
        (
            "/v1/routing-rules/{id}",
            get(rules::routing_rule).put(rules::replace_routing_rule).delete(rules::drop_routing_rule),
        ),
        ("/v1/survey-policies", get(rules::survey_policies).post(rules::add_survey_policy)),
        (
            "/v1/survey-policies/{id}",
            get(rules::survey_policy).put(rules::replace_survey_policy).delete(rules::drop_survey_policy),
        ),
        ("/v1/openapi.json", get(documents::openapi)),
        ("/docs", get(documents::viewer)),
        ("/docs/{file}", get(documents::file)),
    ]
}

pub(crate) fn follow_up() -> Routes {
    vec![
        ("/v1/satisfaction", get(satisfaction::show)),
        ("/v1/surveys", get(surveys::list)),
        ("/v1/surveys/{id}/answer", post(surveys::enter)),
        ("/p/{tenant}", get(promise_page::show)),
        ("/s/{token}", get(survey_page::show).post(survey_page::answer)),
        ("/u/{token}", get(unsubscribe::show).post(unsubscribe::confirm)),
    ]
}

pub(crate) fn all() -> Routes {
    [intake(), desk(), follow_up()].into_iter().flatten().collect()
}
