//! Broken promises: written once, never edited, excused by an addition (sla.md section 3).

use super::story::{Story, flat, hours, instant, one, policies};
use crate::actor::ActorKind;
use crate::category::Category;
use crate::order::{Entry, Refusal, Status, Transition, WorkOrder};
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{Breach, BreachCause, ClockState, Metric};
use serde_json::{Value, json};

const RESOLUTION: Metric = Metric::Resolution;

fn terms(more: Value) -> Terms {
    let mut policy = json!({"targets": {"resolution": hours(2, 1, 4, 8)}, "levels": []});
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one(policy)
}

fn breaches(story: &Story) -> usize {
    story.order.facts.iter().filter(|fact| fact.what.word() == "breached").count()
}

#[test]
fn a_broken_promise_stays_broken_whatever_is_promised_later() {
    let mut story = Story::of(terms(json!({})));
    story.prioritise(Priority::P1).at("23T11:30:00").catch_up();
    let breach = story.clock(&RESOLUTION).breach.clone();
    story.at("23T12:00:00").prioritise(Priority::P4);
    assert_eq!((story.state(&RESOLUTION), story.due(&RESOLUTION)), (ClockState::Breached, "23T18:00:00".into()));
    story.at("24T12:00:00").prioritise(Priority::P2);
    assert_eq!(story.clock(&RESOLUTION).breach, breach);
    assert_eq!(breaches(&story), 1);
}

#[test]
fn a_breach_is_excused_once_and_keeps_its_record() {
    let mut story = Story::of(terms(json!({}))).assigned();
    let key = story.clock(&RESOLUTION).key.clone();
    let annul = |story: &mut Story, reason: &str| {
        story.act(ActorKind::Agent, |order, by, _| order.annul(by, key.clone(), reason.into()))
    };
    assert_eq!(annul(&mut story, "nothing was broken"), Err(Refusal::NothingBroken));
    story.at("24T10:00:00").catch_up();
    let breach = story.clock(&RESOLUTION).breach.clone().unwrap();
    annul(&mut story, "台风").unwrap();
    assert_eq!(annul(&mut story, "again"), Err(Refusal::NothingBroken));
    let excused = story.clock(&RESOLUTION).breach.clone().unwrap();
    assert_eq!(excused.annulled.as_ref().map(|annulment| annulment.reason.as_str()), Some("台风"));
    assert_eq!(Breach { annulled: None, ..excused }, breach);
    assert_eq!(story.state(&RESOLUTION), ClockState::Breached);
}

#[test]
fn a_late_fact_counts_from_when_it_happened_if_that_can_be() {
    let mut story = Story::of(terms(json!({}))).assigned();
    let told = instant("2026-11-23T17:59:00+08:00");
    let too_early = instant("2026-11-23T08:00:00+08:00");
    story.at("23T18:05:00");
    for (occurred, resolved) in [(told, told), (too_early, story.now)] {
        let mut late = story.clone();
        late.act(ActorKind::Agent, |order, by, _| {
            let asked = Transition { to: Status::Resolved, reason: None, resolution: None, survey: true };
            order.transition(by.occurred(Some(occurred)), asked)
        })
        .unwrap();
        assert_eq!((late.order.resolved_at, late.order.updated_at), (Some(resolved), late.now));
        assert_eq!(late.clock(&RESOLUTION).breach.is_some(), occurred != told);
    }
}

#[test]
fn whatever_meets_a_broken_promise_first_writes_it_down_and_nothing_does_so_again() {
    type Meets = fn(&mut WorkOrder, Entry<'_>);
    let meet: [Meets; 5] = [
        |order, by| order.catch_up(by, None).unwrap(),
        |order, by| order.recount(by, Some("always")).unwrap(),
        |order, by| order.prioritise(by, Priority::P3, None, None).unwrap(),
        |order, by| order.recalendar(by, Some("night".into()), None).unwrap(),
        |order, by| {
            order
                .transition(by, Transition { to: Status::Resolved, reason: None, resolution: None, survey: true })
                .unwrap()
        },
    ];
    for (first, meets) in meet.iter().enumerate() {
        let mut story = Story::of(terms(json!({}))).assigned();
        story.at("24T10:00:00").act(ActorKind::Agent, |order, by, _| meets(order, by));
        assert_eq!(breaches(&story), 1, "{first}");
        let breach = story.clock(&RESOLUTION).breach.clone().unwrap();
        assert_eq!((breach.due_at, breach.detected_at), (instant("2026-11-23T18:00:00+08:00"), story.now));
        assert_eq!((breach.cause, breach.consumed_ms), (BreachCause::Elapsed, 9 * 3_600_000));
        story.at("25T10:00:00").catch_up();
        assert_eq!(breaches(&story), 1, "{first}");
    }
}

#[test]
fn a_broken_promise_that_is_taken_back_and_given_again_is_not_broken_twice() {
    let some = json!({"id": "some", "when": {"category": ["product_enquiry"]}, "levels": [],
        "targets": {"resolution": flat(3_600)}});
    let mut story = Story::of(Terms::compile(policies(json!([some, {"id": "none", "no_sla": true}]))).unwrap());
    story.at("23T11:00:00").catch_up();
    for to in [Category::Logistics, Category::ProductEnquiry] {
        story.act(ActorKind::Agent, |order, by, _| order.relabel(by, to, None)).unwrap();
        assert_eq!((breaches(&story), story.state(&RESOLUTION)), (1, ClockState::Breached));
    }
}

#[test]
fn a_breach_names_who_had_the_order_at_that_instant_and_what_it_ran_by() {
    let mut story = Story::of(terms(json!({}))).assigned();
    story.at("24T10:00:00").catch_up();
    let fact = json!(story.order.facts.last().unwrap());
    let named = |key: &str| fact[key].as_str().unwrap().to_owned();
    assert_eq!((named("team"), named("agent"), named("metric")), ("tm_a".into(), "ag_a".into(), "resolution".into()));
    assert_eq!((&fact["policy"]["id"], &fact["calendar"]["id"]), (&json!("one"), &json!("office")));
    assert_eq!((&fact["target_ms"], &fact["cycle"]), (&json!(28_800_000), &json!(1)));
}

#[test]
fn breaches_seen_together_are_written_in_the_order_in_which_the_promises_ended() {
    let targets = json!({"resolution": flat(3_600), "first_response": flat(7_200)});
    let mut story = Story::of(one(json!({"targets": targets, "levels": []})));
    story.at("24T10:00:00").catch_up();
    let told: Vec<_> =
        story.order.facts.iter().map(|fact| json!(fact)).filter(|fact| fact["type"] == "breached").collect();
    assert_eq!(
        told.iter().map(|fact| fact["metric"].as_str().unwrap()).collect::<Vec<_>>(),
        ["resolution", "first_response"]
    );
}
