//! How fast orders find their agents, and whether anybody gets more than they can carry: 10,000
//! orders over 200 agents of five teams, once with room for all, once with too little, so that lines
//! form. Prints figures; fails only if somebody is above capacity, or what agents carry is counted
//! wrongly. `cargo bench -p redress-service --bench routing`.
//!
//! Timed: from 10,000 queued events `feedback.classified.v1` to as many orders, each agreed on,
//! routed, committed with its agent's load, and its agent told; one after the other on one core.
//! Taking in and understanding are done before.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use jiff::SignedDuration;
use redress_domain::feedback::Feedback;
use redress_domain::id::{AgentId, ApiKeyId, TenantId};
use redress_domain::order::WorkOrder;
use redress_domain::policy::Policies;
use redress_domain::priority::Priority;
use redress_service::auth::{Caller, Role};
use redress_service::memory::MemoryWorld;
use redress_service::receive::{self, Receive};
use redress_service::{Fault, keys, publish};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

const ORDERS: usize = 10_000;
const AGENTS: usize = 200;

/// Teams, what they answer for, and who helps them out.
const TEAMS: [(&str, &[&str], &[&str]); 5] = [
    ("tm_quality", &["product_quality"], &["tm_care"]),
    ("tm_logistics", &["logistics"], &["tm_aftersales", "tm_care"]),
    ("tm_aftersales", &["after_sales", "order"], &["tm_care"]),
    ("tm_billing", &["payment_invoice", "account", "price_promotion"], &["tm_care"]),
    ("tm_care", &["product_enquiry", "service_attitude", "other"], &[]),
];

/// What customers say, by the team that answers for it; the last of each pair is English.
const WORDS: [[&str; 2]; 5] = [
    ["水壶用了两天就坏了，质量太差", "The kettle broke after two days, poor quality"],
    ["快递三天没有更新了，包裹到底在哪里", "Where is my parcel? The courier has not delivered it"],
    ["我要退货退款，请给我处理", "I want to return it and get a refund"],
    ["发票抬头开错了，请重新开发票", "You charged my card twice, I need the invoice"],
    ["请问这款水壶能烧牛奶吗", "Does this kettle come in blue and what size is it?"],
];

/// Every tenth feedback is urgent.
const DANGER: [&str; 2] = ["充电器冒烟起火，手被烫伤了", "The charger caught fire and burned my hand"];

fn people(tenant: &TenantId, capacity: u32) -> Vec<redress_service::ports::Write> {
    let team = |(id, categories, overflow): (&str, &[&str], &[&str])| {
        let team = json!({"id": id, "name": id, "categories": categories, "fallback": id == "tm_care",
            "overflow": overflow});
        publish::team(tenant, &serde_json::from_value(team).expect("a team"))
    };
    let agent = |number: usize| {
        // Every fourth belongs to a second team, too.
        let homes = 1 + usize::from(number.is_multiple_of(4));
        let homes: Vec<_> = (0..homes).map(|more| TEAMS[(number + more) % TEAMS.len()]).collect();
        let own = homes.iter().flat_map(|(_, categories, _)| categories.iter());
        // Who helps others out knows a little of everything.
        let helps = homes.iter().any(|(id, ..)| *id == "tm_care" || *id == "tm_aftersales");
        let others = TEAMS.iter().flat_map(|(_, categories, _)| categories.iter()).filter(|_| helps);
        let skills: BTreeMap<&str, usize> =
            others.map(|name| (*name, 1)).chain(own.map(|name| (*name, 2 + number % 4))).collect();
        let languages = [&["zh", "en"][..], &["zh"], &["en"]][number / TEAMS.len() % 3];
        let teams: Vec<_> = homes.iter().map(|(id, ..)| *id).collect();
        let agent = json!({"id": format!("ag_{number:03}"), "name": "a", "teams": teams, "languages": languages,
            "skills": skills, "capacity": capacity, "status": "online"});
        publish::agent(tenant, &serde_json::from_value(agent).expect("an agent"))
    };
    TEAMS.into_iter().map(team).chain((0..AGENTS).map(agent)).collect()
}

/// What the so-manieth customer says.
fn words(number: usize) -> String {
    let (about, language) = (number % WORDS.len(), number / WORDS.len() % 2);
    let danger = if number / WORDS.len() % 10 < 2 && about.is_multiple_of(2) { DANGER[language] } else { "" };
    format!("{} {danger}", WORDS[about][language])
}

