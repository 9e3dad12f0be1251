//! What was kept is still there after `down` and `up`.

use super::stack::{options, start};
use super::tenant::Tenant;

#[test]
fn everything_is_still_there_after_down_and_up() {
    let options = options("restarted-cloud");
    redress_local::down(&options.state_dir, true).unwrap();
    let mut shop = Tenant::open_in(&start(&options), "restart");
    let order = shop.order_of("快递丢了 my parcel is lost");
    let path = format!("/v1/work-orders/{}", order["id"].as_str().unwrap());
    let facts = shop.get(&format!("{path}/facts")).json();

    assert!(redress_local::down(&options.state_dir, false).unwrap());
    assert!(redress_local::running(&options.state_dir).is_none());
    shop.url = start(&options).url;
    assert_eq!(shop.get(&format!("{path}/facts")).json(), facts);
    shop.order_of("又来一件 and another one");
    redress_local::down(&options.state_dir, true).unwrap();
}
