//! Who gets in, and what every answer has.

use super::{ROLES, Shop, key};
use crate::roles::TABLE;
use redress_service::auth::Role;
use serde_json::json;

fn filled(route: &str) -> String {
    let id = if route.starts_with("/v1/feedback") { "fb_none" } else { "wo_none" };
    route.replace("{id}", id).replace("{ref}", "c_none").replace("{agent}", "ag_none")
}

#[tokio::test]
async fn without_a_valid_key_everything_under_v1_is_the_same_401() {
    let shop = Shop::open().await;
    let mut bodies = Vec::new();
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        for path in [
            "/v1",
            "/v1/",
            "/v1/feedback",
            "/v1/feedback/fb_x",
            "/v1/work-orders/wo_x/facts",
            "/v1/nothing",
            "/v1/a/b/c",
        ] {
            for authorization in ["", "Bearer rk_wrong", "Bearer", "Basic cmtfOnJr", "rk_wrong"] {
                let asking = shop.ask(method, path);
                let asking =
                    if authorization.is_empty() { asking } else { asking.header("authorization", authorization) };
                let answer = asking.await;
                assert_eq!(answer.status, 401, "{method} {path} {authorization}");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
                assert_eq!(answer.header("allow"), "", "{method} {path}");
                if method != "HEAD" {
                    assert_eq!(answer.code(), "unauthorized");
                    bodies.push(answer.anonymous());
                }
            }
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn two_keys_are_none() {
    let shop = Shop::open().await;
    let answer = shop.by(Role::Admin, "GET", "/v1/surveys").key(&key("tn_a", Role::Admin)).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn every_route_opens_to_the_roles_of_its_row_and_to_no_other() {
    let shop = Shop::open().await;
    for permit in TABLE {
        for role in ROLES {
            let answer = shop.by(role, permit.method, &filled(permit.route)).await;
            let forbidden = answer.status == 403;
            assert_eq!(forbidden, !permit.roles.contains(&role), "{permit:?} {role:?} {answer:?}");
            assert!(!matches!(answer.status, 401 | 405 | 500..), "{permit:?} {answer:?}");
            if forbidden {
                assert_eq!(answer.code(), "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn every_route_under_v1_has_its_rows_in_the_table_of_roles() {
    let shop = Shop::open().await;
    for permit in TABLE {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = shop.by(Role::Admin, method, &filled(permit.route)).await;
            let known = TABLE.iter().any(|other| other.route == permit.route && other.method == method);
            assert_eq!(answer.status == 405, !known, "{method} {} {answer:?}", permit.route);
        }
    }
}

#[tokio::test]
async fn a_role_is_refused_before_anything_is_told_of_the_request() {
    let shop = Shop::open().await;
    let answer = shop.by(Role::Auditor, "POST", "/v1/feedback").header("content-type", "text/plain").body("{").await;
    assert_eq!(answer.status, 403);
    assert_eq!(shop.by(Role::Integrator, "GET", "/v1/work-orders/nonsense?x=1").await.status, 403);
}

#[tokio::test]
async fn with_a_key_an_unknown_route_is_404_and_another_method_405() {
    let shop = Shop::open().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/feedback/",
        "/v1/work-orders/wo_x/nothing",
        "/V1/feedback",
        "/",
        "/x",
        "/s",
        "/t/",
    ] {
        let answer = shop.by(Role::Admin, "GET", path).header("accept", "application/json").await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    for (method, path, allow) in [
        ("PUT", "/v1/feedback", "GET, HEAD, POST, OPTIONS"),
        ("HEAD", "/v1/feedback/batch", "POST, OPTIONS"),
        ("PUT", "/v1/feedback/fb_x", "GET, HEAD, OPTIONS"),
        ("DELETE", "/v1/work-orders/wo_x/messages", "GET, HEAD, POST, OPTIONS"),
        ("BREW", "/v1/work-orders/wo_x/transitions", "POST, OPTIONS"),
        ("PUT", "/s/x", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/t/x", "GET, HEAD, OPTIONS"),
    ] {
        let answer = shop.by(Role::Admin, method, path).header("accept", "application/json").await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow), "{method} {path}");
        if method != "HEAD" {
            assert_eq!(answer.code(), "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn options_names_the_methods() {
    let shop = Shop::open().await;
    let answer = shop.by(Role::Auditor, "OPTIONS", "/v1/work-orders/wo_x/messages").await;
    assert_eq!((answer.status, answer.header("allow"), answer.text.as_str()), (204, "GET, HEAD, POST, OPTIONS", ""));
    assert_eq!(shop.ask("OPTIONS", "/s/x").await.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert_eq!(shop.by(Role::Admin, "OPTIONS", "/v1/nothing").await.status, 404);
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for path in
        [order.clone(), format!("{order}/facts"), "/v1/surveys".to_owned(), "/v1/work-orders/wo_none".to_owned()]
    {
        let (get, head) = (shop.by(Role::Admin, "GET", &path).await, shop.by(Role::Admin, "HEAD", &path).await);
        assert_eq!(
            (get.status, get.header("etag"), get.header("content-type")),
            (head.status, head.header("etag"), head.header("content-type"))
        );
        assert_eq!((head.text.as_str(), head.header("content-length")), ("", get.header("content-length")));
        assert!(!get.text.is_empty());
    }
}

#[tokio::test]
async fn anothers_id_a_malformed_one_and_none_are_one_and_the_same_404() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let feedback = shop.said("你好", "k").await;
    let other = key("tn_b", Role::Admin);
    let mut bodies = Vec::new();
    for (method, path) in [
        ("GET", format!("/v1/feedback/{feedback}")),
        ("GET", order.clone()),
        ("GET", format!("{order}/facts")),
        ("GET", format!("{order}/messages")),
        ("GET", format!("{order}/routing?why_not=nonsense")),
        ("GET", format!("{order}/sla/proof?x=1")),
        ("GET", format!("{order}/messages?limit=0")),
        ("POST", format!("{order}/messages")),
        ("POST", format!("{order}/transitions")),
        ("POST", format!("{order}/assignments")),
        ("POST", format!("{order}/merge")),
        ("GET", format!("{order}/children")),
        ("GET", format!("{order}/watchers?x=1")),
        ("DELETE", format!("{order}/watchers/ag_mei?x=1")),
        ("GET", format!("{order}/effort?limit=0")),
    ] {
        for id in
            [None, Some("wo_none"), Some("fb_none"), Some("WO_X"), Some("%00"), Some("%ff"), Some("..."), Some("你")]
        {
            let path = match id {
                None => path.clone(),
                Some(id) => {
                    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
                    parts[3] = id.replace('你', "%E4%BD%A0");
                    parts.join("/")
                }
            };
            let answer = shop.ask(method, &path).key(&other).await;
            assert_eq!(answer.code(), "not_found", "{method} {path}");
            bodies.push(answer.anonymous());
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn every_answer_has_an_id_and_says_what_not_to_do_with_it() {
    let shop = Shop::open().await;
    for (method, path) in [
        ("GET", "/v1/work-orders"),
        ("GET", "/v1/nothing"),
        ("POST", "/v1/feedback"),
        ("GET", "/s/x"),
        ("OPTIONS", "/v1/surveys"),
        ("DELETE", "/"),
    ] {
        let answer = shop.by(Role::Admin, method, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("x-request-id").starts_with("rq_"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_callers_own_request_id_comes_back_if_it_is_one() {
    let shop = Shop::open().await;
    let long = "x".repeat(128);
    for id in ["a b~", long.as_str()] {
        assert_eq!(shop.ask("GET", "/").header("x-request-id", id).await.header("x-request-id"), id);
    }
    let longer = "x".repeat(129);
    for id in ["", "a\tb", longer.as_str(), "é"] {
        assert!(shop.ask("GET", "/").header("x-request-id", id).await.header("x-request-id").starts_with("rq_"));
    }
}

#[tokio::test]
async fn scripts_of_the_configured_origin_may_call_and_no_others() {
    let open =
        Shop::with(|context| crate::Context { cors_origin: Some("https://console.example.com".to_owned()), ..context })
            .await;
    let preflight = open
        .ask("OPTIONS", "/v1/feedback")
        .header("origin", "https://console.example.com")
        .header("access-control-request-method", "POST")
        .await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "https://console.example.com");
    assert!(preflight.header("access-control-allow-headers").contains("Idempotency-Key"));
    assert_eq!(preflight.header("allow"), "");
    let answer = open.by(Role::Admin, "GET", "/v1/surveys").header("origin", "https://console.example.com").await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://console.example.com");
    assert!(answer.header("access-control-expose-headers").contains("ETag"));

    let closed = Shop::open().await;
    let preflight = closed
        .ask("OPTIONS", "/v1/feedback")
        .header("origin", "https://x")
        .header("access-control-request-method", "POST")
        .await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (401, ""));
}

#[tokio::test]
async fn what_is_unavailable_is_503_and_says_when_to_try_again_and_nothing_of_why() {
    let shop = Shop::open().await;
    shop.memory.faults().arm(1, redress_service::memory::Crash::Before);
    let answer = shop.by(Role::Admin, "GET", "/v1/surveys").await;
    assert_eq!((answer.status, answer.header("retry-after"), answer.code().as_str()), (503, "1", "unavailable"));
    assert!(!answer.text.contains("test"), "{}", answer.text);
    assert_eq!(shop.by(Role::Admin, "GET", "/v1/surveys").await.json(), json!({"items": [], "next_cursor": null}));
}
