//! Feedback comes in once, whole, and as it was said.

use super::{Shop, key};
use futures::future::join_all;
use redress_service::auth::Role;
use redress_service::keys;
use serde_json::{Value, json};

fn plain() -> Value {
    json!({"channel": "web", "message": "你好", "customer": {"ref": "c1"}})
}

/// Everything that a feedback can hold.
fn full() -> Value {
    json!({
        "channel": "wechat_mini_program",
        "message": "买的耳机左边没声音",
        "customer": {"ref": "会员-7", "name": "王小明", "email": "ming@例子.中国", "phone": "+86 138 0000 0000", "tier": "vip", "locale": "zh-Hans-CN"},
        "order": {
            "ref": "2026-1", "sku": "EB-1", "product_type": "耳机", "lot": "L9", "courier": "顺丰", "warehouse": "SH2", "status": "delivered",
            "amount": {"amount_minor": 12900, "currency": "CNY"}, "delivered_at": "2026-03-01T10:00:00+08:00",
        },
        "source_message_id": "wx-1",
        "occurred_at": "2026-03-04T11:59:59.5+08:00",
        "locale": "zh-CN",
        "public": true,
        "attachments": [],
        "transcript": "左边没声音",
    })
}

#[tokio::test]
async fn a_feedback_is_accepted_and_can_be_read_at_once() {
    let shop = Shop::open().await;
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&full()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("https://care.example.com/v1/feedback/{id}"));
    assert_eq!((&body["status"], &body["received_at"]), (&json!("received"), &json!("2026-03-04T04:00:00Z")));
    assert!(body["tracking_url"].as_str().unwrap().starts_with("https://care.example.com/t/"));
    assert_eq!(body.as_object().unwrap().len(), 4);

    let shown = shop.by(Role::Integrator, "GET", &format!("/v1/feedback/{id}")).await.json();
    assert_eq!(
        (&shown["status"], &shown["classification"], &shown["work_order_id"]),
        (&json!("received"), &Value::Null, &Value::Null)
    );
    for field in ["channel", "message", "customer", "source_message_id", "locale", "public", "transcript"] {
        assert_eq!(shown[field], full()[field], "{field}");
    }
    assert_eq!(shown["order"]["delivered_at"], "2026-03-01T02:00:00Z");
    assert_eq!(shown["occurred_at"], "2026-03-04T03:59:59.5Z");
    shop.memory.settle().await;
    let shown = shop.by(Role::Integrator, "GET", &format!("/v1/feedback/{id}")).await.json();
    assert_eq!(shown["status"], "assigned");
    assert!(shown["work_order_id"].as_str().unwrap().starts_with("wo_"));
}

#[tokio::test]
async fn links_begin_with_a_slash_where_no_address_is_known() {
    let shop = Shop::with(|context| crate::Context { public_url: None, ..context }).await;
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&full()).await;
    assert!(answer.header("location").starts_with("/v1/feedback/fb_"));
    assert!(answer.json()["tracking_url"].as_str().unwrap().starts_with("/t/"));
}

#[tokio::test]
async fn the_same_request_again_is_answered_as_before() {
    let shop = Shop::open().await;
    let ask = |key: &'static str, body: &str| {
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", key).text(body)
    };
    let first = ask("k-1", &plain().to_string()).await;
    shop.memory.live(jiff::SignedDuration::from_hours(30)).await.unwrap();
    let again = ask("\"k-1\"", r#" {"customer":{"ref":"c1"},"message":"\u4f60\u597d", "channel":"web"} "#).await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));

    let other = ask("k-1", r#"{"channel":"web","message":"别的","customer":{"ref":"c1"}}"#).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    let theirs = shop
        .ask("POST", "/v1/feedback")
        .key(&key("tn_b", Role::Integrator))
        .header("idempotency-key", "k-1")
        .json(&plain())
        .await;
    assert_eq!(theirs.status, 202);
    assert_ne!(theirs.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_channels_own_id_is_a_key_as_well() {
    let shop = Shop::open().await;
    let first = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&full()).await;
    shop.memory.advance(jiff::SignedDuration::from_millis(1));
    let again = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&full()).await;
    let under_a_key =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "new").json(&full()).await;
    for repeat in [&again, &under_a_key] {
        assert_eq!((repeat.status, &repeat.text, repeat.header("idempotency-replayed")), (202, &first.text, "true"));
    }
    let mut other = full();
    other["message"] = "右边也没声音".into();
    let other = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&other).await;
    assert_eq!((other.status, other.code().as_str()), (409, "source_message_id_reused"));
}

#[tokio::test]
async fn fifty_equal_requests_make_one_record() {
    let shop = Shop::open().await;
    let before = shop.memory.store().snapshot().len();
    let ask = || {
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&plain()).into_future()
    };
    let first = join_all((0..25).map(|_| ask())).await;
    shop.memory.advance(jiff::SignedDuration::from_millis(1));
    let later = join_all((0..25).map(|_| ask())).await;
    assert!(first.iter().chain(&later).all(|answer| (answer.status, &answer.text) == (202, &first[0].text)));
    assert!(later.iter().all(|answer| answer.header("idempotency-replayed") == "true"));
    let after = shop.memory.store().snapshot();
    assert!(after.iter().any(|record| record.key == keys::secret()));
    assert_eq!(after.len() - before, 3, "the feedback, its entry and the stack's secret");
}

