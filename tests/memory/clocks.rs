//! Promises watched: by timers to the second, by the sweep whatever happens to timers, each level
//! once; and what managers change touches no live order.

use super::world::Shop;
use crate::shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::{Fact, Outcome, What};
use redress_domain::id::{AgentId, WebhookId, WorkOrderId};
use redress_domain::order::Status;
use redress_domain::policy::{Policies, SlaPolicy, Subscription};
use redress_domain::sla::{ClockState, Metric};
use redress_service::auth::Role;
use redress_service::give::Receiver;
use redress_service::reply::Keyed;
use redress_service::{Fault, amend, desk, govern, handle, publish};
use serde_json::{Value, json};

/// Policies that promise a resolution within so many seconds, counted around the clock.
fn promising(seconds: i64, more: &Value) -> Policies {
    let mut policies = shop::policies();
    let target = json!({"calendar": "always", "P1": seconds, "P2": seconds, "P3": seconds, "P4": seconds});
    let mut policy = json!({"id": "short", "when": {"channel": ["web"]}, "targets": {"resolution": target}});
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    policies.sla.insert(0, serde_json::from_value(policy).unwrap());
    policies
}

async fn open(policies: &Policies) -> Shop {
    let agents = ["ana", "bo", "chen"].map(|name| shop::agent(name, &["zh", "en"], 2_000));
    Shop::of(&agents, policies).await
}

async fn order(shop: &Shop, key: &str) -> WorkOrderId {
    let received = shop.say(key, "水壶漏水 The kettle leaks").await.unwrap();
    shop.memory.settle().await;
    shop.order_of(&received.id).await.id
}

async fn facts(shop: &Shop, id: &WorkOrderId) -> Vec<Fact> {
    desk::facts(&shop.memory.world(), &shop::caller(Role::Agent), id).await.unwrap()
}

