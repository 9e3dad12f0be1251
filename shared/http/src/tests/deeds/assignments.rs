//! Orders that somebody gives to somebody.

use super::super::amend::stand;
use super::super::{Shop, key};
use redress_service::auth::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn a_supervisors_choice_overrules_presence_and_is_on_record_with_what_the_rules_saw() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let given = shop.deed(&order, "assignments", &json!({"agent": "ag_li", "reason": "客户点名 asked for"})).await;
    let shown = given.json();
    assert_eq!(
        (given.status, &shown["agent"], &shown["team"]),
        (200, &json!("ag_li"), &json!("tm_care")),
        "{}",
        given.text
    );
    assert_eq!(given.header("etag"), format!("\"{}\"", shown["version"]));
    assert_eq!((shop.carries("ag_mei"), shop.carries("ag_li")), (0, 1));
    let routing = shop.shown(&format!("{order}/routing")).await;
    assert_eq!((&routing["rule"], &routing["agent"]), (&json!("manual"), &json!("ag_li")));
    let words: Vec<_> = routing["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["agent"], one["rejected_because"]]))
        .collect();
    assert_eq!(words, [json!(["ag_mei", null]), json!(["ag_li", "not_online"])]);
    for (agent, reason) in [("ag_li", "chosen"), ("ag_mei", "overruled")] {
        assert_eq!(
            shop.shown(&format!("{order}/routing?why_not={agent}")).await,
            json!({"agent": agent, "reason": reason})
        );
    }
    let facts = shop.shown(&format!("{order}/facts?limit=200")).await;
    let fact = facts["items"].as_array().unwrap().last().unwrap();
    assert_eq!(
        json!([fact["type"], fact["previous"], fact["reason"], fact["actor"]["kind"]]),
        json!(["assigned", "ag_mei", "客户点名 asked for", "api_key"])
    );
    assert_eq!(shop.told("order_taken_away"), ["agent:ag_mei"]);
    assert_eq!(shop.told("order_assigned"), ["agent:ag_mei", "agent:ag_li"]);
}

#[tokio::test]
async fn giving_it_to_who_has_it_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let before = shop.by(Role::Supervisor, "GET", &order).await;
    for body in [json!({"agent": "ag_mei", "reason": "还是她"}), json!({"team": "tm_care"})] {
        let answer = shop.deed(&order, "assignments", &body).await;
        assert_eq!(
            (answer.status, answer.header("etag"), answer.json()),
            (200, before.header("etag"), before.json()),
            "{body}"
        );
    }
    assert_eq!(shop.carries("ag_mei"), 1);
}

#[tokio::test]
async fn nobody_overrules_capacity() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    shop.hire("bao", "tm_care", 1).await;
    assert_eq!(shop.deed(&order, "assignments", &json!({"agent": "ag_bao"})).await.status, 200);
    let before = shop.shown(&other).await;
    let answer = shop.deed(&other, "assignments", &json!({"agent": "ag_bao"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "at_capacity"));
    assert_eq!((shop.shown(&other).await, shop.carries("ag_bao")), (before, 1));
    assert_eq!(shop.shown(&format!("{order}/routing")).await["candidates"].as_array().unwrap().len(), 3);
    // With that one done there is room again.
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    assert_eq!(shop.deed(&other, "assignments", &json!({"agent": "ag_bao"})).await.status, 200);
    assert_eq!((shop.carries("ag_bao"), shop.carries("ag_mei")), (1, 0));
}

#[tokio::test]
async fn another_team_routes_it_by_its_own_calendar_and_whoever_had_it_has_room() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.found("tech").await;
    shop.hire("tao", "tm_tech", 5).await;
    let before = shop.shown(&order).await;
    let given =
        shop.deed(&order, "assignments", &json!({"team": "tm_tech", "reason": "needs a technician"})).await.json();
    assert_eq!(json!([given["team"], given["agent"], given["status"]]), json!(["tm_tech", "ag_tao", "assigned"]));
    // Noon in Shanghai: the shipped hours pause until one, and the new team's do not.
    assert_ne!(stand(&given, "first_response"), stand(&before, "first_response"));
    assert_eq!(stand(&given, "first_response")[3], "2026-03-04T08:00:00Z");
    assert_eq!((shop.carries("ag_mei"), shop.carries("ag_tao")), (0, 1));
    let routing = shop.shown(&format!("{order}/routing")).await;
    assert_eq!(json!([routing["rule"], routing["candidates"][0]["agent"]]), json!(["manual:team", "ag_tao"]));
    assert_eq!(shop.shown(&format!("{order}/routing?why_not=ag_mei")).await["reason"], "not_in_team");
}

