//! Intake: from any channel, at any hour.

use super::world::Shop;
use crate::shop;
use jiff::Timestamp;
use redress_domain::feedback::{Channel, Feedback};
use redress_domain::sla::Metric;
use redress_service::Fault;
use serde_json::json;

#[tokio::test]
async fn every_channel_makes_an_order_of_the_same_shape() {
    let mut shapes = Vec::new();
    for (_, channel) in Channel::ALL {
        let shop = Shop::open().await;
        let said = json!({"channel": channel, "message": "包裹破损 the parcel is damaged", "customer": {"ref": "c-1"}});
        let received = shop.hand_over("k", serde_json::from_value(said).unwrap()).await.unwrap();
        shop.memory.settle().await;
        let order = shop.order_of(&received.id).await;
        assert!(order.agent.is_some(), "{channel}");
        let mut shape = serde_json::to_value(&order).unwrap();
        assert_eq!(shape["channel"], channel);
        // What is promised depends on the channel, and what an order is does not.
        let clocks = shape["clocks"]["all"].as_array().unwrap();
        let started: Vec<_> = clocks.iter().map(|clock| json!([clock["metric"], clock["cycle"]])).collect();
        (shape["clocks"], shape["facts"][2]["agreement"]) = (started.into(), json!("any"));
        let fact = &mut shape["facts"][0];
        (fact["channel"], shape["channel"]) = (json!("any"), json!("any"));
        shapes.push(shape);
    }
    shapes.dedup();
    assert_eq!(shapes.len(), 1);
}

#[tokio::test]
async fn at_midnight_of_a_holiday_feedback_is_taken_in_and_due_when_the_shop_opens() {
    let mut policies = shop::policies();
    policies.calendars[1].calendar["holidays"] = json!(["2026-10-01", "2026-10-02"]);
    // 调休: the Saturday before the week is made up is worked.
    policies.calendars[1].calendar["overrides"] = json!({"2026-10-03": [["09:00", "18:00"]]});
    let midnight: Timestamp = "2026-10-01T00:00:00+08:00".parse().unwrap();
    let shop = Shop::at(midnight, &[shop::agent("ana", &["zh"], 5)], &policies).await;
    let received = shop.say("k", "请问这个水壶怎么用？").await.unwrap();
    shop.memory.settle().await;
    let order = shop.order_of(&received.id).await;
    assert!(order.agent.is_some());
    let due = order.clocks.live_clock(&Metric::FirstResponse).unwrap().due_at.unwrap();
    assert_eq!(due, "2026-10-03T13:00:00+08:00".parse::<Timestamp>().unwrap(), "four hours of the make-up Saturday");
}

#[tokio::test]
async fn a_callers_key_and_a_channels_own_id_both_stand_for_one_message() {
    use redress_service::fault::Conflict;
    let message = |text: &str| -> Feedback {
        let said = json!({
            "channel": "wechat", "message": text, "customer": {"ref": "c-1"}, "source_message_id": "wx-1"
        });
        serde_json::from_value(said).unwrap()
    };
    // Whichever of the two keys came first, the other finds the same feedback, and neither can
    // stand for another message later.
    for first_key in [Some("k-1"), None] {
        let shop = Shop::open().await;
        let first = shop.bring(first_key, message("包裹丢了")).await.unwrap();
        for key in [Some("k-1"), None, Some("k-2"), Some("k-2")] {
            let again = shop.bring(key, message("包裹丢了")).await.unwrap();
            assert_eq!((&again.id, again.received_at, again.replayed), (&first.id, first.received_at, true), "{key:?}");
        }
        for (key, why) in [
            (Some("k-1"), Conflict::KeyReused),
            (Some("k-2"), Conflict::KeyReused),
            (Some("k-3"), Conflict::SourceReused),
            (None, Conflict::SourceReused),
        ] {
            assert_eq!(shop.bring(key, message("another thing")).await, Err(Fault::Conflict(why)), "{key:?}");
        }
        shop.memory.settle().await;
        assert_eq!(shop.memory.store().snapshot().iter().filter(|r| r.key.sort == "order").count(), 1);
    }
}
