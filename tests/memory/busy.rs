//! No key takes more than its share of what is written: with a thousand tenants, and with one alone
//! whose orders come as fast as they can.

use super::world::MONDAY;
use crate::shop;
use jiff::SignedDuration;
use redress_domain::fact::{Direction, Visibility};
use redress_domain::id::{TenantId, WorkOrderId};
use redress_domain::order::{Status, Transition};
use redress_domain::routing::Agent;
use redress_service::auth::{Caller, Role};
use redress_service::desk::{self, Draft, IfMatch};
use redress_service::memory::{Busiest, MemoryWorld, Part};
use redress_service::publish;
use redress_service::receive::{self, Receive};
use redress_service::reply::Keyed;
use serde_json::json;

/// Somebody says something, and it is put right: three client calls, and whatever follows.
async fn live(memory: &MemoryWorld, tenant: &TenantId, number: u32) {
    let (world, caller) = (memory.world(), Caller { tenant: tenant.clone(), ..shop::caller(Role::Admin) });
    let keyed = |scope: &str| Keyed {
        scope: scope.to_owned(),
        key: Some(format!("{tenant} {number}")),
        fingerprint: String::new(),
    };
    let said = json!({
        "channel": "web", "message": "快递三天没有更新了 My parcel has not moved for three days",
        "customer": {"ref": format!("c-{number}"), "email": format!("c{number}@example.com")}
    });
    let feedback = serde_json::from_value(said).unwrap();
    let request = Receive { feedback, idempotency_key: Some(format!("{tenant} {number}")) };
    let received = receive::receive(&world, &caller, request, memory.moment()).await.unwrap();
    memory.settle().await;
    let id = WorkOrderId::of(tenant, &received.id);
    let draft = Draft {
        direction: Direction::Outbound,
        visibility: Visibility::Public,
        body: "马上为您处理 We are on it".to_owned(),
        attachments: Vec::new(),
    };
    desk::post_message(&world, &caller, &id, &draft, &keyed("message"), memory.moment()).await.unwrap();
    memory.settle().await;
    let asked = Transition { to: Status::Resolved, reason: None, resolution: None, survey: true };
    desk::transition(&world, &caller, &id, &IfMatch::Any, &asked, &keyed("resolve"), memory.moment()).await.unwrap();
    memory.settle().await;
}

/// So many tenants, each with so many agents, in each of which so many live one after the other.
async fn shares(tenants: u32, agents: u32, lives: u32) -> Busiest {
    let memory = MemoryWorld::new(MONDAY.parse().unwrap());
    let agents: Vec<Agent> = (0..agents).map(|number| shop::agent(&number.to_string(), &["zh", "en"], 50)).collect();
    let all: Vec<TenantId> = (0..tenants).map(|number| TenantId::parse(&format!("tn_{number}")).unwrap()).collect();
    for tenant in &all {
        publish::seed(&memory.world(), shop::writes(tenant, &agents, &shop::policies())).await.unwrap();
    }
    memory.store().count_keys();
    for number in 0..lives {
        for tenant in &all {
            live(&memory, tenant, number).await;
        }
        // One after the other, and all of it within a second.
        memory.advance(SignedDuration::from_millis(1));
    }
    memory.live(SignedDuration::from_hours(24 * 8)).await.unwrap();
    memory.store().busiest()
}

fn most(busiest: &Busiest) -> Vec<(&'static str, String, f64)> {
    let of = |part: Part| busiest.busiest(part).map(|(key, share)| (part.as_str(), key.to_owned(), share));
    Part::ALL.iter().filter_map(|(part, _)| of(*part)).collect()
}

#[tokio::test]
async fn with_many_tenants_no_key_takes_more_than_a_hundredth_of_what_is_written() {
    // With more of them each tenant's own keys take less, and the marks' shards as much.
    let busiest = shares(200, 2, 1).await;
    for (part, key, share) in most(&busiest) {
        assert!(share <= 0.01, "{part} {key} takes {:.2} %", share * 100.0);
    }
}

#[tokio::test]
async fn with_one_tenant_no_key_takes_more_than_a_twentieth_of_what_is_written() {
    let busiest = shares(1, 100, 200).await;
    for (part, key, share) in most(&busiest) {
        assert!(share <= 0.05, "{part} {key} takes {:.2} %", share * 100.0);
    }
}
