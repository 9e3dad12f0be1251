//! Why is this red: every stretch, every closed day by name, and the sum to the due instant.

use super::story::{Story, flat, hours, instant, one, policies};
use crate::order::Status;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::Metric;
use serde_json::{Value, json};

const RESOLUTION: Metric = Metric::Resolution;

/// Eight hours in an office with a holiday, a day that an override closes and one that breaks do.
fn closures() -> Terms {
    let mut document = policies(json!([{"id": "one", "levels": [], "targets": {"resolution": flat(28_800)}}]));
    let office = document.calendars.iter_mut().find(|calendar| calendar.id == "office").unwrap();
    office.calendar["holidays"] = json!(["2026-11-24"]);
    office.calendar["overrides"] = json!({"2026-11-25": []});
    office.calendar["breaks"] = json!([{"date": "2026-11-26", "from": "00:00", "to": "24:00"}]);
    Terms::compile(document).unwrap()
}

#[test]
fn every_stretch_has_its_cause_and_its_business_time_and_the_sum_gives_the_due_instant() {
    let mut story = Story::of(one(json!({"targets": {"resolution": flat(28_800)}, "levels": []}))).assigned();
    story.answer().at("23T11:00:00").go(Status::PendingCustomer).at("25T11:00:00").ask().at("25T14:00:00");
    let proof = json!(story.proof(&RESOLUTION));
    let facts: Vec<_> = story.order.facts.iter().map(|fact| (fact.what.word(), fact.id.clone())).collect();
    let cause = |word: &str| facts.iter().rfind(|(other, _)| *other == word).unwrap().1.clone();
    let moved: Vec<_> = facts.iter().filter(|(word, _)| *word == "status_changed").map(|(_, id)| id).collect();
    let stretch = |kind: &str, from: &str, to: Value, seconds: i64, cause: &str| {
        json!({"kind": kind, "from": from, "to": to, "business_seconds": seconds, "cause": cause,
            "calendar_version": "office@1"})
    };
    let segments = json!([
        stretch("run", "2026-11-23T01:00:00Z", json!("2026-11-23T03:00:00Z"), 7_200, &cause("created")),
        stretch("pause", "2026-11-23T03:00:00Z", json!("2026-11-25T03:00:00Z"), 0, moved[0]),
        stretch("run", "2026-11-25T03:00:00Z", Value::Null, 7_200, moved[1]),
    ]);
    assert_eq!(proof["segments"], segments);
    let sum = json!({"from": "2026-11-25T03:00:00Z", "consumed_seconds": 7_200, "remaining_seconds": 21_600,
        "due_at": "2026-11-25T10:00:00Z"});
    assert_eq!(proof["arithmetic"], sum);
    for (key, value) in [
        ("due_at", json!("2026-11-25T10:00:00Z")),
        ("target_seconds", json!(28_800)),
        ("grace_seconds", json!(0)),
        ("consumed_seconds", json!(14_400)),
        ("carried_seconds", json!(0)),
        ("policy_version", json!("one@1")),
        ("calendar_version", json!("office@1")),
        ("state", json!("running")),
        ("breached", json!(false)),
        ("closed_days", json!([])),
    ] {
        assert_eq!(proof[key], value, "{key}");
    }
    let told = &proof["explanation"];
    let (zh, en) = (told["zh"].as_str().unwrap(), told["en"].as_str().unwrap());
    assert!(zh.contains("目标 28800 秒") && zh.contains("7200 + 7200 秒，合计已用 14400 秒"), "{zh}");
    assert!(zh.contains("还剩 21600 秒，因此到期时间为 2026-11-25T10:00:00Z"), "{zh}");
    assert!(en.contains("Target 28800 business seconds on calendar office@1 by policy one@1, grace 0"), "{en}");
    assert!(en.contains("7200 + 7200, 14400 used in all") && en.contains("so it is due 2026-11-25T10:00:00Z"), "{en}");
}

