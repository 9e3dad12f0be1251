//! The right person: nobody above capacity, nobody lost, nobody overtaken, whatever happens at once.

use super::at_once::{Running, Yielding, interleave};
use super::world::{MONDAY, Shop};
use crate::shop;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use redress_domain::fact::What;
use redress_domain::feedback::Feedback;
use redress_domain::id::{AgentId, TeamId, WorkOrderId};
use redress_domain::order::{Status, WorkOrder};
use redress_domain::policy::Policies;
use redress_domain::routing::{Agent, Presence, Team};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use redress_service::people;
use redress_service::ports::World;
use redress_service::{handle, publish};
use serde_json::{Value, json};
use std::sync::Arc;

const LATE: &str = "快递三天没到了，物流太慢 my parcel is late";

/// One person's parcel is late.
async fn late(shop: &Shop, customer: &str) -> WorkOrderId {
    let said = json!({"channel": "web", "message": LATE, "customer": {"ref": customer}});
    let said: Feedback = serde_json::from_value(said).unwrap();
    let received = shop.hand_over(&format!("{customer}-{}", shop.memory.moment().now), said).await.unwrap();
    shop.memory.settle().await;
    shop.wait(1);
    WorkOrderId::of(&shop::tenant(), &received.id)
}

async fn holder(shop: &Shop, id: &WorkOrderId) -> Option<String> {
    shop.order(id).await.agent.map(|agent| agent.to_string())
}

async fn set(shop: &Shop, agent: &str, status: Presence) {
    let (id, caller) = (AgentId::parse(agent).unwrap(), shop::caller(Role::Supervisor));
    let (world, moment) = (shop.memory.world(), shop.memory.moment());
    people::set_status(&world, &caller, &id, status, None, moment).await.unwrap();
    shop.memory.settle().await;
}

