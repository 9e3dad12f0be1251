//! Promises kept and broken, through the functions that will be deployed.

use super::stack::{self, eventually};
use super::tenant::{Tenant, block_on};
use jiff::{SignedDuration, Timestamp};
use redress_domain::calendar::Calendar;
use redress_domain::event::{Event, EventType};
use serde_json::{Value, json};

/// So many seconds for everything, on a calendar that is always open.
fn seconds(seconds: i64) -> Value {
    json!({"calendar": "always", "P1": seconds, "P2": seconds, "P3": seconds, "P4": seconds})
}

/// A shop that promises resolution within so many seconds: 12 at P1.
fn shop(name: &str, policy: &Value) -> Tenant {
    let shop = Tenant::open(name);
    let published = shop.admin_posts("/v1/sla-policies", policy);
    assert_eq!(published.status, 201, "{published:?}");
    shop
}

/// The facts of an order that are of one type and for one metric.
fn told<'a>(facts: &'a Value, kind: &str) -> Vec<&'a Value> {
    let of_kind = |fact: &&Value| fact["type"] == kind && fact["metric"] == "resolution";
    facts["items"].as_array().unwrap().iter().filter(of_kind).collect()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn clock<'a>(order: &'a Value, metric: &str) -> &'a Value {
    order["clocks"].as_array().unwrap().iter().rfind(|clock| clock["metric"] == metric).unwrap()
}

#[test]
fn a_short_promise_is_warned_of_broken_and_escalated_once_each_and_its_proof_says_why() {
    let levels = json!([
        {"name": "warn", "anchor": {"percent": 50}, "audience": "agent"},
        {"name": "due", "anchor": "at", "audience": "team_lead", "actions": ["notify", "watch", "webhook"]},
        {"name": "over", "anchor": {"after": 3}, "audience": "supervisors", "actions": ["notify", {"compensate":
            {"amount_minor": 500, "currency": "CNY"}}]}
    ]);
    let shop = shop(
        "short",
        &json!({
            "id": "short", "position": 1, "when": {"channel": ["web"]}, "targets": {"resolution": seconds(12)}, "levels": levels,
            "compensation_cap": {"amount_minor": 800, "currency": "CNY"}
        }),
    );
    let order = shop.order_of("水壶漏水 The kettle leaks");
    let path = format!("/v1/work-orders/{}", order["id"].as_str().unwrap());
    let facts = every_level(&shop, &order);
    let levels: Vec<_> = told(&facts, "escalated").iter().map(|fact| fact["level"].clone()).collect();
    assert_eq!(levels, ["warn", "due", "over"]);
    assert_eq!(told(&facts, "breached").len(), 1);
    assert_eq!(told(&facts, "compensation_requested").len(), 1);
    assert_eq!(order_after(&shop, &path, |order| order["version"].as_u64())["clocks"][0]["state"], "breached");

    // The due instant follows from the proof alone.
    let proof = shop.get(&format!("{path}/sla/proof")).json();
    let clock = &proof["clocks"][0];
    let (from, left) =
        (instant(&clock["arithmetic"]["from"]), clock["arithmetic"]["remaining_seconds"].as_i64().unwrap());
    let due_at = Calendar::always().add(from, SignedDuration::from_secs(left)).unwrap();
    assert_eq!(due_at, instant(&told(&facts, "breached")[0]["due_at"]));
    assert_eq!(due_at, instant(&clock["due_at"]));
    tell(&lag(&facts, due_at));

    // The same timer five times more, and one of an older version: nothing.
    let id = order["id"].as_str().unwrap();
    let now = redress_aws::clock::now();
    let sent = |version| Event::new(&shop.id, EventType::WorkOrderDue, id, version, now);
    block_on(async {
        let world = stack::world().await;
        for version in [9, 9, 9, 9, 9, 1] {
            world.queue.send(&sent(version)).await.unwrap();
        }
    });
    // They are through when a neighbour's timers, which were sent later, are.
    every_level(&shop, &shop.order_of("邻居的订单 A neighbour's order"));
    assert_eq!(shop.get(&format!("{path}/facts")).json()["items"], facts["items"]);
}

/// A figure of the emulator's, for whoever reads the output.
#[expect(clippy::print_stdout, reason = "a figure that no assertion rests on")]
pub(super) fn tell(figure: &str) {
    println!("emulator figure: {figure}");
}

