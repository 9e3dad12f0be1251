//! An hour in which nothing runs, and a thousand items due when it ends: whatever was due meanwhile is
//! done once or written off with its reason, however the day goes on.

use super::at_once::{Running, Yielding, interleave};
use super::world::Shop;
use crate::shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::fact::{Fact, Outcome, What};
use redress_domain::feedback::Feedback;
use redress_domain::id::WorkOrderId;
use redress_domain::order::{Status, WorkOrder, later};
use redress_domain::policy::Policies;
use redress_domain::priority::Priority;
use redress_domain::sla::Metric;
use redress_service::handle;
use redress_service::ports::World;
use redress_service::sweep::{self, Horizon};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Orders that are open when the hour begins; of these, four in five have something due when it ends.
const OPEN: usize = 1_360;

/// Feedbacks that were just received then, and are not yet understood.
const JUST_RECEIVED: usize = 24;

/// How long nothing runs.
const OUTAGE: SignedDuration = SignedDuration::from_hours(1);

/// From an instant until somebody looks: the sweep comes once a minute.
const LAG: SignedDuration = SignedDuration::from_mins(1);

/// What customers say: two languages, four priorities.
const SAID: [&str; 8] = [
    "充电宝半夜起火，孩子的手被烫伤",
    "The battery exploded and my son got burned",
    "插头冒烟了，再不处理我就打12315",
    "There is smoke coming out of it, you will hear from my lawyer",
    "水壶漏水，这是第三次联系你们了",
    "The kettle leaks, this is the third time I contact you",
    "包裹三天没有更新",
    "My parcel is late",
];

/// Seconds within which the first answer, and the end, are promised, by priority.
const PROMISED: [(Priority, i64, i64); 4] = [
    (Priority::P1, 600, 1_800),
    (Priority::P2, 1_200, 2_700),
    (Priority::P3, 1_800, 3_600),
    (Priority::P4, 2_400, 5_400),
];

/// How often the last level comes, and how many seconds after the time before.
const OVER: (u32, i64) = (5, 600);

/// Rungs that warn, and rungs that raise, reassign and come again.
fn policies() -> Policies {
    let mut policies = shop::policies();
    let target = |which: fn(&(Priority, i64, i64)) -> i64| {
        let mut target = json!({"calendar": "always"});
        PROMISED.iter().for_each(|promised| target[promised.0.as_str()] = which(promised).into());
        target
    };
    let policy = json!({
        "id": "short", "when": {"channel": ["web"]},
        "targets": {"first_response": target(|promised| promised.1), "resolution": target(|promised| promised.2)},
        "levels": [
            {"name": "warn", "anchor": {"percent": 80}, "audience": "agent"},
            {"name": "silent", "anchor": {"after": 60}, "audience": "team_lead", "metrics": ["first_response"]},
            {"name": "due", "anchor": "at", "audience": "team_lead", "metrics": ["resolution"],
             "actions": ["notify", "reassign"]},
            {"name": "up", "anchor": {"after": 60}, "audience": "supervisors", "metrics": ["resolution"],
             "actions": ["notify", "raise", "watch"]},
            {"name": "over", "anchor": {"after": 300}, "audience": "supervisors", "metrics": ["resolution"],
             "repeat": {"every_seconds": OVER.1, "max": OVER.0}},
        ]
    });
    policies.sla.insert(0, serde_json::from_value(policy).unwrap());
    policies
}

/// How far an order is when the hour begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody has answered.
    New,
    /// The customer was answered.
    Answered,
    /// The customer was asked something, and the clock stands still.
    Asked,
}

struct Case {
    id: WorkOrderId,
    began: Timestamp,
    stage: Stage,
}

