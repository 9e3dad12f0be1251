//! Pages for customers: plain, in Chinese or English, and whole without scripts.

use crate::texts::texts;
use crate::tracking::Tracked;
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use redress_domain::category::Language;
use redress_service::view::Progress;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../templates/style.css");

const TEMPLATES: [(&str, &str); 7] = [
    ("frame.html", include_str!("../templates/frame.html")),
    ("problem.html", include_str!("../templates/problem.html")),
    ("promises.html", include_str!("../templates/promises.html")),
    ("survey.html", include_str!("../templates/survey.html")),
    ("thanks.html", include_str!("../templates/thanks.html")),
    ("unsubscribe.html", include_str!("../templates/unsubscribe.html")),
    ("tracking.html", include_str!("../templates/tracking.html")),
];

/// Values are escaped by the name's ending, and an unknown one is an error and not a blank.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("our templates are well-formed");
    }
    environment
});

/// Nothing but our own style and our own form: no script, no picture, no frame around it.
static SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("base 64 is a header")
});

/// An instant for programs, and for people on the clock that they most likely live by.
#[derive(Serialize)]
pub(crate) struct When {
    machine: String,
    reader: String,
}

impl When {
    pub(crate) fn of(at: Timestamp, language: Language) -> Self {
        let (zone, zone_name) = match language {
            Language::Zh => (TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC), "（北京时间）"),
            Language::En | Language::Other => (TimeZone::UTC, " (UTC)"),
        };
        let local = at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string();
        Self { machine: at.to_string(), reader: format!("{local}{zone_name}") }
    }
}

/// A page in a language, with the headers that a page has.
pub(crate) fn page(status: StatusCode, language: Language, html: String) -> Response {
    (status, headers(language), Html(html)).into_response()
}

/// The headers of a page.
pub(crate) fn headers(language: Language) -> HeaderMap {
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "Accept, Accept-Language"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (header::CONTENT_LANGUAGE, if language == Language::Zh { "zh-CN" } else { "en" }),
    ];
    let mut headers: HeaderMap =
        fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    headers.insert(header::CONTENT_SECURITY_POLICY, SECURITY_POLICY.clone());
    headers
}

/// Says that the answer would be another one for another reader.
pub(crate) fn varies(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

/// The page that says why not.
pub(crate) fn problem(status: StatusCode, language: Language) -> String {
    let texts = texts(language);
    let text = |name: &str| texts.get(name).copied();
    let named = format!("problem_{}", status.as_u16());
    let title = text(&format!("{named}_title")).or(text("problem_title"));
    let body = text(&named).or(text("problem"));
    render("problem.html", language, json!({ "title": title, "body": body }))
}

/// The page that shows how far a feedback is.
pub(crate) fn tracking(tracked: &Tracked) -> String {
    let language = tracked.language;
    let values = json!({
        "steps": steps(tracked.status),
        "done": tracked.status == Progress::Closed,
        "received_at": When::of(tracked.received_at, language),
        "updated_at": When::of(tracked.updated_at, language),
    });
    render("tracking.html", language, values)
}

const STEPS: [(Progress, &str); 5] = [
    (Progress::Received, "received"),
    (Progress::Classified, "classified"),
    (Progress::Waiting, "waiting"),
    (Progress::Assigned, "assigned"),
    (Progress::Closed, "closed"),
];

/// Every step with its place in time: what is closed has nothing left that is going on.
fn steps(status: Progress) -> Vec<Value> {
    let now = STEPS.iter().position(|(step, _)| *step == status).unwrap_or(0);
    let states = (0..STEPS.len()).map(|at| match at.cmp(&now) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "ahead",
    });
    STEPS.iter().zip(states).map(|((_, name), state)| json!({ "name": name, "state": state })).collect()
}

/// A page from its template and what it shows.
pub(crate) fn render(template: &str, language: Language, mut values: Value) -> String {
    values["t"] = json!(texts(language));
    values["style"] = STYLE.into();
    let template = ENVIRONMENT.get_template(template).expect("templates are named in this file");
    template.render(Serde(values)).expect("templates use only what pages give them; each is tested")
}
