//! What a law gives, and what a team owes itself: statutory clocks and ownership.

use super::story::{Story, flat, instant, one, policies};
use crate::actor::ActorKind;
use crate::category::Category;
use crate::order::Status;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{ClockState, Metric};
use serde_json::{Value, json};

fn returns() -> Metric {
    Metric::Statutory("returns".into())
}

/// Seven days to return something, by the days of `calendar`; resolution in eight hours.
fn seven_days(calendar: &str) -> Terms {
    let targets = json!({"statutory:returns": {"days": 7, "calendar": calendar}, "resolution": flat(28_800)});
    one(json!({"targets": targets, "levels": [],
        "pauses": {"pending_customer": ["resolution"], "on_hold": ["resolution"]}}))
}

fn due(story: &Story) -> String {
    story.clock(&returns()).due_at.map_or("none".into(), |due| due.to_string())
}

#[test]
fn the_day_of_the_start_is_not_counted_and_the_last_day_ends_at_midnight() {
    let dues = [
        ("office", "2026-11-23T00:00:00+08:00", "2026-11-30T16:00:00Z"),
        ("office", "2026-11-23T09:00:00+08:00", "2026-11-30T16:00:00Z"),
        ("office", "2026-11-23T23:59:59.999+08:00", "2026-11-30T16:00:00Z"),
        ("office", "2026-11-24T00:00:00+08:00", "2026-12-01T16:00:00Z"),
        ("office", "2026-12-25T12:00:00+08:00", "2027-01-01T16:00:00Z"),
        ("office", "2028-02-25T12:00:00+08:00", "2028-03-03T16:00:00Z"),
        // A Sunday of 25 hours, and one of 23.
        ("new_york", "2026-10-26T12:00:00-04:00", "2026-11-03T05:00:00Z"),
        ("new_york", "2026-10-25T00:00:00-04:00", "2026-11-02T05:00:00Z"),
        ("new_york", "2026-03-05T23:59:59-05:00", "2026-03-13T04:00:00Z"),
        ("new_york", "2026-03-01T12:00:00-05:00", "2026-03-09T04:00:00Z"),
    ];
    for (calendar, start, expected) in dues {
        assert_eq!(due(&Story::from(seven_days(calendar), start)), expected, "{calendar} {start}");
    }
}

#[test]
fn what_a_law_gives_runs_on_through_nights_and_pauses_and_is_proved_on_the_wall_clock() {
    let mut story = Story::of(seven_days("office")).assigned();
    story.answer().at("23T10:00:00").go(Status::PendingCustomer);
    assert_eq!((story.state(&Metric::Resolution), story.state(&returns())), (ClockState::Paused, ClockState::Running));
    story.at("24T09:00:00");
    assert_eq!(json!(story.proof(&returns()).consumed_seconds), json!(86_400));
    assert_eq!(due(&story), "2026-11-30T16:00:00Z");
}

#[test]
fn neither_priority_nor_calendar_moves_what_a_law_gives() {
    let mut story = Story::of(seven_days("office"));
    let before = story.clock(&returns()).clone();
    story.at("24T10:00:00").prioritise(Priority::P1);
    story.act(ActorKind::Agent, |order, by, team| order.recalendar(by, Some("new_york".into()), team)).unwrap();
    assert_eq!(*story.clock(&returns()), before);
    assert_eq!(story.count(&returns()), 1);
}

#[test]
fn resolving_stops_what_a_law_gives_and_after_its_last_day_it_is_broken() {
    for (resolved, state) in
        [("2026-11-30T16:00:00Z", ClockState::Fulfilled), ("2026-11-30T16:00:00.001Z", ClockState::Breached)]
    {
        let mut story = Story::of(seven_days("office")).assigned();
        story.on(resolved).go(Status::Resolved);
        assert_eq!(story.state(&returns()), state, "{resolved}");
    }
}

#[test]
fn an_order_that_comes_back_has_until_the_same_last_day_and_none_if_that_has_passed() {
    let mut story = Story::of(seven_days("office")).assigned();
    story.at("24T10:00:00").go(Status::Resolved).at("26T10:00:00").go(Status::Reopened);
    assert_eq!((due(&story), story.count(&returns())), ("2026-11-30T16:00:00Z".into(), 2));
    story.route("tm_a", Some("ag_a")).go(Status::Resolved).at("28T10:00:00").go(Status::Reopened);
    assert_eq!((due(&story), story.count(&returns())), ("2026-11-30T16:00:00Z".into(), 3));
    story.route("tm_a", Some("ag_a")).go(Status::Resolved).on("2026-12-01T00:00:00+08:00").go(Status::Reopened);
    assert_eq!(story.count(&returns()), 3, "the last day is over");
    assert_eq!(story.state(&returns()), ClockState::Fulfilled);
}

