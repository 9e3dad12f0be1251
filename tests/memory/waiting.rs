//! How long orders wait for an agent, as the sweep says it to whoever watches.

use super::world::{MONDAY, Shop};
use crate::shop;
use jiff::Timestamp;
use redress_domain::event::{Event, EventType};
use redress_domain::id::WorkOrderId;
use redress_domain::order::Status;
use redress_domain::routing::Agent;
use redress_service::sweep;
use serde_json::json;

/// Another customer's kettle leaks.
async fn said(shop: &Shop, customer: &str) -> WorkOrderId {
    let said = json!({"channel": "web", "message": "水壶漏水 The kettle leaks", "customer": {"ref": customer}});
    let received = shop.hand_over(customer, serde_json::from_value(said).unwrap()).await.unwrap();
    shop.memory.settle().await;
    WorkOrderId::of(&shop::tenant(), &received.id)
}

/// What a minute's sweep says, so many minutes long.
async fn sweeps(shop: &Shop, minutes: usize) -> Vec<i64> {
    let mut said = Vec::new();
    for _ in 0..minutes {
        shop.wait(60);
        shop.memory.settle().await;
        said.push(shop.memory.sweep().await.unwrap().oldest_waiting_seconds);
        shop.memory.settle().await;
    }
    said
}

#[tokio::test]
async fn how_long_the_oldest_order_waits_is_said_in_each_quarter_of_an_hour_until_somebody_has_it() {
    let shop = Shop::of(&[shop::agent("ana", &["zh", "en"], 1)], &shop::policies()).await;
    let held = said(&shop, "c-1").await;
    assert_eq!(sweeps(&shop, 15).await, [0; 15], "nobody waits");
    let first = said(&shop, "c-2").await;
    shop.wait(90);
    said(&shop, "c-3").await;
    for quarter in 1..=4 {
        let said = sweeps(&shop, 15).await;
        let most = said.iter().max().copied().unwrap();
        let oldest = 90 + quarter * 900;
        assert!((oldest - 360..=oldest).contains(&most), "{most} of {oldest}: {said:?}");
        assert!(said.contains(&0), "between two marks a sweep sees nobody: {said:?}");
    }
    shop.move_to("done", &held, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert!(shop.order(&first).await.agent.is_some());
    let said = sweeps(&shop, 15).await;
    let most = said.iter().max().copied().unwrap();
    assert!((3_600..=4_500).contains(&most), "the other one still waits: {said:?}");
    shop.move_to("done, too", &first, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(sweeps(&shop, 15).await, [0; 15], "all have somebody");
}

#[tokio::test]
async fn who_waits_for_a_shift_to_begin_is_not_late_before_it_has() {
    let mut policies = shop::policies();
    let late = json!({"id": "late", "version": 1, "calendar": {
        "time_zone": "Asia/Shanghai", "hours": {"mon": [["14:00", "22:00"]]}, "holidays": []}});
    policies.calendars.push(serde_json::from_value(late).unwrap());
    let asleep = Agent { shift: Some("late".to_owned()), ..shop::agent("bo", &["zh", "en"], 1) };
    let shop = Shop::of(&[asleep], &policies).await;
    let (first, second) = (said(&shop, "c-1").await, said(&shop, "c-2").await);
    let begins: Timestamp = "2026-11-23T14:00:00+08:00".parse().unwrap();
    let minutes = usize::try_from(begins.duration_since(shop.memory.moment().now).as_mins()).unwrap();
    assert_eq!(sweeps(&shop, minutes - 1).await, vec![0; minutes - 1]);
    let said = sweeps(&shop, 1).await;
    assert!(said[0] < 60, "whoever is being served this minute is not late: {said:?}");
    let agents = [shop.order(&first).await.agent, shop.order(&second).await.agent];
    assert_eq!(agents.iter().flatten().count(), 1, "one has somebody now");
    let hours = begins.duration_since(MONDAY.parse().unwrap()).as_secs();
    let said = sweeps(&shop, 15).await;
    assert!(said.iter().any(|waits| *waits >= hours), "the shift is on, and there is nobody for it: {said:?}");
}

#[tokio::test]
async fn a_timer_that_finds_an_order_waiting_says_for_how_long() {
    let mut policies = shop::policies();
    let target = json!({"calendar": "always", "P1": 1_000, "P2": 1_000, "P3": 1_000, "P4": 1_000});
    policies.sla.insert(
        0,
        serde_json::from_value(json!({"id": "short", "when": {"channel": ["web"]}, "targets": {"resolution": target}}))
            .unwrap(),
    );
    let shop = Shop::of(&[shop::agent("ana", &["zh", "en"], 1)], &policies).await;
    let (held, waits) = (said(&shop, "c-1").await, said(&shop, "c-2").await);
    shop.wait(800);
    for (id, seconds) in [(held, 0), (waits, 800)] {
        let now = shop.memory.moment().now;
        let event = Event::new(&shop::tenant(), EventType::WorkOrderDue, id.as_str(), 1, now);
        let said = sweep::timer(&shop.memory.world(), &event, shop.memory.moment()).await.unwrap();
        assert_eq!(said, seconds);
    }
}
