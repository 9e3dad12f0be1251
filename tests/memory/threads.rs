//! Conversations: more of the same goes on with the order that lives, whatever became of the one before.

use super::world::Shop;
use crate::shop;
use futures::future::join_all;
use jiff::SignedDuration;
use redress_domain::feedback::Feedback;
use redress_domain::id::{FeedbackId, WorkOrderId};
use redress_domain::order::Status;
use redress_service::{Fault, classify, receive};
use serde_json::json;

fn more(channel: &str, reference: &str, message: &str, thread: &FeedbackId) -> Feedback {
    let said = json!({"channel": channel, "message": message, "customer": {"ref": reference}, "thread": thread});
    serde_json::from_value(said).unwrap()
}

async fn settled(shop: &Shop, key: &str, feedback: Feedback) -> FeedbackId {
    let received = shop.hand_over(key, feedback).await.unwrap();
    shop.memory.settle().await;
    received.id
}

async fn first(shop: &Shop) -> FeedbackId {
    let received = shop.say("first", "快递还没到 my parcel is late").await.unwrap();
    shop.memory.settle().await;
    received.id
}

/// The order of a feedback, put out of reach of the customer's word.
async fn end(shop: &Shop, feedback: &FeedbackId, how: Status) -> WorkOrderId {
    let id = shop.order_of(feedback).await.id;
    let to = if how == Status::Cancelled { Status::Cancelled } else { Status::Resolved };
    shop.move_to(&format!("end {id}"), &id, to).await.unwrap();
    shop.memory.settle().await;
    match how {
        Status::Closed => shop.memory.live(SignedDuration::from_hours(24 * 30)).await.unwrap(),
        Status::Resolved => shop.wait(shop::policies().reopen.window_seconds + 1),
        _ => {}
    }
    assert_eq!(shop.order(&id).await.status, how);
    id
}

#[tokio::test]
async fn a_thread_of_a_thread_goes_on_with_the_one_order() {
    let shop = Shop::open().await;
    let mut last = first(&shop).await;
    let order = shop.order_of(&last).await.id;
    for (number, channel) in ["phone", "email", "wechat", "weibo"].into_iter().enumerate() {
        last = settled(&shop, channel, more(channel, "c-1", "还没到 still nothing", &last)).await;
        let now = shop.order_of(&last).await;
        assert_eq!((&now.id, now.feedback_ids.len()), (&order, number + 2));
    }
    assert_eq!(shop.orders(), 1);
}

#[tokio::test]
async fn after_an_order_that_has_ended_for_good_comes_one_that_follows_it_and_only_one() {
    for how in [Status::Closed, Status::Resolved, Status::Cancelled] {
        let shop = Shop::open().await;
        let start = first(&shop).await;
        let ended = end(&shop, &start, how).await;
        let second = settled(&shop, "second", more("web", "c-1", "又丢了 lost again", &start)).await;
        let order = shop.order_of(&second).await;
        assert_eq!((order.follows.as_ref(), order.status), (Some(&ended), Status::Assigned), "{how:?}");
        assert_eq!(shop.order(&ended).await.status, how, "what has ended stays so");
        // Whichever feedback of the conversation is named, by whichever channel.
        for (key, thread) in [("third", &start), ("fourth", &second)] {
            let next = settled(&shop, key, more("phone", "c-1", "怎么还没人管？ nobody cares", thread)).await;
            assert_eq!(shop.order_of(&next).await.id, order.id, "{how:?} {key}");
        }
        assert_eq!(shop.orders(), 2);
    }
}

#[tokio::test]
async fn a_conversation_that_ends_twice_goes_on_twice() {
    let shop = Shop::open().await;
    let start = first(&shop).await;
    let mut ended = Vec::new();
    let mut last = start.clone();
    for round in 0..3 {
        ended.push(end(&shop, &last, Status::Closed).await);
        last = settled(&shop, &format!("round {round}"), more("web", "c-1", "又坏了 broken again", &start)).await;
        assert_eq!(shop.order_of(&last).await.follows.as_ref(), ended.last());
    }
    assert_eq!(shop.orders(), 4);
}