/// The levels on record, each with what became of it and how long after the order began.
async fn levels(shop: &Shop, id: &WorkOrderId) -> Vec<(String, u32, Outcome, i64)> {
    let facts = facts(shop, id).await;
    let began = facts[0].at;
    let level = |fact: &Fact| match &fact.what {
        What::Escalated { level, repeat, outcome, .. } => {
            Some((level.clone(), *repeat, *outcome, fact.recorded_at.duration_since(began).as_secs()))
        }
        _ => None,
    };
    facts.iter().filter_map(level).collect()
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn timer(id: &WorkOrderId, version: u64, time: Timestamp) -> Event {
    Event::new(&shop::tenant(), EventType::WorkOrderDue, id.as_str(), version, time)
}

#[tokio::test]
async fn levels_fire_at_their_second_by_timers_alone() {
    let shop = open(&promising(100, &json!({}))).await;
    let id = order(&shop, "k").await;
    for _ in 0..160 {
        // Nobody sweeps.
        shop.wait(1);
        shop.memory.settle().await;
    }
    let expected =
        [("warn_80", 0, Outcome::Fired, 80), ("at_due", 0, Outcome::Fired, 100), ("over_50", 0, Outcome::Fired, 150)];
    assert_eq!(
        levels(&shop, &id).await,
        expected.map(|(level, repeat, outcome, at)| (level.to_owned(), repeat, outcome, at))
    );
}

#[tokio::test]
async fn the_sweep_sets_timers_a_quarter_of_an_hour_ahead_and_each_once() {
    let shop = open(&promising(10_000, &json!({}))).await;
    let id = order(&shop, "k").await;
    assert_eq!(shop.memory.delayed(), [], "8,000 seconds are too far ahead");
    let mut set = 0;
    for minute in 1..=133 {
        shop.wait(60);
        shop.memory.settle().await;
        set += shop.memory.sweep().await.unwrap().timers;
        assert_eq!(set, usize::from(minute >= 119), "minute {minute}");
    }
    shop.wait(20);
    shop.memory.settle().await;
    assert_eq!(levels(&shop, &id).await, [("warn_80".to_owned(), 0, Outcome::Fired, 8_000)]);
}

#[tokio::test]
async fn the_same_timer_five_times_early_late_or_of_another_version_does_what_is_due_once() {
    let shop = open(&promising(100, &json!({}))).await;
    let id = order(&shop, "k").await;
    let world = shop.memory.world();
    let begun = shop.memory.moment().now;
    for version in [1, 1, 7] {
        handle(&world, &timer(&id, version, begun), shop.memory.moment()).await.unwrap();
    }
    assert_eq!(levels(&shop, &id).await, [], "nothing is due yet");
    shop.wait(80);
    for version in [1, 1, 1, 7, 1] {
        handle(&world, &timer(&id, version, begun), shop.memory.moment()).await.unwrap();
    }
    shop.memory.settle().await;
    assert_eq!(levels(&shop, &id).await.len(), 1);
    assert_eq!(shop.memory.notices().iter().filter(|notice| notice.template == "order_escalated").count(), 1);
    let other = redress_domain::id::TenantId::parse("tn_other").unwrap();
    let foreign = Event::new(&other, EventType::WorkOrderDue, id.as_str(), 1, begun);
    assert_eq!(handle(&world, &foreign, shop.memory.moment()).await, Err(Fault::NotFound));
}

#[tokio::test]
async fn two_sweeps_at_once_do_nothing_twice() {
    let shop = open(&promising(100, &json!({}))).await;
    let id = order(&shop, "k").await;
    shop.wait(200);
    let (one, other) = futures::future::join(shop.memory.sweep(), shop.memory.sweep()).await;
    assert_eq!((one.unwrap().failed, other.unwrap().failed), (0, 0));
    assert_eq!(levels(&shop, &id).await.len(), 3);
}

#[tokio::test]
async fn who_had_an_order_when_a_level_was_reached_is_told_of_it_once_whoever_has_it_since() {
    let levels = json!([
        {"name": "half", "anchor": {"percent": 50}, "audience": "agent", "actions": ["notify", "watch"]},
        {"name": "due", "anchor": "at", "audience": "agent", "actions": ["notify"], "urgent": true},
    ]);
    let shop = open(&promising(100, &json!({ "levels": levels }))).await;
    let id = order(&shop, "k").await;
    shop.memory.live(seconds(120)).await.unwrap();
    let before = shop.order(&id).await;
    let other = ["ag_ana", "ag_bo"].into_iter().find(|name| before.agent.as_ref().unwrap().as_str() != *name).unwrap();
    shop.give("g", &id, Receiver::Agent(AgentId::parse(other).unwrap())).await.unwrap();
    shop.memory.settle().await;
    let told = |shop: &Shop| -> Vec<_> { shop.memory.notices().into_iter().map(|notice| notice.reason).collect() };
    let once = told(&shop);
    assert!(once.iter().any(|reason| reason.ends_with("/due/order_escalated")), "{once:?}");
    // The event that made the order comes once more, and so tells again whatever is on record.
    let feedback = before.feedback_ids[0].as_str();
    let again = Event::new(&shop::tenant(), EventType::FeedbackClassified, feedback, 2, before.created_at);
    handle(&shop.memory.world(), &again, shop.memory.moment()).await.unwrap();
    assert_eq!(told(&shop), once, "nobody is told anew of what is long past");
}

#[tokio::test]
async fn a_level_raises_reassigns_watches_tells_subscribers_and_compensates_up_to_the_cap() {
    let compensate = json!({"compensate": {"amount_minor": 600, "currency": "CNY"}});
    let mut policies = promising(
        100,
        &json!({
            "levels": [
                {"name": "half", "anchor": {"percent": 50}, "audience": "team_lead", "actions": ["raise", "reassign", "watch"]},
                {"name": "due", "anchor": "at", "audience": "supervisors", "actions": ["webhook", compensate]},
                {"name": "over", "anchor": {"after": 10}, "audience": "supervisors", "actions": [compensate]},
            ],
            "compensation_cap": {"amount_minor": 1000, "currency": "CNY"}
        }),
    );
    // A second promise is broken, too, and the cap leaves less for it.
    let target = policies.sla[0].targets[&Metric::Resolution].clone();
    let (webhook, since) = (WebhookId::derive(&["one"]), Timestamp::UNIX_EPOCH);
    policies.subscriptions.insert(webhook, Subscription { events: ["*".to_owned()].into(), since });
    policies.sla[0].targets.insert(Metric::FirstResponse, target);
    let shop = open(&policies).await;
    let id = order(&shop, "k").await;
    let before = shop.order(&id).await;
    shop.memory.live(seconds(120)).await.unwrap();
    let after = shop.order(&id).await;
    assert_eq!(after.priority, before.priority.raised().raised(), "once for each clock");
    assert_ne!(after.agent, before.agent);
    assert_eq!(after.watchers, ["agent:ag_lead"]);
    assert_eq!(after.clocks.all[0].target, before.clocks.all[0].target, "what escalates keeps its target");
    assert_eq!(after.compensated_minor, 1_000);
    let told = shop.memory.notices();
    let given = told.iter().filter(|n| n.template == "compensation.requested.v1" && n.to.webhook().is_none());
    let mut amounts: Vec<_> = given.map(|n| n.data["amount"]["amount_minor"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [400, 600], "one for each breach, whatever levels ask for it");
    assert!(told.iter().any(|n| n.template == "work_order.escalated.v1" && n.to.webhook().is_some()));
    assert!(told.iter().any(|n| n.template == "order_watched" && n.to.to_string() == "agent:ag_lead"));
    assert!(!told.iter().any(|n| n.template == "order_escalated"), "no level says notify");
    assert_eq!(
        shop.loads().iter().map(|(_, points)| points).sum::<u64>(),
        2,
        "it moved, load and all: a P1 weighs two"
    );

    // What made the order comes again: everybody is told again, and so nobody of anything new.
    let feedback = after.feedback_ids[0].as_str();
    let again = Event::new(&shop::tenant(), EventType::FeedbackClassified, feedback, 2, after.created_at);
    handle(&shop.memory.world(), &again, shop.memory.moment()).await.unwrap();
    assert_eq!(shop.memory.notices(), told);
}

#[tokio::test]
async fn notices_wait_for_the_hours_of_who_is_told_unless_the_level_is_urgent() {
    let mut policies = promising(
        100,
        &json!({
            "levels": [
                {"name": "calm", "anchor": {"percent": 50}, "audience": "supervisors"},
                {"name": "loud", "anchor": "at", "audience": "supervisors", "urgent": true},
            ]
        }),
    );
    policies.reopen.window_seconds = 3_600;
    let saturday: Timestamp = "2026-11-28T12:00:00+08:00".parse().unwrap();
    let shop = Shop::at(saturday, &[shop::agent("ana", &["zh", "en"], 5)], &policies).await;
    order(&shop, "k").await;
    shop.memory.live(seconds(120)).await.unwrap();
    let when = |level: &str| {
        let told = shop.memory.notices().into_iter().find(|n| n.data["level"] == level).unwrap();
        told.not_before.map(|at| at.to_string())
    };
    assert_eq!(when("calm").as_deref(), Some("2026-11-30T01:00:00Z"), "Monday, 09:00 in Shanghai");
    assert_eq!(when("loud"), None);
}

#[tokio::test]
async fn a_clock_that_is_paused_for_too_long_is_told_of_once() {
    let shop = open(&promising(36_000, &json!({"pause_cap_seconds": 86_400}))).await;
    let id = order(&shop, "k").await;
    shop.reply("r", &id).await.unwrap();
    shop.move_to("p", &id, Status::PendingCustomer).await.unwrap();
    let held = shop.order(&id).await;
    assert_eq!(held.clocks.latest(&Metric::Resolution).unwrap().state(shop.memory.moment().now), ClockState::Paused);
    shop.memory.live(SignedDuration::from_hours(24 * 5)).await.unwrap();
    let told = shop.memory.notices();
    assert_eq!(told.iter().filter(|notice| notice.data["level"] == "pause_cap").count(), 1);
    assert_eq!(shop.order(&id).await.status, Status::PendingCustomer);
}

fn key(name: &str) -> Keyed {
    Keyed { scope: name.to_owned(), key: Some(name.to_owned()), fingerprint: name.to_owned() }
}

/// An admin puts a new version of the policy `short` in the place of the one in force.
async fn promise_anew(shop: &Shop, policies: &Policies) -> Result<(), Fault> {
    let policy: SlaPolicy = policies.sla[0].clone();
    let ruling = govern::Ruling::ReplacePolicy(govern::PlacedPolicy { policy, position: None });
    let (world, admin) = (shop.memory.world(), shop::caller(Role::Admin));
    govern::rule(&world, &admin, &ruling, None, &key("put"), shop.memory.moment()).await.map(drop)
}

#[tokio::test]
async fn publishing_touches_no_live_order_and_reapplying_does_with_its_reason() {
    let shop = open(&promising(36_000, &json!({}))).await;
    let id = order(&shop, "k").await;
    let before = shop.order(&id).await;
    promise_anew(&shop, &promising(7_200, &json!({"levels": []}))).await.unwrap();
    shop.wait(100);
    shop.reply("r", &id).await.unwrap();
    let untouched = shop.order(&id).await;
    assert_eq!(untouched.clocks.agreement, before.clocks.agreement);
    assert_eq!(untouched.clocks.promised_by(), before.clocks.promised_by());
    let newer = order(&shop, "k2").await;
    assert_eq!(shop.order(&newer).await.clocks.agreement.unwrap().policy.version, 2);

    let (world, supervisor) = (shop.memory.world(), shop::caller(Role::Supervisor));
    let asked = amend::Amendment::Reapply("新协议 the new agreement".to_owned());
    let reply = amend::amend(&world, &supervisor, &id, None, &asked, &key("re"), shop.memory.moment()).await.unwrap();
    assert_eq!(reply.body["policy"], "short@2");
    let after = shop.order(&id).await;
    let due_at = after.clocks.promised_by().unwrap();
    assert_eq!(due_at.duration_since(after.created_at), seconds(7_200), "less what was consumed, and never from now");
    let fact = facts(&shop, &id).await.pop().unwrap();
    let told = serde_json::to_value(&fact).unwrap();
    assert_eq!((&told["why"], &told["reason"]), (&json!("reapply"), &json!("新协议 the new agreement")));
    assert_eq!(told["actor"]["kind"], "api_key");
}

#[tokio::test]
async fn an_order_is_the_fold_of_its_facts_under_policies_that_are_no_longer_in_force() {
    let shop = open(&promising(3_600, &json!({}))).await;
    let id = order(&shop, "k").await;
    shop.memory.live(seconds(3_000)).await.unwrap();
    promise_anew(&shop, &promising(60, &json!({"levels": [], "pauses": {}}))).await.unwrap();
    shop.reply("r", &id).await.unwrap();
    shop.move_to("p", &id, Status::PendingCustomer).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(2)).await.unwrap();
    shop.move_to("q", &id, Status::InProgress).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(2)).await.unwrap();
    let stored = shop.order(&id).await;
    assert_eq!(stored.clocks.all[0].policy.version, 1);
    assert!(stored.clocks.all[0].segments.len() == 3, "it was paused by the version that was agreed");
    // Another process, which has compiled nothing yet, finds the old version where it was kept.
    let fresh = redress_service::ports::World { compiled: std::sync::Arc::default(), ..shop.memory.world() };
    let terms = publish::terms_for(&fresh, &shop::tenant(), [&stored]).await.unwrap();
    let replayed = redress_domain::order::WorkOrder::replay(&id, stored.facts.clone(), &terms).unwrap().unwrap();
    assert_eq!(replayed, stored);
}

