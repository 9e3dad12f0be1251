//! What people change about an order besides moving it: priority, category, calendar.

mod promises;
mod proof;

use super::policies::{CALENDARS, POLICIES, shifts, vip, with};
use super::{Answered, Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

impl Shop {
    pub(super) async fn patch(&self, order: &str, body: &Value) -> Answered {
        self.by(Role::Agent, "PATCH", order).header("if-match", "*").json(body).await
    }

    pub(super) async fn passes(&self, minutes: i64) {
        self.memory.live(SignedDuration::from_mins(minutes)).await.unwrap();
    }

    /// The facts after the first `known`.
    pub(super) async fn facts(&self, order: &str, known: usize) -> Vec<Value> {
        let page = self.by(Role::Auditor, "GET", &format!("{order}/facts?limit=200")).await.json();
        page["items"].as_array().unwrap()[known..].to_vec()
    }
}

/// A clock of an order or of its proof, of the first cycle.
pub(super) fn clock(shown: &Value, metric: &str) -> Value {
    let mut clocks = shown["clocks"].as_array().unwrap().iter();
    clocks.find(|clock| clock["metric"] == metric).unwrap().clone()
}

/// State, target, consumed and due of a clock.
pub(super) fn stand(shown: &Value, metric: &str) -> Value {
    let clock = clock(shown, metric);
    json!([clock["state"], clock["target_seconds"], clock["consumed_seconds"], clock["due_at"]])
}

#[tokio::test]
async fn another_priority_counts_what_was_consumed() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.passes(120).await;
    let patched = shop.patch(&order, &json!({"priority": "P3"})).await;
    assert_eq!((patched.status, &patched.json()["priority"]), (200, &json!("P3")), "{}", patched.text);
    assert_eq!(patched.header("etag"), format!("\"{}\"", patched.json()["version"]));
    let shown = patched.json();
    assert_eq!(stand(&shown, "first_response"), json!(["running", 7200, 3600, "2026-03-04T07:00:00Z"]));
    assert_eq!(stand(&shown, "resolution"), json!(["running", 57600, 3600, "2026-03-06T04:00:00Z"]));
    assert_eq!(shop.by(Role::Auditor, "GET", &order).await.json(), shown);

    let shown = shop.patch(&order, &json!({"priority": "P1"})).await.json();
    assert_eq!(clock(&shown, "first_response")["state"], "breached", "an hour was used of a quarter");
    assert_eq!(stand(&shown, "resolution"), json!(["running", 14400, 3600, "2026-03-04T09:00:00Z"]));
    let shown = shop.patch(&order, &json!({"priority": "P4"})).await.json();
    assert_eq!(clock(&shown, "first_response")["state"], "breached", "what is broken stays so");
    assert_eq!(stand(&shown, "resolution"), json!(["running", 115_200, 3600, "2026-03-10T04:00:00Z"]));
    let facts = shop.facts(&order, 0).await;
    let broken: Vec<_> = facts.iter().filter(|fact| fact["type"] == "breached").collect();
    assert_eq!(broken.len(), 1);
    assert_eq!((&broken[0]["metric"], &broken[0]["breach_cause"]), (&json!("first_response"), &json!("retarget")));
    assert_eq!(broken[0]["due_at"], "2026-03-04T06:00:00Z", "never dated back");
}

#[tokio::test]
async fn a_paused_clock_gets_its_target_and_no_due_instant() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.passes(120).await;
    let say = json!({"direction": "outbound", "body": "请提供单号 / which number, please?"});
    shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&say).await;
    shop.move_to(&order, &json!({"to": "pending_customer", "reason": "等客户 / waiting"})).await;
    let shown = shop.patch(&order, &json!({"priority": "P2"})).await.json();
    assert_eq!(stand(&shown, "resolution"), json!(["paused", 28800, 3600, null]));
    assert_eq!(clock(&shown, "first_response")["target_seconds"], 14400, "what is fulfilled is left alone");
    shop.passes(60).await;
    let back = shop.move_to(&order, &json!({"to": "in_progress"})).await.json();
    assert_eq!(stand(&back, "resolution"), json!(["running", 28800, 3600, "2026-03-05T06:00:00Z"]));
}

