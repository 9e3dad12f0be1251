//! Files: announced, uploaded past the API, judged, linked to, and named by what is said.

use super::{Answered, NOON, Shop, key};
use jiff::SignedDuration;
use redress_domain::attachment::{Examination, LARGEST, MediaType};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use redress_service::ports::Form;
use serde_json::{Value, json};

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
pub(super) const PAGE: &[u8] = b"<!DOCTYPE html><script>alert(document.cookie)</script>";

/// What an honest caller says of these bytes.
pub(super) fn declared(file_name: &str, media_type: &str, bytes: &[u8]) -> Value {
    let mut examination = Examination::default();
    examination.feed(bytes);
    let seen = examination.end();
    json!({ "file_name": file_name, "media_type": media_type, "size_bytes": bytes.len(), "sha256": seen.sha256 })
}

fn form(announced: &Answered) -> Form {
    assert_eq!(announced.status, 201, "{}", announced.text);
    serde_json::from_value(announced.json()["upload"].clone()).unwrap()
}

fn id(announced: &Answered) -> String {
    announced.json()["id"].as_str().unwrap().to_owned()
}

impl Shop {
    async fn announce(&self, declared: &Value) -> Answered {
        self.by(Role::Integrator, "POST", "/v1/attachments").json(declared).await
    }

    async fn attachment(&self, id: &str) -> Answered {
        self.by(Role::Integrator, "GET", &format!("/v1/attachments/{id}")).await
    }

    /// A file that was uploaded and judged; answers with its id.
    pub(super) async fn upload(&self, declared: &Value, bytes: &[u8]) -> String {
        let announced = self.announce(declared).await;
        self.memory.upload(&form(&announced), bytes).unwrap();
        self.memory.settle().await;
        id(&announced)
    }
}

#[tokio::test]
async fn a_file_is_announced_uploaded_judged_and_linked_to() {
    let shop = Shop::open().await;
    let announced = shop.announce(&declared("破损的耳机.png", "image/png", PNG)).await;
    let (id, form) = (id(&announced), form(&announced));
    assert!(id.starts_with("at_") && id.len() == 29, "{id}");
    assert_eq!(announced.header("location"), format!("https://care.example.com/v1/attachments/{id}"));
    assert_eq!(announced.header("cache-control"), "no-store");
    let body = announced.json();
    assert_eq!((&body["state"], &body["upload"]["expires_at"]), (&json!("pending"), &json!("2026-03-04T04:15:00Z")));
    assert_eq!(body.as_object().unwrap().len(), 3);

    let pending = shop.attachment(&id).await;
    let mut expected = declared("破损的耳机.png", "image/png", PNG);
    for (field, value) in [
        ("id", json!(id)),
        ("state", json!("pending")),
        ("reason", Value::Null),
        ("created_at", json!(NOON)),
        ("expires_at", json!("2026-03-04T04:15:00Z")),
        ("judged_at", Value::Null),
        ("download", Value::Null),
    ] {
        expected[field] = value;
    }
    assert_eq!((pending.status, pending.json()), (200, expected.clone()));

    shop.memory.upload(&form, PNG).unwrap();
    shop.memory.settle().await;
    let clean = shop.attachment(&id).await.json();
    (expected["state"], expected["judged_at"]) = (json!("clean"), json!(NOON));
    expected["download"] = clean["download"].clone();
    assert_eq!(clean, expected);
    assert_eq!(clean["download"]["expires_at"], "2026-03-04T04:05:00Z");

    let url = clean["download"]["url"].as_str().unwrap();
    shop.memory.advance(SignedDuration::from_millis(299_999));
    let file = shop.memory.download(url).expect("the link still opens it");
    assert_eq!((&file.bytes[..], file.media_type.as_str()), (PNG, "image/png"));
    let disposition =
        "attachment; filename=\"_____.png\"; filename*=UTF-8''%E7%A0%B4%E6%8D%9F%E7%9A%84%E8%80%B3%E6%9C%BA.png";
    assert_eq!(file.disposition.as_deref(), Some(disposition));
    shop.memory.advance(SignedDuration::from_millis(1));
    assert_eq!(shop.memory.download(url), None);
    assert_eq!(shop.memory.download(&url.replace("04:05", "04:55")), None);
}

