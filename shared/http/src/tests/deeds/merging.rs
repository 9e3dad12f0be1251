//! Two orders about one thing.

use super::super::Shop;
use super::name;
use redress_service::auth::Role;
use serde_json::json;

#[tokio::test]
async fn a_duplicate_is_cancelled_and_whoever_follows_its_feedback_is_led_on() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    let feedback = shop.shown(&order).await["feedback_ids"][0].as_str().unwrap().to_owned();
    assert_eq!(shop.carries("ag_mei"), 2);
    let merged = shop.deed(&order, "merge", &json!({"into": name(&other), "reason": "同一个包裹 one parcel"})).await;
    let shown = merged.json();
    assert_eq!(
        (merged.status, &shown["status"], &shown["merged_into"]),
        (200, &json!("cancelled"), &json!(name(&other))),
        "{}",
        merged.text
    );
    assert_eq!(
        (merged.header("etag"), &shown["links"]["merged_into"]),
        (format!("\"{}\"", shown["version"]).as_str(), &json!(other))
    );
    assert!(shown["clocks"].as_array().unwrap().iter().all(|clock| clock["state"] == "cancelled"));
    assert_eq!(shop.carries("ag_mei"), 1);

    let into = shop.shown(&other).await;
    assert_eq!(into["feedback_ids"].as_array().unwrap().last().unwrap(), &json!(feedback));
    let followed = shop.shown(&format!("/v1/feedback/{feedback}")).await;
    assert_eq!(json!([followed["work_order_id"], followed["status"]]), json!([name(&other), "assigned"]));
    for path in [&order, &other] {
        let facts = shop.shown(&format!("{path}/facts?limit=200")).await;
        let fact = facts["items"].as_array().unwrap().iter().find(|fact| fact["type"] == "merged").unwrap().clone();
        assert_eq!(
            json!([fact["duplicate"], fact["into"], fact["feedback"], fact["reason"]]),
            json!([name(&order), name(&other), [feedback], "同一个包裹 one parcel"])
        );
    }
    assert_eq!(shop.told("order_merged"), ["agent:ag_mei", "agent:ag_mei"]);

    let more =
        json!({"channel": "web", "message": "还是没到 still nothing", "customer": {"ref": "c1"}, "thread": feedback});
    let said =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "more").json(&more).await.json();
    shop.memory.settle().await;
    let went = shop.shown(&format!("/v1/feedback/{}", said["id"].as_str().unwrap())).await;
    assert_eq!(went["work_order_id"], name(&other), "a thread goes on with the order that goes on");
    assert_eq!(shop.shown(&order).await["version"], shown["version"]);
    let messages = shop.shown(&format!("{other}/messages")).await;
    assert_eq!(messages["items"][0]["body"], "还是没到 still nothing");
}

#[tokio::test]
async fn a_tracking_page_follows_a_merged_order() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    let said = json!({"channel": "web", "message": "你好,请问快递大概几号能送到", "customer": {"ref": "c1", "locale": "zh-CN"}});
    let again = shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "order").json(&said).await;
    let url = again.json()["tracking_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://care.example.com").unwrap();
    let progress = async || shop.ask("GET", path).header("accept", "application/json").await.json();
    shop.deed(&order, "merge", &json!({"into": name(&other)})).await;
    assert_eq!(progress().await["status"], "assigned", "cancelled is only the duplicate");
    for to in ["resolved", "closed"] {
        shop.move_to(&other, &json!({ "to": to })).await;
    }
    assert_eq!(progress().await["status"], "closed");
}

