//! What levels do when they are reached, whom they tell, and what a long pause is told for.

use super::story::{Story, flat, hours, instant, ladder, level, one, policies};
use crate::actor::ActorKind;
use crate::category::Category;
use crate::fact::What;
use crate::order::Status;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{ClockState, Level, Metric};
use serde_json::{Value, json};

const RESOLUTION: Metric = Metric::Resolution;

#[test]
fn a_raise_spares_the_clock_that_asked_for_it_and_moves_the_others() {
    let mut raise = level("raise", json!({"percent": 50}));
    (raise["metrics"], raise["actions"]) = (json!(["resolution"]), json!(["raise"]));
    let targets = json!({"resolution": hours(1, 2, 4, 8), "first_response": hours(5, 5, 5, 6)});
    let mut story = Story::of(one(json!({"targets": targets, "levels": [raise]})));
    story.at("23T14:00:00");
    assert_eq!(story.catch_up(), ["resolution raise#0 fired", "priority_changed", "sla_applied"]);
    assert_eq!(story.order.priority, Priority::P3);
    assert_eq!(
        (story.due(&RESOLUTION), story.due(&Metric::FirstResponse)),
        ("23T18:00:00".into(), "23T15:00:00".into())
    );
    assert!(story.catch_up().is_empty() && story.pending(&RESOLUTION).is_empty());
    story.at("23T14:30:00").prioritise(Priority::P1);
    assert_eq!(story.state(&RESOLUTION), ClockState::Breached, "a person's change spares nothing");
}

#[test]
fn a_raise_writes_off_nothing_of_the_clock_that_it_spares() {
    let mut raise = level("raise", json!({"percent": 50}));
    raise["actions"] = json!(["raise"]);
    let levels = json!([raise, level("60", json!({"percent": 60})), level("70", json!({"percent": 70}))]);
    let mut story = Story::of(ladder(levels));
    story.at("23T16:00:00");
    let told = story.catch_up();
    assert_eq!(told[..3], ["resolution raise#0 fired", "priority_changed", "sla_applied"]);
    assert_eq!(told[3..], ["resolution 60#0 fired", "resolution 70#0 fired"]);
}

#[test]
fn a_raise_never_lowers_and_leaves_the_highest_priority_as_it_is() {
    let mut raise = level("raise", json!({"percent": 50}));
    raise["actions"] = json!(["raise"]);
    let mut story = Story::of(ladder(json!([raise])));
    story.prioritise(Priority::P1).at("23T10:00:00");
    assert_eq!(story.catch_up(), ["resolution raise#0 fired"]);
    assert_eq!(story.order.priority, Priority::P1);
}

#[test]
fn a_breach_is_compensated_once_and_all_of_an_order_up_to_the_cap() {
    let pay = |name: &str, anchor: Value| {
        let mut level = level(name, anchor);
        level["actions"] = json!(["notify", {"compensate": {"amount_minor": 600, "currency": "CNY"}}]);
        level
    };
    let levels = json!([pay("one", json!("at")), pay("two", json!({"after": 600})),]);
    let targets = json!({"first_response": flat(3_600), "resolution": flat(3_600)});
    let paid = |story: &Story| -> Vec<_> {
        let amount = |what: &What| match what {
            What::CompensationRequested { amount, .. } => Some(amount.amount_minor),
            _ => None,
        };
        story.order.facts.iter().filter_map(|fact| amount(&fact.what)).collect()
    };
    for (cap, gives) in [(1_000, vec![600, 400]), (601, vec![600, 1]), (600, vec![600]), (100, vec![100])] {
        let money = json!({"amount_minor": cap, "currency": "CNY"});
        let mut story = Story::of(one(json!({"targets": targets, "levels": levels, "compensation_cap": money})));
        story.at("23T12:00:00").catch_up();
        assert_eq!(paid(&story), gives, "up to {cap}");
        assert_eq!(story.order.compensated_minor, gives.iter().sum::<i64>());
        story.catch_up();
        assert_eq!(paid(&story), gives);
    }
}

#[test]
fn whoever_works_on_it_is_told_and_while_nobody_does_the_supervisors_are() {
    let warn = json!([{"name": "warn", "anchor": {"percent": 50}, "audience": "agent"}]);
    for (assigned, told) in [(true, "agent"), (false, "supervisors")] {
        let mut story = Story::of(ladder(warn.clone()));
        if assigned {
            story.route("tm_a", Some("ag_a"));
        }
        story.at("23T14:00:00").catch_up();
        assert_eq!(json!(story.order.facts.last().unwrap())["audience"], told);
    }
}

