//! Something went wrong for many at once: each customer whom it concerns is told once.

use super::Shop;
use jiff::SignedDuration;
use redress_domain::delivery::{Answer, Outcome};
use redress_service::auth::Role;
use redress_service::letters::{Content, Letter};
use redress_service::memory::Crash;
use redress_service::ports::{Record, Write};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const INCIDENTS: &str = "/v1/incidents";

fn late(courier: &str) -> Value {
    json!({
        "title": {"zh": "部分包裹延误", "en": "Some parcels are late"},
        "text": {"zh": "因暴雨，包裹会晚到一至两天。", "en": "Heavy rain: one or two days late."},
        "affects": {"courier": [courier]},
    })
}

impl Shop {
    /// A customer with an address says that a parcel is late.
    async fn awaits(&self, customer: &str, courier: &str, key: &str) {
        let locale = if customer.starts_with("zh") { "zh-CN" } else { "en" };
        let said = json!({
            "channel": "email", "message": "快递还没到 my parcel is late", "order": {"ref": key, "courier": courier},
            "customer": {"ref": customer, "email": format!("{customer}@example.com"), "locale": locale},
        });
        let said = self.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", key).json(&said).await;
        assert_eq!(said.status, 202, "{}", said.text);
        self.memory.settle().await;
    }

    /// Who was warned, and how often.
    fn warned(&self) -> BTreeMap<String, usize> {
        let mut warned = BTreeMap::new();
        for letter in self.memory.outside().sent().iter().filter(|letter| letter.template == "incident") {
            *warned.entry(letter.to.split('@').next().unwrap().to_owned()).or_default() += 1;
        }
        warned
    }

    fn warning(&self, customer: &str) -> Letter {
        let sent = self.memory.outside().sent();
        sent.into_iter().find(|one| one.template == "incident" && one.to.starts_with(customer)).unwrap()
    }

    async fn declare(&self, incident: &Value) -> String {
        let declared = self.by(Role::Supervisor, "POST", INCIDENTS).json(incident).await;
        assert_eq!(declared.status, 201, "{}", declared.text);
        self.memory.settle().await;
        format!("{INCIDENTS}/{}", declared.json()["id"].as_str().unwrap())
    }
}

fn counted<const N: usize>(customers: [&str; N]) -> BTreeMap<String, usize> {
    customers.map(|customer| (customer.to_owned(), 1)).into()
}

#[tokio::test]
async fn each_customer_whom_it_concerns_is_told_once_in_their_language_those_who_come_later_too() {
    let shop = Shop::open().await;
    shop.awaits("zh1", "顺丰", "k1").await;
    shop.awaits("zh1", "顺丰", "k2").await;
    shop.awaits("en1", "顺丰", "k3").await;
    shop.awaits("en2", "圆通", "k4").await;
    let seen = shop.by(Role::Supervisor, "POST", &format!("{INCIDENTS}/preview"));
    let seen = seen.json(&json!({"affects": {"courier": ["顺丰"]}})).await;
    assert_eq!(seen.json(), json!({"orders": 3, "customers": 2, "unreachable": 0, "at_least": false}));
    assert_eq!(shop.warned(), BTreeMap::new(), "a preview tells nobody");

    let incident = shop.declare(&late("顺丰")).await;
    assert_eq!(shop.warned(), counted(["zh1", "en1"]));
    shop.awaits("en3", "顺丰", "k5").await;
    shop.awaits("zh1", "顺丰", "k6").await;
    assert_eq!(shop.warned(), counted(["zh1", "en1", "en3"]));
    let Content::Mail(mail, Some(_)) = shop.warning("zh1").content else { panic!("no mail that can be ended") };
    assert!(mail.subject == "部分包裹延误" && mail.text.contains("因暴雨"), "{mail:?}");
    let Content::Mail(mail, _) = shop.warning("en3").content else { panic!("no mail") };
    assert!(mail.subject == "Some parcels are late" && mail.text.contains("/t/"), "{mail:?}");
    assert_eq!(shop.admin("GET", &incident).await.json()["spreading"], false);
    let told = shop.admin("GET", &format!("{incident}/deliveries?state=delivered")).await.json();
    assert_eq!(told["items"].as_array().unwrap().len(), 3);

    let closed = shop.by(Role::Supervisor, "POST", &format!("{incident}/close")).await;
    assert_eq!((closed.status, &closed.json()["state"]), (200, &json!("closed")));
    let again = shop.by(Role::Supervisor, "POST", &format!("{incident}/close")).await;
    assert_eq!((again.status, &again.json()["closed_at"]), (200, &closed.json()["closed_at"]));
    shop.awaits("en4", "顺丰", "k7").await;
    assert_eq!(shop.warned().len(), 3, "nobody is told of what is over");
    let open = shop.by(Role::Agent, "GET", &format!("{INCIDENTS}?state=open")).await.json();
    assert_eq!(open["items"], json!([]));
}

