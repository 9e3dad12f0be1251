//! A shop in memory, whole and with its API, opened anew for every input.

#[path = "../../shared/http/src/address.rs"]
#[allow(dead_code, reason = "one of its two functions is asked")]
pub mod address;
#[path = "../../shared/http/src/tests/conformity.rs"]
mod conformity;
/// Where the module above looks for it.
pub mod openapi {
    pub use redress_http::document;
}

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use futures::executor::block_on;
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::Category;
use redress_domain::id::{AgentId, TenantId};
use redress_domain::policy::{Policies, SHIPPED, SurveyPolicy};
use redress_http::Context;
use redress_service::auth::{self, Role};
use redress_service::fair_share::Rates;
use redress_service::memory::MemoryWorld;
use redress_service::ports::Form;
use redress_service::publish;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt;

const ROLES: [(&str, Role); 5] = [
    ("integrator", Role::Integrator),
    ("agent", Role::Agent),
    ("supervisor", Role::Supervisor),
    ("admin", Role::Admin),
    ("auditor", Role::Auditor),
];

/// A shop, and what its answers have named so far.
pub struct Shop {
    pub memory: Arc<MemoryWorld>,
    api: Router,
    /// The newest id of each kind, by its first two letters; `et`, `tk`, `cu`: the newest tag, token, cursor.
    named: BTreeMap<String, String>,
    form: Option<Form>,
    lived: SignedDuration,
}

fn key(role: Role) -> String {
    auth::key(&[role as u8 + 1; 32])
}

impl Shop {
    pub fn open() -> Self {
        let now: Timestamp = "2026-03-04T04:00:00Z".parse().expect("an instant");
        let memory = Arc::new(MemoryWorld::new(now));
        let tenant = TenantId::parse("tn_a").expect("an id");
        let team = json!({"id": "tm_care", "name": "售后", "categories": [], "fallback": true, "lead": "ag_li"});
        let skills: BTreeMap<&str, u8> = Category::ALL.iter().map(|category| (category.as_str(), 3)).collect();
        let agent = |id: &str| {
            let agent = json!({"id": id, "name": "美", "teams": ["tm_care"], "languages": ["zh", "en"],
                "skills": skills, "capacity": 5, "status": "online"});
            publish::agent(&tenant, &serde_json::from_value(agent).expect("an agent"))
        };
        let mut policies: Policies = serde_json::from_str(SHIPPED).expect("policies");
        policies.survey = vec![SurveyPolicy::plain(SurveyPolicy::EVERYONE, 0, 604_800)];
        let mut writes = vec![
            publish::team(&tenant, &serde_json::from_value(team).expect("a team")),
            publish::policies(&tenant, &policies, 0).expect("policies that hold"),
            agent("ag_mei"),
            agent("ag_li"),
        ];
        for (_, role) in ROLES {
            let agent = (role == Role::Agent).then(|| AgentId::parse("ag_mei").expect("an id"));
            writes.extend(auth::admit(&tenant, role, agent, &key(role), now));
        }
        block_on(publish::seed(&memory.world(), writes)).expect("a new world");
        let clock = Arc::clone(&memory);
        let context = Context {
            world: memory.world(),
            moment: Arc::new(move || clock.moment()),
            public_url: Some("https://care.example.com".to_owned()),
            survey_links: true,
            cors_origin: Some("https://console.example.com".to_owned()),
            rates: Rates::default(),
            untold: Arc::new(|| ()),
        };
        let (named, lived) = (BTreeMap::new(), SignedDuration::ZERO);
        Self { memory, api: redress_http::all(context), named, form: None, lived }
    }

