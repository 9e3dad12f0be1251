//! Fields of the shop's own, and promises that are made by hand.

use super::super::Shop;
use super::super::amend::{clock, stand};
use redress_service::auth::Role;
use serde_json::{Map, Value, json};

#[tokio::test]
async fn a_shops_own_fields_come_back_as_they_were_sent() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let fields = json!({"rma": "R-1024 退货\u{1F4E6}", "boxes": 2, "weight": 1.25, "insured": true, "note": "", "most": 9_007_199_254_740_991_i64, "small": -0.000_000_123_456_789, "e": 1.5e3});
    let patched = shop.patch(&order, &json!({ "custom_fields": fields })).await;
    assert_eq!((patched.status, &patched.json()["custom_fields"]), (200, &fields), "{}", patched.text);
    assert_eq!(shop.shown(&order).await["custom_fields"], fields);
    let changed =
        shop.patch(&order, &json!({"custom_fields": {"rma": null, "boxes": 3, "insured": true}})).await.json();
    assert_eq!(
        json!([changed["custom_fields"]["rma"], changed["custom_fields"]["boxes"], changed["custom_fields"]["weight"]]),
        json!([null, 3, 1.25])
    );
    let facts = shop.facts(&order, 0).await;
    assert_eq!(facts.last().unwrap()["fields"], json!({"rma": null, "boxes": 3}));
    let again = shop.patch(&order, &json!({"custom_fields": {"boxes": 3}})).await.json();
    assert_eq!(again["version"], changed["version"]);
    let one = shop
        .patch(
            &order,
            &json!({"priority": "P1", "category": "account", "calendar": "always", "custom_fields": {"a": 1}}),
        )
        .await
        .json();
    assert_eq!(
        one["version"].as_u64(),
        changed["version"].as_u64().map(|version| version + 1),
        "all of it is one version"
    );
}

#[tokio::test]
async fn a_shops_own_fields_are_refused_where_they_are_wrong_and_then_nothing_changes() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let before = shop.shown(&order).await;
    let many = |count: usize| (0..count).map(|number| (format!("f{number}"), json!(number))).collect::<Map<_, _>>();
    let long = (0..17).map(|number| (format!("f{number}"), json!("a".repeat(1_000)))).collect::<Map<_, _>>();
    for (name, fields, pointers) in [
        ("no object", json!([1]), vec!["/custom_fields"]),
        ("null", json!(null), vec!["/custom_fields"]),
        (
            "names",
            json!({"": 1, "Rma": 1, "退货": 1, "a-b": 1}),
            vec!["/custom_fields/", "/custom_fields/Rma", "/custom_fields/a-b", "/custom_fields/退货"],
        ),
        ("a list and an object", json!({"a": [1], "b": {}}), vec!["/custom_fields/a", "/custom_fields/b"]),
        (
            "too long, or with a NUL",
            json!({"a": "长".repeat(1_001), "b": "\u{0}"}),
            vec!["/custom_fields/a", "/custom_fields/b"],
        ),
        (
            "numbers that are not kept",
            json!({"a": 9_007_199_254_740_992_i64, "b": u64::MAX, "c": 1e300, "d": 0.123_456_789_012_345_67}),
            vec!["/custom_fields/a", "/custom_fields/b", "/custom_fields/c", "/custom_fields/d"],
        ),
        ("fifty-one", Value::Object(many(51)), vec!["/custom_fields"]),
        ("more than 16 KiB", Value::Object(long), vec!["/custom_fields"]),
    ] {
        let answer = shop.patch(&order, &json!({"custom_fields": fields, "priority": "P1"})).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{name}"
        );
    }
    assert_eq!(shop.shown(&order).await, before, "all or nothing");
    assert_eq!(shop.patch(&order, &json!({"custom_fields": many(50)})).await.status, 200);
    assert_eq!(shop.patch(&order, &json!({"custom_fields": {"f50": 1}})).await.pointers(), ["/custom_fields"]);
    assert_eq!(shop.patch(&order, &json!({"custom_fields": {"f50": 1, "f0": null}})).await.status, 200);
    assert_eq!(shop.patch(&order, &json!({"custom_fields": {}})).await.pointers(), [""], "nothing is asked");
}

