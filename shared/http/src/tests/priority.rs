//! What makes a feedback urgent, as a manager changes it; what agents correct; how a tone falls.

use super::{Answered, Shop};
use redress_domain::id::TenantId;
use redress_service::auth::Role;
use redress_service::keys;
use serde_json::{Value, json};

const POLICY: &str = "/v1/priority-policy";

impl Shop {
    async fn weigh(&self, body: &Value) -> Answered {
        self.by(Role::Admin, "PUT", POLICY).header("if-match", "*").json(body).await
    }

    async fn classified(&self, message: &str, key: &str) -> Value {
        let id = self.said(message, key).await;
        self.memory.settle().await;
        self.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json()
    }

    async fn labels(&self) -> Vec<Value> {
        self.by(Role::Supervisor, "GET", "/v1/labels").await.json()["items"].as_array().unwrap().clone()
    }
}

fn rules(feedback: &Value) -> Vec<(String, i64)> {
    let told = feedback["classification"]["contributions"].as_array().unwrap();
    told.iter().map(|c| (c["rule"].as_str().unwrap().to_owned(), c["weight"].as_i64().unwrap())).collect()
}

#[tokio::test]
async fn the_shipped_policy_names_every_rule_with_its_weight() {
    let shop = Shop::open().await;
    let shipped = shop.by(Role::Auditor, "GET", POLICY).await;
    assert_eq!((shipped.status, shipped.header("etag")), (200, "\"1\""));
    let body = shipped.json();
    assert_eq!((&body["weights"]["urgency.safety"], &body["at_least"]["urgency.safety"]), (&json!(60), &json!("P1")));
    assert_eq!(
        (&body["one_band_up"], &body["subscribers"]["product_quality"]),
        (&json!(["product_quality"]), &json!(["technical"]))
    );
}

#[tokio::test]
async fn a_new_version_weighs_what_comes_after_it_and_leaves_what_was_weighed() {
    let shop = Shop::open().await;
    let before = shop.classified("麻烦尽快处理", "before").await;
    assert!(rules(&before).contains(&("urgency.haste".to_owned(), 10)), "{before}");
    let put = shop.weigh(&json!({"weights": {"urgency.haste": 80}, "at_least": {"urgency.haste": "P2"}})).await;
    assert_eq!((put.status, put.header("etag")), (200, "\"2\""), "{}", put.text);
    assert_eq!(put.json()["weights"]["urgency.safety"], 60, "what is left out is as it is shipped");
    assert_eq!(put.json()["at_least"], json!({"urgency.haste": "P2"}), "but a list is taken as it is");
    let after = shop.classified("Please answer urgently", "after").await;
    assert!(rules(&after).contains(&("urgency.haste".to_owned(), 80)), "{after}");
    assert!(["P1", "P2"].contains(&after["classification"]["priority"].as_str().unwrap()));
    let again = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{}", before["id"].as_str().unwrap())).await.json();
    assert_eq!(again["classification"], before["classification"]);
    let by = [&before, &after].map(|feedback| feedback["classification"]["priority_policy"].as_u64().unwrap());
    assert_eq!(by, [1, 2]);
    let kept = keys::priority_version(&TenantId::parse("tn_a").unwrap(), 1);
    let kept = shop.memory.world().store.get(&kept).await.unwrap().unwrap();
    assert_eq!(kept.body["weights"]["urgency.haste"], 10, "what feedback was weighed by is kept");
}

#[tokio::test]
async fn somebody_who_was_hurt_is_p1_by_the_rule_that_says_so_and_who_was_not_is_not() {
    let shop = Shop::open().await;
    let told = [("孩子被烫伤", "还好孩子没有被烫伤"), ("The battery caught fire", "The battery did not catch fire")];
    for (number, (hurt, unhurt)) in told.into_iter().enumerate() {
        let hurt = shop.classified(hurt, &format!("hurt {number}")).await;
        assert_eq!(hurt["classification"]["priority"], "P1", "{hurt}");
        assert!(rules(&hurt).iter().any(|(rule, _)| rule == "urgency.safety"), "{hurt}");
        let unhurt = shop.classified(unhurt, &format!("unhurt {number}")).await;
        assert_ne!(unhurt["classification"]["priority"], "P1", "{unhurt}");
        assert!(!rules(&unhurt).iter().any(|(rule, _)| rule == "urgency.safety"), "{unhurt}");
    }
}