#[tokio::test]
async fn a_persons_word_needs_no_review_and_may_match_another_policy() {
    let shop = Shop::open().await;
    let billing = with(vip(), json!({"id": "billing", "when": {"category": ["account"]}}));
    shop.publish(POLICIES, &billing).await;
    let id = shop.said("嗯 / hmm", "vague").await;
    shop.memory.settle().await;
    let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    let before = shop.by(Role::Agent, "GET", &order).await.json();
    assert_eq!((&before["needs_review"], &before["policy"]), (&json!(true), &json!("everything@1")));
    let known = shop.facts(&order, 0).await.len();

    let confirmed = shop.patch(&order, &json!({"category": before["category"]})).await.json();
    assert_eq!((&confirmed["needs_review"], &confirmed["category"]), (&json!(false), &before["category"]));
    assert_eq!((&confirmed["policy"], &confirmed["clocks"]), (&before["policy"], &before["clocks"]));
    let relabelled = shop.patch(&order, &json!({"category": "account"})).await.json();
    assert_eq!((&relabelled["category"], &relabelled["policy"]), (&json!("account"), &json!("billing@1")));
    let facts = shop.facts(&order, known).await;
    let told: Vec<_> = facts.iter().map(|fact| json!([fact["type"], fact["from"], fact["to"], fact["why"]])).collect();
    assert_eq!(
        told,
        [
            json!(["category_changed", before["category"], before["category"], null]),
            json!(["category_changed", before["category"], "account", null]),
            json!(["sla_applied", null, null, "conditions"]),
        ]
    );
}

#[tokio::test]
async fn an_order_is_counted_on_a_calendar_of_its_own_until_that_is_taken_away() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let before = shop.by(Role::Agent, "GET", &order).await.json();
    let known = shop.facts(&order, 0).await.len();
    let own = shop.patch(&order, &json!({"calendar": "always"})).await.json();
    assert_eq!(own["calendar"], "always");
    assert_eq!(stand(&own, "first_response"), json!(["running", 14400, 0, "2026-03-04T08:00:00Z"]));
    let none = shop.patch(&order, &json!({"calendar": null})).await.json();
    assert_eq!((&none["calendar"], &none["clocks"]), (&Value::Null, &before["clocks"]));
    let facts = shop.facts(&order, known).await;
    let told: Vec<_> = facts.iter().map(|fact| json!([fact["type"], fact["calendar"], fact["why"]])).collect();
    assert_eq!(
        told,
        [
            json!(["calendar_changed", "always", null]),
            json!(["sla_applied", null, "calendar"]),
            json!(["calendar_changed", null, null]),
            json!(["sla_applied", null, "calendar"]),
        ]
    );

    shop.ask("POST", CALENDARS).key(&key("tn_b", Role::Admin)).json(&shifts()).await;
    for unknown in ["nowhere", "shifts"] {
        let answer = shop.patch(&order, &json!({"calendar": unknown, "priority": "P1"})).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/calendar".to_owned()]), "{unknown}");
    }
    let after = shop.by(Role::Agent, "GET", &order).await.json();
    assert_eq!((&after["priority"], &after["version"]), (&before["priority"], &none["version"]), "all or nothing");
}

#[tokio::test]
async fn a_fact_says_who_did_it_and_through_what() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let known = shop.facts(&order, 0).await.len();
    shop.patch(&order, &json!({"priority": "P2", "category": "after_sales", "calendar": "always"})).await;
    shop.by(Role::Supervisor, "PATCH", &order).header("if-match", "*").json(&json!({"priority": "P3"})).await;
    let facts = shop.facts(&order, known).await;
    let (last, first) = (facts.iter().rfind(|fact| fact["type"] == "priority_changed").unwrap(), &facts[0]);
    assert_eq!((&first["type"], &first["to"]), (&json!("category_changed"), &json!("after_sales")));
    assert_eq!(first["actor"], json!({"kind": "agent", "id": "ag_mei"}));
    assert_eq!((&last["from"], &last["to"], &last["actor"]["kind"]), (&json!("P2"), &json!("P3"), &json!("api_key")));
    for (number, fact) in (known + 1..).zip(&facts) {
        assert_eq!(fact["id"], format!("{}/{number}", order.rsplit('/').next().unwrap()));
        assert!(fact["cause"].as_str().is_some_and(|cause| !cause.is_empty()), "{fact}");
        assert_eq!((&fact["at"], &fact["recorded_at"]), (&json!(super::NOON), &json!(super::NOON)));
    }
    assert_eq!(last["actor"]["id"], last["cause"], "a key acts through itself");
    assert_ne!(first["cause"], last["cause"], "each through a key of its own");
}

