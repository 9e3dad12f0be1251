//! Customers: one person over many channels and references, and what colleagues are shown of one.

use super::lists::walk;
use super::{Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

async fn say(shop: &Shop, channel: &str, message: &str, customer: Value) -> String {
    let body = json!({"channel": channel, "message": message, "customer": customer});
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", channel).json(&body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    shop.memory.advance(SignedDuration::from_secs(1));
    shop.memory.settle().await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// One person by three channels, and somebody else.
async fn known() -> Shop {
    let shop = Shop::open().await;
    say(
        &shop,
        "web",
        "我的电话是13800138000，快递没到",
        json!({"ref": "会员/7", "name": "王小明", "phone": "138 0013 8000"}),
    )
    .await;
    say(&shop, "wechat", "第二次问了", json!({"ref": "oX6", "phone": "+86-13800138000", "email": "Ming@Example.com"}))
        .await;
    say(
        &shop,
        "email",
        "Where is it?",
        json!({"ref": "ming@example.com", "name": "Ming", "email": "ming@example.com"}),
    )
    .await;
    say(&shop, "app", "别人的", json!({"ref": "stranger", "phone": "13900139000"})).await;
    shop
}

/// The path of a customer.
fn path(reference: &str) -> String {
    let encoded: String = reference.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/customers/{encoded}")
}

#[tokio::test]
async fn one_person_by_three_channels_has_one_timeline() {
    let shop = known().await;
    let expected = ["web", "wechat", "email"];
    for reference in ["会员/7", "oX6", "ming@example.com"] {
        let entries = walk(&shop, &format!("{}/timeline", path(reference)), 2).await;
        let channels: Vec<_> = entries.iter().map(|entry| entry["channel"].as_str().unwrap()).collect();
        assert_eq!(channels, expected, "{reference}");
        let query: String = reference.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let listed = walk(&shop, &format!("/v1/feedback?customer_ref={query}"), 1).await;
        let channels: Vec<_> = listed.iter().map(|entry| entry["channel"].as_str().unwrap()).collect();
        assert_eq!(channels, expected, "{reference}");
    }
    let first = &walk(&shop, &format!("{}/timeline", path("oX6")), 200).await[0];
    assert_eq!(
        (&first["kind"], &first["at"], &first["ref"], &first["status"], &first["work_order"]["status"]),
        (&json!("feedback"), &json!("2026-03-04T04:00:00Z"), &json!("会员/7"), &json!("assigned"), &json!("assigned"))
    );
    let preview = first["preview"].as_str().unwrap();
    assert!(preview.contains("快递没到") && !preview.contains("13800138000"), "{preview}");
    assert_eq!(first["work_order_id"].as_str().unwrap().get(..3), Some("wo_"));
}

#[tokio::test]
async fn a_customer_shows_who_it_is_and_why_and_no_contact_whole() {
    let shop = known().await;
    let answer = shop.by(Role::Agent, "GET", &path("会员/7")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let customer = answer.json();
    assert_eq!(customer["ref"], "会员/7");
    assert_eq!(customer["refs"], json!(["会员/7", "ming@example.com", "oX6"]));
    assert_eq!(
        (&customer["names"], &customer["feedback_count"], &customer["more"]),
        (&json!(["王小明", "Ming"]), &json!(3), &json!(false))
    );
    let orders = customer["open_orders"].as_array().unwrap();
    assert_eq!((orders.len(), &orders[0]["status"]), (3, &json!("assigned")));
    let identities = customer["identities"].as_array().unwrap();
    let shown: Vec<_> =
        identities.iter().map(|one| (one["kind"].as_str().unwrap(), one["value"].as_str().unwrap())).collect();
    assert_eq!(shown, [("phone", "…8000"), ("ref", "oX6"), ("email", "m…@example.com"), ("ref", "ming@example.com")]);
    let by_phone: Vec<_> = identities[0]["linked_to"].as_array().unwrap().iter().map(|link| &link["value"]).collect();
    assert_eq!(by_phone, ["会员/7", "oX6"], "why those two are one");
    assert!(identities[0]["linked_to"][0]["by"].as_str().unwrap().starts_with("fb_"));
    assert!(!answer.text.contains("3800138") && !answer.text.contains("Ming@"), "{}", answer.text);
}

#[tokio::test]
async fn resolved_orders_are_open_no_more() {
    let shop = known().await;
    let order =
        shop.by(Role::Agent, "GET", &path("oX6")).await.json()["open_orders"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(shop.move_to(&format!("/v1/work-orders/{order}"), &json!({"to": "resolved"})).await.status, 200);
    let customer = shop.by(Role::Agent, "GET", &path("oX6")).await.json();
    assert_eq!(customer["open_orders"].as_array().unwrap().len(), 2);
    let timeline = shop.by(Role::Agent, "GET", &format!("{}/timeline", path("oX6"))).await.json();
    assert!(timeline["items"][0]["work_order"]["resolved_at"].is_string(), "{timeline}");
}

#[tokio::test]
async fn an_identity_is_linked_by_hand_and_again_it_is_the_same() {
    let shop = known().await;
    let ask = |key: &str, body: &Value| {
        let asking = shop.by(Role::Integrator, "POST", &format!("{}/identities", path("stranger")));
        if key.is_empty() { asking.json(body) } else { asking.header("idempotency-key", key).json(body) }
    };
    let body = json!({"kind": "openid", "value": "oX6"});
    let first = ask("k", &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let link = first.json();
    assert_eq!((&link["ref"], &link["kind"], &link["value"]), (&json!("stranger"), &json!("openid"), &json!("oX6")));
    assert!(link["by"].as_str().unwrap().starts_with("ak_") && link["at"].is_string(), "{link}");
    shop.memory.advance(SignedDuration::from_hours(1));
    let again = ask("k", &body).await;
    assert_eq!((again.status, &again.text, again.header("idempotency-replayed")), (201, &first.text, "true"));
    assert_eq!(ask("", &body).await.text, first.text, "without a key, too");
    let other = ask("k", &json!({"kind": "phone", "value": "13700137000"})).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    let timeline = walk(&shop, &format!("{}/timeline", path("会员/7")), 200).await;
    assert_eq!(timeline.len(), 4, "two persons have become one");
    let phone = ask("", &json!({"kind": "phone", "value": "137 0013 7000"})).await.json();
    assert_eq!(phone["value"], "…7000");
}

#[tokio::test]
async fn what_identifies_nobody_is_refused_with_all_that_is_wrong() {
    let shop = known().await;
    let path = format!("{}/identities", path("oX6"));
    for (body, pointers) in [
        (json!({}), vec!["/kind", "/value"]),
        (json!({"kind": "passport", "value": "", "at": 1}), vec!["/at", "/kind", "/value"]),
        (json!({"kind": "phone", "value": "010-62345678 转 8001"}), vec!["/value"]),
        (json!({"kind": "phone", "value": "00000000"}), vec!["/value"]),
        (json!({"kind": "email", "value": "ming"}), vec!["/value"]),
        (json!({"kind": "ref", "value": "x".repeat(129)}), vec!["/value"]),
        (json!({"kind": "ref", "value": "\u{200b}"}), vec!["/value"]),
        (json!({"kind": "ref", "value": "oX6"}), vec!["/value"]),
        (json!([]), vec![""]),
    ] {
        let answer = shop.by(Role::Admin, "POST", &path).json(&body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn nobody_has_heard_of_a_reference_that_is_not_there() {
    let shop = known().await;
    let long = "x".repeat(129);
    let mut bodies = Vec::new();
    for reference in ["nobody", "会员", "%FF", "%00", "%E2%80%8B", long.as_str()] {
        let encoded = if reference.starts_with('%') { format!("/v1/customers/{reference}") } else { path(reference) };
        for path in [encoded.clone(), format!("{encoded}/timeline"), format!("{encoded}/timeline?limit=0")] {
            let answer = shop.by(Role::Admin, "GET", &path).await;
            assert_eq!(answer.code(), "not_found", "{path}");
            bodies.push(answer.anonymous());
        }
    }
    // Another tenant's is nobody here.
    let theirs = shop.ask("GET", &path("oX6")).key(&key("tn_b", Role::Admin)).await;
    bodies.push(theirs.anonymous());
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let listed = shop.by(Role::Admin, "GET", "/v1/feedback?customer_ref=nobody").await.json();
    assert_eq!(listed, json!({"items": [], "next_cursor": null}));
}

#[tokio::test]
async fn any_text_is_a_reference_in_a_path_slashes_and_all() {
    let shop = Shop::open().await;
    for (at, reference) in [
        "a/b",
        "a//b/",
        "/",
        "timeline",
        "a/timeline",
        "100%",
        "a%2Fb",
        "a?b#c",
        "e\u{301}",
        "😀 空格",
        "..x",
        "a+b",
        "\"quoted\" \\",
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"channel": "web", "message": "你好", "customer": {"ref": reference}});
        let key = at.to_string();
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", &key).json(&body).await;
        let customer = shop.by(Role::Admin, "GET", &path(reference)).await;
        assert_eq!((customer.status, &customer.json()["ref"]), (200, &json!(reference)), "{reference}");
        let linked = shop
            .by(Role::Admin, "POST", &format!("{}/identities", path(reference)))
            .json(&json!({"kind": "phone", "value": format!("1380013{at:04}")}))
            .await;
        assert_eq!((linked.status, &linked.json()["ref"]), (201, &json!(reference)), "{reference}");
        let timeline = shop.by(Role::Admin, "GET", &format!("{}/timeline", path(reference))).await.json();
        assert_eq!(timeline["items"][0]["ref"], reference);
    }
    // As the gateway hands it over: the slashes are no longer encoded.
    for sent in ["/v1/customers/a/b", "/v1/customers/a/b/timeline", "/v1/customers/a//b//timeline"] {
        assert_eq!(shop.by(Role::Admin, "GET", sent).await.status, 200, "{sent}");
    }
    assert_eq!(shop.by(Role::Admin, "DELETE", "/v1/customers/a/b").await.header("allow"), "GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn what_was_not_linked_for_a_fault_is_linked_by_trying_again() {
    use redress_service::memory::Crash;
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = Shop::open().await;
            let ask = || {
                shop.by(Role::Admin, "POST", "/v1/customers/a/identities")
                    .header("idempotency-key", "k")
                    .json(&json!({"kind": "email", "value": "m@x.cn"}))
            };
            shop.memory.faults().arm(call, crash);
            let first = ask().await;
            if !shop.memory.faults().disarm() {
                break;
            }
            assert_eq!(first.status, 503);
            assert_eq!(ask().await.status, 201, "{call} {crash:?}");
            let customer = shop.by(Role::Admin, "GET", "/v1/customers/a").await.json();
            assert_eq!(customer["identities"].as_array().unwrap().len(), 1, "{customer}");
        }
    }
}
