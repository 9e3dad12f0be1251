//! One person over many channels: what links join, and what keeps two apart.

use super::world::Shop;
use crate::shop;
use futures::future::join_all;
use redress_domain::feedback::Feedback;
use redress_domain::identity::{CROWD, Identity, IdentityKind};
use redress_service::auth::Role;
use redress_service::customers::{self, CustomerView};
use redress_service::fault::Conflict;
use redress_service::reply::{Keyed, Reply};
use redress_service::{Fault, classify};
use serde_json::{Value, json};

fn feedback(message: &str, customer: &Value) -> Feedback {
    serde_json::from_value(json!({"channel": "web", "message": message, "customer": customer})).unwrap()
}

async fn says(shop: &Shop, message: &str, customer: Value) {
    shop.hand_over(message, feedback(message, &customer)).await.unwrap();
    shop.wait(1);
    shop.memory.settle().await;
}

async fn link(shop: &Shop, reference: &str, kind: IdentityKind, value: &str) -> Result<Reply, Fault> {
    let identity = Identity::read(kind, value).unwrap();
    let keyed = Keyed::without("link");
    let caller = shop::caller(Role::Supervisor);
    customers::link(&shop.memory.world(), &caller, reference, &identity, &keyed, shop.memory.moment()).await
}

async fn show(shop: &Shop, reference: &str) -> CustomerView {
    customers::show(&shop.memory.world(), &shop::caller(Role::Agent), reference).await.unwrap()
}

#[tokio::test]
async fn a_telephone_and_an_address_join_what_was_said_under_three_references() {
    let shop = Shop::open().await;
    says(&shop, "快递没到", json!({"ref": "会员-7", "phone": "138 0013 8000"})).await;
    says(&shop, "still nothing", json!({"ref": "oX6", "phone": "+8613800138000", "email": "Ming@example.com"})).await;
    says(&shop, "请回复", json!({"ref": "web-1", "email": " ming@EXAMPLE.com"})).await;
    says(&shop, "别人的", json!({"ref": "stranger", "phone": "139 0013 9000"})).await;
    for reference in ["会员-7", "oX6", "web-1"] {
        assert_eq!(shop.said_by(reference).await, ["快递没到", "still nothing", "请回复"], "{reference}");
        let mut refs = show(&shop, reference).await.refs;
        assert_eq!(refs[0], reference);
        refs.sort();
        assert_eq!(refs, ["oX6", "web-1", "会员-7"]);
    }
    assert_eq!(shop.said_by("stranger").await, ["别人的"]);
}

#[tokio::test]
async fn one_may_say_who_is_who_before_anything_was_said() {
    let shop = Shop::open().await;
    link(&shop, "会员-7", IdentityKind::Openid, "oX6").await.unwrap();
    link(&shop, "web-1", IdentityKind::Ref, "会员-7").await.unwrap();
    link(&shop, "web-1", IdentityKind::Phone, "13800138000").await.unwrap();
    says(&shop, "一", json!({"ref": "oX6"})).await;
    says(&shop, "二", json!({"ref": "call-9", "phone": "138-0013-8000"})).await;
    assert_eq!(shop.said_by("会员-7").await, ["一", "二"]);
    let view = show(&shop, "会员-7").await;
    assert_eq!(view.refs, ["会员-7", "call-9", "oX6", "web-1"]);
    let phone = view.identities.iter().find(|identity| identity.kind == IdentityKind::Phone).unwrap();
    let joined: Vec<_> = phone.linked_to.iter().map(|link| (link.value.as_str(), &link.by[..3])).collect();
    assert_eq!(joined, [("web-1", "ak_"), ("call-9", "fb_")], "why two references are one person");
}

#[tokio::test]
async fn a_link_said_twice_stands_once_and_keeps_who_said_it_first() {
    let shop = Shop::open().await;
    let first = link(&shop, "a", IdentityKind::Email, "m@x.cn").await.unwrap();
    shop.wait(60);
    let again = link(&shop, "a", IdentityKind::Email, " M@X.CN").await.unwrap();
    assert_eq!(first.body, again.body);
    assert_eq!(show(&shop, "a").await.identities.len(), 1);
    let own = link(&shop, "a", IdentityKind::Openid, "a").await;
    assert!(matches!(own, Err(Fault::Invalid(flaws)) if flaws[0].pointer == "/value"));
}