#[tokio::test]
async fn a_policy_that_an_open_order_runs_by_cannot_go() {
    let shop = open(&promising(36_000, &json!({}))).await;
    let id = order(&shop, "k").await;
    let (world, admin) = (shop.memory.world(), shop::caller(Role::Admin));
    let drop_it = govern::Ruling::DropPolicy("short".to_owned());
    let refused = govern::rule(&world, &admin, &drop_it, None, &key("d"), shop.memory.moment()).await.unwrap_err();
    assert!(matches!(&refused, Fault::Conflict(conflict) if conflict.to_string().contains(id.as_str())), "{refused}");
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    govern::rule(&world, &admin, &drop_it, None, &key("d"), shop.memory.moment()).await.unwrap();
    let other = order(&shop, "k2").await;
    assert_ne!(shop.order(&other).await.clocks.agreement.unwrap().policy.id, "short");
    assert_eq!(shop.order(&id).await.clocks.all[0].policy.id, "short", "what was promised stays on record");
}

#[tokio::test]
async fn a_message_that_comes_late_counts_from_when_it_was_said_if_that_is_believable() {
    let mut policies = promising(36_000, &json!({}));
    let next = json!({"calendar": "always", "P1": 3_600, "P2": 3_600, "P3": 3_600, "P4": 3_600});
    policies.sla[0].targets.insert(Metric::NextResponse, serde_json::from_value(next).unwrap());
    for (minutes_ago, counted_ago) in [(10, 600), (20, 0), (-5, 0), (40, 0)] {
        let shop = open(&policies).await;
        let first = shop.say("k", "水壶漏水 The kettle leaks").await.unwrap();
        shop.memory.settle().await;
        let id = shop.order_of(&first.id).await.id;
        shop.wait(60);
        shop.reply("r", &id).await.unwrap();
        shop.wait(1_800);
        let now = shop.memory.moment().now;
        let said_at = now - seconds(minutes_ago * 60);
        let more = json!({
            "channel": "web", "message": "还是漏 It still leaks", "customer": {"ref": "c-1"}, "thread": first.id,
            "occurred_at": said_at.to_string()
        });
        shop.hand_over("k2", serde_json::from_value(more).unwrap()).await.unwrap();
        shop.memory.settle().await;
        let order = shop.order(&id).await;
        let due_at = order.clocks.live_clock(&Metric::NextResponse).unwrap().due_at.unwrap();
        assert_eq!(due_at, now + seconds(3_600 - counted_ago), "said {minutes_ago} minutes ago");
        let said = facts(&shop, &id).await.into_iter().rfind(|fact| fact.what.word() == "message_posted").unwrap();
        assert_eq!((said.at, said.recorded_at), (now - seconds(counted_ago), now), "both times are kept");
    }
}
