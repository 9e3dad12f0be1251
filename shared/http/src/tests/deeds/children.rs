//! Orders that are parts of others.

use super::super::Shop;
use super::name;
use redress_service::auth::Role;
use serde_json::{Value, json};

fn part(mandatory: bool) -> Value {
    json!({"category": "product_quality", "summary": "请检测水壶 test the kettle, call 13800138000", "mandatory": mandatory})
}

async fn split(shop: &Shop, order: &str, mandatory: bool) -> (String, Value) {
    let made = shop.deed(order, "children", &part(mandatory)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let child = made.json();
    let path = child["links"]["self"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("https://care.example.com{path}"));
    assert_eq!(made.header("etag"), "\"1\"");
    (path, child)
}

#[tokio::test]
async fn a_child_is_an_order_with_clocks_and_an_agent_of_its_own() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let parent = shop.shown(&order).await;
    let (path, child) = split(&shop, &order, true).await;
    assert_eq!(shop.shown(&path).await, child);
    for field in ["customer", "channel", "priority", "language", "order"] {
        assert_eq!(child[field], parent[field], "{field}");
    }
    assert_eq!(
        json!([
            child["parent"],
            child["category"],
            child["needs_review"],
            child["status"],
            child["agent"],
            child["feedback_ids"]
        ]),
        json!([name(&order), "product_quality", false, "assigned", "ag_mei", []])
    );
    assert_eq!(child["links"]["parent"], order);
    let metrics: Vec<_> = child["clocks"].as_array().unwrap().iter().map(|clock| &clock["metric"]).collect();
    assert_eq!(metrics, ["resolution"], "no customer waits for an answer on it");
    assert!(!child["preview"].as_str().unwrap().contains("13800138000"), "{}", child["preview"]);
    let messages = shop.shown(&format!("{path}/messages")).await;
    assert_eq!(
        json!([messages["items"][0]["visibility"], messages["items"][0]["body"]]),
        json!(["internal", part(true)["summary"]])
    );
    assert_eq!(shop.shown(&order).await["children"], json!([{"id": child["id"], "mandatory": true}]));
    let list = shop.shown(&format!("{order}/children")).await;
    let item = &list["items"][0];
    assert_eq!(
        json!([item["id"], item["mandatory"], item["status"], item["agent"]]),
        json!([child["id"], true, "assigned", "ag_mei"])
    );
    assert_eq!((shop.carries("ag_mei"), shop.told("order_assigned").len()), (2, 2));
}

#[tokio::test]
async fn a_parent_is_resolved_after_its_mandatory_children() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let ((must, _), (may, _)) = (split(&shop, &order, true).await, split(&shop, &order, false).await);
    let answer = shop.move_to(&order, &json!({"to": "resolved"})).await;
    assert_eq!(
        (answer.status, answer.code().as_str(), &answer.json()["state"]),
        (409, "illegal_transition", &json!("assigned"))
    );
    assert!(answer.json()["detail"].as_str().unwrap().contains("1 of its mandatory children"), "{}", answer.text);

    assert_eq!(shop.move_to(&must, &json!({"to": "resolved"})).await.status, 200);
    assert_eq!(shop.told("order_child_done"), ["agent:ag_mei"]);
    assert_eq!(shop.move_to(&must, &json!({"to": "reopened"})).await.status, 200);
    assert_eq!(shop.told("order_child_reopened"), ["agent:ag_mei"]);
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 409, "it came back");
    assert_eq!(shop.move_to(&must, &json!({"to": "cancelled"})).await.status, 200);
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 200, "the other is not mandatory");
    assert_eq!(shop.move_to(&may, &json!({"to": "in_progress"})).await.status, 200);
    let facts = shop.shown(&format!("{order}/facts?limit=200")).await;
    let types: Vec<_> = facts["items"].as_array().unwrap().iter().map(|fact| fact["type"].as_str().unwrap()).collect();
    let types: Vec<_> = types.into_iter().filter(|word| word.starts_with("child")).collect();
    assert_eq!(types, ["child_added", "child_added", "child_done", "child_reopened", "child_done"]);
}

