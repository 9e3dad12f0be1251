//! What is told again is what was told the first time, or should have been: nobody hears of what was
//! over before it was theirs. Found by `redress simulate`.

use super::world::Shop;
use crate::shop;
use redress_domain::bilingual::Bilingual;
use redress_domain::delivery::Recipient;
use redress_domain::id::{AgentId, WorkOrderId};
use redress_domain::order::Status;
use redress_service::auth::Role;
use redress_service::give::Receiver;
use redress_service::incidents::{self, Wanted};
use redress_service::memory::Crash;
use redress_service::reply::Keyed;
use serde_json::{Value, json};

async fn open(agents: &[&str], capacity: u32) -> Shop {
    let agents: Vec<_> = agents.iter().map(|name| shop::agent(name, &["zh", "en"], capacity)).collect();
    Shop::of(&agents, &shop::policies()).await
}

async fn said(shop: &Shop, key: &str, more: Value) -> WorkOrderId {
    let mut said = json!({
        "channel": "email", "message": "快递还没到 my parcel is late",
        "customer": {"ref": "c-1", "email": "c1@example.com"}, "order": {"courier": "顺丰"}
    });
    said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let received = shop.hand_over(key, serde_json::from_value(said).unwrap()).await.unwrap();
    shop.memory.settle().await;
    shop.order_of(&received.id).await.id
}

/// Who is told by a template.
fn told(shop: &Shop, template: &str) -> Vec<String> {
    let notices = shop.memory.notices().into_iter().filter(|notice| notice.template == template);
    notices.map(|notice| notice.to.to_string()).collect()
}

#[tokio::test]
async fn who_gets_an_order_later_is_not_told_that_it_was_merged_before() {
    let shop = open(&["ana"], 1).await;
    let held = said(&shop, "held", json!({})).await;
    let goes_on = said(&shop, "goes on", json!({})).await;
    let duplicate = said(&shop, "duplicate", json!({})).await;
    shop.merge("m", &duplicate, &goes_on).await.unwrap();
    shop.move_to("r", &held, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert!(shop.order(&goes_on).await.agent.is_some());
    assert!(shop.merge("m", &duplicate, &goes_on).await.unwrap().replayed);
    assert_eq!(told(&shop, "order_merged"), Vec::<String>::new(), "nobody had it when it was merged");
}

#[tokio::test]
async fn who_had_an_order_is_told_that_it_was_merged_though_somebody_else_has_it_by_now() {
    let shop = open(&["ana", "bo"], 9).await;
    let goes_on = said(&shop, "goes on", json!({})).await;
    let duplicate = said(&shop, "duplicate", json!({})).await;
    let had_it = shop.order(&goes_on).await.agent.unwrap();
    let other = AgentId::parse(if had_it.as_str() == "ag_ana" { "ag_bo" } else { "ag_ana" }).unwrap();
    // It dies after its commit, and before it tells anybody; then somebody else gets it.
    for call in 1.. {
        shop.memory.faults().arm(call, Crash::After);
        let answer = shop.merge("m", &duplicate, &goes_on).await;
        shop.memory.faults().disarm();
        if shop.order(&duplicate).await.merged_into.is_some() {
            answer.unwrap_err();
            break;
        }
    }
    assert_eq!(told(&shop, "order_merged"), Vec::<String>::new());
    shop.give("g", &goes_on, Receiver::Agent(other)).await.unwrap();
    shop.merge("m", &duplicate, &goes_on).await.unwrap();
    let notices = shop.memory.notices().into_iter().filter(|notice| notice.work_order.as_ref() == Some(&goes_on));
    let told: Vec<_> = notices.filter(|notice| notice.template == "order_merged").map(|notice| notice.to).collect();
    assert_eq!(told, [Recipient::Agent(had_it)]);
}

#[tokio::test]
async fn an_order_that_was_done_when_an_incident_was_declared_warns_nobody_by_chance_when_it_comes_back() {
    let shop = open(&["ana", "bo"], 9).await;
    let order = said(&shop, "first", json!({})).await;
    let first = shop.order(&order).await.feedback_ids.remove(0);
    shop.move_to("r", &order, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let words = |text: &str| Bilingual { zh: text.to_owned(), en: text.to_owned() };
    let affects = serde_json::from_value(json!({"courier": ["顺丰"]})).unwrap();
    let wanted = Wanted { title: words("暴雨 a storm"), text: words("晚两天 two days late"), affects };
    let (world, caller) = (shop.memory.world(), shop::caller(Role::Supervisor));
    let keyed = Keyed::without("POST /v1/incidents");
    incidents::declare(&world, &caller, &wanted, &keyed, shop.memory.moment()).await.unwrap();
    shop.memory.settle().await;
    shop.wait(3_600);
    // The same once more tells all of the order again.
    for _ in 0..2 {
        let more = json!({"thread": first, "message": "又坏了，太差了 It broke again, this is terrible"});
        assert_eq!(said(&shop, "again", more).await, order);
    }
    assert_eq!(shop.order(&order).await.reopen_count, 1);
    assert_eq!(told(&shop, "incident"), Vec::<String>::new());
    said(&shop, "new", json!({})).await;
    assert_eq!(told(&shop, "incident"), ["customer:c-1"], "whose orders come while it is are warned");
}
