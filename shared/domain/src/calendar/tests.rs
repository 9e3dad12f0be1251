//! Tables by hand here; an independent oracle and the laws in the modules below.

mod faults;
mod laws;
mod oracle;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;

const HOUR: i64 = 3600;

/// Mon–Fri 09–12 and 13–18 in Shanghai, with `more` on top.
fn office(more: Value) -> Value {
    let day = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
    let mut calendar = json!({
        "time_zone": "Asia/Shanghai",
        "hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": []},
    });
    for (key, value) in more.as_object().expect("more keys") {
        calendar[key] = value.clone();
    }
    calendar
}

/// The same hours on every day of the week.
fn daily(zone: &str, hours: Value) -> Value {
    let week = Hours::DAYS.map(|day| (day.to_owned(), hours.clone()));
    json!({"time_zone": zone, "hours": Value::Object(week.into_iter().collect())})
}

fn calendar(value: &Value) -> Calendar {
    Calendar::parse(value).expect("a calendar")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant with an offset")
}

/// A local time in Shanghai.
fn sh(text: &str) -> Timestamp {
    at(&format!("{text}:00+08:00"))
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn add(value: &Value, from: Timestamp, mins: i64) -> Timestamp {
    calendar(value).add(from, minutes(mins)).expect("open time")
}

fn sub(value: &Value, from: Timestamp, mins: i64) -> Timestamp {
    calendar(value).sub(from, minutes(mins)).expect("open time")
}

fn hours_between(value: &Value, a: &str, b: &str) -> f64 {
    calendar(value).between(at(a), at(b)).as_secs_f64() / HOUR as f64
}

#[test]
fn adding_business_time_gives_the_vectors_of_the_design() {
    let plain = office(json!({}));
    let saturday = office(json!({"overrides": {"2026-11-28": [["09:00", "18:00"]]}}));
    let long = daily("Asia/Shanghai", json!([["08:00", "18:00"]]));
    let table = [
        (&plain, "2026-11-27T17:30", 60, "2026-11-30T09:30"),
        (&plain, "2026-11-27T11:30", 120, "2026-11-27T14:30"),
        (&plain, "2026-11-27T11:30", 60, "2026-11-27T13:30"),
        (&plain, "2026-11-28T10:00", 120, "2026-11-30T11:00"),
        (&saturday, "2026-11-28T10:00", 120, "2026-11-28T12:00"),
        (&plain, "2026-11-23T09:00", 480, "2026-11-23T18:00"),
        (&plain, "2026-11-23T09:00", 384, "2026-11-23T16:24"),
        (&plain, "2026-11-25T11:00", 360, "2026-11-25T18:00"),
        (&plain, "2026-11-24T08:00", 480, "2026-11-24T18:00"),
        (&plain, "2026-11-23T12:30", 15, "2026-11-23T13:15"),
        (&long, "2026-11-23T17:00", 240, "2026-11-24T11:00"),
    ];
    for (value, from, mins, to) in table {
        assert_eq!(add(value, sh(from), mins), sh(to), "{from} + {mins} min");
    }
}

#[test]
fn a_notice_before_due_falls_inside_hours() {
    let plain = office(json!({}));
    let long = daily("Asia/Shanghai", json!([["08:00", "18:00"]]));
    assert_eq!(sub(&plain, sh("2026-11-30T09:30"), 30), sh("2026-11-30T09:00"));
    assert_eq!(sub(&plain, sh("2026-11-30T09:30"), 60), sh("2026-11-27T17:30"));
    assert_eq!(sub(&plain, sh("2026-11-30T09:00"), 1), sh("2026-11-27T17:59"));
    assert_eq!(sub(&long, sh("2026-11-24T11:00"), 60), sh("2026-11-24T10:00"));
}

#[test]
fn nothing_added_is_nothing_moved_even_where_it_is_closed() {
    let never = json!({"time_zone": "UTC"});
    let sunday = sh("2026-11-29T03:00");
    for value in [office(json!({})), never] {
        assert_eq!(add(&value, sunday, 0), sunday);
        assert_eq!(sub(&value, sunday, 0), sunday);
    }
}

#[test]
fn a_duration_that_ends_at_a_closing_stays_there_and_a_millisecond_more_opens_the_next() {
    let plain = calendar(&office(json!({})));
    let eleven = sh("2026-11-23T11:00");
    let hour = SignedDuration::from_hours(1);
    let more = hour + SignedDuration::from_millis(1);
    assert_eq!(plain.add(eleven, hour), Ok(sh("2026-11-23T12:00")));
    assert_eq!(plain.add(eleven, more), Ok(at("2026-11-23T13:00:00.001+08:00")));
}

#[test]
fn time_between_is_zero_when_the_end_is_not_after_the_start() {
    let plain = calendar(&office(json!({})));
    let (ten, eleven) = (sh("2026-11-23T10:00"), sh("2026-11-23T11:00"));
    assert_eq!(plain.between(ten, ten), SignedDuration::ZERO);
    assert_eq!(plain.between(eleven, ten), SignedDuration::ZERO);
    assert_eq!(plain.between(ten, eleven), minutes(60));
}

#[test]
fn an_opening_is_open_and_a_closing_is_not() {
    let plain = calendar(&office(json!({})));
    let open = |text| plain.is_open(sh(text));
    assert!(open("2026-11-23T09:00") && !open("2026-11-23T12:00") && open("2026-11-23T13:00"));
    assert!(!open("2026-11-23T18:00") && !open("2026-11-28T10:00"));
}

#[test]
fn the_next_opening_is_now_when_open_and_none_after_a_year_of_nothing() {
    let plain = calendar(&office(json!({})));
    assert_eq!(plain.next_open(sh("2026-11-23T10:07")), Some(sh("2026-11-23T10:07")));
    assert_eq!(plain.next_open(sh("2026-11-27T18:00")), Some(sh("2026-11-30T09:00")));
    let once = calendar(&json!({"time_zone": "UTC", "overrides": {"2027-06-01": [["09:00", "10:00"]]}}));
    assert_eq!(once.next_open(at("2026-06-01T00:00Z")), Some(at("2027-06-01T09:00Z")));
    assert_eq!(once.next_open(at("2026-05-31T00:00Z")), None);
}

#[test]
fn seconds_count_in_hours_and_are_written_back() {
    let value = daily("UTC", json!([["09:00:30", "09:00:45"], ["23:59:59", "24:00:00"]]));
    let quarter = calendar(&value).between(at("2026-01-01T00:00Z"), at("2026-01-02T00:00Z"));
    assert_eq!(quarter, SignedDuration::from_secs(16));
    let spec: CalendarSpec = serde_json::from_value(value).expect("a spec");
    assert_eq!(json!(spec)["hours"]["sun"], json!([["09:00:30", "09:00:45"], ["23:59:59", "24:00"]]));
}

#[test]
fn around_the_clock_is_every_millisecond() {
    for always in
        [Calendar::always(), calendar(&json!("24x7")), calendar(&daily("Asia/Tokyo", json!([["00:00", "00:00"]])))]
    {
        let (a, b) = (at("2026-01-01T00:00:00.001Z"), at("2028-03-01T12:34:56.789Z"));
        assert_eq!(always.between(a, b), b.duration_since(a));
        assert_eq!(always.add(a, b.duration_since(a)), Ok(b));
        assert_eq!(always.sub(b, b.duration_since(a)), Ok(a));
    }
}

#[test]
fn hours_cross_midnight_and_may_touch_the_next_days() {
    let night = daily("UTC", json!([["22:00", "06:00"], ["06:00", "07:00"]]));
    assert_eq!(hours_between(&night, "2026-11-23T00:00Z", "2026-11-24T00:00Z"), 9.0);
    let friday = json!({"time_zone": "UTC", "hours": {"fri": [["22:00", "06:00"]]}});
    assert_eq!(hours_between(&friday, "2026-11-27T00:00Z", "2026-11-28T00:00Z"), 2.0);
    assert_eq!(hours_between(&friday, "2026-11-28T00:00Z", "2026-11-29T00:00Z"), 6.0);
    assert_eq!(add(&friday, at("2026-11-27T22:00Z"), 480), at("2026-11-28T06:00Z"));
    let sunday = json!({"time_zone": "UTC", "hours": {"sun": [["22:00", "02:00"]]}});
    assert_eq!(hours_between(&sunday, "2026-11-30T00:00Z", "2026-12-01T00:00Z"), 2.0);
}

#[test]
fn a_holiday_closes_its_midnight_to_midnight_and_the_hours_that_would_start_on_it() {
    let mut night = daily("UTC", json!([["22:00", "06:00"]]));
    night["holidays"] = json!(["2026-11-25"]);
    assert_eq!(hours_between(&night, "2026-11-24T00:00Z", "2026-11-25T00:00Z"), 8.0);
    assert_eq!(hours_between(&night, "2026-11-25T00:00Z", "2026-11-26T22:00Z"), 0.0);
    assert_eq!(hours_between(&night, "2026-11-26T22:00Z", "2026-11-27T06:00Z"), 8.0);
}

#[test]
fn an_override_wins_over_a_holiday_and_replaces_only_what_starts_on_its_date() {
    let mut night = daily("UTC", json!([["22:00", "06:00"]]));
    night["holidays"] = json!(["2026-11-25"]);
    night["overrides"] = json!({"2026-11-25": [["05:00", "08:00"]], "2026-11-27": []});
    assert_eq!(hours_between(&night, "2026-11-25T00:00Z", "2026-11-26T00:00Z"), 8.0, "00–08, once");
    assert_eq!(hours_between(&night, "2026-11-26T00:00Z", "2026-11-27T00:00Z"), 2.0);
    assert_eq!(hours_between(&night, "2026-11-27T00:00Z", "2026-11-28T00:00Z"), 6.0, "Thursday's night");
    assert_eq!(hours_between(&night, "2026-11-28T00:00Z", "2026-11-29T00:00Z"), 2.0);
}

#[test]
fn breaks_are_cut_out_of_what_is_left_overlap_each_other_and_reach_beyond() {
    let value = office(json!({
        "overrides": {"2026-11-28": [["09:00", "18:00"]]},
        "breaks": [
            {"date": "2026-11-23", "from": "14:00", "to": "15:00"},
            {"date": "2026-11-23", "from": "14:30", "to": "15:30"},
            {"date": "2026-11-24", "from": "17:00", "to": "23:00"},
            {"date": "2026-11-28", "from": "10:00", "to": "11:00"},
            {"date": "2026-11-25", "from": "17:00", "to": "10:00"},
        ],
    }));
    assert_eq!(add(&value, sh("2026-11-23T13:00"), 120), sh("2026-11-23T16:30"));
    assert_eq!(hours_between(&value, "2026-11-24T00:00+08:00", "2026-11-25T00:00+08:00"), 7.0);
    assert_eq!(add(&value, sh("2026-11-24T16:30"), 60), sh("2026-11-25T09:30"));
    assert_eq!(sub(&value, sh("2026-11-28T11:30"), 60), sh("2026-11-28T09:30"));
    assert_eq!(add(&value, sh("2026-11-25T16:30"), 60), sh("2026-11-26T10:30"), "a break over midnight");
}

#[test]
fn a_day_lasts_as_long_as_its_clock_says() {
    let table = [
        ("America/New_York", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00", 23.0),
        ("America/New_York", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00", 25.0),
        ("Europe/Berlin", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", 23.0),
        ("Europe/Berlin", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", 25.0),
        ("Australia/Lord_Howe", "2026-04-05T00:00+11:00", "2026-04-06T00:00+10:30", 24.5),
        ("Australia/Lord_Howe", "2026-10-04T00:00+10:30", "2026-10-05T00:00+11:00", 23.5),
        ("America/Sao_Paulo", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00", 23.0),
        ("America/Sao_Paulo", "2019-02-16T00:00-02:00", "2019-02-17T00:00-03:00", 25.0),
        ("Asia/Kathmandu", "1986-01-01T00:15+05:45", "1986-01-02T00:00+05:45", 23.75),
        ("America/Havana", "2024-11-03T00:00-04:00", "2024-11-04T00:00-05:00", 25.0),
        ("America/Havana", "2024-11-02T00:00-04:00", "2024-11-03T00:00-04:00", 24.0),
    ];
    for (zone, a, b, hours) in table {
        assert_eq!(hours_between(&daily(zone, json!([["00:00", "24:00"]])), a, b), hours, "{zone} {a}");
        let date = &a[..10];
        let only = json!({"time_zone": zone, "overrides": {date: [["00:00", "24:00"]]}});
        assert_eq!(hours_between(&only, "1980-01-01T00:00Z", "2030-01-01T00:00Z"), hours, "only {zone} {a}");
    }
}

#[test]
fn openings_in_a_gap_wait_for_its_end_and_in_an_overlap_do_not_wait() {
    let table = [
        ("America/New_York", "2026-03-08", "01:00", "05:00", 3.0, "2026-03-08T06:00Z"),
        ("America/New_York", "2026-03-08", "02:30", "05:00", 2.0, "2026-03-08T07:00Z"),
        ("America/New_York", "2026-03-08", "01:00", "02:30", 1.0, "2026-03-08T06:00Z"),
        ("America/New_York", "2026-11-01", "01:30", "03:00", 2.5, "2026-11-01T05:30Z"),
        ("America/New_York", "2026-11-01", "00:30", "01:30", 2.0, "2026-11-01T04:30Z"),
        ("America/New_York", "2026-11-01", "01:15", "01:45", 1.5, "2026-11-01T05:15Z"),
        ("Europe/Berlin", "2026-03-29", "02:15", "03:15", 0.25, "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2026-10-25", "02:00", "03:00", 2.0, "2026-10-25T00:00Z"),
        ("Australia/Lord_Howe", "2026-04-05", "01:30", "02:00", 1.0, "2026-04-04T14:30Z"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "03:00", 0.5, "2026-10-03T15:30Z"),
        ("America/Sao_Paulo", "2018-11-04", "00:00", "02:00", 1.0, "2018-11-04T03:00Z"),
        ("America/Sao_Paulo", "2018-11-03", "22:00", "00:30", 2.0, "2018-11-04T01:00Z"),
        ("America/Sao_Paulo", "2019-02-16", "23:30", "24:00", 1.5, "2019-02-17T01:30Z"),
        ("Asia/Kathmandu", "1986-01-01", "00:05", "01:00", 0.75, "1985-12-31T18:30Z"),
    ];
    for (zone, date, from, to, hours, opening) in table {
        let value = json!({"time_zone": zone, "overrides": {date: [[from, to]]}});
        let place = format!("{zone} {date} {from}");
        assert_eq!(hours_between(&value, "1980-01-01T00:00Z", "2030-01-01T00:00Z"), hours, "{place}");
        let day = SignedDuration::from_hours(48);
        assert_eq!(calendar(&value).next_open(at(opening) - day), Some(at(opening)), "{place}");
    }
}

#[test]
fn hours_that_an_overlap_lays_over_each_other_count_once() {
    let value = json!({"time_zone": "America/New_York", "overrides": {
        "2026-11-01": [["00:00", "01:20"], ["01:30", "03:00"]],
    }});
    assert_eq!(hours_between(&value, "2026-11-01T00:00Z", "2026-11-02T00:00Z"), 4.0);
    assert_eq!(add(&value, at("2026-11-01T04:00Z"), 240), at("2026-11-01T08:00Z"));
    assert_eq!(sub(&value, at("2026-11-01T08:00Z"), 240), at("2026-11-01T04:00Z"));
}

#[test]
fn a_break_in_an_overlap_lasts_from_its_first_start_to_its_second_end() {
    let mut value = daily("America/New_York", json!([["00:00", "24:00"]]));
    value["breaks"] = json!([{"date": "2026-11-01", "from": "01:15", "to": "01:45"}]);
    assert_eq!(hours_between(&value, "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"), 23.5);
}

#[test]
fn a_break_until_midnight_ends_with_the_local_day_also_where_midnight_comes_twice() {
    let mut value = daily("America/Havana", json!([["00:00", "24:00"]]));
    value["breaks"] = json!([{"date": "2024-11-02", "from": "23:00", "to": "24:00"}]);
    assert_eq!(hours_between(&value, "2024-11-03T00:00-04:00", "2024-11-04T00:00-05:00"), 25.0);
}

#[test]
fn a_clock_that_goes_back_over_midnight_neither_doubles_nor_hides_an_hour() {
    // St. John's, 2010-11-07 00:01: back to 23:01 of the day before.
    let late = daily("America/St_Johns", json!([["00:00", "00:30"], ["23:30", "23:45"]]));
    assert_eq!(hours_between(&late, "2010-11-07T02:00Z", "2010-11-07T04:00Z"), 2.0);
    assert_eq!(hours_between(&late, "2010-11-07T02:30Z", "2010-11-07T03:00Z"), 0.5);
    assert!(calendar(&late).is_open(at("2010-11-07T02:59Z")));
}

#[test]
fn three_hours_through_the_night_the_clocks_go_back_end_at_half_past_two() {
    let value = daily("America/New_York", json!([["00:00", "24:00"]]));
    let from = at("2026-11-01T00:30-04:00");
    for calendar in [calendar(&value), Calendar::always()] {
        assert_eq!(calendar.add(from, minutes(180)), Ok(at("2026-11-01T02:30-05:00")));
    }
}

#[test]
fn a_date_that_never_was_has_no_hours() {
    let value = daily("Pacific/Apia", json!([["00:00", "24:00"]]));
    let (a, b) = ("2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00");
    assert_eq!(hours_between(&value, a, b), 48.0);
    let none = calendar(&json!({"time_zone": "Pacific/Apia"}));
    let dates: Vec<_> = none.closed_days(at(a), at(b)).iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2011-12-29", "2011-12-31"]);
}

#[test]
fn closed_days_say_what_closed_them() {
    let mut value = office(json!({
        "holidays": ["2026-11-24", "2026-11-25"],
        "overrides": {"2026-11-25": [["09:00", "10:00"]], "2026-11-26": []},
        "breaks": [{"date": "2026-11-27", "from": "08:00", "to": "20:00"}],
    }));
    let days = |value: &Value| json!(calendar(value).closed_days(sh("2026-11-23T12:00"), sh("2026-11-29T00:00")));
    let mut expected = json!([
        {"date": "2026-11-24", "reason": "holiday"},
        {"date": "2026-11-26", "reason": "override"},
        {"date": "2026-11-27", "reason": "break"},
        {"date": "2026-11-28", "reason": "weekly"},
    ]);
    assert_eq!(days(&value), expected);
    value["hours"]["fri"] = json!([["18:00", "06:00"]]);
    expected[3] = Value::Null;
    assert_eq!(days(&value).as_array().map(Vec::len), Some(2), "Friday's night is part of Saturday");
}

#[test]
fn closed_days_are_named_for_ten_years_and_no_longer() {
    let never = calendar(&json!({"time_zone": "UTC"}));
    let (from, days) = (at("2026-01-01T00:00Z"), never.closed_days(at("2026-01-01T00:00Z"), at("2126-01-01T00:00Z")));
    assert_eq!(days.len(), 3_660);
    let few = never.closed_days(from, from + SignedDuration::from_hours(24 * 3_000));
    assert_eq!(few.len(), 3_000);
}

#[test]
fn closed_days_touch_the_window_by_a_millisecond_at_least() {
    let plain = calendar(&office(json!({})));
    let days = |a, b| plain.closed_days(a, b).len();
    let (friday, saturday) = (sh("2026-11-27T12:00"), sh("2026-11-28T00:00"));
    assert_eq!(days(friday, saturday), 0);
    assert_eq!(days(friday, saturday + SignedDuration::from_millis(1)), 1);
    assert_eq!(days(saturday, saturday), 0);
    assert_eq!(days(sh("2026-11-29T23:59"), sh("2026-11-28T00:00")), 0);
}

#[test]
fn a_year_without_open_time_is_an_error_and_not_a_wait() {
    let never = calendar(&json!({"time_zone": "UTC"}));
    let once = calendar(&json!({"time_zone": "UTC", "overrides": {"2026-06-01": [["09:00", "10:00"]]}}));
    let now = at("2026-01-01T00:00Z");
    let code = |result: Result<Timestamp, CalendarError>| result.map_err(|error| error.code);
    assert_eq!(code(never.add(now, minutes(1))), Err("no_open_time"));
    assert_eq!(code(never.sub(now, minutes(1))), Err("no_open_time"));
    assert_eq!(code(once.add(now, minutes(60))), Ok(at("2026-06-01T10:00Z")));
    assert_eq!(code(once.add(now, minutes(61))), Err("no_open_time"));
    assert_eq!(code(once.sub(at("2027-06-01T09:59Z"), minutes(60))), Ok(at("2026-06-01T09:00Z")));
    assert_eq!(code(once.sub(at("2027-06-02T10:00Z"), minutes(1))), Err("no_open_time"), "a year and a day");
}

#[test]
fn a_calendar_never_opens_when_neither_the_week_nor_any_date_leaves_an_open_moment() {
    let never = |value: Value| calendar(&value).never_opens();
    let only = |more: Value| {
        let mut value = json!({"time_zone": "UTC", "overrides": {"2026-06-01": [["09:00", "10:00"]]}});
        more.as_object().expect("keys").iter().for_each(|(key, more)| value[key] = more.clone());
        never(value)
    };
    assert!(never(json!({"time_zone": "UTC"})));
    assert!(never(json!({"time_zone": "UTC", "hours": {"mon": [], "sun": []}, "holidays": ["2026-10-01"]})));
    assert!(never(json!({"time_zone": "UTC", "overrides": {"2026-06-01": []}})));
    assert!(!only(json!({})), "an override gives it an hour");
    assert!(!only(json!({"holidays": ["2026-06-01"]})), "and wins over a holiday");
    let pause = |to| json!({"breaks": [{"date": "2026-06-01", "from": "08:00", "to": to}]});
    assert!(only(pause("10:00")), "a break takes all of it");
    assert!(!only(pause("09:59:59")), "a break leaves a second");
    let skipped = json!({"2011-12-30": [["09:00", "10:00"]]});
    assert!(never(json!({"time_zone": "Pacific/Apia", "overrides": skipped})), "a date that never was");
}

#[test]
fn hours_over_midnight_may_be_all_the_open_time_there_is() {
    let night = |more: Value| {
        let mut value = json!({"time_zone": "UTC", "overrides": {"2026-06-01": [["22:00", "06:00"]]}});
        value["breaks"] = json!([{"date": "2026-06-01", "from": "22:00", "to": "24:00"}]);
        value["holidays"] = more;
        calendar(&value).never_opens()
    };
    assert!(!night(json!([])));
    assert!(night(json!(["2026-06-02"])));
}

#[test]
fn a_calendar_never_closes_when_each_day_is_whole_and_nothing_is_cut_out() {
    let never = |value: Value| calendar(&value).never_closes();
    let whole = json!([["00:00", "12:00"], ["12:00", "24:00"]]);
    let daily = |more: Value| {
        let mut value = daily("Asia/Shanghai", whole.clone());
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    assert!(Calendar::always().never_closes() && never(json!("24x7")) && never(daily(json!({}))));
    assert!(never(daily(json!({"holidays": ["2026-10-01"], "overrides": {"2026-10-01": whole}}))));
    assert!(!never(daily(json!({"holidays": ["2026-10-01"]}))));
    assert!(!never(daily(json!({"breaks": [{"date": "2026-10-01", "from": "12:00", "to": "12:01"}]}))));
    assert!(!never(office(json!({}))));
}

#[test]
fn a_week_with_hours_opens_however_many_days_are_closed() {
    let dates: Vec<Date> = jiff::civil::date(2026, 1, 1).series(jiff::Span::new().days(1)).take(800).collect();
    let shut = calendar(&office(json!({"holidays": dates})));
    assert!(!shut.never_opens() && !Calendar::always().never_opens());
    assert!(shut.add(at("2026-01-01T00:00Z"), minutes(1)).is_err(), "and yet not within 366 days");
}

#[test]
fn durations_are_never_negative_and_may_last_years() {
    let plain = calendar(&office(json!({})));
    let now = sh("2026-11-23T09:00");
    let error = plain.add(now, SignedDuration::from_nanos(-1)).expect_err("negative");
    assert_eq!((error.code, error.pointer.as_str()), ("negative_duration", ""));
    assert_eq!(plain.sub(now, minutes(-1)).map_err(|error| error.code), Err("negative_duration"));
    let five_years = minutes(60 * 8 * 5 * 52 * 5);
    assert_eq!(plain.add(now, five_years), Ok(sh("2031-11-17T09:00") - SignedDuration::from_hours(63)));
}

#[test]
fn the_ends_of_time_are_reached_without_a_panic() {
    let always = Calendar::always();
    let (century, last) = (SignedDuration::from_hours(24 * 36_525), Timestamp::MAX - SignedDuration::from_secs(1));
    assert_eq!(always.between(Timestamp::MIN, Timestamp::MIN + century), century);
    assert_eq!(always.add(last - century, century).map(Timestamp::as_second), Ok(last.as_second()));
    assert!(always.add(Timestamp::MAX, SignedDuration::MAX).is_err());
    assert!(always.sub(Timestamp::MIN, SignedDuration::MAX).is_err());
    assert!(!always.closed_days(Timestamp::MIN, Timestamp::MIN).iter().any(|_| true));
    assert_eq!(segment::INSTANTS.start, Timestamp::MIN.as_millisecond());
    assert_eq!(segment::INSTANTS.end, Timestamp::MAX.as_millisecond());
}

#[test]
fn nothing_added_to_the_last_millisecond_leaves_it_where_it_is() {
    let last = instant(Timestamp::MAX.as_millisecond());
    let always = Calendar::always();
    assert_eq!((always.add(last, minutes(0)), always.sub(last, minutes(0))), (Ok(last), Ok(last)));
    assert_eq!(always.add(last - minutes(1), minutes(1)), Ok(last));
}

#[test]
fn what_is_longer_than_all_time_is_refused_without_a_walk() {
    let second = json!([["12:00:00", "12:00:01"]]);
    for calendar in [Calendar::always(), calendar(&daily("America/New_York", second))] {
        for (t, d) in [(Timestamp::MIN, SignedDuration::MAX), (Timestamp::MAX, SignedDuration::from_millis(i64::MAX))] {
            // Each would walk twenty thousand years.
            for _ in 0..100 {
                let codes = (calendar.add(t, d).map_err(|e| e.code), calendar.sub(t, d).map_err(|e| e.code));
                assert_eq!(codes, (Err("no_open_time"), Err("no_open_time")));
            }
        }
    }
}

#[test]
fn what_is_as_long_as_the_time_left_is_looked_for_and_a_millisecond_more_is_not() {
    let once = calendar(&json!({"time_zone": "UTC", "overrides": {"2026-06-01": [["09:00", "10:00"]]}}));
    let (now, milli) = (at("2026-05-01T00:00Z"), SignedDuration::from_millis(1));
    let after = SignedDuration::from_millis(Timestamp::MAX.as_millisecond() - now.as_millisecond());
    let before = now.duration_since(Timestamp::MIN);
    let told = |refused: Result<Timestamp, CalendarError>| refused.expect_err("too long").detail;
    assert!(told(once.add(now, after)).contains("366 days of 2026-06-01T10:00:00Z"));
    assert!(told(once.add(now, after + milli)).contains("366 days of 9999-12-30"));
    assert!(told(once.sub(now, before)).contains("366 days of 2026-05-01"));
    assert!(told(once.sub(now, before + milli)).contains("366 days of -009999-01-02"));
}

#[test]
fn hours_that_touch_are_no_overlap_also_over_midnight_and_round_the_week() {
    let touching = daily("UTC", json!([["18:00", "06:00"], ["06:00", "12:00"], ["12:00", "18:00"]]));
    assert_eq!(hours_between(&touching, "2026-11-23T00:00Z", "2026-11-30T00:00Z"), 168.0);
}

#[test]
fn a_spec_survives_its_journey_through_json() {
    let value = office(json!({
        "holidays": ["2026-10-01"],
        "breaks": [{"date": "2026-11-23", "from": "14:00", "to": "15:00"}],
        "overrides": {"2026-10-10": [["09:00", "18:00"]], "2026-10-11": []},
    }));
    let spec: CalendarSpec = serde_json::from_value(value).expect("a spec");
    let text = serde_json::to_string(&spec).expect("JSON");
    assert_eq!(serde_json::from_str::<CalendarSpec>(&text).expect("a spec"), spec);
    let always: CalendarSpec = serde_json::from_value(json!("24x7")).expect("a spec");
    assert_eq!(always, CalendarSpec::always());
    let bare: CalendarSpec = serde_json::from_value(json!({"time_zone": "UTC", "hours": {"mon": []}})).expect("a spec");
    assert_eq!(json!(bare), json!({"time_zone": "UTC"}), "what is empty is not written");
    let fault = serde_json::from_value::<CalendarSpec>(json!({"time_zone": "UTC", "x": 1})).expect_err("a fault");
    assert_eq!(fault.to_string(), "unknown_key at \"/x\": may be one of time_zone, hours, holidays, breaks, overrides");
}
