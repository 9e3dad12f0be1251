//! Why is this red? Every stretch with the fact that began it, and the arithmetic to the due instant.

use super::super::Shop;
use super::super::policies::{CALENDARS, without};
use super::clock;
use redress_service::auth::Role;
use serde_json::{Value, json};

/// An order that has been paused, on a calendar with a holiday; its path.
async fn paused(shop: &Shop) -> String {
    let office = format!("{CALENDARS}/office");
    let mut calendar = without(shop.admin("GET", &office).await.json(), &["id", "version"]);
    calendar["holidays"] = json!(["2026-03-05"]);
    shop.replace(&office, &calendar).await;
    let order = shop.order().await;
    shop.passes(120).await;
    let say = json!({"direction": "outbound", "body": "请提供单号 / which number, please?"});
    shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&say).await;
    let pending = json!({"to": "pending_customer", "reason": "等客户 / waiting"});
    assert_eq!(shop.move_to(&order, &pending).await.status, 200);
    shop.passes(60).await;
    order
}

async fn proof(shop: &Shop, order: &str) -> Value {
    let answer = shop.by(Role::Agent, "GET", &format!("{order}/sla/proof")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn each_stretch_is_told_with_the_fact_that_began_it() {
    let shop = Shop::open().await;
    let order = paused(&shop).await;
    let held = clock(&proof(&shop, &order).await, "resolution");
    assert_eq!((&held["state"], &held["due_at"]), (&json!("paused"), &Value::Null));
    assert!(held["explanation"]["zh"].as_str().unwrap().contains("当前没有到期时间"));

    let say = json!({"direction": "inbound", "body": "单号 12345 / it is 12345"});
    shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&say).await;
    shop.passes(30).await;
    let proved = clock(&proof(&shop, &order).await, "resolution");
    let facts = shop.facts(&order, 0).await;
    let stretches: Vec<_> = proved["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            let cause = facts.iter().find(|fact| fact["id"] == s["cause"]).unwrap();
            json!([s["kind"], s["from"], s["to"], s["business_seconds"], s["calendar_version"], cause["type"]])
        })
        .collect();
    assert_eq!(
        stretches,
        [
            json!(["run", "2026-03-04T04:00:00Z", "2026-03-04T06:00:00Z", 3600, "office@2", "created"]),
            json!(["pause", "2026-03-04T06:00:00Z", "2026-03-04T07:00:00Z", 0, "office@2", "status_changed"]),
            json!(["run", "2026-03-04T07:00:00Z", null, 1800, "office@2", "status_changed"]),
        ]
    );
}

#[tokio::test]
async fn the_arithmetic_leads_to_the_due_instant() {
    let shop = Shop::open().await;
    let order = paused(&shop).await;
    shop.move_to(&order, &json!({"to": "in_progress"})).await;
    shop.passes(30).await;
    let proved = clock(&proof(&shop, &order).await, "resolution");
    for (field, value) in [
        ("policy_version", json!("everything@1")),
        ("calendar_version", json!("office@2")),
        ("target_seconds", json!(115_200)),
        ("grace_seconds", json!(0)),
        ("carried_seconds", json!(0)),
        ("consumed_seconds", json!(5400)),
        ("due_at", json!("2026-03-11T06:00:00Z")),
        ("breached", json!(false)),
        ("breach", Value::Null),
        ("state", json!("running")),
        ("cycle", json!(1)),
        (
            "arithmetic",
            json!({
                "from": "2026-03-04T07:00:00Z", "consumed_seconds": 3600, "remaining_seconds": 111_600,
                "due_at": "2026-03-11T06:00:00Z",
            }),
        ),
    ] {
        assert_eq!(proved[field], value, "{field}");
    }
    let sum: i64 = proved["segments"].as_array().unwrap().iter().map(|s| s["business_seconds"].as_i64().unwrap()).sum();
    assert_eq!(sum, 5400, "what was consumed is the sum of the runs");
    let shown = shop.by(Role::Agent, "GET", &order).await.json();
    for field in ["target_seconds", "consumed_seconds", "due_at", "state", "breached"] {
        assert_eq!(clock(&shown, "resolution")[field], proved[field], "the order says the same: {field}");
    }
}

#[tokio::test]
async fn closed_days_have_names_and_all_is_said_in_both_languages() {
    let shop = Shop::open().await;
    let order = paused(&shop).await;
    shop.move_to(&order, &json!({"to": "in_progress"})).await;
    let proved = clock(&proof(&shop, &order).await, "resolution");
    let days: Vec<_> = proved["closed_days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| json!([day["date"], day["reason"], day["name"]["zh"], day["name"]["en"]]))
        .collect();
    assert_eq!(
        days,
        [
            json!(["2026-03-05", "holiday", "2026-03-05 星期四，节假日", "Thursday 2026-03-05, holiday"]),
            json!([
                "2026-03-07",
                "weekly",
                "2026-03-07 星期六，非工作日",
                "Saturday 2026-03-07, no hours on this day of the week"
            ]),
            json!([
                "2026-03-08",
                "weekly",
                "2026-03-08 星期日，非工作日",
                "Sunday 2026-03-08, no hours on this day of the week"
            ]),
        ]
    );
    for (language, words) in [
        (
            "zh",
            [
                "目标 115200 秒",
                "日历 office@2",
                "策略 everything@1",
                "还剩 111600 秒",
                "到期时间为 2026-03-11T06:00:00Z",
            ],
        ),
        (
            "en",
            [
                "Target 115200 business seconds",
                "calendar office@2",
                "policy everything@1",
                "111600 remained",
                "due 2026-03-11T06:00:00Z",
            ],
        ),
    ] {
        let said = proved["explanation"][language].as_str().unwrap();
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[tokio::test]
async fn an_order_that_moved_to_another_calendar_shows_both() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.passes(120).await;
    shop.patch(&order, &json!({"calendar": "always"})).await;
    shop.passes(60).await;
    let proved = clock(&proof(&shop, &order).await, "resolution");
    let stretches: Vec<_> = proved["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| json!([s["business_seconds"], s["calendar_version"]]))
        .collect();
    assert_eq!(stretches, [json!([3600, "office@1"]), json!([3600, "always@1"])]);
    assert_eq!((&proved["calendar_version"], &proved["consumed_seconds"]), (&json!("always@1"), &json!(7200)));
    assert_eq!(proved["due_at"], "2026-03-05T13:00:00Z", "31 hours from 06:00 on");
}
