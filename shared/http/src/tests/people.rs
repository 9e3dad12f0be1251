//! Teams and agents: listed, read, written by admins; whether an agent is there, by the agent too.

mod removal;
mod waiting;

use super::policies::{with, without};
use super::{Shop, key};
use redress_service::auth::Role;
use serde_json::{Value, json};

pub(super) const TEAMS: &str = "/v1/teams";
pub(super) const AGENTS: &str = "/v1/agents";

/// A team as an admin writes it.
pub(super) fn returns() -> Value {
    json!({
        "id": "tm_returns", "name": "退换货 / Returns", "categories": ["after_sales", "logistics"], "fallback": false,
        "lead": "ag_mei", "calendar": "office", "overflow": [],
    })
}

/// An agent as an admin writes one.
pub(super) fn wei() -> Value {
    json!({
        "id": "ag_wei", "name": "魏大勇 / Wei", "teams": ["tm_care"], "languages": ["zh", "en"],
        "skills": {"after_sales": 5, "logistics": 1}, "capacity": 8, "daily_cap": 40, "shift": "office", "status": "away",
    })
}

/// Where a kind is kept, and one of it.
type Kind = (&'static str, fn() -> Value);

const KINDS: [Kind; 2] = [(TEAMS, returns), (AGENTS, wei)];

fn path(list: &str, body: &Value) -> String {
    format!("{list}/{}", body["id"].as_str().unwrap())
}

#[tokio::test]
async fn what_is_made_comes_back_as_it_was_written() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        let made = shop.publish(list, &body()).await;
        let expected = with(body(), json!({"version": 1}));
        assert_eq!((made.json(), made.header("etag")), (expected.clone(), "\"1\""));
        assert_eq!(made.header("location"), format!("https://care.example.com{}", path(list, &body())));
        for role in [Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor] {
            let shown = shop.by(role, "GET", &path(list, &body())).await;
            assert_eq!((shown.status, shown.json(), shown.header("etag")), (200, expected.clone(), "\"1\""));
        }
        let same = shop.admin("GET", &path(list, &body())).header("if-none-match", "\"1\"").await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));
        let taken = shop.admin("POST", list).json(&body()).await;
        assert_eq!((taken.status, taken.code().as_str()), (409, "exists"));
    }
}

#[tokio::test]
async fn what_nobody_says_is_as_usual_and_the_id_is_ours() {
    let shop = Shop::open().await;
    let team = shop.publish(TEAMS, &json!({"name": "夜班"})).await.json();
    let expected = json!({"name": "夜班", "version": 1, "categories": [], "fallback": false, "lead": null, "calendar": null,
            "overflow": []});
    assert_eq!(without(team.clone(), &["id"]), expected);
    assert!(team["id"].as_str().unwrap().starts_with("tm_"));
    let agent = json!({"name": "小李", "teams": [], "languages": ["zh"], "capacity": 0});
    let shown = shop.publish(AGENTS, &agent).await.json();
    let usual = json!({"version": 1, "skills": {}, "daily_cap": null, "shift": null, "status": "offline"});
    assert_eq!(without(shown.clone(), &["id"]), with(agent.clone(), usual));
    assert!(shown["id"].as_str().unwrap().starts_with("ag_"));
    let other = shop.publish(AGENTS, &agent).await.json();
    assert_ne!(other["id"], shown["id"]);
}

#[tokio::test]
async fn the_same_request_again_makes_one() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        let body = without(body(), &["id"]);
        let ask = |body: Value| shop.admin("POST", list).header("idempotency-key", "k").json(&body).into_future();
        let (first, again) = (ask(body.clone()).await, ask(body.clone()).await);
        assert_eq!((first.status, &first.text), (201, &again.text));
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(again.header("location"), first.header("location"));
        let other = ask(with(body, json!({"name": "别的"}))).await;
        assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    }
}

