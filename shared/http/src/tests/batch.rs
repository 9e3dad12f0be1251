//! Many feedbacks at once: each has an answer of its own.

use super::{Asking, Shop};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn item(message: &str) -> Value {
    json!({"channel": "web", "message": message, "customer": {"ref": "c1"}})
}

fn keyed(message: &str, key: &str) -> Value {
    let mut item = item(message);
    item["idempotency_key"] = key.into();
    item
}

fn post<'a>(shop: &'a Shop, items: &Value) -> Asking<'a> {
    shop.by(Role::Integrator, "POST", "/v1/feedback/batch").json(&json!({ "items": items }))
}

fn statuses(answer: &Value) -> Vec<u64> {
    answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_u64().unwrap()).collect()
}

fn ids(answer: &Value) -> Vec<Option<String>> {
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["feedback"]["id"].as_str().map(str::to_owned)).collect()
}

fn feedbacks(shop: &Shop) -> usize {
    shop.memory.store().snapshot().iter().filter(|record| record.key.partition.contains("#feedback#")).count()
}

#[tokio::test]
async fn each_item_is_answered_as_it_would_be_alone() {
    let shop = Shop::open().await;
    let alone = shop
        .by(Role::Integrator, "POST", "/v1/feedback")
        .header("idempotency-key", "k-1")
        .json(&item("快递没到"))
        .await
        .json();
    let mut wrong = keyed("", "k-2");
    (wrong["customer"]["ref"], wrong["status"]) = (7.into(), "closed".into());
    let answer = post(&shop, &json!([keyed("快递没到", "k-1"), wrong, keyed("It leaks", "k-3"), "no object"])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("idempotency-replayed"), "");
    let body = answer.json();
    assert_eq!(statuses(&body), [202, 422, 202, 422]);
    assert_eq!(body["items"][0], json!({"index": 0, "status": 202, "feedback": alone, "replayed": true}));
    let problem = &body["items"][1]["problem"];
    assert_eq!(
        (&problem["code"], &problem["status"], &problem["type"]),
        (&json!("invalid"), &json!(422), &json!("urn:redress:problem:invalid"))
    );
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    let pointers: BTreeSet<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, BTreeSet::from(["/customer/ref", "/message", "/status"]));
    assert_eq!(body["items"][3]["problem"]["errors"][0]["pointer"], "");
    let fresh = &body["items"][2];
    assert_eq!((fresh["index"].as_u64(), fresh.get("replayed"), fresh.get("problem")), (Some(2), None, None));
    for id in ids(&body).into_iter().flatten() {
        assert_eq!(shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.status, 200);
    }
    assert_eq!(feedbacks(&shop), 2);
}

#[tokio::test]
async fn an_envelope_that_is_wrong_is_refused_whole() {
    let shop = Shop::open().await;
    let many: Vec<_> = (0..101).map(|at| keyed("你好", &at.to_string())).collect();
    for (body, pointer) in [
        (json!({}), "/items"),
        (json!({"items": []}), "/items"),
        (json!({"items": many}), "/items"),
        (json!({"items": {"0": item("x")}}), "/items"),
        (json!({"items": null}), "/items"),
        (json!({"items": [keyed("x", "k")], "dry_run": true}), "/dry_run"),
        (json!([keyed("x", "k")]), ""),
    ] {
        let answer = shop.by(Role::Integrator, "POST", "/v1/feedback/batch").json(&body).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer.to_owned()]));
    }
    assert_eq!(feedbacks(&shop), 0);
    let hundred: Vec<_> = (0..100).map(|at| keyed("你好", &at.to_string())).collect();
    let answer = post(&shop, &hundred.into()).await.json();
    assert_eq!(statuses(&answer), [202; 100]);
    assert_eq!(feedbacks(&shop), 100);
}

#[tokio::test]
async fn an_item_needs_a_name_of_its_own_the_channels_or_the_requests() {
    let shop = Shop::open().await;
    let mut sourced = item("一");
    sourced["source_message_id"] = "wx-1".into();
    let mut malformed = item("三");
    malformed["idempotency_key"] = "你".into();
    let items =
        json!([sourced, keyed("二", "k"), malformed, item("四"), keyed("五", ""), keyed("六", &"k".repeat(256))]);
    let answer = post(&shop, &items).await.json();
    assert_eq!(statuses(&answer), [202, 202, 422, 400, 422, 422]);
    assert_eq!(answer["items"][2]["problem"]["errors"][0]["pointer"], "/idempotency_key");
    assert_eq!(answer["items"][3]["problem"]["code"], "idempotency_key_missing");
    let with_header = post(&shop, &items).header("idempotency-key", "batch-1").await.json();
    assert_eq!(statuses(&with_header), [202, 202, 422, 202, 422, 422]);
    assert_eq!(ids(&with_header)[..2], ids(&answer)[..2], "the request's key names only what has no other name");
}