/// Feedback that is taken in and understood, so that as many events wait for an order.
async fn understood(memory: &MemoryWorld, caller: &Caller) -> Result<(), Fault> {
    for number in 0..ORDERS {
        let said = json!({"channel": "web", "message": words(number), "customer": {"ref": format!("c-{number}")}});
        let feedback: Feedback = serde_json::from_value(said).expect("a feedback");
        let request = Receive { feedback, idempotency_key: Some(number.to_string()) };
        receive::receive(&memory.world(), caller, request, memory.moment()).await?;
        memory.advance(SignedDuration::from_millis(1));
    }
    // Of the queues that hold something, classification's is served first.
    deliver(memory, ORDERS).await
}

async fn deliver(memory: &MemoryWorld, events: usize) -> Result<(), Fault> {
    for _ in 0..events {
        memory.deliver().await.unwrap_or(Err(Fault::NotFound))?;
    }
    Ok(())
}

/// How it ended, by what is stored.
#[derive(Default)]
struct Count {
    assigned: usize,
    waiting: usize,
    urgent: usize,
    /// Points that open orders take of each agent.
    carried: BTreeMap<AgentId, u32>,
}

fn count(memory: &MemoryWorld) -> Count {
    let mut count = Count::default();
    for record in memory.store().snapshot().into_iter().filter(|record| record.key.sort == "order") {
        let order = WorkOrder::deserialize(&*record.body).expect("an order");
        count.waiting += usize::from(order.is_waiting());
        count.urgent += usize::from(order.priority == Priority::P1);
        if let Some(agent) = order.burdens() {
            count.assigned += 1;
            *count.carried.entry(agent.clone()).or_default() += order.burden();
        }
    }
    count
}

async fn run(capacity: u32) -> Result<bool, Fault> {
    let (tenant, key) = (TenantId::parse("tn_bench").expect("an id"), ApiKeyId::derive(&["bench"]));
    let caller = Caller { tenant: tenant.clone(), role: Role::Admin, agent: None, key };
    let memory = MemoryWorld::new("2026-11-23T02:00:00Z".parse().expect("an instant"));
    let policies = publish::policies(&tenant, &Policies::shipped(), 0)?;
    publish::seed(&memory.world(), [vec![policies], people(&tenant, capacity)].concat()).await?;
    understood(&memory, &caller).await?;
    let (read, begun) = (memory.store().meter(), Instant::now());
    deliver(&memory, ORDERS).await?;
    let (seconds, read) = (begun.elapsed().as_secs_f64(), memory.store().meter().since(read));
    // Whoever waits is tried again, and who got something is told; timed apart.
    let begun = Instant::now();
    memory.settle().await;
    let rest = begun.elapsed().as_secs_f64();
    let Count { assigned, waiting, urgent, carried } = count(&memory);
    let above = carried.values().filter(|points| **points > capacity).count();
    let fullest = carried.values().max().copied().unwrap_or_default();
    let mut wrong = 0;
    for number in 0..AGENTS {
        let agent = AgentId::parse(&format!("ag_{number:03}")).expect("an id");
        let load = memory.world().store.get(&keys::load(&tenant, &agent)).await?;
        let counted = load.and_then(|load| load.body["points"].as_u64()).unwrap_or_default();
        wrong += usize::from(u64::from(carried.get(&agent).copied().unwrap_or_default()) != counted);
    }
    let _closed = writeln!(
        std::io::stdout(),
        "{ORDERS} orders ({urgent} P1) over {AGENTS} agents of capacity {capacity}: {seconds:.2} s, {:.0} a second, \
         {:.1} documents read each; {assigned} assigned, {waiting} wait; the fullest carries {fullest} of {capacity}, \
         {above} above capacity, {wrong} counted wrongly; told and tried again in {rest:.2} s more",
        ORDERS as f64 / seconds,
        read.documents as f64 / ORDERS as f64,
    );
    Ok(above == 0 && wrong == 0 && assigned + waiting == ORDERS)
}

fn main() -> Result<ExitCode, Fault> {
    let mut right = true;
    for capacity in [60, 40] {
        right &= futures::executor::block_on(run(capacity))?;
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