#[tokio::test]
async fn two_that_write_again_at_once_share_one_new_order() {
    let shop = Shop::open().await;
    let start = first(&shop).await;
    end(&shop, &start, Status::Closed).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let feedback = more("web", "c-1", "又丢了 lost again", &start);
        ids.push(shop.hand_over(&number.to_string(), feedback).await.unwrap().id);
    }
    // All are understood before any has its order; then their events are handled side by side.
    let world = shop.memory.world();
    for event in shop.memory.waiting() {
        classify::handle(&world, &event, shop.memory.moment()).await.unwrap();
    }
    let events = shop.memory.waiting();
    join_all(events.iter().map(|event| redress_service::handle(&world, event, shop.memory.moment()))).await;
    shop.memory.settle().await;
    let mut orders = Vec::new();
    for id in &ids {
        orders.push(shop.order_of(id).await.id);
    }
    orders.dedup();
    assert_eq!((orders.len(), shop.orders()), (1, 2));
    assert_eq!(shop.order(&orders[0]).await.feedback_ids.len(), 6);
}

#[tokio::test]
async fn a_thread_whose_first_feedback_has_no_order_yet_waits_and_is_not_lost() {
    let shop = Shop::open().await;
    let start = shop.say("first", "快递还没到").await.unwrap().id;
    // The first one's events are lost, the second one's are not.
    shop.memory.lose_events();
    let second = settled(&shop, "second", more("web", "c-1", "还有，盒子也破了", &start)).await;
    let waiting = receive::find(&shop.memory.world(), &shop::tenant(), &second).await.unwrap().unwrap().value;
    assert!(waiting.classification.is_some() && waiting.work_order.is_none());
    assert_eq!((shop.orders(), shop.memory.dead()), (0, vec![]), "to wait is no failure");
    shop.memory.live(SignedDuration::from_mins(3)).await.unwrap();
    let order = shop.order_of(&start).await;
    assert_eq!((shop.order_of(&second).await.id, order.feedback_ids.len(), shop.orders()), (order.id, 2, 1));
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn one_that_overtook_the_first_is_looked_at_again_within_seconds() {
    let shop = Shop::open().await;
    let start = shop.say("first", "快递还没到").await.unwrap().id;
    let held = shop.memory.waiting();
    shop.memory.lose_events();
    let second = settled(&shop, "second", more("web", "c-1", "还有，盒子也破了", &start)).await;
    let world = shop.memory.world();
    for event in held {
        redress_service::handle(&world, &event, shop.memory.moment()).await.unwrap();
    }
    shop.memory.settle().await;
    shop.wait(5);
    shop.memory.settle().await;
    assert_eq!(shop.order_of(&second).await.id, shop.order_of(&start).await.id);
}

#[tokio::test]
async fn waiting_sends_no_more_and_more_hints() {
    let shop = Shop::open().await;
    let start = shop.say("first", "快递还没到").await.unwrap().id;
    shop.memory.lose_events();
    settled(&shop, "second", more("web", "c-1", "还有，盒子也破了", &start)).await;
    for _ in 0..30 {
        shop.wait(5);
        shop.memory.settle().await;
        assert!(shop.memory.delayed().len() <= 1, "{:?}", shop.memory.delayed());
    }
    assert_eq!(shop.memory.delayed(), [], "after a minute the due mark alone remembers");
}

#[tokio::test]
async fn another_reference_and_even_another_person_may_go_on_with_an_order() {
    let shop = Shop::open().await;
    let start = first(&shop).await;
    let order = shop.order_of(&start).await.id;
    let other = settled(&shop, "other", more("phone", "her-mother", "我替她问一下", &start)).await;
    let now = shop.order_of(&other).await;
    assert_eq!((&now.id, now.customer.reference.as_str()), (&order, "c-1"), "whose order it is, stays");
    let added = now.facts.iter().find(|fact| fact.what.word() == "feedback_added").unwrap();
    assert_eq!(added.actor.id, "her-mother");
    assert_eq!(shop.said_by("c-1").await.len(), 1, "to speak of the same is not to be the same");
    assert_eq!(shop.said_by("her-mother").await.len(), 1);
}

#[tokio::test]
async fn a_thread_that_nobody_knows_is_refused() {
    let shop = Shop::open().await;
    let unknown = FeedbackId::derive(&["nobody"]);
    let refused = shop.hand_over("k", more("web", "c-1", "你好", &unknown)).await;
    assert!(matches!(refused, Err(Fault::Invalid(flaws)) if flaws[0].pointer == "/thread"));
}
