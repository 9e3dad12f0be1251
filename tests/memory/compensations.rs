//! Promises that were not kept, compensated: asked for once a breach, within the cap; approved by
//! whoever may; and what is not given leaves room for what is broken later.

use super::crashes::{survives, sweep, until_answered};
use super::world::Shop;
use crate::shop;
use jiff::SignedDuration;
use redress_domain::compensation::{Asked, CompensationState, Verdict};
use redress_domain::fact::What;
use redress_domain::id::{CompensationId, WorkOrderId};
use redress_domain::order::Status;
use redress_domain::policy::{Policies, SlaPolicy};
use redress_domain::sla::{ClockKey, Metric};
use redress_service::amend::{self, Amendment};
use redress_service::auth::{Caller, Role};
use redress_service::compensations::{self, CompensationFilter, CompensationView};
use redress_service::fault::Conflict;
use redress_service::reply::{Keyed, Reply};
use redress_service::{Fault, desk};
use serde_json::{Value, json};

/// A shop that promises a resolution within 100 seconds and a first response within 200, and
/// compensates either with 600 at its due, up to 1,000 for an order. Bands: automatic, supervisor.
fn policies(bands: Option<(i64, i64)>) -> Policies {
    let mut policies = shop::policies();
    let flat = |seconds: i64| json!({"calendar": "always", "P1": seconds, "P2": seconds, "P3": seconds, "P4": seconds});
    let pays = json!({"compensate": {"amount_minor": 600, "currency": "CNY"}});
    let policy: SlaPolicy = serde_json::from_value(json!({
        "id": "short", "when": {"channel": ["web"]}, "targets": {"resolution": flat(100), "first_response": flat(200)},
        "levels": [{"name": "pay", "anchor": "at", "audience": "supervisors", "actions": ["notify", pays],
            "repeat": {"every_seconds": 300, "max": 5}}],
        "compensation_cap": {"amount_minor": 1_000, "currency": "CNY"},
    }))
    .unwrap();
    policies.sla.insert(0, policy);
    let band = bands.map(|(automatic, supervisor)| {
        json!({"currency": "CNY", "automatic_up_to_minor": automatic, "supervisor_up_to_minor": supervisor})
    });
    let approval: Vec<Value> = band.into_iter().collect();
    policies.promises = serde_json::from_value(json!({"version": 2, "promises": [], "approval": approval})).unwrap();
    policies
}

async fn open(bands: Option<(i64, i64)>) -> Shop {
    Shop::of(&[shop::agent("ana", &["zh", "en"], 10)], &policies(bands)).await
}

/// An order whose first promise is broken.
async fn broken(shop: &Shop) -> WorkOrderId {
    let received = shop.say("k", "水壶漏水 The kettle leaks").await.unwrap();
    shop.memory.settle().await;
    shop.memory.live(SignedDuration::from_secs(110)).await.unwrap();
    WorkOrderId::of(&shop::tenant(), &received.id)
}

fn keyed(name: &str) -> Keyed {
    Keyed { scope: "POST decision".to_owned(), key: Some(name.to_owned()), fingerprint: name.to_owned() }
}

fn clock(metric: Metric) -> ClockKey {
    ClockKey { metric, cycle: 1, exchange: 1 }
}

impl Shop {
    async fn compensations(&self, filter: &CompensationFilter) -> Vec<CompensationView> {
        let supervisor = shop::caller(Role::Supervisor);
        compensations::list(&self.memory.world(), &supervisor, filter, None, 50).await.unwrap().items
    }

    async fn all(&self) -> Vec<CompensationView> {
        self.compensations(&CompensationFilter::default()).await
    }

    async fn decide(
        &self,
        who: Role,
        id: &CompensationId,
        decision: Verdict,
        amount_minor: Option<i64>,
    ) -> Result<Reply, Fault> {
        let reason = Some("查过了 we looked into it".to_owned());
        let (asked, caller) = (Asked { decision, amount_minor, reason }, shop::caller(who));
        let name = keyed(&format!("{who:?} {decision:?} {amount_minor:?}"));
        compensations::decide(&self.memory.world(), &caller, id, None, &asked, &name, self.memory.moment()).await
    }

