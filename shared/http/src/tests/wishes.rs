//! What people wish to be told, and addresses to which nothing goes.

use super::{Answered, Shop, key};
use redress_service::auth::Role;
use serde_json::{Value, json};

const LINA: &str = "/v1/customers/%E6%9D%8E%2F%E5%A8%9C/preferences";
const MEI: &str = "/v1/agents/ag_mei/preferences";

async fn put(shop: &Shop, role: Role, path: &str, version: &str, body: &Value) -> Answered {
    shop.by(role, "PUT", path).header("if-match", version).json(body).await
}

fn pointers(answer: &Answered) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_customers_wishes_are_kept_by_version() {
    let shop = Shop::open().await;
    assert_eq!(shop.by(Role::Agent, "GET", LINA).await.status, 404, "nobody has heard of her");
    shop.said("坏了", "k").await;
    let nothing = shop.by(Role::Agent, "GET", "/v1/customers/c1/preferences").await;
    assert_eq!((nothing.status, nothing.json(), nothing.header("etag")), (200, json!({}), "\"0\""));
    let wishes = json!({"channels": ["sms", "email"], "muted": ["survey"], "locale": "zh-HK"});
    let set = put(&shop, Role::Integrator, LINA, "\"0\"", &wishes).await;
    assert_eq!((set.status, set.json(), set.header("etag")), (200, wishes.clone(), "\"1\""));
    assert_eq!(shop.by(Role::Auditor, "GET", LINA).await.json(), wishes);
    assert_eq!(put(&shop, Role::Supervisor, LINA, "\"0\"", &json!({})).await.status, 412);
    assert_eq!(shop.by(Role::Admin, "PUT", LINA).json(&json!({})).await.status, 428);
    assert_eq!(shop.by(Role::Admin, "GET", LINA).header("if-none-match", "\"1\"").await.status, 304);
    let others = shop.ask("GET", LINA).key(&key("tn_b", Role::Admin)).await;
    assert_eq!(others.status, 404, "another shop's customer of the same reference");
}

#[tokio::test]
async fn all_that_is_wrong_with_wishes_is_told_at_once_and_changes_nothing() {
    let shop = Shop::open().await;
    let wrong = json!({"channels": ["fax", "sms"], "muted": ["survey", "survey"], "locale": "中文", "more": 1});
    let answer = put(&shop, Role::Admin, LINA, "*", &wrong).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(pointers(&answer), ["/channels/0", "/muted/1", "/locale", "/more"]);
    let wrong = json!({"email": "no address", "phone": "转8001", "mute": ["survey"], "quiet_hours": {"from": "9:00"}});
    let answer = put(&shop, Role::Admin, MEI, "*", &wrong).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(pointers(&answer), ["/email", "/phone", "/mute/0", "/quiet_hours/from", "/quiet_hours/to"]);
    assert_eq!(shop.by(Role::Admin, "GET", MEI).await.header("etag"), "\"0\"");
}

#[tokio::test]
async fn an_agent_says_how_that_agent_is_told_and_sees_no_others_address() {
    let shop = Shop::open().await;
    let wishes = json!({
        "email": "mei@example.com", "phone": "13800138000", "mute": ["watching"],
        "quiet_hours": {"from": "20:00", "to": "08:30"}, "locale": "zh-CN"
    });
    let set = put(&shop, Role::Agent, MEI, "\"0\"", &wishes).await;
    assert_eq!((set.status, set.json()), (200, wishes.clone()));
    let li = "/v1/agents/ag_li/preferences";
    assert_eq!(shop.by(Role::Agent, "GET", li).await.status, 403);
    assert_eq!(put(&shop, Role::Agent, li, "*", &wishes).await.status, 403);
    assert_eq!(shop.by(Role::Supervisor, "GET", MEI).await.status, 403);
    assert_eq!(put(&shop, Role::Admin, li, "*", &json!({"email": null})).await.json(), json!({}));
    assert_eq!(shop.by(Role::Admin, "GET", "/v1/agents/ag_nobody/preferences").await.status, 404);
    assert_eq!(put(&shop, Role::Admin, "/v1/agents/ag_nobody/preferences", "*", &json!({})).await.status, 404);
}

