//! What customers are given for promises that were not kept, as those decide it who lead.

use super::lists::walk;
use super::{Answered, Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

const ALL: &str = "/v1/compensations";

impl Shop {
    /// Promises of a minute to whoever writes by web, each compensated with six yuan, and with dollars
    /// to whoever writes by mail; supervisors may decide on up to `supervisor` fen.
    async fn pays(&self, supervisor: i64) {
        let policy = |id: &str, position: i64, channel: &str, currency: &str| {
            let target = json!({"calendar": "always", "P1": 60, "P2": 60, "P3": 60, "P4": 60});
            let pays = json!({"compensate": {"amount_minor": 600, "currency": currency}});
            json!({"id": id, "position": position, "when": {"channel": [channel]}, "targets": {"resolution": target},
                "levels": [{"name": "pay", "anchor": "at", "audience": "supervisors", "actions": [pays]}],
                "compensation_cap": {"amount_minor": 1_000, "currency": currency}})
        };
        for policy in [policy("web", 1, "web", "CNY"), policy("mail", 2, "email", "USD")] {
            let made = self.by(Role::Admin, "POST", "/v1/sla-policies").json(&policy).await;
            assert_eq!(made.status, 201, "{}", made.text);
        }
        let bands = json!({"promises": [], "approval": [{"currency": "CNY", "supervisor_up_to_minor": supervisor}]});
        let put = self.by(Role::Admin, "PUT", "/v1/promises").header("if-match", "*").json(&bands).await;
        assert_eq!(put.status, 200, "{}", put.text);
    }

    /// Somebody waits too long; the path of what they are to be given.
    async fn late(&self, channel: &str, name: &str) -> String {
        let said = json!({"channel": channel, "message": "水壶漏水 It leaks", "customer": {"ref": name}});
        let asking = self.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", name);
        assert_eq!(asking.json(&said).await.status, 202);
        self.memory.settle().await;
        self.memory.live(SignedDuration::from_secs(120)).await.unwrap();
        let all = walk(self, ALL, 50).await;
        let mine = all.iter().find(|each| each["customer_ref"] == name).unwrap();
        format!("{ALL}/{}", mine["id"].as_str().unwrap())
    }

    /// The path of a compensation that waits for a decision.
    pub(super) async fn compensation(&self) -> String {
        self.pays(600).await;
        self.late("web", "c-9").await
    }

    async fn decide(&self, role: Role, path: &str, body: &Value) -> Answered {
        self.by(role, "POST", &format!("{path}/decision")).json(body).await
    }
}

#[tokio::test]
async fn a_supervisor_approves_what_is_within_the_band_and_the_order_says_so() {
    let shop = Shop::open().await;
    let path = shop.compensation().await;
    let read = shop.by(Role::Auditor, "GET", &path).await;
    assert_eq!((read.status, read.header("etag"), &read.json()["state"]), (200, "\"1\"", &json!("pending")));
    assert_eq!((&read.json()["decision"], &read.json()["clock"]["metric"]), (&Value::Null, &json!("resolution")));
    assert_eq!(shop.by(Role::Auditor, "GET", &path).header("if-none-match", "\"1\"").await.status, 304);
    let asked = json!({"decision": "approved", "amount_minor": 250, "reason": "只晚了一分钟 a minute late"});
    let decided = shop.decide(Role::Supervisor, &path, &asked).await;
    assert_eq!((decided.status, decided.header("etag")), (200, "\"2\""), "{}", decided.text);
    let body = decided.json();
    assert_eq!(
        (&body["state"], &body["decision"]["amount"]),
        (&json!("approved"), &json!({"amount_minor": 250, "currency": "CNY"}))
    );
    assert_eq!(shop.by(Role::Auditor, "GET", &path).await.json(), body);
    let facts = format!("/v1/work-orders/{}/facts", body["work_order"].as_str().unwrap());
    let facts = shop.by(Role::Agent, "GET", &facts).await.json();
    let fact = facts["items"].as_array().unwrap().iter().find(|fact| fact["type"] == "compensation_decided").unwrap();
    assert_eq!(
        (&fact["compensation"], &fact["amount"]["amount_minor"], &fact["returned_minor"]),
        (&body["id"], &json!(250), &json!(350))
    );
    let proof = format!("/v1/work-orders/{}/sla/proof", body["work_order"].as_str().unwrap());
    assert_eq!(shop.by(Role::Agent, "GET", &proof).await.status, 200);
    let inbox = shop.by(Role::Supervisor, "GET", "/v1/notices").await.json();
    assert!(
        inbox["items"].as_array().unwrap().iter().any(|notice| notice["kind"] == "compensation_requested"),
        "{inbox}"
    );
}

#[tokio::test]
async fn who_may_not_is_told_who_may_and_nothing_changes() {
    let shop = Shop::open().await;
    shop.pays(599).await;
    let (yuan, dollars) = (shop.late("web", "c-1").await, shop.late("email", "c-2").await);
    for role in [Role::Integrator, Role::Agent, Role::Auditor] {
        assert_eq!(shop.decide(role, &yuan, &json!({"decision": "approved"})).await.code(), "forbidden", "{role:?}");
    }
    for (path, says) in [(&yuan, "supervisors may up to CNY 5.99"), (&dollars, "no band of USD")] {
        for body in [json!({"decision": "approved"}), json!({"decision": "declined", "reason": "不给"})] {
            let refused = shop.decide(Role::Supervisor, path, &body).await;
            assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
            let detail = refused.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("only an admin") && detail.contains(says), "{detail}");
        }
        assert_eq!(shop.by(Role::Supervisor, "GET", path).await.json()["state"], "pending");
        assert_eq!(shop.decide(Role::Admin, path, &json!({"decision": "approved"})).await.status, 200);
    }
}

