//! What the API itself costs, without a network and a table: time of the busiest routes, feedback
//! taken in per second, time per byte of the nastiest bodies, and the memory that a large body needs.
//! Prints figures; asserts none. `cargo bench -p redress-http --bench intake`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request};
use peak_alloc::PeakAlloc;
use redress_domain::category::Category;
use redress_domain::id::{AgentId, TenantId};
use redress_http::{Context, all};
use redress_service::auth::{self, Role};
use redress_service::fair_share::Rates;
use redress_service::memory::MemoryWorld;
use redress_service::publish;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceExt;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CALLS: usize = 4_000;
const KIB: usize = 1024;

/// A shop with room for everybody, and the API in front of it.
struct Bench {
    memory: Arc<MemoryWorld>,
    api: Router,
    key: String,
}

impl Bench {
    async fn open() -> Self {
        let memory = Arc::new(MemoryWorld::new("2026-11-23T02:00:00Z".parse().expect("an instant")));
        let tenant = TenantId::parse("tn_bench").expect("a tenant");
        let key = auth::key(&[7; 32]);
        let team = json!({"id": "tm_care", "name": "care", "categories": [], "fallback": true});
        let skills: Value = Category::ALL.iter().map(|category| (category.as_str().to_owned(), json!(3))).collect();
        let mut writes = vec![publish::team(&tenant, &serde_json::from_value(team).expect("a team"))];
        for number in 0..10 {
            let agent = json!({
                "id": format!("ag_{number}"), "name": "a", "teams": ["tm_care"], "languages": ["zh", "en"],
                "skills": skills, "capacity": 100_000, "status": "online",
            });
            writes.push(publish::agent(&tenant, &serde_json::from_value(agent).expect("an agent")));
        }
        let now = memory.moment().now;
        writes.extend(auth::admit(&tenant, Role::Admin, AgentId::parse("ag_0"), &key, now));
        memory.world().store.commit(&writes).await.expect("the memory answers");
        let clock = Arc::clone(&memory);
        let context = Context {
            world: memory.world(),
            moment: Arc::new(move || clock.moment()),
            public_url: None,
            survey_links: false,
            cors_origin: None,
            rates: Rates::default(),
            untold: Arc::new(|| ()),
        };
        Self { api: all(context), memory, key }
    }

    fn request(&self, method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .header("if-match", "*")
            .body(body.into())
            .expect("a request")
    }

    /// A request with a name, so that its values are read.
    fn named(&self, method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
        let mut request = self.request(method, path, body);
        request.headers_mut().insert("idempotency-key", HeaderValue::from_static("k"));
        request
    }

    /// Sends a request; answers with its status, its body and how long that took.
    async fn send(&self, request: Request<Body>) -> (u16, Bytes, Duration) {
        let api = self.api.clone();
        let begun = Instant::now();
        let response = api.oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("an answer has a body");
        (status, body, begun.elapsed())
    }

    /// Takes in a feedback of about 2 KB.
    async fn said(&self, number: usize) -> (String, Duration) {
        let request = self.request("POST", "/v1/feedback", feedback(number).to_string());
        let (status, body, took) = self.send(request).await;
        assert_eq!(status, 202);
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        (body["id"].as_str().unwrap_or_default().to_owned(), took)
    }
}

/// As a shop sends it: half Chinese, half English, about 2 KB, no customer twice.
fn feedback(number: usize) -> Value {
    let words = "快递三天没有更新了，到底什么时候能送到？ The kettle leaks and I want my money back. ";
    json!({
        "channel": "wechat", "message": words.repeat(14), "source_message_id": format!("wx-{number}"),
        "customer": {
            "ref": format!("会员-{number}"), "name": "王小明", "email": format!("m{number}@example.com"),
            "phone": format!("+86 138{number:08}"), "tier": "gold", "locale": "zh-CN",
        },
        "order": {
            "ref": format!("2026-{number}"), "sku": "KT-2", "courier": "顺丰", "status": "shipped",
            "amount": {"amount_minor": 12900, "currency": "CNY"}, "delivered_at": "2026-11-20T10:00:00+08:00",
        },
    })
}

