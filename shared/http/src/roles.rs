//! Who may do what: one table of route × role.

use axum::http::Method;
use redress_service::auth::Role;

/// What it takes to use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    /// The method; `HEAD` goes with `GET`.
    pub method: &'static str,
    /// The route, with its open parts in braces.
    pub route: &'static str,
    /// Whose keys open it.
    pub roles: &'static [Role],
}

use Role::{Admin, Agent, Auditor, Integrator, Supervisor};

/// Brings feedback: an agent on the telephone writes down what the customer says.
const BRINGS: &[Role] = &[Integrator, Agent, Supervisor, Admin];
const READS_FEEDBACK: &[Role] = &[Integrator, Agent, Supervisor, Admin, Auditor];
/// Says who is who.
const KNOWS: &[Role] = &[Integrator, Supervisor, Admin];
const READS: &[Role] = &[Agent, Supervisor, Admin, Auditor];
const WORKS: &[Role] = &[Agent, Supervisor, Admin];
const OVERSEES: &[Role] = &[Supervisor, Admin, Auditor];
/// Says that something is another than it was: a promise, or whose an order is.
const OVERRULES: &[Role] = &[Supervisor, Admin];
/// What everybody's promises rest on.
const GOVERNS: &[Role] = &[Admin];
/// Says how an agent is told: the agent, and who set the agent up.
const WISHES: &[Role] = &[Agent, Admin];
const SEES_WISHES: &[Role] = &[Agent, Admin, Auditor];
/// Sees who gets in, and where what happens goes out.
const SEES_KEYS: &[Role] = &[Admin, Auditor];

