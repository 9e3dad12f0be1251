//! Who goes, and who can't go because something rests on them.

use super::super::policies::{with, without};
use super::super::{Shop, key};
use super::{AGENTS, TEAMS, returns, wei};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use serde_json::json;

/// Asserts that it can't go, and why.
async fn stays(shop: &Shop, path: &str, why: &str) {
    let answer = shop.admin("DELETE", path).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "in_use"), "{path}");
    assert!(answer.json()["detail"].as_str().unwrap().contains(why), "{path}: {}", answer.text);
    assert_eq!(shop.admin("GET", path).await.status, 200, "{path}");
}

#[tokio::test]
async fn who_nothing_rests_on_goes() {
    let shop = Shop::open().await;
    shop.publish(TEAMS, &returns()).await;
    shop.publish(AGENTS, &wei()).await;
    for path in ["/v1/teams/tm_returns", "/v1/agents/ag_wei"] {
        let stale = shop.admin("DELETE", path).header("if-match", "\"2\"").await;
        assert_eq!((stale.status, stale.code().as_str()), (412, "precondition_failed"));
        let gone = |key: &str| shop.admin("DELETE", path).header("if-match", "\"1\"").header("idempotency-key", key);
        let (first, again) = (gone("d").await, gone("d").await);
        assert_eq!((first.status, first.text.as_str(), first.header("idempotency-replayed")), (204, "", ""));
        assert_eq!((again.status, again.header("idempotency-replayed")), (204, "true"));
        for method in ["GET", "DELETE"] {
            assert_eq!(shop.admin(method, path).await.code(), "not_found", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn who_goes_leaves_no_address_behind() {
    let shop = Shop::open().await;
    let path = "/v1/agents/ag_wei/preferences";
    for _ in 0..2 {
        shop.publish(TEAMS, &returns()).await;
        shop.publish(AGENTS, &wei()).await;
        let nothing = shop.admin("GET", path).await;
        assert_eq!((nothing.text.as_str(), nothing.header("etag")), ("{}", "\"0\""));
        let wished = json!({"email": "wei@example.com", "phone": "+86 138 0013 8000"});
        assert_eq!(shop.admin("PUT", path).header("if-match", "*").json(&wished).await.status, 200);
        assert_eq!(shop.admin("DELETE", "/v1/agents/ag_wei").await.status, 204);
        assert_eq!(shop.admin("DELETE", "/v1/teams/tm_returns").await.status, 204);
        let stored = format!("{:?}", shop.memory.store().snapshot());
        assert!(!stored.contains("wei@example.com") && !stored.contains("0013 8000"));
    }
}

#[tokio::test]
async fn a_team_stays_while_anything_is_its() {
    let shop = Shop::open().await;
    stays(&shop, "/v1/teams/tm_care", "ag_li").await;
    shop.publish(TEAMS, &without(returns(), &["calendar"])).await;
    shop.publish(AGENTS, &with(wei(), json!({"teams": ["tm_returns"], "shift": null, "status": "online"}))).await;
    stays(&shop, "/v1/teams/tm_returns", "ag_wei").await;

    let rule = json!({"id": "all", "when": {}, "team": "tm_returns"});
    shop.publish("/v1/routing-rules", &rule).await;
    let order = shop.said("快递还没到", "waiting").await;
    shop.memory.settle().await;
    shop.replace("/v1/agents/ag_wei", &with(without(wei(), &["id"]), json!({"teams": []}))).await;
    stays(&shop, "/v1/teams/tm_returns", "all").await;
    assert_eq!(shop.admin("DELETE", "/v1/routing-rules/all").await.status, 204);
    stays(&shop, "/v1/teams/tm_returns", "wo_").await;
    let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{order}")).await.json();
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.json()["team"], "tm_returns");
    assert_eq!(shop.move_to(&order, &json!({"to": "cancelled"})).await.status, 200);
    assert_eq!(shop.admin("DELETE", "/v1/teams/tm_returns").await.status, 204);
}

#[tokio::test]
async fn a_waiting_order_keeps_its_team_too() {
    let shop = Shop::open().await;
    shop.publish(TEAMS, &returns()).await;
    shop.said("快递还没到，物流太慢了", "waits").await;
    shop.memory.settle().await;
    let waiting = shop.by(Role::Agent, "GET", "/v1/work-orders?team=tm_returns").await.json();
    assert_eq!((waiting["items"].as_array().unwrap().len(), &waiting["items"][0]["agent"]), (1, &json!(null)));
    stays(&shop, "/v1/teams/tm_returns", waiting["items"][0]["id"].as_str().unwrap()).await;
}

#[tokio::test]
async fn somebody_always_takes_what_no_team_answers_for() {
    let shop = Shop::open().await;
    for agent in ["ag_mei", "ag_li"] {
        let teamless = json!({"name": "美", "teams": [], "languages": ["zh"], "capacity": 1});
        shop.replace(&format!("{AGENTS}/{agent}"), &teamless).await;
    }
    stays(&shop, "/v1/teams/tm_care", "last team").await;
    let unset = shop.admin("PUT", "/v1/teams/tm_care").header("if-match", "*").json(&json!({"name": "售后"})).await;
    assert_eq!((unset.status, unset.code().as_str()), (409, "in_use"));
    shop.publish(TEAMS, &with(returns(), json!({"fallback": true}))).await;
    assert_eq!(shop.admin("DELETE", "/v1/teams/tm_care").await.status, 204);
    stays(&shop, "/v1/teams/tm_returns", "last team").await;
}

#[tokio::test]
async fn an_agent_stays_while_they_lead_or_carry() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    stays(&shop, "/v1/agents/ag_mei", "1 points").await;
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 200);
    shop.publish(TEAMS, &returns()).await;
    stays(&shop, "/v1/agents/ag_mei", "tm_returns").await;
    shop.replace("/v1/teams/tm_returns", &without(returns(), &["id", "lead"])).await;
    assert_eq!(shop.admin("DELETE", "/v1/agents/ag_mei").await.status, 204);
}

#[tokio::test]
async fn the_keys_of_an_agent_go_with_them_however_many_there_are() {
    let shop = Shop::open().await;
    shop.publish(AGENTS, &wei()).await;
    let mut keys = Vec::new();
    for _ in 0..23 {
        let made = shop.publish("/v1/api-keys", &json!({"role": "agent", "agent": "ag_wei"})).await.json();
        keys.push(made["key"].as_str().unwrap().to_owned());
    }
    assert_eq!(shop.ask("GET", "/v1/work-orders").key(&keys[22]).await.status, 200);
    assert_eq!(shop.admin("DELETE", "/v1/agents/ag_wei").await.status, 204);
    for key in &keys {
        assert_eq!(shop.ask("GET", "/v1/work-orders").key(key).await.code(), "unauthorized");
    }
    assert!(!shop.admin("GET", "/v1/api-keys").await.text.contains("ag_wei"));
    shop.publish(AGENTS, &wei()).await;
    assert_eq!(shop.ask("GET", "/v1/work-orders").key(&keys[0]).await.status, 401, "a namesake gets no old keys");
    assert_eq!(
        shop.ask("GET", "/v1/work-orders").key(&key("tn_a", Role::Agent)).await.status,
        200,
        "nor do others lose theirs"
    );
}

#[tokio::test]
async fn dying_while_somebody_goes_they_are_gone_once_and_their_keys_with_them() {
    let (mut crashes, mut ended) = (0, 0);
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = Shop::open().await;
            shop.publish(AGENTS, &wei()).await;
            let key = shop.publish("/v1/api-keys", &json!({"role": "agent", "agent": "ag_wei"})).await.json();
            let gone = || shop.admin("DELETE", "/v1/agents/ag_wei").header("idempotency-key", "d");
            shop.memory.faults().arm(call, crash);
            let first = gone().await.status;
            if !shop.memory.faults().disarm() {
                ended += 1;
                break;
            }
            crashes += 1;
            assert!(matches!(first, 204 | 503), "{first}, dying at call {call}, {crash:?} its effect");
            assert_eq!(gone().await.status, 204, "dying at call {call}, {crash:?} its effect");
            let known = shop.ask("GET", "/v1/agents").key(key["key"].as_str().unwrap()).await.status;
            assert_eq!((known, shop.admin("GET", "/v1/agents/ag_wei").await.status), (401, 404));
        }
    }
    assert!(ended == 2 && crashes >= 16, "only {crashes} crashes");
}

