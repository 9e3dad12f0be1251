//! A story told through the doors of the functions, each in a world of its own that notes what it is
//! asked for: whatever a function asked for, its role may do.

use super::rights;
use super::{TEMPLATE, planted, told};
use crate::shop;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::{Event, QueueName};
use redress_domain::policy::{RevisitAfter, RevisitPolicy};
use redress_http::Context;
use redress_service::auth::{self, Role};
use redress_service::fair_share::Rates;
use redress_service::memory::MemoryWorld;
use redress_service::ports::{DueMark, Key, PortError, Queue, Record, Store, World, Write};
use redress_service::sweep::{self, Horizon};
use redress_service::{handle, publish};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// What was asked for, as `(function, grant)`.
type Noted = Arc<Mutex<BTreeSet<(&'static str, String)>>>;

/// Events on their way: at once, and from an instant on.
type OnTheWay = Arc<Mutex<(VecDeque<Event>, Vec<(Timestamp, Event)>)>>;

/// The store and the queues as one function sees them.
struct Noting {
    function: &'static str,
    noted: Noted,
    on_the_way: OnTheWay,
    memory: Arc<MemoryWorld>,
    store: Arc<dyn Store>,
}

impl Noting {
    fn note(&self, grant: impl Into<String>) {
        self.noted.lock().unwrap().insert((self.function, grant.into()));
    }
}

#[async_trait]
impl Store for Noting {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        self.note("dynamodb:GetItem Table");
        self.store.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        if !keys.is_empty() {
            self.note("dynamodb:BatchGetItem Table");
        }
        self.store.get_many(keys).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        self.note("dynamodb:Query Table");
        self.store.list(partition, prefix, after, limit).await
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        self.note("dynamodb:Query Table");
        self.store.last(partition, limit).await
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        for write in writes {
            self.note(match write {
                Write::Put(_) => "dynamodb:PutItem Table",
                Write::Delete(..) => "dynamodb:DeleteItem Table",
            });
        }
        self.store.commit(writes).await
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        self.note("dynamodb:Query Table.Arn}/index/due");
        self.store.due(shard, after, until, limit).await
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        self.note("dynamodb:Query Table.Arn}/index/worklist");
        let found = self.store.worklist(list, after, limit).await?;
        if !found.is_empty() {
            // The index has keys only.
            self.note("dynamodb:BatchGetItem Table");
        }
        Ok(found)
    }
}

#[async_trait]
impl Queue for Noting {
    async fn send(&self, event: &Event) -> Result<(), PortError> {
        self.note(format!("sqs:SendMessage {}", super::queues::resource(event.queue())));
        self.on_the_way.lock().unwrap().0.push_back(event.clone());
        Ok(())
    }

    async fn send_later(&self, event: &Event, delay: SignedDuration) -> Result<(), PortError> {
        self.note(format!("sqs:SendMessage {}", super::queues::resource(event.queue())));
        let at = redress_domain::order::later(self.memory.moment().now, delay);
        self.on_the_way.lock().unwrap().1.push((at, event.clone()));
        Ok(())
    }
}

/// The whole system, of which each function has a world of its own.
struct Story {
    memory: Arc<MemoryWorld>,
    noted: Noted,
    on_the_way: OnTheWay,
    routers: BTreeMap<&'static str, Router>,
    horizon: Horizon,
    calls: std::sync::atomic::AtomicU32,
}

/// Which function works on a queue.
fn worker(queue: QueueName) -> &'static str {
    match queue {
        QueueName::Classification => "ClassificationFunction",
        QueueName::Assignment => "AssignmentFunction",
        QueueName::FollowUp => "FollowUpFunction",
        QueueName::Escalation => "EscalationFunction",
        QueueName::Attachment => "IntakeFunction",
        QueueName::Delivery => "DeliveryFunction",
    }
}

fn key_of(role: Role) -> String {
    auth::key(&[role as u8 + 1; 32])
}