/// Every route under `/v1`. What is not here is closed to everybody.
pub const TABLE: [Permit; 106] = [
    permit("POST", "/v1/feedback", BRINGS),
    permit("GET", "/v1/feedback", READS_FEEDBACK),
    permit("POST", "/v1/feedback/batch", BRINGS),
    permit("GET", "/v1/feedback/{id}", READS_FEEDBACK),
    permit("POST", "/v1/attachments", BRINGS),
    permit("GET", "/v1/attachments/{id}", READS_FEEDBACK),
    permit("GET", "/v1/customers/{ref}", READS_FEEDBACK),
    permit("POST", "/v1/customers/{ref}/identities", KNOWS),
    permit("GET", "/v1/customers/{ref}/preferences", READS_FEEDBACK),
    permit("PUT", "/v1/customers/{ref}/preferences", KNOWS),
    permit("GET", "/v1/customers/{ref}/timeline", READS_FEEDBACK),
    permit("GET", "/v1/work-orders", READS),
    permit("GET", "/v1/work-orders/{id}", READS),
    permit("GET", "/v1/work-orders/{id}/facts", READS),
    permit("GET", "/v1/work-orders/{id}/messages", READS),
    permit("POST", "/v1/work-orders/{id}/messages", WORKS),
    permit("POST", "/v1/work-orders/{id}/transitions", WORKS),
    permit("POST", "/v1/work-orders/{id}/assignments", OVERRULES),
    permit("POST", "/v1/work-orders/{id}/merge", OVERRULES),
    permit("GET", "/v1/work-orders/{id}/children", READS),
    permit("POST", "/v1/work-orders/{id}/children", WORKS),
    permit("GET", "/v1/work-orders/{id}/watchers", READS),
    permit("POST", "/v1/work-orders/{id}/watchers", WORKS),
    permit("DELETE", "/v1/work-orders/{id}/watchers/{agent}", WORKS),
    permit("GET", "/v1/work-orders/{id}/effort", READS),
    permit("POST", "/v1/work-orders/{id}/effort", WORKS),
    permit("GET", "/v1/work-orders/{id}/routing", OVERSEES),
    permit("PATCH", "/v1/work-orders/{id}", WORKS),
    permit("GET", "/v1/work-orders/{id}/sla/proof", READS),
    permit("POST", "/v1/work-orders/{id}/sla/reapply", OVERRULES),
    permit("POST", "/v1/work-orders/{id}/sla/annulments", OVERRULES),
    permit("GET", "/v1/calendars", OVERSEES),
    permit("POST", "/v1/calendars", GOVERNS),
    permit("GET", "/v1/calendars/{id}", OVERSEES),
    permit("PUT", "/v1/calendars/{id}", GOVERNS),
    permit("DELETE", "/v1/calendars/{id}", GOVERNS),
    permit("POST", "/v1/calendars/preview", OVERSEES),
    permit("GET", "/v1/sla-policies", OVERSEES),
    permit("POST", "/v1/sla-policies", GOVERNS),
    permit("GET", "/v1/sla-policies/{id}", OVERSEES),
    permit("PUT", "/v1/sla-policies/{id}", GOVERNS),
    permit("DELETE", "/v1/sla-policies/{id}", GOVERNS),
    permit("POST", "/v1/sla-policies/preview", OVERSEES),
    permit("POST", "/v1/sla-policies/reapply", OVERRULES),
    permit("GET", "/v1/priority-policy", OVERSEES),
    permit("PUT", "/v1/priority-policy", GOVERNS),
    permit("POST", "/v1/priority-policy/preview", OVERSEES),
    permit("GET", "/v1/promises", READS),
    permit("PUT", "/v1/promises", GOVERNS),
    permit("GET", "/v1/compensations", OVERSEES),
    permit("GET", "/v1/compensations/{id}", OVERSEES),
    permit("POST", "/v1/compensations/{id}/decision", OVERRULES),
    permit("GET", "/v1/labels", OVERSEES),
    permit("GET", "/v1/satisfaction", OVERSEES),
    permit("GET", "/v1/surveys", OVERSEES),
    permit("POST", "/v1/surveys/{id}/answer", WORKS),
    permit("GET", "/v1/teams", READS),
    permit("POST", "/v1/teams", GOVERNS),
    permit("GET", "/v1/teams/{id}", READS),
    permit("PUT", "/v1/teams/{id}", GOVERNS),
    permit("DELETE", "/v1/teams/{id}", GOVERNS),
    permit("GET", "/v1/agents", READS),
    permit("POST", "/v1/agents", GOVERNS),
    permit("GET", "/v1/agents/{id}", READS),
    permit("PUT", "/v1/agents/{id}", GOVERNS),
    permit("DELETE", "/v1/agents/{id}", GOVERNS),
    permit("PUT", "/v1/agents/{id}/status", WORKS),
    permit("GET", "/v1/agents/{id}/preferences", SEES_WISHES),
    permit("PUT", "/v1/agents/{id}/preferences", WISHES),
    permit("GET", "/v1/notices", READS),
    permit("POST", "/v1/notices/read", WORKS),
    permit("POST", "/v1/notices/{id}/read", WORKS),
    permit("GET", "/v1/incidents", READS),
    permit("POST", "/v1/incidents", OVERRULES),
    permit("POST", "/v1/incidents/preview", OVERSEES),
    permit("GET", "/v1/incidents/{id}", READS),
    permit("POST", "/v1/incidents/{id}/close", OVERRULES),
    permit("GET", "/v1/incidents/{id}/deliveries", OVERSEES),
    permit("GET", "/v1/suppressions", OVERSEES),
    permit("POST", "/v1/suppressions", GOVERNS),
    permit("GET", "/v1/suppressions/{id}", OVERSEES),
    permit("DELETE", "/v1/suppressions/{id}", GOVERNS),
    permit("GET", "/v1/api-keys", SEES_KEYS),
    permit("POST", "/v1/api-keys", GOVERNS),
    permit("GET", "/v1/api-keys/{id}", SEES_KEYS),
    permit("DELETE", "/v1/api-keys/{id}", GOVERNS),
    permit("GET", "/v1/webhooks", SEES_KEYS),
    permit("POST", "/v1/webhooks", GOVERNS),
    permit("GET", "/v1/webhooks/{id}", SEES_KEYS),
    permit("PUT", "/v1/webhooks/{id}", GOVERNS),
    permit("DELETE", "/v1/webhooks/{id}", GOVERNS),
    permit("POST", "/v1/webhooks/{id}/secret", GOVERNS),
    permit("POST", "/v1/webhooks/{id}/test", GOVERNS),
    permit("GET", "/v1/webhooks/{id}/deliveries", SEES_KEYS),
    permit("GET", "/v1/webhooks/{id}/deliveries/{delivery}", SEES_KEYS),
    permit("POST", "/v1/webhooks/{id}/deliveries/{delivery}/replay", GOVERNS),
    permit("GET", "/v1/routing-rules", OVERSEES),
    permit("POST", "/v1/routing-rules", GOVERNS),
    permit("GET", "/v1/routing-rules/{id}", OVERSEES),
    permit("PUT", "/v1/routing-rules/{id}", GOVERNS),
    permit("DELETE", "/v1/routing-rules/{id}", GOVERNS),
    permit("GET", "/v1/survey-policies", OVERSEES),
    permit("POST", "/v1/survey-policies", GOVERNS),
    permit("GET", "/v1/survey-policies/{id}", OVERSEES),
    permit("PUT", "/v1/survey-policies/{id}", GOVERNS),
    permit("DELETE", "/v1/survey-policies/{id}", GOVERNS),
];

/// Every role and its word.
pub(crate) const WORDS: [(Role, &str); 5] =
    [(Integrator, "integrator"), (Agent, "agent"), (Supervisor, "supervisor"), (Admin, "admin"), (Auditor, "auditor")];

/// A role's word.
pub(crate) fn word(role: Role) -> &'static str {
    WORDS.iter().find(|(each, _)| *each == role).map_or("", |(_, word)| word)
}

/// Whose keys open a method of a route; `None` for what needs no key.
pub(crate) fn of(method: &str, route: &str) -> Option<&'static [Role]> {
    let permit = TABLE.iter().find(|permit| permit.method == method && permit.route == route);
    permit.map(|permit| permit.roles)
}

const fn permit(method: &'static str, route: &'static str, roles: &'static [Role]) -> Permit {
    Permit { method, route, roles }
}

/// Whether a role may use a method of a route. A method that the route does not have is for the
/// router to refuse.
pub(crate) fn may(role: Role, method: &Method, route: &str) -> bool {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let mut permits = TABLE.iter().filter(|permit| permit.route == route).peekable();
    permits.peek().is_some() && permits.all(|permit| permit.method != method || permit.roles.contains(&role))
}