    async fn annul(&self, id: &WorkOrderId, clock: ClockKey) -> Result<Reply, Fault> {
        let (caller, excuse) = (shop::caller(Role::Supervisor), Amendment::Annul(clock, "台风 a storm".to_owned()));
        let name = keyed(&format!("annul {excuse:?}"));
        amend::amend(&self.memory.world(), &caller, id, None, &excuse, &name, self.memory.moment()).await
    }

    fn asked_to_approve(&self) -> usize {
        self.memory.notices().iter().filter(|notice| notice.template == "compensation.requested.v1").count()
    }
}

#[tokio::test]
async fn a_breach_asks_for_one_compensation_that_a_supervisor_approves_within_the_band() {
    let shop = open(Some((0, 600))).await;
    let id = broken(&shop).await;
    let all = shop.all().await;
    assert_eq!(all.len(), 1);
    let pending = &all[0];
    assert_eq!((pending.state, pending.amount.amount_minor, pending.version), (CompensationState::Pending, 600, 1));
    assert_eq!((&pending.work_order, &pending.clock), (&id, &clock(Metric::Resolution)));
    assert_eq!((pending.customer_ref.as_str(), pending.policy.as_str()), ("c-1", "short@1"));
    let order = shop.order(&id).await;
    assert_eq!(pending.due_at, order.clocks.latest(&Metric::Resolution).unwrap().breach.as_ref().map(|b| b.due_at));
    let told = shop.memory.notices().into_iter().find(|n| n.template == "compensation.requested.v1").unwrap();
    assert_eq!((shop.asked_to_approve(), &told.data["compensation"]), (1, &json!(pending.id)));

    let reply = shop.decide(Role::Supervisor, &pending.id, Verdict::Approved, None).await.unwrap();
    assert_eq!((&reply.body["state"], reply.version), (&json!("approved"), 2));
    assert_eq!(
        (&reply.body["decision"]["amount"]["amount_minor"], &reply.body["amount"]["amount_minor"]),
        (&json!(600), &json!(600))
    );
    let facts = desk::facts(&shop.memory.world(), &shop::caller(Role::Agent), &id).await.unwrap();
    let decided = facts.iter().find(|fact| fact.what.word() == "compensation_decided").unwrap();
    let told = json!(decided);
    assert_eq!(
        (&told["compensation"], &told["decision"], &told["metric"]),
        (&json!(pending.id), &json!("approved"), &json!("resolution"))
    );
    assert_eq!((shop.order(&id).await.compensated_minor, &told["actor"]["kind"]), (600, &json!("api_key")));

    // The order is the fold of its facts with that, too, and what its clocks prove is as it was.
    let terms = redress_service::publish::terms_for(&shop.memory.world(), &shop::tenant(), [&order]).await.unwrap();
    let after = shop.order(&id).await;
    let replayed = redress_domain::order::WorkOrder::replay(&id, facts, &terms).unwrap().unwrap();
    assert_eq!((&replayed.clocks, replayed.compensated_minor), (&after.clocks, 600));
    assert_eq!(order.clocks, after.clocks);
}

#[tokio::test]
async fn above_the_band_and_in_a_currency_without_one_only_an_admin_decides() {
    for (bands, says) in [(Some((0, 599)), "CNY 5.99"), (Some((0, 0)), "no band"), (None, "no band")] {
        let shop = open(bands).await;
        let id = broken(&shop).await;
        let pending = shop.all().await.remove(0);
        let before = shop.memory.store().snapshot();
        for (decision, amount) in [(Verdict::Approved, None), (Verdict::Approved, Some(5)), (Verdict::Declined, None)] {
            let refused = shop.decide(Role::Supervisor, &pending.id, decision, amount).await.unwrap_err();
            let Fault::Conflict(Conflict::AboveBand(why)) = &refused else { panic!("{refused:?}") };
            assert!(why.contains("admin") && why.contains("CNY 6.00") && why.contains(says), "{why}");
        }
        assert_eq!(shop.memory.store().snapshot(), before, "what is refused changes nothing");
        shop.decide(Role::Admin, &pending.id, Verdict::Approved, Some(5)).await.unwrap();
        assert_eq!(shop.order(&id).await.compensated_minor, 5);
    }
}

