//! A customer who is not satisfied: what comes of it.

use super::Shop;
use super::attachments::{PAGE, PNG, declared};
use redress_service::auth::Role;
use serde_json::{Value, json};

impl Shop {
    /// An order that came back by its customer's verdict, and has another agent; and its survey.
    async fn contested(&self, answer: &Value) -> (String, String) {
        let survey = self.survey().await;
        self.presence("ag_li", "online").await;
        assert_eq!(self.ask("POST", &survey).json(answer).await.status, 200);
        self.memory.settle().await;
        let surveys = self.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
        let order = format!("/v1/work-orders/{}", surveys["items"][0]["work_order"].as_str().unwrap());
        let state = self.by(Role::Agent, "GET", &order).await.json();
        assert_eq!((&state["status"], &state["agent"]), (&json!("reopened"), &json!("ag_li")));
        (order, survey)
    }
}

#[tokio::test]
async fn the_second_resolve_without_evidence_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    let (order, _) = shop.contested(&json!({"csat": 1, "solved": false})).await;
    let before = shop.by(Role::Agent, "GET", &order).await;
    for body in [
        json!({"to": "resolved"}),
        json!({"to": "resolved", "resolution": {"code": "replaced"}}),
        json!({"to": "resolved", "resolution": {"code": "replaced", "summary": "\u{2800}"}}),
    ] {
        let refused = shop.move_to(&order, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "evidence_missing"), "{body}");
        assert_eq!(refused.json()["state"], "reopened");
    }
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.text, before.text);
    let resolution = json!({"code": "refunded", "evidence": ["退款单 2026-1024"]});
    let done = shop.move_to(&order, &json!({"to": "resolved", "resolution": resolution})).await;
    assert_eq!((done.status, &done.json()["resolution"]), (200, &resolution));
    let facts = shop.by(Role::Agent, "GET", &format!("{order}/facts?limit=200")).await.json();
    let resolved = facts["items"].as_array().unwrap().iter().rfind(|fact| fact["to"] == "resolved").unwrap();
    assert_eq!(resolved["resolution"], resolution);
}

#[tokio::test]
async fn evidence_that_is_no_clean_file_of_the_shops_is_told_with_its_place() {
    let shop = Shop::open().await;
    let clean = shop.upload(&declared("退款.png", "image/png", PNG), PNG).await;
    let held = shop.upload(&declared("b.png", "image/png", PAGE), PAGE).await;
    let (order, _) = shop.contested(&json!({"csat": 2})).await;
    let long = "长".repeat(201);
    for (evidence, places) in [
        (json!([clean, held, "at_none", "refund 7"]), vec!["/1", "/2"]),
        (json!(["at_你好", "", " ", long]), vec!["/0", "/1", "/2", "/3"]),
        (json!([clean, clean]), vec!["/1"]),
        (json!([]), vec![""]),
        (json!((0..21).map(|number| number.to_string()).collect::<Vec<_>>()), vec![""]),
    ] {
        let body = json!({"to": "resolved", "resolution": {"code": "refunded", "evidence": evidence}});
        let refused = shop.move_to(&order, &body).await;
        let expected: Vec<_> = places.into_iter().map(|place| format!("/resolution/evidence{place}")).collect();
        assert_eq!((refused.status, refused.pointers()), (422, expected), "{body}");
    }
    let body = json!({"to": "resolved", "resolution": {"code": "refunded", "evidence": [clean]}});
    assert_eq!(shop.move_to(&order, &body).await.status, 200);
}

#[tokio::test]
async fn only_who_resolves_says_that_the_customer_is_not_to_be_asked() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let odd = shop.move_to(&order, &json!({"to": "in_progress", "survey": false})).await;
    assert_eq!((odd.status, odd.pointers()), (422, vec!["/survey".to_owned()]));
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved", "survey": false})).await.status, 200);
    let surveys = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
    assert_eq!(
        (&surveys["items"][0]["state"], &surveys["items"][0]["skip_reason"]),
        (&json!("skipped"), &json!("opted_out"))
    );
}

/// Customers of a shop who did not answer within an hour are called.
async fn calling() -> (Shop, String) {
    let shop = Shop::open().await;
    let revisit = json!({"after": "expired", "share_percent": 100});
    let policy = json!({"delay_seconds": 0, "window_seconds": 3600, "revisit": revisit});
    shop.replace("/v1/survey-policies/everyone", &policy).await;
    shop.presence("ag_li", "online").await;
    let order = shop.order().await;
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 200);
    shop.memory.live(jiff::SignedDuration::from_hours(2)).await.unwrap();
    (shop, order)
}