#[test]
fn a_level_tells_by_default_and_says_what_its_anchor_is() {
    let read: Level = serde_json::from_value(level("x", json!({"before": 60}))).unwrap();
    assert_eq!(json!(read.actions), json!(["notify"]));
    assert!(!json!(read).as_object().unwrap().contains_key("urgent"));
    let warns = |anchor: Value| serde_json::from_value::<Level>(level("x", anchor)).unwrap().anchor.warns();
    assert!(warns(json!({"percent": 99})) && warns(json!({"before": 60})));
    assert!(!warns(json!({"percent": 100})) && !warns(json!("at")) && !warns(json!({"after": 60})));
}

#[test]
fn a_long_pause_is_remembered_once_and_another_pause_again() {
    let terms = one(json!({
        "targets": {"resolution": flat(28_800)}, "levels": [], "pause_cap_seconds": 86_400,
        "pauses": {"pending_customer": ["resolution"], "on_hold": ["resolution"], "pending_carrier": []},
    }));
    let mut story = Story::of(terms).assigned();
    story.answer().at("23T10:00:00").go(Status::PendingCustomer);
    assert_eq!(story.order.next_due(&story.terms), Some(instant("2026-11-24T10:00:00+08:00")));
    // A pause of a pause changes only the reason.
    story.at("23T20:00:00").go(Status::OnHold);
    assert!(story.at("24T09:59:59").catch_up().is_empty());
    assert_eq!(story.at("24T10:00:00").catch_up(), ["order pause_cap#0 fired"]);
    assert!(story.at("25T10:00:00").go(Status::PendingCustomer).at("29T10:00:00").catch_up().is_empty());
    assert_eq!(story.order.next_due(&story.terms), None);
    story.ask().go(Status::OnHold);
    assert_eq!(story.at("30T10:00:00").catch_up(), ["order pause_cap#0 fired"]);
}

#[test]
fn a_wait_that_holds_no_clock_needs_no_reminder() {
    let terms = one(json!({"targets": {"resolution": flat(28_800)}, "levels": [], "pause_cap_seconds": 60}));
    let mut story = Story::of(terms).assigned();
    story.at("23T10:00:00").go(Status::PendingCarrier);
    assert!(story.at("23T11:00:00").catch_up().is_empty());
}

#[test]
fn a_held_clock_that_ends_ends_the_wait_too() {
    let pauses = json!({"on_hold": ["first_response"]});
    let targets = json!({"first_response": flat(28_800)});
    let terms = one(json!({"targets": targets, "levels": [], "pauses": pauses, "pause_cap_seconds": 3_600}));
    let mut story = Story::of(terms).assigned();
    story.at("23T10:00:00").go(Status::OnHold);
    assert_eq!(story.order.next_due(&story.terms), Some(instant("2026-11-23T11:00:00+08:00")));
    story.at("23T10:30:00").answer();
    assert_eq!((story.order.held_since, story.order.next_due(&story.terms)), (None, None));
    assert!(story.at("23T11:00:00").catch_up().is_empty());
}

#[test]
fn a_policy_that_begins_to_hold_clocks_begins_the_wait_and_one_that_frees_them_ends_it() {
    let policy = |id: &str, when: Value, held: Value| {
        json!({"id": id, "when": when, "pauses": {"on_hold": held}, "pause_cap_seconds": 3_600,
            "targets": {"resolution": flat(28_800)}, "levels": []})
    };
    let holds = policy("holds", json!({"category": ["logistics"]}), json!(["resolution"]));
    let sla = json!([holds, policy("frees", json!({}), json!([]))]);
    let mut story = Story::of(Terms::compile(policies(sla)).unwrap()).assigned();
    let relabel =
        |story: &mut Story, to| story.act(ActorKind::Agent, |order, by, _| order.relabel(by, to, None)).unwrap();
    story.at("23T10:00:00").go(Status::OnHold).at("23T11:00:00");
    relabel(&mut story, Category::Logistics);
    assert_eq!(story.order.next_due(&story.terms), Some(instant("2026-11-23T12:00:00+08:00")));
    story.at("23T11:30:00");
    relabel(&mut story, Category::Account);
    assert!(story.at("23T12:00:00").catch_up().is_empty());
}
