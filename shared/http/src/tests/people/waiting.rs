//! Orders that wait are told when somebody may have room for them.

use super::super::Shop;
use super::super::policies::{with, without};
use super::{AGENTS, wei};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use serde_json::{Value, json};

/// A shop in which an order waits, since nobody is there.
async fn waiting() -> (Shop, String) {
    let shop = Shop::open().await;
    assert_eq!(status(&shop, "ag_mei", "offline").await, 200);
    let feedback = shop.said("快递还没到，物流太慢了", "waits").await;
    shop.memory.settle().await;
    (shop, feedback)
}

async fn status(shop: &Shop, agent: &str, status: &str) -> u16 {
    shop.by(Role::Supervisor, "PUT", &format!("{AGENTS}/{agent}/status"))
        .json(&json!({ "status": status }))
        .await
        .status
}

async fn holder(shop: &Shop, feedback: &str) -> Value {
    shop.memory.settle().await;
    let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{feedback}")).await.json();
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    shop.by(Role::Agent, "GET", &order).await.json()["agent"].clone()
}

#[tokio::test]
async fn who_comes_online_gets_what_waits() {
    let (shop, feedback) = waiting().await;
    assert_eq!(holder(&shop, &feedback).await, Value::Null);
    assert_eq!(status(&shop, "ag_li", "away").await, 200);
    assert_eq!(holder(&shop, &feedback).await, Value::Null);
    assert_eq!(status(&shop, "ag_li", "online").await, 200);
    assert_eq!(holder(&shop, &feedback).await, "ag_li");
}

#[tokio::test]
async fn who_may_carry_more_or_do_more_gets_what_waits() {
    let able = with(without(wei(), &["id", "shift"]), json!({"status": "online"}));
    for (name, less) in [
        ("capacity", json!({"capacity": 0})),
        ("teams", json!({"teams": []})),
        ("skills", json!({"skills": {"account": 5}})),
        ("languages", json!({"languages": ["en"]})),
    ] {
        let (shop, feedback) = waiting().await;
        shop.publish(AGENTS, &with(with(able.clone(), json!({"id": "ag_wei"})), less)).await;
        assert_eq!(holder(&shop, &feedback).await, Value::Null, "{name}");
        shop.replace("/v1/agents/ag_wei", &able).await;
        assert_eq!(holder(&shop, &feedback).await, "ag_wei", "{name}");
    }
    let (shop, feedback) = waiting().await;
    shop.publish(AGENTS, &with(able, json!({"id": "ag_new"}))).await;
    assert_eq!(holder(&shop, &feedback).await, "ag_new", "who is new and there");
}

#[tokio::test]
async fn who_can_do_no_more_than_before_wakes_nobody() {
    let shop = Shop::open().await;
    let able = with(without(wei(), &["id", "shift"]), json!({"status": "online"}));
    shop.publish(AGENTS, &with(able.clone(), json!({"id": "ag_wei"}))).await;
    shop.memory.settle().await;
    for same in [json!({"name": "小魏"}), json!({"capacity": 7}), json!({"status": "away", "capacity": 9})] {
        shop.replace("/v1/agents/ag_wei", &with(able.clone(), same)).await;
        assert_eq!(shop.memory.waiting(), []);
    }
}

/// Dying anywhere while something is asked for, and asking again until it is answered.
#[tokio::test]
async fn dying_while_an_agent_comes_online_leaves_nobody_waiting() {
    for by_put in [false, true] {
        let (mut crashes, mut ended) = (0, false);
        for crash in [Crash::Before, Crash::After] {
            for call in 1.. {
                let (shop, feedback) = waiting().await;
                let online = async || {
                    if by_put {
                        let body = json!({"name": "李", "teams": ["tm_care"], "languages": ["zh"], "capacity": 2,
                            "skills": {"logistics": 3}, "status": "online"});
                        let put = shop.admin("PUT", "/v1/agents/ag_li").header("if-match", "\"1\"");
                        put.header("idempotency-key", "on").json(&body).await.status
                    } else {
                        status(&shop, "ag_li", "online").await
                    }
                };
                shop.memory.faults().arm(call, crash);
                let first = online().await;
                if !shop.memory.faults().disarm() {
                    ended = true;
                    break;
                }
                crashes += 1;
                assert!(first == 200 || first == 503, "{first} dying at call {call}, {crash:?} its effect");
                assert_eq!(online().await, 200, "dying at call {call}, {crash:?} its effect");
                assert_eq!(holder(&shop, &feedback).await, "ag_li", "dying at call {call}, {crash:?} its effect");
                let agent = shop.admin("GET", "/v1/agents/ag_li").await;
                assert_eq!(agent.header("etag"), "\"2\"", "changed once");
            }
        }
        assert!(ended && crashes >= 8, "only {crashes} crashes");
    }
}
