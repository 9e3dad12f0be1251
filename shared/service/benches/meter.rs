//! What a lifecycle of three client calls costs: said, answered, resolved; then asked, left unanswered,
//! closed. Units are counted in the in-memory world by the rules of DynamoDB and SQS; prices are those
//! of `infra/bench/prices.json`. Prints a table; asserts nothing.
//! `cargo bench -p redress-service --bench meter`.

use jiff::SignedDuration;
use redress_domain::category::Category;
use redress_domain::fact::{Direction, Visibility};
use redress_domain::feedback::Feedback;
use redress_domain::id::{ApiKeyId, TenantId, WorkOrderId};
use redress_domain::order::{Status, Transition};
use redress_domain::policy::Policies;
use redress_service::Fault;
use redress_service::auth::{Caller, Role};
use redress_service::desk::{self, Draft, IfMatch};
use redress_service::memory::{MemoryWorld, Meter};
use redress_service::publish;
use redress_service::receive::{self, Receive};
use redress_service::reply::Keyed;
use serde_json::{Value, json};
use std::io::Write;

/// Lives, ten minutes apart: what only a first one costs does not count.
const LIVES: u32 = 200;
const AGENTS: u32 = 24;

const PRICES: &str = include_str!("../../../infra/bench/prices.json");

const WORDS: [&str; 2] = [
    "快递三天没有更新了，到底什么时候能送到？我明天就要出门了",
    "The kettle I bought last week leaks and I want my money back",
];

async fn shop(memory: &MemoryWorld, tenant: &TenantId) -> Result<(), Fault> {
    let team = json!({"id": "tm_care", "name": "care", "categories": [], "fallback": true});
    let team = serde_json::from_value(team).expect("a team");
    let mut writes = vec![publish::policies(tenant, &Policies::shipped(), 0)?, publish::team(tenant, &team)];
    let skills: Value = Category::ALL.iter().map(|category| (category.as_str().to_owned(), json!(3))).collect();
    for number in 0..AGENTS {
        let agent = json!({
            "id": format!("ag_{number}"), "name": "a", "teams": ["tm_care"], "languages": ["zh", "en"],
            "skills": skills, "capacity": 50, "status": "online"
        });
        writes.push(publish::agent(tenant, &serde_json::from_value(agent).expect("an agent")));
    }
    publish::seed(&memory.world(), writes).await
}

/// The stages of a life, in their order.
const STAGES: [&str; 4] = ["said, understood, assigned", "answered", "resolved", "asked, left alone, closed"];

/// What each stage of one life cost.
async fn life(memory: &MemoryWorld, caller: &Caller, number: u32) -> Result<[Meter; 4], Fault> {
    let (world, mut stages, mut before) = (memory.world(), [Meter::default(); 4], memory.meter());
    let mut stage = |at: usize| {
        let now = memory.meter();
        stages[at] = now.since(before);
        before = now;
    };
    let words = WORDS[usize::try_from(number).unwrap_or_default() % WORDS.len()];
    let said = json!({
        "channel": "web", "message": words,
        "customer": {"ref": format!("c-{number}"), "email": format!("c{number}@example.com")}
    });
    let feedback: Feedback = serde_json::from_value(said).expect("a feedback");
    let request = Receive { feedback, idempotency_key: Some(number.to_string()) };
    let received = receive::receive(&world, caller, request, memory.moment()).await?;
    memory.settle().await;
    stage(0);
    let id = WorkOrderId::of(&caller.tenant, &received.id);
    let keyed =
        |name: &str| Keyed { scope: name.to_owned(), key: Some(number.to_string()), fingerprint: String::new() };
    let draft = Draft {
        direction: Direction::Outbound,
        visibility: Visibility::Public,
        body: "马上为您处理。We are on it.".to_owned(),
        attachments: Vec::new(),
    };
    desk::post_message(&world, caller, &id, &draft, &keyed("message"), memory.moment()).await?;
    memory.settle().await;
    stage(1);
    let asked = Transition { to: Status::Resolved, reason: None, resolution: None, survey: true };
    desk::transition(&world, caller, &id, &IfMatch::Any, &asked, &keyed("resolve"), memory.moment()).await?;
    memory.settle().await;
    stage(2);
    memory.live(SignedDuration::from_hours(24 * 20)).await?;
    stage(3);
    Ok(stages)
}

fn price(name: &str) -> f64 {
    let prices: Value = serde_json::from_str(PRICES).expect("the prices are JSON");
    let (group, name) = name.split_once('.').map_or((&prices, name), |(group, name)| (&prices[group], name));
    group[name].as_f64().expect("a price")
}

fn main() -> Result<(), Fault> {
    let tenant = TenantId::parse("tn_meter").ok_or(Fault::NotFound)?;
    let caller = Caller { tenant: tenant.clone(), role: Role::Admin, agent: None, key: ApiKeyId::derive(&["bench"]) };
    let memory = MemoryWorld::new("2026-11-23T02:00:00Z".parse().expect("an instant"));
    memory.weigh();
    let sums = futures::executor::block_on(async {
        shop(&memory, &tenant).await?;
        life(&memory, &caller, LIVES).await?;
        let mut sums = [Meter::default(); 4];
        for number in 0..LIVES {
            for (sum, stage) in sums.iter_mut().zip(life(&memory, &caller, number).await?) {
                *sum = sum.and(stage);
            }
        }
        Ok::<_, Fault>(sums)
    })?;
    let (mut out, each) = (std::io::stdout(), |count: u64| count as f64 / f64::from(LIVES));
    let columns = "stage                          writes  WRU table  WRU index    RRU  sent  delivered";
    let mut lines = vec![columns.to_owned()];
    let row = |name: &str, meter: &Meter| {
        format!(
            "{name:<30} {:>6.1} {:>10.1} {:>10.1} {:>6.1} {:>5.1} {:>10.1}",
            each(meter.writes),
            each(meter.write_units),
            each(meter.index_units),
            meter.units() / f64::from(LIVES),
            each(meter.sends),
            each(meter.deliveries)
        )
    };
    lines.extend(STAGES.iter().zip(&sums).map(|(name, meter)| row(name, meter)));
    let all = sums.into_iter().reduce(Meter::and).unwrap_or_default();
    lines.push(row("a life", &all));
    lines.extend(bill(&all, each));
    for line in lines {
        let _closed = writeln!(out, "{line}");
    }
    Ok(())
}

/// What a million lives cost: without logs, storage, sweeps (they grow with time) and what AWS gives.
fn bill(all: &Meter, each: impl Fn(u64) -> f64) -> Vec<String> {
    let invocations = 3.0 + each(all.deliveries) / price("assumed.messages_an_invocation");
    let seconds = price("assumed.milliseconds_an_invocation") / 1e3 * price("assumed.memory_gb");
    // A message is sent, received and deleted.
    let parts = [
        ("table", (each(all.write_units) + each(all.index_units)) * price("write_units_per_million")),
        ("reads", all.units() / f64::from(LIVES) * price("read_units_per_million")),
        ("queues", 3.0 * each(all.sends) * price("queue_calls_per_million")),
        (
            "functions",
            invocations * (price("invocations_per_million") + seconds * price("gigabyte_seconds_per_million")),
        ),
        ("API", 3.0 * price("api_requests_per_million")),
    ];
    let sum: f64 = parts.iter().map(|(_, dollars)| dollars).sum();
    let parts = parts.map(|(name, dollars)| format!("{name} ${dollars:.2}")).join(", ");
    vec![String::new(), format!("a million lives: ${sum:.2} ({parts}); three client calls each")]
}
