//! Work orders: read, moved, talked on, and never changed by who has read an older version.

use super::Shop;
use redress_service::auth::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_shows_its_version_as_its_tag() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let shown = shop.by(Role::Auditor, "GET", &order).await;
    let tag = format!("\"{}\"", shown.json()["version"]);
    assert_eq!((shown.status, shown.header("etag")), (200, tag.as_str()));
    assert_eq!(shown.json()["links"]["self"], order);
    for (asked, status) in
        [(tag.as_str(), 304), ("*", 304), (&format!("W/{tag}"), 304), ("\"0\"", 200), ("nonsense", 200)]
    {
        let answer = shop.by(Role::Auditor, "GET", &order).header("if-none-match", asked).await;
        assert_eq!((answer.status, answer.header("etag")), (status, tag.as_str()), "{asked}");
        assert_eq!(answer.text.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_move_needs_the_version_that_was_read() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (path, body) = (format!("{order}/transitions"), json!({"to": "in_progress"}));
    let tag = shop.by(Role::Agent, "GET", &order).await.header("etag").to_owned();
    let moved = |tag: &str| shop.by(Role::Agent, "POST", &path).header("if-match", tag).json(&body);
    for (tag, status, code) in [
        ("\"0\"", 412, "precondition_failed"),
        (&format!("W/{tag}"), 412, "precondition_failed"),
        ("x", 412, "precondition_failed"),
    ] {
        let answer = moved(tag).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{tag}");
    }
    let answer = moved(&format!("\"0\", {tag}")).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("in_progress")), "{}", answer.text);
    assert_eq!(answer.header("etag"), format!("\"{}\"", answer.json()["version"]));
    assert_eq!(moved(&tag).await.status, 412);
    assert_eq!(
        shop.by(Role::Agent, "POST", "/v1/work-orders/wo_none/transitions")
            .header("if-match", "*")
            .json(&body)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn an_illegal_move_is_409_and_says_where_the_order_is() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let answer = shop.move_to(&order, &json!({"to": "closed"})).await;
    assert_eq!(
        (answer.status, answer.code().as_str(), &answer.json()["state"]),
        (409, "illegal_transition", &json!("assigned"))
    );
    assert_eq!(shop.move_to(&order, &json!({"to": "cancelled"})).await.status, 200);
    let message = json!({"direction": "outbound", "body": "您好"});
    let answer = shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&message).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("cancelled")));
}

#[tokio::test]
async fn a_move_is_made_once_under_one_key() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let tag = shop.by(Role::Agent, "GET", &order).await.header("etag").to_owned();
    let moved = |body: &'static str| {
        let path = format!("{order}/transitions");
        shop.by(Role::Agent, "POST", &path).header("if-match", &tag).header("idempotency-key", "m-1").text(body)
    };
    let first = moved(r#"{"to":"resolved","resolution":{"code":"explained","summary":"已解释"}}"#).await;
    let again = moved(r#"{"resolution":{"summary":"\u5df2解释","code":"explained"}, "to":"resolved"}"#).await;
    assert_eq!((first.status, &first.text, first.header("etag")), (200, &again.text, again.header("etag")));
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"));
    let other = moved(r#"{"to":"on_hold"}"#).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    assert_eq!(first.json()["resolution"], json!({"code": "explained", "summary": "已解释"}));
}

#[tokio::test]
async fn messages_come_back_with_author_and_time() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("{order}/messages");
    let post = |body: Value| shop.by(Role::Agent, "POST", &path).json(&body);
    let first = post(json!({"direction": "outbound", "body": "您好,正在为您查询。"})).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.header("etag"), shop.by(Role::Agent, "GET", &order).await.header("etag"));
    post(json!({"direction": "outbound", "visibility": "internal", "body": "note", "attachments": []})).await;
    post(json!({"direction": "inbound", "body": "谢谢"})).await;
    let list = shop.by(Role::Auditor, "GET", &path).await.json();
    let items = list["items"].as_array().unwrap();
    let said: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["number"].as_u64().unwrap(),
                item["visibility"].as_str().unwrap(),
                item["author"]["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said, [(1, "public", "agent"), (2, "internal", "agent"), (3, "public", "customer")]);
    assert_eq!(items[0], first.json());
    assert_eq!(
        (&items[0]["body"], &items[0]["attachments"], &items[0]["at"]),
        (&json!("您好,正在为您查询。"), &json!([]), &json!("2026-03-04T04:00:00Z"))
    );
}

#[tokio::test]
async fn a_note_is_taken_in_every_status_but_cancelled() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let note = async |visibility: &str| {
        let body = json!({"direction": "outbound", "visibility": visibility, "body": "备注 note"});
        shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&body).await.status
    };
    assert_eq!(note("public").await, 201);
    for to in [
        "in_progress",
        "pending_customer",
        "pending_supplier",
        "pending_carrier",
        "on_hold",
        "resolved",
        "closed",
        "reopened",
        "cancelled",
    ] {
        assert_eq!(note("internal").await, 201, "before {to}");
        let moved = shop.move_to(&order, &json!({"to": to, "reason": "等 waiting"})).await;
        assert_eq!(moved.status, 200, "{to} {}", moved.text);
    }
    assert_eq!((note("internal").await, note("public").await), (409, 409));
}

