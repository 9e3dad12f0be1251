//! The customer's verdict, as programs send and read it.

use super::Shop;
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn an_answer_is_taken_and_may_be_replaced_until_the_window_closes() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let first = shop
        .ask("POST", &survey)
        .json(&json!({"csat": 5, "ces": 7, "nps": 10, "solved": true, "comment": "很好 👍"}))
        .await;
    assert_eq!(first.status, 200, "{}", first.text);
    let said = first.json();
    assert_eq!(
        (&said["state"], &said["csat"], &said["ces"], &said["nps"], &said["solved"], &said["comment"]),
        (&json!("answered"), &json!(5), &json!(7), &json!(10), &json!(true), &json!("很好 👍"))
    );
    assert!(said["survey"].as_str().unwrap().starts_with("sv_"));

    let again = shop.ask("POST", &survey).json(&json!({"csat": 4})).await.json();
    assert_eq!((&again["csat"], &again["comment"]), (&json!(4), &Value::Null));
    let read = shop.ask("GET", &survey).header("accept", "application/json").await.json();
    assert_eq!(read, again);

    shop.memory.advance(SignedDuration::from_hours(24 * 7));
    for method in ["POST", "GET"] {
        let late = shop.ask(method, &survey).header("accept", "application/json").json(&json!({"csat": 1})).await;
        assert_eq!((late.status, late.code().as_str()), (410, "closed"), "{method}");
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_or_too_much_is_refused() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    for (body, pointers) in [
        (json!({}), vec![""]),
        (
            json!({"csat": 0, "ces": 8, "nps": 11, "solved": "yes", "comment": " \u{200b}", "colour": 1, "id": "x"}),
            vec!["/ces", "/colour", "/comment", "/csat", "/id", "/nps", "/solved"],
        ),
        (json!({"csat": 4.5}), vec!["/csat"]),
        (json!({"csat": "5"}), vec!["/csat"]),
        (json!({"csat": null}), vec!["/csat"]),
        (json!({"comment": "长".repeat(4001)}), vec!["/comment"]),
        (json!([]), vec![""]),
    ] {
        let answer = shop.ask("POST", &survey).json(&body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect::<Vec<_>>()),
            "{body}"
        );
    }
    assert_eq!(shop.ask("POST", &survey).text("{").await.code(), "malformed");
    assert_eq!(
        shop.ask("POST", &survey)
            .header("content-type", "text/plain")
            .header("accept", "application/json")
            .body("csat=5")
            .await
            .code(),
        "unsupported_media_type"
    );
}

#[tokio::test]
async fn a_wrong_token_and_a_survey_that_was_not_sent_are_not_there() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    let surveys = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
    assert_eq!(surveys["items"][0]["state"], "scheduled");
    let unsent = surveys["items"][0]["link"].as_str().unwrap().strip_prefix("https://care.example.com").unwrap();
    for path in [unsent, "/s/nothing", "/s/%00", "/s/%ff", "/s/你好你好你好".replace("你好", "%E4%BD%A0").as_str()]
    {
        for method in ["GET", "POST"] {
            let answer = shop.ask(method, path).header("accept", "application/json").json(&json!({"csat": 5})).await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn those_who_lead_read_the_scores() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    shop.ask("POST", &survey).json(&json!({"csat": 2, "solved": false, "comment": "还没好"})).await;
    shop.memory.settle().await;
    let page = shop.by(Role::Auditor, "GET", "/v1/surveys").await.json();
    let item = page["items"][0].as_object().unwrap();
    for (field, value) in [
        ("state", json!("answered")),
        ("csat", json!(2)),
        ("solved", json!(false)),
        ("nps", Value::Null),
        ("comment", json!("还没好")),
        ("cycle", json!(1)),
        ("skip_reason", Value::Null),
        ("resolver", json!("ag_mei")),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    for field in ["id", "work_order", "created_at", "sent_at", "answered_at", "closes_at"] {
        assert!(item[field].is_string(), "{field}");
    }
    assert_eq!(item.get("link"), None, "an auditor answers for nobody");
    let order = item["work_order"].as_str().unwrap();
    for (filter, many) in [
        (format!("work_order={order}"), 1),
        ("work_order=wo_none".to_owned(), 0),
        ("from=2026-03-05T00:00:00Z".to_owned(), 0),
        ("to=2026-03-05T00:00:00Z".to_owned(), 1),
        (format!("work_order={order}&to=2026-03-04T00:00:00Z"), 0),
    ] {
        let page = shop.by(Role::Admin, "GET", &format!("/v1/surveys?{filter}")).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), many, "{filter}");
    }
}

#[tokio::test]
async fn links_are_shown_in_the_local_cloud_alone() {
    let shop = Shop::with(|context| crate::Context { survey_links: false, ..context }).await;
    let order = shop.order().await;
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    let page = shop.by(Role::Admin, "GET", "/v1/surveys").await.json();
    assert_eq!(page["items"][0].get("link"), None);
    assert_eq!(shop.by(Role::Admin, "GET", &order).await.json()["links"].get("survey"), None);
}