#[test]
fn each_day_that_a_clock_lost_is_named_with_what_closed_it() {
    let mut story = Story::from(closures(), "2026-11-23T17:00:00+08:00").assigned();
    let proof = |story: &Story| json!(story.proof(&RESOLUTION));
    let days = |proof: &Value| -> Vec<String> {
        let days = proof["closed_days"].as_array().unwrap();
        days.iter().map(|day| format!("{} {}", day["name"]["en"].as_str().unwrap(), day["reason"])).collect()
    };
    let four = [
        "Tuesday 2026-11-24, holiday \"holiday\"",
        "Wednesday 2026-11-25, closed by an override \"override\"",
        "Thursday 2026-11-26, breaks leave nothing of it \"break\"",
    ];
    let told = proof(&story);
    assert_eq!(days(&told), four, "up to the due instant, Friday 17:00");
    assert_eq!(told["closed_days"][0]["name"]["zh"], "2026-11-24 星期二，节假日");
    assert_eq!(told["due_at"], "2026-11-27T09:00:00Z");
    story.at("30T10:00:00");
    let late = days(&proof(&story));
    let weekend = [
        "Saturday 2026-11-28, no hours on this day of the week \"weekly\"",
        "Sunday 2026-11-29, no hours on this day of the week \"weekly\"",
    ];
    assert_eq!(
        (&late[..3], &late[3..]),
        (&four.map(str::to_owned)[..], &weekend.map(str::to_owned)[..]),
        "and while it runs late"
    );
    story.at("25T10:00:00").go(Status::Resolved).at("30T10:00:00");
    assert_eq!(days(&proof(&story)), four[..2], "up to its end");
}

#[test]
fn a_clock_that_has_ended_shows_when_it_was_due_only_if_it_was_broken() {
    for (resolved, due, told) in [
        ("23T17:00:00", Value::Null, "nothing is due now"),
        ("23T18:00:01", json!("2026-11-23T10:00:00Z"), "nothing is due now"),
    ] {
        let mut story = Story::of(one(json!({"targets": {"resolution": flat(28_800)}, "levels": []}))).assigned();
        story.at(resolved).go(Status::Resolved).at("24T12:00:00");
        let proof = json!(story.proof(&RESOLUTION));
        assert_eq!((&proof["due_at"], &proof["breached"]), (&due, &json!(!due.is_null())));
        assert!(proof["explanation"]["en"].as_str().unwrap().contains(told));
        assert_eq!(proof["breach"].is_null(), due.is_null());
        assert_eq!(proof["arithmetic"]["due_at"], "2026-11-23T10:00:00Z", "the sum still stands");
    }
}

#[test]
fn what_earlier_cycles_used_and_what_a_change_granted_are_told_apart() {
    let policy = json!({"targets": {"resolution": hours(2, 4, 6, 8)}, "levels": [], "retarget_grace_seconds": 900});
    let mut story = Story::of(one(policy)).assigned();
    story.at("23T11:00:00").go(Status::Resolved).at("24T09:00:00").go(Status::Reopened).at("24T10:00:00");
    let proof = json!(story.proof(&RESOLUTION));
    assert_eq!((&proof["carried_seconds"], &proof["consumed_seconds"]), (&json!(7_200), &json!(10_800)));
    assert_eq!(proof["arithmetic"]["consumed_seconds"], 7_200);
    story.prioritise(Priority::P1);
    let proof = json!(story.proof(&RESOLUTION));
    assert_eq!((&proof["grace_seconds"], &proof["target_seconds"]), (&json!(3_600 + 900), &json!(7_200)));
    assert_eq!(proof["arithmetic"]["remaining_seconds"], 900);
    let told = proof["explanation"]["en"].as_str().unwrap();
    assert!(told.contains("grace 4500; carried over 7200, this cycle 3600 + 0, 10800 used in all"), "{told}");
    assert_eq!(story.clock(&RESOLUTION).due_at, Some(instant("2026-11-24T10:15:00+08:00")));
}
