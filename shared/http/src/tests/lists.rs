//! Lists: every item once, page by page, and no cursor but ours.

use super::{Shop, key};
use redress_service::auth::Role;
use serde_json::{Value, json};

async fn busy() -> Shop {
    let shop = Shop::open().await;
    for at in 0..7 {
        shop.said(&format!("快递还没有到,第{at}次问"), &at.to_string()).await;
        shop.memory.advance(jiff::SignedDuration::from_secs(1));
        shop.memory.settle().await;
    }
    shop
}

/// Every item of a list, read in pages of `limit`.
pub(super) async fn walk(shop: &Shop, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = shop.by(Role::Admin, "GET", &format!("{path}{joint}limit={limit}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        let some = page["items"].as_array().unwrap().clone();
        assert!(some.len() <= limit);
        items.extend(some);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn pages_of_any_length_hold_each_item_once() {
    let shop = busy().await;
    let order = walk(&shop, "/v1/work-orders", 1).await[0]["links"]["self"].as_str().unwrap().to_owned();
    for body in ["一", "二", "三", "四", "五"] {
        shop.by(Role::Agent, "POST", &format!("{order}/messages"))
            .json(&json!({"direction": "outbound", "body": body}))
            .await;
    }
    for path in [
        "/v1/work-orders".to_owned(),
        "/v1/work-orders?status=assigned&agent=ag_mei".to_owned(),
        format!("{order}/facts"),
        format!("{order}/messages"),
    ] {
        let whole = walk(&shop, &path, 200).await;
        assert!(whole.len() >= 5, "{path}");
        for limit in [1, 2, 3, 7, 8] {
            assert_eq!(walk(&shop, &path, limit).await, whole, "{path} {limit}");
        }
    }
}

#[tokio::test]
async fn filters_pick_what_they_say() {
    let shop = busy().await;
    for (filter, many) in [
        ("status=assigned", 7),
        ("status=closed", 0),
        ("team=tm_care", 7),
        ("team=tm_x", 0),
        ("agent=ag_mei", 7),
        ("agent=ag_li", 0),
        ("customer_ref=c1", 7),
        ("customer_ref=c%20", 0),
        ("category=logistics", 7),
        ("category=account", 0),
        ("due_before=2036-01-01T00:00:00Z", 7),
        ("due_before=2036-01-01T00:00:00+08:00", 7),
        ("due_before=2036-01-01T00:00:00%2B08:00", 7),
        ("due_before=2020-01-01T00:00:00Z", 0),
        ("priority=P1&status=cancelled", 0),
        ("limit=3", 3),
    ] {
        let page = shop.by(Role::Agent, "GET", &format!("/v1/work-orders?{filter}")).await;
        assert_eq!(page.status, 200, "{filter} {}", page.text);
        assert_eq!(page.json()["items"].as_array().unwrap().len(), many, "{filter}");
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_422_wherever_it_is_asked() {
    let shop = busy().await;
    let order = walk(&shop, "/v1/work-orders", 1).await[0]["links"]["self"].as_str().unwrap().to_owned();
    for path in
        ["/v1/work-orders".to_owned(), "/v1/surveys".to_owned(), format!("{order}/facts"), format!("{order}/messages")]
    {
        for (query, pointer) in [
            ("limit=0", "/limit"),
            ("limit=201", "/limit"),
            ("limit=-1", "/limit"),
            ("limit=", "/limit"),
            ("limit=1.5", "/limit"),
            ("limit=%2B5", "/limit"),
            ("limit=99999999999999999999999", "/limit"),
            ("limit=5&limit=5", "/limit"),
            ("cursor=", "/cursor"),
            ("cursor=abc", "/cursor"),
            ("cursor=你", "/cursor"),
            ("x=1", "/x"),
            ("Limit=5", "/Limit"),
        ] {
            let answer = shop.by(Role::Admin, "GET", &format!("{path}?{}", query.replace('你', "%E4%BD%A0"))).await;
            assert_eq!((answer.status, answer.pointers()), (422, vec![pointer.to_owned()]), "{path} {query}");
        }
    }
    let answer = shop.by(Role::Admin, "GET", "/v1/work-orders?status=done&team=x&agent=tm_a&priority=P5&category=fun&customer_ref=&due_before=soon&limit=x&cursor=x&y=").await;
    assert_eq!(
        answer.pointers(),
        [
            "/agent",
            "/category",
            "/cursor",
            "/customer_ref",
            "/due_before",
            "/limit",
            "/priority",
            "/status",
            "/team",
            "/y"
        ]
    );
    let answer = shop.by(Role::Admin, "GET", "/v1/surveys?work_order=fb_x&from=a&to=b").await;
    assert_eq!(answer.pointers(), ["/from", "/to", "/work_order"]);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_tenant_list_and_filters_alone() {
    let shop = busy().await;
    let first = shop.by(Role::Admin, "GET", "/v1/work-orders?limit=2&status=assigned&team=tm_care").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let again = |path: String, key: String| shop.ask("GET", &path).key(&key);
    let (ours, theirs) = (key("tn_a", Role::Admin), key("tn_b", Role::Admin));
    assert_eq!(
        again(format!("/v1/work-orders?team=tm_care&cursor={cursor}&status=assigned&limit=200"), ours.clone())
            .await
            .json()["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    for (path, key) in [
        ("/v1/work-orders?status=assigned&team=tm_care", &theirs),
        ("/v1/work-orders?status=assigned", &ours),
        ("/v1/work-orders?status=open&team=tm_care", &ours),
        ("/v1/surveys?", &ours),
    ] {
        let answer = again(format!("{path}&cursor={cursor}"), key.clone()).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/cursor".to_owned()]), "{path}");
    }
    for at in (0..cursor.len()).step_by(5) {
        let mut forged = cursor.as_bytes().to_vec();
        forged[at] = if forged[at] == b'Q' { b'R' } else { b'Q' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(
            again(format!("/v1/work-orders?status=assigned&team=tm_care&cursor={forged}"), ours.clone()).await.status,
            422,
            "{at}"
        );
    }
}

#[tokio::test]
async fn one_tenant_never_sees_anothers_orders() {
    let shop = busy().await;
    for path in ["/v1/work-orders", "/v1/surveys"] {
        let page = shop.ask("GET", path).key(&key("tn_b", Role::Admin)).await.json();
        assert_eq!(page, json!({"items": [], "next_cursor": null}));
    }
}