#[tokio::test]
async fn what_is_over_a_stranger_or_a_family_is_not_merged() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    for (body, pointers) in [
        (json!({}), &["/into"][..]),
        (json!({"into": name(&order)}), &["/into"]),
        (json!({"into": "wo_none"}), &["/into"]),
        (json!({"into": "fb_x", "force": true}), &["/force", "/into"]),
    ] {
        let answer = shop.deed(&order, "merge", &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.iter().map(|&at| at.to_owned()).collect()),
            "{body}"
        );
    }
    let said = json!({"channel": "web", "message": "我的快递呢 my parcel?", "customer": {"ref": "c2"}});
    let stranger =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "s").json(&said).await.json();
    shop.memory.settle().await;
    let stranger =
        shop.shown(&format!("/v1/feedback/{}", stranger["id"].as_str().unwrap())).await["work_order_id"].clone();
    let answer = shop.deed(&order, "merge", &json!({"into": stranger})).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "other_customer"));

    let part = json!({"category": "account", "summary": "退款 refund", "mandatory": true});
    let child = shop.deed(&other, "children", &part).await.json();
    for (from, into) in [(&other, name(&order).to_owned()), (&order, child["id"].as_str().unwrap().to_owned())] {
        let answer = shop.deed(from, "merge", &json!({"into": into})).await;
        assert_eq!(
            (answer.status, answer.code().as_str(), &answer.json()["state"]),
            (409, "illegal_transition", &json!("assigned"))
        );
    }
    shop.move_to(&format!("/v1/work-orders/{}", child["id"].as_str().unwrap()), &json!({"to": "cancelled"})).await;

    assert_eq!(shop.deed(&other, "merge", &json!({"into": name(&order)})).await.status, 200);
    for (from, into) in [(&other, &order), (&order, &other)] {
        let answer = shop.deed(from, "merge", &json!({"into": name(into)})).await;
        assert_eq!(
            (answer.status, &answer.json()["state"]),
            (409, &json!("cancelled")),
            "merged once, and into nothing that is over"
        );
    }
    for to in ["resolved", "closed"] {
        shop.move_to(&order, &json!({ "to": to })).await;
    }
    let answer = shop.deed(&order, "merge", &json!({"into": stranger})).await;
    assert_eq!((answer.status, &answer.json()["state"]), (409, &json!("closed")));
    assert_eq!(
        shop.by(Role::Agent, "POST", &format!("{order}/merge")).json(&json!({"into": name(&other)})).await.status,
        403
    );
}

#[tokio::test]
async fn a_customer_is_not_asked_about_a_duplicate() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    assert_eq!(shop.deed(&order, "merge", &json!({"into": name(&other)})).await.status, 200);
    shop.passes(60 * 24 * 4).await;
    let surveys = shop.shown(&format!("/v1/surveys?work_order={}", name(&order))).await;
    assert_eq!(
        json!([surveys["items"][0]["state"], surveys["items"][0]["skip_reason"]]),
        json!(["skipped", "merged"]),
        "{surveys}"
    );
}

#[tokio::test]
async fn two_references_of_one_person_are_one_customer() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let said = json!({"channel": "wechat", "message": "快递还没到 my parcel is late", "customer": {"ref": "oX6"}});
    let said =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "w").json(&said).await.json();
    shop.memory.settle().await;
    let feedback = format!("/v1/feedback/{}", said["id"].as_str().unwrap());
    let other = shop.shown(&feedback).await["work_order_id"].clone();
    let merge = async || shop.deed(&order, "merge", &json!({ "into": other })).await;
    assert_eq!(merge().await.code(), "other_customer");
    let link = json!({"kind": "ref", "value": "oX6"});
    let linked = shop.by(Role::Supervisor, "POST", "/v1/customers/c1/identities").json(&link).await;
    assert!(linked.status < 300, "{}", linked.text);
    let merged = merge().await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let timeline = shop.shown("/v1/customers/c1/timeline").await;
    let led: Vec<_> = timeline["items"].as_array().unwrap().iter().map(|one| &one["work_order_id"]).collect();
    assert_eq!(led, [&other, &other], "each is led to the order that goes on");
    let list = shop.shown("/v1/feedback?customer_ref=c1").await;
    assert!(
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["work_order_id"] == other && one["status"] == "assigned"),
        "{list}"
    );
}
