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