/// The shop as the hour begins: orders of every priority and stage, and what has just come in.
async fn open(orders: usize) -> (Shop, Vec<Case>) {
    let agents = ["ana", "bo", "chen", "dee"].map(|name| shop::agent(name, &["zh", "en"], 2_000));
    let shop = Shop::of(&agents, &policies()).await;
    let mut cases = Vec::new();
    for number in 0..orders + JUST_RECEIVED {
        let text = SAID[number % SAID.len()];
        let said = json!({"channel": "web", "message": text, "customer": {"ref": format!("c-{number}")}});
        let said: Feedback = serde_json::from_value(said).unwrap();
        let received = shop.hand_over(&format!("k-{number}"), said).await.unwrap();
        let (id, began) = (WorkOrderId::of(&shop::tenant(), &received.id), shop.memory.moment().now);
        let stage = match number / SAID.len() % 10 {
            _ if number >= orders => Stage::New,
            0 => Stage::Asked,
            1..=4 => Stage::Answered,
            _ => Stage::New,
        };
        if number < orders {
            shop.memory.settle().await;
        }
        if stage != Stage::New {
            shop.reply(&format!("r-{number}"), &id).await.unwrap();
        }
        if stage == Stage::Asked {
            shop.move_to(&format!("p-{number}"), &id, Status::PendingCustomer).await.unwrap();
        }
        if number % 16 == 0 {
            shop.wait(1);
        }
        cases.push(Case { id, began, stage });
    }
    (shop, cases)
}

/// A rung that an order must have reached.
struct Rung {
    at: Timestamp,
    /// From when on it is noise: a warning once it is too late, a time of a level once the next has come.
    stale_at: Option<Timestamp>,
}

/// Of which clock, which level, which time.
type Name = (Metric, String, u32);

/// What is reached until `until` of what an order was promised, worked out by hand.
fn reached(case: &Case, priority: Priority, until: Timestamp) -> BTreeMap<Name, Rung> {
    let (_, first, whole) = PROMISED.into_iter().find(|promised| promised.0 == priority).unwrap();
    let after = |seconds: i64| later(case.began, SignedDuration::from_secs(seconds));
    let once = |at: i64, stale: Option<i64>| Rung { at: after(at), stale_at: stale.map(after) };
    let (mut rungs, name) = (BTreeMap::new(), |metric, level: &str, repeat| (metric, level.to_owned(), repeat));
    if case.stage == Stage::New {
        rungs.insert(name(Metric::FirstResponse, "warn", 0), once(first * 4 / 5, Some(first)));
        rungs.insert(name(Metric::FirstResponse, "silent", 0), once(first + 60, None));
    }
    if case.stage != Stage::Asked {
        rungs.insert(name(Metric::Resolution, "warn", 0), once(whole * 4 / 5, Some(whole)));
        rungs.insert(name(Metric::Resolution, "due", 0), once(whole, None));
        rungs.insert(name(Metric::Resolution, "up", 0), once(whole + 60, None));
        for repeat in 0..OVER.0 {
            let at = whole + 300 + OVER.1 * i64::from(repeat);
            let next = (repeat + 1 < OVER.0).then_some(at + OVER.1);
            rungs.insert(name(Metric::Resolution, "over", repeat), once(at, next));
        }
    }
    rungs.retain(|_, rung| rung.at <= until);
    rungs
}

/// Every order as it is stored, and who carries how much by that.
fn stored(shop: &Shop) -> (BTreeMap<WorkOrderId, WorkOrder>, BTreeMap<String, u64>) {
    let records = shop.memory.store().snapshot().into_iter().filter(|record| record.key.sort == "order");
    let orders = records.map(|record| serde_json::from_value::<WorkOrder>(Value::clone(&record.body)).unwrap());
    let orders: BTreeMap<_, _> = orders.map(|order| (order.id.clone(), order)).collect();
    let mut loads = BTreeMap::new();
    for order in orders.values() {
        let agent = order.burdens().expect("everybody is there, and has room");
        *loads.entry(format!("{}#load#{agent}", shop::tenant())).or_default() += u64::from(order.burden());
    }
    (orders, loads)
}