#[tokio::test]
async fn a_batch_brought_again_makes_nothing_twice_and_says_so() {
    let shop = Shop::open().await;
    let items = json!([item("一"), item("二"), item("三")]);
    let first = post(&shop, &items).header("idempotency-key", "b").await;
    shop.memory.live(jiff::SignedDuration::from_hours(30)).await.unwrap();
    let again = post(&shop, &items).header("idempotency-key", "b").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    let (first, again) = (first.json(), again.json());
    assert_eq!(ids(&first), ids(&again));
    for (before, after) in first["items"].as_array().unwrap().iter().zip(again["items"].as_array().unwrap()) {
        assert_eq!((&before["feedback"], &after["replayed"]), (&after["feedback"], &json!(true)));
    }
    // One more item, and another one in a place that is taken.
    let longer = json!([item("一"), item("别的"), item("三"), item("四")]);
    let answer = post(&shop, &longer).header("idempotency-key", "b").await.json();
    assert_eq!(statuses(&answer), [202, 422, 202, 202]);
    assert_eq!(answer["items"][1]["problem"]["code"], "idempotency_key_reused");
    assert_eq!(feedbacks(&shop), 4);
    // A key of a batch and the same key of a single feedback are two.
    let alone =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "b").json(&item("一")).await;
    assert_eq!(alone.status, 202, "{}", alone.text);
}

#[tokio::test]
async fn equal_items_are_one_feedback() {
    let shop = Shop::open().await;
    let mut sourced = item("同一条");
    sourced["source_message_id"] = "wx-1".into();
    for (items, header) in [
        (json!([sourced, item("别的"), sourced]), "a"),
        (json!([keyed("又一条", "k"), keyed("别的", "other"), keyed("又一条", "k")]), "b"),
        (
            json!([
                item("第三条"),
                item("别的"),
                json!({"customer": {"ref": "c1"}, "message": "第三条", "channel": "web"})
            ]),
            "c",
        ),
    ] {
        let answer = post(&shop, &items).header("idempotency-key", header).await.json();
        let made = ids(&answer);
        assert_eq!(statuses(&answer), [202; 3]);
        assert!(made[0] == made[2] && made[0] != made[1], "{answer}");
        let replayed = answer["items"].as_array().unwrap().iter().filter(|item| item["replayed"] == true).count();
        assert_eq!(replayed, 1, "one of the two was there before: {answer}");
        let again = post(&shop, &items).header("idempotency-key", header).await.json();
        assert_eq!(ids(&again), made);
    }
    let clash = json!([keyed("一", "same"), keyed("二", "same")]);
    let answer = post(&shop, &clash).await.json();
    assert_eq!(statuses(&answer), [202, 422]);
}

#[tokio::test]
async fn a_fault_hits_one_item_and_running_it_again_finishes_the_rest() {
    let items = json!([keyed("一", "1"), keyed("二", "2"), keyed("三", "3"), keyed("", "4")]);
    let mut struck = 0;
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = Shop::open().await;
            shop.memory.faults().arm(call, crash);
            let answer = post(&shop, &items).await;
            if !shop.memory.faults().disarm() {
                break;
            }
            if answer.status == 200 {
                struck += 1;
                let body = answer.json();
                let mut expected = vec![202, 202, 202, 422];
                let hit = statuses(&body).iter().position(|status| *status == 503).unwrap();
                expected[hit] = 503;
                assert_eq!(statuses(&body), expected, "dying at call {call}, {crash:?} its effect");
                assert_eq!(body["items"][hit]["retry_after_seconds"], 1);
                assert_eq!(body["items"][hit]["problem"]["code"], "unavailable");
            } else {
                assert_eq!(answer.status, 503, "before any item was touched");
            }
            let again = post(&shop, &items).await.json();
            assert_eq!(statuses(&again), [202, 202, 202, 422]);
            shop.memory.settle().await;
            let orders = shop.memory.store().snapshot().iter().filter(|record| record.key.sort == "order").count();
            assert_eq!((feedbacks(&shop), orders, shop.memory.dead().len()), (3, 3, 0), "{call} {crash:?}");
        }
    }
    assert!(struck >= 8, "only {struck} items were struck");
}