#[tokio::test]
async fn many_feedbacks_of_one_customer_at_once_make_one_set_of_links() {
    let shop = Shop::open().await;
    let customer =
        |number: usize| json!({"ref": format!("r{}", number % 3), "phone": "13800138000", "email": "m@x.cn"});
    for number in 0..20 {
        let message = format!("第 {number} 条");
        shop.hand_over(&message, feedback(&message, &customer(number))).await.unwrap();
    }
    let world = shop.memory.world();
    for event in shop.memory.waiting() {
        classify::handle(&world, &event, shop.memory.moment()).await.unwrap();
    }
    let events = shop.memory.waiting();
    join_all(events.iter().map(|event| redress_service::handle(&world, event, shop.memory.moment()))).await;
    shop.memory.settle().await;
    assert_eq!(shop.memory.dead(), []);
    assert_eq!(shop.said_by("r0").await.len(), 20);
    let view = show(&shop, "r1").await;
    assert_eq!((view.refs.len(), view.identities.len(), view.feedback_count), (3, 4, 20));
    assert!(view.identities.iter().all(|identity| identity.linked_to.len() <= 3), "{:?}", view.identities);
}

#[tokio::test]
async fn what_a_crowd_shares_joins_nobody() {
    let shop = Shop::open().await;
    for number in 0..=CROWD {
        says(&shop, &format!("hotline {number}"), json!({"ref": format!("r{number}"), "phone": "400 800 1234"})).await;
    }
    assert_eq!(shop.said_by("r0").await, ["hotline 0"], "the shop's own number is nobody's");
    let view = show(&shop, "r0").await;
    assert_eq!((view.refs.len(), view.identities.len(), view.identities[0].crowded), (1, 1, true));
    assert_eq!(link(&shop, "r99", IdentityKind::Phone, "4008001234").await, Err(Fault::Conflict(Conflict::Crowded)));
    // A reference that a shop gives to all its guests is nobody's, too.
    for number in 0..=CROWD {
        let phone = format!("1390013{:04}", number + 1);
        says(&shop, &format!("guest {number}"), json!({"ref": "guest", "phone": phone})).await;
    }
    says(&shop, "我是会员", json!({"ref": "member", "phone": "13900130001"})).await;
    assert_eq!(shop.said_by("member").await, ["我是会员"]);
    assert_eq!(show(&shop, "member").await.refs, ["member"]);
    assert_eq!(shop.said_by("guest").await.len(), CROWD + 1);
    assert_eq!(show(&shop, "guest").await.refs, ["guest"]);
}

#[tokio::test]
async fn a_chain_of_links_is_followed_so_far_and_no_further() {
    let shop = Shop::open().await;
    for number in 0..150 {
        link(&shop, &format!("r{number:03}"), IdentityKind::Ref, &format!("r{:03}", number + 1)).await.unwrap();
    }
    let view = show(&shop, "r000").await;
    assert_eq!((view.refs.len(), view.refs[95].as_str()), (96, "r095"));
}

#[tokio::test]
async fn a_feedback_without_a_contact_costs_no_link_and_a_known_one_is_not_written_again() {
    let shop = Shop::open().await;
    let identities = || {
        let records = shop.memory.store().snapshot();
        let known = records.into_iter().filter(|record| record.key.partition.contains("#identity#"));
        known.map(|record| record.version).collect::<Vec<_>>()
    };
    says(&shop, "一", json!({"ref": "a"})).await;
    assert_eq!(identities(), Vec::<u64>::new());
    for message in ["二", "三", "四"] {
        says(&shop, message, json!({"ref": "a", "phone": "13800138000", "email": "m@x.cn"})).await;
        assert_eq!(identities(), [1, 1, 1]);
    }
    says(&shop, "五", json!({"ref": "a", "phone": "不方便说"})).await;
    assert_eq!(identities(), [1, 1, 1]);
}

#[tokio::test]
async fn no_key_and_no_event_holds_a_customers_telephone_address_or_reference() {
    let shop = Shop::open().await;
    says(&shop, "快递没到", json!({"ref": "会员-7", "phone": "13800138000", "email": "ming@example.com"})).await;
    link(&shop, "会员-7", IdentityKind::Ref, "秘密").await.unwrap();
    for record in shop.memory.store().snapshot() {
        let key = format!("{:?} {:?}", record.key, record.place);
        for secret in ["会员", "秘密", "8000", "138001", "ming", "example"] {
            assert!(!key.contains(secret), "{key}");
        }
        if record.key.partition.contains("#identity#") {
            let body = record.body.to_string();
            assert!(!body.contains("13800138000") && !body.contains("ming@"), "{body}");
        }
    }
}
