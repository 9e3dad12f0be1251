//! How much time was spent on an order.

use super::super::Shop;
use redress_service::auth::Role;
use serde_json::{Value, json};

fn stretch(kind: &str, from: &str, to: &str) -> Value {
    json!({"kind": kind, "started_at": format!("2026-03-04T{from}Z"), "ended_at": format!("2026-03-04T{to}Z")})
}

fn of(agent: &str, stretch: &Value) -> Value {
    let mut stretch = stretch.clone();
    stretch["agent"] = json!(agent);
    stretch
}

#[tokio::test]
async fn time_is_added_up_by_kind_and_what_overlaps_counts_once_for_each_agent() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("{order}/effort");
    let before = shop.shown(&order).await["version"].clone();
    let own = shop.by(Role::Agent, "POST", &path).json(&stretch("talk", "03:00:00", "03:10:00")).await;
    assert_eq!(own.status, 201, "{}", own.text);
    let said = own.json();
    assert_eq!(
        json!([said["agent"], said["by"], said["recorded_at"]]),
        json!(["ag_mei", {"kind": "agent", "id": "ag_mei"}, super::super::NOON])
    );
    for body in [
        of("ag_mei", &stretch("talk", "03:05:00", "03:15:00")),
        of("ag_li", &stretch("talk", "03:00:00", "03:10:00")),
        of("ag_mei", &stretch("after_work", "03:10:00", "03:20:00.500")),
        of("ag_mei", &stretch("after_work", "03:10:00", "03:20:00.500")),
    ] {
        assert_eq!(shop.deed(&order, "effort", &body).await.status, 201);
    }
    let list = shop.shown(&path).await;
    let items: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["started_at"].as_str().unwrap()).collect();
    assert_eq!(items.len(), 4, "the same stretch told twice is one");
    assert!(items.is_sorted());
    assert_eq!(
        list["totals"],
        json!([
            {"kind": "talk", "total_seconds": 15 * 60 + 10 * 60},
            {"kind": "after_work", "total_seconds": 600},
            {"kind": "other", "total_seconds": 0},
        ])
    );
    assert_eq!(list["total_seconds"], 20 * 60 + 10 * 60, "of one agent's kinds that overlap, too");
    let first = shop.shown(&format!("{path}?limit=3")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["totals"]), (3, &list["totals"]));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = shop.shown(&format!("{path}?limit=3&cursor={cursor}")).await;
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (&list["items"][3], &Value::Null));
    assert_eq!(shop.shown(&order).await["version"], before, "the order itself is not written");
}

#[tokio::test]
async fn time_is_written_down_after_it_passed_by_whose_it_is() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let good = of("ag_mei", &stretch("talk", "03:00:00", "03:10:00"));
    for (name, body, pointers) in [
        ("nothing", json!({}), &["/ended_at", "/kind", "/started_at"][..]),
        ("whose?", stretch("talk", "03:00:00", "03:10:00"), &["/agent"]),
        ("no such agent", of("ag_nobody", &good), &["/agent"]),
        ("backwards", of("ag_mei", &stretch("talk", "03:10:00", "03:00:00")), &["/ended_at"]),
        ("no time at all", of("ag_mei", &stretch("talk", "03:10:00", "03:10:00")), &["/ended_at"]),
        ("still to come", of("ag_mei", &stretch("talk", "03:10:00", "04:00:00.001")), &["/ended_at"]),
        (
            "all at once",
            json!({"agent": "x", "kind": "nap", "started_at": "早上", "ended_at": 7, "seconds": 600}),
            &["/agent", "/ended_at", "/kind", "/seconds", "/started_at"],
        ),
    ] {
        let answer = shop.deed(&order, "effort", &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&at| at.to_owned()).collect()),
            "{name}"
        );
    }
    let mut long = good.clone();
    long["started_at"] = json!("2026-03-03T03:10:00Z");
    assert_eq!(shop.deed(&order, "effort", &long).await.status, 201, "a day is taken");
    long["started_at"] = json!("2026-03-03T03:09:59.999Z");
    assert_eq!(shop.deed(&order, "effort", &long).await.pointers(), ["/ended_at"], "and no more");
    let other = shop.by(Role::Agent, "POST", &format!("{order}/effort")).json(&of("ag_li", &good)).await;
    assert_eq!((other.status, other.code().as_str()), (403, "forbidden"));
    for to in ["resolved", "closed"] {
        shop.move_to(&order, &json!({ "to": to })).await;
    }
    assert_eq!(shop.deed(&order, "effort", &good).await.status, 201, "what is left to do after it counts, too");
}