#[tokio::test]
async fn text_comes_back_code_point_for_code_point() {
    let shop = Shop::open().await;
    for (at, message) in [
        "e\u{301} and é are two",
        "👨‍👩‍👧‍👦 🇨🇳",
        "中文\u{3000}全角 ABC",
        "مرحبا\u{202e}abc",
        "a\u{200b}b\u{feff}",
        " \r\n\ttrim me not \n",
        "\u{10ffff}\u{1}\u{7f}",
        "<script>alert('x')</script> \\u0041 \"",
        "ﬁ ㎏ Å Å",
        &"字".repeat(8000),
        &"😀".repeat(8000),
    ]
    .iter()
    .enumerate()
    {
        let mut body = full();
        for text in ["/message", "/customer/ref", "/customer/name", "/order/lot", "/transcript"] {
            let most = if matches!(text, "/message" | "/transcript") { 8000 } else { 128 };
            *body.pointer_mut(text).unwrap() = message.chars().take(most).collect::<String>().into();
        }
        body["source_message_id"] = at.to_string().into();
        let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&body).await;
        assert_eq!(answer.status, 202, "{message} {}", answer.text);
        let shown = shop
            .by(Role::Auditor, "GET", &format!("/v1/feedback/{}", answer.json()["id"].as_str().unwrap()))
            .await
            .json();
        for text in ["/message", "/customer/ref", "/customer/name", "/order/lot", "/transcript"] {
            assert_eq!(shown.pointer(text), body.pointer(text));
        }
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_nothing_is_kept() {
    let shop = Shop::open().await;
    let before = shop.memory.store().snapshot();
    let wrong = json!({
        "id": "fb_mine", "status": "closed", "received_at": "2026-01-01T00:00:00Z", "colour": "red", "a/b~c": 1,
        "channel": "fax",
        "message": " \u{3000}\u{200b}\u{ad}\u{2800}\u{3164}\n",
        "customer": {"ref": "", "name": 7, "email": "nobody", "phone": "1".repeat(65), "tier": "platinum", "locale": "zh_CN", "age": 7},
        "order": {
            "ref": "", "sku": "\u{0}", "product_type": null, "lot": [], "courier": {}, "warehouse": true, "status": "x".repeat(129),
            "amount": {"amount_minor": 0.5, "currency": "cny"}, "delivered_at": "yesterday",
        },
        "source_message_id": "", "occurred_at": "2026-03-05T04:00:00.001Z", "locale": "", "public": "yes",
        "attachments": ["", 7], "thread": "wo_x", "transcript": "字".repeat(8001),
    });
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").json(&wrong).await;
    assert_eq!(
        answer.pointers(),
        [
            "/attachments/0",
            "/attachments/1",
            "/a~1b~0c",
            "/channel",
            "/colour",
            "/customer/age",
            "/customer/email",
            "/customer/locale",
            "/customer/name",
            "/customer/phone",
            "/customer/ref",
            "/customer/tier",
            "/id",
            "/locale",
            "/message",
            "/occurred_at",
            "/order/amount/amount_minor",
            "/order/amount/currency",
            "/order/courier",
            "/order/delivered_at",
            "/order/lot",
            "/order/product_type",
            "/order/ref",
            "/order/sku",
            "/order/status",
            "/order/warehouse",
            "/public",
            "/received_at",
            "/source_message_id",
            "/status",
            "/thread",
            "/transcript",
        ]
    );
    let errors = answer.json()["errors"].to_string();
    assert!(errors.contains("set by the server") && errors.contains("leave it out"), "{errors}");
    let added: Vec<_> = shop.memory.store().snapshot().into_iter().filter(|record| !before.contains(record)).collect();
    assert_eq!(added, []);
}

#[tokio::test]
async fn a_pointer_is_cut_and_many_wrong_fields_are_counted() {
    let shop = Shop::open().await;
    let mut body = plain();
    body["长".repeat(200)] = 1.into();
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&body).await;
    assert_eq!(answer.pointers(), [format!("/{}", "长".repeat(63))]);
    for at in 0..1000 {
        body[format!("x{at}")] = 1.into();
    }
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&body).await;
    assert_eq!(answer.pointers().len(), 256);
    assert_eq!(answer.json()["detail"], "more than 256 fields are wrong; the first 256 are listed");
}

#[tokio::test]
async fn attachments_and_threads_must_be_there() {
    let shop = Shop::open().await;
    for (field, value, pointer) in
        [("thread", json!("fb_none"), "/thread"), ("attachments", json!(["at_none"]), "/attachments/0")]
    {
        let mut body = plain();
        body[field] = value;
        let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&body).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer.to_owned()]));
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    for call in 1..=6 {
        for crash in [redress_service::memory::Crash::Before, redress_service::memory::Crash::After] {
            let shop = Shop::open().await;
            let ask =
                || shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&plain());
            shop.memory.faults().arm(call, crash);
            let first = ask().await;
            let died = shop.memory.faults().disarm();
            assert_eq!(first.status, if died { 503 } else { 202 }, "{call} {crash:?} {}", first.text);
            let again = ask().await;
            assert_eq!(again.status, 202, "{call} {crash:?}");
            let last = ask().await;
            assert_eq!(again.text, last.text);
        }
    }
}
