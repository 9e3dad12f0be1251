//! Orders that wait, and who gets the first of them.

use super::clocks::tell;
use super::stack::{cloud, eventually};
use super::tenant::Tenant;
use serde_json::{Value, json};
use std::time::Instant;

/// One customer's parcel is late; answers with where its order is, once there is one.
fn late(shop: &Shop, customer: &str) -> String {
    let said = json!({"channel": "web", "message": "快递三天没到了 my parcel is late", "customer": {"ref": customer}});
    let said = shop.0.say(customer, &said);
    assert_eq!(said.status, 202, "{said:?}");
    let path = format!("/v1/feedback/{}", said.json()["id"].as_str().unwrap());
    let order = eventually("an order", || shop.0.get(&path).json()["work_order_id"].as_str().map(str::to_owned));
    format!("/v1/work-orders/{order}")
}

/// A shop of three agents who can carry one order each.
struct Shop(Tenant);

impl Shop {
    fn holder(&self, order: &str) -> Value {
        self.0.get(order).json()["agent"].clone()
    }
}

#[test]
fn all_are_full_three_wait_in_order_and_one_resolve_drains_the_first() {
    let shop = Shop(Tenant::staffed(cloud(), "lines", 1));
    let held = ["c-1", "c-2", "c-3"].map(|customer| late(&shop, customer));
    let waiting = ["w-1", "w-2", "w-3"].map(|customer| late(&shop, customer));
    assert!(held.iter().all(|order| shop.holder(order).is_string()));
    for order in &waiting {
        assert_eq!(shop.holder(order), Value::Null);
        let why = shop.0.get_as_supervisor(&format!("{order}/routing?why_not=ag_ana")).json();
        assert_eq!(why["reason"], "at_capacity");
    }
    let freed = shop.holder(&held[0]);
    assert_eq!(shop.0.post(&format!("{}/transitions", held[0]), &json!({"to": "resolved"})).status, 200);
    let resolved = Instant::now();
    let first =
        eventually("the first in line to be served", || Some(shop.holder(&waiting[0])).filter(Value::is_string));
    tell(&format!("the first in line had somebody {} ms after the resolve", resolved.elapsed().as_millis()));
    assert_eq!(first, freed);
    assert_eq!((shop.holder(&waiting[1]), shop.holder(&waiting[2])), (Value::Null, Value::Null));
}
