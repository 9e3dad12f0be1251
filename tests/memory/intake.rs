//! Intake: from any channel, at any hour.

use super::world::Shop;
use crate::shop;
use jiff::Timestamp;
use redress_domain::feedback::Channel;
use redress_domain::sla::Metric;
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
        for clock in shape["clocks"].as_array_mut().unwrap() {
            *clock = json!({"metric": clock["metric"], "cycle": clock["cycle"]});
        }
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
    let due = order.live_clock(Metric::FirstResponse).unwrap().due_at.unwrap();
    assert_eq!(due, "2026-10-03T13:00:00+08:00".parse::<Timestamp>().unwrap(), "four hours of the make-up Saturday");
}
