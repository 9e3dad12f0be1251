//! `GET /v1/feedback`: everything that was said, once, while more comes in.

use super::lists::walk;
use super::{Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

async fn say(shop: &Shop, message: &str, customer: Value) -> String {
    let body = json!({"channel": "web", "message": message, "customer": customer, "source_message_id": message});
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    shop.memory.advance(SignedDuration::from_secs(1));
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn messages(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["message"].as_str().unwrap()).collect()
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_was_said_is_listed_at_once_though_nobody_has_understood_it_yet() {
    let shop = Shop::open().await;
    let id = say(&shop, "还没人看", json!({"ref": "c1"})).await;
    for path in ["/v1/feedback", "/v1/feedback?customer_ref=c1"] {
        let page = shop.by(Role::Integrator, "GET", path).await.json();
        let alone = shop.by(Role::Integrator, "GET", &format!("/v1/feedback/{id}")).await.json();
        assert_eq!(page, json!({"items": [alone], "next_cursor": null}), "{path}");
        assert_eq!(page["items"][0]["status"], "received");
    }
    shop.memory.settle().await;
    let page = shop.by(Role::Auditor, "GET", "/v1/feedback").await.json();
    let alone = shop.by(Role::Auditor, "GET", &format!("/v1/feedback/{id}")).await.json();
    assert_eq!((&page["items"][0], &alone["status"]), (&alone, &json!("assigned")));
}

#[tokio::test]
async fn pages_of_any_length_hold_each_feedback_once_oldest_first() {
    let shop = Shop::open().await;
    let mut said = Vec::new();
    for number in 0..30 {
        said.push(say(&shop, &format!("第{number}条"), json!({"ref": format!("c{}", number % 2)})).await);
    }
    for limit in [1, 2, 3, 7, 29, 30, 31, 200] {
        assert_eq!(ids(&walk(&shop, "/v1/feedback", limit).await), said, "{limit}");
        let ones: Vec<_> = said.iter().step_by(2).collect();
        assert_eq!(ids(&walk(&shop, "/v1/feedback?customer_ref=c0", limit).await), ones, "{limit}");
    }
}

#[tokio::test]
async fn whoever_pages_while_more_comes_in_sees_each_that_was_there_once() {
    let shop = Shop::open().await;
    let mut before = Vec::new();
    for number in 0..25 {
        before.push(say(&shop, &format!("第{number}条"), json!({"ref": "c"})).await);
    }
    for path in ["/v1/feedback?limit=4", "/v1/feedback?customer_ref=c&limit=4"] {
        let (mut seen, mut cursor, mut more) = (Vec::new(), String::new(), 0);
        loop {
            let page = shop.by(Role::Admin, "GET", &format!("{path}{cursor}")).await.json();
            seen.extend(ids(page["items"].as_array().unwrap()).into_iter().map(str::to_owned));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            if more < 5 {
                // New ones come in, and what is there changes: it gets its order.
                more += 1;
                say(&shop, &format!("{path} {more}"), json!({"ref": "c"})).await;
                shop.memory.settle().await;
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{path}");
        assert!(before.iter().all(|id| seen.contains(id)), "{path}");
    }
}

#[tokio::test]
async fn from_is_the_first_instant_and_to_the_first_that_is_left_out() {
    let shop = Shop::open().await;
    for message in ["0", "1", "2", "3"] {
        say(&shop, message, json!({"ref": "c"})).await;
    }
    let at = |second: &str| format!("2026-03-04T04:00:{second}Z");
    for reference in ["", "&customer_ref=c"] {
        for (query, found) in [
            (format!("from={}", at("01")), vec!["1", "2", "3"]),
            (format!("to={}", at("01")), vec!["0"]),
            (format!("from={}&to={}", at("01"), at("03")), vec!["1", "2"]),
            (format!("from={}&to={}", at("01"), at("01.001")), vec!["1"]),
            (format!("from={}&to={}", at("02"), at("01")), vec![]),
            ("from=2026-03-04T12:00:03%2B08:00".to_owned(), vec!["3"]),
            (format!("from={}", at("04")), vec![]),
        ] {
            for limit in [1, 200] {
                let items = walk(&shop, &format!("/v1/feedback?{query}{reference}"), limit).await;
                assert_eq!(messages(&items), found, "{query}{reference} {limit}");
            }
        }
    }
    let page = shop.by(Role::Admin, "GET", &format!("/v1/feedback?to={}&limit=2", at("01"))).await.json();
    assert_eq!(page["next_cursor"], Value::Null, "what comes later is not read on to");
}

#[tokio::test]
async fn a_page_of_long_words_ends_early_and_nothing_is_lost() {
    let shop = Shop::open().await;
    let mut said = Vec::new();
    for number in 0..40 {
        let message = format!("{number}{}", "字".repeat(7_900));
        let body = json!({"channel": "web", "message": message, "customer": {"ref": "c"}});
        let key = number.to_string();
        let answer =
            shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", &key).json(&body).await;
        said.push(answer.json()["id"].as_str().unwrap().to_owned());
        shop.memory.advance(SignedDuration::from_millis(1));
    }
    let page = shop.by(Role::Admin, "GET", "/v1/feedback?limit=200").await;
    assert!(page.text.len() < 1024 * 1024, "{}", page.text.len());
    assert!(!page.json()["next_cursor"].is_null());
    assert_eq!(ids(&walk(&shop, "/v1/feedback", 200).await), said);
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_422_and_a_cursor_is_good_for_its_filters_alone() {
    let shop = Shop::open().await;
    for message in ["一", "二", "三"] {
        say(&shop, message, json!({"ref": "c"})).await;
    }
    let answer =
        shop.by(Role::Admin, "GET", "/v1/feedback?customer_ref=&from=a&to=b&limit=0&cursor=x&status=closed").await;
    assert_eq!(answer.pointers(), ["/cursor", "/customer_ref", "/from", "/limit", "/status", "/to"]);
    let page = shop.by(Role::Admin, "GET", "/v1/feedback?customer_ref=c&limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for (path, tenant) in
        [("/v1/feedback?", "tn_a"), ("/v1/feedback?customer_ref=d&", "tn_a"), ("/v1/feedback?customer_ref=c&", "tn_b")]
    {
        let answer = shop.ask("GET", &format!("{path}cursor={cursor}")).key(&key(tenant, Role::Admin)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/cursor".to_owned()]), "{path}");
    }
    for path in ["/v1/feedback", "/v1/feedback?customer_ref=c"] {
        let theirs = shop.ask("GET", path).key(&key("tn_b", Role::Admin)).await.json();
        assert_eq!(theirs, json!({"items": [], "next_cursor": null}));
    }
}
