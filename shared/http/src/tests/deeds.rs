//! What people do with orders besides working on them.

mod assignments;
mod children;
mod effort;
mod fields;
mod merging;
mod watchers;

use super::{Answered, Shop, agent, key};
use redress_domain::id::TenantId;
use redress_domain::routing::Agent;
use redress_service::auth::Role;
use redress_service::publish;
use serde_json::{Value, json};

impl Shop {
    /// A request of a supervisor about an order.
    async fn deed(&self, order: &str, deed: &str, body: &Value) -> Answered {
        let done = self.by(Role::Supervisor, "POST", &format!("{order}/{deed}")).json(body).await;
        self.memory.settle().await;
        done
    }

    async fn shown(&self, path: &str) -> Value {
        self.by(Role::Supervisor, "GET", path).await.json()
    }

    /// Adds an agent who can carry so much, of this team.
    async fn hire(&self, name: &str, team: &str, capacity: u32) {
        let base: Agent = agent(&format!("ag_{name}"), "online");
        let teams = serde_json::from_value(json!([team])).unwrap();
        let tenant = TenantId::parse("tn_a").unwrap();
        let write = publish::agent(&tenant, &Agent { capacity, teams, ..base });
        self.memory.world().store.commit(&[write]).await.unwrap();
    }

    /// Adds a team that counts its time around the clock.
    async fn found(&self, name: &str) {
        let team = json!({"id": format!("tm_{name}"), "name": "技术", "categories": [], "calendar": "always"});
        let write = publish::team(&TenantId::parse("tn_a").unwrap(), &serde_json::from_value(team).unwrap());
        self.memory.world().store.commit(&[write]).await.unwrap();
    }

    /// What an agent carries.
    fn carries(&self, agent: &str) -> u64 {
        let partition = format!("tn_a#load#{agent}");
        let records = self.memory.store().snapshot();
        let load = records.iter().find(|record| record.key.partition == partition);
        load.map_or(0, |record| record.body["points"].as_u64().unwrap())
    }

    /// Who was told what, of one kind.
    fn told(&self, template: &str) -> Vec<String> {
        let notices = self.memory.notices().into_iter().filter(|notice| notice.template == template);
        notices.map(|notice| notice.to.to_string()).collect()
    }
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_deed_on_an_order_that_is_not_there_is_404_before_anything_else() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (ours, theirs) = (key("tn_a", Role::Admin), key("tn_b", Role::Admin));
    let deeds = ["assignments", "merge", "children", "watchers", "effort"];
    for deed in deeds {
        for (path, key) in
            [(format!("/v1/work-orders/wo_none/{deed}?x=1"), &ours), (format!("{order}/{deed}?x=1"), &theirs)]
        {
            for body in ["{", "{}", r#"{"agent":"ag_mei"}"#] {
                let answer = shop.ask("POST", &path).key(key).text(body).await;
                assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path} {body}");
            }
        }
    }
    for path in [format!("{order}/watchers/ag_mei"), "/v1/work-orders/wo_none/watchers/nobody?x=1".to_owned()] {
        assert_eq!(shop.ask("DELETE", &path).key(&theirs).await.code(), "not_found", "{path}");
    }
}

#[tokio::test]
async fn a_deed_by_who_has_read_an_older_version_is_412_and_changes_nothing() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    let before = shop.by(Role::Agent, "GET", &order).await.text;
    for (deed, body) in [
        ("assignments", json!({"agent": "ag_li"})),
        ("merge", json!({"into": name(&other)})),
        ("children", json!({"category": "account", "summary": "退款 refund", "mandatory": true})),
        ("watchers", json!({"agent": "ag_li"})),
        (
            "effort",
            json!({"agent": "ag_li", "kind": "talk", "started_at": "2026-03-04T03:00:00Z", "ended_at": "2026-03-04T03:01:00Z"}),
        ),
    ] {
        for tag in ["\"0\"", "W/\"1\"", "x"] {
            let answer =
                shop.by(Role::Supervisor, "POST", &format!("{order}/{deed}")).header("if-match", tag).json(&body).await;
            assert_eq!((answer.status, answer.code().as_str()), (412, "precondition_failed"), "{deed} {tag}");
        }
    }
    let answer =
        shop.by(Role::Supervisor, "DELETE", &format!("{order}/watchers/ag_li")).header("if-match", "\"0\"").await;
    assert_eq!(answer.status, 412);
    assert_eq!(shop.by(Role::Agent, "GET", &order).await.text, before);
    assert_eq!(shop.shown(&format!("{order}/effort")).await["items"], json!([]));
}

#[tokio::test]
async fn a_deed_is_done_once_under_one_key() {
    let shop = Shop::open().await;
    let (order, other) = (shop.order().await, shop.another_order().await);
    for (deed, body, another) in [
        ("watchers", json!({"agent": "ag_li"}), json!({"agent": "ag_mei"})),
        (
            "effort",
            json!({"agent": "ag_li", "kind": "talk", "started_at": "2026-03-04T03:00:00Z", "ended_at": "2026-03-04T03:01:00Z"}),
            json!({"agent": "ag_li", "kind": "other", "started_at": "2026-03-04T03:00:00Z", "ended_at": "2026-03-04T03:01:00Z"}),
        ),
        (
            "children",
            json!({"category": "account", "summary": "退款 refund", "mandatory": false}),
            json!({"category": "account", "summary": "退货 return", "mandatory": false}),
        ),
        ("assignments", json!({"agent": "ag_li"}), json!({"agent": "ag_mei"})),
        ("merge", json!({"into": name(&other)}), json!({"into": name(&other), "reason": "另一个"})),
    ] {
        let ask = |body: &Value| {
            shop.by(Role::Supervisor, "POST", &format!("{order}/{deed}")).header("idempotency-key", "k").json(body)
        };
        let (first, again) = (ask(&body).await, ask(&body).await);
        assert!(first.status < 300, "{deed} {}", first.text);
        assert_eq!(
            (first.status, &first.text, again.header("idempotency-replayed")),
            (again.status, &again.text, "true"),
            "{deed}"
        );
        assert_eq!(
            (first.header("etag"), first.header("location")),
            (again.header("etag"), again.header("location")),
            "{deed}"
        );
        assert_eq!(ask(&another).await.code(), "idempotency_key_reused", "{deed}");
    }
    assert_eq!(shop.shown(&format!("{order}/children")).await["items"].as_array().unwrap().len(), 1);
}
