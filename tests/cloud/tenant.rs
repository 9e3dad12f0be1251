//! A shop of one scenario's own, spoken to over HTTP.

use super::stack;
use crate::shop;
use redress_domain::id::{AgentId, TenantId};
use redress_local::Cloud;
use redress_service::auth::{self, Role};
use redress_service::publish;
use serde_json::{Value, json};
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// A shop with three agents, and a key for each role.
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) url: String,
    http: Agent,
    integrator: String,
    agent: String,
    supervisor: String,
    admin: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn answer(response: Result<Response<Body>, ureq::Error>) -> Answer {
    let mut response = response.expect("the local cloud answers");
    let text = response.body_mut().read_to_string().expect("an answer in UTF-8");
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
}

impl Tenant {
    /// Opens a shop of that name in the cloud that all scenarios share.
    pub(crate) fn open(name: &str) -> Self {
        Self::open_in(stack::cloud(), name)
    }

    pub(crate) fn open_in(cloud: &Cloud, name: &str) -> Self {
        Self::staffed(cloud, name, 100)
    }

    /// Opens a shop whose three agents can carry so much each.
    pub(crate) fn staffed(cloud: &Cloud, name: &str, capacity: u32) -> Self {
        let id = TenantId::parse(&format!("tn_{name}")).unwrap();
        let agents = ["ana", "bo", "chen"].map(|agent| shop::agent(agent, &["zh", "en"], capacity));
        let mut writes = shop::writes(&id, &agents, &shop::policies());
        let mut key = |role, agent: Option<AgentId>, number: u8| {
            let key = auth::key(&secret(name, number));
            writes.extend(auth::admit(&id, role, agent, &key, jiff::Timestamp::UNIX_EPOCH));
            key
        };
        let (integrator, supervisor) = (key(Role::Integrator, None, 1), key(Role::Supervisor, None, 2));
        let agent = key(Role::Agent, AgentId::parse("ag_ana"), 3);
        let admin = key(Role::Admin, None, 4);
        block_on(async { publish::seed(&stack::world_of(cloud).await, writes).await }).unwrap();
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        let (http, url) = (config.build().into(), cloud.url.clone());
        Self { id, url, http, integrator, agent, supervisor, admin }
    }

    /// Its keys by role, as `redress up` prints them.
    pub(crate) fn keys(&self) -> Value {
        json!({"integrator": self.integrator, "agent": self.agent, "supervisor": self.supervisor, "admin": self.admin})
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn get_as(&self, key: &str, path: &str) -> Answer {
        answer(self.http.get(self.at(path)).header("Authorization", format!("Bearer {key}")).call())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_as(&self.agent, path)
    }

    pub(crate) fn get_as_integrator(&self, path: &str) -> Answer {
        self.get_as(&self.integrator, path)
    }

    pub(crate) fn get_as_supervisor(&self, path: &str) -> Answer {
        self.get_as(&self.supervisor, path)
    }

    pub(crate) fn get_as_admin(&self, path: &str) -> Answer {
        self.get_as(&self.admin, path)
    }

    /// Hands a feedback over.
    pub(crate) fn say(&self, key: &str, body: &Value) -> Answer {
        let request = self.http.post(self.at("/v1/feedback")).header("Idempotency-Key", key);
        answer(request.header("Authorization", format!("Bearer {}", self.integrator)).send_json(body))
    }

    /// Posts as the shop's back end.
    pub(crate) fn integrator_posts(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(self.at(path));
        answer(request.header("Authorization", format!("Bearer {}", self.integrator)).send_json(body))
    }

    /// Does something with an order as its agent, on the version that is there. Functions write it too,
    /// and may do so just then: whoever meets that reads it again.
    fn on_the_version_that_is_there(&self, order: &str, send: impl Fn(&str) -> Answer) -> Answer {
        stack::eventually("a version that stays for a moment", || {
            let answer = send(self.get(order).header("etag").expect("an order has an ETag"));
            (answer.status != 412).then_some(answer)
        })
    }

    /// Posts to an order.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let order = path.rsplit_once('/').expect("…/{id}/{what}").0;
        self.on_the_version_that_is_there(order, |version| {
            let request = self.http.post(self.at(path)).header("If-Match", version);
            answer(request.header("Authorization", format!("Bearer {}", self.agent)).send_json(body))
        })
    }

    /// Changes an order.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.on_the_version_that_is_there(path, |version| {
            let request = self.http.patch(self.at(path)).header("If-Match", version);
            answer(request.header("Authorization", format!("Bearer {}", self.agent)).send_json(body))
        })
    }

    /// Changes an order as its agent, if it is at that version and under that key.
    pub(crate) fn patch_at(&self, path: &str, version: &str, key: &str, body: &Value) -> Answer {
        let request = self.http.patch(self.at(path)).header("If-Match", version).header("Idempotency-Key", key);
        answer(request.header("Authorization", format!("Bearer {}", self.agent)).send_json(body))
    }

    /// Posts as the shop's admin.
    pub(crate) fn admin_posts(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(self.at(path));
        answer(request.header("Authorization", format!("Bearer {}", self.admin)).send_json(body))
    }

    /// A customer, who needs no key.
    pub(crate) fn customer_posts(&self, path: &str, body: &Value) -> Answer {
        answer(self.http.post(self.at(path)).send_json(body))
    }

    pub(crate) fn customer_gets(&self, path: &str) -> Answer {
        answer(self.http.get(self.at(path)).header("Accept", "text/html").call())
    }

    /// Says something and waits until it is an order that somebody has.
    pub(crate) fn order_of(&self, message: &str) -> Value {
        let said = self.say(
            &redress_domain::id::digest(&[message]),
            &json!({"channel": "web", "message": message, "customer": {"ref": "c-1"}}),
        );
        assert_eq!(said.status, 202, "{said:?}");
        let path = format!("/v1/feedback/{}", said.json()["id"].as_str().unwrap());
        let feedback = stack::eventually("an agent", || {
            let feedback = self.get_as_integrator(&path).json();
            (feedback["status"] == "assigned").then_some(feedback)
        });
        self.get(&format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap())).json()
    }
}

/// The same scenario always has the same keys.
fn secret(name: &str, number: u8) -> [u8; 32] {
    let mut secret = [number; 32];
    name.bytes().take(31).enumerate().for_each(|(index, byte)| secret[index] = byte);
    secret
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}