fn print(line: &str) {
    // Whoever reads may have closed the pipe.
    let _closed = writeln!(std::io::stdout(), "{line}");
}

fn percentiles(name: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e6;
    print(&format!("  {name:<34} p50 {:>7.0} µs   p99 {:>7.0} µs", at(50), at(99)));
}

async fn routes(bench: &Bench) {
    print("routes, 2 KB bodies, everything in memory");
    let (mut ids, mut took) = (Vec::new(), Vec::new());
    for number in 0..CALLS {
        let (id, each) = bench.said(number).await;
        ids.push(id);
        took.push(each);
    }
    percentiles("POST /v1/feedback", took);
    let begun = Instant::now();
    bench.memory.settle().await;
    let each = begun.elapsed().as_secs_f64() * 1e6 / CALLS as f64;
    print(&format!("  understood, linked and assigned    mean {each:>6.0} µs each"));
    let (mut orders, mut took) = (Vec::new(), Vec::new());
    for id in &ids {
        let (_, body, each) = bench.send(bench.request("GET", &format!("/v1/feedback/{id}"), "")).await;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        orders.push(format!("/v1/work-orders/{}", body["work_order_id"].as_str().unwrap_or_default()));
        took.push(each);
    }
    percentiles("GET /v1/feedback/{id}", took);
    let message = json!({"direction": "outbound", "body": "马上为您处理 We are on it. ".repeat(50)}).to_string();
    let patch = |at: usize| json!({"priority": if at.is_multiple_of(2) { "P1" } else { "P2" }}).to_string();
    type Ask<'a> = Box<dyn Fn(&str, usize) -> Request<Body> + 'a>;
    let asks: [(&str, Ask<'_>); 4] = [
        ("GET /v1/work-orders/{id}", Box::new(|order, _| bench.request("GET", order, ""))),
        (
            "POST /v1/work-orders/{id}/messages",
            Box::new(|order, _| bench.request("POST", &format!("{order}/messages"), message.clone())),
        ),
        ("PATCH /v1/work-orders/{id}", Box::new(|order, at| bench.request("PATCH", order, patch(at)))),
        ("GET /v1/feedback?limit=50", Box::new(|_, _| bench.request("GET", "/v1/feedback?limit=50", ""))),
    ];
    for (name, ask) in &asks {
        let mut took = Vec::new();
        for (at, order) in orders.iter().enumerate().take(if name.contains("limit") { 200 } else { CALLS }) {
            let (status, _, each) = bench.send(ask(order, at)).await;
            assert!(status < 300, "{name} {status}");
            took.push(each);
        }
        percentiles(name, took);
    }
}

async fn intake(bench: &Bench) {
    let begun = Instant::now();
    for number in 0..4 * CALLS {
        bench.said(1_000_000 + number).await;
    }
    let one_by_one = (4 * CALLS) as f64 / begun.elapsed().as_secs_f64();
    let mut items = 0;
    let begun = Instant::now();
    for batch in 0..CALLS / 50 {
        let said: Vec<_> = (0..100).map(|number| feedback(2_000_000 + batch * 100 + number)).collect();
        let body = json!({ "items": said }).to_string();
        if body.len() <= 256 * KIB {
            items += said.len();
            assert_eq!(bench.send(bench.request("POST", "/v1/feedback/batch", body)).await.0, 200);
        }
    }
    let in_batches = items as f64 / begun.elapsed().as_secs_f64();
    print(&format!("intake on one core: {one_by_one:.0}/s one by one, {in_batches:.0}/s in batches of 100"));
}

/// A name, and a body of about so many bytes.
type Nasty = (&'static str, fn(usize) -> String);

/// Bodies that do their worst.
fn nasty() -> Vec<Nasty> {
    fn filled(size: usize, part: impl Fn(usize) -> String) -> String {
        let (mut text, mut at) = (String::with_capacity(size), 0);
        while text.len() < size {
            text.push_str(&part(at));
            at += 1;
        }
        text
    }
    vec![
        ("long message", |size| format!(r#"{{"channel":"web","message":"{}"}}"#, "字".repeat(size / 3))),
        ("message of nothing visible", |size| {
            format!(r#"{{"channel":"web","message":"{}"}}"#, "\u{200b}".repeat(size / 3))
        }),
        ("escapes", |size| format!(r#"{{"channel":"web","message":"{}"}}"#, r"\u0001".repeat(size / 6))),
        ("unknown fields", |size| format!("{{{}\"\":0}}", filled(size, |at| format!("\"x{at}\":0,")))),
        ("wrong items", |size| format!(r#"{{"attachments":[{}0]}}"#, "0,".repeat(size / 2))),
        ("empty objects", |size| format!(r#"{{"order":[{}0]}}"#, "{},".repeat(size / 3))),
        ("small objects", |size| format!(r#"{{"order":[{}0]}}"#, "{\"a\":0},".repeat(size / 8))),
        ("deep nesting", |size| {
            let deep = format!("{}{},", "[".repeat(29), "]".repeat(29));
            format!(r#"{{"order":[{}0]}}"#, deep.repeat(size / deep.len()))
        }),
        ("batch of wrong items", |size| {
            let words = "字".repeat((size / 100).saturating_sub(50) / 3);
            let item = format!(r#"{{"channel":"fax","message":"{words}","x":1}}"#);
            format!(r#"{{"items":[{}]}}"#, vec![item; 100].join(","))
        }),
    ]
}

async fn linear(bench: &Bench) {
    print("refusing the nastiest bodies, ns per byte at 2, 16, 64 and 256 KiB");
    for (name, body) in nasty() {
        let path = if name.starts_with("batch") { "/v1/feedback/batch" } else { "/v1/feedback" };
        let mut each = Vec::new();
        for size in [2, 16, 64, 255] {
            let body = Bytes::from(body(size * KIB));
            let mut took = Vec::new();
            for _ in 0..(1024 / size).max(15) {
                let request = bench.named("POST", path, body.clone());
                took.push(bench.send(request).await.2);
            }
            took.sort();
            each.push(format!("{:>6.1}", took[took.len() / 2].as_secs_f64() * 1e9 / body.len() as f64));
        }
        print(&format!("  {name:<34} {}", each.join(" ")));
    }
}

async fn memory(bench: &Bench) {
    print("memory that a body of 256 KiB needs at its peak, besides itself, as a multiple of it");
    let items: Vec<_> = (0..100).map(|number| feedback(3_000_000 + number)).collect();
    let mut full = json!({ "items": items }).to_string();
    if full.len() > 256 * KIB {
        let fewer: Vec<_> = (0..85).map(|number| feedback(3_000_000 + number)).collect();
        full = json!({ "items": fewer }).to_string();
    }
    let bodies = nasty().into_iter().map(|(name, body)| (name, body(255 * KIB)));
    for (name, body) in std::iter::once(("batch, taken in", full)).chain(bodies) {
        let path = if name.starts_with("batch") { "/v1/feedback/batch" } else { "/v1/feedback" };
        let body = Bytes::from(body);
        let request = bench.named("POST", path, body.clone());
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let (status, answer, _) = bench.send(request).await;
        let times = |bytes: usize| bytes.saturating_sub(before) as f64 / body.len() as f64;
        let (peak, kept) = (times(MEMORY.peak_usage()), times(MEMORY.current_usage() - answer.len()));
        print(&format!("  {name:<34} {peak:>5.1} x of {} KiB, of which kept {kept:.1} x, {status}", body.len() / KIB));
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let bench = Bench::open().await;
        routes(&bench).await;
        intake(&Bench::open().await).await;
        let bench = Bench::open().await;
        linear(&bench).await;
        memory(&bench).await;
    });
}
