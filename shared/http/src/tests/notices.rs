//! The console's inbox, and the link that ends mails.

use super::{Answered, Shop, key};
use jiff::SignedDuration;
use redress_domain::id::TenantId;
use redress_domain::identity::{Identity, IdentityKind};
use redress_service::auth::Role;
use redress_service::ports::Write;
use redress_service::{links, secret};
use serde_json::{Value, json};

/// A shop in which Mei has been told of three orders, a minute apart.
async fn told() -> Shop {
    let shop = Shop::open().await;
    for (at, message) in ["快递还没到", "杯子碎了", "想退货"].into_iter().enumerate() {
        shop.said(message, &format!("k{at}")).await;
        shop.memory.settle().await;
        shop.memory.advance(SignedDuration::from_mins(1));
    }
    shop
}

fn lines(answer: &Answered) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

async fn unread(shop: &Shop, role: Role) -> usize {
    lines(&shop.by(role, "GET", "/v1/notices?unread=true").await).len()
}

#[tokio::test]
async fn an_agent_reads_in_their_own_language_what_they_were_told_newest_first() {
    let shop = told().await;
    let chinese = lines(&shop.by(Role::Agent, "GET", "/v1/notices").await);
    assert_eq!(chinese.len(), 3);
    let times: Vec<_> = chinese.iter().map(|line| line["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one > next), "{times:?}");
    assert!(chinese[0]["title"].as_str().unwrap().starts_with("工单已交给您（P"), "{}", chinese[0]);
    assert!(chinese[0]["line"].as_str().unwrap().contains(chinese[0]["work_order"].as_str().unwrap()));
    assert_eq!((&chinese[0]["kind"], &chinese[0]["read_at"]), (&json!("order_assigned"), &Value::Null));
    let english = shop.by(Role::Agent, "GET", "/v1/notices").header("accept-language", "en").await;
    assert!(lines(&english)[0]["title"].as_str().unwrap().starts_with("An order is yours (P"), "{}", english.text);
    assert_eq!(english.header("vary"), "Accept-Language");
    let paged = super::lists::walk(&shop, "/v1/notices?agent=ag_mei", 1).await;
    assert_eq!(paged.len(), 3);
}

#[tokio::test]
async fn what_was_read_is_not_new_any_more_for_anybody_who_looks_there() {
    let shop = told().await;
    let newest = lines(&shop.by(Role::Agent, "GET", "/v1/notices").await)[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/notices/{newest}/read");
    let read = shop.by(Role::Agent, "POST", &path).await;
    assert_eq!((read.status, &read.json()["id"]), (200, &json!(newest)));
    shop.memory.advance(SignedDuration::from_mins(1));
    assert_eq!(shop.by(Role::Agent, "POST", &path).await.json()["read_at"], read.json()["read_at"], "read once");
    assert_eq!(unread(&shop, Role::Agent).await, 2);
    assert_eq!(shop.by(Role::Supervisor, "POST", &path).await.status, 404, "it is in another inbox");
    let middle = lines(&shop.by(Role::Agent, "GET", "/v1/notices").await)[1]["created_at"].clone();
    let all = shop.by(Role::Agent, "POST", "/v1/notices/read").json(&json!({"until": middle})).await;
    assert_eq!((all.status, &all.json()["until"]), (200, &middle));
    assert_eq!(unread(&shop, Role::Agent).await, 0);
    let back = shop.by(Role::Agent, "POST", "/v1/notices/read").json(&json!({"until": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(&back.json()["until"], &middle, "it never goes back");
    shop.said("还有一件事", "k9").await;
    shop.memory.settle().await;
    assert_eq!(unread(&shop, Role::Agent).await, 1);
    let future = shop.by(Role::Agent, "POST", "/v1/notices/read").json(&json!({"until": "2030-01-01T00:00:00Z"})).await;
    assert!(future.json()["until"].as_str().unwrap() < "2027", "what is to come is not read: {}", future.text);
}

#[tokio::test]
async fn supervisors_share_one_inbox_and_only_admins_and_auditors_see_an_agents() {
    let shop = told().await;
    for (role, agent, status) in [
        (Role::Supervisor, "ag_mei", 403),
        (Role::Agent, "ag_li", 403),
        (Role::Agent, "ag_mei", 200),
        (Role::Admin, "ag_mei", 200),
        (Role::Auditor, "ag_mei", 200),
        (Role::Integrator, "ag_mei", 403),
    ] {
        let answer = shop.by(role, "GET", &format!("/v1/notices?agent={agent}")).await;
        assert_eq!(answer.status, status, "{role:?} {agent}: {}", answer.text);
    }
    assert_eq!(lines(&shop.by(Role::Supervisor, "GET", "/v1/notices").await).len(), 0);
    shop.memory.live(SignedDuration::from_hours(30)).await.unwrap();
    let escalated = lines(&shop.by(Role::Supervisor, "GET", "/v1/notices").await);
    assert!(escalated.iter().any(|line| line["kind"] == "order_escalated"), "{escalated:?}");
    assert_eq!(lines(&shop.ask("GET", "/v1/notices").key(&key("tn_b", Role::Supervisor)).await).len(), 0);
    assert_eq!(shop.by(Role::Agent, "GET", "/v1/notices?unread=yes").await.status, 422);
    assert_eq!(shop.by(Role::Agent, "POST", "/v1/notices/dl_none/read").await.status, 404);
}

#[tokio::test]
async fn who_polls_and_has_it_already_is_told_so_in_a_few_bytes() {
    let shop = told().await;
    let first = shop.by(Role::Agent, "GET", "/v1/notices").await;
    let tag = first.header("etag").to_owned();
    let same = shop.by(Role::Agent, "GET", "/v1/notices").header("if-none-match", &tag).await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    shop.said("又一件", "k7").await;
    shop.memory.settle().await;
    let news = shop.by(Role::Agent, "GET", "/v1/notices").header("if-none-match", &tag).await;
    assert_eq!((news.status, lines(&news).len()), (200, 4));
}

/// The path of the link in a mail to Ann.
async fn link(shop: &Shop) -> String {
    let moment = shop.memory.moment();
    let secret = secret::get_or_create(&shop.memory.world(), moment, moment.part(1)).await.unwrap();
    let ann = Identity::read(IdentityKind::Email, "ann@example.com").unwrap();
    format!("/u/{}", links::unsubscribe(&secret, &TenantId::parse("tn_a").unwrap(), &ann))
}

#[tokio::test]
async fn opening_the_link_in_a_mail_changes_nothing_and_sending_it_ends_the_mails() {
    let shop = Shop::open().await;
    let path = link(&shop).await;
    for _ in 0..2 {
        let page = shop.ask("GET", &path).header("accept-language", "en").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("<form method=\"post\">") && page.text.contains("a…@example.com"), "{}", page.text);
        assert!(!page.text.contains("ann@"), "{}", page.text);
    }
    assert_eq!(shop.head(&path).await.status, 200);
    let listed = async || lines(&shop.by(Role::Admin, "GET", "/v1/suppressions").await);
    assert_eq!(listed().await, Vec::<Value>::new());
    // As a mail program posts it: RFC 8058.
    let one_click = shop.ask("POST", &path).header("content-type", "multipart/form-data; boundary=x").await;
    assert_eq!(one_click.status, 200, "{}", one_click.text);
    let done = shop.ask("POST", &path).header("accept", "application/json").await;
    assert_eq!(done.json(), json!({"address": "a…@example.com", "unsubscribed": true}));
    let list = listed().await;
    assert_eq!((list.len(), &list[0]["because"], &list[0]["kind"]), (1, &json!("unsubscribed"), &json!("email")));
    let page = shop.ask("GET", &path).await;
    assert!(page.text.contains("已经退订") && !page.text.contains("<form"), "{}", page.text);
}

#[tokio::test]
async fn a_link_that_nobody_gave_out_opens_nothing() {
    let shop = Shop::open().await;
    let path = link(&shop).await;
    let forged = format!("{}A", &path[..path.len() - 1]);
    let tracking = path.replace("/u/", "/t/");
    for path in ["/u/x", &forged, &tracking] {
        assert_eq!(shop.ask("GET", path).await.status, 404, "{path}");
    }
    assert_eq!(shop.ask("POST", "/u/x").await.status, 404);
}

#[tokio::test]
async fn what_was_told_so_long_ago_that_nobody_remembers_it_is_not_told_again() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let store = shop.memory.world().store;
    for record in shop.memory.store().snapshot() {
        if record.key.partition.contains("#delivery#") {
            store.commit(&[Write::Delete(record.key, record.version)]).await.unwrap();
        }
    }
    shop.memory.advance(SignedDuration::from_hours(24 * 31));
    let posted = json!({"direction": "outbound", "body": "还在查 still on it"});
    for replayed in ["", "true"] {
        let path = format!("{order}/messages");
        let answer = shop.by(Role::Agent, "POST", &path).header("idempotency-key", "m").json(&posted).await;
        assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, replayed));
    }
    assert!(!shop.memory.notices().iter().any(|notice| notice.template == "order_assigned"));
}
