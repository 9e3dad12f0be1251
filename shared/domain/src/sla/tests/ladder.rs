//! Escalation levels (sla.md section 4): when they are reached, how often, and what is skipped.

use super::story::{Story, flat, hours, instant, ladder, level, one};
use crate::actor::ActorKind;
use crate::order::Status;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{ClockState, Metric, Rung};
use serde_json::{Value, json};

const RESOLUTION: Metric = Metric::Resolution;

fn warn_due_over() -> Value {
    json!([
        level("half", json!({"percent": 50})),
        level("warn", json!({"percent": 80})),
        level("due", json!("at")),
        level("over", json!({"percent": 150})),
    ])
}

/// Half over, and daily, five times in all.
fn daily() -> Value {
    let mut over = level("over", json!({"percent": 150}));
    over["repeat"] = json!({"every_seconds": 86_400, "max": 5});
    json!([over])
}

#[test]
fn four_fifths_of_eight_hours_from_monday_nine_are_reached_at_16_24() {
    let story = Story::of(ladder(json!([level("warn", json!({"percent": 80}))])));
    assert_eq!(story.pending(&RESOLUTION), ["warn#0 23T16:24:00"]);
}

#[test]
fn a_notice_before_due_falls_inside_hours_and_not_before_the_start() {
    for (before, reached) in [(1_800, "before#0 30T09:00:00"), (3_600, "before#0 27T17:30:00")] {
        let levels = json!([level("before", json!({"before": before}))]);
        let terms = one(json!({"targets": {"resolution": flat(3_600)}, "levels": levels}));
        let mut story = Story::from(terms, "2026-11-27T17:30:00+08:00");
        assert_eq!(story.due(&RESOLUTION), "30T09:30:00");
        assert_eq!(story.pending(&RESOLUTION), [reached]);
        story.at("30T09:00:00");
        assert_eq!(story.catch_up(), ["resolution before#0 fired"]);
        assert!(story.catch_up().is_empty() && story.pending(&RESOLUTION).is_empty(), "once");
    }
}

#[test]
fn a_notice_longer_than_what_is_left_falls_on_the_start() {
    let levels = json!([level("before", json!({"before": 7_200}))]);
    let mut story = Story::of(one(json!({"targets": {"resolution": hours(2, 2, 2, 8)}, "levels": levels})));
    story.at("23T10:00:00").prioritise(Priority::P1);
    assert_eq!(
        (story.due(&RESOLUTION), story.pending(&RESOLUTION)),
        ("23T11:00:00".into(), vec!["before#0 23T10:00:00".into()])
    );
}

#[test]
fn levels_past_due_are_counted_in_business_time() {
    let levels = json!([
        level("over", json!({"percent": 150})),
        level("after", json!({"after": 1_800})),
        level("due", json!("at")),
    ]);
    let story = Story::of(ladder(levels));
    assert_eq!(story.pending(&RESOLUTION), ["due#0 23T18:00:00", "after#0 24T09:30:00", "over#0 24T14:00:00"]);
}

#[test]
fn a_level_that_repeats_comes_again_by_its_own_clock_and_no_more_often_than_it_may() {
    let mut story = Story::of(ladder(daily()));
    story.at("24T14:07:00");
    assert_eq!(story.catch_up(), ["breached", "resolution over#0 fired"]);
    assert_eq!(story.pending(&RESOLUTION), ["over#1 25T14:00:00"], "not a day after it was seen");
    for (day, repeat) in [(25, 1), (26, 2), (27, 3), (28, 4)] {
        assert!(story.at(&format!("{day}T13:59:59")).catch_up().is_empty());
        assert_eq!(story.at(&format!("{day}T14:00:00")).catch_up(), [format!("resolution over#{repeat} fired")]);
    }
    assert!(story.pending(&RESOLUTION).is_empty());
    assert_eq!(story.order.clocks.next_due(), None);
}

#[test]
fn after_an_outage_the_warning_is_skipped_and_the_breach_fires() {
    let mut story = Story::of(ladder(warn_due_over()));
    story.at("24T09:00:00");
    let expected =
        ["breached", "resolution half#0 skipped_late", "resolution warn#0 skipped_late", "resolution due#0 fired"];
    assert_eq!(story.catch_up(), expected);
}

