//! A small shop that every scenario can open.

use redress_domain::id::TenantId;
use redress_domain::policy::{Policies, SHIPPED, SurveyPolicy};
use redress_domain::routing::{Agent, Team};
use redress_service::auth::{Caller, Role};
use redress_service::ports::Write;
use redress_service::publish;
use serde_json::{Value, json};

/// The tenant that most scenarios play in.
pub(crate) fn tenant() -> TenantId {
    TenantId::parse("tn_shop").unwrap()
}

/// Policies by which every customer is asked at once, and only once.
pub(crate) fn policies() -> Policies {
    let mut policies: Policies = serde_json::from_str(SHIPPED).unwrap();
    policies.survey = vec![SurveyPolicy::plain(SurveyPolicy::EVERYONE, 0, 604_800)];
    policies
}

/// An agent of the one team, who can do everything.
pub(crate) fn agent(name: &str, languages: &[&str], capacity: u32) -> Agent {
    let skills: Value =
        redress_domain::category::Category::ALL.iter().map(|c| (c.as_str().to_owned(), json!(3))).collect();
    serde_json::from_value(json!({
        "id": format!("ag_{name}"), "name": name, "teams": ["tm_care"], "languages": languages,
        "skills": skills, "capacity": capacity, "status": "online"
    }))
    .unwrap()
}

/// Everything a shop of these agents is made of.
pub(crate) fn writes(tenant: &TenantId, agents: &[Agent], policies: &Policies) -> Vec<Write> {
    let team: Team = serde_json::from_value(json!({
        "id": "tm_care", "name": "客服 Care", "categories": [], "fallback": true, "lead": "ag_lead"
    }))
    .unwrap();
    let mut writes = vec![publish::team(tenant, &team), publish::policies(tenant, policies, 0).unwrap()];
    writes.extend(agents.iter().map(|agent| publish::agent(tenant, agent)));
    writes
}

/// A caller of `role`, as if it had shown a key.
pub(crate) fn caller(role: Role) -> Caller {
    Caller { tenant: tenant(), role, agent: None, key: redress_domain::id::ApiKeyId::derive(&["test"]) }
}