#[tokio::test]
async fn an_agent_who_is_given_an_order_at_this_moment_stays() {
    let shop = Shop::open().await;
    let other = shop.again();
    let later = shop.but_first(async move { drop(other.order().await) });
    let answer = later.admin("DELETE", "/v1/agents/ag_mei").await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "in_use"), "{}", answer.text);
}

#[tokio::test]
async fn what_is_named_at_this_moment_stays() {
    for (name, list, body, path) in [
        ("a member", AGENTS, with(wei(), json!({"teams": ["tm_returns"]})), "/v1/teams/tm_returns"),
        ("a rule", "/v1/routing-rules", json!({"id": "all", "team": "tm_returns"}), "/v1/teams/tm_returns"),
        ("a lead", TEAMS, json!({"id": "tm_new", "name": "新", "lead": "ag_li"}), "/v1/agents/ag_li"),
        ("a calendar", TEAMS, json!({"id": "tm_new", "name": "新", "calendar": "nights"}), "/v1/calendars/nights"),
    ] {
        let shop = Shop::open().await;
        shop.publish(TEAMS, &returns()).await;
        shop.publish("/v1/calendars", &with(super::super::policies::shifts(), json!({"id": "nights"}))).await;
        let (other, removed) = (shop.again(), shop.again());
        let first = shop.but_first(async move { drop(other.publish(list, &body).await) });
        assert_eq!(first.admin("DELETE", path).await.code(), "in_use", "{name}");
        assert_eq!(removed.admin("GET", path).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn what_goes_at_this_moment_is_not_named() {
    let shop = Shop::open().await;
    shop.publish(TEAMS, &returns()).await;
    let other = shop.again();
    let later = shop.but_first(async move {
        assert_eq!(other.admin("DELETE", "/v1/teams/tm_returns").await.status, 204);
    });
    let rule = later.admin("POST", "/v1/routing-rules").json(&json!({"id": "all", "team": "tm_returns"})).await;
    assert_eq!(rule.pointers(), ["/team"]);
}