impl Story {
    async fn begin() -> Self {
        let memory = Arc::new(MemoryWorld::new("2026-03-04T04:00:00Z".parse().unwrap()));
        let tenant = shop::tenant();
        let agents = [shop::agent("one", &["zh", "en"], 2), shop::agent("lead", &["zh", "en"], 2)];
        // Whoever was asked is called.
        let mut policies = shop::policies();
        policies.survey[0].revisit = Some(RevisitPolicy { after: RevisitAfter::Always, share_percent: 100 });
        let mut writes = shop::writes(&tenant, &agents, &policies);
        for role in [Role::Admin, Role::Supervisor, Role::Integrator] {
            writes.extend(auth::admit(&tenant, role, None, &key_of(role), memory.moment().now));
        }
        publish::seed(&memory.world(), writes).await.unwrap();
        let mut story = Self {
            memory,
            noted: Arc::default(),
            on_the_way: Arc::default(),
            routers: BTreeMap::new(),
            horizon: Horizon::default(),
            calls: Default::default(),
        };
        let context = |function| {
            let clock = Arc::clone(&story.memory);
            Context {
                world: story.world(function),
                moment: Arc::new(move || clock.moment()),
                public_url: None,
                survey_links: true,
                cors_origin: None,
                rates: Rates::default(),
                untold: Arc::new(|| ()),
            }
        };
        let routers = [
            ("IntakeFunction", redress_http::intake(context("IntakeFunction"))),
            ("DeskFunction", redress_http::desk(context("DeskFunction"))),
            ("FollowUpFunction", redress_http::follow_up(context("FollowUpFunction"))),
        ];
        story.routers = BTreeMap::from(routers);
        story
    }

    fn world(&self, function: &'static str) -> World {
        // As it starts: nothing was read before.
        let world = self.memory.fresh();
        let port = Arc::new(Noting {
            function,
            noted: Arc::clone(&self.noted),
            on_the_way: Arc::clone(&self.on_the_way),
            memory: Arc::clone(&self.memory),
            store: Arc::clone(&world.store),
        });
        World { store: port.clone(), queue: port, ..world }
    }

    /// A call of the API by a role, which must be answered well.
    async fn call(&self, (role, method): (Role, &str), path: &str, body: Value) -> Value {
        let wired = super::wired();
        let target = super::target(&wired, path.split('?').next().unwrap());
        let function = match target {
            "intake" => "IntakeFunction",
            "desk" => "DeskFunction",
            _ => "FollowUpFunction",
        };
        let number = self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let asked = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", key_of(role)))
            .header("content-type", "application/json")
            .header("idempotency-key", format!("k{number}"))
            .header("if-match", "*");
        let body = if method == "GET" || method == "DELETE" { Body::empty() } else { Body::from(body.to_string()) };
        let answer = self.routers[function].clone().oneshot(asked.body(body).unwrap()).await.unwrap();
        let status = answer.status();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&text));
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Whatever is on its way arrives.
    async fn settle(&self) {
        for _ in 0..2_000 {
            let next = self.on_the_way.lock().unwrap().0.pop_front();
            let Some(event) = next else { return };
            let world = self.world(worker(event.queue()));
            handle(&world, &event, self.memory.moment()).await.unwrap();
        }
        panic!("no end is in sight");
    }

    /// Time passes, timers come, and the sweep looks.
    async fn pass(&self, seconds: i64) {
        self.memory.advance(SignedDuration::from_secs(seconds));
        let now = self.memory.moment().now;
        {
            let mut on_the_way = self.on_the_way.lock().unwrap();
            let (due, later): (Vec<_>, Vec<_>) =
                std::mem::take(&mut on_the_way.1).into_iter().partition(|(at, _)| *at <= now);
            on_the_way.0.extend(due.into_iter().map(|(_, event)| event));
            on_the_way.1 = later;
        }
        self.settle().await;
        sweep::run(&self.world("EscalationFunction"), &self.horizon, self.memory.moment()).await.unwrap();
        self.settle().await;
    }

    /// The events that were on their way are lost.
    fn lose(&self) {
        self.on_the_way.lock().unwrap().0.clear();
    }
}

const ADMIN: Role = Role::Admin;
const INTEGRATOR: Role = Role::Integrator;