#[tokio::test]
async fn a_preview_looks_at_no_more_than_somebody_can_wait_for() {
    let shop = Shop::open().await;
    shop.awaits("en1", "顺丰", "k1").await;
    let order = shop.memory.store().snapshot().into_iter().find(|record| record.key.sort == "order").unwrap();
    for number in 0..1_200 {
        let mut copy = Record { version: 1, due_at: None, ..order.clone() };
        copy.key.partition += &number.to_string();
        copy.place.as_mut().unwrap().rank += &number.to_string();
        shop.memory.world().store.commit(&[Write::Put(copy)]).await.unwrap();
    }
    let before = shop.memory.store().meter();
    let seen = shop.by(Role::Supervisor, "POST", &format!("{INCIDENTS}/preview"));
    let seen = seen.json(&json!({"affects": {"courier": ["顺丰"]}})).await;
    assert_eq!(seen.json(), json!({"orders": 1_000, "customers": 1, "unreachable": 0, "at_least": true}));
    let read = shop.memory.store().meter().since(before).documents;
    assert!(read < 1_100, "{read} documents");
}

#[tokio::test]
async fn whatever_dies_each_is_told_once() {
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = Shop::open().await;
            for (number, customer) in ["zh1", "en1", "zh1", "en2"].into_iter().enumerate() {
                shop.awaits(customer, "顺丰", &format!("k{number}")).await;
            }
            let declared =
                || shop.by(Role::Admin, "POST", INCIDENTS).header("idempotency-key", "i").json(&late("顺丰"));
            shop.memory.faults().arm(call, crash);
            if declared().await.status != 201 {
                assert_eq!(declared().await.status, 201);
            }
            shop.memory.settle().await;
            let died = shop.memory.faults().disarm();
            for _ in 0..3 {
                shop.memory.advance(SignedDuration::from_mins(2));
                shop.memory.sweep().await.unwrap();
                shop.memory.settle().await;
            }
            // A letter whose answer was lost goes out again, under its one id.
            let ids: std::collections::BTreeSet<_> = shop
                .memory
                .outside()
                .sent()
                .into_iter()
                .filter(|one| one.template == "incident")
                .map(|one| one.id)
                .collect();
            assert_eq!((ids.len(), shop.warned().len()), (3, 3), "{crash:?} at call {call}");
            if !died {
                assert!(call > 20, "only {call} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn whoever_was_to_be_told_in_the_morning_is_not_told_of_what_is_over_by_then() {
    let shop = Shop::open().await;
    shop.awaits("zh1", "顺丰", "k1").await;
    let busy = Answer { outcome: Outcome::Refused, status: None, took_ms: 1, not_before: None };
    shop.memory.outside().answer(busy);
    let incident = shop.declare(&late("顺丰")).await;
    assert_eq!(shop.warned(), counted(["zh1"]), "it was tried, and not taken");
    shop.by(Role::Supervisor, "POST", &format!("{incident}/close")).await;
    shop.memory.advance(SignedDuration::from_mins(10));
    shop.memory.sweep().await.unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.warned(), counted(["zh1"]));
    let told = shop.admin("GET", &format!("{incident}/deliveries")).await.json();
    assert_eq!(
        (&told["items"][0]["state"], &told["items"][0]["why"]),
        (&json!("suppressed"), &json!("incident_closed"))
    );
}

#[tokio::test]
async fn who_does_not_wish_to_be_told_is_not_and_the_reason_is_kept() {
    let shop = Shop::open().await;
    shop.awaits("en1", "顺丰", "k1").await;
    let path = "/v1/customers/en1/preferences";
    let muted = shop.admin("PUT", path).header("if-match", "*").json(&json!({"muted": ["progress"]})).await;
    assert_eq!(muted.status, 200, "{}", muted.text);
    let incident = shop.declare(&late("顺丰")).await;
    assert_eq!(shop.warned(), BTreeMap::new());
    let told = shop.admin("GET", &format!("{incident}/deliveries")).await.json();
    assert_eq!(told["items"][0]["why"], "opted_out");
}

#[tokio::test]
async fn an_incident_for_everybody_or_for_nobody_in_particular_is_refused() {
    let shop = Shop::open().await;
    let with = |affects: Value| json!({"title": late("")["title"], "text": late("")["text"], "affects": affects});
    for (affects, pointer) in [
        (json!({}), "/affects"),
        (json!({"courier": []}), "/affects/courier"),
        (json!({"courier": [" "]}), "/affects/courier/0"),
        (json!({"category": ["weather"]}), "/affects/category/0"),
        (json!({"customer": ["c1"]}), "/affects/customer"),
        (json!({"lot": ["a", "a"]}), "/affects/lot/1"),
    ] {
        let answer = shop.by(Role::Supervisor, "POST", INCIDENTS).json(&with(affects.clone())).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer.to_owned()]), "{affects}");
    }
    let chinese = json!({"title": {"zh": "延误"}, "text": {"zh": "晚到", "en": ""}, "affects": {"lot": ["a"]}});
    let answer = shop.by(Role::Supervisor, "POST", INCIDENTS).json(&chinese).await;
    assert_eq!(answer.pointers(), ["/text/en", "/title/en"]);
    for number in 0..20 {
        shop.declare(&late(&number.to_string())).await;
    }
    let more = shop.by(Role::Supervisor, "POST", INCIDENTS).json(&late("20")).await;
    assert_eq!((more.status, more.code().as_str()), (409, "too_many"));
}
