//! What can't be meant is refused at every place at once.

use super::super::{Answered, Shop};
use super::{CALENDARS, POLICIES, shifts, vip, with, without};
use serde_json::{Value, json};

/// Asserts that it is wrong there, whether it is new or a new version, and that nothing came of it.
async fn refused(shop: &Shop, list: &str, old: &str, name: &str, body: &Value, pointers: &[&str]) {
    let told = |answer: Answered| {
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&p| p.to_owned()).collect()),
            "{name}: {}",
            answer.text
        )
    };
    let before = shop.admin("GET", list).await.text;
    told(shop.admin("POST", list).json(body).await);
    told(
        shop.admin("PUT", &format!("{list}/{old}")).header("if-match", "*").json(&without(body.clone(), &["id"])).await,
    );
    assert_eq!(shop.admin("GET", list).await.text, before, "{name}");
}

#[tokio::test]
async fn a_calendar_is_told_all_that_is_wrong_with_it() {
    let shop = Shop::open().await;
    for (name, more, pointers) in [
        (
            "all at once",
            json!({
                "time_zone": "Mars/Olympus_Mons", "colour": "红 / red", "name": " \u{200b}",
                "hours": {"mon": [["09:00", "12:00"], ["11:00", "18:00"]], "tue": [["9 点", "18:00"]], "周三": []},
                "holidays": ["2026-02-30", "国庆"], "breaks": [{"date": "2026-11-23", "from": "14:00"}],
                "overrides": {"明天": [["24:00", "08:00"]]},
            }),
            &[
                "/breaks/0/to",
                "/colour",
                "/holidays/0",
                "/holidays/1",
                "/hours/mon/1",
                "/hours/tue/0/0",
                "/hours/周三",
                "/name",
                "/overrides/明天",
                "/overrides/明天/0",
                "/time_zone",
            ][..],
        ),
        ("never open", json!({"hours": {}, "overrides": {}}), &["/hours"]),
        ("open only where it is cut out", json!({"hours": {"sun": []}, "overrides": {"2026-10-10": []}}), &["/hours"]),
        ("no zone", json!({"time_zone": 8}), &["/time_zone"]),
        ("a document of its own", json!({"calendar": "24x7"}), &["/calendar"]),
        ("a name that is too long", json!({"name": "长".repeat(201)}), &["/name"]),
        ("a key with a slash", json!({"a/b~c": 1}), &["/a~1b~0c"]),
    ] {
        refused(&shop, CALENDARS, "office", name, &with(shifts(), more), pointers).await;
    }
    for (body, pointer) in [(json!([]), ""), (json!("24x7"), ""), (json!({}), "/time_zone")] {
        refused_whole(&shop, CALENDARS, &body, pointer).await;
    }
}

async fn refused_whole(shop: &Shop, list: &str, body: &Value, pointer: &str) {
    let answer = shop.admin("POST", list).json(body).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec![pointer.to_owned()]), "{body}");
}