#[tokio::test]
async fn many_changes_of_large_fields_leave_the_order_small_and_its_history_whole() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for round in 0..40 {
        let fields: Map<_, _> =
            (0..15).map(|number| (format!("f{number}"), json!(format!("{round:04}{}", "字".repeat(330))))).collect();
        assert_eq!(shop.patch(&order, &json!({"custom_fields": fields})).await.status, 200);
    }
    for record in shop.memory.store().snapshot() {
        let size = record.body.to_string().len();
        assert!(size < 300_000, "{} {} has {size} bytes", record.key.partition, record.key.sort);
    }
    let facts = shop.facts(&order, 0).await;
    let numbers: Vec<_> = facts
        .iter()
        .map(|fact| fact["id"].as_str().unwrap().rsplit('/').next().unwrap().parse::<usize>().unwrap())
        .collect();
    assert_eq!(numbers, (1..=44).collect::<Vec<_>>());
}

fn promise(due_at: Value) -> Value {
    json!({"due_override": {"metric": "resolution", "due_at": due_at, "reason": "电话约定 agreed by phone"}})
}

#[tokio::test]
async fn a_supervisor_promises_by_hand_and_the_proof_says_so() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let before = shop.shown(&order).await;
    let patch = |role, body: Value| {
        let (shop, order) = (&shop, &order);
        async move { shop.by(role, "PATCH", order).header("if-match", "*").json(&body).await }
    };
    let saturday = "2026-03-07T10:00:00Z";
    let refused = patch(Role::Agent, promise(json!(saturday))).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
    let promised = patch(Role::Supervisor, promise(json!(saturday))).await;
    assert_eq!(promised.status, 200, "{}", promised.text);
    let shown = promised.json();
    assert_eq!(
        json!([clock(&shown, "resolution")["due_at"], clock(&shown, "resolution")["due_override"]]),
        json!([saturday, saturday])
    );
    assert_eq!(clock(&shown, "first_response"), clock(&before, "first_response"));
    let hurried = patch(Role::Agent, json!({"priority": "P1"})).await.json();
    assert_eq!(clock(&hurried, "resolution")["due_at"], saturday, "another priority moves it no more");
    let proof = clock(&shop.shown(&format!("{order}/sla/proof")).await, "resolution");
    assert_eq!(
        json!([proof["due_at"], proof["due_override"], proof["arithmetic"]["due_at"]]),
        json!([saturday, saturday, saturday])
    );
    assert!(proof["explanation"]["zh"].as_str().unwrap().contains("人工"), "{proof}");
    let facts = shop.facts(&order, 0).await;
    let fact = facts.iter().find(|fact| fact["type"] == "due_overridden").unwrap();
    assert_eq!(
        json!([fact["metric"], fact["due_at"], fact["reason"]]),
        json!(["resolution", saturday, "电话约定 agreed by phone"])
    );

    let back = patch(Role::Supervisor, promise(Value::Null)).await.json();
    assert_eq!(clock(&back, "resolution")["due_override"], Value::Null);
    let plain = patch(Role::Agent, json!({"priority": before["priority"]})).await.json();
    assert_eq!(stand(&plain, "resolution"), stand(&before, "resolution"));
}

#[tokio::test]
async fn a_promise_by_hand_is_refused_where_it_is_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let patch = |body: Value| shop.by(Role::Supervisor, "PATCH", &order).header("if-match", "*").json(&body);
    let at = |pointer: &str| format!("/due_override{pointer}");
    for (name, body, pointers) in [
        ("nothing", json!({"due_override": {}}), vec![at("/due_at"), at("/metric"), at("/reason")]),
        ("null", json!({"due_override": null}), vec![at("")]),
        (
            "all at once",
            json!({"due_override": {"metric": "luck", "due_at": "morgen", "reason": " ", "clock": 1}}),
            vec![at("/clock"), at("/due_at"), at("/metric"), at("/reason")],
        ),
        ("now", promise(json!(super::super::NOON)), vec![at("/due_at")]),
        ("more than a year ahead", promise(json!("2027-03-05T04:00:01Z")), vec![at("/due_at")]),
        (
            "a law's",
            json!({"due_override": {"metric": "statutory:returns", "due_at": null, "reason": "法"}}),
            vec![at("/metric")],
        ),
    ] {
        let answer = patch(body).await;
        assert_eq!((answer.status, answer.pointers()), (422, pointers), "{name}");
    }
    let other = json!({"due_override": {"metric": "next_response", "due_at": "2026-03-05T04:00:00Z", "reason": "x"}});
    assert_eq!(patch(other).await.code(), "illegal_transition", "it does not run");
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    let answer = patch(promise(json!("2026-03-05T04:00:00Z"))).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("resolved")));
}