#[tokio::test]
async fn what_is_declined_leaves_room_under_the_cap_and_what_is_given_does_not() {
    for (decision, amount, second) in
        [(Verdict::Declined, None, 600), (Verdict::Approved, Some(500), 500), (Verdict::Approved, None, 400)]
    {
        let shop = open(Some((0, 600))).await;
        let id = broken(&shop).await;
        let first = shop.all().await.remove(0);
        shop.decide(Role::Supervisor, &first.id, decision, amount).await.unwrap();
        shop.memory.live(SignedDuration::from_secs(600)).await.unwrap();
        let all = shop.all().await;
        let amounts: Vec<_> = all.iter().map(|each| each.amount.amount_minor).collect();
        assert_eq!(amounts, [600, second], "a breach that was decided is not asked for again: {decision:?}");
        let given = all[0].decision.as_ref().unwrap().amount.amount_minor;
        assert_eq!(shop.order(&id).await.compensated_minor, given + second);
    }
}

#[tokio::test]
async fn what_needs_nobody_is_approved_at_once_by_the_system_and_nobody_is_asked() {
    let shop = open(Some((400, 600))).await;
    let id = broken(&shop).await;
    shop.memory.live(SignedDuration::from_secs(110)).await.unwrap();
    let all = shop.all().await;
    let states: Vec<_> = all.iter().map(|each| (each.amount.amount_minor, each.state, each.version)).collect();
    assert_eq!(states, [(600, CompensationState::Pending, 1), (400, CompensationState::Approved, 1)]);
    let by = &all[1].decision.as_ref().unwrap().by;
    assert_eq!(json!(by), json!({"kind": "system", "id": "approval"}));
    assert_eq!(shop.asked_to_approve(), 1, "only of what somebody must decide");
    let pending = CompensationFilter { state: Some(CompensationState::Pending), ..CompensationFilter::default() };
    assert_eq!(shop.compensations(&pending).await, all[..1]);
    let approved = CompensationFilter { state: Some(CompensationState::Approved), ..CompensationFilter::default() };
    assert_eq!(shop.compensations(&approved).await, all[1..]);
    let of_order = CompensationFilter { work_order: Some(id), ..CompensationFilter::default() };
    assert_eq!(shop.compensations(&of_order).await, all);
}

#[tokio::test]
async fn the_same_verdict_again_is_answered_as_before_and_another_is_refused_with_the_state() {
    let shop = open(Some((0, 600))).await;
    let id = broken(&shop).await;
    let pending = shop.all().await.remove(0);
    let first = shop.decide(Role::Supervisor, &pending.id, Verdict::Approved, Some(500)).await.unwrap();
    let again = shop.decide(Role::Supervisor, &pending.id, Verdict::Approved, Some(500)).await.unwrap();
    assert_eq!((again.replayed, &again.body), (true, &first.body));
    let by_another = shop.decide(Role::Admin, &pending.id, Verdict::Approved, Some(500)).await.unwrap();
    assert_eq!((by_another.replayed, &by_another.body), (false, &first.body));
    for (decision, amount) in [(Verdict::Approved, None), (Verdict::Declined, None)] {
        let refused = shop.decide(Role::Admin, &pending.id, decision, amount).await.unwrap_err();
        assert_eq!(refused, Fault::Conflict(Conflict::Decided(CompensationState::Approved)));
    }
    assert_eq!(shop.story(&id).await.iter().filter(|word| *word == "compensation_decided").count(), 1);
    let stranger =
        Caller { tenant: redress_domain::id::TenantId::parse("tn_other").unwrap(), ..shop::caller(Role::Admin) };
    let asked = Asked { decision: Verdict::Approved, amount_minor: None, reason: None };
    let (world, name, moment) = (shop.memory.world(), keyed("stranger"), shop.memory.moment());
    let foreign = compensations::decide(&world, &stranger, &pending.id, None, &asked, &name, moment).await;
    assert_eq!(foreign, Err(Fault::NotFound));
}