#[tokio::test]
async fn where_nobody_of_the_team_is_free_it_waits_as_an_open_order_and_is_drained() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    shop.found("tech").await;
    shop.hire("tao", "tm_tech", 1).await;
    assert_eq!(shop.deed(&other, "assignments", &json!({"agent": "ag_tao"})).await.status, 200);
    shop.move_to(&order, &json!({"to": "in_progress"})).await;
    let given = shop.deed(&order, "assignments", &json!({"team": "tm_tech"})).await.json();
    assert_eq!(json!([given["team"], given["agent"], given["status"]]), json!(["tm_tech", null, "open"]));
    let waiting = shop.shown("/v1/work-orders?status=open&team=tm_tech").await;
    assert_eq!(waiting["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&given["id"]]);
    assert_eq!(shop.shown("/v1/work-orders?status=open&team=tm_care").await["items"], json!([]));
    assert_eq!(shop.deed(&order, "assignments", &json!({"team": "tm_tech"})).await.json()["version"], given["version"]);
    assert_eq!(shop.told("order_taken_away"), ["agent:ag_mei", "agent:ag_mei"]);

    // Back to care: what frees there drains what waits here.
    shop.deed(&other, "assignments", &json!({"agent": "ag_mei"})).await;
    let drained = shop.shown(&order).await;
    assert_eq!(json!([drained["agent"], drained["status"], drained["team"]]), json!(["ag_tao", "assigned", "tm_tech"]));
    assert_eq!((shop.carries("ag_tao"), shop.carries("ag_mei")), (1, 1));
}

#[tokio::test]
async fn an_assignment_is_refused_where_it_is_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.hire("zoe", "tm_none", 1).await;
    let before = shop.shown(&order).await;
    for (name, body, pointers) in [
        ("to nobody", json!({}), &[""][..]),
        ("to both", json!({"team": "tm_care", "agent": "ag_li"}), &[""]),
        ("to null", json!({"agent": null}), &["/agent"]),
        ("no such agent", json!({"agent": "ag_nobody"}), &["/agent"]),
        ("no such team", json!({"team": "tm_nowhere"}), &["/team"]),
        ("a team in the place of an agent", json!({"agent": "tm_care"}), &["/agent"]),
        (
            "all at once",
            json!({"agent": 7, "team": "x", "reason": "\u{200b}", "force": true}),
            &["", "/agent", "/force", "/reason", "/team"],
        ),
        ("too long a reason", json!({"agent": "ag_li", "reason": "长".repeat(2001)}), &["/reason"]),
    ] {
        let answer = shop.deed(&order, "assignments", &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&at| at.to_owned()).collect()),
            "{name}"
        );
    }
    for role in [Role::Agent, Role::Auditor, Role::Integrator] {
        assert_eq!(
            shop.by(role, "POST", &format!("{order}/assignments")).json(&json!({"agent": "ag_li"})).await.status,
            403
        );
    }
    assert_eq!(shop.shown(&order).await, before);
    for to in ["resolved", "closed"] {
        shop.move_to(&order, &json!({ "to": to })).await;
        let answer = shop.deed(&order, "assignments", &json!({"agent": "ag_li"})).await;
        assert_eq!(
            (answer.status, answer.code().as_str(), &answer.json()["state"]),
            (409, "illegal_transition", &json!(to))
        );
    }
}

#[tokio::test]
async fn an_agent_of_another_team_takes_the_order_there() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.found("tech").await;
    shop.hire("tao", "tm_tech", 1).await;
    let given = shop.deed(&order, "assignments", &json!({"agent": "ag_tao"})).await.json();
    assert_eq!(json!([given["team"], given["agent"]]), json!(["tm_tech", "ag_tao"]));
    let theirs = shop.ask("POST", &format!("{order}/assignments")).key(&key("tn_b", Role::Admin));
    assert_eq!(theirs.json(&json!({"agent": "ag_li"})).await.status, 404);
    let again = shop.move_to(&order, &json!({"to": "resolved"})).await.json();
    assert_eq!(again["agent"], "ag_tao");
    let back = shop.move_to(&order, &json!({"to": "reopened"})).await.json();
    assert_eq!(
        json!([back["team"], back["agent"], back["reopen_count"]]),
        json!(["tm_tech", "ag_tao", 1]),
        "it stays in its team"
    );
    assert_eq!(shop.shown(&format!("{order}/routing")).await["rule"], "team:kept");
    assert_ne!(back["version"], Value::Null);
}
