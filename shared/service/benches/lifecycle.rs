//! How fast the in-memory world lives: received, classified, assigned, answered, resolved, asked,
//! rated. Prints a figure; asserts none. `cargo bench -p redress-service`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use redress_domain::category::Category;
use redress_domain::fact::{Direction, Visibility};
use redress_domain::feedback::Feedback;
use redress_domain::id::{ApiKeyId, TenantId, WorkOrderId};
use redress_domain::order::{Status, Transition};
use redress_domain::policy::{Policies, SHIPPED};
use redress_domain::survey::Answer;
use redress_service::auth::{Caller, Role};
use redress_service::desk::{self, Draft, IfMatch};
use redress_service::lists::{self, SurveyFilter};
use redress_service::memory::MemoryWorld;
use redress_service::receive::{self, Receive};
use redress_service::reply::Keyed;
use redress_service::{Fault, answer, publish};
use serde_json::{Value, json};
use std::io::Write;
use std::time::Instant;

const LIVES: u32 = 10_000;
const AGENTS: u32 = 24;

const WORDS: [&str; 4] = [
    "快递三天没有更新了，到底什么时候能送到？我明天就要出门了",
    "The kettle I bought last week leaks and I want my money back",
    "请问发票抬头可以修改吗？",
    "Your agent was rude to me on the phone, this is the third time I call",
];

fn caller(tenant: &TenantId) -> Caller {
    Caller { tenant: tenant.clone(), role: Role::Admin, agent: None, key: ApiKeyId::derive(&["bench"]) }
}

async fn shop(memory: &MemoryWorld, tenant: &TenantId) -> Result<(), Fault> {
    let mut policies: Policies = serde_json::from_str(SHIPPED).expect("the shipped policies parse");
    policies.survey[0].delay_seconds = 0;
    let team = json!({"id": "tm_care", "name": "care", "categories": [], "fallback": true});
    let team = serde_json::from_value(team).expect("a team");
    let mut writes = vec![publish::policies(tenant, &policies, 0)?, publish::team(tenant, &team)];
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

async fn life(memory: &MemoryWorld, caller: &Caller, number: u32) -> Result<(), Fault> {
    let world = memory.world();
    let words = WORDS[usize::try_from(number).unwrap_or_default() % WORDS.len()];
    let said = json!({"channel": "web", "message": words, "customer": {"ref": format!("c-{number}")}});
    let feedback: Feedback = serde_json::from_value(said).expect("a feedback");
    let request = Receive { feedback, idempotency_key: Some(number.to_string()) };
    let received = receive::receive(&world, caller, request, memory.moment()).await?;
    memory.settle().await;
    let id = WorkOrderId::of(&caller.tenant, &received.id);
    let keyed = Keyed { scope: "bench".to_owned(), key: None, fingerprint: String::new() };
    let draft = Draft {
        direction: Direction::Outbound,
        visibility: Visibility::Public,
        body: "ok".to_owned(),
        attachments: Vec::new(),
    };
    desk::post_message(&world, caller, &id, &draft, &keyed, memory.moment()).await?;
    let asked = Transition { to: Status::Resolved, reason: None, resolution: None, survey: true };
    desk::transition(&world, caller, &id, &IfMatch::Any, &asked, &keyed, memory.moment()).await?;
    memory.settle().await;
    let filter = SurveyFilter { work_order: Some(id), ..SurveyFilter::default() };
    let surveys = lists::surveys(&world, caller, &filter, None, 1).await?.items;
    let token = &surveys.first().ok_or(Fault::NotFound)?.token;
    let moment = memory.moment();
    let said = Answer {
        csat: Some(5),
        ces: None,
        nps: None,
        solved: Some(true),
        comment: None,
        given_by: None,
        at: moment.now,
    };
    answer::answer(&world, token, said, moment).await?;
    memory.settle().await;
    Ok(())
}

fn main() -> Result<(), Fault> {
    let tenant = TenantId::parse("tn_bench").ok_or(Fault::NotFound)?;
    let memory = MemoryWorld::new("2026-11-23T02:00:00Z".parse().expect("an instant"));
    let caller = caller(&tenant);
    let seconds = futures::executor::block_on(async {
        shop(&memory, &tenant).await?;
        let begun = Instant::now();
        for number in 0..LIVES {
            life(&memory, &caller, number).await?;
        }
        Ok::<_, Fault>(begun.elapsed().as_secs_f64())
    })?;
    let each = seconds * 1e6 / f64::from(LIVES);
    let _closed = writeln!(std::io::stdout(), "{LIVES} lives in {seconds:.2} s, {each:.0} µs each, {AGENTS} agents");
    Ok(())
}
