//! New targets, reopening and breaches, told by whole orders (sla.md section 3).

use super::story::{Story, flat, hours, one, policies};
use crate::actor::ActorKind;
use crate::category::Category;
use crate::fact::Visibility;
use crate::order::{Refusal, Status};
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{BreachCause, ClockState, Metric};
use serde_json::{Value, json};

const RESOLUTION: Metric = Metric::Resolution;

/// Resolution within eight hours at P4, two at P1, one at P2; `more` on top.
fn terms(more: Value) -> Terms {
    let mut policy = json!({"targets": {"resolution": hours(2, 1, 4, 8)}, "levels": []});
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one(policy)
}

fn relabel(story: &mut Story, to: Category) {
    story.act(ActorKind::Agent, |order, by, calendar| order.relabel(by, to, calendar)).unwrap();
}

/// Product enquiries get eight hours, complaints about logistics nothing.
fn promised_and_not() -> Terms {
    let some = json!({"id": "some", "when": {"category": ["product_enquiry"]}, "levels": [],
        "targets": {"resolution": flat(28_800), "first_response": flat(28_800)}});
    Terms::compile(policies(json!([some, {"id": "none", "no_sla": true}]))).unwrap()
}

#[test]
fn a_target_already_used_up_is_broken_at_the_change_and_never_before() {
    let mut story = Story::of(terms(json!({})));
    story.at("23T12:30:00").prioritise(Priority::P1);
    let breach = story.clock(&RESOLUTION).breach.clone().unwrap();
    assert_eq!((breach.due_at, breach.detected_at), (story.now, story.now));
    assert_eq!((breach.cause, breach.consumed_ms), (BreachCause::Retarget, 3 * 3_600_000));
    assert_eq!(story.due(&RESOLUTION), "23T12:30:00");
    let fact = json!(story.order.facts.last().unwrap());
    assert_eq!((&fact["breach_cause"], &fact["target_ms"]), (&json!("retarget"), &json!(7_200_000)));
    assert_eq!(story.order.facts.iter().filter(|fact| fact.what.word() == "breached").count(), 1);
}

#[test]
fn a_target_used_up_to_the_millisecond_is_broken_too() {
    let mut story = Story::of(terms(json!({})));
    story.at("23T11:00:00").prioritise(Priority::P1);
    assert_eq!(story.state(&RESOLUTION), ClockState::Breached);
    let mut story = Story::of(terms(json!({})));
    story.at("23T10:59:59.999").prioritise(Priority::P1);
    assert_eq!((story.state(&RESOLUTION), story.due(&RESOLUTION)), (ClockState::Running, "23T11:00:00".into()));
}

#[test]
fn a_grace_gives_a_used_up_target_a_little_more_and_only_that_one() {
    let mut story = Story::of(terms(json!({"retarget_grace_seconds": 900})));
    story.at("23T12:30:00").prioritise(Priority::P1);
    assert_eq!((story.state(&RESOLUTION), story.due(&RESOLUTION)), (ClockState::Running, "23T13:15:00".into()));
    assert_eq!(story.proof(&RESOLUTION).grace_seconds, 3_600 + 900, "an hour too much was used already");
    story.at("23T13:10:00").prioritise(Priority::P4);
    assert_eq!((story.due(&RESOLUTION), story.proof(&RESOLUTION).grace_seconds), ("23T18:00:00".into(), 0));
}

#[test]
fn a_longer_target_leaves_what_was_not_used() {
    let mut story = Story::of(one(json!({"targets": {"resolution": hours(8, 8, 8, 2)}, "levels": []})));
    story.at("23T10:00:00").prioritise(Priority::P1);
    assert_eq!(story.due(&RESOLUTION), "23T18:00:00");
}

#[test]
fn while_paused_only_what_remains_changes() {
    let mut story = Story::of(terms(json!({}))).assigned();
    story.answer().at("23T11:30:00").go(Status::PendingCustomer);
    story.at("23T14:00:00").prioritise(Priority::P1);
    assert_eq!((story.state(&RESOLUTION), story.due(&RESOLUTION)), (ClockState::Paused, "none".into()));
    story.prioritise(Priority::P3).at("24T09:00:00").ask();
    assert_eq!(story.due(&RESOLUTION), "24T10:30:00", "an hour and a half of four were left");
}

#[test]
fn what_was_kept_is_not_touched_by_a_new_target() {
    let terms = one(json!({"targets": {"first_response": hours(1, 1, 1, 8), "resolution": hours(8, 8, 8, 8)}}));
    let mut story = Story::of(terms).assigned();
    story.at("23T11:00:00").answer();
    let before = story.clock(&Metric::FirstResponse).clone();
    story.at("23T12:00:00").prioritise(Priority::P1);
    assert_eq!(*story.clock(&Metric::FirstResponse), before);
    assert_eq!(story.state(&Metric::FirstResponse), ClockState::Fulfilled);
}