/// The facts of an order once all three levels are on record.
fn every_level(shop: &Tenant, order: &Value) -> Value {
    let path = format!("/v1/work-orders/{}/facts", order["id"].as_str().unwrap());
    eventually("every level", || {
        let facts = shop.get(&path).json();
        (told(&facts, "escalated").len() == 3).then_some(facts)
    })
}

/// How long after their instants the levels were put on record.
fn lag(facts: &Value, due_at: Timestamp) -> String {
    let late = |level: &str, offset: i64| {
        let fact = told(facts, "escalated").into_iter().find(|fact| fact["level"] == level).unwrap();
        let at = due_at + SignedDuration::from_secs(offset);
        format!("{level} {} ms", instant(&fact["recorded_at"]).duration_since(at).as_millis())
    };
    format!("on record after its instant: {}, {}, {}", late("warn", -6), late("due", 0), late("over", 3))
}

fn order_after<T>(shop: &Tenant, path: &str, look: impl Fn(&Value) -> Option<T>) -> Value {
    eventually("the order", || {
        let order = shop.get(path).json();
        look(&order).map(|_| order)
    })
}

#[test]
fn a_clock_is_held_resumed_retargeted_and_goes_on_after_a_reopening() {
    let mut targets = seconds(36_000);
    targets["P1"] = json!(7_200);
    let shop = shop(
        "held",
        &json!({"id": "held", "position": 1, "when": {"channel": ["web"]}, "targets": {"resolution": targets}}),
    );
    let order = shop.order_of("请问发票怎么开？ How do I get an invoice?");
    let path = format!("/v1/work-orders/{}", order["id"].as_str().unwrap());
    let began = instant(&order["created_at"]);
    let due = |order: &Value| instant(&clock(order, "resolution")["due_at"]).duration_since(began).as_secs();
    assert_eq!(due(&order), 36_000);

    // Waiting for the customer stops it; the customer's word, in a later feedback, resumes it.
    let said = json!({"direction": "outbound", "visibility": "public", "body": "请提供抬头 The company's name?"});
    assert_eq!(shop.post(&format!("{path}/messages"), &said).status, 201);
    let waits = json!({"to": "pending_customer", "reason": "等抬头 waits for the name"});
    let held = shop.post(&format!("{path}/transitions"), &waits).json();
    assert_eq!(
        (&clock(&held, "resolution")["state"], &clock(&held, "resolution")["due_at"]),
        (&json!("paused"), &Value::Null)
    );
    let more = json!({"channel": "web", "message": "抬头是清风公司 Qingfeng Ltd", "customer": {"ref": "c-1"}, "thread": order["feedback_ids"][0]});
    assert_eq!(shop.say("more", &more).status, 202);
    let resumed = order_after(&shop, &path, |order| (order["status"] == "in_progress").then_some(()));
    assert_eq!(clock(&resumed, "resolution")["state"], "running");
    assert!((36_000..36_060).contains(&due(&resumed)), "what was left then, from the customer's word on");

    // Another priority: its target, less what was consumed.
    let urgent = shop.patch(&path, &json!({"priority": "P1"}));
    assert_eq!((urgent.status, &urgent.json()["priority"]), (200, &json!("P1")));
    let (moved, gained) = (due(&urgent.json()), due(&resumed) - 36_000);
    assert!((7_200 + gained - 1..=7_200 + gained).contains(&moved), "{moved} {gained}");

    // Resolved and back: a new cycle with what was left, and the old one as it was.
    let resolved =
        shop.post(&format!("{path}/transitions"), &json!({"to": "resolved", "resolution": {"code": "explained"}}));
    assert_eq!(clock(&resolved.json(), "resolution")["state"], "fulfilled");
    let consumed = clock(&resolved.json(), "resolution")["consumed_seconds"].as_i64().unwrap();
    let back =
        shop.post(&format!("{path}/transitions"), &json!({"to": "reopened", "reason": "又错了 wrong again"})).json();
    let again = clock(&back, "resolution");
    assert_eq!((&again["cycle"], &again["state"]), (&json!(2), &json!("running")));
    assert!((consumed..consumed + 2).contains(&again["consumed_seconds"].as_i64().unwrap()), "it goes on");
    let facts = shop.get(&format!("{path}/facts")).json();
    let words: Vec<_> = facts["items"].as_array().unwrap().iter().map(|fact| fact["type"].as_str().unwrap()).collect();
    for word in ["priority_changed", "sla_applied", "reopened"] {
        assert!(words.contains(&word), "{words:?}");
    }
}
