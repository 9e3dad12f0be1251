//! What was promised stays, until somebody who may says otherwise, and says why.

use super::super::Shop;
use super::super::policies::{CALENDARS, POLICIES, without};
use super::{clock, stand};
use redress_service::auth::Role;
use serde_json::{Value, json};

const SHORTER: [(&str, i64); 3] = [("first_response", 3600), ("next_response", 3600), ("resolution", 7200)];

/// Shorter promises for everything, and longer hours in the office.
async fn publish_anew(shop: &Shop) {
    let targets: serde_json::Map<_, _> = SHORTER
        .map(|(metric, s)| (metric.to_owned(), json!({"P1": s, "P2": s, "P3": s, "P4": s})))
        .into_iter()
        .collect();
    shop.replace(&format!("{POLICIES}/everything"), &json!({ "targets": targets })).await;
    let office = format!("{CALENDARS}/office");
    let mut hours = without(shop.admin("GET", &office).await.json(), &["id", "version"]);
    hours["hours"]["wed"] = json!([["09:00", "22:00"]]);
    shop.replace(&office, &hours).await;
}

async fn reapply(shop: &Shop, order: &str, reason: &str) -> super::Answered {
    shop.by(Role::Supervisor, "POST", &format!("{order}/sla/reapply")).json(&json!({ "reason": reason })).await
}

async fn annul(shop: &Shop, order: &str, body: &Value) -> super::Answered {
    shop.by(Role::Supervisor, "POST", &format!("{order}/sla/annulments")).json(body).await
}

#[tokio::test]
async fn publishing_touches_no_live_order() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (before, proof) = (shop.by(Role::Agent, "GET", &order).await.text, format!("{order}/sla/proof"));
    let proved = shop.by(Role::Agent, "GET", &proof).await.text;
    publish_anew(&shop).await;
    publish_anew(&shop).await;
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.text, before);
    assert_eq!(shop.by(Role::Agent, "GET", &proof).await.text, proved);
    shop.passes(120).await;
    let shown = shop.patch(&order, &json!({"priority": "P3"})).await.json();
    assert_eq!(
        (&shown["policy"], clock(&shown, "resolution")["target_seconds"].clone()),
        (&json!("everything@1"), json!(57600))
    );
    assert_eq!(clock(&shown, "resolution")["due_at"], "2026-03-06T04:00:00Z", "by the hours of then");

    let id = shop.said("请问怎么开发票 / an invoice, please", "later").await;
    shop.memory.settle().await;
    let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
    let newer = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    let newer = shop.by(Role::Agent, "GET", &format!("{newer}/sla/proof")).await.json();
    let versions = |clock: &Value| (clock["policy_version"].clone(), clock["calendar_version"].clone());
    assert_eq!(
        versions(&newer["clocks"][0]),
        (json!("everything@3"), json!("office@3")),
        "what is new is for new orders"
    );
}