/// Everything that the functions do, once, where an order is to be resolved within so many seconds.
async fn tell(resolution: u32) -> BTreeSet<(&'static str, String)> {
    let story = Story::begin().await;
    let hook =
        json!({"url": "https://erp.example.com/hooks", "events": ["work_order.assigned.v1", "work_order.resolved.v1"]});
    let hook = story.call((ADMIN, "POST"), "/v1/webhooks", hook).await;
    // Promises of minutes, so that timers are set.
    let soon = json!({"calendar": "always", "P1": 600, "P2": 600, "P3": 600, "P4": 600});
    let policy = json!({"id": "soon", "position": 1, "when": {"channel": ["web"]}, "targets": {"first_response": soon.clone(),
        "next_response": soon.clone(), "resolution": {"calendar": "always", "P1": resolution, "P2": resolution, "P3": resolution, "P4": resolution}},
        "levels": [{"name": "half", "anchor": {"percent": 50}, "audience": "team_lead", "actions": ["notify", "raise", "reassign"]}]});
    story.call((ADMIN, "POST"), "/v1/sla-policies", policy).await;
    let say = |words: &str, customer: &str| json!({"channel": "web", "message": words, "order": {"ref": customer, "courier": "sf"}, "customer": {"ref": customer, "email": "a@example.com"}});
    let first =
        story.call((INTEGRATOR, "POST"), "/v1/feedback", say("快递三天没到 my parcel never arrived", "c1")).await;
    story.settle().await;
    let order = format!("/v1/work-orders/{}", story.order(&first).await);
    for list in [
        "/v1/feedback?limit=5",
        "/v1/customers/c1/timeline",
        "/v1/work-orders?status=open",
        "/v1/notices",
        "/v1/labels",
    ] {
        story.call((ADMIN, "GET"), list, Value::Null).await;
    }
    // What nobody can take waits; what was lost is told again.
    for number in 0..6 {
        let said = say("the kettle leaks 漏水", &format!("w{number}"));
        story.call((INTEGRATOR, "POST"), "/v1/feedback", said).await;
        if number == 5 {
            story.lose();
        }
        story.settle().await;
    }
    let file = json!({"file_name": "a.txt", "media_type": "text/plain", "size_bytes": 4, "sha256": "0".repeat(64)});
    story.call((INTEGRATOR, "POST"), "/v1/attachments", file).await;
    story.pass(1_900).await;
    story.pass(61).await;
    let incident = json!({
        "title": {"zh": "延误", "en": "Late"},
        "text": {"zh": "包裹会晚到。", "en": "Parcels are late."},
        "affects": {"courier": ["sf"]},
    });
    story.call((ADMIN, "POST"), "/v1/incidents", incident).await;
    story.settle().await;
    let said = json!({"direction": "outbound", "visibility": "public", "body": "马上查 we look into it"});
    story.call((ADMIN, "POST"), &format!("{order}/messages"), said).await;
    let asks = json!({"direction": "inbound", "visibility": "public", "body": "还没到 still nothing"});
    story.call((ADMIN, "POST"), &format!("{order}/messages"), asks).await;
    let resolved = json!({"to": "resolved", "resolution": {"code": "explained"}});
    story.call((ADMIN, "POST"), &format!("{order}/transitions"), resolved).await;
    // That it is resolved gets lost, and the sweep tells it.
    story.lose();
    story.pass(61).await;
    let surveys = story.call((ADMIN, "GET"), "/v1/surveys", Value::Null).await;
    let link = surveys["items"][0]["link"].as_str().expect("the survey's link is shown").to_owned();
    let path = &link[link.find("/s/").unwrap()..];
    story.call((ADMIN, "POST"), path, json!({"csat": 1, "solved": false})).await;
    story.settle().await;
    story.call((ADMIN, "GET"), "/v1/satisfaction?from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z", Value::Null).await;
    for _ in 0..6 {
        story.pass(7_200).await;
    }
    story.call((ADMIN, "DELETE"), &format!("/v1/webhooks/{}", hook["id"].as_str().unwrap()), Value::Null).await;
    story.settle().await;
    let noted = story.noted.lock().unwrap();
    noted.clone()
}

impl Story {
    async fn order(&self, feedback: &Value) -> String {
        let path = format!("/v1/feedback/{}", feedback["id"].as_str().unwrap());
        let feedback = self.call((ADMIN, "GET"), &path, Value::Null).await;
        feedback["work_order_id"].as_str().expect("the feedback has its order").to_owned()
    }
}

/// What a function does in the story and its role does not grant, and what it grants and no story does.
fn faults(text: &str, noted: &BTreeSet<(&'static str, String)>) -> Vec<String> {
    let granted = rights::grants(text);
    let moved = |grant: &str| grant.starts_with("dynamodb:") || grant.starts_with("sqs:SendMessage");
    let missing = noted.iter().filter(|(function, grant)| !granted[*function].contains(grant));
    let mut faults: Vec<_> = missing.map(|(function, grant)| format!("{function} does {grant}, and may not")).collect();
    for (function, grants) in &granted {
        let unused = grants.iter().filter(|grant| moved(grant) && !grant.ends_with("DeadLetters"));
        let unused = unused.filter(|grant| !noted.iter().any(|(it, noted)| it == function && noted == *grant));
        faults.extend(unused.map(|grant| format!("{function} may do {grant}, and never did")));
    }
    faults
}

#[tokio::test]
async fn whatever_a_function_does_in_a_whole_story_its_role_may_do_and_nothing_else() {
    // In the one there is much time, in the other it nearly runs out: timers are set then.
    let mut noted = tell(60_000).await;
    noted.extend(tell(2_600).await);
    assert_eq!(faults(TEMPLATE, &noted), [""; 0]);
    // And the same of faults that are planted.
    let text = planted(
        "                Action: [dynamodb:PutItem, dynamodb:DeleteItem]\n",
        "                Action: dynamodb:PutItem\n",
    );
    told(&faults(&text, &noted), "DeliveryFunction does dynamodb:DeleteItem Table, and may not");
}
