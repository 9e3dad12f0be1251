//! Metrics, keys, seconds and clocks as they are written.

use super::story::{Story, flat, hours, level, one};
use crate::order::Status;
use crate::priority::Priority;
use crate::sla::{Clock, ClockKey, Metric, Seconds, Target, VersionRef};
use jiff::SignedDuration;
use serde_json::json;

#[test]
fn every_metric_is_read_back_from_its_word() {
    let law = Metric::Statutory("returns_7".into());
    for metric in Metric::NAMED.into_iter().chain([law]) {
        assert_eq!(Metric::parse(&metric.word()), Some(metric.clone()));
        assert_eq!(serde_json::from_value::<Metric>(json!(metric)).unwrap(), metric);
    }
}

#[test]
fn a_statutory_name_is_short_and_plain() {
    let longest = format!("statutory:{}", "a".repeat(64));
    assert!(Metric::parse(&longest).is_some_and(|metric| metric.is_statutory()));
    let names = ["", "A", "a-b", "a b", "七日", &"a".repeat(65)];
    for word in names.map(|name| format!("statutory:{name}")) {
        assert_eq!(Metric::parse(&word), None, "{word}");
    }
    assert!(Metric::NAMED.iter().all(|metric| !metric.is_statutory()));
    assert_eq!(Metric::parse("returns_7"), None);
    assert!(serde_json::from_value::<Metric>(json!("first")).unwrap_err().to_string().contains("first is no metric"));
}

#[test]
fn a_clock_is_named_by_its_cycle_and_metric_and_by_its_exchange_from_the_second_on() {
    let key = |exchange| ClockKey { metric: Metric::NextResponse, cycle: 2, exchange };
    assert_eq!(key(1).to_string(), "2/next_response");
    assert_eq!(key(2).to_string(), "2/next_response/2");
    assert_eq!(json!(key(1)), json!({"metric": "next_response", "cycle": 2}));
    assert_eq!(serde_json::from_value::<ClockKey>(json!(key(1))).unwrap(), key(1));
    assert_eq!(json!(key(3)), json!({"metric": "next_response", "cycle": 2, "exchange": 3}));
}

#[test]
fn seconds_show_a_fraction_only_where_there_is_one() {
    for (ms, shown, number) in [(5_400_000, "5400", json!(5400)), (1_500, "1.5", json!(1.5)), (0, "0", json!(0))] {
        let seconds = Seconds::of(SignedDuration::from_millis(ms));
        assert_eq!((seconds.to_string().as_str(), json!(seconds)), (shown, number));
    }
    assert!(json!(Seconds::of(SignedDuration::from_secs(1))).is_i64());
}

#[test]
fn a_clock_is_stored_without_what_says_nothing_and_read_back_as_it_was() {
    let story = Story::of(one(json!({"targets": {"resolution": flat(3_600)}, "levels": [level("due", json!("at"))]})));
    let clock = story.clock(&Metric::Resolution);
    let stored = json!({
        "metric": "resolution", "cycle": 1,
        "target": {"ms": 3_600_000, "calendar": {"id": "office", "version": 1}},
        "policy": {"id": "one", "version": 1},
        "segments": [{"kind": "run", "from": "2026-11-23T01:00:00Z", "cause": format!("{}/1", story.order.id)}],
        "due_at": "2026-11-23T02:00:00Z",
        "pending": [{"level": "due", "at": "2026-11-23T02:00:00Z"}],
    });
    assert_eq!(json!(clock), stored);
    assert_eq!(serde_json::from_value::<Clock>(stored).unwrap(), *clock);
}

#[test]
fn what_a_clock_has_been_through_is_stored() {
    let mut repeated = level("over", json!("at"));
    repeated["repeat"] = json!({"every_seconds": 60, "max": 3});
    let policy =
        json!({"targets": {"resolution": hours(1, 1, 1, 2)}, "levels": [repeated], "retarget_grace_seconds": 60});
    let mut story = Story::of(one(policy)).assigned();
    story.at("23T10:00:00").go(Status::Resolved).at("23T10:30:00").go(Status::Reopened);
    story.at("23T11:00:00").prioritise(Priority::P1).at("23T11:10:00").catch_up();
    let clock = story.clock(&Metric::Resolution);
    let stored = json!(clock);
    assert_eq!((&stored["carried_ms"], &stored["grace_ms"]), (&json!(3_600_000), &json!(1_800_000 + 60_000)));
    assert_eq!((&stored["segments"][0]["ms"], &stored["done"][1]["repeat"]), (&json!(1_800_000), &json!(1)));
    assert!(stored["breach"].is_object());
    assert_eq!(serde_json::from_value::<Clock>(stored).unwrap(), *clock);
}

#[test]
fn the_share_that_a_cycle_gets_is_stored_where_it_is_not_the_whole() {
    let mut story = Story::of(one(json!({"targets": {"resolution": flat(3_600)}, "levels": []}))).assigned();
    story.at("23T11:00:00").go(Status::Resolved).at("23T11:30:00").go(Status::Reopened);
    let stored = json!(story.clock(&Metric::Resolution));
    assert_eq!(stored["share"], 50);
    assert_eq!(serde_json::from_value::<Clock>(stored).unwrap(), *story.clock(&Metric::Resolution));
}

#[test]
fn a_share_of_a_target_is_at_least_a_millisecond_unless_the_target_is_nothing() {
    let share = |ms, percent| {
        let calendar = VersionRef { id: "office".into(), version: 1 };
        Target { ms, calendar, days: None }.percent(percent).ms
    };
    assert_eq!((share(1_000, 50), share(1_000, 100), share(3, 50)), (500, 1_000, 1));
    assert_eq!((share(1, 50), share(0, 50), share(99, 1)), (1, 0, 1));
}