/// The priority that an order had before anything raised it.
fn first_priority(facts: &[Fact]) -> Priority {
    let understood = facts.iter().find_map(|fact| match &fact.what {
        What::Classified(understanding) => Some(understanding.priority),
        _ => None,
    });
    understood.unwrap()
}

/// Which promises are broken by `now`.
fn promises_broken(case: &Case, priority: Priority, now: Timestamp) -> BTreeSet<Metric> {
    let (_, first, whole) = PROMISED.into_iter().find(|promised| promised.0 == priority).unwrap();
    let passed = |seconds| later(case.began, SignedDuration::from_secs(seconds)) < now;
    let first = (case.stage == Stage::New && passed(first)).then_some(Metric::FirstResponse);
    let whole = (case.stage != Stage::Asked && passed(whole)).then_some(Metric::Resolution);
    first.into_iter().chain(whole).collect()
}

/// Of which rungs people were told, and when.
fn told(shop: &Shop) -> BTreeMap<(WorkOrderId, Name), Timestamp> {
    let notices = shop.memory.notices().into_iter().filter(|notice| notice.template == "order_escalated");
    let told = notices.map(|notice| {
        let (level, repeat) = (notice.data["level"].as_str().unwrap(), notice.reason.rsplit('/').nth(1).unwrap());
        let metric = serde_json::from_value(notice.data["metric"].clone()).unwrap();
        ((notice.work_order.unwrap(), (metric, level.to_owned(), repeat.parse().unwrap_or(0))), notice.created_at)
    });
    told.collect()
}

/// Holds the shop to what it owes: each rung that was reached stands on record once, no later than
/// `lag` after it was reached or the shop came back, with the outcome that this instant calls for; each
/// broken promise once; each rung that fired was told once; loads are what is open; nothing is due.
/// Answers with how many rungs fired and how many were written off.
fn check(shop: &Shop, cases: &[Case], back: Timestamp, lag: SignedDuration) -> (usize, usize) {
    let (now, mut fired, mut skipped, mut priorities) = (shop.memory.moment().now, 0, 0, BTreeSet::new());
    let ((orders, loads), mut told) = (stored(shop), told(shop));
    for case in cases {
        let order = &orders[&case.id];
        assert_eq!(usize::try_from(order.fact_count).unwrap(), order.facts.len(), "no fact rides apart");
        let priority = first_priority(&order.facts);
        priorities.insert(priority);
        let (mut owed, mut broken) = (reached(case, priority, now), BTreeSet::new());
        for fact in &order.facts {
            match &fact.what {
                What::Escalated { metric: Some(metric), level, repeat, outcome, .. } => {
                    let name = (metric.clone(), level.clone(), *repeat);
                    let rung = owed.remove(&name).unwrap_or_else(|| panic!("{} {name:?}: again, or early", case.id));
                    let (at, since) = (fact.recorded_at, rung.at.max(back));
                    assert!(since <= at && at <= later(since, lag), "{} {name:?}: due {since}, done {at}", case.id);
                    let stale = rung.stale_at.is_some_and(|stale_at| stale_at <= at);
                    assert_eq!(
                        *outcome,
                        if stale { Outcome::SkippedLate } else { Outcome::Fired },
                        "{} {name:?}",
                        case.id
                    );
                    // Who told of it and died before it was written down told of what was not yet stale.
                    let said = told.remove(&(case.id.clone(), name.clone()));
                    let right = said.map_or(stale, |at| !stale || rung.stale_at.is_some_and(|stale_at| at < stale_at));
                    assert!(right, "{} {name:?}: {outcome:?}, and told at {said:?}", case.id);
                    *(if stale { &mut skipped } else { &mut fired }) += 1;
                }
                What::Breached { clock, .. } => assert!(broken.insert(clock.metric.clone()), "{}: again", case.id),
                _ => {}
            }
        }
        assert_eq!(owed.into_keys().collect::<Vec<_>>(), [], "{} {priority:?}: not on record", case.id);
        assert_eq!(broken, promises_broken(case, priority, now), "{}", case.id);
    }
    assert_eq!(priorities.len(), PROMISED.len());
    assert_eq!(told, BTreeMap::new(), "nobody is told of what is not on record");
    assert_eq!(loads, shop.loads().into_iter().collect(), "what agents carry is what is open");
    assert!(shop.memory.store().next_due().is_some_and(|due_at| due_at > now), "nothing waits");
    assert_eq!(orders.len(), cases.len(), "whoever came in just before has an order, and one");
    (fired, skipped)
}