#[tokio::test]
async fn what_is_in_force_is_applied_when_asked_and_the_reason_is_kept() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    publish_anew(&shop).await;
    let known = shop.facts(&order, 0).await.len();
    let applied = reapply(&shop, &order, "新合同 / new contract").await;
    assert_eq!((applied.status, &applied.json()["policy"]), (200, &json!("everything@2")), "{}", applied.text);
    let shown = applied.json();
    assert_eq!(applied.header("etag"), format!("\"{}\"", shown["version"]));
    assert_eq!(stand(&shown, "first_response"), json!(["running", 3600, 0, "2026-03-04T05:00:00Z"]));
    assert_eq!(stand(&shown, "resolution"), json!(["running", 7200, 0, "2026-03-04T06:00:00Z"]));
    let facts = shop.facts(&order, known).await;
    assert_eq!(facts.len(), 1, "{facts:?}");
    let fact = &facts[0];
    assert_eq!(
        (&fact["type"], &fact["why"], &fact["reason"], &fact["actor"]["kind"]),
        (&json!("sla_applied"), &json!("reapply"), &json!("新合同 / new contract"), &json!("api_key"))
    );
    assert_eq!(fact["agreement"]["policy"], json!({"id": "everything", "version": 2}));
    let again = reapply(&shop, &order, "再来 / again").await;
    assert_eq!((again.status, &again.json()["clocks"]), (200, &applied.json()["clocks"]), "nothing is different");
    assert_eq!(shop.facts(&order, known).await.len(), 2, "and that it was asked for is on record");

    for (body, pointers) in [
        (json!({}), vec!["/reason"]),
        (json!({"reason": "\u{3000}\u{2060}"}), vec!["/reason"]),
        (json!({"reason": "长".repeat(2001), "policy": "vip"}), vec!["/policy", "/reason"]),
        (json!([]), vec![""]),
    ] {
        let answer = shop.by(Role::Admin, "POST", &format!("{order}/sla/reapply")).json(&body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_is_applied_counts_what_was_consumed_and_is_done_once_under_one_key() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.passes(150).await;
    publish_anew(&shop).await;
    let keyed = |reason: &str| {
        let asking = shop.by(Role::Admin, "POST", &format!("{order}/sla/reapply"));
        asking.header("idempotency-key", "r").json(&json!({ "reason": reason }))
    };
    let (first, again) = (keyed("一 / one").await, keyed("一 / one").await);
    assert_eq!((first.status, &first.text, again.header("idempotency-replayed")), (200, &again.text, "true"));
    assert_eq!(keyed("二 / two").await.code(), "idempotency_key_reused");
    let shown = first.json();
    assert_eq!(stand(&shown, "resolution"), json!(["running", 7200, 5400, "2026-03-04T07:00:00Z"]));
    let proof = shop.by(Role::Agent, "GET", &format!("{order}/sla/proof")).await.json();
    let broken = clock(&proof, "first_response");
    assert_eq!((&broken["state"], &broken["breach"]["cause"]), (&json!("breached"), &json!("retarget")));
    assert_eq!(broken["breach"]["due_at"], "2026-03-04T06:30:00Z");
}

#[tokio::test]
async fn a_broken_promise_is_excused_and_stays_on_record() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.passes(8 * 60).await;
    let (known, before) = (shop.facts(&order, 0).await.len(), shop.by(Role::Agent, "GET", &order).await.json());
    assert_eq!(clock(&before, "first_response")["state"], "breached");
    let body = json!({"metric": "first_response", "cycle": 1, "reason": "台风停工 / a typhoon"});
    let annulled = annul(&shop, &order, &body).await;
    assert_eq!((annulled.status, &annulled.json()["clocks"]), (200, &before["clocks"]), "{}", annulled.text);
    let facts = shop.facts(&order, known).await;
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert_eq!(
        (&facts[0]["type"], &facts[0]["metric"], &facts[0]["cycle"], &facts[0]["reason"], &facts[0]["actor"]["kind"]),
        (
            &json!("breach_annulled"),
            &json!("first_response"),
            &json!(1),
            &json!("台风停工 / a typhoon"),
            &json!("api_key")
        )
    );
    let proof = shop.by(Role::Auditor, "GET", &format!("{order}/sla/proof")).await.json();
    let proved = clock(&proof, "first_response");
    assert_eq!((&proved["breached"], &proved["state"]), (&json!(true), &json!("breached")));
    assert_eq!(
        (&proved["breach"]["annulled"]["reason"], &proved["breach"]["cause"], &proved["breach"]["due_at"]),
        (&json!("台风停工 / a typhoon"), &json!("elapsed"), &json!("2026-03-04T09:00:00Z"))
    );
    for (metric, cycle, exchange, why) in [
        ("first_response", 1, 1, "it is excused already"),
        ("resolution", 1, 1, "it is not broken"),
        ("first_response", 2, 1, "there was no second cycle"),
        ("first_response", 1, 2, "there was no second exchange"),
        ("statutory:x", 1, 1, "there is no such clock"),
    ] {
        let body = json!({"metric": metric, "cycle": cycle, "exchange": exchange, "reason": "不算 / not counted"});
        let answer = annul(&shop, &order, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "nothing_broken"), "{why}: {}", answer.text);
    }
    assert_eq!(shop.facts(&order, known).await.len(), 1);
}