#[tokio::test]
async fn a_mandatory_child_does_not_come_back_after_its_parent_was_resolved() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let ((must, _), (may, _)) = (split(&shop, &order, true).await, split(&shop, &order, false).await);
    for path in [&must, &may, &order] {
        assert_eq!(shop.move_to(path, &json!({"to": "resolved"})).await.status, 200);
    }
    let answer = shop.move_to(&must, &json!({"to": "reopened"})).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("resolved")));
    assert!(answer.json()["detail"].as_str().unwrap().contains("its parent is resolved"), "{}", answer.text);
    assert_eq!(shop.move_to(&may, &json!({"to": "reopened"})).await.status, 200);
    assert_eq!(shop.move_to(&order, &json!({"to": "reopened"})).await.status, 200);
    assert_eq!(shop.move_to(&must, &json!({"to": "reopened"})).await.status, 200);
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 409);
}

#[tokio::test]
async fn a_customer_is_asked_about_the_whole_and_not_about_a_part() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (path, _) = split(&shop, &order, false).await;
    for path in [&path, &order] {
        shop.move_to(path, &json!({"to": "resolved"})).await;
    }
    shop.passes(60 * 24 * 4).await;
    let survey = |path: String| {
        let shop = &shop;
        async move { shop.shown(&format!("/v1/surveys?work_order={}", name(&path))).await["items"][0].clone() }
    };
    let (part, whole) = (survey(path.clone()).await, survey(order.clone()).await);
    assert_eq!(json!([part["state"], part["skip_reason"], whole["state"]]), json!(["skipped", "child", "sent"]));
}

#[tokio::test]
async fn a_child_of_another_team_waits_there_and_is_counted_on_its_calendar() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.found("tech").await;
    let mut body = part(true);
    body["team"] = json!("tm_tech");
    let child = shop.deed(&order, "children", &body).await.json();
    assert_eq!(json!([child["team"], child["agent"], child["status"]]), json!(["tm_tech", null, "open"]));
    let routing = shop.shown(&format!("{}/routing", child["links"]["self"].as_str().unwrap())).await;
    assert_eq!(json!([routing["rule"], routing["agent"]]), json!(["manual:team", null]));
    let target = &child["clocks"][0]["target_seconds"];
    let due: jiff::Timestamp = child["due_at"].as_str().unwrap().parse().unwrap();
    let now: jiff::Timestamp = super::super::NOON.parse().unwrap();
    assert_eq!(json!(due.duration_since(now).as_secs()), *target, "around the clock");
}

#[tokio::test]
async fn a_child_is_refused_where_it_is_wrong_where_there_are_too_many_and_of_a_child() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for (name, body, pointers) in [
        ("nothing", json!({}), &["/category", "/mandatory", "/summary"][..]),
        (
            "all at once",
            json!({"category": "x", "summary": " ", "mandatory": "yes", "team": "ag_x", "priority": "P1"}),
            &["/category", "/mandatory", "/priority", "/summary", "/team"],
        ),
        (
            "no such team",
            json!({"category": "account", "summary": "退款", "mandatory": false, "team": "tm_nowhere"}),
            &["/team"],
        ),
        (
            "too much to do",
            json!({"category": "account", "summary": "长".repeat(8001), "mandatory": false}),
            &["/summary"],
        ),
    ] {
        let answer = shop.deed(&order, "children", &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&at| at.to_owned()).collect()),
            "{name}"
        );
    }
    let (child, _) = split(&shop, &order, false).await;
    let answer = shop.deed(&child, "children", &part(false)).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("assigned")), "no grandchildren");
    for _ in 1..20 {
        split(&shop, &order, false).await;
    }
    assert_eq!(shop.deed(&order, "children", &part(false)).await.status, 409, "twenty are enough");
    let list = shop.shown(&format!("{order}/children?limit=7")).await;
    assert_eq!((list["items"].as_array().unwrap().len(), list["next_cursor"].is_string()), (7, true));
    shop.move_to(&order, &json!({"to": "cancelled"})).await;
    let answer = shop.deed(&order, "children", &part(false)).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("cancelled")));
    assert_eq!(shop.by(Role::Auditor, "POST", &format!("{order}/children")).json(&part(false)).await.status, 403);
}
