//! How fast clocks are derived from facts. Prints figures; asserts none.
//! `cargo bench -p redress-domain --bench clocks`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use jiff::{SignedDuration, Timestamp};
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::fact::{Direction, Visibility};
use redress_domain::id::{FeedbackId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Status, Transition, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::priority::Priority;
use serde_json::json;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

const RUNS: usize = 2_000;

/// An order of so many facts, as a busy one has them: of every ten a customer's and an agent's
/// message, notes, now and then a wait for the customer and another priority.
fn order(facts: u32, terms: &Terms) -> Result<WorkOrder, Box<dyn std::error::Error>> {
    let mut now: Timestamp = "2026-11-23T09:00:00+08:00".parse().expect("an instant");
    let (customer, agent) = (Actor::new(ActorKind::Customer, "c-1"), Actor::new(ActorKind::Agent, "ag_a"));
    let (tenant, feedback) = (TenantId::parse("tn_a").ok_or("an id")?, FeedbackId::parse("fb_1").ok_or("an id")?);
    let origin = serde_json::from_value(
        json!({"feedback": "fb_1", "channel": "web", "customer": {"ref": "c-1"}, "began_at": now.to_string()}),
    )?;
    let mut order = WorkOrder::create(WorkOrderId::of(&tenant, &feedback), origin, Entry::new(&customer, now, terms));
    let understood = json!({
        "category": "product_enquiry", "needs_review": false, "sentiment": "neutral", "language": "zh",
        "urgency": 1, "impact": 1, "score": 0, "priority": "P4"
    });
    order.classify(Entry::new(&agent, now, terms), serde_json::from_value(understood)?)?;
    order.agree(Entry::new(&agent, now, terms), None)?;
    let routing =
        json!({"team": "tm_a", "agent": "ag_a", "rule": "r", "decided_at": now.to_string(), "candidates": []});
    order.route(Entry::new(&agent, now, terms), serde_json::from_value(routing)?)?;
    for turn in 0.. {
        now += SignedDuration::from_mins(7);
        let by = Entry::new(&agent, now, terms);
        match turn % 10 {
            0 | 5 => drop(order.post(by.by(&customer), Direction::Inbound, Visibility::Public, None)?),
            1 | 6 => drop(order.post(by, Direction::Outbound, Visibility::Public, None)?),
            8 if turn % 20 == 8 => {
                let reason = Some("等客户 waits for the customer".to_owned());
                order.transition(
                    by,
                    Transition { to: Status::PendingCustomer, reason, resolution: None, survey: true },
                )?;
            }
            9 if turn % 40 == 39 => {
                let to = if order.priority == Priority::P4 { Priority::P3 } else { Priority::P4 };
                order.prioritise(by, to, None, None)?;
            }
            _ => drop(order.post(by, Direction::Outbound, Visibility::Internal, None)?),
        }
        if order.fact_count >= facts {
            break;
        }
    }
    Ok(order)
}

/// Runs `work` on what `given` makes, again and again, and prints how long the work took.
fn measure<G, T>(name: &str, given: impl Fn() -> G, work: impl Fn(G) -> T) {
    let mut taken: Vec<_> = (0..RUNS)
        .map(|_| {
            let given = given();
            let begun = Instant::now();
            let done = black_box(work(given));
            let taken = begun.elapsed();
            drop(done);
            taken
        })
        .collect();
    taken.sort_unstable();
    let micros = |percent: usize| taken[taken.len() * percent / 100].as_secs_f64() * 1e6;
    let _closed = writeln!(std::io::stdout(), "{name:<34} p50 {:>8.2} µs  p99 {:>8.2} µs", micros(50), micros(99));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let terms = Terms::shipped();
    let order = order(200, &terms)?;
    let facts = order.facts.clone();
    measure(
        &format!("fold of {} facts", facts.len()),
        || facts.clone(),
        |facts| WorkOrder::replay(&order.id, facts, &terms),
    );
    measure("the next due of its clocks", || (), |()| order.next_due(&terms));
    let _closed = writeln!(
        std::io::stdout(),
        "{} clocks, {} stretches",
        order.clocks.all.len(),
        order.clocks.all.iter().map(|clock| clock.segments.len()).sum::<usize>()
    );
    Ok(())
}
