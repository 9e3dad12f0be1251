//! What the template wires is what the functions serve, read and may do; and what is planted against
//! that is found.

mod environment;
mod plan;
mod queues;
mod rights;
mod uses;

use axum::Router;
use axum::body::Body;
use http::Request;
use redress_domain::id::TenantId;
use redress_domain::order::RETRY_WAITING;
use redress_http::Context;
use redress_service::auth::{self, Role};
use redress_service::fair_share::Rates;
use redress_service::memory::MemoryWorld;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt;

const TEMPLATE: &str = include_str!("../template.yaml");

/// The template with a fault: `new` in the place of the first `old`.
fn planted(old: &str, new: &str) -> String {
    assert!(TEMPLATE.contains(old), "{old:?} stands nowhere in the template any more: plant it anew");
    TEMPLATE.replacen(old, new, 1)
}

/// That what is wrong with a planted template is told with these words.
#[track_caller]
fn told(faults: &[String], words: &str) {
    assert!(faults.iter().any(|fault| fault.contains(words)), "{words:?} is not among {faults:#?}");
}

/// The integration that each path of the gateway goes to, as the template has it, in its own order.
fn wired() -> BTreeMap<String, String> {
    let lines: Vec<&str> = TEMPLATE.lines().map(str::trim).collect();
    let mut wired = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(key) = line.strip_prefix("RouteKey: ") else { continue };
        let target = lines[at + 1].strip_prefix("Target: !Sub \"integrations/${");
        let target = target.and_then(|target| target.strip_suffix("Integration}\""));
        let path = key.strip_prefix("ANY ").unwrap_or(key).to_owned();
        let target = target.unwrap_or_else(|| panic!("{key} goes nowhere")).to_lowercase();
        assert_eq!(wired.insert(path, target), None, "{key} is there twice");
    }
    wired
}

/// Where the gateway sends a path: to the route that it is, else the closest that it is like.
fn target<'a>(wired: &'a BTreeMap<String, String>, path: &str) -> &'a str {
    let fits = |route: &&String| {
        let (mut parts, mut asked) = (route.split('/'), path.split('/'));
        loop {
            match (parts.next(), asked.next()) {
                (None, None) => return true,
                (Some("{proxy+}"), Some(_)) => return true,
                (Some(part), Some(asked)) if part == asked || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let open = |route: &&String| (route.contains("{proxy+}"), route.matches('{').count());
    let route = wired.keys().filter(fits).min_by_key(open).map_or("$default", String::as_str);
    &wired[route]
}

async fn serves(function: &Router, path: &str, key: &str) -> bool {
    let asked = Request::builder().method("OPTIONS").uri(path).header("authorization", format!("Bearer {key}"));
    let answer = function.clone().oneshot(asked.body(Body::empty()).unwrap()).await.unwrap();
    answer.headers().contains_key("allow")
}

#[tokio::test]
async fn every_path_of_the_api_is_sent_to_the_one_function_that_serves_it() {
    let memory = Arc::new(MemoryWorld::new("2026-03-04T04:00:00Z".parse().unwrap()));
    let key = auth::key(&[7; 32]);
    let tenant = TenantId::parse("tn_a").unwrap();
    memory.world().store.commit(&auth::admit(&tenant, Role::Admin, None, &key, memory.moment().now)).await.unwrap();
    let context = || {
        let clock = Arc::clone(&memory);
        Context {
            world: memory.world(),
            moment: Arc::new(move || clock.moment()),
            public_url: None,
            survey_links: false,
            cors_origin: None,
            rates: Rates::default(),
            untold: Arc::new(|| ()),
        }
    };
    let functions = [
        ("intake", redress_http::intake(context())),
        ("desk", redress_http::desk(context())),
        ("followup", redress_http::follow_up(context())),
    ];
    let (wired, document) = (wired(), redress_http::document());
    for template in document["paths"].as_object().unwrap().keys().map(String::as_str).chain(["/docs", "/docs/{file}"]) {
        let path = template.replace(['{', '}'], "x");
        let mut serving = Vec::new();
        for (name, function) in &functions {
            if serves(function, &path, &key).await {
                serving.push(*name);
            }
        }
        assert_eq!(serving, [target(&wired, &path)], "{template}");
    }
}

/// A number of a resource, as the template has it.
fn number(resource: &str, property: &str) -> Option<i64> {
    let lines = TEMPLATE.lines().skip_while(|line| *line != format!("  {resource}:")).skip(1);
    let mut own = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    own.find_map(|line| line.trim().strip_prefix(property)?.strip_prefix(": ")?.parse().ok())
}

#[test]
fn the_alarm_on_orders_that_wait_looks_back_over_two_of_their_marks_and_the_sweeps_that_may_miss_one() {
    let period = number("WaitingAlarm", "Period").expect("the alarm has a period");
    assert!(period > 2 * RETRY_WAITING.as_secs() + 60, "{period}");
}

#[test]
fn the_template_is_of_the_release_that_the_code_is_of() {
    let version = TEMPLATE.lines().find_map(|line| line.trim().strip_prefix("REDRESS_VERSION: "));
    assert_eq!(version, Some(env!("CARGO_PKG_VERSION")));
}
