//! Who is told of whatever happens to an order.

use super::super::Shop;
use redress_service::auth::Role;
use serde_json::json;

#[tokio::test]
async fn who_watches_is_told_what_happens_and_who_watched_is_not() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let watched = shop.deed(&order, "watchers", &json!({"agent": "ag_li"})).await;
    let li = json!({"agent": "ag_li", "audience": "agent:ag_li"});
    assert_eq!((watched.status, &watched.json()["watchers"]), (200, &json!([li])), "{}", watched.text);
    assert_eq!(watched.header("etag"), format!("\"{}\"", watched.json()["version"]));
    let again = shop.deed(&order, "watchers", &json!({"agent": "ag_li"})).await;
    assert_eq!(again.json()["version"], watched.json()["version"], "once is enough");
    assert_eq!(shop.shown(&format!("{order}/watchers")).await, json!({"items": [li], "next_cursor": null}));
    shop.move_to(&order, &json!({"to": "in_progress"})).await;
    assert_eq!(shop.told("order_watched"), ["agent:ag_li"]);

    let path = format!("{order}/watchers/ag_li");
    for _ in 0..2 {
        let gone = shop.by(Role::Supervisor, "DELETE", &path).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    }
    assert_eq!(shop.shown(&order).await["watchers"], json!([]));
    shop.move_to(&order, &json!({"to": "on_hold"})).await;
    assert_eq!(shop.told("order_watched").len(), 1);
    let facts = shop.shown(&format!("{order}/facts?limit=200")).await;
    let facts = facts["items"].as_array().unwrap().iter().filter(|fact| fact["watcher"].is_string());
    assert_eq!(
        facts.map(|fact| fact["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["watcher_added", "watcher_removed"]
    );
}

#[tokio::test]
async fn an_agent_watches_for_themselves_alone() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("{order}/watchers");
    let post = |role, agent: &str| shop.by(role, "POST", &path).json(&json!({ "agent": agent }));
    assert_eq!(post(Role::Agent, "ag_mei").await.status, 200);
    let other = post(Role::Agent, "ag_li").await;
    assert_eq!((other.status, other.code().as_str()), (403, "forbidden"));
    assert_eq!(post(Role::Supervisor, "ag_li").await.status, 200);
    let remove = |role, agent: &str| shop.by(role, "DELETE", &format!("{path}/{agent}"));
    assert_eq!(remove(Role::Agent, "ag_li").await.code(), "forbidden");
    assert_eq!(remove(Role::Agent, "ag_mei").await.status, 204);
    assert_eq!(remove(Role::Admin, "nobody").await.code(), "not_found");
    assert_eq!(remove(Role::Admin, "ag_li?x=1").await.pointers(), ["/x"]);
    assert_eq!(shop.shown(&path).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_watcher_is_refused_where_it_is_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for (body, pointers) in [
        (json!({}), &["/agent"][..]),
        (json!({"agent": "ag_nobody"}), &["/agent"]),
        (json!({"agent": "supervisors", "team": "tm_care"}), &["/agent", "/team"]),
    ] {
        let answer = shop.deed(&order, "watchers", &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&at| at.to_owned()).collect()),
            "{body}"
        );
    }
    for number in 0..51 {
        shop.hire(&format!("w{number}"), "tm_none", 1).await;
        let answer = shop.deed(&order, "watchers", &json!({"agent": format!("ag_w{number}")})).await;
        assert_eq!(answer.status, if number < 50 { 200 } else { 409 }, "{number} {}", answer.text);
    }
    let page = shop.shown(&format!("{order}/watchers?limit=20")).await;
    assert_eq!((page["items"].as_array().unwrap().len(), page["next_cursor"].is_string()), (20, true));
}