#[tokio::test]
async fn excusing_a_breach_declines_what_waits_for_it_and_leaves_what_was_given() {
    let shop = open(Some((0, 600))).await;
    let id = broken(&shop).await;
    shop.annul(&id, clock(Metric::Resolution)).await.unwrap();
    let declined = shop.all().await.remove(0);
    let decision = declined.decision.unwrap();
    assert_eq!(
        (declined.state, decision.reason.as_deref(), declined.version),
        (CompensationState::Declined, Some("annulled"), 2)
    );
    assert_eq!(shop.order(&id).await.compensated_minor, 0);
    let story = shop.story(&id).await;
    assert_eq!(story[story.len() - 2..], ["breach_annulled", "compensation_decided"]);

    shop.memory.live(SignedDuration::from_secs(110)).await.unwrap();
    let second = shop.all().await.remove(1);
    assert_eq!(second.amount.amount_minor, 600, "all of the cap is there again");
    shop.decide(Role::Supervisor, &second.id, Verdict::Approved, None).await.unwrap();
    shop.annul(&id, second.clock.clone()).await.unwrap();
    assert_eq!(shop.all().await[1].state, CompensationState::Approved, "what was given is not taken back");
}

#[tokio::test]
async fn an_order_that_ends_leaves_what_was_asked_for_to_whoever_decides() {
    let shop = open(Some((0, 600))).await;
    let id = broken(&shop).await;
    shop.move_to("c", &id, Status::Cancelled).await.unwrap();
    let pending = shop.all().await.remove(0);
    assert_eq!(pending.state, CompensationState::Pending);
    shop.decide(Role::Supervisor, &pending.id, Verdict::Declined, None).await.unwrap();
    let order = shop.order(&id).await;
    assert_eq!((order.status, order.compensated_minor), (Status::Cancelled, 0));
    assert!(matches!(order.facts.last().unwrap().what, What::CompensationDecided { .. }));
}

/// A life in which two promises are broken, one told of three times: the first is declined, the
/// second is what the cap leaves, and its breach is excused.
async fn break_promises(shop: &Shop) -> Vec<WorkOrderId> {
    let received = until_answered(async || shop.say("k", "水壶漏水 The kettle leaks").await).await;
    shop.memory.settle().await;
    let id = WorkOrderId::of(&shop::tenant(), &received.id);
    for _ in 0..3 {
        shop.wait(61);
        sweep(shop).await;
    }
    let first = CompensationId::of(&id, &clock(Metric::Resolution));
    until_answered(async || shop.decide(Role::Supervisor, &first, Verdict::Approved, Some(300)).await).await;
    for _ in 0..3 {
        shop.wait(61);
        sweep(shop).await;
    }
    until_answered(async || shop.annul(&id, clock(Metric::FirstResponse)).await).await;
    shop.wait(61);
    sweep(shop).await;
    vec![id]
}

#[tokio::test]
async fn dying_while_promises_are_broken_and_decided_asks_once_a_breach_and_decides_once() {
    let (story, crashes) = survives(async || open(Some((0, 600))).await, break_promises).await;
    let told = |what: &str| story.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!((told("compensation_requested"), told("compensation_decided")), (2, 2), "{story:?}");
    assert_eq!(told("compensation 600 ruled 300 at version 2"), 1, "{story:?}");
    assert_eq!(told("compensation 600 ruled 0 at version 2"), 1, "{story:?}");
    assert!(crashes > 60, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn dying_while_a_promise_is_broken_leaves_one_that_waits_within_the_cap() {
    let life = async |shop: &Shop| {
        let received = until_answered(async || shop.say("k", "水壶漏水 The kettle leaks").await).await;
        shop.memory.settle().await;
        for _ in 0..3 {
            shop.wait(61);
            sweep(shop).await;
            sweep(shop).await;
        }
        vec![WorkOrderId::of(&shop::tenant(), &received.id)]
    };
    let open = async || {
        let mut policies = policies(Some((0, 600)));
        policies.sla[0].targets.remove(&Metric::FirstResponse);
        policies.sla[0].compensation_cap.as_mut().unwrap().amount_minor = 450;
        Shop::of(&[shop::agent("ana", &["zh", "en"], 10)], &policies).await
    };
    let (story, crashes) = survives(open, life).await;
    let told: Vec<_> = story.iter().filter(|line| line.starts_with("compensation ")).collect();
    assert_eq!(told, ["compensation 450 ruled null at version 1"]);
    assert!(crashes > 30, "only {crashes} crashes: the life has become too short to show anything");
}