#[test]
fn a_law_s_days_that_another_policy_brings_count_from_then_on() {
    let promise = |days: bool| match days {
        true => json!({"resolution": flat(3_600), "statutory:returns": {"days": 7}}),
        false => json!({"resolution": flat(3_600)}),
    };
    let sla = json!([
        {"id": "goods", "when": {"category": ["after_sales"]}, "targets": promise(true), "levels": []},
        {"id": "rest", "targets": promise(false), "levels": []},
    ]);
    let mut story = Story::of(Terms::compile(policies(sla)).unwrap());
    assert_eq!(story.count(&returns()), 0);
    story.at("25T10:00:00");
    let relabel =
        |story: &mut Story, to| story.act(ActorKind::Agent, |order, by, _| order.relabel(by, to, None)).unwrap();
    relabel(&mut story, Category::AfterSales);
    assert_eq!(due(&story), "2026-12-02T16:00:00Z");
    relabel(&mut story, Category::Account);
    assert_eq!(due(&story), "2026-12-02T16:00:00Z", "what a law has given no policy takes");
}

#[test]
fn not_even_a_policy_that_promises_nothing_takes_what_a_law_gave_and_it_goes_on_after_a_reopening() {
    let goods = json!({"resolution": flat(360_000), "statutory:returns": {"days": 7}});
    let sla = json!([
        {"id": "goods", "when": {"category": ["product_enquiry"]}, "targets": goods, "levels": []},
        {"id": "rest", "no_sla": true},
    ]);
    let mut story = Story::of(Terms::compile(policies(sla)).unwrap()).assigned();
    let given = due(&story);
    story.at("24T10:00:00");
    story.act(ActorKind::Agent, |order, by, _| order.relabel(by, Category::Account, None)).unwrap();
    assert_eq!((due(&story), story.state(&Metric::Resolution)), (given.clone(), ClockState::Cancelled));
    story.at("25T10:00:00").go(Status::Resolved);
    assert_eq!(story.state(&returns()), ClockState::Fulfilled);
    story.at("26T10:00:00").go(Status::Reopened);
    assert_eq!((due(&story), story.clock(&returns()).key.cycle), (given, 2));
}

fn owned() -> Terms {
    one(json!({"targets": {"ownership": flat(3_600), "resolution": flat(28_800)}, "levels": []}))
}

#[test]
fn ownership_runs_from_the_queue_until_somebody_takes_it() {
    let mut story = Story::of(owned());
    assert_eq!(story.count(&Metric::Ownership), 0);
    story.at("23T09:30:00").route("tm_a", None);
    assert_eq!(story.due(&Metric::Ownership), "23T10:30:00");
    story.at("23T10:00:00").route("tm_a", None);
    assert_eq!((story.due(&Metric::Ownership), story.count(&Metric::Ownership)), ("23T10:30:00".into(), 1));
    story.at("23T10:30:00").route("tm_a", Some("ag_a"));
    assert_eq!(story.state(&Metric::Ownership), ClockState::Fulfilled);
}

#[test]
fn another_team_s_queue_starts_ownership_anew() {
    let mut story = Story::of(owned());
    story.route("tm_a", None).at("23T09:45:00").route("tm_b", None);
    let states: Vec<Value> = story.order.clocks.all.iter().map(|clock| json!(clock.state(story.now))).collect();
    assert_eq!(states, [json!("running"), json!("cancelled"), json!("running")]);
    assert_eq!(
        (story.due(&Metric::Ownership), story.clock(&Metric::Ownership).key.exchange),
        ("23T10:45:00".into(), 2)
    );
    story.at("23T10:50:00").route("tm_a", None);
    assert_eq!(story.due(&Metric::Ownership), "23T11:50:00");
    let breached = story.order.clocks.all.iter().filter(|clock| clock.is_breached(story.now)).count();
    assert_eq!(breached, 1, "what the second team let slip stays broken");
}

#[test]
fn taken_and_queued_again_by_the_same_team_is_another_exchange() {
    let mut story = Story::of(owned());
    story.route("tm_a", None).at("23T09:10:00").route("tm_a", Some("ag_a")).at("23T11:00:00").route("tm_a", None);
    assert_eq!((story.count(&Metric::Ownership), story.due(&Metric::Ownership)), (2, "23T12:00:00".into()));
    assert_eq!(story.order.queued_at, Some(instant("2026-11-23T11:00:00+08:00")));
}

#[test]
fn an_order_that_is_done_owes_nobody_to_take_it() {
    let mut story = Story::of(owned());
    story.go(Status::Cancelled).route("tm_a", None);
    assert_eq!(story.count(&Metric::Ownership), 0);
}

#[test]
fn told_twice_that_it_is_queued_it_has_one_clock_all_the_same() {
    let mut story = Story::of(owned());
    story.route("tm_a", None).at("23T09:30:00");
    let again = story.order.facts.last().unwrap().what.clone();
    story.act(ActorKind::System, |order, by, _| order.record(by, again)).unwrap();
    assert_eq!((story.count(&Metric::Ownership), story.due(&Metric::Ownership)), (1, "23T10:00:00".into()));
}
