//! An incident through the functions: whoever it concerns finds a letter, once.

use super::letters::letters;
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
    let warning = |order: &str| {
        letters().into_iter().find(|letter| letter["work_order"] == order && letter["template"] == "incident")
    };
    let letter = eventually("a warning", || warning(&concerned));
    assert_eq!((&letter["subject"], &letter["to"]), (&json!("部分包裹延误"), &json!("before@incidents.example")));
    let later = awaits("later", "顺丰");
    eventually("a warning of who came later", || warning(&later));
    let incident = format!("/v1/incidents/{}", declared.json()["id"].as_str().unwrap());
    let told = eventually("both to be on record", || {
        let told = shop.get_as_supervisor(&format!("{incident}/deliveries?state=delivered")).json();
        (told["items"].as_array().map(Vec::len) == Some(2)).then_some(told)
    });
    assert!(told["items"].as_array().unwrap().iter().all(|one| one["work_order_id"] != json!(other)));
    assert_eq!(warning(&other), None::<Value>);
}