#[tokio::test]
async fn three_orders_wait_in_order_and_one_resolve_drains_the_first() {
    let shop = Shop::of(&[shop::agent("ana", &["zh"], 1)], &shop::policies()).await;
    let first = late(&shop, "c-0").await;
    let mut waiting = Vec::new();
    for customer in ["c-1", "c-2", "c-3"] {
        waiting.push(late(&shop, customer).await);
    }
    for id in &waiting {
        assert_eq!(holder(&shop, id).await, None);
    }
    shop.move_to("done", &first, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let holders =
        [holder(&shop, &waiting[0]).await, holder(&shop, &waiting[1]).await, holder(&shop, &waiting[2]).await];
    assert_eq!(holders, [Some("ag_ana".to_owned()), None, None]);
}

#[tokio::test]
async fn a_customer_who_comes_back_gets_who_put_it_right_before_if_they_are_there() {
    let agents = ["ana", "bo", "chen"].map(|name| shop::agent(name, &["zh"], 10));
    let shop = Shop::of(&agents, &shop::policies()).await;
    let before = late(&shop, "c-1").await;
    let known = holder(&shop, &before).await.unwrap();
    late(&shop, "c-2").await;
    shop.move_to("done", &before, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    late(&shop, "c-3").await;
    late(&shop, "c-4").await;
    let again = late(&shop, "c-1").await;
    assert_eq!(holder(&shop, &again).await.as_ref(), Some(&known), "who knows the customer");
    shop.move_to("done again", &again, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    set(&shop, &known, Presence::Away).await;
    let third = late(&shop, "c-1").await;
    let other = holder(&shop, &third).await;
    assert!(other.is_some() && other.as_ref() != Some(&known), "nobody waits for who is away");
}

#[tokio::test]
async fn another_team_helps_out_and_gives_back_what_comes_again() {
    let helper = Agent { teams: vec![TeamId::parse("tm_help").unwrap()], ..shop::agent("help", &["zh"], 5) };
    let shop = Shop::of(&[shop::agent("ana", &["zh"], 1), helper], &shop::policies()).await;
    let team = |value| serde_json::from_value::<Team>(value).unwrap();
    let help = team(json!({"id": "tm_help", "name": "help", "categories": [], "fallback": false}));
    publish::seed(&shop.memory.world(), vec![publish::team(&shop::tenant(), &help)]).await.unwrap();
    let (one, two) = (late(&shop, "c-1").await, late(&shop, "c-2").await);
    assert_eq!((holder(&shop, &one).await.as_deref(), holder(&shop, &two).await), (Some("ag_ana"), None));
    let care = team(
        json!({"id": "tm_care", "name": "客服 Care", "categories": [], "fallback": true, "overflow": ["tm_help"]}),
    );
    let keyed = redress_service::reply::Keyed { scope: "PUT".to_owned(), key: None, fingerprint: String::new() };
    let asked = people::Staffing::ReplaceTeam(care);
    let (world, admin) = (shop.memory.world(), shop::caller(Role::Admin));
    people::staff(&world, &admin, &asked, None, &keyed, shop.memory.moment()).await.unwrap();
    shop.memory.settle().await;
    let helped = shop.order(&two).await;
    assert_eq!(helped.agent.as_ref().map(AgentId::as_str), Some("ag_help"), "as soon as somebody may help");
    assert_eq!((helped.team.unwrap().as_str(), helped.routing.unwrap().home.unwrap().as_str()), ("tm_help", "tm_care"));
}

#[tokio::test]
async fn who_has_had_the_days_work_gets_the_next_order_tomorrow_and_who_is_asleep_when_the_shift_begins() {
    let mut policies: Policies = shop::policies();
    policies.calendars.push(
        serde_json::from_value(json!({"id": "late", "version": 1, "calendar": {
            "time_zone": "Asia/Shanghai", "hours": {"mon": [["14:00", "22:00"]]}, "holidays": []}}))
        .unwrap(),
    );
    let capped = Agent { daily_cap: Some(1), ..shop::agent("ana", &["zh"], 10) };
    let asleep = Agent { shift: Some("late".to_owned()), ..shop::agent("bo", &["zh"], 1) };
    let shop = Shop::of(&[capped, asleep], &policies).await;
    let (one, two, three) = (late(&shop, "c-1").await, late(&shop, "c-2").await, late(&shop, "c-3").await);
    assert_eq!(holder(&shop, &one).await.as_deref(), Some("ag_ana"));
    assert_eq!((holder(&shop, &two).await, holder(&shop, &three).await), (None, None));
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let waits = shop.order(&two).await.routing.unwrap();
    assert_eq!(waits.look_again_at, Some(at("2026-11-23T14:00:00+08:00")));
    shop.memory.live(at("2026-11-23T14:00:01+08:00").duration_since(shop.memory.moment().now)).await.unwrap();
    assert_eq!((holder(&shop, &two).await.as_deref(), holder(&shop, &three).await), (Some("ag_bo"), None));
    shop.memory.live(at("2026-11-24T00:05:01+08:00").duration_since(shop.memory.moment().now)).await.unwrap();
    assert_eq!(holder(&shop, &three).await.as_deref(), Some("ag_ana"), "a new day");
}

/// Something that happens at once with others.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// A customer writes.
    Says,
    /// The so-manieth order that is with somebody is resolved.
    Resolves(usize),
    /// The so-manieth agent comes or goes.
    Shows(usize, Presence),
}

fn deed() -> impl Strategy<Value = Deed> {
    let presence = prop_oneof![Just(Presence::Online), Just(Presence::Online), Just(Presence::Away)];
    prop_oneof![
        4 => Just(Deed::Says),
        3 => (0_usize..8).prop_map(Deed::Resolves),
        2 => (0_usize..3, presence).prop_map(|(agent, presence)| Deed::Shows(agent, presence)),
    ]
}

const NAMES: [&str; 3] = ["ana", "bo", "chen"];

async fn does(shop: &Shop, world: &World, deed: Deed, number: usize, orders: &[WorkOrder]) {
    match deed {
        Deed::Says => {
            let said = json!({"channel": "web", "message": LATE, "customer": {"ref": format!("c-{number}")}});
            let said: Feedback = serde_json::from_value(said).unwrap();
            let _died = shop.hand_over(&format!("k-{number}"), said).await;
        }
        Deed::Resolves(which) => {
            let held: Vec<_> = orders.iter().filter(|order| order.burdens().is_some()).collect();
            if let Some(order) = held.get(which % held.len().max(1)) {
                let _refused = shop.move_to(&format!("m-{number}"), &order.id, Status::Resolved).await;
            }
        }
        Deed::Shows(agent, presence) => {
            let (id, caller) =
                (AgentId::parse(&format!("ag_{}", NAMES[agent])).unwrap(), shop::caller(Role::Supervisor));
            let _died = people::set_status(world, &caller, &id, presence, None, shop.memory.moment()).await;
        }
    }
}

fn orders(shop: &Shop) -> Vec<WorkOrder> {
    let records = shop.memory.store().snapshot().into_iter().filter(|record| record.key.sort == "order");
    records.map(|record| serde_json::from_value(Value::clone(&record.body)).unwrap()).collect()
}

/// Load is the sum of what is open, and nobody is above capacity.
fn check_loads(shop: &Shop, capacity: u32) {
    let orders = orders(shop);
    for name in NAMES {
        let id = AgentId::parse(&format!("ag_{name}")).unwrap();
        let has: u32 = orders.iter().filter(|order| order.burdens() == Some(&id)).map(WorkOrder::burden).sum();
        let loads = shop.loads();
        let counted = loads.iter().find(|(key, _)| key.ends_with(id.as_str())).map_or(0, |(_, points)| *points);
        assert_eq!(u64::from(has), counted, "{name}");
        assert!(has <= capacity, "{name} carries {has} of {capacity}");
    }
}

/// Who was waiting when a newer order of the same band came to somebody: nobody.
fn check_order(shop: &Shop) {
    let orders = orders(shop);
    let at = |order: &WorkOrder, queued: bool| {
        order.facts.iter().find_map(|fact| match (&fact.what, queued) {
            (What::Queued { .. }, true) | (What::Assigned { .. }, false) => Some(fact.recorded_at),
            _ => None,
        })
    };
    for old in &orders {
        let Some(queued) = at(old, true) else { continue };
        let served = at(old, false).unwrap_or(Timestamp::MAX);
        let newer = |order: &&WorkOrder| order.priority == old.priority && order.created_at > old.created_at;
        for new in orders.iter().filter(newer) {
            let overtook = at(new, false).is_some_and(|assigned| queued < assigned && assigned < served);
            assert!(!overtook, "{} was overtaken by {}", old.id, new.id);
        }
    }
}

/// Everything that waits in queues, delivered at once with what `deeds` say; what died is delivered
/// again in a later round.
async fn round(shop: &Shop, deeds: &[Deed], first: usize, seed: u64) {
    let world = World { store: Arc::new(Yielding(shop.memory.world().store)), ..shop.memory.fresh() };
    let (known, events, moment) = (orders(shop), shop.memory.take_all(), shop.memory.moment());
    let mut running: Vec<Running<'_>> = Vec::new();
    for (at, deed) in deeds.iter().enumerate() {
        running.push(Box::pin(does(shop, &world, *deed, first + at, &known)));
    }
    for (at, event) in events.iter().enumerate() {
        let world = &world;
        running.push(Box::pin(async move {
            if handle(world, event, moment.part(at)).await.is_err() {
                world.queue.send(event).await.unwrap_or_default();
            }
        }));
    }
    interleave(running, seed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn at_once_and_dying_nobody_is_overloaded_lost_or_overtaken(
        rounds in prop::collection::vec((prop::collection::vec(deed(), 1..6), any::<u64>(), prop::option::of((1_u64..40, any::<bool>()))), 3..12),
        capacity in 1_u32..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let agents = NAMES.map(|name| shop::agent(name, &["zh", "en"], capacity));
            let shop = Shop::at(MONDAY.parse().unwrap(), &agents, &shop::policies()).await;
            let mut number = 0;
            for (deeds, seed, crash) in &rounds {
                if let Some((call, after)) = crash {
                    shop.memory.faults().arm(*call, if *after { Crash::After } else { Crash::Before });
                }
                round(&shop, deeds, number, *seed).await;
                shop.memory.faults().disarm();
                number += deeds.len();
                shop.wait(1);
                // The same deeds again, as clients do that had no answer: nothing happens twice.
                round(&shop, &[], number, *seed).await;
                check_loads(&shop, capacity);
                shop.wait(1);
            }
            // When faults stop, whoever was received has an order, and waits only while nobody is free.
            shop.memory.live(SignedDuration::from_mins(7)).await.unwrap();
            check_loads(&shop, capacity);
            check_order(&shop);
            let received = shop.memory.store().snapshot().into_iter().filter(|record| record.key.partition.contains("#feedback#"));
            assert_eq!(received.count(), orders(&shop).len(), "everybody who was received has an order");
            for name in NAMES {
                set(&shop, &format!("ag_{name}"), Presence::Online).await;
            }
            let (free, waiting) = (
                u64::from(capacity) * 3 - shop.loads().iter().map(|(_, points)| points).sum::<u64>(),
                orders(&shop).iter().filter(|order| order.is_waiting()).count(),
            );
            assert!(waiting == 0 || free == 0, "{waiting} wait though {free} points are free");
        });
    }
}
