//! Everything that a policy document can't mean, each by its place, all at once.

use crate::policy::{LONGEST, Policies, SlaPolicy, Terms};
use crate::sla::tests::story::{flat, policies};
use serde_json::{Value, json};

/// A policy that is right in every part.
fn right() -> Value {
    json!({
        "id": "right",
        "targets": {"resolution": flat(7_200), "first_response": flat(3_600), "statutory:returns": {"days": 7}},
        "pauses": {"pending_customer": ["resolution"], "on_hold": ["first_response"],
            "pending_supplier": [], "pending_carrier": []},
        "levels": [
            {"name": "warn", "anchor": {"percent": 80}, "audience": "agent"},
            {"name": "before", "anchor": {"before": 3_600}, "audience": "agent"},
            {"name": "after", "anchor": {"after": 60}, "audience": "team_lead", "metrics": ["resolution"],
             "repeat": {"every_seconds": 60, "max": 2}},
            {"name": "pay", "anchor": "at", "audience": "team_lead",
             "actions": ["notify", {"compensate": {"amount_minor": 1, "currency": "CNY"}}]},
        ],
        "reopen": {"mode": "continue", "target_percent_after_breach": 50},
        "retarget_grace_seconds": 0,
        "pause_cap_seconds": 60,
        "compensation_cap": {"amount_minor": 1, "currency": "CNY"},
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut policy = right();
    for (pointer, value) in changes {
        let (holder, key) = pointer.rsplit_once('/').unwrap();
        match policy.pointer_mut(holder).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            holder => holder[key] = value.clone(),
        }
    }
    policy
}

fn faults(policy: &Value) -> Vec<String> {
    let policy: SlaPolicy = serde_json::from_value(policy.clone()).unwrap();
    let faults = policy.faults();
    assert!(faults.iter().all(|fault| !fault.detail.is_empty()));
    faults.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn what_is_right_up_to_its_bounds_has_no_faults() {
    assert_eq!(LONGEST, 316_224_000, "ten years of 366 days");
    assert_eq!(faults(&right()), [""; 0]);
    for (pointer, values) in [
        ("/levels/0/anchor", vec![json!({"percent": 1}), json!({"percent": 1_000})]),
        ("/levels/1/anchor", vec![json!({"before": 1})]),
        ("/levels/2/anchor", vec![json!({"after": 1}), json!({"after": LONGEST})]),
        ("/levels/2/repeat", vec![json!({"every_seconds": LONGEST, "max": 100})]),
        ("/reopen/target_percent_after_breach", vec![json!(1), json!(100)]),
        ("/retarget_grace_seconds", vec![json!(LONGEST)]),
        ("/pause_cap_seconds", vec![json!(LONGEST)]),
        ("/targets/statutory:returns", vec![json!({"days": 1}), json!({"days": 3_660})]),
        ("/targets/resolution", vec![flat(3_600), flat(LONGEST)]),
    ] {
        for value in values {
            assert_eq!(faults(&with(&[(pointer, value.clone())])), [""; 0], "{pointer}: {value}");
        }
    }
    assert_eq!(faults(&json!({"id": "nothing", "no_sla": true})), [""; 0]);
}

#[test]
fn everything_else_is_a_fault_at_its_place() {
    let cases: &[(&str, Value, &str)] = &[
        ("/no_sla", json!(true), "/targets"),
        ("/targets/statutory:returns", json!({"days": 0}), "/targets/statutory:returns"),
        ("/targets/statutory:returns", json!({"days": 3_661}), "/targets/statutory:returns"),
        ("/targets/statutory:returns", json!({}), "/targets/statutory:returns"),
        ("/targets/statutory:returns", json!({"days": 7, "P1": 7_200}), "/targets/statutory:returns"),
        ("/targets/resolution", json!({"P1": 7_200, "P2": 7_200, "P3": 7_200}), "/targets/resolution"),
        (
            "/targets/resolution",
            json!({"P1": 7_200, "P2": 7_200, "P3": 7_200, "P4": LONGEST + 1}),
            "/targets/resolution",
        ),
        ("/pauses/open", json!([]), "/pauses/open"),
        ("/pauses/resolved", json!(["resolution"]), "/pauses/resolved"),
        ("/pauses/on_hold", json!(["resolution", "statutory:returns"]), "/pauses/on_hold"),
        ("/levels/1/name", json!("warn"), "/levels/1/name"),
        ("/levels/3/name", json!("warn"), "/levels/3/name"),
        ("/levels/0/anchor", json!({"percent": 0}), "/levels/0/anchor/percent"),
        ("/levels/0/anchor", json!({"percent": 1_001}), "/levels/0/anchor/percent"),
        ("/levels/1/anchor", json!({"before": 0}), "/levels/1/anchor/before"),
        ("/levels/1/anchor", json!({"before": 3_601}), "/levels/1/anchor/before"),
        ("/levels/2/anchor", json!({"after": 0}), "/levels/2/anchor/after"),
        ("/levels/2/anchor", json!({"after": LONGEST + 1}), "/levels/2/anchor/after"),
        ("/levels/2/repeat/every_seconds", json!(59), "/levels/2/repeat/every_seconds"),
        ("/levels/2/repeat/every_seconds", json!(LONGEST + 1), "/levels/2/repeat/every_seconds"),
        ("/levels/2/repeat/max", json!(1), "/levels/2/repeat/max"),
        ("/levels/2/repeat/max", json!(101), "/levels/2/repeat/max"),
        ("/levels/2/metrics", json!(["resolution", "ownership"]), "/levels/2/metrics"),
        ("/levels/0/actions", json!([]), "/levels/0/actions"),
        ("/levels/3/actions/1/compensate/amount_minor", json!(0), "/levels/3/actions"),
        ("/levels/3/actions/1/compensate/currency", json!("USD"), "/compensation_cap"),
        ("/compensation_cap", Value::Null, "/compensation_cap"),
        ("/compensation_cap/amount_minor", json!(0), "/compensation_cap"),
        ("/reopen/target_percent_after_breach", json!(0), "/reopen/target_percent_after_breach"),
        ("/reopen/target_percent_after_breach", json!(101), "/reopen/target_percent_after_breach"),
        ("/retarget_grace_seconds", json!(-1), "/retarget_grace_seconds"),
        ("/retarget_grace_seconds", json!(LONGEST + 1), "/retarget_grace_seconds"),
        ("/pause_cap_seconds", json!(59), "/pause_cap_seconds"),
        ("/pause_cap_seconds", json!(LONGEST + 1), "/pause_cap_seconds"),
    ];
    for (pointer, value, place) in cases {
        assert_eq!(faults(&with(&[(pointer, value.clone())])), [*place], "{pointer}: {value}");
    }
    let seconds = with(&[("/targets/resolution/days", json!(1))]);
    assert_eq!(faults(&seconds), ["/targets/resolution"]);
    let nothing = with(&[("/targets/resolution", flat(0))]);
    assert_eq!(faults(&nothing), ["/targets/resolution", "/levels/1/anchor/before"], "and before would be before it");
    assert_eq!(faults(&json!({"id": "silent"})), ["/targets"], "promises nothing, and does not say so");
}

#[test]
fn a_notice_may_be_as_long_as_the_shortest_target_of_the_metrics_it_is_for() {
    let before = |seconds: i64| json!({"name": "before", "anchor": {"before": seconds}, "audience": "agent", "metrics": ["resolution"]});
    assert_eq!(faults(&with(&[("/levels/1", before(7_200))])), [""; 0]);
    assert_eq!(faults(&with(&[("/levels/1", before(7_201))])), ["/levels/1/anchor/before"]);
    let uneven = json!({"P1": 60, "P2": 7_200, "P3": 7_200, "P4": 7_200});
    let policy = with(&[("/levels/1", before(61)), ("/targets/resolution", uneven)]);
    assert_eq!(faults(&policy), ["/levels/1/anchor/before"], "at P1 it would be before the start");
}

#[test]
fn all_the_faults_of_a_policy_are_told_at_once() {
    let policy = with(&[
        ("/targets/resolution", json!({"days": 1})),
        ("/pauses/closed", json!(["statutory:returns"])),
        ("/levels/1/name", json!("warn")),
        ("/reopen/target_percent_after_breach", json!(0)),
        ("/pause_cap_seconds", json!(0)),
    ]);
    let places = [
        "/targets/resolution",
        "/pauses/closed",
        "/pauses/closed",
        "/levels/1/name",
        "/reopen/target_percent_after_breach",
        "/pause_cap_seconds",
    ];
    assert_eq!(faults(&policy), places);
}

fn refused(document: Policies) -> Vec<String> {
    Terms::compile(document).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn the_last_policy_of_a_document_and_no_other_matches_everything() {
    let some = json!({"id": "some", "when": {"tier": ["vip"]}, "no_sla": true});
    let all = json!({"id": "all", "no_sla": true});
    assert_eq!(refused(policies(json!([]))), ["/sla"]);
    assert_eq!(refused(policies(json!([some]))), ["/sla"]);
    assert_eq!(refused(policies(json!([all, some]))), ["/sla", "/sla/0/when"]);
    assert!(Terms::compile(policies(json!([some, all]))).is_ok());
}

#[test]
fn names_are_there_once_and_the_calendars_they_name_are_there() {
    let all = json!({"id": "all", "no_sla": true});
    let named = json!({"id": "all", "when": {"tier": ["vip"]}, "calendar": "gone", "levels": [], "targets": {
        "resolution": {"calendar": "lost", "P1": 60, "P2": 60, "P3": 60, "P4": 60}}});
    let mut document = policies(json!([named, all]));
    document.calendar = "nowhere".into();
    document.calendars.push(document.calendars[1].clone());
    let places = ["/calendars/4/id", "/calendar", "/sla/0/calendar", "/sla/0/targets/resolution/calendar", "/sla/1/id"];
    assert_eq!(refused(document), places);
}

#[test]
fn a_calendar_that_does_not_compile_or_never_opens_is_refused_at_its_place() {
    let mut document = policies(json!([{"id": "all", "no_sla": true}]));
    document.calendars[1].calendar = json!({"time_zone": "Mars/Olympus", "hours": {"mon": [["09:00"]]}});
    document.calendars[2].calendar = json!({"time_zone": "UTC"});
    let faults = Terms::compile(document).unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    let expected =
        ["/calendars/1/calendar/hours/mon/0", "/calendars/1/calendar/time_zone", "/calendars/2/calendar/hours"];
    assert_eq!(places, expected);
    assert!(faults.iter().all(|fault| fault.to_string().starts_with(&fault.pointer)));
}

#[test]
fn the_faults_of_every_policy_are_told_under_its_place() {
    let mut broken = right();
    (broken["pause_cap_seconds"], broken["when"]) = (json!(0), json!({"tier": ["vip"]}));
    let places = refused(policies(json!([broken, {"id": "all"}])));
    assert_eq!(places, ["/sla/0/pause_cap_seconds", "/sla/1/targets"]);
}

#[test]
fn unknown_keys_and_words_are_not_read() {
    for (pointer, value) in [
        ("/pause", json!({})),
        ("/when", json!({"colour": ["red"]})),
        ("/targets/resolution/P5", json!(60)),
        ("/targets/first", flat(60)),
        ("/levels/0/when", json!("now")),
        ("/levels/2/repeat/times", json!(2)),
        ("/reopen/window", json!(2)),
        ("/pauses/asleep", json!([])),
    ] {
        assert!(serde_json::from_value::<SlaPolicy>(with(&[(pointer, value)])).is_err(), "{pointer}");
    }
}
