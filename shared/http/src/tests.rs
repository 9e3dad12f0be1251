//! The whole API over the in-memory world, through the public door.

mod amend;
mod answers;
mod attachments;
mod batch;
mod between;
mod channels;
mod compensations;
mod conformity;
mod customers;
mod deeds;
mod fair_share;
mod feedback;
mod gate;
mod incidents;
mod keys;
mod lists;
mod notices;
mod openapi;
mod orders;
mod pages;
mod people;
mod policies;
mod priority;
mod promises;
mod refusals;
mod rules;
mod said;
mod satisfaction;
mod unicode;
mod verdicts;
mod webhooks;
mod wishes;

use crate::{Context, all};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use jiff::SignedDuration;
use redress_domain::id::{AgentId, TenantId};
use redress_service::auth::{self, Role};
use redress_service::fair_share::Rates;
use redress_service::memory::MemoryWorld;
use redress_service::ports::Write;
use redress_service::publish;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) const NOON: &str = "2026-03-04T04:00:00Z";

/// Two tenants with a key for every role, and one agent each.
pub(crate) struct Shop {
    pub(crate) memory: Arc<MemoryWorld>,
    pub(crate) api: Router,
}

/// The key of a role: the same in every test.
pub(crate) fn key(tenant: &str, role: Role) -> String {
    let mut secret = [role as u8; 32];
    secret[..tenant.len()].copy_from_slice(tenant.as_bytes());
    auth::key(&secret)
}

pub(crate) const ROLES: [Role; 5] = [Role::Integrator, Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor];

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(|context| context).await
    }

    /// A shop whose stack is set up in another way.
    pub(crate) async fn with(change: impl FnOnce(Context) -> Context) -> Self {
        let memory = Arc::new(MemoryWorld::new(NOON.parse().unwrap()));
        for tenant in ["tn_a", "tn_b"] {
            let tenant = TenantId::parse(tenant).unwrap();
            let mut writes = vec![
                publish::team(
                    &tenant,
                    &serde_json::from_value(
                        json!({"id": "tm_care", "name": "售后", "categories": [], "fallback": true}),
                    )
                    .unwrap(),
                ),
                publish::agent(&tenant, &agent("ag_mei", "online")),
                publish::agent(&tenant, &agent("ag_li", "offline")),
            ];
            for role in ROLES {
                let agent = (role == Role::Agent).then(|| AgentId::parse("ag_mei").unwrap());
                writes.extend(auth::admit(&tenant, role, agent, &key(tenant.as_str(), role), NOON.parse().unwrap()));
            }
            memory.world().store.commit(&writes).await.unwrap();
        }
        let clock = Arc::clone(&memory);
        let context = Context {
            world: memory.world(),
            moment: Arc::new(move || clock.moment()),
            public_url: Some("https://care.example.com/".to_owned()),
            survey_links: true,
            cors_origin: None,
            rates: Rates::default(),
            untold: Arc::new(|| ()),
        };
        Self { api: all(change(context)), memory }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking<'_> {
        Asking { shop: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    /// A request with the key of a role of the first tenant.
    pub(crate) fn by(&self, role: Role, method: &str, path: &str) -> Asking<'_> {
        self.ask(method, path).key(&key("tn_a", role))
    }

    /// What a request would be answered, without the body.
    pub(crate) async fn head(&self, path: &str) -> Answered {
        self.ask("HEAD", path).await
    }

    /// Takes in a feedback and answers with its id.
    pub(crate) async fn said(&self, message: &str, idempotency_key: &str) -> String {
        let answer = self
            .by(Role::Integrator, "POST", "/v1/feedback")
            .header("idempotency-key", idempotency_key)
            .json(&json!({"channel": "web", "message": message, "customer": {"ref": "c1", "locale": "zh-CN"}}))
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// An order that is assigned, and its path.
    pub(crate) async fn order(&self) -> String {
        let id = self.said("你好,请问快递大概几号能送到", "order").await;
        self.memory.settle().await;
        let feedback = self.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
        assert_eq!(feedback["status"], "assigned", "{feedback}");
        format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap())
    }

    /// An agent comes, or goes.
    pub(crate) async fn presence(&self, agent: &str, status: &str) {
        let (store, key) = (
            self.memory.world().store,
            redress_service::keys::agent(&TenantId::parse("tn_a").unwrap(), &AgentId::parse(agent).unwrap()),
        );
        let mut record = store.get(&key).await.unwrap().unwrap();
        record.version += 1;
        std::sync::Arc::make_mut(&mut record.body)["status"] = json!(status);
        store.commit(&[Write::Put(record)]).await.unwrap();
    }

    /// Another order of the same customer's, and its path.
    pub(crate) async fn another_order(&self) -> String {
        let id = self.said("我的退款什么时候到账 where is my refund", "another").await;
        self.memory.settle().await;
        let feedback = self.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
        format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap())
    }

    /// Moves an order by whatever it takes.
    pub(crate) async fn move_to(&self, order: &str, body: &Value) -> Answered {
        let path = format!("{order}/transitions");
        let moved = self.by(Role::Agent, "POST", &path).header("if-match", "*").json(body).await;
        self.memory.settle().await;
        moved
    }

    /// The path of a survey that was sent.
    pub(crate) async fn survey(&self) -> String {
        let order = self.order().await;
        assert_eq!(self.move_to(&order, &json!({"to": "resolved"})).await.status, 200);
        self.memory.live(SignedDuration::from_hours(24 * 4)).await.unwrap();
        let surveys = self.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
        assert_eq!(surveys["items"][0]["state"], "sent", "{surveys}");
        let link = surveys["items"][0]["link"].as_str().unwrap();
        link.strip_prefix("https://care.example.com").unwrap().to_owned()
    }
}

