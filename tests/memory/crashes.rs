//! A crash at every port call of every use case, before and after its effect: running it again
//! loses nothing and does nothing twice.

use super::world::Shop;
use jiff::SignedDuration;
use redress_domain::id::WorkOrderId;
use redress_domain::order::Status;
use redress_service::memory::Crash;
use redress_service::{Fault, sweep};

/// Tries until the world answers, as clients and queues do.
async fn until_answered<T>(mut call: impl AsyncFnMut() -> Result<T, Fault>) -> T {
    for _ in 0..3 {
        match call().await {
            Err(Fault::Unavailable(_)) => {}
            answer => return answer.unwrap(),
        }
    }
    call().await.unwrap()
}

/// What a sweep could not deal with stays due, and the next one deals with it.
async fn sweep(shop: &Shop) {
    let look = async || sweep::run(&shop.memory.world(), shop.memory.moment()).await;
    while until_answered(look).await.failed > 0 {}
    shop.memory.settle().await;
}

/// A life with every use case in it: received, assigned, warned, answered, resolved, asked, rated
/// badly, reopened, resolved, rated well.
async fn live(shop: &Shop) -> WorkOrderId {
    let received = until_answered(async || shop.say("k", "快递还没到 my parcel is late").await).await;
    shop.memory.settle().await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    shop.wait(7000);
    sweep(shop).await;
    shop.wait(30_000);
    sweep(shop).await;
    until_answered(async || shop.reply("r", &id).await).await;
    until_answered(async || shop.move_to("m", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let token = token(shop).expect("a survey was made");
    until_answered(async || shop.answer_at(&token, 1, false).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    until_answered(async || shop.move_to("m2", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    shop.memory.live(SignedDuration::from_hours(1)).await.unwrap();
    id
}

/// Where the customer answers, read from the documents so that reading counts as no port call.
fn token(shop: &Shop) -> Option<String> {
    let surveys = shop.memory.store().snapshot().into_iter().filter(|r| r.key.partition.contains("#survey#"));
    surveys.filter_map(|record| record.body["token"].as_str().map(str::to_owned)).next()
}

/// What must be the same whatever died on the way.
async fn essence(shop: &Shop, id: &WorkOrderId) -> (Vec<String>, Vec<(String, u64)>, Vec<String>, String) {
    let order = shop.order(id).await;
    let orders = shop.memory.store().snapshot().iter().filter(|r| r.key.sort == "order").count();
    let outcome = format!("{:?} {:?} {orders} {}", order.status, order.agent, order.reopen_count);
    let notices = shop.memory.notices().into_iter().map(|notice| notice.id).collect();
    (shop.story(id).await, shop.loads(), notices, outcome)
}

#[tokio::test]
async fn dying_at_any_port_call_loses_nothing_and_does_nothing_twice() {
    let calm = Shop::open().await;
    let id = live(&calm).await;
    let expected = essence(&calm, &id).await;
    assert!(expected.0.contains(&"escalated".to_owned()) && expected.0.contains(&"reopened".to_owned()));

    let mut crashes = 0;
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = Shop::open().await;
            shop.memory.faults().arm(call, crash);
            let id = live(&shop).await;
            if !shop.memory.faults().disarm() {
                break;
            }
            crashes += 1;
            assert_eq!(essence(&shop, &id).await, expected, "dying at call {call}, {crash:?} its effect");
            assert_eq!(shop.memory.dead(), []);
        }
    }
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}
