//! What people do with orders, in any order: agents carry what they have, and no more than they can.

use super::world::Shop;
use crate::shop;
use redress_domain::id::{AgentId, TeamId, WorkOrderId};
use redress_domain::order::{Status, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::priority::Priority;
use redress_service::fault::Conflict;
use redress_service::give::Receiver;
use redress_service::{Fault, publish};
use serde_json::Value;
use std::collections::BTreeMap;

/// Numbers that look random and are the same in every run.
fn noise(seed: u64) -> impl Iterator<Item = usize> {
    let step =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(seed), step).map(|state| usize::try_from(state >> 33).unwrap())
}

const AGENTS: [(&str, u32); 3] = [("ana", 1), ("bo", 2), ("chen", 3)];

/// Every order there is.
fn orders(shop: &Shop) -> Vec<WorkOrder> {
    let records = shop.memory.store().snapshot().into_iter().filter(|record| record.key.sort == "order");
    records.map(|record| serde_json::from_value(Value::clone(&record.body)).unwrap()).collect()
}

fn check(shop: &Shop) {
    let orders = orders(shop);
    let loads: BTreeMap<_, _> = shop.loads().into_iter().collect();
    for (name, capacity) in AGENTS {
        let agent = AgentId::parse(&format!("ag_{name}")).unwrap();
        let has = orders.iter().filter(|order| order.burdens() == Some(&agent)).count() as u64;
        let carries = loads.iter().find(|(key, _)| key.ends_with(agent.as_str())).map_or(0, |(_, points)| *points);
        assert_eq!(carries, has, "{agent} carries what they have");
        assert!(carries <= u64::from(capacity), "{agent} carries {carries} of {capacity}");
    }
    for order in &orders {
        assert!(order.status != Status::Resolved || order.owed_parts() == 0, "resolved before its parts");
        for child in &order.children {
            let part = orders.iter().find(|part| part.id == child.id).unwrap();
            assert_eq!(child.mandatory && !part.status.is_active(), child.done, "a parent knows how its parts are");
        }
        if let Some(into) = &order.merged_into {
            let into = orders.iter().find(|other| other.id == *into).unwrap();
            assert!(order.feedback_ids.iter().all(|id| into.feedback_ids.contains(id)), "what was said is not lost");
        }
    }
}

/// One deed, drawn by lot. What is refused is refused.
async fn deed(shop: &Shop, round: usize, lot: &mut impl Iterator<Item = usize>) -> Result<(), Fault> {
    let ids: Vec<WorkOrderId> = orders(shop).into_iter().map(|order| order.id).collect();
    let mut draw = |most: usize| lot.next().unwrap() % most;
    let (id, other) = (&ids[draw(ids.len())], &ids[draw(ids.len())]);
    let key = round.to_string();
    let moves = [
        Status::InProgress,
        Status::OnHold,
        Status::Resolved,
        Status::Resolved,
        Status::Reopened,
        Status::Closed,
        Status::Cancelled,
    ];
    match draw(10) {
        0..=3 => {
            let (name, _) = AGENTS[draw(AGENTS.len())];
            shop.give(&key, id, Receiver::Agent(AgentId::parse(&format!("ag_{name}")).unwrap())).await.map(drop)
        }
        4 => shop.give(&key, id, Receiver::Team(TeamId::parse("tm_care").unwrap())).await.map(drop),
        5 => shop.merge(&key, id, other).await.map(drop),
        6 => shop.split(&key, id, draw(2) == 0).await.map(drop),
        _ => shop.move_to(&key, id, moves[draw(moves.len())]).await.map(drop),
    }
}

#[tokio::test]
async fn whatever_people_do_agents_carry_what_they_have_and_never_more_than_they_can() {
    let mut full = 0;
    for seed in 0..6 {
        let agents = AGENTS.map(|(name, capacity)| shop::agent(name, &["zh", "en"], capacity));
        let shop = Shop::of(&agents, &shop::policies()).await;
        for key in ["a", "b", "c", "d", "e"] {
            shop.say(key, "快递还没到 my parcel is late").await.unwrap();
        }
        shop.memory.settle().await;
        let mut lot = noise(seed);
        for round in 0..60 {
            shop.wait(1);
            match deed(&shop, round, &mut lot).await {
                Err(Fault::Conflict(Conflict::AtCapacity)) => full += 1,
                Err(Fault::Unavailable(why)) => panic!("{why}"),
                _ => {}
            }
            check(&shop);
            shop.memory.settle().await;
            check(&shop);
        }
        assert_eq!(shop.memory.dead(), []);
        let terms = Terms::compile(shop::policies()).unwrap();
        for order in orders(&shop).into_iter().filter(|order| order.facts.len() == order.fact_count as usize) {
            let again = WorkOrder::replay(&order.id, order.facts.clone(), &terms).unwrap().unwrap();
            assert_eq!(again, order, "an order is the fold of its facts");
        }
    }
    assert!(full > 5, "capacity stood in the way only {full} times: this shows nothing");
}