#[tokio::test]
async fn a_form_uploads_one_file_of_one_size_and_type_and_not_for_long() {
    let shop = Shop::open().await;
    let form = form(&shop.announce(&declared("a.png", "image/png", PNG)).await);
    let other = |name: &str, value: &str| {
        let mut other = form.clone();
        other.fields.insert(name.to_owned(), value.to_owned());
        other
    };
    let upload = |form: &Form, bytes: &[u8]| shop.memory.upload(form, bytes);
    assert_eq!(upload(&form, &PNG[1..]), Err("size"));
    assert_eq!(upload(&form, &[PNG, b"\0"].concat()), Err("size"));
    assert_eq!(upload(&other("Content-Type", "text/html"), PNG), Err("condition"));
    assert_eq!(upload(&other("key", "attachments/tn_a/at_mine"), PNG), Err("condition"));
    assert_eq!(upload(&other("acl", "public-read"), PNG), Err("condition"));
    assert_eq!(upload(&other("policy", &form.fields["policy"].replace("png", "gif")), PNG), Err("signature"));
    shop.memory.advance(SignedDuration::from_mins(15));
    assert_eq!(upload(&form, PNG), Err("expired"));
}

#[tokio::test]
async fn what_is_not_what_it_was_said_to_be_is_quarantined_and_has_no_link() {
    let shop = Shop::open().await;
    let mut another = declared("a.png", "image/png", PNG);
    another["sha256"] = "0".repeat(64).into();
    for (announced, bytes, reason) in [
        (declared("照片.png", "image/png", PAGE), PAGE, "forbidden_type"),
        (declared("note.txt", "text/plain", PAGE), PAGE, "forbidden_type"),
        (declared("a.pdf", "application/pdf", PNG), PNG, "media_type"),
        (another, PNG, "digest"),
    ] {
        let id = shop.upload(&announced, bytes).await;
        let shown = shop.attachment(&id).await.json();
        assert_eq!(
            (&shown["state"], &shown["reason"], &shown["download"]),
            (&json!("quarantined"), &json!(reason), &Value::Null),
            "{announced}"
        );
    }
}

#[tokio::test]
async fn a_second_upload_by_the_same_form_changes_nothing() {
    let shop = Shop::open().await;
    let announced = shop.announce(&declared("a.png", "image/png", PNG)).await;
    let (id, form) = (id(&announced), form(&announced));
    shop.memory.upload(&form, PNG).unwrap();
    shop.memory.settle().await;
    // Of the same size and type by the form, and something else.
    let page: Vec<u8> = PAGE.iter().copied().chain(std::iter::repeat(b' ')).take(PNG.len()).collect();
    shop.memory.upload(&form, &page).unwrap();
    shop.memory.settle().await;
    let shown = shop.attachment(&id).await.json();
    assert_eq!(shown["state"], "clean");
    let file = shop.memory.download(shown["download"]["url"].as_str().unwrap()).unwrap();
    assert_eq!(file.bytes, PNG);
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn a_file_whose_upload_nobody_told_of_is_found_and_one_that_never_came_expires() {
    let shop = Shop::open().await;
    shop.memory.silence_uploads();
    let uploaded = shop.announce(&declared("a.png", "image/png", PNG)).await;
    let forgotten = shop.announce(&declared("b.png", "image/png", PNG)).await;
    shop.memory.upload(&form(&uploaded), PNG).unwrap();
    shop.memory.live(SignedDuration::from_mins(29)).await.unwrap();
    for announced in [&uploaded, &forgotten] {
        assert_eq!(shop.attachment(&id(announced)).await.json()["state"], "pending");
    }
    shop.memory.live(SignedDuration::from_mins(2)).await.unwrap();
    assert_eq!(shop.attachment(&id(&uploaded)).await.json()["state"], "clean");
    let expired = shop.attachment(&id(&forgotten)).await.json();
    assert_eq!((&expired["state"], &expired["download"]), (&json!("expired"), &Value::Null));
    assert_eq!(shop.memory.store().next_due(), None, "nothing is left to look at");
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_declaration_is_said_at_once() {
    let shop = Shop::open().await;
    let good = declared("a.png", "image/png", PNG);
    for (field, value) in [
        ("file_name", json!("")),
        ("file_name", json!("../../etc/passwd")),
        ("file_name", json!("C:\\evil.png")),
        ("file_name", json!("a\r\nSet-Cookie: b")),
        ("file_name", json!("photo\u{202e}gnp.exe")),
        ("file_name", json!("..")),
        ("file_name", json!("\u{200b}\u{3164}")),
        ("file_name", json!("图".repeat(129))),
        ("media_type", json!("text/html")),
        ("media_type", json!("image/svg+xml")),
        ("media_type", json!("application/javascript")),
        ("media_type", json!("application/octet-stream")),
        ("media_type", json!("image/png; charset=utf-8")),
        ("size_bytes", json!(0)),
        ("size_bytes", json!(LARGEST + 1)),
        ("size_bytes", json!(1.5)),
        ("size_bytes", json!(-1)),
        ("size_bytes", json!("33")),
        ("sha256", json!("0".repeat(63))),
        ("sha256", json!("g".repeat(64))),
        ("sha256", Value::Null),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value.clone();
        let answer = shop.announce(&wrong).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![format!("/{field}")]), "{value}");
    }
    let all = json!({ "id": "at_mine", "status": "clean", "upload": {}, "key": "x" });
    let pointers = ["/file_name", "/id", "/key", "/media_type", "/sha256", "/size_bytes", "/status", "/upload"];
    assert_eq!(shop.announce(&all).await.pointers(), pointers);
    let query = shop.by(Role::Integrator, "POST", "/v1/attachments?x=1").json(&good).await;
    assert_eq!(query.pointers(), ["/x"]);
    assert!(!shop.memory.store().snapshot().iter().any(|record| record.key.partition.contains("#attachment#")));
}

