//! What would be due, without saving.

use super::super::{NOON, Shop};
use super::{CALENDARS, POLICIES, shifts, vip, with, without};
use redress_service::auth::Role;
use serde_json::{Value, json};

async fn ask(shop: &Shop, list: &str, body: &Value) -> super::Answered {
    let before = (shop.admin("GET", CALENDARS).await.text, shop.admin("GET", POLICIES).await.text);
    let answer = shop.by(Role::Auditor, "POST", &format!("{list}/preview")).json(body).await;
    let after = (shop.admin("GET", CALENDARS).await.text, shop.admin("GET", POLICIES).await.text);
    assert_eq!(before, after, "a preview changes nothing");
    answer
}

async fn due(shop: &Shop, calendar: &Value, start: &str, seconds: i64) -> Value {
    let answer = ask(shop, CALENDARS, &json!({"calendar": calendar, "start": start, "seconds": seconds})).await;
    assert_eq!((answer.status, answer.header("etag")), (200, ""), "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_calendar_says_when_time_would_have_passed() {
    let shop = Shop::open().await;
    let week = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
    let office = json!({"time_zone": "Asia/Shanghai", "hours": {"mon": week, "tue": week, "wed": week, "thu": week, "fri": week}});
    for (start, seconds, due_at) in [
        ("2026-11-27T17:30:00+08:00", 3600, "2026-11-30T01:30:00Z"),
        ("2026-11-27T11:30:00+08:00", 3600, "2026-11-27T05:30:00Z"),
        ("2026-11-28T10:00:00+08:00", 7200, "2026-11-30T03:00:00Z"),
        ("2026-11-23T09:00:00+08:00", 28800, "2026-11-23T10:00:00Z"),
        ("2026-11-28T10:00:00+08:00", 0, "2026-11-28T02:00:00Z"),
    ] {
        assert_eq!(due(&shop, &office, start, seconds).await["due_at"], due_at, "{start} + {seconds}");
    }
    let saturday =
        with(office.clone(), json!({"overrides": {"2026-11-28": [["09:00", "18:00"]]}, "holidays": ["2026-11-30"]}));
    assert_eq!(
        due(&shop, &saturday, "2026-11-28T10:00:00+08:00", 7200).await,
        json!({"due_at": "2026-11-28T04:00:00Z", "closed_days": []})
    );
    let monday = due(&shop, &saturday, "2026-11-28T17:00:00+08:00", 7200).await;
    assert_eq!(monday["due_at"], "2026-12-01T02:00:00Z");
    assert_eq!(
        monday["closed_days"],
        json!([{"date": "2026-11-29", "reason": "weekly"}, {"date": "2026-11-30", "reason": "holiday"}])
    );
    assert_eq!(due(&shop, &json!("24x7"), "2026-11-28T10:00:00Z", 60).await["due_at"], "2026-11-28T10:01:00Z");
}

#[tokio::test]
async fn a_calendar_that_can_t_be_meant_is_refused_under_its_pointer() {
    let shop = Shop::open().await;
    let good = without(shifts(), &["id", "name"]);
    for (calendar, pointers) in [
        (
            with(good.clone(), json!({"time_zone": "Mars", "hours": {"mon": [["9", "10:00"]]}, "x": 1})),
            &["/calendar/hours/mon/0/0", "/calendar/time_zone", "/calendar/x"][..],
        ),
        (json!({"time_zone": "Asia/Shanghai"}), &["/calendar/hours"]),
        (json!("office"), &["/calendar"]),
        (json!(null), &["/calendar"]),
    ] {
        let answer = ask(&shop, CALENDARS, &json!({"calendar": calendar, "start": NOON, "seconds": 1})).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&p| p.to_owned()).collect()),
            "{calendar}"
        );
    }
    let all = json!({"calendar": 5, "start": "明天 / tomorrow", "seconds": -1, "minutes": 5});
    assert_eq!(ask(&shop, CALENDARS, &all).await.pointers(), ["/calendar", "/minutes", "/seconds", "/start"]);
    assert_eq!(ask(&shop, CALENDARS, &json!({})).await.pointers(), ["/calendar", "/seconds", "/start"]);
    // One open hour years ago: it has hours, but none that are to come.
    let past = json!({"time_zone": "UTC", "overrides": {"2020-01-01": [["09:00", "10:00"]]}});
    let answer = ask(&shop, CALENDARS, &json!({"calendar": past, "start": NOON, "seconds": 60})).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/calendar".to_owned()]));
    // As far away as a year can be written.
    let answer =
        ask(&shop, CALENDARS, &json!({"calendar": good, "start": "9999-12-30T21:59:00Z", "seconds": 316_224_000}))
            .await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/calendar".to_owned()]));
}

#[tokio::test]
async fn a_target_that_ends_in_millennia_is_answered_in_few_words() {
    let shop = Shop::open().await;
    let rarely = json!({"time_zone": "UTC", "hours": {"mon": [["09:00:00", "09:00:01"]]}});
    let far = due(&shop, &rarely, NOON, 20_000).await;
    assert_eq!(far["due_at"], "2409-06-22T09:00:01Z");
    let days = far["closed_days"].as_array().unwrap();
    assert!((3_000..3_200).contains(&days.len()), "six of seven days of ten years: {}", days.len());
}

