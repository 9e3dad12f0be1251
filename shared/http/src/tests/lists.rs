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

/// Whether a filter keeps an order.
type Keeps<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

#[tokio::test]
async fn the_queue_is_sorted_by_priority_then_due_then_age_and_each_filter_keeps_that_order() {
    let shop = busy().await;
    let ids: Vec<_> = walk(&shop, "/v1/work-orders", 200).await;
    let path = |at: usize| ids[at]["links"]["self"].as_str().unwrap().to_owned();
    for (at, body) in [
        (6, json!({"priority": "P1"})),
        (5, json!({"priority": "P2", "category": "account"})),
        (4, json!({"priority": "P2"})),
        (3, json!({"calendar": "always"})),
    ] {
        assert_eq!(shop.patch(&path(at), &body).await.status, 200);
    }
    shop.move_to(&path(0), &json!({"to": "resolved"})).await;
    let whole = walk(&shop, "/v1/work-orders", 3).await;
    // What is done is promised nothing any more, and comes after what is.
    let due = |order: &Value| order["due_at"].as_str().unwrap_or("~").to_owned();
    let place = |order: &Value| {
        format!("{}#{}#{}", order["priority"].as_str().unwrap(), due(order), order["created_at"].as_str().unwrap())
    };
    let places: Vec<_> = whole.iter().map(place).collect();
    assert!(places.is_sorted() && whole.len() == 7, "{places:?}");
    let middle = due(&whole[3]);
    let filters: [(&str, Keeps<'_>); 8] = [
        ("priority=P1", Box::new(|order| order["priority"] == "P1")),
        ("priority=P2&category=account", Box::new(|order| order["priority"] == "P2" && order["category"] == "account")),
        ("category=logistics", Box::new(|order| order["category"] == "logistics")),
        ("status=resolved", Box::new(|order| order["status"] == "resolved")),
        ("status=assigned&team=tm_care&agent=ag_mei&customer_ref=c1", Box::new(|order| order["status"] == "assigned")),
        ("customer_ref=c2", Box::new(|_| false)),
        ("agent=ag_mei", Box::new(|_| true)),
        (&format!("due_before={middle}"), Box::new(|order| due(order) < middle)),
    ];
    for (filter, keeps) in filters {
        let expected: Vec<_> = whole.iter().filter(|order| keeps(order)).cloned().collect();
        assert_eq!(walk(&shop, &format!("/v1/work-orders?{filter}"), 2).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn an_order_that_waits_is_open_in_its_teams_queue_and_no_agents() {
    let shop = Shop::open().await;
    for (name, status) in [("ag_mei", "away"), ("ag_li", "offline")] {
        shop.presence(name, status).await;
    }
    let feedback = shop.said("快递还没到 my parcel?", "w").await;
    shop.memory.settle().await;
    let shown = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{feedback}")).await.json();
    assert_eq!(shown["status"], "waiting");
    for (filter, many) in [
        ("status=open", 1),
        ("status=open&team=tm_care", 1),
        ("team=tm_care", 1),
        ("status=assigned", 0),
        ("agent=ag_mei", 0),
        ("team=tm_other", 0),
        ("", 1),
    ] {
        let items = walk(&shop, &format!("/v1/work-orders?{filter}"), 1).await;
        assert_eq!(items.len(), many, "{filter}");
        for item in items {
            assert_eq!(json!([item["status"], item["team"], item["agent"]]), json!(["open", "tm_care", null]));
        }
    }
}

#[tokio::test]
async fn what_keeps_its_place_is_seen_once_while_others_move() {
    let shop = busy().await;
    let whole = walk(&shop, "/v1/work-orders", 200).await;
    let path = |at: usize| whole[at]["links"]["self"].as_str().unwrap().to_owned();
    let first = shop.by(Role::Admin, "GET", "/v1/work-orders?limit=2").await.json();
    // One that was seen moves behind the cursor, one that was not moves before it, one is resolved,
    // and a new one comes.
    assert_eq!(shop.patch(&path(0), &json!({"calendar": "always"})).await.status, 200);
    assert_eq!(shop.patch(&path(6), &json!({"priority": "P1"})).await.status, 200);
    shop.move_to(&path(3), &json!({"to": "resolved"})).await;
    shop.said("又一个 another", "late").await;
    shop.memory.settle().await;
    let mut seen: Vec<_> = first["items"].as_array().unwrap().iter().map(|order| order["id"].clone()).collect();
    let mut cursor = first["next_cursor"].clone();
    while let Some(next) = cursor.as_str() {
        let page = shop.by(Role::Admin, "GET", &format!("/v1/work-orders?limit=2&cursor={next}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|order| order["id"].clone()));
        cursor = page["next_cursor"].clone();
    }
    for at in [1, 2, 4, 5] {
        assert_eq!(seen.iter().filter(|id| **id == whole[at]["id"]).count(), 1, "{at}: {seen:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_taken_while_somebody_pages_keeps_its_place() {
    let shop = Shop::open().await;
    shop.presence("ag_mei", "away").await;
    for at in 0..5 {
        shop.said(&format!("快递还没有到,第{at}次问"), &at.to_string()).await;
        shop.memory.advance(jiff::SignedDuration::from_secs(1));
        shop.memory.settle().await;
    }
    let whole = walk(&shop, "/v1/work-orders?team=tm_care", 200).await;
    assert!(whole.len() == 5 && whole.iter().all(|order| order["status"] == "open"));
    let first = shop.by(Role::Admin, "GET", "/v1/work-orders?team=tm_care&limit=2").await.json();
    shop.presence("ag_mei", "online").await;
    shop.memory.live(jiff::SignedDuration::from_mins(6)).await.unwrap();
    let next = first["next_cursor"].as_str().unwrap();
    let rest = shop.by(Role::Admin, "GET", &format!("/v1/work-orders?team=tm_care&cursor={next}")).await.json();
    let ids =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|order| order["id"].clone()).collect::<Vec<_>>();
    let seen = [ids(&first), ids(&rest)].concat();
    assert_eq!(seen, whole.iter().map(|order| order["id"].clone()).collect::<Vec<_>>());
    assert!(rest["items"].as_array().unwrap().iter().all(|order| order["status"] == "assigned"));
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
