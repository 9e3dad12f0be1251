//! An incident through the functions: whoever it concerns is told, once.

use super::stack::eventually;
use super::tenant::Tenant;
use serde_json::{Value, json};

#[test]
fn those_whom_an_incident_concerns_are_told_once_those_who_come_later_too() {
    let shop = Tenant::open("incidents");
    let awaits = |customer: &str, courier: &str| {
        let said = json!({
            "channel": "email", "message": "快递还没到 my parcel is late", "order": {"ref": customer, "courier": courier},
            "customer": {"ref": customer, "email": format!("{customer}@incidents.example"), "locale": "zh-CN"},
        });
        let said = shop.say(customer, &said);
        assert_eq!(said.status, 202, "{said:?}");
        let path = format!("/v1/feedback/{}", said.json()["id"].as_str().unwrap());
        eventually("an order", || shop.get_as_integrator(&path).json()["work_order_id"].as_str().map(str::to_owned))
    };
    let (concerned, other) = (awaits("before", "顺丰"), awaits("other", "圆通"));
    let declared = shop.admin_posts(
        "/v1/incidents",
        &json!({
            "title": {"zh": "部分包裹延误", "en": "Some parcels are late"},
            "text": {"zh": "因暴雨，包裹会晚到一至两天。", "en": "Heavy rain: one or two days late."},
            "affects": {"courier": ["顺丰"]},
        }),
    );
    assert_eq!(declared.status, 201, "{declared:?}");
    let incident = format!("/v1/incidents/{}", declared.json()["id"].as_str().unwrap());
    // By night a letter waits for the morning; that it was decided on stands there at any hour.
    let told = |many: usize| {
        eventually("whom it concerns to be on record", || {
            let told = shop.get_as_supervisor(&format!("{incident}/deliveries")).json();
            let orders = told["items"].as_array().unwrap().iter().map(|one| one["work_order_id"].clone());
            let orders: Vec<Value> = orders.collect();
            (orders.len() == many).then_some(orders)
        })
    };
    assert_eq!(told(1), [json!(concerned)]);
    let later = awaits("later", "顺丰");
    let orders = told(2);
    assert!(orders.contains(&json!(later)) && !orders.contains(&json!(other)), "{orders:?}");
    let spreading = || shop.get_as_supervisor(&incident).json()["spreading"] == json!(false);
    eventually("the walk to end", || spreading().then_some(()));
}