#[tokio::test]
async fn a_policy_is_told_all_that_is_wrong_with_it() {
    let shop = Shop::open().await;
    let level = |more: Value| with(json!({"name": "soon", "anchor": "at", "audience": "agent"}), more);
    for (name, more, pointers) in [
        (
            "all at once",
            json!({
                "name": "", "colour": 1, "position": 0, "no_sla": "no", "calendar": "No Where",
                "when": {"channel": ["fax"], "tier": [], "mood": ["bad"], "category": "refund"},
                "targets": {
                    "first_response": {"P1": 0, "P2": 1.5, "P3": "3", "P4": 4},
                    "弹跳 bounce": {"P1": 1, "P2": 1, "P3": 1, "P4": 1},
                },
                "pauses": {"asleep": ["resolution"], "on_hold": ["patience"]},
                "levels": [
                    {"name": "一 one", "anchor": {"sometime": 5}, "audience": "everybody", "actions": ["sing"]},
                    {"name": "two", "anchor": "at", "audience": "agent", "repeat": {"every_seconds": 3600}},
                ],
                "reopen": {"mode": "never", "target_percent_after_breach": 0},
                "retarget_grace_seconds": -1, "pause_cap_seconds": 59, "compensation_cap": {"amount_minor": 5},
            }),
            &[
                "/calendar",
                "/colour",
                "/compensation_cap/currency",
                "/levels/0/actions/0",
                "/levels/0/anchor/sometime",
                "/levels/0/audience",
                "/levels/0/name",
                "/levels/1/repeat/max",
                "/name",
                "/no_sla",
                "/pause_cap_seconds",
                "/pauses/asleep",
                "/pauses/on_hold/0",
                "/position",
                "/reopen/mode",
                "/reopen/target_percent_after_breach",
                "/retarget_grace_seconds",
                "/targets/first_response/P1",
                "/targets/first_response/P2",
                "/targets/first_response/P3",
                "/targets/弹跳 bounce",
                "/when/category",
                "/when/channel/0",
                "/when/mood",
                "/when/tier",
            ][..],
        ),
        ("nothing is promised", json!({"targets": {}, "levels": []}), &["/targets"]),
        ("no_sla promises", json!({"no_sla": true}), &["/targets"]),
        (
            "a band is missing",
            json!({"targets": {"resolution": {"P1": 1, "P2": 1, "P3": 1}}, "levels": []}),
            &["/targets/resolution"],
        ),
        (
            "a law in seconds",
            json!({"targets": {"statutory:x": {"P1": 1, "P2": 1, "P3": 1, "P4": 1}}, "levels": []}),
            &["/targets/statutory:x"],
        ),
        (
            "a level before its clock starts",
            json!({"levels": [level(json!({"anchor": {"before": 61}}))]}),
            &["/levels/0/anchor/before"],
        ),
        (
            "two anchors",
            json!({"levels": [level(json!({"anchor": {"before": 1, "after": 1}}))]}),
            &["/levels/0/anchor"],
        ),
        (
            "a share of nothing",
            json!({"levels": [level(json!({"anchor": {"percent": 0}}))]}),
            &["/levels/0/anchor/percent"],
        ),
        (
            "once is no repeat",
            json!({"levels": [level(json!({"repeat": {"every_seconds": 60, "max": 1}}))]}),
            &["/levels/0/repeat/max"],
        ),
        (
            "too often",
            json!({"levels": [level(json!({"repeat": {"every_seconds": 59, "max": 101}}))]}),
            &["/levels/0/repeat/every_seconds", "/levels/0/repeat/max"],
        ),
        ("one name for two", json!({"levels": [level(json!({})), level(json!({}))]}), &["/levels/1/name"]),
        (
            "a metric without target",
            json!({"levels": [level(json!({"metrics": ["ownership"]}))]}),
            &["/levels/0/metrics"],
        ),
        ("nothing to do", json!({"levels": [level(json!({"actions": []}))]}), &["/levels/0/actions"]),
        (
            "money without a cap",
            json!({"levels": [level(json!({"actions": [{"compensate": {"amount_minor": 500, "currency": "CNY"}}]}))]}),
            &["/compensation_cap"],
        ),
        ("a law is paused", json!({"pauses": {"on_hold": ["statutory:seven_days"]}}), &["/pauses/on_hold"]),
        ("a status that does not wait", json!({"pauses": {"in_progress": ["resolution"]}}), &["/pauses/in_progress"]),
        ("meant and written wrongly", json!({"pauses": {"open": []}, "levels": 3}), &["/levels", "/pauses/open"]),
        ("no such calendar", json!({"calendar": "nowhere"}), &["/calendar"]),
        (
            "no such calendar, and a repeat for ever",
            json!({"calendar": "nowhere", "levels": [
                {"name": "a", "anchor": "at", "audience": "agent", "repeat": {"every_seconds": 60}}]}),
            &["/calendar", "/levels/0/repeat/max"],
        ),
        (
            "no such calendars",
            json!({"calendar": "nowhere", "targets": {"resolution": {"calendar": "no_more", "P1": 60, "P2": 60, "P3": 60, "P4": 60}}}),
            &["/calendar", "/targets/resolution/calendar"],
        ),
        ("matches everything before the last", json!({"when": {}, "position": 2}), &["/when"]),
    ] {
        refused(&shop, POLICIES, "complaints", name, &with(vip(), more), pointers).await;
    }
    for body in [json!([]), json!("vip"), Value::Null] {
        refused_whole(&shop, POLICIES, &body, "").await;
    }
}

#[tokio::test]
async fn there_is_one_that_matches_everything_and_it_is_the_last() {
    let shop = Shop::open().await;
    let all = without(vip(), &["when"]);
    let second = shop.admin("POST", POLICIES).json(&all).await;
    assert_eq!((second.status, second.pointers()), (422, vec!["/when".to_owned()]));
    let last = shop.admin("POST", POLICIES).json(&with(all, json!({"position": 4}))).await;
    assert_eq!((last.status, last.pointers()), (422, vec![String::new()]), "what stood last is never asked any more");
    assert!(last.text.contains("never asked"), "{}", last.text);
    let behind = shop.admin("POST", POLICIES).json(&with(vip(), json!({"position": 100}))).await;
    assert_eq!((behind.status, behind.pointers()), (422, vec![String::new(), String::new()]), "{}", behind.text);
}

#[tokio::test]
async fn all_together_has_an_end() {
    let shop = Shop::open().await;
    let pause = json!({"date": "2026-01-01", "from": "10:00", "to": "11:00"});
    let large = with(shifts(), json!({"breaks": vec![pause; 3_000]}));
    for id in ["one", "two"] {
        shop.publish(CALENDARS, &with(large.clone(), json!({ "id": id }))).await;
    }
    let third = shop.admin("POST", CALENDARS).json(&with(large, json!({"id": "three"}))).await;
    assert_eq!((third.status, third.pointers()), (422, vec![String::new()]));
    assert!(third.text.contains("at most 384 KiB"), "{}", third.text);
    assert_eq!(shop.admin("DELETE", &format!("{CALENDARS}/one")).await.status, 204, "there is a way out");
}

#[tokio::test]
async fn a_body_is_read_as_on_every_route() {
    let shop = Shop::open().await;
    for path in
        [CALENDARS.to_owned(), POLICIES.to_owned(), format!("{CALENDARS}/preview"), format!("{POLICIES}/preview")]
    {
        for (body, status, code) in
            [("{", 400, "malformed"), (r#"{"id":"a","id":"b"}"#, 400, "malformed"), ("{}", 422, "invalid")]
        {
            let answer = shop.admin("POST", &path).text(body).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path} {body}");
        }
        assert_eq!(shop.admin("POST", &path).body("{}").await.code(), "unsupported_media_type", "{path}");
        assert_eq!(shop.admin("POST", &format!("{path}?dry=1")).json(&shifts()).await.pointers(), ["/dry"], "{path}");
        let long = "长".repeat(80);
        let answer = shop.admin("POST", &path).json(&json!({ &long: 1 })).await;
        assert!(!answer.text.contains(&"长".repeat(65)), "{}", answer.text);
    }
}