#[tokio::test]
async fn names_and_sizes_are_taken_up_to_their_limits_and_come_back_as_they_were() {
    let shop = Shop::open().await;
    for name in ["图".repeat(128), "e\u{301} é 👨‍👩‍👧‍👦.png".to_owned(), " (1).PNG".to_owned()] {
        let mut body = declared(&name, "image/png", PNG);
        body["size_bytes"] = LARGEST.into();
        body["sha256"] = "ABCDEF01".repeat(8).into();
        let announced = shop.announce(&body).await;
        let shown = shop.attachment(&id(&announced)).await.json();
        assert_eq!((&shown["file_name"], &shown["size_bytes"]), (&body["file_name"], &body["size_bytes"]));
        assert_eq!(shown["sha256"], "abcdef01".repeat(8), "digits in one case");
    }
    for (_, word) in MediaType::ALL {
        let announced = shop.announce(&declared("a", word, PNG)).await;
        assert_eq!(form(&announced).fields["Content-Type"], word);
    }
}

#[tokio::test]
async fn another_tenants_file_and_no_file_answer_alike() {
    let shop = Shop::open().await;
    let id = shop.upload(&declared("a.png", "image/png", PNG), PNG).await;
    let theirs =
        async |id: &str| shop.ask("GET", &format!("/v1/attachments/{id}")).key(&key("tn_b", Role::Admin)).await;
    let (foreign, missing, senseless) = (theirs(&id).await, theirs("at_none").await, theirs("..%2f").await);
    assert_eq!((foreign.status, missing.status, senseless.status), (404, 404, 404));
    assert_eq!(foreign.anonymous(), missing.anonymous());
    assert_eq!(foreign.anonymous(), senseless.anonymous());
    // Nor can they say anything with it.
    for named in [id.as_str(), "at_none"] {
        let body = json!({ "channel": "web", "message": "你好", "customer": {"ref": "c"}, "attachments": [named] });
        let said = shop.ask("POST", "/v1/feedback").key(&key("tn_b", Role::Admin)).header("idempotency-key", "k");
        assert_eq!(said.json(&body).await.pointers(), ["/attachments/0"]);
    }
}

#[tokio::test]
async fn the_same_announcement_again_is_answered_as_before_and_ids_can_not_be_guessed() {
    let shop = Shop::open().await;
    let body = declared("a.png", "image/png", PNG);
    let ask = |tenant: &str, idempotency_key: &str| {
        shop.ask("POST", "/v1/attachments").key(&key(tenant, Role::Agent)).header("idempotency-key", idempotency_key)
    };
    let first = ask("tn_a", "k").json(&body).await;
    shop.memory.advance(SignedDuration::from_mins(10));
    let again = ask("tn_a", "\"k\"").json(&body).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let other = ask("tn_a", "k").json(&declared("b.png", "image/png", PNG)).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    // The same key and body elsewhere, or in another tenant, name another file.
    let elsewhere = Shop::open().await;
    elsewhere.memory.moment();
    let away = elsewhere.ask("POST", "/v1/attachments").key(&key("tn_a", Role::Agent)).header("idempotency-key", "k");
    let ids = [first, ask("tn_b", "k").json(&body).await, away.json(&body).await].map(|answer| id(&answer));
    assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn feedback_and_messages_name_files_that_are_clean_or_on_their_way() {
    let shop = Shop::open().await;
    let clean = shop.upload(&declared("发票.png", "image/png", PNG), PNG).await;
    let pending = id(&shop.announce(&declared("b.png", "image/png", PNG)).await);
    let named = json!([clean, pending]);
    let body = json!({"channel": "web", "message": "左边没声音", "customer": {"ref": "c1"}, "attachments": named});
    let said = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&body).await;
    assert_eq!(said.status, 202, "{}", said.text);
    let feedback = format!("/v1/feedback/{}", id(&said));
    assert_eq!(shop.by(Role::Agent, "GET", &feedback).await.json()["attachments"], named);

    let order = shop.order().await;
    let messages = format!("{order}/messages");
    let body = json!({"direction": "outbound", "body": "请看 please see", "attachments": [pending, clean]});
    let posted = shop.by(Role::Agent, "POST", &messages).json(&body).await;
    assert_eq!((posted.status, &posted.json()["attachments"]), (201, &body["attachments"]), "{}", posted.text);
    let plain = json!({"direction": "outbound", "body": "ok"});
    assert_eq!(shop.by(Role::Agent, "POST", &messages).json(&plain).await.json()["attachments"], json!([]));
    let listed = shop.by(Role::Agent, "GET", &messages).await.json();
    let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| &item["attachments"]).collect();
    assert_eq!(listed, [&body["attachments"], &json!([])]);
}

