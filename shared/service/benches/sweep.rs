//! What a sweep reads: it grows with what is due, and not with what is open. Prints figures; asserts
//! none. `cargo bench -p redress-service --bench sweep`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use jiff::{SignedDuration, Timestamp};
use redress_domain::category::Category;
use redress_domain::feedback::Feedback;
use redress_domain::id::{ApiKeyId, TenantId, WorkOrderId};
use redress_domain::policy::Policies;
use redress_service::auth::{Caller, Role};
use redress_service::memory::MemoryWorld;
use redress_service::ports::{Record, Write};
use redress_service::receive::{self, Receive};
use redress_service::{Fault, keys, publish};
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::Instant;

const DUE: u32 = 10_000;

/// Seconds of a resolution target: four fifths of it are reached together.
const TARGET: i64 = 100_000;

/// A shop whose orders are all warned of at 80 % of their one target, and of nothing else.
async fn shop(memory: &MemoryWorld, tenant: &TenantId) -> Result<(), Fault> {
    let mut policies = Policies::shipped();
    let target = json!({"calendar": "always", "P1": TARGET, "P2": TARGET, "P3": TARGET, "P4": TARGET});
    let policy = json!({"id": "everything", "version": 2, "targets": {"resolution": target}});
    policies.sla = vec![serde_json::from_value(policy).expect("a policy")];
    let skills: Value = Category::ALL.iter().map(|category| (category.as_str().to_owned(), json!(3))).collect();
    let agent = json!({
        "id": "ag_a", "name": "a", "teams": ["tm_care"], "languages": ["zh", "en"], "skills": skills,
        "capacity": DUE, "status": "online"
    });
    let team = json!({"id": "tm_care", "name": "care", "categories": [], "fallback": true});
    let writes = vec![
        publish::policies(tenant, &policies, 0)?,
        publish::team(tenant, &serde_json::from_value(team).expect("a team")),
        publish::agent(tenant, &serde_json::from_value(agent).expect("an agent")),
    ];
    publish::seed(&memory.world(), writes).await
}

/// Orders that a customer's words made, each with clocks that run.
async fn orders(memory: &MemoryWorld, caller: &Caller) -> Result<(), Fault> {
    for number in 0..DUE {
        let said = json!({"channel": "web", "message": "The kettle leaks", "customer": {"ref": format!("c-{number}")}});
        let feedback: Feedback = serde_json::from_value(said).expect("a feedback");
        let request = Receive { feedback, idempotency_key: Some(number.to_string()) };
        receive::receive(&memory.world(), caller, request, memory.moment()).await?;
        memory.settle().await;
    }
    Ok(())
}

/// Open orders that are due next year. A sweep never reads them, so they need no body.
async fn open(memory: &MemoryWorld, tenant: &TenantId, many: u32, due_at: Timestamp) -> Result<(), Fault> {
    let (world, numbers) = (memory.world(), (0..many).collect::<Vec<_>>());
    for some in numbers.chunks(25) {
        let record = |number: &u32| {
            let id = WorkOrderId::derive(&["open", &number.to_string()]);
            Write::Put(Record {
                key: keys::order(tenant, &id),
                version: 1,
                body: Value::Null.into(),
                due_at: Some(due_at + SignedDuration::from_secs(i64::from(*number))),
                place: None,
                expires_at: None,
            })
        };
        world.store.commit(&some.iter().map(record).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn measure(many: u32) -> Result<String, Fault> {
    let now: Timestamp = "2026-11-23T02:00:00Z".parse().expect("an instant");
    let (memory, tenant) = (MemoryWorld::new(now), TenantId::parse("tn_bench").expect("an id"));
    let key = ApiKeyId::derive(&["bench"]);
    let caller = Caller { tenant: tenant.clone(), role: Role::Admin, agent: None, key };
    shop(&memory, &tenant).await?;
    orders(&memory, &caller).await?;
    open(&memory, &tenant, many, now + SignedDuration::from_hours(24 * 365)).await?;
    memory.advance(SignedDuration::from_secs(TARGET * 8 / 10));
    let (before, begun) = (memory.store().meter(), Instant::now());
    let report = memory.sweep().await?;
    let (taken, read) = (begun.elapsed(), memory.store().meter().since(before));
    let due = report.due as f64;
    Ok(format!(
        "{many:>9} open besides {due:>6} due: {:.4} documents and {:.4} calls a due item, {} marks in keys, \
         {:.3} read units a due item; {:.2} s, {} failed",
        read.documents as f64 / due,
        read.requests as f64 / due,
        read.marks,
        (read.units() + read.sweep_half_units as f64 / 2.0) / due,
        taken.as_secs_f64(),
        report.failed,
    ))
}

fn main() -> Result<(), Fault> {
    for many in [1_000, 1_000_000] {
        let line = futures::executor::block_on(measure(many))?;
        let _closed = writeln!(std::io::stdout(), "{line}");
    }
    Ok(())
}
