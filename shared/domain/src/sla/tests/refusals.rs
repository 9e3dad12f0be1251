//! What `replay` refuses, each by its code and its place.

use crate::calendar::Calendar;
use crate::sla::replay::replay;
use serde_json::{Map, Value, json};

/// A line that is right: 09:00 to 17:00 on Mondays, all three targets, created and resolved.
fn right() -> Value {
    json!({
        "id": "right",
        "calendar": {"time_zone": "UTC", "hours": {"mon": [["09:00", "17:00"]]}},
        "targets": {"first_response": 60, "next_response": 120, "resolution": 240},
        "pauses": ["resolution"],
        "reopen": "continue",
        "retarget_grace": 15,
        "reopen_target_percent": 50,
        "events": [
            {"at": "2026-11-23T09:00:00Z", "type": "created"},
            {"at": "2026-11-23T10:00:00Z", "type": "resolved"},
        ],
    })
}

fn answer(line: &Value) -> Result<Value, (&'static str, String)> {
    let calendar = Calendar::parse(&line["calendar"]).unwrap_or_else(|_| Calendar::always());
    let fields: Map<String, Value> = line.as_object().unwrap().clone();
    replay(calendar, &fields).map_err(|error| {
        assert!(!error.detail.is_empty());
        (error.code, error.pointer)
    })
}

/// The right line with `value` at `pointer`, whether there was something or not.
fn with(pointer: &str, value: Value) -> Value {
    let mut line = right();
    let (holder, key) = pointer.rsplit_once('/').unwrap();
    match line.pointer_mut(holder).unwrap() {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        holder => holder[key.replace("~1", "/").replace("~0", "~")] = value,
    }
    line
}

fn without(pointer: &str) -> Value {
    let mut line = right();
    let (holder, key) = pointer.rsplit_once('/').unwrap();
    line.pointer_mut(holder).unwrap().as_object_mut().unwrap().remove(key);
    line
}

#[test]
fn a_right_line_is_answered_an_event_at_a_time() {
    let steps = answer(&right()).unwrap();
    assert_eq!(steps[1]["after_event"], 1);
    assert_eq!(steps[1]["clocks"]["resolution"]["state"], "fulfilled");
    assert_eq!(steps[1]["clocks"]["next_response"]["state"], "idle");
}

#[test]
fn an_order_may_be_done_as_it_is_made() {
    for state in ["resolved", "closed"] {
        let steps = answer(&with("/events/0/state", json!(state))).unwrap();
        let clocks = &steps[0]["clocks"];
        assert_eq!(clocks["resolution"]["state"], "fulfilled", "{state}");
        assert_eq!(clocks["resolution"]["due"], Value::Null, "{state}");
    }
}

#[test]
fn what_may_be_left_out_has_its_default() {
    for pointer in ["/id", "/calendar", "/pauses", "/reopen", "/retarget_grace", "/reopen_target_percent"] {
        assert!(answer(&without(pointer)).is_ok(), "{pointer}");
    }
    for reopen in ["continue", "restart"] {
        assert!(answer(&with("/reopen", json!(reopen))).is_ok());
    }
    for state in ["open", "new", "pending", "resolved", "closed"] {
        assert!(answer(&with("/events/0/state", json!(state))).is_ok());
    }
    assert!(answer(&with("/targets/resolution", Value::Null)).is_ok(), "no target is no promise");
    for minutes in [json!(0), json!(0.5)] {
        assert!(answer(&with("/targets/resolution", minutes)).is_ok(), "minutes may be fractional, and none");
    }
    for percent in [1, 100] {
        assert!(answer(&with("/reopen_target_percent", json!(percent))).is_ok());
    }
}

#[test]
fn a_line_that_lacks_something_says_what() {
    for pointer in ["/targets", "/events", "/events/0/at", "/events/1/at"] {
        assert_eq!(answer(&without(pointer)), Err(("missing_field", pointer.into())), "{pointer}");
    }
    for pointer in ["/events/0/type", "/events/1/type"] {
        assert_eq!(answer(&without(pointer)), Err(("unknown_event", pointer.into())), "{pointer}");
    }
}

#[test]
fn keys_that_nobody_reads_are_refused_where_they_stand() {
    for pointer in ["/target", "/steps", "/a~1b~0c", "/events/0/by", "/events/0/targets", "/events/1/state"] {
        assert_eq!(answer(&with(pointer, json!(1))), Err(("unknown_key", pointer.into())), "{pointer}");
    }
    let mut line = with("/events/1/type", json!("priority_changed"));
    line["events"][1]["reason"] = json!("later");
    assert_eq!(answer(&line), Err(("unknown_key", "/events/1/reason".into())));
}

