//! Who may act, and who gets in.

use super::{Operation, PEOPLE, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::problem::Code;
use crate::read;
use redress_domain::id::{AgentId, TeamId};
use redress_service::api_keys::{ApiKey, MadeKey};
use redress_service::people::{AgentView, TeamView};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    [teams(), agents(), keys()].into_iter().flatten().collect()
}

fn teams() -> Vec<Operation> {
    let any = || TeamId::derive(&[]);
    vec![
        operation("GET", "/v1/teams", "Teams, by id")
            .of(PEOPLE)
            .query(Paging::described)
            .gives::<cursor::Listed<TeamView>>(200, &[]),
        operation("POST", "/v1/teams", "Add a team")
            .of(PEOPLE)
            .says("Orders go to the team that the first matching routing rule names, else to the first that lists the category, else to one that is `fallback`.")
            .keyed()
            .takes(&read::team(any(), true))
            .example("zh", json!({ "id": "tm_returns", "name": "退换货", "categories": ["after_sales"], "calendar": "office" }))
            .example("en", json!({ "name": "Second line", "fallback": true, "lead": null }))
            .gives::<TeamView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/teams/{id}", "A team").of(PEOPLE).if_none_match().gives::<TeamView>(200, &[ETag]),
        operation("PUT", "/v1/teams/{id}", "Replace a team")
            .of(PEOPLE)
            .keyed()
            .if_match(true)
            .takes(&read::team(any(), false))
            .example("zh", json!({ "name": "售后", "categories": ["after_sales", "logistics"], "fallback": true }))
            .example("en", json!({ "name": "Care", "fallback": true }))
            .gives::<TeamView>(200, &[ETag, Replayed])
            .refuses(&[Code::InUse]),
        operation("DELETE", "/v1/teams/{id}", "Remove a team that nothing rests on")
            .of(PEOPLE)
            .keyed()
            .if_match(false)
            .gives_nothing(204)
            .refuses(&[Code::InUse]),
    ]
}

fn agents() -> Vec<Operation> {
    let any = || AgentId::derive(&[]);
    vec![
        operation("GET", "/v1/agents", "Agents, by id")
            .of(PEOPLE)
            .query(Paging::described)
            .gives::<cursor::Listed<AgentView>>(200, &[]),
        operation("POST", "/v1/agents", "Add an agent")
            .of(PEOPLE)
            .says("Who is `online` and has room gets what waits for their teams.")
            .keyed()
            .takes(&read::agent(any(), true))
            .example("zh", agent("美"))
            .example("en", json!({ "id": "ag_jo", "name": "Jo", "teams": [], "languages": ["en"], "capacity": 5 }))
            .gives::<AgentView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/agents/{id}", "An agent").of(PEOPLE).if_none_match().gives::<AgentView>(200, &[ETag]),
        operation("PUT", "/v1/agents/{id}", "Replace an agent")
            .of(PEOPLE)
            .says("Without `status` they stay where they are.")
            .keyed()
            .if_match(true)
            .takes(&read::agent(any(), false))
            .example("zh", agent("美"))
            .example("en", json!({ "name": "Jo", "teams": [], "languages": ["en"], "capacity": 5, "status": "away" }))
            .gives::<AgentView>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/agents/{id}", "Remove an agent who carries nothing, and their keys")
            .of(PEOPLE)
            .keyed()
            .if_match(false)
            .gives_nothing(204)
            .refuses(&[Code::InUse]),
        operation("PUT", "/v1/agents/{id}/status", "Say whether an agent is there")
            .of(PEOPLE)
            .says("An agent's key says it for that agent alone. To say again what is so changes nothing.")
            .if_match(false)
            .takes(&read::presence())
            .example("zh", json!({ "status": "online" }))
            .example("en", json!({ "status": "away" }))
            .gives::<AgentView>(200, &[ETag]),
    ]
}

fn agent(name: &str) -> Value {
    json!({
        "name": name, "teams": ["tm_care"], "languages": ["zh", "en"], "skills": { "logistics": 3 }, "capacity": 20,
        "shift": "office", "status": "online",
    })
}

fn keys() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/api-keys", "API keys that are valid, oldest first; never the keys themselves")
            .of(PEOPLE)
            .query(Paging::described)
            .gives::<cursor::Listed<ApiKey>>(200, &[]),
        operation("POST", "/v1/api-keys", "Make an API key: the one answer that shows it")
            .of(PEOPLE)
            .says("Several may be valid at a time. The same request under the same `Idempotency-Key`, with the same admin key, shows the same key again for as long as the answer is remembered; nobody else can.")
            .keyed()
            .takes(&read::api_key())
            .example("zh", json!({ "role": "integrator", "name": "小程序商城" }))
            .example("en", json!({ "role": "agent", "agent": "ag_mei", "name": "Mei's tablet" }))
            .gives::<MadeKey>(201, &[Location, Replayed]),
        operation("GET", "/v1/api-keys/{id}", "An API key, without the key").of(PEOPLE).gives::<ApiKey>(200, &[]),
        operation("DELETE", "/v1/api-keys/{id}", "Revoke an API key at once")
            .of(PEOPLE)
            .keyed()
            .gives_nothing(204)
            .refuses(&[Code::LastAdminKey]),
    ]
}
