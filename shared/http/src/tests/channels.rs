//! One sample of each channel comes in by the one door, and becomes an order of the one shape (R1).

use super::Shop;
use redress_domain::feedback::Channel;
use redress_service::auth::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What each channel hands over: its message, and whatever else it knows.
fn samples() -> Vec<(&'static str, Value)> {
    vec![
        ("web", json!({"message": "快递三天没更新了，包裹到底在哪？", "locale": "zh-CN"})),
        ("app", json!({"message": "The app says delivered but nothing is at my door", "locale": "en-US"})),
        ("chat", json!({"message": "在吗？我的退款怎么还没到账 refund please", "source_message_id": "chat-1"})),
        ("phone", json!({"message": "来电记录", "transcript": "你好，我买的水壶漏水，想换一个"})),
        (
            "email",
            json!({"message": "Hello,\n\nmy parcel arrived damaged. Photos attached.\n\nBest, Ann", "source_message_id": "<1@mail>"}),
        ),
        ("wechat", json!({"message": "[语音]", "transcript": "发票抬头开错了", "source_message_id": "wx-1"})),
        (
            "wechat_mini_program",
            json!({"message": "小程序里申请退货一直失败", "order": {"ref": "2026-1", "sku": "EB-1"}}),
        ),
        ("weibo", json!({"message": "@某店 客服态度太差了！大家避雷", "public": true, "source_message_id": "wb-1"})),
        ("qq", json!({"message": "亲，什么时候发货呀", "source_message_id": "qq-1"})),
        (
            "alipay",
            json!({"message": "重复扣款了，扣了两次 129 元", "order": {"amount": {"amount_minor": 12900, "currency": "CNY"}}}),
        ),
        ("sms", json!({"message": "退订 还有我的快递丢了", "source_message_id": "sms-1"})),
        ("whatsapp", json!({"message": "Hi, the size is wrong 😞 can I exchange it?", "source_message_id": "wa-1"})),
        ("line", json!({"message": "包裹被签收了但我没收到", "source_message_id": "line-1"})),
        ("telegram", json!({"message": "Order #88 is late, 什么时候到?", "source_message_id": "tg-1"})),
        ("facebook", json!({"message": "Worst delivery ever", "public": true, "source_message_id": "fb-1"})),
        (
            "instagram",
            json!({"message": "love it but the zip broke after a day", "public": true, "source_message_id": "ig-1"}),
        ),
        (
            "x",
            json!({"message": "@shop your courier threw my box over the fence", "public": true, "source_message_id": "x-1"}),
        ),
        ("tiktok", json!({"message": "直播间买的口红颜色不对", "public": true, "source_message_id": "tt-1"})),
        (
            "marketplace",
            json!({"message": "商品与描述不符，申请退款", "order": {"ref": "TB-1", "status": "delivered"}, "source_message_id": "mp-1"}),
        ),
        ("store", json!({"message": "顾客到店反映耳机左边没声音 left earbud is silent"})),
        (
            "device",
            json!({"message": "E42 water pump failure", "order": {"sku": "PUMP-2", "lot": "L9"}, "source_message_id": "dev-1#E42"}),
        ),
        ("api", json!({"message": "Imported: 客户要求补发缺少的配件", "occurred_at": "2026-03-04T03:59:00Z"})),
    ]
}

/// Every field of a document, as pointers, and of what kind it is; `null` and a value are one kind.
fn shape(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if !matches!(at, "/order" | "/customer" | "/classification" | "/feedback") => {
            fields.iter().for_each(|(name, value)| shape(value, &format!("{at}/{name}"), found));
        }
        _ => drop(found.insert(at.to_owned())),
    }
}

#[tokio::test]
async fn a_sample_of_each_channel_becomes_an_order_of_one_shape() {
    assert_eq!(samples().iter().map(|(channel, _)| *channel).collect::<Vec<_>>(), Channel::ALL.map(|(_, word)| word));
    let mut shapes = BTreeSet::new();
    for (channel, mut said) in samples() {
        let shop = Shop::open().await;
        said["channel"] = channel.into();
        said["customer"] = json!({"ref": format!("{channel}-用户"), "name": "王小明 Ann"});
        let accepted = shop
            .by(Role::Integrator, "POST", "/v1/feedback")
            .header("idempotency-key", &format!("sample-{channel}"))
            .json(&said)
            .await;
        assert_eq!(accepted.status, 202, "{channel} {}", accepted.text);
        shop.memory.settle().await;
        let id = accepted.json()["id"].as_str().unwrap().to_owned();
        let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
        assert_eq!(feedback["status"], "assigned", "{channel} {feedback}");
        let path = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
        let order = shop.by(Role::Agent, "GET", &path).await.json();
        assert_eq!((&order["channel"], &order["customer"]), (&json!(channel), &said["customer"]), "{order}");
        assert_eq!(order["feedback_ids"], json!([id]));
        // What the shop knew of the purchase is embedded, and shown on both (R5).
        for shown in [&order["order"], &feedback["order"]] {
            assert_eq!(shown, said.get("order").unwrap_or(&Value::Null), "{channel}");
        }
        let mut found = BTreeSet::new();
        shape(&order, "", &mut found);
        shapes.insert(found);
        assert_eq!(shop.memory.dead(), []);
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
}