#[test]
fn every_malformed_value_is_refused_by_its_own_word_at_its_own_place() {
    let wrong = [
        ("/targets", json!([60]), "malformed_targets", "/targets"),
        ("/targets/resolution", json!("60"), "malformed_duration", "/targets/resolution"),
        ("/targets/resolution", json!(-0.001), "negative_duration", "/targets/resolution"),
        ("/targets/ownership", json!(60), "unknown_metric", "/targets/ownership"),
        ("/targets/re~1solution", json!(60), "unknown_metric", "/targets/re~1solution"),
        ("/retarget_grace", json!(null), "malformed_duration", "/retarget_grace"),
        ("/retarget_grace", json!(-1), "negative_duration", "/retarget_grace"),
        ("/pauses", json!("resolution"), "malformed_pauses", "/pauses"),
        ("/pauses", json!(["resolution", 7]), "malformed_pauses", "/pauses/1"),
        ("/pauses", json!(["resolution", "first"]), "unknown_metric", "/pauses/1"),
        ("/reopen", json!("again"), "malformed_reopen", "/reopen"),
        ("/reopen", json!(true), "malformed_reopen", "/reopen"),
        ("/reopen_target_percent", json!(0), "malformed_percent", "/reopen_target_percent"),
        ("/reopen_target_percent", json!(101), "malformed_percent", "/reopen_target_percent"),
        ("/reopen_target_percent", json!(50.5), "malformed_percent", "/reopen_target_percent"),
        ("/events", json!({}), "malformed_events", "/events"),
        ("/events/1", json!("resolved"), "malformed_event", "/events/1"),
        ("/events/0/at", json!("2026-11-23 09:00"), "malformed_instant", "/events/0/at"),
        ("/events/0/at", json!(0), "malformed_instant", "/events/0/at"),
        ("/events/0/by_customer", json!("yes"), "malformed_event", "/events/0/by_customer"),
        ("/events/0/state", json!("asleep"), "malformed_event", "/events/0/state"),
        ("/events/0/state", json!(1), "malformed_event", "/events/0/state"),
        ("/events/1/type", json!("reassigned"), "unknown_event", "/events/1/type"),
        ("/events/1/type", json!(1), "unknown_event", "/events/1/type"),
    ];
    for (pointer, value, code, place) in wrong {
        let line = with(pointer, value.clone());
        assert_eq!(answer(&line), Err((code, place.into())), "{pointer}: {value}");
    }
}

#[test]
fn a_change_of_priority_gives_targets_or_says_that_there_are_none() {
    let asked = |more: Value| {
        let mut event = json!({"at": "2026-11-23T10:00:00Z", "type": "priority_changed"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        answer(&with("/events/1", event)).map(|_| ())
    };
    let refused = |place: &str| Err(("malformed_event", place.to_owned()));
    assert_eq!(asked(json!({"targets": {}})), Ok(()));
    assert_eq!(asked(json!({"targets": {}, "sla_matches": true})), Ok(()));
    assert_eq!(asked(json!({"sla_matches": false})), Ok(()));
    assert_eq!(asked(json!({})), refused("/events/1"));
    assert_eq!(asked(json!({"sla_matches": true})), refused("/events/1"));
    assert_eq!(asked(json!({"sla_matches": "no"})), refused("/events/1"));
    assert_eq!(asked(json!({"targets": {}, "sla_matches": false})), refused("/events/1"));
    assert_eq!(asked(json!({"targets": 60})), Err(("malformed_targets", "/events/1/targets".into())));
    let negative = asked(json!({"targets": {"resolution": -1}}));
    assert_eq!(negative, Err(("negative_duration", "/events/1/targets/resolution".into())));
}

#[test]
fn an_order_is_created_first_and_once_and_goes_on_in_order() {
    let created = json!({"at": "2026-11-23T10:00:00Z", "type": "created"});
    assert_eq!(answer(&with("/events/1", created)), Err(("misplaced_event", "/events/1/type".into())));
    let reply = json!({"at": "2026-11-23T09:00:00Z", "type": "customer_reply"});
    assert_eq!(answer(&with("/events/0", reply)), Err(("misplaced_event", "/events/0/type".into())));
    let earlier = with("/events/1/at", json!("2026-11-23T08:59:59.999Z"));
    assert_eq!(answer(&earlier), Err(("out_of_order", "/events/1/at".into())));
    assert!(answer(&with("/events/1/at", json!("2026-11-23T09:00:00Z"))).is_ok(), "at the same instant is in order");
}

#[test]
fn a_calendar_without_open_time_is_told_at_the_event_that_asks_for_it() {
    let mut line = with("/calendar", json!({"time_zone": "UTC", "overrides": {"2026-11-23": [["09:00", "10:00"]]}}));
    line["targets"] = json!({"resolution": 30});
    line["events"] = json!([
        {"at": "2026-11-23T09:00:00Z", "type": "created"},
        {"at": "2026-11-23T09:10:00Z", "type": "priority_changed", "targets": {"resolution": 90}},
    ]);
    assert_eq!(answer(&line), Err(("no_open_time", "/events/1".into())));
}