#[test]
fn where_nothing_is_promised_any_more_clocks_are_cancelled_and_a_promise_again_lets_them_go_on() {
    let mut story = Story::of(promised_and_not()).assigned();
    story.at("23T11:00:00");
    relabel(&mut story, Category::Logistics);
    assert_eq!((story.state(&RESOLUTION), story.due(&RESOLUTION)), (ClockState::Cancelled, "none".into()));
    assert_eq!(story.order.promised_by(), None);
    story.at("24T09:00:00");
    relabel(&mut story, Category::ProductEnquiry);
    assert_eq!((story.due(&RESOLUTION), story.count(&RESOLUTION)), ("24T16:00:00".into(), 1), "two hours were used");
    story.at("24T10:00:00");
    relabel(&mut story, Category::Logistics);
    // What was answered while nothing was promised is not asked again.
    story.at("24T11:00:00").answer().at("24T12:00:00");
    relabel(&mut story, Category::ProductEnquiry);
    assert_eq!(story.state(&Metric::FirstResponse), ClockState::Cancelled);
    assert_eq!(story.state(&RESOLUTION), ClockState::Running);
}

#[test]
fn what_is_left_is_counted_on_the_new_calendar_and_what_was_used_on_the_old() {
    let mut story = Story::of(terms(json!({})));
    story.at("23T17:00:00");
    story.act(ActorKind::Agent, |order, by, team| order.recalendar(by, Some("always".into()), team)).unwrap();
    assert_eq!(story.due(&RESOLUTION), "23T18:00:00", "seven hours of eight were used");
    let versions: Vec<_> = story.proof(&RESOLUTION).segments.into_iter().map(|run| run.calendar_version).collect();
    assert_eq!(versions, ["office@1", "always@1"]);
    story.at("23T17:30:00");
    story.act(ActorKind::Agent, |order, by, team| order.recalendar(by, None, team)).unwrap();
    assert_eq!(story.due(&RESOLUTION), "23T18:00:00");
    let refused = story.act(ActorKind::Agent, |order, by, team| order.recalendar(by, Some("never".into()), team));
    assert_eq!(refused, Err(Refusal::NoSuchCalendar("never".into())));
}

#[test]
fn an_order_that_comes_back_after_a_breach_gets_a_share_and_one_that_was_in_time_goes_on() {
    for (more, resolved, due) in [
        (json!({}), "23T11:00:00", "24T17:00:00"),
        (json!({}), "23T18:00:00.001", "24T15:00:00"),
        (json!({"reopen": {"target_percent_after_breach": 25}}), "23T18:00:00.001", "24T12:00:00"),
        (json!({"reopen": {"mode": "restart"}}), "23T11:00:00", "25T10:00:00"),
        (json!({"reopen": {"mode": "restart"}}), "23T18:00:00.001", "25T10:00:00"),
    ] {
        let mut story = Story::of(terms(more)).assigned();
        story.at(resolved).go(Status::Resolved);
        let cycle_1 = story.clock(&RESOLUTION).clone();
        story.at("24T10:00:00").go(Status::Reopened);
        assert_eq!(story.due(&RESOLUTION), due, "{resolved}");
        assert_eq!(story.order.clocks.all[0], cycle_1, "cycle 1 never changes");
        story.prioritise(Priority::P2).prioritise(Priority::P4);
        assert_eq!(story.order.clocks.all[0], cycle_1);
    }
}

#[test]
fn a_cycle_that_gets_a_share_gets_that_share_of_a_new_target_too() {
    let mut story = Story::of(terms(json!({}))).assigned();
    story.at("23T18:00:00.001").go(Status::Resolved).at("24T10:00:00").go(Status::Reopened);
    story.prioritise(Priority::P3);
    assert_eq!((story.due(&RESOLUTION), story.proof(&RESOLUTION).target_seconds), ("24T12:00:00".into(), 7_200));
}

#[test]
fn bots_notes_and_the_system_answer_nothing_and_a_person_behind_a_key_does() {
    let terms = one(json!({"targets": {"first_response": flat(28_800)}, "levels": []}));
    let mut story = Story::of(terms).assigned();
    for (who, visibility) in [
        (ActorKind::Bot, Visibility::Public),
        (ActorKind::System, Visibility::Public),
        (ActorKind::Agent, Visibility::Internal),
    ] {
        story.say(who, visibility).unwrap();
        assert_eq!(story.state(&Metric::FirstResponse), ClockState::Running, "{who:?}");
    }
    story.say(ActorKind::ApiKey, Visibility::Public).unwrap();
    assert_eq!(story.state(&Metric::FirstResponse), ClockState::Fulfilled);
}

#[test]
fn each_exchange_has_a_clock_of_its_own_and_resolving_cancels_the_open_one() {
    let terms = one(json!({"targets": {"next_response": flat(3_600), "resolution": flat(28_800)}, "levels": []}));
    let mut story = Story::of(terms).assigned();
    story.at("23T09:30:00").ask().answer();
    assert_eq!(story.count(&Metric::NextResponse), 0, "what comes before the first answer waits for that");
    story.at("23T10:00:00").ask().at("23T10:20:00").ask();
    assert_eq!(story.due(&Metric::NextResponse), "23T11:00:00");
    story.at("23T10:30:00").answer().at("23T11:00:00").ask();
    assert_eq!((story.count(&Metric::NextResponse), story.due(&Metric::NextResponse)), (2, "23T12:00:00".into()));
    assert_eq!(story.clock(&Metric::NextResponse).key.exchange, 2);
    story.at("23T11:30:00").go(Status::Resolved);
    assert_eq!(story.state(&Metric::NextResponse), ClockState::Cancelled);
    story.at("23T11:40:00").ask();
    assert_eq!(story.count(&Metric::NextResponse), 2, "a thank-you opens nothing");
}