#[test]
fn at_the_due_instant_itself_warnings_are_late_and_nothing_is_broken_yet() {
    let mut story = Story::of(ladder(warn_due_over()));
    story.at("23T14:00:00");
    assert_eq!(story.catch_up(), ["resolution half#0 fired"]);
    story.at("23T18:00:00");
    assert_eq!(story.catch_up(), ["resolution warn#0 skipped_late", "resolution due#0 fired"]);
    assert_eq!(story.state(&RESOLUTION), ClockState::Running);
    story.at("23T18:00:00.001");
    assert_eq!(story.catch_up(), ["breached"]);
}

#[test]
fn of_the_repeats_missed_in_an_outage_the_last_fires() {
    let mut story = Story::of(ladder(daily()));
    story.at("27T10:00:00");
    let expected =
        ["breached", "resolution over#0 skipped_late", "resolution over#1 skipped_late", "resolution over#2 fired"];
    assert_eq!(story.catch_up(), expected);
    assert_eq!(story.pending(&RESOLUTION), ["over#3 27T14:00:00"]);
    story.at("30T14:00:00");
    assert_eq!(
        story.catch_up(),
        ["resolution over#3 skipped_late", "resolution over#4 fired"],
        "the last is never overtaken"
    );
}

#[test]
fn of_the_levels_that_a_retarget_passes_the_highest_fires_and_the_rest_are_written_off() {
    let mut story = Story::of(ladder(warn_due_over()));
    // Five of four hours are used: half, warn and due are past, six hours are not.
    story.at("23T15:00:00");
    let told = story.told(|story| {
        story.prioritise(Priority::P3);
    });
    let expected = [
        "priority_changed",
        "sla_applied",
        "breached",
        "resolution half#0 skipped_retarget",
        "resolution warn#0 skipped_retarget",
    ];
    assert_eq!(told, expected);
    assert_eq!(story.pending(&RESOLUTION), ["due#0 23T15:00:00", "over#0 23T16:00:00"]);
    assert_eq!(story.catch_up(), ["resolution due#0 fired"]);
    assert!(story.catch_up().is_empty());
}

#[test]
fn levels_that_have_fired_stay_fired_through_a_retarget() {
    let mut story = Story::of(ladder(warn_due_over()));
    story.at("23T14:00:00");
    assert_eq!(story.catch_up(), ["resolution half#0 fired"]);
    story.at("23T15:00:00").prioritise(Priority::P2);
    assert_eq!(story.catch_up(), ["resolution warn#0 fired"], "five of six hours are more than 80 %");
    story.prioritise(Priority::P4);
    assert_eq!(story.pending(&RESOLUTION), ["due#0 23T18:00:00", "over#0 24T14:00:00"], "neither comes again");
}

#[test]
fn repeats_go_on_by_their_own_clock_through_a_retarget_and_through_a_pause() {
    let mut story = Story::of(ladder(daily())).assigned();
    story.answer();
    for day in [24, 25, 26] {
        story.at(&format!("{day}T14:00:00")).catch_up();
    }
    story.at("26T15:00:00").prioritise(Priority::P2);
    assert_eq!(story.pending(&RESOLUTION), ["over#3 27T14:00:00"]);
    story.at("26T16:00:00").go(Status::PendingCustomer);
    assert!(story.pending(&RESOLUTION).is_empty());
    story.at("26T17:00:00").ask();
    assert_eq!(story.pending(&RESOLUTION), ["over#3 27T14:00:00"]);
    story.go(Status::PendingCustomer).at("30T09:30:00").ask();
    assert_eq!(story.pending(&RESOLUTION), ["over#3 30T09:30:00"], "what came due in a pause comes on resuming");
}

#[test]
fn nothing_is_pending_while_paused_and_levels_move_with_the_due_instant() {
    let mut story = Story::of(ladder(warn_due_over())).assigned();
    story.answer().at("23T11:00:00").go(Status::PendingCustomer);
    assert!(story.pending(&RESOLUTION).is_empty());
    assert!(story.at("25T10:59:59").catch_up().is_empty());
    story.at("25T11:00:00").ask();
    // Two hours are used: half after two more, 80 % after 4.4, due after six, over after ten.
    let expected = ["half#0 25T14:00:00", "warn#0 25T16:24:00", "due#0 25T18:00:00", "over#0 26T14:00:00"];
    assert_eq!(story.pending(&RESOLUTION), expected);
}

