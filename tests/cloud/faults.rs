//! Bad days: AWS throttles, fails, hangs up and loses its own replies, and functions die at work.
//! Nothing is lost and nothing is done twice.

use super::clocks::tell;
use super::stack::{options, start, within, world_of};
use super::tenant::{Tenant, block_on};
use redress_domain::id::AgentId;
use redress_local::{Cloud, Injected, Rules};
use redress_service::keys;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// As many feedbacks as there is time for beside all other scenarios: a thousand AWS calls, of which
/// a hundred go wrong, and as long a wait afterwards as for more of them.
const FEW: usize = 120;

/// All of them, when they have the machine to themselves.
const MANY: usize = 1_000;

const CLIENTS: usize = 16;

/// From one kill to the next: a start and some work.
const BETWEEN_KILLS: Duration = Duration::from_millis(400);

/// Longest until all is settled once the faults have ended, in seconds: a message that a killed
/// function held comes back after three minutes, and a sweep may come first.
const SETTLED: u64 = 300;

/// One call in ten goes wrong; each of the first two meets its own service only.
const RULES: &str = r#"[
    {"service": "dynamodb", "probability": 0.03, "error": {"code": "ProvisionedThroughputExceededException"}},
    {"service": "sqs", "probability": 0.03, "error": {"code": "RequestThrottled", "status": 403}},
    {"probability": 0.03, "error": {"code": "InternalServerError", "status": 500}},
    {"probability": 0.02, "reset": true},
    {"probability": 0.02, "response": {"abort_bytes": 0}}
]"#;

#[test]
fn on_a_bad_day_no_feedback_is_lost_and_none_is_done_twice() {
    bad_day("bad-day", FEW);
}

#[test]
#[ignore = "takes minutes: cargo test-all -- --ignored a_thousand_feedbacks --nocapture"]
fn of_a_thousand_feedbacks_on_a_bad_day_none_is_lost_and_none_is_done_twice() {
    bad_day("worse-day", MANY);
}

fn bad_day(state: &str, feedbacks: usize) {
    let mut options = options(state);
    options.faults = Some(Rules::default());
    redress_local::down(&options.state_dir, true).unwrap();
    let cloud = start(&options);
    // For a tenth there is no room: they wait.
    let shop = Tenant::staffed(&cloud, "bad-day", u32::try_from(feedbacks * 3 / 10).unwrap());

    redress_local::load_faults(&cloud, &Rules::parse(RULES).unwrap()).unwrap();
    let (said, tries, kills) = while_functions_die(&cloud, || hand_over(&shop, feedbacks));
    redress_local::load_faults(&cloud, &Rules::default()).unwrap();
    let Injected { calls, faults, .. } = redress_local::injected(&cloud).unwrap().unwrap();
    assert!(faults * 20 > calls, "{faults} faults in {calls} calls are no bad day");
    assert!(kills > 0, "no function was met at work");

    let ended = Instant::now();
    let orders = settled(&shop, &said);
    let settled_after = ended.elapsed().as_secs();
    let (assigned, waiting) = check(&cloud, &shop, &orders);
    tell(&format!(
        "{feedbacks} feedbacks by {CLIENTS} clients in {tries} tries; {faults} faults in {calls} AWS calls, {kills} \
         functions killed; settled {settled_after} s after: 0 lost, 0 doubled, {assigned} assigned, {waiting} waiting"
    ));
    redress_local::down(&options.state_dir, true).unwrap();
}

/// Hands over so many feedbacks by clients that try again until they are told that it is done;
/// answers with their ids and how many tries it took.
fn hand_over(shop: &Tenant, feedbacks: usize) -> (BTreeSet<String>, usize) {
    let (next, tries) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let client = || {
        let mut said = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= feedbacks {
                return said;
            }
            let message = format!("第{number}个包裹没到，请查一下 parcel number {number} never arrived");
            let customer = json!({"ref": format!("c-{number}")});
            let body = json!({"channel": "web", "message": message, "customer": customer});
            let answer = within(120, "a 202", || {
                tries.fetch_add(1, Ordering::Relaxed);
                let answer = shop.say(&format!("bad-day-{number}"), &body);
                (answer.status < 500).then_some(answer)
            });
            assert_eq!(answer.status, 202, "{answer:?}");
            said.push(answer.json()["id"].as_str().unwrap().to_owned());
        }
    };
    let said: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let ids: BTreeSet<String> = said.iter().cloned().collect();
    assert_eq!((said.len(), ids.len()), (feedbacks, feedbacks), "each has an id of its own");
    (ids, tries.into_inner())
}