#[tokio::test]
async fn files_that_are_quarantined_expired_unknown_or_named_twice_can_not_be_named() {
    let shop = Shop::open().await;
    let clean = shop.upload(&declared("a.png", "image/png", PNG), PNG).await;
    let held = shop.upload(&declared("b.png", "image/png", PAGE), PAGE).await;
    let expired = id(&shop.announce(&declared("c.png", "image/png", PNG)).await);
    shop.memory.live(SignedDuration::from_hours(1)).await.unwrap();
    let order = shop.order().await;
    let (feedback, messages) = ("/v1/feedback".to_owned(), format!("{order}/messages"));
    for (named, pointers) in [
        (json!([clean, held, expired, "at_none"]), vec!["/attachments/1", "/attachments/2", "/attachments/3"]),
        (json!([clean, clean]), vec!["/attachments/1"]),
        (json!(["fb_x", ""]), vec!["/attachments/0", "/attachments/1"]),
        (json!(vec![&clean; 21]), vec!["/attachments"]),
    ] {
        let said = json!({"channel": "web", "message": "hi", "customer": {"ref": "c1"}, "attachments": named});
        let posted = json!({"direction": "outbound", "body": "hi", "attachments": named});
        for (path, body) in [(&feedback, said), (&messages, posted)] {
            let answer = shop.by(Role::Agent, "POST", path).header("idempotency-key", "n").json(&body).await;
            assert_eq!((answer.status, answer.pointers()), (422, pointers.iter().map(|p| (*p).to_owned()).collect()));
        }
    }
}

#[tokio::test]
async fn what_was_said_with_a_file_is_answered_as_before_though_the_file_was_quarantined_since() {
    let shop = Shop::open().await;
    let announced = shop.announce(&declared("a.png", "image/png", PAGE)).await;
    let named = json!([id(&announced)]);
    let order = shop.order().await;
    let said = json!({
        "channel": "wechat", "message": "hi", "customer": {"ref": "c1"}, "attachments": named, "source_message_id": "wx-9"
    });
    let posted = json!({"direction": "outbound", "body": "hi", "attachments": named});
    let by_key = |path: &str, body: &Value| {
        shop.by(Role::Agent, "POST", path).header("idempotency-key", "k").json(body).into_future()
    };
    let by_source = || shop.by(Role::Agent, "POST", "/v1/feedback").json(&said).into_future();
    let messages = format!("{order}/messages");
    let first = [by_key("/v1/feedback", &said).await, by_key(&messages, &posted).await, by_source().await];
    shop.memory.upload(&form(&announced), PAGE).unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.attachment(&id(&announced)).await.json()["state"], "quarantined");
    let again = [by_key("/v1/feedback", &said).await, by_key(&messages, &posted).await, by_source().await];
    for (first, again) in first.iter().zip(&again) {
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    let new = shop.by(Role::Agent, "POST", "/v1/feedback").header("idempotency-key", "k2");
    let mut other = said.clone();
    other["source_message_id"] = "wx-10".into();
    assert_eq!(new.json(&other).await.pointers(), ["/attachments/0"]);
}

#[tokio::test]
async fn an_announcement_whose_answer_was_lost_is_given_again() {
    for call in 1..=6 {
        for crash in [Crash::Before, Crash::After] {
            let shop = Shop::open().await;
            let body = declared("a.png", "image/png", PNG);
            let ask = || shop.by(Role::Agent, "POST", "/v1/attachments").header("idempotency-key", "k").json(&body);
            shop.memory.faults().arm(call, crash);
            let first = ask().await;
            let died = shop.memory.faults().disarm();
            assert_eq!(first.status, if died { 503 } else { 201 }, "{call} {crash:?} {}", first.text);
            let (again, last) = (ask().await, ask().await);
            assert_eq!((again.status, &again.text), (201, &last.text), "{call} {crash:?}");
            let records = shop.memory.store().snapshot();
            let kept = records.iter().filter(|record| record.key.partition.contains("#attachment#"));
            assert_eq!(kept.count(), 1, "{call} {crash:?}");
        }
    }
}