#[tokio::test]
async fn the_policies_in_force_say_what_an_order_would_be_promised() {
    let shop = Shop::open().await;
    for (asked, policy, first_due) in [
        (json!({"priority": "P1"}), "everything@1", "2026-03-04T05:15:00Z"),
        (json!({"priority": "P4"}), "everything@1", "2026-03-04T09:00:00Z"),
        (json!({"priority": "P4", "channel": "chat"}), "live_channels@1", "2026-03-04T04:00:30Z"),
        (
            json!({"priority": "P2", "category": "logistics", "sentiment": "negative"}),
            "complaints@1",
            "2026-03-04T04:30:00Z",
        ),
        (
            json!({"priority": "P2", "category": "logistics", "sentiment": "positive", "tier": "vip"}),
            "everything@1",
            "2026-03-04T05:30:00Z",
        ),
    ] {
        let answer = ask(&shop, POLICIES, &with(asked.clone(), json!({"start": NOON}))).await.json();
        let first = &answer["clocks"][0];
        assert_eq!(
            (&answer["policy"], &first["metric"], &first["due_at"]),
            (&json!(policy), &json!("first_response"), &json!(first_due)),
            "{asked}"
        );
    }
    let answer = ask(&shop, POLICIES, &json!({"priority": "P1", "start": NOON})).await.json();
    assert_eq!(
        answer["clocks"][1],
        json!({
            "metric": "resolution", "target_seconds": 14400, "calendar": "office@1", "due_at": "2026-03-04T09:00:00Z",
            "levels": [
                {"level": "warn_80", "at": "2026-03-04T08:12:00Z"}, {"level": "at_due", "at": "2026-03-04T09:00:00Z"},
                {"level": "over_50", "at": "2026-03-05T02:00:00Z"},
            ],
        })
    );
}

#[tokio::test]
async fn a_policy_that_is_not_published_says_what_it_would_promise() {
    let shop = Shop::open().await;
    let policy = without(vip(), &["id"]);
    let answer = ask(&shop, POLICIES, &json!({"policy": policy, "priority": "P2", "start": NOON})).await.json();
    let told: Vec<_> = answer["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| {
            (clock["metric"].as_str().unwrap(), clock["due_at"].as_str().unwrap(), clock["calendar"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("first_response", "2026-03-04T04:02:00Z", "always@1"),
            ("resolution", "2026-03-04T07:00:00Z", "office@1"),
            ("statutory:seven_days", "2026-03-12T00:00:00Z", "always@1"),
        ]
    );
    assert_eq!(answer["clocks"][0]["levels"], json!([{"level": "soon", "at": "2026-03-04T04:01:30Z"}]));
    let nothing = json!({"policy": {"no_sla": true}, "priority": "P1", "start": NOON});
    assert_eq!(ask(&shop, POLICIES, &nothing).await.json(), json!({"policy": null, "clocks": []}));
}

#[tokio::test]
async fn a_policy_that_can_t_be_meant_is_refused_under_its_pointer() {
    let shop = Shop::open().await;
    let policy = without(vip(), &["id"]);
    for (policy, pointers) in [
        (
            with(policy.clone(), json!({"targets": {"luck 运气": {}}, "x": 1, "levels": [{"name": "a"}]})),
            &["/policy/levels/0/anchor", "/policy/levels/0/audience", "/policy/targets/luck 运气", "/policy/x"][..],
        ),
        (
            with(policy.clone(), json!({"levels": [{"name": "a", "anchor": {"before": 99}, "audience": "agent"}]})),
            &["/policy/levels/0/anchor/before"],
        ),
        (
            with(
                policy.clone(),
                json!({"calendar": "nowhere", "targets": {"resolution": {"calendar": "no_more", "P1": 60, "P2": 60, "P3": 60, "P4": 60}}}),
            ),
            &["/policy/calendar", "/policy/targets/resolution/calendar"],
        ),
        (json!({}), &["/policy/targets"]),
        (json!("vip"), &["/policy"]),
        (json!(null), &["/policy"]),
    ] {
        let answer = ask(&shop, POLICIES, &json!({"policy": policy, "priority": "P1", "start": NOON})).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&p| p.to_owned()).collect()),
            "{policy}"
        );
    }
    let all = json!({"policy": {}, "priority": "P5", "start": "soon", "channel": "fax", "category": "运气", "sentiment": "so-so", "tier": "iron", "x": 1});
    assert_eq!(
        ask(&shop, POLICIES, &all).await.pointers(),
        ["/category", "/channel", "/policy/targets", "/priority", "/sentiment", "/start", "/tier", "/x"]
    );
    let late = json!({"priority": "P1", "start": "9999-12-30T21:59:59Z"});
    assert_eq!(ask(&shop, POLICIES, &late).await.pointers(), ["/start"]);
    let late = json!({"policy": without(vip(), &["id"]), "priority": "P1", "start": "9999-12-30T21:59:59Z"});
    assert_eq!(ask(&shop, POLICIES, &late).await.pointers(), ["/start"]);
}