#[tokio::test]
async fn who_calls_a_customer_finds_the_call_and_writes_down_what_they_say() {
    let (shop, order) = calling().await;
    let list = async |kind: &str| {
        let page = shop.by(Role::Agent, "GET", &format!("/v1/work-orders?kind={kind}")).await.json();
        page["items"].as_array().unwrap().clone()
    };
    let (calls, cases) = (list("revisit").await, list("case").await);
    assert_eq!((calls.len(), cases.len()), (1, 1));
    let call = &calls[0];
    assert_eq!(
        (&call["kind"], &call["channel"], &call["priority"]),
        (&json!("revisit"), &json!("phone"), &json!("P4"))
    );
    assert_eq!(format!("/v1/work-orders/{}", call["revisits"].as_str().unwrap()), order);
    assert_eq!((&cases[0]["kind"], &cases[0]["revisits"]), (&json!("case"), &Value::Null));
    assert_ne!(call["agent"], cases[0]["agent"]);
    assert_eq!(shop.by(Role::Agent, "GET", "/v1/work-orders?kind=visit").await.pointers(), ["/kind"]);

    let path = format!("/v1/surveys/{}/answer", call["about_survey"].as_str().unwrap());
    let said = json!({"csat": 2, "ces": 3, "nps": 4, "comment": "还没收到退款 no refund yet"});
    let ask = || shop.by(Role::Agent, "POST", &path).header("idempotency-key", "call 1").json(&said);
    let (first, again) = (ask().await, ask().await);
    assert_eq!((first.status, again.header("idempotency-replayed")), (200, "true"), "{}", first.text);
    assert_eq!(first.json(), again.json());
    assert_eq!(first.json()["given_by"], json!({"kind": "agent", "id": "ag_mei"}));
    shop.memory.settle().await;
    let survey = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json()["items"][0].clone();
    assert_eq!(
        (&survey["state"], &survey["csat"], &survey["comment"]),
        (&json!("expired"), &Value::Null, &Value::Null)
    );
    assert_eq!((&survey["called"]["csat"], &survey["called"]["given_by"]["id"]), (&json!(2), &json!("ag_mei")));
    assert_eq!(survey["revisit"], call["id"]);
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.json()["status"], "reopened");
}

#[tokio::test]
async fn a_call_that_says_nothing_or_is_about_no_survey_is_refused() {
    let (shop, _) = calling().await;
    let survey = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json()["items"][0]["id"].clone();
    let path = format!("/v1/surveys/{}/answer", survey.as_str().unwrap());
    for (body, pointers) in [
        (json!({}), vec![""]),
        (json!({"csat": 6, "solved": 1, "given_by": "ag_li"}), vec!["/csat", "/given_by", "/solved"]),
    ] {
        let refused = shop.by(Role::Agent, "POST", &path).json(&body).await;
        assert_eq!((refused.status, refused.pointers()), (422, pointers.into_iter().map(str::to_owned).collect()));
    }
    for path in ["/v1/surveys/sv_none/answer", "/v1/surveys/none/answer"] {
        let unknown = shop.by(Role::Agent, "POST", path).json(&json!({"csat": 5})).await;
        assert_eq!((unknown.status, unknown.code().as_str()), (404, "not_found"));
    }
    let theirs = shop.ask("POST", &path).key(&super::key("tn_b", Role::Agent)).json(&json!({"csat": 5})).await;
    assert_eq!(theirs.status, 404);
}

#[tokio::test]
async fn whatever_only_looks_at_a_survey_changes_nothing() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let before = shop.memory.store().snapshot();
    for method in ["GET", "HEAD"] {
        for (name, value) in [
            ("accept", "text/html"),
            ("accept", "application/json"),
            ("accept", "image/avif,*/*;q=0.8"),
            ("purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("x-moz", "prefetch"),
        ] {
            let looked = shop.ask(method, &format!("{survey}?csat=1&solved=false")).header(name, value).await;
            assert!(looked.status < 500, "{method} {name}: {value}");
            assert_eq!(shop.ask(method, &survey).header(name, value).await.status, 200, "{method} {name}: {value}");
        }
    }
    assert_eq!(shop.memory.store().snapshot(), before);
    assert!(shop.memory.waiting().is_empty(), "and nobody is told of anything");
}

#[tokio::test]
async fn a_token_is_good_for_one_survey_and_not_for_the_next_of_the_same_order() {
    let shop = Shop::open().await;
    let (order, old) = shop.contested(&json!({"csat": 1})).await;
    let done = json!({"to": "resolved", "resolution": {"code": "replaced", "summary": "换了新的 replaced"}});
    assert_eq!(shop.move_to(&order, &done).await.status, 200);
    shop.memory.live(jiff::SignedDuration::from_hours(24)).await.unwrap();
    let surveys = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
    let states: Vec<_> = surveys["items"].as_array().unwrap().iter().map(|survey| &survey["state"]).collect();
    assert_eq!(states, ["answered", "sent"]);
    // The first link still changes the first answer, and moves nothing any more.
    assert_eq!(shop.ask("POST", &old).json(&json!({"csat": 1, "comment": "still bad"})).await.status, 200);
    shop.memory.settle().await;
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.json()["status"], "resolved");
    let surveys = shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json();
    assert_eq!((&surveys["items"][0]["comment"], &surveys["items"][1]["csat"]), (&json!("still bad"), &Value::Null));
    // What is nearly a token is none.
    let guessed = format!("{}0", &old[..old.len() - 1]);
    if guessed != old {
        assert_eq!(shop.ask("GET", &guessed).header("accept", "application/json").await.code(), "not_found");
    }
}