#[tokio::test]
async fn all_that_cant_be_meant_is_told_at_once_and_changes_nothing() {
    let shop = Shop::open().await;
    let refused = shop
        .weigh(&json!({
            "version": 7, "weights": {"urgency.safety": 101, "urgency.mood": 3}, "at_least": {"impact.tier_vip": "P1"},
            "one_band_up": ["logistics", "logistics"], "subscribers": {"order": []}, "sentiment_drop": 1,
        }))
        .await;
    let places = [
        "/at_least/impact.tier_vip",
        "/one_band_up/1",
        "/sentiment_drop",
        "/subscribers/order",
        "/version",
        "/weights/urgency.mood",
        "/weights/urgency.safety",
    ];
    assert_eq!((refused.status, refused.pointers()), (422, places.map(str::to_owned).to_vec()));
    assert_eq!(shop.by(Role::Admin, "GET", POLICY).await.header("etag"), "\"1\"");
}

#[tokio::test]
async fn whoever_has_not_read_it_does_not_replace_it() {
    let shop = Shop::open().await;
    let body = json!({"sentiment_drop": 40});
    let put = |header: Option<&'static str>| {
        let asking = shop.by(Role::Admin, "PUT", POLICY);
        match header {
            Some(seen) => asking.header("if-match", seen),
            None => asking,
        }
        .json(&body)
    };
    assert_eq!(put(None).await.status, 428);
    assert_eq!(put(Some("\"1\"")).await.status, 200);
    assert_eq!(put(Some("\"1\"")).await.status, 412);
}

#[tokio::test]
async fn a_preview_says_how_something_would_be_understood_and_keeps_nothing() {
    let shop = Shop::open().await;
    let asked = json!({"message": "快递三天没到，要投诉到12315", "tier": "vip", "public": true, "policy": {"weights": {"urgency.regulator": 99}}});
    let preview = shop.by(Role::Supervisor, "POST", &format!("{POLICY}/preview")).json(&asked).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let told = json!({ "classification": preview.json() });
    for rule in [("urgency.regulator", 99), ("impact.tier_vip", 30), ("impact.said_in_public", 25)] {
        assert!(rules(&told).contains(&(rule.0.to_owned(), rule.1)), "{told}");
    }
    assert!(shop.memory.waiting().is_empty());
    assert_eq!(shop.by(Role::Admin, "GET", POLICY).await.json()["weights"]["urgency.regulator"], 40);
}

#[tokio::test]
async fn what_an_agent_corrects_or_confirms_is_kept_as_a_row_with_its_words_masked() {
    let shop = Shop::open().await;
    let feedback = shop.classified("快递三天没有更新，电话13800138000", "a").await;
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    assert!(shop.labels().await.is_empty());
    assert_eq!(shop.patch(&order, &json!({"priority": "P2"})).await.status, 200);
    let row = shop.labels().await.remove(0);
    assert_eq!(row["text"], "快递三天没有更新，电话[PHONE]");
    assert_eq!((&row["category"], &row["priority"], &row["id"]), (&Value::Null, &json!("P2"), &feedback["id"]));
    assert_eq!(row["read_as"]["category"], feedback["classification"]["category"]);
    assert_eq!(
        (&row["read_as"]["model"], &row["label_kind"], &row["lang"]),
        (&json!("shipped"), &json!("agent"), &json!("zh"))
    );
    assert_eq!((&row["source"], &row["by"]), (&json!("agents"), &json!({"kind": "agent", "id": "ag_mei"})));

    assert_eq!(shop.patch(&order, &json!({"category": "after_sales"})).await.status, 200);
    assert_eq!(
        shop.patch(&order, &json!({"category": "after_sales"})).await.status,
        200,
        "a word that confirms counts, too"
    );
    let rows = shop.labels().await;
    assert_eq!(rows.len(), 1, "one row a feedback");
    assert_eq!((&rows[0]["category"], &rows[0]["priority"]), (&json!("after_sales"), &json!("P2")));
    assert_eq!(shop.patch(&order, &json!({"calendar": "always"})).await.status, 200);
    assert_eq!(shop.labels().await, rows, "another calendar is no label");
}