#[tokio::test]
async fn an_order_that_a_supervisor_has_is_given_to_a_team_and_waits_there() {
    let shop = Shop::of(&[shop::agent("ana", &["zh"], 1)], &shop::policies()).await;
    let received = shop.say("k", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    for round in 0..3 {
        shop.move_to(&format!("m{round}"), &id, Status::Resolved).await.unwrap_or_else(|_| panic!("round {round}"));
        shop.memory.settle().await;
        shop.answer(&id, 1, false).await.unwrap();
        shop.memory.settle().await;
        let order = shop.order(&id).await;
        // The one agent has disappointed the customer: from then on only a hand can give it to her.
        if round < 2 {
            assert!(order.is_waiting());
            let ana = AgentId::parse("ag_ana").unwrap();
            shop.give(&format!("g{round}"), &id, Receiver::Agent(ana)).await.unwrap();
        }
    }
    let order = shop.order(&id).await;
    assert!(order.supervised && !order.is_waiting());
    shop.give("team", &id, Receiver::Team(TeamId::parse("tm_care").unwrap())).await.unwrap();
    let order = shop.order(&id).await;
    assert!(order.is_waiting(), "nobody can take it, and it is in the queue");
    shop.memory.live(jiff::SignedDuration::from_mins(11)).await.unwrap();
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn who_writes_again_on_a_duplicate_goes_on_where_it_went_on_and_then_after_that() {
    let shop = Shop::open().await;
    let first = shop.say("a", "快递还没到 my parcel is late").await.unwrap();
    let second = shop.say("b", "还是没到 still nothing").await.unwrap();
    shop.memory.settle().await;
    let (one, other) = (shop.order_of(&first.id).await.id, shop.order_of(&second.id).await.id);
    shop.merge("m", &one, &other).await.unwrap();
    let again = async |key: &str| {
        let said = serde_json::json!({
            "channel": "web", "message": "到底什么时候送 when?", "customer": {"ref": "c-1"}, "thread": first.id
        });
        shop.hand_over(key, serde_json::from_value(said).unwrap()).await.unwrap();
        shop.memory.settle().await;
    };
    again("k1").await;
    assert_eq!((shop.order(&other).await.messages, shop.order(&one).await.messages), (1, 0));
    shop.move_to("c", &other, Status::Cancelled).await.unwrap();
    again("k2").await;
    let next = shop.order(&WorkOrderId::following(&shop::tenant(), &other)).await;
    assert_eq!((next.follows, next.status), (Some(other), Status::Assigned));
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn an_order_that_another_team_leaves_with_its_agent_weighs_what_it_did() {
    let mut ana = shop::agent("ana", &["zh", "en"], 5);
    ana.teams.push(TeamId::parse("tm_help").unwrap());
    let shop = Shop::of(&[ana], &shop::policies()).await;
    let team = serde_json::from_value(serde_json::json!({"id": "tm_help", "name": "支援 Help", "categories": []}));
    let writes = vec![publish::team(&shop::tenant(), &team.unwrap())];
    publish::seed(&shop.memory.world(), writes).await.unwrap();
    let received = shop.say("k", "快递还没到 my parcel is late").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    shop.prioritise("p", &id, Priority::P1).await.unwrap();
    shop.give("g", &id, Receiver::Team(TeamId::parse("tm_help").unwrap())).await.unwrap();
    let order = shop.order(&id).await;
    assert_eq!((order.team.unwrap().as_str(), order.agent.unwrap().as_str()), ("tm_help", "ag_ana"));
    let carried = || shop.loads().iter().map(|(_, points)| *points).sum::<u64>();
    assert_eq!(carried(), order.routing.map_or(0, |routing| u64::from(routing.points)));
    shop.move_to("r", &id, Status::Resolved).await.unwrap();
    assert_eq!(carried(), 0);
}