#[tokio::test]
async fn a_new_version_needs_the_one_that_was_read() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        let (path, new) = (path(list, &body()), with(without(body(), &["id"]), json!({"name": "新名字 / New"})));
        shop.publish(list, &body()).await;
        let blind = shop.admin("PUT", &path).json(&new).await;
        assert_eq!((blind.status, blind.code().as_str()), (428, "precondition_required"));
        let put = |tag: &'static str| shop.admin("PUT", &path).header("if-match", tag).json(&new);
        let (changed, stale) = (put("\"1\"").await, put("\"1\"").await);
        assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.text);
        assert_eq!(changed.json(), with(new.clone(), json!({"id": body()["id"], "version": 2})));
        assert_eq!((stale.status, stale.code().as_str()), (412, "precondition_failed"));
        assert_eq!(shop.admin("GET", &path).await.json(), changed.json());
        let none = shop.admin("PUT", &format!("{list}/nobody")).header("if-match", "*").json(&new).await;
        assert_eq!((none.status, none.code().as_str()), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_new_version_that_says_nothing_of_it_leaves_an_agent_where_they_are() {
    let shop = Shop::open().await;
    shop.publish(AGENTS, &wei()).await;
    let replaced = shop.replace("/v1/agents/ag_wei", &without(wei(), &["id", "status"])).await.json();
    assert_eq!(replaced["status"], "away");
    let replaced =
        shop.replace("/v1/agents/ag_wei", &without(with(wei(), json!({"status": "offline"})), &["id"])).await;
    assert_eq!(replaced.json()["status"], "offline");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let shop = Shop::open().await;
    for (list, old, body, pointers) in [
        (
            TEAMS,
            "tm_care",
            json!({
                "name": "\u{3164}", "categories": ["logistics", "物流", 1], "fallback": "yes", "lead": "tm_a",
                "calendar": "Büro", "version": 3, "colour": "红",
            }),
            &["/calendar", "/categories/1", "/categories/2", "/colour", "/fallback", "/lead", "/name", "/version"][..],
        ),
        (TEAMS, "tm_care", json!({}), &["/name"]),
        (
            TEAMS,
            "tm_care",
            json!({"name": "长".repeat(201), "categories": ["other", "other"]}),
            &["/categories/1", "/name"],
        ),
        (
            AGENTS,
            "ag_mei",
            json!({
                "name": "美\u{0}", "teams": ["tm_care", "ag_x"], "languages": ["zh", "other", "fr"],
                "skills": {"logistics": 6, "账户": 1, "account": 0, "order": "5"}, "capacity": 1.5, "shift": "",
                "status": "busy", "load": 1,
            }),
            &[
                "/capacity",
                "/languages/1",
                "/languages/2",
                "/load",
                "/name",
                "/shift",
                "/skills/account",
                "/skills/logistics",
                "/skills/order",
                "/skills/账户",
                "/status",
                "/teams/1",
            ],
        ),
        (AGENTS, "ag_mei", json!({}), &["/capacity", "/languages", "/name", "/teams"]),
        (AGENTS, "ag_mei", with(without(wei(), &["id"]), json!({"capacity": 10_001})), &["/capacity"]),
        (AGENTS, "ag_mei", with(without(wei(), &["id"]), json!({"teams": ["tm_care", "tm_care"]})), &["/teams/1"]),
        (TEAMS, "tm_care", json!({"name": "甲", "lead": "ag_none", "calendar": "none"}), &["/calendar", "/lead"]),
        (
            AGENTS,
            "ag_mei",
            with(without(wei(), &["id"]), json!({"teams": ["tm_care", "tm_none"], "shift": "none"})),
            &["/shift", "/teams/1"],
        ),
    ] {
        let before = shop.admin("GET", list).await.text;
        let (post, put) =
            (shop.admin("POST", list), shop.admin("PUT", &format!("{list}/{old}")).header("if-match", "*"));
        for asked in [post, put] {
            let answer = asked.json(&body).await;
            assert_eq!(
                (answer.status, answer.pointers()),
                (422, pointers.iter().map(|&p| p.to_owned()).collect()),
                "{body}"
            );
        }
        assert_eq!(shop.admin("GET", list).await.text, before);
    }
    for (list, id) in [(TEAMS, "ag_x"), (AGENTS, "tm_x"), (TEAMS, "tm_甲"), (AGENTS, "ag_")] {
        let body = with(if list == TEAMS { returns() } else { wei() }, json!({"id": id}));
        assert_eq!(shop.admin("POST", list).json(&body).await.pointers(), ["/id"]);
    }
    assert_eq!(shop.admin("GET", "/v1/teams?colour=red").await.pointers(), ["/colour"]);
    assert_eq!(shop.admin("GET", "/v1/agents?limit=0").await.pointers(), ["/limit"]);
}

#[tokio::test]
async fn a_list_is_read_page_by_page_in_the_order_of_ids() {
    let shop = Shop::open().await;
    for number in 0..5 {
        shop.publish(AGENTS, &with(wei(), json!({"id": format!("ag_x{number}")}))).await;
    }
    let (mut ids, mut address) = (Vec::new(), format!("{AGENTS}?limit=3"));
    loop {
        let page = shop.by(Role::Agent, "GET", &address).await.json();
        ids.extend(page["items"].as_array().unwrap().iter().map(|agent| agent["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        address = format!("{AGENTS}?limit=3&cursor={cursor}");
    }
    assert_eq!(ids, ["ag_li", "ag_mei", "ag_x0", "ag_x1", "ag_x2", "ag_x3", "ag_x4"]);
    let exact = shop.admin("GET", &format!("{TEAMS}?limit=1")).await.json();
    assert_eq!((exact["items"][0]["id"].as_str(), &exact["next_cursor"]), (Some("tm_care"), &Value::Null));
}

#[tokio::test]
async fn another_shop_sees_none_of_it() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        shop.publish(list, &body()).await;
        let neighbour = |method: &str, path: &str| shop.ask(method, path).key(&key("tn_b", Role::Admin));
        for method in ["GET", "PUT", "DELETE"] {
            let ask = |path: String| {
                let asked = neighbour(method, &path).header("if-match", "*");
                asked.json(&without(body(), &["id"])).into_future()
            };
            let (theirs, nobodys) = (ask(path(list, &body())).await, ask(format!("{}_", path(list, &body()))).await);
            assert_eq!((theirs.status, theirs.anonymous()), (404, nobodys.anonymous()), "{method} {list}");
        }
        assert!(!neighbour("GET", list).await.text.contains(body()["id"].as_str().unwrap()));
        let theirs = with(body(), json!({"lead": null}));
        let theirs = if list == TEAMS { theirs } else { body() };
        assert_eq!(neighbour("POST", list).json(&theirs).await.status, 201, "the same id is free there");
    }
}

#[tokio::test]
async fn an_agent_says_for_themselves_alone_whether_they_are_there() {
    let shop = Shop::open().await;
    let say = |role: Role, who: &str, status: &str| {
        let asked = shop.by(role, "PUT", &format!("/v1/agents/{who}/status"));
        asked.json(&json!({ "status": status }))
    };
    let away = say(Role::Agent, "ag_mei", "away").await;
    assert_eq!((away.status, away.header("etag"), away.json()["status"].as_str()), (200, "\"2\"", Some("away")));
    let again = say(Role::Agent, "ag_mei", "away").await;
    assert_eq!((again.status, again.header("etag")), (200, "\"2\""), "to say it again changes nothing");
    for who in ["ag_li", "ag_none"] {
        assert_eq!(say(Role::Agent, who, "online").await.code(), "forbidden", "{who}");
    }
    for role in [Role::Supervisor, Role::Admin] {
        assert_eq!(say(role, "ag_li", "online").await.status, 200);
        assert_eq!(say(role, "ag_none", "online").await.code(), "not_found");
    }
    assert_eq!(say(Role::Auditor, "ag_li", "away").await.code(), "forbidden");
    assert_eq!(say(Role::Agent, "ag_mei", "忙").await.pointers(), ["/status"]);
    let stale = say(Role::Agent, "ag_mei", "online").header("if-match", "\"1\"").await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "precondition_failed"));
    for (method, path) in
        [("PUT", "/v1/agents/ag_mei"), ("DELETE", "/v1/agents/ag_mei"), ("POST", AGENTS), ("POST", TEAMS)]
    {
        assert_eq!(shop.by(Role::Agent, method, path).json(&wei()).await.code(), "forbidden", "{method} {path}");
        assert_eq!(shop.by(Role::Supervisor, method, path).json(&wei()).await.code(), "forbidden", "{method} {path}");
    }
}

#[tokio::test]
async fn who_would_help_out_in_a_circle_is_refused() {
    let shop = Shop::open().await;
    shop.publish(TEAMS, &json!({"id": "tm_a", "name": "甲", "overflow": ["tm_care"]})).await;
    let made = shop.publish(TEAMS, &json!({"id": "tm_b", "name": "乙", "overflow": ["tm_a"]})).await.json();
    assert_eq!(made["overflow"], json!(["tm_a"]));
    for overflow in [json!(["tm_b"]), json!(["tm_a"]), json!(["tm_none"])] {
        let body = json!({"name": "甲", "overflow": overflow});
        let refused = shop.admin("PUT", &format!("{TEAMS}/tm_a")).header("if-match", "*").json(&body).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec!["/overflow/0".to_owned()]), "{body}");
    }
    let gone = shop.admin("DELETE", &format!("{TEAMS}/tm_a")).await;
    assert_eq!((gone.status, gone.code().as_str()), (409, "in_use"), "it helps out another");
}
