//! API keys: made, shown once, listed without themselves, revoked at once.

use super::{Answered, Asking, Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use redress_service::memory::Crash;
use serde_json::{Value, json};

const KEYS: &str = "/v1/api-keys";

impl Shop {
    async fn make_key(&self, body: &Value) -> (String, String) {
        let made = self.publish(KEYS, body).await.json();
        let part = |name: &str| made[name].as_str().unwrap().to_owned();
        (part("id"), part("key"))
    }

    fn named(&self, by: &str, name: &str, body: &Value) -> Asking<'_> {
        self.ask("POST", KEYS).key(by).header("idempotency-key", name).json(body)
    }

    async fn gets_in(&self, key: &str) -> bool {
        self.ask("GET", "/v1/feedback/fb_none").key(key).await.status != 401
    }
}

fn integrator() -> Value {
    json!({"role": "integrator", "name": "小程序商城 / Mini shop"})
}

#[tokio::test]
async fn two_keys_live_side_by_side_until_one_is_revoked_at_once() {
    let shop = Shop::open().await;
    let ((old, old_key), (new, new_key)) = (shop.make_key(&integrator()).await, shop.make_key(&integrator()).await);
    assert!(old != new && old_key != new_key && old_key.starts_with("rk_") && old.starts_with("ak_"));
    assert!(shop.gets_in(&old_key).await && shop.gets_in(&new_key).await);
    let gone = shop.admin("DELETE", &format!("{KEYS}/{old}")).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert!(!shop.gets_in(&old_key).await && shop.gets_in(&new_key).await);
    for method in ["GET", "DELETE"] {
        assert_eq!(shop.admin(method, &format!("{KEYS}/{old}")).await.code(), "not_found");
    }
    assert_eq!(shop.admin("GET", &format!("{KEYS}/{new}")).await.status, 200);
}

#[tokio::test]
async fn a_key_is_shown_once_and_stands_nowhere() {
    let shop = Shop::open().await;
    let made = shop.named(&key("tn_a", Role::Admin), "k", &integrator()).await;
    let (shown, address) = (made.json(), made.header("location").to_owned());
    let text = shown["key"].as_str().unwrap();
    assert_eq!((made.status, made.header("etag"), made.header("cache-control")), (201, "", "no-store"));
    assert_eq!(shown["created_at"], super::NOON);
    assert_eq!((shown["role"].as_str(), shown["name"].as_str()), (Some("integrator"), integrator()["name"].as_str()));
    assert_eq!(shown["hint"].as_str(), Some(&text[text.len() - 4..]));
    assert_eq!(shown["created_by"]["kind"], "api_key");
    let mut rest = shown.clone();
    rest.as_object_mut().unwrap().remove("key");
    let one = shop.admin("GET", address.strip_prefix("https://care.example.com").unwrap()).await;
    assert_eq!((one.status, one.json()), (200, rest.clone()));
    let listed = shop.by(Role::Auditor, "GET", KEYS).await;
    let items = listed.json()["items"].as_array().unwrap().clone();
    assert_eq!((items.len(), items.iter().filter(|item| **item == rest).count()), (6, 1), "with the five at first");
    let mut names: Vec<_> = rest.as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["agent", "created_at", "created_by", "hint", "id", "name", "role"]);
    let kept = shop.memory.store().snapshot();
    assert!(kept.len() > 20 && !kept.iter().any(|record| format!("{record:?}").contains(&text[3..])));
}