#[tokio::test]
async fn a_verdict_that_cant_be_meant_is_refused_at_its_place() {
    let shop = Shop::open().await;
    let path = shop.compensation().await;
    for (body, pointers) in [
        (json!({}), vec!["/decision"]),
        (json!({"decision": "maybe", "state": "approved"}), vec!["/decision", "/state"]),
        (json!({"decision": "declined"}), vec!["/reason"]),
        (json!({"decision": "declined", "amount_minor": 5}), vec!["/amount_minor", "/reason"]),
        (json!({"decision": "declined", "reason": "\u{200b}"}), vec!["/reason"]),
        (json!({"decision": "approved", "amount_minor": 599}), vec!["/reason"]),
        (json!({"decision": "approved", "amount_minor": 601, "reason": "多给 more"}), vec!["/amount_minor"]),
        (json!({"decision": "approved", "amount_minor": 0}), vec!["/amount_minor"]),
        (json!({"decision": "approved", "amount_minor": 2.5}), vec!["/amount_minor"]),
        (json!({"decision": "approved", "reason": null}), vec!["/reason"]),
    ] {
        let refused = shop.decide(Role::Admin, &path, &body).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
    assert_eq!(shop.by(Role::Admin, "GET", &path).await.header("etag"), "\"1\"");
    for missing in [format!("{ALL}/cp_none"), format!("{ALL}/none"), format!("{ALL}/wo_none")] {
        let refused = shop.decide(Role::Admin, &missing, &json!({"decision": "maybe"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (404, "not_found"));
    }
}

#[tokio::test]
async fn the_same_verdict_again_is_answered_as_before_and_another_is_409_with_the_state() {
    let shop = Shop::open().await;
    let path = shop.compensation().await;
    let approve = json!({"decision": "approved"});
    let decide = |name: &'static str, seen: &'static str, body: Value| {
        let asking = shop.by(Role::Supervisor, "POST", &format!("{path}/decision"));
        asking.header("idempotency-key", name).header("if-match", seen).json(&body)
    };
    assert_eq!(decide("a", "\"7\"", approve.clone()).await.code(), "precondition_failed");
    let first = decide("a", "\"1\"", approve.clone()).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""), "{}", first.text);
    let replayed = decide("a", "\"1\"", approve.clone()).await;
    assert_eq!((replayed.header("idempotency-replayed"), replayed.json()), ("true", first.json()));
    let again = decide("b", "\"1\"", approve).await;
    assert_eq!((again.status, again.header("etag"), again.json()), (200, "\"2\"", first.json()));
    for (name, body) in [
        ("c", json!({"decision": "declined", "reason": "改主意了 on second thoughts"})),
        ("d", json!({"decision": "approved", "amount_minor": 5, "reason": "少给 less"})),
    ] {
        let other = decide(name, "*", body).await;
        assert_eq!(
            (other.status, other.code().as_str(), &other.json()["state"]),
            (409, "already_decided", &json!("approved"))
        );
    }
    assert_eq!(
        decide("a", "*", json!({"decision": "approved", "amount_minor": 600})).await.code(),
        "idempotency_key_reused"
    );
}

#[tokio::test]
async fn excusing_the_breach_declines_what_waits_for_it() {
    let shop = Shop::open().await;
    let path = shop.compensation().await;
    let order = shop.by(Role::Admin, "GET", &path).await.json()["work_order"].as_str().unwrap().to_owned();
    let excuse = json!({"metric": "resolution", "cycle": 1, "reason": "台风 a storm"});
    let annulled =
        shop.by(Role::Supervisor, "POST", &format!("/v1/work-orders/{order}/sla/annulments")).json(&excuse).await;
    assert_eq!(annulled.status, 200, "{}", annulled.text);
    let declined = shop.by(Role::Admin, "GET", &path).await.json();
    assert_eq!((&declined["state"], &declined["decision"]["reason"]), (&json!("declined"), &json!("annulled")));
    assert_eq!(declined["decision"]["amount"]["amount_minor"], 0);
}

#[tokio::test]
async fn lists_hold_each_once_by_state_time_and_order_and_only_the_shops_own() {
    let shop = Shop::open().await;
    shop.pays(600).await;
    for (channel, name) in [("web", "c-1"), ("email", "c-2"), ("web", "c-3"), ("web", "c-4")] {
        shop.late(channel, name).await;
    }
    let all = walk(&shop, ALL, 200).await;
    let names = |items: &[Value]| -> Vec<String> {
        items.iter().map(|each| each["customer_ref"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all), ["c-1", "c-2", "c-3", "c-4"], "the earliest first");
    let second = format!("{ALL}/{}", all[1]["id"].as_str().unwrap());
    assert_eq!(shop.decide(Role::Admin, &second, &json!({"decision": "approved"})).await.status, 200);
    for limit in [1, 3] {
        assert_eq!(names(&walk(&shop, ALL, limit).await), names(&all));
    }
    assert_eq!(names(&walk(&shop, &format!("{ALL}?state=pending"), 2).await), ["c-1", "c-3", "c-4"]);
    assert_eq!(names(&walk(&shop, &format!("{ALL}?state=approved"), 2).await), ["c-2"]);
    assert_eq!(walk(&shop, &format!("{ALL}?state=declined"), 2).await, [Value::Null; 0]);
    let from = all[2]["requested_at"].as_str().unwrap();
    assert_eq!(names(&walk(&shop, &format!("{ALL}?from={from}"), 1).await), ["c-3", "c-4"]);
    assert_eq!(names(&walk(&shop, &format!("{ALL}?to={from}"), 1).await), ["c-1", "c-2"]);
    let order = all[3]["work_order"].as_str().unwrap();
    assert_eq!(names(&walk(&shop, &format!("{ALL}?work_order={order}"), 1).await), ["c-4"]);
    assert_eq!(walk(&shop, &format!("{ALL}?work_order={order}&state=declined"), 1).await, [Value::Null; 0]);
    assert_eq!(walk(&shop, &format!("{ALL}?work_order=wo_none"), 1).await, [Value::Null; 0]);
    let neighbour = shop.ask("GET", ALL).key(&key("tn_b", Role::Admin)).await.json();
    assert_eq!(neighbour["items"], json!([]));
    for query in ["state=open", "from=yesterday", "work_order=fb_1", "customer_ref=c-1", "limit=0", "cursor=x"] {
        assert_eq!(shop.by(Role::Supervisor, "GET", &format!("{ALL}?{query}")).await.status, 422, "{query}");
    }
    for role in [Role::Integrator, Role::Agent] {
        assert_eq!(shop.by(role, "GET", ALL).await.status, 403);
    }
}