    /// Plays one step of a story. Anything may be refused, and nothing may fail.
    ///
    /// A step is `ROLE METHOD PATH`, then a header a line, an empty line, and the body; `live SECONDS`
    /// lets time pass; `upload`, an empty line and bytes put a file where the newest form says. `$wo`
    /// stands for the newest id that began with `wo_`, and so for each kind.
    pub fn step(&mut self, step: &[u8]) {
        let step = self.filled(step);
        let (head, body) = match step.windows(2).position(|pair| pair == b"\n\n") {
            Some(end) => (&step[..end], &step[end + 2..]),
            None => (&step[..], &[][..]),
        };
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let words: Vec<&str> = lines.next().unwrap_or_default().splitn(3, ' ').collect();
        match words[..] {
            ["live", seconds] => self.live(seconds.parse().unwrap_or(60)),
            ["upload"] => self.upload(body),
            [role, method, path] => {
                let mut request = Request::builder().method(method).uri(path);
                if let Some((_, role)) = ROLES.into_iter().find(|(word, _)| *word == role) {
                    request = request.header("authorization", format!("Bearer {}", key(role)));
                }
                for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
                    request = request.header(name, value);
                }
                if let Ok(request) = request.body(Body::from(body.to_vec())) {
                    self.ask(request);
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, request: Request<Body>) {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let asked = format!("{method} {}", request.uri());
        let (parts, body) = block_on(self.api.clone().oneshot(request)).expect("it never fails").into_parts();
        let bytes = block_on(to_bytes(body, usize::MAX)).expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("all that is answered is text");
        let status = parts.status.as_u16();
        assert!(status < 500, "{asked}: {status} {text}");
        let media = header(&parts.headers, "content-type");
        // Methods are told apart by case, and none of another case is described.
        if method == method.to_uppercase() {
            let told = conformity::told(&method, &path, status, media, &text);
            told.unwrap_or_else(|why| panic!("the document says otherwise: {why}: {status} {text}"));
        }
        if status >= 400 && path.starts_with("/v1") && method != "HEAD" {
            let problem: Value = serde_json::from_str(&text).expect("a problem is JSON");
            assert!(problem["status"] == status && problem["code"].is_string(), "{asked}: {text}");
        }
        self.learn(&parts.headers, &text);
        block_on(self.memory.settle());
    }

    /// Notes what an answer names.
    fn learn(&mut self, headers: &HeaderMap, text: &str) {
        if headers.contains_key("etag") {
            self.named.insert("et".to_owned(), header(headers, "etag").to_owned());
        }
        for quoted in text.split('"').skip(1).step_by(2) {
            match quoted.split_once('_') {
                Some((kind, rest)) if kind.len() == 2 && !rest.is_empty() => {
                    self.named.insert(kind.to_owned(), quoted.to_owned());
                }
                _ => {}
            }
            if let Some((_, token)) = ["/s/", "/t/", "/u/"].iter().find_map(|before| quoted.split_once(before)) {
                self.named.insert("tk".to_owned(), token.to_owned());
            }
        }
        let Ok(json) = serde_json::from_str::<Value>(text) else { return };
        if let Some(cursor) = json["next_cursor"].as_str() {
            self.named.insert("cu".to_owned(), cursor.to_owned());
        }
        if let Ok(form) = serde_json::from_value(json["upload"].clone()) {
            self.form = Some(form);
        }
    }

    /// A step with what `$` stands for in its place.
    pub fn filled(&self, step: &[u8]) -> Vec<u8> {
        let (mut filled, mut rest) = (Vec::with_capacity(step.len()), step);
        while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
            filled.extend(&rest[..at]);
            let kind = rest.get(at + 1..at + 3).and_then(|kind| std::str::from_utf8(kind).ok());
            match kind.and_then(|kind| self.named.get(kind)) {
                Some(named) => {
                    filled.extend(named.as_bytes());
                    rest = &rest[at + 3..];
                }
                None => {
                    filled.push(b'$');
                    rest = &rest[at + 1..];
                }
            }
        }
        filled.extend(rest);
        filled
    }

    fn upload(&self, bytes: &[u8]) {
        if let Some(form) = &self.form {
            let _refused = self.memory.upload(form, bytes);
            block_on(self.memory.settle());
        }
    }

    /// Lets time pass, a month in all at the most.
    pub fn live(&mut self, seconds: u32) {
        let by = SignedDuration::from_secs(i64::from(seconds)).min(SignedDuration::from_hours(24 * 30) - self.lived);
        self.lived += by;
        block_on(self.memory.live(by)).expect("the sweep never fails here");
    }

    /// Whatever was said: no message failed for good, and what is open has its mark.
    pub fn check(&self) {
        assert_eq!(self.memory.dead(), []);
        for record in self.memory.store().snapshot() {
            let is_open = record.key.sort == "order"
                && !matches!(record.body["status"].as_str(), Some("closed" | "cancelled"));
            assert!(!is_open || record.due_at.is_some(), "{:?} is forgotten", record.key);
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("headers are ASCII"))
}

/// The steps of a story.
pub fn steps(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut steps, mut rest) = (Vec::new(), bytes);
    while let Some(end) = rest.windows(5).position(|window| window == b"\n---\n") {
        steps.push(&rest[..end]);
        rest = &rest[end + 5..];
    }
    steps.push(rest);
    steps
}