#[tokio::test]
async fn the_same_again_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let body = json!({"priority": "P2", "category": "after_sales", "calendar": "always"});
    let first = shop.patch(&order, &body).await;
    let known = shop.facts(&order, 0).await.len();
    let again = shop.patch(&order, &body).await;
    assert_eq!((again.status, again.header("etag"), &again.text), (200, first.header("etag"), &first.text));
    assert_eq!(shop.facts(&order, known).await, Vec::<Value>::new());

    let keyed = |body: Value| {
        shop.by(Role::Agent, "PATCH", &order)
            .header("if-match", first.header("etag"))
            .header("idempotency-key", "k")
            .json(&body)
    };
    let (one, other) = (keyed(json!({"priority": "P1"})).await, keyed(json!({"priority": "P1"})).await);
    assert_eq!((one.status, &one.text, other.header("idempotency-replayed")), (200, &other.text, "true"));
    assert_eq!(keyed(json!({"priority": "P4"})).await.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn a_change_is_refused_where_it_is_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let before = shop.by(Role::Agent, "GET", &order).await.text;
    for (name, body, pointers) in [
        ("nothing", json!({}), &[""][..]),
        ("no object", json!(["P1"]), &[""]),
        (
            "all at once",
            json!({"priority": "P0", "category": "运气 / luck", "calendar": "上班", "colour": "红", "status": "closed", "version": 9}),
            &["/calendar", "/category", "/colour", "/priority", "/status", "/version"],
        ),
        ("null where nothing can stand", json!({"priority": null, "category": null}), &["/category", "/priority"]),
        ("an empty reference", json!({"calendar": ""}), &["/calendar"]),
    ] {
        let answer = shop.patch(&order, &body).await;
        let pointers = pointers.iter().map(|&pointer| pointer.to_owned()).collect();
        assert_eq!((answer.status, answer.pointers()), (422, pointers), "{name}");
    }
    let good = json!({"priority": "P1"});
    let bare = shop.by(Role::Agent, "PATCH", &order).json(&good).await;
    assert_eq!((bare.status, bare.code().as_str()), (428, "precondition_required"));
    for stale in ["\"0\"", "\"99\"", "W/\"1\"", "x"] {
        let answer = shop.by(Role::Agent, "PATCH", &order).header("if-match", stale).json(&good).await;
        assert_eq!((answer.status, answer.code().as_str()), (412, "precondition_failed"), "{stale}");
    }
    assert_eq!(shop.patch(&format!("{order}?x=1"), &good).await.pointers(), ["/x"]);
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.text, before);
}

#[tokio::test]
async fn an_order_that_is_not_there_is_told_before_anything_else() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (ours, theirs) = (key("tn_a", Role::Admin), key("tn_b", Role::Admin));
    for (method, tail) in [("PATCH", ""), ("POST", "/sla/reapply"), ("POST", "/sla/annulments"), ("GET", "/sla/proof")]
    {
        for (path, key) in [(format!("/v1/work-orders/wo_none{tail}"), &ours), (format!("{order}{tail}"), &theirs)] {
            let path = if method == "GET" { path } else { format!("{path}?x=1") };
            for body in ["{", "{}", r#"{"priority":"P0"}"#] {
                let answer = shop.ask(method, &path).key(key).text(body).await;
                assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{method} {path} {body}");
            }
            assert_eq!(shop.ask(method, &path).key(key).body("{}").await.status, 404, "no media type: {path}");
        }
    }
}
