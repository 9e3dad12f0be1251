//! What is wrong with a document: all of it, each with its place.

use super::*;

fn refused(value: Value) -> (&'static str, String) {
    let faults = Calendar::parse(&value).expect_err("a fault");
    let [fault] = faults.as_slice() else { panic!("one fault: {faults:?}") };
    (fault.code, fault.pointer.clone())
}

/// Code and place of every fault.
fn faults(value: &Value) -> Vec<(&'static str, String)> {
    let faults = Calendar::parse(value).expect_err("faults");
    faults.into_iter().map(|fault| (fault.code, fault.pointer)).collect()
}

fn placed(expected: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    expected.iter().map(|(code, pointer)| (*code, (*pointer).to_owned())).collect()
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let hours = |mon: Value| office(json!({"hours": {"mon": mon}}));
    let table = [
        (json!(7), "malformed", ""),
        (json!("24/7"), "malformed", ""),
        (json!({"hours": {}}), "missing_key", "/time_zone"),
        (json!({"time_zone": 8}), "malformed", "/time_zone"),
        (json!({"time_zone": "Asia/Shangai"}), "unknown_zone", "/time_zone"),
        (json!({"time_zone": "+08:00"}), "unknown_zone", "/time_zone"),
        (office(json!({"tz": "UTC"})), "unknown_key", "/tz"),
        (office(json!({"a/b~": 1})), "unknown_key", "/a~1b~0"),
        (office(json!({"hours": {"monday": []}})), "unknown_key", "/hours/monday"),
        (office(json!({"hours": []})), "malformed", "/hours"),
        (hours(json!("09:00-18:00")), "malformed", "/hours/mon"),
        (hours(json!([["09:00", "12:00"], ["13:00"]])), "malformed_interval", "/hours/mon/1"),
        (hours(json!([["09:00", "12:00", "13:00"]])), "malformed_interval", "/hours/mon/0"),
        (hours(json!([["9:00", "12:00"]])), "malformed_interval", "/hours/mon/0/0"),
        (hours(json!([["09:00", "24:01"]])), "malformed_interval", "/hours/mon/0/1"),
        (hours(json!([["09:60", "12:00"]])), "malformed_interval", "/hours/mon/0/0"),
        (hours(json!([["09:00", "12:00:60"]])), "malformed_interval", "/hours/mon/0/1"),
        (hours(json!([["09:00", "12:00:00:00"]])), "malformed_interval", "/hours/mon/0/1"),
        (hours(json!([["24:00", "06:00"]])), "malformed_interval", "/hours/mon/0"),
        (hours(json!([["09:00", 18]])), "malformed", "/hours/mon/0/1"),
        (hours(json!([["09:00", "12:00"], ["11:59:59", "18:00"]])), "overlapping_hours", "/hours/mon/1"),
        (hours(json!([["22:00", "06:00"], ["23:00", "23:30"]])), "overlapping_hours", "/hours/mon/1"),
        (hours(json!([["09:00", "18:00"], ["09:00", "18:00"]])), "overlapping_hours", "/hours/mon/1"),
        (
            office(json!({"hours": {"mon": [["22:00", "06:00"]], "tue": [["08:00", "09:00"], ["05:00", "07:00"]]}})),
            "overlapping_hours",
            "/hours/tue/1",
        ),
        (
            office(json!({"hours": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "07:00"]]}})),
            "overlapping_hours",
            "/hours/mon/0",
        ),
        (
            office(json!({"overrides": {"2026-10-10": [["09:00", "18:00"], ["10:00", "11:00"]]}})),
            "overlapping_hours",
            "/overrides/2026-10-10/1",
        ),
        (office(json!({"overrides": {"2026-02-29": []}})), "malformed_date", "/overrides/2026-02-29"),
        (office(json!({"overrides": {"20261010": []}})), "malformed_date", "/overrides/20261010"),
        (office(json!({"holidays": ["2026-10-01", "2026-10-01T00:00"]})), "malformed_date", "/holidays/1"),
        (office(json!({"holidays": null})), "malformed", "/holidays"),
        (office(json!({"breaks": [{"date": "2026-11-23", "from": "14:00"}]})), "missing_key", "/breaks/0/to"),
        (
            office(json!({"breaks": [{"date": "2026-11-23", "from": "14:00", "to": "2pm"}]})),
            "malformed_interval",
            "/breaks/0/to",
        ),
        (
            office(json!({"breaks": [{"date": "2026-11-23", "from": "24:00", "to": "01:00"}]})),
            "malformed_interval",
            "/breaks/0",
        ),
        (
            office(json!({"breaks": [{"date": "2026-11-23", "from": "14:00", "to": "15:00", "why": ""}]})),
            "unknown_key",
            "/breaks/0/why",
        ),
    ];
    for (value, code, pointer) in table {
        assert_eq!(refused(value.clone()), (code, pointer.to_owned()), "{value}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_in_shape_and_in_meaning_by_place() {
    let value = json!({
        "zone": "UTC", "a/b": 1, "time_zone": "Asia/Shangai",
        "hours": {
            "mon": [["9:00", "12"], ["11:00", "18:00"], 7, ["17:00", "19:00"], ["24:00", "25:00"]],
            "sun": [["20:00", "12:00"]], "tues": []
        },
        "holidays": ["2026-13-01", "2026-10-01", 20_261_001, "tomorrow"],
        "breaks": [{}, {"date": "x", "from": "24:00", "to": "01:00", "why": 1}],
        "overrides": {"2026-02-29": [["09:00", "12:00"], ["11:00", "13:00"]], "2026-10-10": {}}
    });
    let expected = [
        ("unknown_key", "/a~1b"),
        ("missing_key", "/breaks/0/date"),
        ("missing_key", "/breaks/0/from"),
        ("missing_key", "/breaks/0/to"),
        ("malformed_interval", "/breaks/1"),
        ("malformed_date", "/breaks/1/date"),
        ("unknown_key", "/breaks/1/why"),
        ("malformed_date", "/holidays/0"),
        ("malformed", "/holidays/2"),
        ("malformed_date", "/holidays/3"),
        ("malformed_interval", "/hours/mon/0/0"),
        ("malformed_interval", "/hours/mon/0/1"),
        ("overlapping_hours", "/hours/mon/1"),
        ("malformed", "/hours/mon/2"),
        ("overlapping_hours", "/hours/mon/3"),
        ("malformed_interval", "/hours/mon/4/1"),
        ("unknown_key", "/hours/tues"),
        ("malformed_date", "/overrides/2026-02-29"),
        ("overlapping_hours", "/overrides/2026-02-29/1"),
        ("malformed", "/overrides/2026-10-10"),
        ("unknown_zone", "/time_zone"),
        ("unknown_key", "/zone"),
    ];
    assert_eq!(faults(&value), placed(&expected));
}

#[test]
fn a_part_that_has_the_wrong_shape_hides_nothing_in_the_other_parts() {
    let value = json!({"hours": 7, "holidays": {}, "breaks": null, "overrides": [], "time_zone": 8});
    let places = ["/breaks", "/holidays", "/hours", "/overrides", "/time_zone"];
    assert_eq!(faults(&value), placed(&places.map(|place| ("malformed", place))));
    assert_eq!(
        faults(&json!({"hours": [], "x": 1})),
        placed(&[("malformed", "/hours"), ("missing_key", "/time_zone"), ("unknown_key", "/x"),])
    );
}

#[test]
fn hours_inside_longer_hours_are_each_told_and_against_the_one_they_lie_in() {
    let day = json!([["16:00", "17:00"], ["09:00", "18:00"], ["15:00", "18:00"], ["18:00", "19:00"]]);
    let value = json!({"time_zone": "UTC", "overrides": {"2026-10-10": day}});
    let told = Calendar::parse(&value).expect_err("faults");
    let expected = [("overlapping_hours", "/overrides/2026-10-10/0"), ("overlapping_hours", "/overrides/2026-10-10/2")];
    assert_eq!(faults(&value), placed(&expected));
    assert!(told.iter().all(|fault| fault.detail.starts_with("starts before /overrides/2026-10-10/1 has ended")));
}

#[test]
fn sundays_night_is_held_against_monday_and_each_fault_is_told_once() {
    let week = |mon: Value| json!({"time_zone": "UTC", "hours": {"mon": mon, "sun": [["22:00", "06:00"]]}});
    let value = week(json!([["07:00", "08:00"], ["05:00", "07:30"], ["04:00", "04:30"]]));
    let expected = ["/hours/mon/0", "/hours/mon/1", "/hours/mon/2"].map(|place| ("overlapping_hours", place));
    assert_eq!(faults(&value), placed(&expected));
    assert!(Calendar::parse(&week(json!([["06:00", "22:00"]]))).is_ok(), "they touch");
}

#[test]
fn faults_are_in_the_order_of_their_places_and_items_by_number() {
    let value = json!({"time_zone": "UTC", "holidays": vec!["never"; 12], "10": 0, "9": 0, "x": 0});
    let told = faults(&value);
    let places: Vec<_> = told.iter().map(|(_, pointer)| pointer.as_str()).collect();
    let items: Vec<_> = (0..12).map(|k| format!("/holidays/{k}")).collect();
    let expected: Vec<_> = ["/9", "/10"].into_iter().chain(items.iter().map(String::as_str)).chain(["/x"]).collect();
    assert_eq!(places, expected);
}

#[test]
fn a_hundred_thousand_faults_are_all_told_and_soon() {
    const MANY: usize = 20_000;
    let hours: Vec<_> = (0..MANY).map(|k| json!(["09:00", format!("{:02}:00", 10 + k % 10)])).collect();
    let keys = (0..MANY).map(|k| (format!("key {k}"), json!(k)));
    let mut value =
        json!({"overrides": {"2026-10-10": hours}, "holidays": vec![7; MANY], "breaks": vec![json!({}); MANY]});
    value.as_object_mut().expect("an object").extend(keys);
    // Hours but the first; three missing keys of each break; the zone.
    assert_eq!(faults(&value).len(), (MANY - 1) + MANY + 3 * MANY + MANY + 1);
}

#[test]
fn a_spec_made_by_hand_is_refused_as_its_document_would_be() {
    let time = |text| WallTime::parse(text).expect("a time");
    let mut spec = CalendarSpec::always();
    spec.time_zone = "Moon".to_owned();
    spec.hours.tue = vec![Interval(time("09:00"), time("12:00")), Interval(WallTime::END, time("01:00"))];
    spec.overrides.insert(jiff::civil::date(2026, 10, 10), vec![Interval(time("09:00"), time("09:00")); 2]);
    let told = Calendar::compile(&spec).expect_err("faults");
    assert_eq!(told, Calendar::parse(&json!(spec)).expect_err("faults"));
    let codes: Vec<_> = told.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["malformed_interval", "overlapping_hours", "unknown_zone"]);
    assert!(Calendar::compile(&CalendarSpec::always()).is_ok());
}

#[test]
fn a_spec_out_of_json_tells_all_that_is_wrong_in_one_text() {
    let value = json!({"time_zone": "Moon", "x": 1});
    let fault = serde_json::from_value::<CalendarSpec>(value).expect_err("faults").to_string();
    assert!(fault.starts_with("unknown_zone at \"/time_zone\": `Moon` is not in the IANA database"), "{fault}");
    assert!(fault.contains("; unknown_key at \"/x\": may be one of"), "{fault}");
}