#[tokio::test]
async fn the_same_request_gives_the_same_key_again_and_no_other_does() {
    let shop = Shop::open().await;
    let admin = key("tn_a", Role::Admin);
    let first = shop.named(&admin, "k", &integrator()).await;
    let again = shop.named(&admin, "k", &integrator()).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let (_, other_admin) = shop.make_key(&json!({"role": "admin"})).await;
    let foreign = shop.named(&other_admin, "k", &integrator()).await;
    assert_eq!(
        (foreign.status, foreign.code().as_str()),
        (422, "idempotency_key_reused"),
        "with another key it is another"
    );
    let other = shop.named(&admin, "k2", &integrator()).await.json();
    assert_ne!(other["key"], first.json()["key"]);

    // What was revoked does not come back when its name is free again.
    shop.admin("DELETE", &format!("{KEYS}/{}", first.json()["id"].as_str().unwrap())).await;
    assert!(!shop.gets_in(first.json()["key"].as_str().unwrap()).await);
    shop.memory.advance(SignedDuration::from_hours(49));
    let later = shop.named(&admin, "k", &integrator()).await;
    assert_eq!((later.status, later.header("idempotency-replayed")), (201, ""));
    assert_ne!(later.json()["key"], first.json()["key"]);
    assert!(!shop.gets_in(first.json()["key"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_key_opens_what_its_role_opens() {
    let shop = Shop::open().await;
    let (_, agents) = shop.make_key(&json!({"role": "agent", "agent": "ag_li", "name": "李"})).await;
    let (_, auditors) = shop.make_key(&json!({"role": "auditor", "agent": null})).await;
    let own = shop.ask("PUT", "/v1/agents/ag_li/status").key(&agents).json(&json!({"status": "online"})).await;
    assert_eq!(own.status, 200, "it is the agent's own");
    assert_eq!(shop.ask("GET", KEYS).key(&agents).await.code(), "forbidden");
    assert_eq!(shop.ask("GET", KEYS).key(&auditors).await.status, 200);
    for role in [Role::Supervisor, Role::Agent, Role::Integrator, Role::Auditor] {
        assert_eq!(shop.by(role, "POST", KEYS).json(&integrator()).await.code(), "forbidden", "{role:?}");
    }
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let shop = Shop::open().await;
    for (body, pointers) in [
        (json!({}), &["/role"][..]),
        (
            json!({"role": "root", "agent": "李", "name": "\u{200b}", "key": "rk_mine", "id": "ak_x"}),
            &["/agent", "/id", "/key", "/name", "/role"],
        ),
        (json!({"role": "agent"}), &["/agent"]),
        (json!({"role": "agent", "agent": null}), &["/agent"]),
        (json!({"role": "agent", "agent": "tm_care"}), &["/agent"]),
        (json!({"role": "agent", "agent": "ag_none"}), &["/agent"]),
        (json!({"role": "supervisor", "agent": "ag_mei"}), &["/agent"]),
        (json!({"role": "integrator", "name": "长".repeat(201)}), &["/name"]),
    ] {
        let answer = shop.admin("POST", KEYS).json(&body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&p| p.to_owned()).collect()),
            "{body}"
        );
    }
    assert_eq!(shop.admin("GET", KEYS).await.json()["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_last_admin_key_stays() {
    let shop = Shop::open().await;
    let ids = |listed: Answered| -> Vec<String> {
        let items = listed.json()["items"].as_array().unwrap().clone();
        let admins = items.iter().filter(|item| item["role"] == "admin");
        admins.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = ids(shop.admin("GET", KEYS).await).remove(0);
    let refused = shop.admin("DELETE", &format!("{KEYS}/{first}")).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "last_admin_key"));
    let (second, second_key) = shop.make_key(&json!({"role": "admin"})).await;
    assert_eq!(shop.admin("DELETE", &format!("{KEYS}/{first}")).await.status, 204, "one's own, while there is another");
    assert!(!shop.gets_in(&key("tn_a", Role::Admin)).await);
    let last = shop.ask("DELETE", &format!("{KEYS}/{second}")).key(&second_key).await;
    assert_eq!((last.status, last.code().as_str()), (409, "last_admin_key"));
}

#[tokio::test]
async fn two_admins_who_revoke_each_other_do_not_lock_everybody_out() {
    let shop = Shop::open().await;
    let (second, second_key) = shop.make_key(&json!({"role": "admin"})).await;
    let first = shop.admin("GET", KEYS).await.json()["items"].clone();
    let first = first.as_array().unwrap().iter().find(|item| item["role"] == "admin" && item["id"] != second.as_str());
    let first = first.unwrap()["id"].as_str().unwrap().to_owned();
    let other = shop.again();
    let faster = shop.but_first(async move {
        let revoked = other.ask("DELETE", &format!("{KEYS}/{first}")).key(&second_key).await;
        assert_eq!(revoked.status, 204);
    });
    let slower = faster.admin("DELETE", &format!("{KEYS}/{second}")).await;
    assert_eq!((slower.status, slower.code().as_str()), (409, "last_admin_key"));
}

#[tokio::test]
async fn a_key_for_an_agent_who_goes_at_this_moment_is_not_made() {
    let shop = Shop::open().await;
    // So that the stack's secret is there, and the key is the first thing written.
    shop.make_key(&integrator()).await;
    let other = shop.again();
    let later = shop.but_first(async move {
        assert_eq!(other.admin("DELETE", "/v1/agents/ag_li").await.status, 204);
    });
    let answer = later.admin("POST", KEYS).json(&json!({"role": "agent", "agent": "ag_li"})).await;
    assert_eq!(answer.pointers(), ["/agent"]);
}

#[tokio::test]
async fn another_shop_sees_no_key_and_revokes_none() {
    let shop = Shop::open().await;
    let (id, text) = shop.make_key(&integrator()).await;
    for method in ["GET", "DELETE"] {
        let ask = |id: &str| shop.ask(method, &format!("{KEYS}/{id}")).key(&key("tn_b", Role::Admin)).into_future();
        let (theirs, nobodys) = (ask(&id).await, ask("ak_none").await);
        assert_eq!((theirs.status, theirs.anonymous()), (404, nobodys.anonymous()));
    }
    assert!(!shop.ask("GET", KEYS).key(&key("tn_b", Role::Admin)).await.text.contains(&id));
    assert!(shop.gets_in(&text).await);
}

#[tokio::test]
async fn dying_while_a_key_is_made_makes_one_and_the_same() {
    for body in [integrator(), json!({"role": "agent", "agent": "ag_li"})] {
        let (mut crashes, mut ended) = (0, 0);
        for crash in [Crash::Before, Crash::After] {
            for call in 1.. {
                let shop = Shop::open().await;
                let admin = key("tn_a", Role::Admin);
                shop.memory.faults().arm(call, crash);
                let first = shop.named(&admin, "k", &body).await;
                if !shop.memory.faults().disarm() {
                    ended += 1;
                    break;
                }
                crashes += 1;
                assert!(matches!(first.status, 201 | 503), "{first:?}");
                let (again, third) = (shop.named(&admin, "k", &body).await, shop.named(&admin, "k", &body).await);
                assert_eq!((again.status, &again.text), (201, &third.text), "dying at call {call}, {crash:?}");
                assert!(shop.gets_in(again.json()["key"].as_str().unwrap()).await);
                let all = shop.admin("GET", KEYS).await.json();
                assert_eq!(all["items"].as_array().unwrap().len(), 6, "dying at call {call}, {crash:?}");
            }
        }
        assert!(ended == 2 && crashes >= 8, "only {crashes} crashes");
    }
}