#[tokio::test]
async fn wishes_said_again_under_the_same_key_are_said_once() {
    let shop = Shop::open().await;
    let again = || {
        let asking = shop.by(Role::Integrator, "PUT", LINA).header("if-match", "\"0\"").header("idempotency-key", "k1");
        asking.json(&json!({"muted": ["progress"]}))
    };
    let (first, second) = (again().await, again().await);
    assert_eq!((first.status, first.header("etag")), (200, "\"1\""));
    assert_eq!((second.status, second.header("etag"), second.header("idempotency-replayed")), (200, "\"1\"", "true"));
}

#[tokio::test]
async fn an_address_on_the_list_is_shown_little_of_and_comes_off_it_again() {
    let shop = Shop::open().await;
    let shop = &shop;
    let add = |body: Value| async move { shop.by(Role::Admin, "POST", "/v1/suppressions").json(&body).await };
    let unsubscribed = add(json!({"kind": "email", "value": "Ann@Example.com", "because": "unsubscribed"})).await;
    assert_eq!(unsubscribed.status, 201, "{}", unsubscribed.text);
    let bounced = add(json!({"kind": "email", "value": "ann@example.com", "because": "bounced"})).await.json();
    assert_eq!((&bounced["id"], &bounced["because"]), (&unsubscribed.json()["id"], &json!("bounced")));
    let asked = add(json!({"kind": "email", "value": "ann@example.com"})).await.json();
    assert_eq!(asked, bounced, "what is there says more already");
    add(json!({"kind": "phone", "value": "138 0013 8000"})).await;
    let list = shop.by(Role::Supervisor, "GET", "/v1/suppressions").await;
    assert!(!list.text.contains("ann@") && !list.text.contains("13800138000"), "{}", list.text);
    let shown: Vec<_> = list.json()["items"].as_array().unwrap().iter().map(|item| item["shown"].clone()).collect();
    assert!(shown.contains(&json!("a…@example.com")) && shown.contains(&json!("…8000")), "{shown:?}");
    let one = super::lists::walk(shop, "/v1/suppressions", 1).await;
    assert_eq!(one.len(), 2);
    let path = format!("/v1/suppressions/{}", bounced["id"].as_str().unwrap());
    assert_eq!(shop.by(Role::Supervisor, "DELETE", &path).await.status, 403);
    assert_eq!(shop.by(Role::Admin, "DELETE", &path).await.status, 204);
    assert_eq!(shop.by(Role::Admin, "DELETE", &path).await.status, 404);
    let asked = shop.memory.store().meter();
    for odd in ["no-id".to_owned(), "0".repeat(27), "0".repeat(2_000)] {
        let path = format!("/v1/suppressions/{odd}");
        for method in ["GET", "DELETE"] {
            assert_eq!(shop.by(Role::Admin, method, &path).await.status, 404);
        }
    }
    // Whose key it is, and nothing besides: a key of the table that is too long would be a fault.
    let whose = shop.memory.store().meter().since(asked).requests;
    let before = shop.memory.store().meter();
    for _ in 0..6 {
        shop.by(Role::Admin, "GET", "/v1/agents/no-id").await;
    }
    assert_eq!(whose, shop.memory.store().meter().since(before).requests);
    let wrong = add(json!({"kind": "ref", "value": "c1", "because": "no"})).await;
    assert_eq!((wrong.status, pointers(&wrong)), (422, vec!["/kind".to_owned(), "/because".to_owned()]));
    let wrong = add(json!({"kind": "email", "value": "nobody"})).await;
    assert_eq!((wrong.status, pointers(&wrong)), (422, vec!["/value".to_owned()]));
}
