//! Each way to be refused, in the order in which they are looked for.

use super::Shop;
use super::policies::{CALENDARS, POLICIES, shifts, vip, without};
use redress_service::auth::Role;
use serde_json::json;

const GOOD: &str = r#"{"channel":"web","message":"你好","customer":{"ref":"c1"}}"#;

#[tokio::test]
async fn each_refusal_has_its_status_and_its_word() {
    let shop = Shop::open().await;
    let deep = format!(r#"{{"channel":"web","message":"hi","customer":{}1{}}}"#, "[".repeat(32), "]".repeat(32));
    let huge = format!(r#"{{"message":"{}"}}"#, "a".repeat(256 * 1024));
    let too_many = "k".repeat(256);
    let json_type = Some("application/json");
    let key = Some("k");
    for (name, content_type, idempotency_key, body, status, code) in [
        ("no media type", None, key, GOOD, 415, "unsupported_media_type"),
        (
            "another media type comes before an unreadable body",
            Some("text/plain"),
            key,
            "{",
            415,
            "unsupported_media_type",
        ),
        (
            "a form is for surveys alone",
            Some("application/x-www-form-urlencoded"),
            key,
            "a=b",
            415,
            "unsupported_media_type",
        ),
        ("another character set", Some("application/json; charset=gbk"), key, GOOD, 415, "unsupported_media_type"),
        ("more than 256 KiB comes before what is in it", json_type, None, &huge, 413, "too_large"),
        ("nothing", json_type, key, "", 400, "malformed"),
        ("half a document comes before a missing key", json_type, None, "{", 400, "malformed"),
        ("two documents", json_type, key, "{}{}", 400, "malformed"),
        ("a comma too many", json_type, key, r#"{"message":"hi",}"#, 400, "malformed"),
        ("a key twice", json_type, key, r#"{"message":"一","message":"二"}"#, 400, "malformed"),
        ("a key twice, once escaped", json_type, key, r#"{"customer":{"ref":"a","\u0072ef":"b"}}"#, 400, "malformed"),
        ("a lone surrogate", json_type, key, r#"{"message":"\ud83d"}"#, 400, "malformed"),
        ("surrogates the wrong way round", json_type, key, r#"{"message":"\ude00\ud83d"}"#, 400, "malformed"),
        ("deeper than 32 levels", json_type, key, &deep, 400, "malformed"),
        ("no key comes before wrong values", json_type, None, "{}", 400, "idempotency_key_missing"),
        ("no key and no object", json_type, None, "[]", 400, "idempotency_key_missing"),
        ("a blank key", json_type, Some("  "), GOOD, 400, "idempotency_key_malformed"),
        ("a key of 256 characters", json_type, Some(too_many.as_str()), GOOD, 400, "idempotency_key_malformed"),
        ("a key that is not closed", json_type, Some("\"k"), GOOD, 400, "idempotency_key_malformed"),
        ("an empty key in quotes", json_type, Some("\"\""), GOOD, 400, "idempotency_key_malformed"),
        ("no object", json_type, key, "[]", 422, "invalid"),
        ("no fields", json_type, key, "{}", 422, "invalid"),
        (
            "an empty object in the place of a customer",
            json_type,
            key,
            r#"{"channel":"web","message":"hi","customer":{}}"#,
            422,
            "invalid",
        ),
        (
            "null in the place of an optional field",
            json_type,
            key,
            r#"{"channel":"web","message":"hi","customer":{"ref":"a"},"order":null}"#,
            422,
            "invalid",
        ),
        (
            "a huge number",
            json_type,
            key,
            r#"{"channel":"web","message":"hi","customer":{"ref":"a"},"order":{"amount":{"amount_minor":99999999999999999999,"currency":"CNY"}}}"#,
            422,
            "invalid",
        ),
        ("it was good after all", Some("Application/JSON;charset=UTF-8"), key, GOOD, 202, ""),
    ] {
        let mut asking = shop.by(Role::Integrator, "POST", "/v1/feedback").body(body.to_owned());
        asking = content_type.into_iter().fold(asking, |asking, value| asking.header("content-type", value));
        asking = idempotency_key.into_iter().fold(asking, |asking, value| asking.header("idempotency-key", value));
        let answer = asking.await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        if status != 202 {
            assert_eq!(answer.code(), code, "{name}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_malformed() {
    let shop = Shop::open().await;
    for body in
        [&b"{\"message\":\"\xff\"}"[..], b"{\"\xc0\x80\":1}", b"{\"message\":\"\xed\xa0\xbd\"}", b"\xff\xfe{\x00}\x00"]
    {
        let answer = shop
            .by(Role::Integrator, "POST", "/v1/feedback")
            .header("content-type", "application/json")
            .body(body.to_vec())
            .await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"));
    }
    let answer = shop.by(Role::Admin, "GET", "/v1/work-orders?customer_ref=%ff").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"));
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let shop = Shop::open().await;
    let answer = shop.by(Role::Integrator, "POST", "/v1/feedback").header("content-encoding", "gzip").text(GOOD).await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn the_largest_body_is_taken() {
    let shop = Shop::open().await;
    let blank = " ".repeat(256 * 1024 - GOOD.len());
    for (more, status) in [("", 202), (" ", 413)] {
        let answer = shop
            .by(Role::Integrator, "POST", "/v1/feedback")
            .header("idempotency-key", "k")
            .text(&format!("{GOOD}{blank}{more}"))
            .await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn two_idempotency_keys_are_none() {
    let shop = Shop::open().await;
    let answer = shop
        .by(Role::Integrator, "POST", "/v1/feedback")
        .header("idempotency-key", "a")
        .header("idempotency-key", "a")
        .text(GOOD)
        .await;
    assert_eq!(answer.code(), "idempotency_key_malformed");
}

#[tokio::test]
async fn an_unknown_question_is_refused_on_every_route() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for path in [
        order.clone(),
        format!("{order}/facts"),
        format!("{order}/messages"),
        format!("{order}/routing"),
        format!("{order}/sla/proof"),
        format!("{order}/children"),
        format!("{order}/watchers"),
        format!("{order}/effort"),
        "/v1/work-orders".into(),
        "/v1/surveys".into(),
    ] {
        let answer = shop.by(Role::Admin, "GET", &format!("{path}?colour=red")).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/colour".to_owned()]), "{path}");
    }
    let answer =
        shop.by(Role::Integrator, "POST", "/v1/feedback?colour=red").header("idempotency-key", "k").text(GOOD).await;
    assert_eq!(answer.pointers(), ["/colour"]);
}

#[tokio::test]
async fn messages_and_moves_are_refused_where_they_are_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for (name, path, body, pointers) in [
        ("nothing said", "messages", json!({}), vec!["/body", "/direction"]),
        ("no direction known", "messages", json!({"direction": "sideways", "body": "你好"}), vec!["/direction"]),
        ("only blanks", "messages", json!({"direction": "outbound", "body": "\u{3000}\u{fe0f}"}), vec!["/body"]),
        (
            "a secret of the customer's",
            "messages",
            json!({"direction": "inbound", "visibility": "internal", "body": "hi"}),
            vec!["/visibility"],
        ),
        (
            "a file that is not there",
            "messages",
            json!({"direction": "outbound", "body": "hi", "attachments": ["at_x"]}),
            vec!["/attachments/0"],
        ),
        ("too long", "messages", json!({"direction": "outbound", "body": "长".repeat(8001)}), vec!["/body"]),
        (
            "a field of ours",
            "messages",
            json!({"direction": "outbound", "body": "hi", "author": "me", "number": 7}),
            vec!["/author", "/number"],
        ),
        ("nowhere to go", "transitions", json!({}), vec!["/to"]),
        ("where an order begins", "transitions", json!({"to": "open"}), vec!["/to"]),
        ("where routing sends it", "transitions", json!({"to": "assigned"}), vec!["/to"]),
        (
            "waiting without a reason",
            "transitions",
            json!({"to": "pending_customer", "reason": " \u{200b}"}),
            vec!["/reason"],
        ),
        (
            "a resolution of what is not resolved",
            "transitions",
            json!({"to": "on_hold", "resolution": {"code": "other"}}),
            vec!["/resolution"],
        ),
        (
            "no such resolution",
            "transitions",
            json!({"to": "resolved", "resolution": {"code": "magic", "summary": "长".repeat(2001)}}),
            vec!["/resolution/code", "/resolution/summary"],
        ),
        ("too long a reason", "transitions", json!({"to": "on_hold", "reason": "长".repeat(2001)}), vec!["/reason"]),
    ] {
        let answer = shop.by(Role::Agent, "POST", &format!("{order}/{path}")).header("if-match", "*").json(&body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect::<Vec<_>>()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn headers_are_looked_at_before_values_and_after_json() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("{order}/transitions");
    let wrong = json!({"to": "nowhere"});
    assert_eq!(shop.by(Role::Agent, "POST", &path).text("{").await.status, 400);
    assert_eq!(shop.by(Role::Agent, "POST", &path).json(&wrong).await.code(), "precondition_required");
    assert_eq!(
        shop.by(Role::Agent, "POST", &path).header("if-match", "3").json(&wrong).await.code(),
        "precondition_failed"
    );
    assert_eq!(shop.by(Role::Agent, "POST", &path).header("if-match", "\"99\"").json(&wrong).await.code(), "invalid");
    let keyed = shop.by(Role::Agent, "POST", &path).header("if-match", "*").header("idempotency-key", " ");
    assert_eq!(keyed.json(&wrong).await.code(), "idempotency_key_malformed");
}

#[tokio::test]
async fn no_input_is_answered_with_a_5xx_or_with_much_of_itself() {
    let shop = Shop::open().await;
    let canary = "canary".repeat(20);
    for body in [
        format!(r#"{{"{canary}":1}}"#),
        format!(r#"{{"channel":"{canary}","{canary}":1,"{canary}":2}}"#),
        format!("{{{canary}"),
        format!(r#""{canary}"#),
    ] {
        for path in [
            "/v1/feedback".to_owned(),
            format!("/v1/work-orders/{canary}/messages"),
            format!("/v1/{canary}"),
            format!("/s/{canary}"),
            format!("/v1/feedback?{canary}=1"),
        ] {
            let answer = shop.by(Role::Admin, "POST", &path).header("idempotency-key", "k").text(&body).await;
            assert!((400..500).contains(&answer.status), "{path} {answer:?}");
            assert!(!answer.text.contains(&canary[..65]), "{path} {}", answer.text);
        }
    }
}

/// Numbers that look random and are the same in every run.
fn noise(seed: u64) -> impl Iterator<Item = usize> {
    let step =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(seed), step).map(|state| usize::try_from(state >> 33).unwrap())
}

#[tokio::test]
async fn no_broken_body_is_answered_with_a_5xx() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let bodies = [
        (
            "/v1/feedback".to_owned(),
            json!({"channel": "web", "message": "你好😀", "customer": {"ref": "c1", "tier": "vip"}, "order": {"amount": {"amount_minor": -5, "currency": "CNY"}}, "occurred_at": "2026-03-04T04:00:00Z"}),
        ),
        (
            format!("{order}/messages"),
            json!({"direction": "outbound", "visibility": "public", "body": "\u{1}\\\"", "attachments": []}),
        ),
        (format!("{order}/transitions"), json!({"to": "in_progress", "reason": "等", "resolution": {"code": "other"}})),
        ("/s/none".to_owned(), json!({"csat": 5, "solved": true})),
        (CALENDARS.to_owned(), without(shifts(), &["id"])),
        (POLICIES.to_owned(), without(vip(), &["id"])),
        (
            format!("{CALENDARS}/preview"),
            json!({"calendar": without(shifts(), &["id", "name"]), "start": super::NOON, "seconds": 60}),
        ),
        (
            format!("{POLICIES}/preview"),
            json!({"policy": without(vip(), &["id"]), "priority": "P2", "start": super::NOON}),
        ),
        (format!("{order}/assignments"), json!({"agent": "ag_li", "reason": "换人"})),
        (format!("{order}/merge"), json!({"into": "wo_none", "reason": "重复"})),
        (
            format!("{order}/children"),
            json!({"category": "account", "summary": "退款", "team": "tm_care", "mandatory": false}),
        ),
        (format!("{order}/watchers"), json!({"agent": "ag_li"})),
        (
            format!("{order}/effort"),
            json!({"agent": "ag_li", "kind": "talk", "started_at": "2026-03-04T03:00:00Z", "ended_at": "2026-03-04T03:01:00Z"}),
        ),
        (format!("{order}/sla/annulments"), json!({"metric": "resolution", "cycle": 1, "reason": "台风"})),
    ];
    for (round, (path, body)) in bodies.iter().cycle().take(2_000).enumerate() {
        let (mut text, mut noise) = (body.to_string().into_bytes(), noise(round as u64));
        for _ in 0..=round % 3 {
            let (at, how, byte) =
                (noise.next().unwrap() % text.len(), noise.next().unwrap() % 3, noise.next().unwrap());
            let bytes = b"{}[]\",:\\u0dDe+-. \0\xff\xe4tnaz~/";
            let byte = bytes[byte % bytes.len()];
            match how {
                0 => text[at] = byte,
                1 => text.insert(at, byte),
                _ => drop(text.remove(at)),
            }
        }
        let asking =
            shop.by(Role::Admin, "POST", path).header("content-type", "application/json").header("if-match", "*");
        let answer = asking.header("idempotency-key", &round.to_string()).body(text.clone()).await;
        assert!(answer.status < 500, "{path} {} {answer:?}", String::from_utf8_lossy(&text));
    }
}