#[tokio::test]
async fn waiting_for_the_customer_needs_a_reason_and_a_question_and_ends_with_an_answer() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let say = |direction: &str, visibility: &str| {
        let body = json!({"direction": direction, "visibility": visibility, "body": "照片 a photo?"});
        shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&body)
    };
    let wait = json!({"to": "pending_customer", "reason": "等照片 the photo"});
    assert_eq!(shop.move_to(&order, &json!({"to": "pending_customer"})).await.pointers(), ["/reason"]);
    say("outbound", "internal").await;
    assert_eq!(shop.move_to(&order, &wait).await.status, 409, "nobody was asked anything");
    say("outbound", "public").await;
    say("outbound", "internal").await;
    shop.move_to(&order, &json!({"to": "on_hold"})).await;
    let waits = shop.move_to(&order, &wait).await.json();
    assert_eq!(
        json!([waits["status"], waits["reason"]]),
        json!(["pending_customer", "等照片 the photo"]),
        "the question was put earlier"
    );
    say("outbound", "public").await;
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.json()["status"], "pending_customer");
    say("inbound", "public").await;
    let answered = shop.by(Role::Agent, "GET", &order).await.json();
    assert_eq!(json!([answered["status"], answered["reason"]]), json!(["in_progress", null]));
}

#[tokio::test]
async fn a_message_is_posted_once_under_one_key() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("{order}/messages");
    let post = |body: &str| {
        shop.by(Role::Agent, "POST", &path)
            .header("idempotency-key", "\"m 1\"")
            .json(&json!({"direction": "outbound", "body": body}))
    };
    let (first, again) = (post("一").await, post("一").await);
    assert_eq!((first.status, &first.text, again.header("idempotency-replayed")), (again.status, &again.text, "true"));
    assert_eq!(post("二").await.code(), "idempotency_key_reused");
    assert_eq!(shop.by(Role::Agent, "GET", &path).await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn facts_tell_the_history_oldest_first() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let facts = shop.by(Role::Auditor, "GET", &format!("{order}/facts")).await.json();
    let types: Vec<_> =
        facts["items"].as_array().unwrap().iter().map(|fact| fact["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["created", "classified", "sla_applied", "assigned"]);
    assert_eq!(facts["items"][0]["actor"]["kind"], "customer");
    assert_eq!(facts["next_cursor"], Value::Null);
}

#[tokio::test]
async fn routing_says_who_got_it_and_why_not_the_others() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let routing = shop.by(Role::Supervisor, "GET", &format!("{order}/routing")).await.json();
    assert_eq!(
        (&routing["team"], &routing["agent"], &routing["decided_at"]),
        (&json!("tm_care"), &json!("ag_mei"), &json!("2026-03-04T04:00:00Z"))
    );
    assert_eq!(
        routing["candidates"][0],
        json!({"agent": "ag_mei", "eligible": true, "score": 1.0, "rejected_because": null})
    );
    for (agent, reason) in [("ag_mei", "chosen"), ("ag_li", "not_online")] {
        let answer = shop.by(Role::Supervisor, "GET", &format!("{order}/routing?why_not={agent}")).await;
        assert_eq!(answer.json(), json!({"agent": agent, "reason": reason}));
    }
    let answer = shop.by(Role::Supervisor, "GET", &format!("{order}/routing?why_not=ag_nobody")).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/why_not".to_owned()]));
    let answer = shop.by(Role::Supervisor, "GET", &format!("{order}/routing?why_not=mei&why_not=li")).await;
    assert_eq!(answer.pointers(), ["/why_not", "/why_not"]);
}

#[tokio::test]
async fn the_proof_explains_every_clock() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let proof = shop.by(Role::Agent, "GET", &format!("{order}/sla/proof")).await.json();
    assert_eq!(order.rsplit('/').next(), proof["work_order"].as_str());
    assert_eq!(proof["clocks"].as_array().unwrap().len(), 2);
    assert!(proof["clocks"][0]["explanation"]["zh"].as_str().unwrap().contains("目标"));
}

#[tokio::test]
async fn a_supervisor_finds_the_customers_link_in_the_local_cloud() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let order = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json()["items"][0]["work_order"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/work-orders/{order}");
    let link = |role| {
        let path = path.clone();
        let shop = &shop;
        async move { shop.by(role, "GET", &path).await.json()["links"]["survey"].clone() }
    };
    assert_eq!(link(Role::Supervisor).await, format!("https://care.example.com{survey}"));
    assert_eq!(link(Role::Agent).await, Value::Null);
    assert_eq!(link(Role::Auditor).await, Value::Null);
}