/// A shop with as many orders, an hour after anything ran; which they are, and when that is.
async fn after_the_hour(orders: usize) -> (Shop, Vec<Case>, Timestamp) {
    let (shop, cases) = open(orders).await;
    shop.memory.advance(OUTAGE);
    let back = shop.memory.moment().now;
    (shop, cases, back)
}

#[tokio::test]
async fn one_sweep_after_an_hour_of_outage_does_what_a_thousand_items_owe_and_the_next_finds_nothing() {
    let (shop, cases, back) = after_the_hour(OPEN).await;
    let first = shop.memory.sweep().await.unwrap();
    assert!(first.due >= 1_000 && first.failed == 0, "{first:?}");
    assert_eq!(shop.memory.sweep().await.unwrap().due, 0, "nothing is looked at twice");
    // What queues have kept for an hour comes after it, and finds everything done.
    shop.memory.settle().await;
    let (fired, skipped) = check(&shop, &cases, back, LAG);
    assert!(fired > 1_000 && skipped > 1_000, "{fired} fired, {skipped} written off");
    shop.memory.live(SignedDuration::from_mins(12)).await.unwrap();
    let (more, as_before) = check(&shop, &cases, back, LAG);
    assert!(more > fired && as_before == skipped, "from now on everything is in time");
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn after_an_hour_of_outage_two_sweeps_and_all_messages_at_once_do_everything_once() {
    let (shop, cases, back) = after_the_hour(OPEN / 2).await;
    let world = World { store: Arc::new(Yielding(shop.memory.world().store)), ..shop.memory.fresh() };
    let (events, moment, horizons) =
        (shop.memory.take_all(), shop.memory.moment(), [(); 2].map(|()| Horizon::default()));
    assert!(events.len() > 150, "timers and feedbacks have waited: {}", events.len());
    let (world, mut running) = (&world, Vec::<Running<'_>>::new());
    for (at, event) in events.iter().enumerate() {
        running.push(Box::pin(async move {
            // Who lost too often against others is delivered again, as any message is.
            if handle(world, event, moment.part(at)).await.is_err() {
                world.queue.send(event).await.unwrap();
            }
        }));
    }
    for horizon in &horizons {
        running.push(Box::pin(async move {
            assert!(sweep::run(world, horizon, moment).await.unwrap().due > 450);
        }));
    }
    interleave(running, 1);
    // What lost against others too often is found by the next.
    shop.memory.live(LAG).await.unwrap();
    check(&shop, &cases, back, LAG);
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn after_an_hour_of_outage_calls_that_die_delay_what_is_owed_by_minutes_and_double_nothing() {
    let (shop, cases, back) = after_the_hour(OPEN).await;
    // What queues have kept is lost, too: only the due marks are left.
    shop.memory.lose_events();
    let mut rounds = 0;
    // What was due when it came back, and not what comes due meanwhile.
    while shop.memory.store().next_due().is_some_and(|due_at| due_at <= back) {
        rounds += 1;
        shop.memory.faults().arm_each(23);
        // A shard that could not be read fails the sweep, once it has done the others.
        let _some = shop.memory.sweep().await;
        shop.memory.settle().await;
        assert!(shop.memory.faults().disarm());
        shop.wait(60);
    }
    assert!((2..=12).contains(&rounds), "{rounds} minutes until everything was looked at");
    shop.memory.live(LAG).await.unwrap();
    check(&shop, &cases, back, LAG * (rounds + 1));
}
