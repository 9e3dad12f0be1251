//! What goes, and what can't go because something else rests on it.

use super::super::Shop;
use super::{CALENDARS, POLICIES, shifts, vip, with, without};
use redress_domain::id::TenantId;
use redress_service::auth::Role;
use redress_service::ports::Write;
use redress_service::publish;
use serde_json::json;

async fn commit(shop: &Shop, write: Write) {
    shop.memory.world().store.commit(&[write]).await.unwrap();
}

/// Asserts that it can't go, and why.
async fn rests_on(shop: &Shop, path: &str, why: &str) {
    let answer = shop.admin("DELETE", path).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "in_use"), "{path}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(why), "{path}: {detail}");
    assert_eq!(shop.admin("GET", path).await.status, 200, "{path}");
}

#[tokio::test]
async fn what_nothing_rests_on_goes() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let path = format!("{list}/{}", body["id"].as_str().unwrap());
        shop.publish(list, &body).await;
        let gone = |key: &str| shop.admin("DELETE", &path).header("idempotency-key", key);
        let (first, again) = (gone("d").await, gone("d").await);
        assert_eq!((first.status, first.text.as_str(), first.header("idempotency-replayed")), (204, "", ""));
        assert_eq!((again.status, again.text.as_str(), again.header("idempotency-replayed")), (204, "", "true"));
        for method in ["GET", "DELETE"] {
            assert_eq!(shop.admin(method, &path).await.code(), "not_found", "{method} {path}");
        }
        assert!(!shop.admin("GET", list).await.text.contains(body["id"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn who_has_read_an_older_version_removes_nothing() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let path = format!("{list}/{}", body["id"].as_str().unwrap());
        shop.publish(list, &body).await;
        shop.replace(&path, &without(body, &["id"])).await;
        for stale in ["\"1\"", "W/\"2\"", "2", "", "\"x\""] {
            let answer = shop.admin("DELETE", &path).header("if-match", stale).await;
            assert_eq!((answer.status, answer.code().as_str()), (412, "precondition_failed"), "{stale}");
        }
        assert_eq!(shop.admin("DELETE", &format!("{list}/none")).header("if-match", "\"1\"").await.status, 404);
        assert_eq!(shop.admin("DELETE", &path).header("if-match", "\"1\", \"2\"").await.status, 204);
    }
}

#[tokio::test]
async fn a_calendar_stays_while_something_is_counted_on_it() {
    let shop = Shop::open().await;
    let tenant = TenantId::parse("tn_a").unwrap();
    rests_on(&shop, &format!("{CALENDARS}/office"), "the tenant's own").await;
    rests_on(&shop, &format!("{CALENDARS}/always"), "live_channels").await;

    for id in ["named", "nights", "early", "own"] {
        shop.publish(CALENDARS, &with(shifts(), json!({ "id": id }))).await;
    }
    shop.publish(POLICIES, &with(vip(), json!({"calendar": "named"}))).await;
    let team = json!({"id": "tm_night", "name": "夜班 / Night", "categories": [], "calendar": "nights"});
    commit(&shop, publish::team(&tenant, &serde_json::from_value(team).unwrap())).await;
    let agent =
        redress_domain::routing::Agent { shift: Some("early".to_owned()), ..super::super::agent("ag_wei", "online") };
    commit(&shop, publish::agent(&tenant, &agent)).await;
    let order = shop.order().await;
    let patched = shop.by(Role::Agent, "PATCH", &order).header("if-match", "*").json(&json!({"calendar": "own"})).await;
    assert_eq!(patched.status, 200, "{}", patched.text);

    let id = order.rsplit('/').next().unwrap();
    for (calendar, why) in [("named", "vip"), ("nights", "tm_night"), ("early", "ag_wei"), ("own", id)] {
        rests_on(&shop, &format!("{CALENDARS}/{calendar}"), why).await;
    }
    shop.replace(&format!("{POLICIES}/vip"), &without(vip(), &["id"])).await;
    shop.by(Role::Agent, "PATCH", &order).header("if-match", "*").json(&json!({"calendar": null})).await;
    for calendar in ["named", "own"] {
        assert_eq!(shop.admin("DELETE", &format!("{CALENDARS}/{calendar}")).await.status, 204, "{calendar}");
    }
}

#[tokio::test]
async fn a_policy_stays_while_an_open_order_runs_by_it() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.publish(POLICIES, &without(with(vip(), json!({"position": 1, "when": {"channel": ["web"]}})), &[])).await;
    let applied =
        shop.by(Role::Supervisor, "POST", &format!("{order}/sla/reapply")).json(&json!({"reason": "升级 / upgrade"}));
    assert_eq!(applied.await.json()["policy"], "vip@1");
    let path = format!("{POLICIES}/vip");
    rests_on(&shop, &path, order.rsplit('/').next().unwrap()).await;
    shop.replace(&path, &without(vip(), &["id"])).await;
    rests_on(&shop, &path, order.rsplit('/').next().unwrap()).await;
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 200);
    assert_eq!(shop.admin("DELETE", &path).await.status, 204);
    let proof = shop.by(Role::Agent, "GET", &format!("{order}/sla/proof")).await.json();
    assert_eq!(proof["clocks"][0]["policy_version"], "vip@1", "what a clock ran by is kept");
}

#[tokio::test]
async fn the_policy_that_matches_everything_can_t_be_taken_away() {
    let shop = Shop::open().await;
    let path = format!("{POLICIES}/everything");
    let gone = shop.admin("DELETE", &path).await;
    assert_eq!((gone.status, gone.pointers()), (422, vec![String::new()]));
    assert!(gone.text.contains("must match everything"), "{}", gone.text);
    let narrowed = with(without(vip(), &["id"]), json!({"when": {"channel": ["email"]}}));
    let put = shop.admin("PUT", &path).header("if-match", "*").json(&narrowed).await;
    assert_eq!((put.status, put.pointers()), (422, vec![String::new()]));
    let up = with(without(vip(), &["id", "when"]), json!({"position": 1}));
    let put = shop.admin("PUT", &path).header("if-match", "*").json(&up).await;
    assert_eq!((put.status, put.pointers()), (422, vec![String::new(), "/when".to_owned()]), "{}", put.text);
    assert_eq!(shop.admin("GET", &path).await.header("etag"), "\"1\"", "nothing was published");
}

#[tokio::test]
async fn a_name_that_comes_back_is_a_newer_version() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let path = format!("{list}/{}", body["id"].as_str().unwrap());
        for version in ["\"1\"", "\"2\"", "\"3\""] {
            let made = shop.publish(list, &body).await;
            assert_eq!(made.header("etag"), version, "{path}: a published version never changes");
            assert_eq!(shop.admin("GET", &path).await.json(), made.json());
            let gone = shop.admin("DELETE", &path).await;
            assert_eq!(gone.status, 204, "{path} {version} {}", gone.text);
        }
        shop.publish(list, &body).await;
        assert_eq!(shop.replace(&path, &without(body, &["id"])).await.header("etag"), "\"5\"");
    }
}
