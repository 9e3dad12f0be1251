//! The figures, as those see them who lead.

use super::Shop;
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

const MARCH: &str = "/v1/satisfaction?from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z";

/// Four customers who are asked at once, of whom three answer.
async fn answered() -> Shop {
    let shop = Shop::open().await;
    shop.replace("/v1/survey-policies/everyone", &json!({"delay_seconds": 0, "window_seconds": 86_400})).await;
    for (name, answer) in [
        ("a", Some(json!({"csat": 5, "ces": 7, "nps": 10}))),
        ("b", Some(json!({"csat": 3, "ces": 4, "nps": 6}))),
        ("c", Some(json!({"solved": true, "nps": 8}))),
        ("d", None),
    ] {
        let id = shop.said("你好,请问快递大概几号能送到", name).await;
        shop.memory.settle().await;
        let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
        let order = feedback["work_order_id"].as_str().unwrap().to_owned();
        shop.move_to(&format!("/v1/work-orders/{order}"), &json!({"to": "resolved"})).await;
        let surveys = shop.by(Role::Supervisor, "GET", &format!("/v1/surveys?work_order={order}")).await.json();
        let link = surveys["items"][0]["link"].as_str().unwrap().strip_prefix("https://care.example.com").unwrap();
        if let Some(answer) = answer {
            assert_eq!(shop.ask("POST", link).json(&answer).await.status, 200);
        }
    }
    shop.memory.settle().await;
    shop
}

#[tokio::test]
async fn figures_stand_beside_how_many_answered() {
    let shop = answered().await;
    let report = shop.by(Role::Auditor, "GET", MARCH).await.json();
    let total = &report["total"];
    assert_eq!((&total["asked"], &total["answered"], &total["response_rate"]), (&json!(4), &json!(3), &json!(75.0)));
    assert_eq!((&total["csat"], &total["csat_answers"]), (&json!(50.0), &json!(2)));
    assert_eq!(total["ces"], json!({"mean": 5.5, "easy_percent": 50.0}));
    assert_eq!((&total["nps"], &total["nps_answers"]), (&json!(0.0), &json!(3)));
    let (low, high) = (&total["interval"]["low"], &total["interval"]["high"]);
    assert!((low.as_f64().unwrap() - 9.453).abs() < 0.001 && (high.as_f64().unwrap() - 90.547).abs() < 0.001);
    assert_eq!((&total["called"]["answered"], &total["called"]["csat"]), (&json!(0), &Value::Null));
    assert_eq!(report["groups"], json!([]));
    let before =
        shop.by(Role::Admin, "GET", "/v1/satisfaction?from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z").await;
    assert_eq!((&before.json()["total"]["asked"], &before.json()["total"]["csat"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn scores_belong_to_whoever_had_the_order_when_it_was_resolved_and_calls_are_counted_apart() {
    let shop = answered().await;
    let surveys = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
    let survey = surveys["items"].as_array().unwrap().iter().find(|survey| survey["state"] == "sent").unwrap();
    // Somebody else calls the one who did not answer, and the order comes back to somebody else.
    shop.presence("ag_li", "online").await;
    let path = format!("/v1/surveys/{}/answer", survey["id"].as_str().unwrap());
    assert_eq!(shop.by(Role::Supervisor, "POST", &path).json(&json!({"csat": 1, "nps": 0})).await.status, 200);
    shop.memory.settle().await;
    let order = format!("/v1/work-orders/{}", survey["work_order"].as_str().unwrap());
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.json()["agent"], "ag_li");
    for (by, group) in [("agent", json!("ag_mei")), ("team", json!("tm_care"))] {
        let report = shop.by(Role::Supervisor, "GET", &format!("{MARCH}&group_by={by}")).await.json();
        let groups = report["groups"].as_array().unwrap();
        assert_eq!((groups.len(), &groups[0][by]), (1, &group), "{report}");
        assert_eq!((&groups[0]["answered"], &groups[0]["csat"]), (&json!(3), &json!(50.0)));
        assert_eq!((&groups[0]["called"]["answered"], &groups[0]["called"]["csat"]), (&json!(1), &json!(0.0)));
        assert_eq!(groups[0]["called"]["nps"], json!(-100.0));
    }
}

#[tokio::test]
async fn a_question_without_a_time_or_with_too_much_of_it_is_refused() {
    let shop = Shop::open().await;
    for (query, pointers) in [
        ("", vec!["/from", "/to"]),
        ("?from=2026-03-01T00:00:00Z", vec!["/to"]),
        ("?from=yesterday&to=2026-03-01T00:00:00Z&group_by=shop", vec!["/from", "/group_by"]),
        ("?from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z", vec!["/to"]),
        ("?from=2025-03-01T00:00:00Z&to=2026-03-03T00:00:00Z", vec!["/to"]),
        ("?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&agent=ag_mei", vec!["/agent"]),
    ] {
        let refused = shop.by(Role::Supervisor, "GET", &format!("/v1/satisfaction{query}")).await;
        assert_eq!(refused.pointers(), pointers, "{query}");
    }
    shop.memory.advance(SignedDuration::from_secs(1));
    let most = shop.by(Role::Supervisor, "GET", "/v1/satisfaction?from=2025-03-01T00:00:00Z&to=2026-03-02T00:00:00Z");
    assert_eq!(most.await.status, 200);
}

#[tokio::test]
async fn what_customers_suggest_is_marked_and_listed() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    for (comment, suggests) in [
        ("谢谢，一切都好", false),
        ("不错，建议增加电子发票", true),
        ("it would be nice if you shipped on Sundays", true),
    ] {
        assert_eq!(shop.ask("POST", &survey).json(&json!({"csat": 4, "comment": comment})).await.status, 200);
        let all = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
        assert_eq!(all["items"][0]["suggestion"], suggests, "{comment}");
        for flag in [true, false] {
            let listed = shop.by(Role::Supervisor, "GET", &format!("/v1/surveys?suggestion={flag}")).await.json();
            assert_eq!(listed["items"].as_array().unwrap().len(), usize::from(flag == suggests), "{comment} {flag}");
        }
    }
    assert_eq!(shop.by(Role::Supervisor, "GET", "/v1/surveys?suggestion=1").await.pointers(), ["/suggestion"]);
}
