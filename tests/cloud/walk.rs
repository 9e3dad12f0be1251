//! One feedback, all the way, through the functions that will be deployed.

use super::stack::{cloud, eventually};
use super::tenant::Tenant;
use serde_json::{Value, json};

fn types(facts: &Value) -> Vec<&str> {
    facts["items"].as_array().unwrap().iter().map(|fact| fact["type"].as_str().unwrap()).collect()
}

#[test]
fn a_feedback_walks_from_202_to_reopened_with_another_resolver_in_both_languages() {
    let shop = Tenant::open("walk");
    for (message, language) in
        [("我的快递三天没有更新了，什么时候能到？", "zh"), ("My parcel never arrived, where is it?", "en")]
    {
        let order = shop.order_of(message);
        assert_eq!((&order["language"], &order["category"]), (&json!(language), &json!("logistics")));
        let path = format!("/v1/work-orders/{}", order["id"].as_str().unwrap());
        let first = order["agent"].clone();

        let said = json!({"direction": "outbound", "visibility": "public", "body": "正在查 We are looking into it"});
        assert_eq!(shop.post(&format!("{path}/messages"), &said).status, 201);
        let resolution = json!({"code": "delivered", "summary": "已送达 delivered"});
        let moved = shop.post(&format!("{path}/transitions"), &json!({"to": "resolved", "resolution": resolution}));
        assert_eq!((moved.status, &moved.json()["status"]), (200, &json!("resolved")));

        let surveys = format!("/v1/surveys?work_order={}", order["id"].as_str().unwrap());
        let link = eventually("a survey", || {
            let surveys = shop.get_as_supervisor(&surveys).json();
            let sent = surveys["items"].as_array()?.iter().find(|survey| survey["state"] == "sent")?;
            sent["link"].as_str().map(str::to_owned)
        });
        let page = link.strip_prefix(&cloud().url).unwrap_or(&link);
        assert!(shop.customer_gets(page).text.contains("<form"));
        assert_eq!(shop.customer_posts(page, &json!({"csat": 1, "solved": false})).status, 200);

        let again = eventually("the order to come back", || {
            let order = shop.get(&path).json();
            (order["status"] == "reopened").then_some(order)
        });
        assert_eq!(again["reopen_count"], 1);
        assert_ne!(again["agent"], first);
        assert_ne!(again["agent"], Value::Null);
        let facts = shop.get(&format!("{path}/facts")).json();
        assert_eq!(
            types(&facts),
            [
                "created",
                "classified",
                "sla_applied",
                "assigned",
                "message_posted",
                "status_changed",
                "survey_scheduled",
                "survey_sent",
                "survey_answered",
                "reopened",
                "assigned"
            ]
        );
        let told = &facts["items"];
        assert_eq!(told[0]["actor"], json!({"kind": "customer", "id": "c-1"}));
        assert_eq!(told[4]["actor"], json!({"kind": "agent", "id": "ag_ana"}));
        assert!(told.as_array().unwrap().iter().all(|fact| fact["cause"].is_string()), "{told}");

        let bare = shop.post(&format!("{path}/transitions"), &json!({"to": "resolved"}));
        assert_eq!((bare.status, &bare.json()["code"]), (409, &json!("evidence_missing")));
        let shown = json!({"to": "resolved", "resolution": {"code": "refunded", "summary": "已退款 refunded", "evidence": ["RF-1"]}});
        assert_eq!(shop.post(&format!("{path}/transitions"), &shown).status, 200);

        let proof = shop.get(&format!("{path}/sla/proof")).json();
        let metrics: Vec<_> = proof["clocks"].as_array().unwrap().iter().map(|clock| clock["metric"].clone()).collect();
        assert_eq!(metrics, ["first_response", "resolution", "resolution"]);
    }
}

#[test]
fn an_agents_work_list_is_in_the_one_queue_order() {
    let shop = Tenant::open("list");
    shop.order_of("请问这个水壶怎么用？");
    shop.order_of("The charger caught fire and my child was hurt, I will call my lawyer");
    let list = shop.get("/v1/work-orders?limit=1").json();
    let first = &list["items"][0];
    let next = list["next_cursor"].as_str().unwrap();
    let second = &shop.get(&format!("/v1/work-orders?limit=1&cursor={next}")).json()["items"][0];
    assert!(first["priority"].as_str() < second["priority"].as_str(), "{first} {second}");
}