#[tokio::test]
async fn what_no_timer_has_seen_is_broken_all_the_same() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.memory.advance(jiff::SignedDuration::from_hours(8));
    let known = shop.facts(&order, 0).await.len();
    let shown = shop.by(Role::Agent, "GET", &order).await.json();
    assert_eq!(clock(&shown, "first_response")["state"], "breached");
    let annulled =
        annul(&shop, &order, &json!({"metric": "first_response", "cycle": 1, "reason": "停电 / no power"})).await;
    assert_eq!(annulled.status, 200, "{}", annulled.text);
    let facts = shop.facts(&order, known).await;
    let types: Vec<_> = facts.iter().map(|fact| fact["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["breached", "breach_annulled"]);
    assert_eq!(facts[0]["breach_cause"], "elapsed");
}

#[tokio::test]
async fn one_exchange_is_excused_and_not_the_next() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let say = |direction: &str| {
        let path = format!("{order}/messages");
        shop.by(Role::Agent, "POST", &path).json(&json!({"direction": direction, "body": "你好 / hello"}))
    };
    say("outbound").await;
    for _ in 0..2 {
        say("inbound").await;
        shop.passes(24 * 60).await;
        say("outbound").await;
    }
    let body = json!({"metric": "next_response", "cycle": 1, "exchange": 2, "reason": "系统故障 / outage"});
    assert_eq!(annul(&shop, &order, &body).await.status, 200);
    assert_eq!(annul(&shop, &order, &body).await.status, 409);
    let proof = shop.by(Role::Auditor, "GET", &format!("{order}/sla/proof")).await.json();
    let clocks = proof["clocks"].as_array().unwrap();
    let excuses: Vec<_> = clocks
        .iter()
        .filter(|clock| clock["metric"] == "next_response")
        .map(|clock| &clock["breach"]["annulled"]["reason"])
        .collect();
    assert_eq!(excuses, [&Value::Null, &json!("系统故障 / outage")]);
    let first = without(body, &["exchange"]);
    assert_eq!(annul(&shop, &order, &first).await.status, 200, "the first is meant where none is named");
}

#[tokio::test]
async fn an_excuse_is_refused_where_it_is_wrong() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for (body, pointers) in [
        (json!({}), vec!["/cycle", "/metric", "/reason"]),
        (
            json!({"metric": "运气 / luck", "cycle": 0, "exchange": "1", "reason": "", "approver": "me"}),
            vec!["/approver", "/cycle", "/exchange", "/metric", "/reason"],
        ),
        (json!({"metric": "resolution", "cycle": 1.5, "reason": "长".repeat(2001)}), vec!["/cycle", "/reason"]),
        (json!("resolution"), vec![""]),
    ] {
        let answer = annul(&shop, &order, &body).await;
        assert_eq!(
            (answer.status, answer.pointers()),
            (422, pointers.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_is_in_force_is_applied_to_every_open_order_page_by_page_and_once() {
    let shop = Shop::open().await;
    let mut orders = Vec::new();
    for number in 0..5 {
        let id = shop.said("请问怎么开发票 / an invoice, please", &format!("open-{number}")).await;
        shop.memory.settle().await;
        let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{id}")).await.json();
        orders.push(feedback["work_order_id"].as_str().unwrap().to_owned());
    }
    publish_anew(&shop).await;
    let (path, body) = (format!("{POLICIES}/reapply"), json!({"reason": "新合同 / new contract"}));
    for changes in [true, false] {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = shop.by(Role::Admin, "POST", &format!("{path}?limit=2{next}")).json(&body).await;
            assert_eq!(page.status, 200, "{}", page.text);
            for item in page.json()["items"].as_array().unwrap() {
                assert_eq!(item["changed"], changes, "{item}");
                seen.push(item["work_order"].as_str().unwrap().to_owned());
            }
            match page.json()["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), orders.len());
    }
    for order in &orders {
        let shown = shop.by(Role::Agent, "GET", &format!("/v1/work-orders/{order}")).await.json();
        assert_eq!(shown["policy"], "everything@2");
    }
    let asked = || shop.by(Role::Supervisor, "POST", &path).header("idempotency-key", "re-1").json(&body);
    let (first, again) = (asked().await, asked().await);
    assert_eq!((again.status, &again.text, again.header("idempotency-replayed")), (200, &first.text, "true"));
    assert_eq!(shop.by(Role::Agent, "POST", &path).json(&body).await.status, 403);
}