/// Does `work` while functions of `cloud` are killed, one after the other, whatever they are at;
/// answers with what came of it and how many were killed.
fn while_functions_die(
    cloud: &Cloud,
    work: impl FnOnce() -> (BTreeSet<String>, usize),
) -> (BTreeSet<String>, usize, usize) {
    let at_work = AtomicBool::new(true);
    thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while at_work.load(Ordering::Relaxed) {
                let alive = functions(cloud.pid);
                let chosen = usize::from(redress_aws::clock::nonce()[0]) % alive.len().max(1);
                let killed = alive.get(chosen).map(|pid| Command::new("kill").args(["-9", pid]).status());
                kills += usize::from(killed.is_some_and(|status| status.is_ok_and(|status| status.success())));
                thread::park_timeout(BETWEEN_KILLS);
            }
            kills
        });
        let (said, tries) = work();
        at_work.store(false, Ordering::Relaxed);
        (said, tries, killer.join().unwrap())
    })
}

/// The processes of functions that the emulator runs: its children that are called `bootstrap`.
fn functions(emulator: u32) -> Vec<String> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let of_the_emulator = |pid: &String| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // "pid (name) state parent …"
        let (named, rest) = stat.rsplit_once(") ").unwrap_or_default();
        named.ends_with("(bootstrap") && rest.split(' ').nth(1) == Some(&emulator.to_string())
    };
    pids.filter(of_the_emulator).collect()
}

/// Waits until each feedback has its order; answers with all orders of the shop by their ids.
fn settled(shop: &Tenant, said: &BTreeSet<String>) -> BTreeMap<String, Value> {
    let mut left = said.iter();
    let mut looked_at = left.next();
    let mut named = BTreeSet::new();
    within(SETTLED, "an order for each feedback", || {
        while let Some(id) = looked_at {
            let feedback = shop.get_as_integrator(&format!("/v1/feedback/{id}")).json();
            named.insert(feedback["work_order_id"].as_str()?.to_owned());
            looked_at = left.next();
        }
        Some(())
    });
    let feedback: Vec<_> = walk(shop, "/v1/feedback").iter().map(id).collect();
    assert_eq!(feedback.len(), said.len(), "what was said is on the list once");
    assert_eq!(feedback.into_iter().collect::<BTreeSet<_>>(), *said);
    let listed = walk(shop, "/v1/work-orders");
    assert_eq!(listed.len(), said.len(), "one order for each feedback");
    let orders: BTreeMap<_, _> = listed.into_iter().map(|order| (id(&order), order)).collect();
    assert_eq!(orders.keys().cloned().collect::<BTreeSet<_>>(), named, "the one that its feedback names");
    orders
}

/// Every order was made once and given once, or waits; nobody's load is other than what they have.
/// Answers with how many have somebody and how many wait.
fn check(cloud: &Cloud, shop: &Tenant, orders: &BTreeMap<String, Value>) -> (usize, usize) {
    let (mut loads, mut waiting) = (BTreeMap::<String, u64>::new(), 0);
    for (id, order) in orders {
        let facts = shop.get_as_supervisor(&format!("/v1/work-orders/{id}/facts?limit=200")).json();
        let times = |kind| facts["items"].as_array().unwrap().iter().filter(|fact| fact["type"] == kind).count();
        let agent = order["agent"].as_str();
        assert_eq!((times("created"), times("assigned")), (1, usize::from(agent.is_some())), "{order} {facts}");
        let Some(agent) = agent else {
            assert_eq!(order["status"], "open", "{order}");
            waiting += 1;
            continue;
        };
        let routing = shop.get_as_supervisor(&format!("/v1/work-orders/{id}/routing")).json();
        *loads.entry(agent.to_owned()).or_default() += routing["points"].as_u64().unwrap();
    }
    for agent in ["ag_ana", "ag_bo", "ag_chen"] {
        let key = keys::load(&shop.id, &AgentId::parse(agent).unwrap());
        let load = block_on(async { world_of(cloud).await.store.get(&key).await }).unwrap();
        let counted = load.map_or(0, |load| load.body["points"].as_u64().unwrap());
        assert_eq!(counted, loads.get(agent).copied().unwrap_or_default(), "{agent}");
    }
    (orders.len() - waiting, waiting)
}

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

/// All items of a list.
fn walk(shop: &Tenant, list: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.get_as_supervisor(&format!("{list}?limit=200{cursor}")).json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}