pub(crate) fn agent(id: &str, status: &str) -> redress_domain::routing::Agent {
    let skills: serde_json::Map<_, _> = redress_domain::category::Category::ALL
        .iter()
        .map(|category| (category.as_str().to_owned(), json!(3)))
        .collect();
    serde_json::from_value(json!({
        "id": id, "name": "美", "teams": ["tm_care"], "languages": ["zh", "en"], "skills": skills, "capacity": 500, "status": status,
    }))
    .unwrap()
}

/// A request that is being put together; awaiting it sends it.
pub(crate) struct Asking<'a> {
    shop: &'a Shop,
    request: axum::http::request::Builder,
    body: Body,
}

impl<'a> Asking<'a> {
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// A body that is said to be JSON.
    pub(crate) fn text(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body.to_owned())
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
    }
}

impl<'a> IntoFuture for Asking<'a> {
    type Output = Answered;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = self.request.body(self.body).unwrap();
            let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
            let response = self.shop.api.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let answered = Answered { status: parts.status.as_u16(), headers: parts.headers, text };
            let media = answered.header("content-type");
            let told = conformity::told(&method, &path, answered.status, media, &answered.text);
            told.unwrap_or_else(|why| panic!("the document says otherwise: {why}: {answered:?}"));
            answered
        })
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The word of a problem; and that it is one, as it should be.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_eq!(problem["type"], format!("urn:redress:problem:{}", problem["code"].as_str().unwrap()));
        problem["code"].as_str().unwrap().to_owned()
    }

    /// Where it was wrong, in order.
    pub(crate) fn pointers(&self) -> Vec<String> {
        assert_eq!(self.code(), "invalid");
        let errors = self.json()["errors"].as_array().unwrap().clone();
        let mut pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
        pointers.sort();
        pointers
    }

    /// The problem without what tells one request from another.
    pub(crate) fn anonymous(&self) -> Value {
        let mut problem = self.json();
        problem["request_id"].take();
        problem
    }
}