#[tokio::test]
async fn rows_are_read_page_by_page_by_those_who_lead_and_never_by_another_shop() {
    let shop = Shop::open().await;
    for key in ["a", "b", "c"] {
        let feedback = shop.classified(&format!("{key}: where is my parcel"), key).await;
        let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
        assert_eq!(shop.patch(&order, &json!({"category": "logistics"})).await.status, 200);
        shop.memory.advance(jiff::SignedDuration::from_secs(1));
    }
    let first = shop.by(Role::Auditor, "GET", "/v1/labels?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = shop.by(Role::Auditor, "GET", &format!("/v1/labels?limit=2&cursor={cursor}")).await.json();
    let text = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["text"].as_str().unwrap()[..1].to_owned()).collect()
    };
    assert_eq!([text(&first), text(&rest)], [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]]);
    assert_eq!(shop.by(Role::Agent, "GET", "/v1/labels").await.status, 403);
    let neighbour = super::key("tn_b", Role::Admin);
    assert_eq!(shop.ask("GET", "/v1/labels").key(&neighbour).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_customer_whose_tone_falls_is_told_of_once_and_the_order_shows_how_it_fell() {
    for (first, worse) in [
        ("非常满意，质量很好，只想问问发票怎么开", "太差了，垃圾，骗人，再也不买了"),
        ("I love it, great quality! How do I get an invoice?", "Terrible. Worst shop ever, I hate this, awful"),
    ] {
        let shop = Shop::open().await;
        let feedback = shop.classified(first, "first").await;
        let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
        for (number, body) in [worse, worse].iter().enumerate() {
            let said = json!({"direction": "inbound", "body": body});
            let asking = shop.by(Role::Agent, "POST", &format!("{order}/messages"));
            let posted = asking.header("idempotency-key", &number.to_string()).json(&said).await;
            assert_eq!(posted.status, 201, "{}", posted.text);
        }
        let said = shop.by(Role::Agent, "GET", &format!("{order}/messages")).await.json();
        assert!(
            said["items"].as_array().unwrap().iter().all(|message| message["tone"].as_i64().unwrap() < 0),
            "{said}"
        );
        let facts = shop.by(Role::Agent, "GET", &format!("{order}/facts")).await.json();
        let fell: Vec<_> =
            facts["items"].as_array().unwrap().iter().filter(|fact| fact["type"] == "sentiment_dropped").collect();
        assert_eq!(fell.len(), 1, "{facts}");
        let shown = shop.by(Role::Agent, "GET", &order).await.json();
        let trend = &shown["sentiment_trend"];
        assert_eq!(trend["tones"].as_array().unwrap().len(), 3);
        assert!(trend["change"].as_i64().unwrap() < 0, "{trend}");
        let told: Vec<_> =
            shop.memory.notices().into_iter().filter(|notice| notice.template.contains("sentiment")).collect();
        let told_to: Vec<_> = told.iter().map(|notice| notice.to.to_string()).collect();
        assert_eq!(told_to, ["agent:ag_mei"], "{told:?}");
        assert!(told.iter().all(|notice| !notice.data.to_string().contains(worse)));
    }
}

#[tokio::test]
async fn who_subscribed_to_a_subject_is_told_of_every_order_about_it() {
    let shop = Shop::open().await;
    let told = |shop: &Shop| -> Vec<String> {
        let notices = shop.memory.notices().into_iter().filter(|notice| notice.template == "order_reported");
        notices.map(|notice| notice.to.to_string()).collect()
    };
    let feedback = shop.classified("Where is my parcel? It never arrived", "parcel").await;
    assert_eq!(told(&shop), Vec::<String>::new());
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    assert_eq!(shop.patch(&order, &json!({"category": "product_quality"})).await.status, 200);
    assert_eq!(told(&shop), ["subscribers:technical"]);
    let put = shop.weigh(&json!({"subscribers": {"logistics": ["物流部 carriers", "night shift"]}})).await;
    assert_eq!(put.status, 200, "{}", put.text);
    shop.classified("快递三天没有更新，包裹到底在哪里？", "zh").await;
    assert_eq!(told(&shop).len(), 3);
}