#[test]
fn a_level_is_climbed_by_the_metrics_that_it_names() {
    let mut named = level("named", json!({"percent": 80}));
    named["metrics"] = json!(["resolution"]);
    let targets = json!({"resolution": flat(3_600), "first_response": flat(3_600)});
    let story = Story::of(one(json!({"targets": targets, "levels": [named, level("all", json!("at"))]})));
    assert_eq!(story.pending(&RESOLUTION), ["named#0 23T09:48:00", "all#0 23T10:00:00"]);
    assert_eq!(story.pending(&Metric::FirstResponse), ["all#0 23T10:00:00"]);
}

#[test]
fn repeats_of_a_level_that_a_longer_target_moves_ahead_wait_for_it() {
    let mut story = Story::of(one(json!({"targets": {"resolution": hours(8, 2, 2, 2)}, "levels": daily()})));
    for day in [23, 24] {
        story.at(&format!("{day}T12:00:00")).catch_up();
    }
    assert_eq!(story.pending(&RESOLUTION), ["over#2 25T12:00:00"]);
    // Eleven of twelve hours are used: over is reached at 14:00 now, and again a day and two after.
    story.at("24T13:00:00").prioritise(Priority::P1);
    assert_eq!(story.pending(&RESOLUTION), ["over#2 26T14:00:00"]);
}

#[test]
fn the_timer_is_set_for_the_next_rung_or_the_millisecond_after_due() {
    let levels = json!([level("warn", json!({"percent": 80})), level("over", json!({"percent": 150}))]);
    let mut story = Story::of(ladder(levels));
    let mut next = |seen: &str| {
        story.at(seen).catch_up();
        story.order.next_due(&story.terms)
    };
    for (seen, due) in [
        ("23T09:00:00", "2026-11-23T16:24:00+08:00"),
        ("23T16:24:00", "2026-11-23T18:00:00.001+08:00"),
        ("23T18:00:00", "2026-11-23T18:00:00.001+08:00"),
        ("23T18:00:00.001", "2026-11-24T14:00:00+08:00"),
    ] {
        assert_eq!(next(seen), Some(instant(due)), "{seen}");
    }
    assert_eq!(next("24T14:00:00"), None);
}

#[test]
fn what_is_told_again_or_of_no_rung_to_come_has_no_effect() {
    let story = Story::of(ladder(warn_due_over()));
    let (book, key) = (&story.terms.book, &story.clock(&RESOLUTION).key);
    let mut clocks = story.order.clocks.clone();
    for (level, repeat) in [("gone", 0), ("warn", 1), ("due", 0), ("due", 0)] {
        clocks.climb(key, level, repeat, book).unwrap();
    }
    let clock = clocks.find(key).unwrap();
    let names = |rungs: &[Rung]| rungs.iter().map(|rung| rung.level.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&clock.done), names(&clock.pending)),
        (vec!["due".into()], vec!["half".into(), "warn".into(), "over".into()])
    );
}

#[test]
fn a_level_after_due_keeps_its_distance_when_due_is_close_already() {
    let mut story = Story::of(ladder(json!([level("after", json!({"after": 1_800}))]))).assigned();
    story.answer().at("23T17:50:00").go(Status::PendingCustomer).at("24T09:00:00").ask();
    assert_eq!(
        (story.due(&RESOLUTION), story.pending(&RESOLUTION)),
        ("24T09:10:00".into(), vec!["after#0 24T09:40:00".into()])
    );
}

#[test]
fn another_ladder_for_the_same_target_takes_the_place_of_the_old_one_and_moves_no_due_instant() {
    for (now, due) in [("23T10:00:00", "23T18:00:00"), ("24T10:00:00", "23T18:00:00")] {
        let mut story = Story::of(ladder(json!([level("old", json!({"after": 36_000}))])));
        let mut policies = story.terms.policies.clone();
        (policies.version, policies.sla[0].version) = (policies.version + 1, policies.sla[0].version + 1);
        policies.sla[0].levels = vec![serde_json::from_value(level("new", json!({"after": 72_000}))).unwrap()];
        let mut next = Terms::compile(policies).unwrap();
        next.book.extend(&story.terms.book);
        story.at(now);
        story.terms = next;
        story.act(ActorKind::ApiKey, |order, by, team| order.reapply(by, team, "新级别".into())).unwrap();
        assert_eq!(story.due(&Metric::Resolution), due, "at {now}");
        let pending = story.pending(&Metric::Resolution);
        assert_eq!(pending.len(), 1, "{pending:?}");
        assert!(pending[0].starts_with("new"), "{pending:?}");
    }
}
