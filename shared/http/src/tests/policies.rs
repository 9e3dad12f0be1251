//! Calendars and SLA policies: listed, read, published and replaced, and never seen by another shop.

mod faults;
mod previews;
mod removal;
mod roles;

use super::{Answered, Asking, Shop, key};
use redress_service::auth::Role;
use serde_json::{Value, json};

pub(super) const CALENDARS: &str = "/v1/calendars";
pub(super) const POLICIES: &str = "/v1/sla-policies";

/// A calendar as a manager writes it.
pub(super) fn shifts() -> Value {
    json!({
        "id": "shifts", "name": "早晚两班 / Two shifts", "time_zone": "Asia/Shanghai",
        "hours": {"mon": [["08:00", "12:00"], ["14:00", "22:00"]], "sat": [["10:00", "16:00"]]},
        "holidays": ["2026-10-01"], "breaks": [{"date": "2026-11-23", "from": "14:00", "to": "15:00"}],
        "overrides": {"2026-10-10": [["09:00", "18:00"]]},
    })
}

/// A policy as a manager writes it.
pub(super) fn vip() -> Value {
    json!({
        "id": "vip", "name": "贵宾 / VIP", "when": {"tier": ["vip"]}, "calendar": "always",
        "targets": {
            "first_response": {"P1": 60, "P2": 120, "P3": 180, "P4": 240},
            "resolution": {"calendar": "office", "P1": 3600, "P2": 7200, "P3": 10800, "P4": 14400},
            "statutory:seven_days": {"days": 7},
        },
        "levels": [{"name": "soon", "anchor": {"before": 30}, "audience": "agent"}],
    })
}

/// The same without its fields of those names.
pub(super) fn without(mut body: Value, names: &[&str]) -> Value {
    let fields = body.as_object_mut().unwrap();
    names.iter().for_each(|name| drop(fields.remove(*name)));
    body
}

/// The same with other values.
pub(super) fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

impl Shop {
    pub(super) fn admin(&self, method: &str, path: &str) -> Asking<'_> {
        self.by(Role::Admin, method, path)
    }

    fn neighbour(&self, method: &str, path: &str) -> Asking<'_> {
        self.ask(method, path).key(&key("tn_b", Role::Admin))
    }

    /// Publishes something new.
    pub(super) async fn publish(&self, list: &str, body: &Value) -> Answered {
        let answer = self.admin("POST", list).json(body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer
    }

    /// Publishes another version of what is there.
    pub(super) async fn replace(&self, path: &str, body: &Value) -> Answered {
        let answer = self.admin("PUT", path).header("if-match", "*").json(body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    async fn listed(&self, list: &str) -> Vec<String> {
        let page = self.by(Role::Auditor, "GET", list).await.json();
        let named = |item: &Value| format!("{}@{}", item["id"].as_str().unwrap(), item["version"]);
        page["items"].as_array().unwrap().iter().map(named).collect()
    }
}

#[tokio::test]
async fn the_shipped_ones_are_listed_in_their_order() {
    let shop = Shop::open().await;
    assert_eq!(shop.listed(CALENDARS).await, ["always@1", "office@1"]);
    assert_eq!(shop.listed(POLICIES).await, ["live_channels@1", "complaints@1", "everything@1"]);
    let policies = shop.by(Role::Supervisor, "GET", POLICIES).await.json();
    assert_eq!((&policies["next_cursor"], &policies["items"][2]["position"]), (&Value::Null, &json!(3)));
    let calendars = shop.by(Role::Supervisor, "GET", CALENDARS).await.json();
    assert_eq!(calendars["items"][0]["hours"]["sun"], json!([["00:00", "24:00"]]), "the word 24x7 written out");

    shop.publish(CALENDARS, &shifts()).await;
    shop.publish(POLICIES, &vip()).await;
    shop.replace(&format!("{POLICIES}/vip"), &without(vip(), &["id"])).await;
    assert_eq!(shop.listed(CALENDARS).await, ["always@1", "office@1", "shifts@1"]);
    assert_eq!(
        shop.listed(POLICIES).await,
        ["live_channels@1", "complaints@1", "vip@2", "everything@1"],
        "what is new comes before the one that matches everything"
    );
    let named = |page: Value, at: usize| page["items"][at]["name"].as_str().unwrap().to_owned();
    assert_eq!(named(shop.admin("GET", CALENDARS).await.json(), 2), "早晚两班 / Two shifts");
    assert_eq!(named(shop.admin("GET", POLICIES).await.json(), 2), "贵宾 / VIP");
}

#[tokio::test]
async fn a_list_is_read_page_by_page_while_others_publish() {
    let shop = Shop::open().await;
    for (list, new, before) in [
        (CALENDARS, with(shifts(), json!({"id": "aaa"})), vec!["always@1", "office@1"]),
        (POLICIES, with(vip(), json!({"position": 1})), vec!["live_channels@1", "complaints@1", "everything@1"]),
    ] {
        let first = shop.admin("GET", &format!("{list}?limit=1")).await.json();
        assert_eq!(first["items"][0]["id"], before[0].trim_end_matches("@1"));
        shop.publish(list, &new).await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = shop.admin("GET", &format!("{list}?cursor={cursor}")).await.json();
        let rest: Vec<_> = rest["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        let expected: Vec<_> = before[1..].iter().map(|id| json!(id.trim_end_matches("@1"))).collect();
        assert_eq!(rest, expected, "each item that existed throughout exactly once");
    }
}

#[tokio::test]
async fn one_is_shown_with_its_version_as_its_tag() {
    let shop = Shop::open().await;
    shop.replace(&format!("{CALENDARS}/office"), &without(shifts(), &["id"])).await;
    for (path, tag) in [(format!("{CALENDARS}/office"), "\"2\""), (format!("{POLICIES}/complaints"), "\"1\"")] {
        let shown = shop.by(Role::Auditor, "GET", &path).await;
        assert_eq!((shown.status, shown.header("etag")), (200, tag), "{}", shown.text);
        assert_eq!(format!("\"{}\"", shown.json()["version"]), tag);
        for (asked, status) in [(tag, 304), ("*", 304), ("W/\"1\", W/\"2\"", 304), ("\"7\"", 200)] {
            let answer = shop.by(Role::Auditor, "GET", &path).header("if-none-match", asked).await;
            assert_eq!((answer.status, answer.header("etag")), (status, tag), "{path} {asked}");
            assert_eq!(answer.text.is_empty(), status == 304);
        }
        let head = shop.by(Role::Auditor, "HEAD", &path).await;
        assert_eq!((head.status, head.header("etag"), head.text.as_str()), (200, tag, ""));
        let asked = shop.admin("GET", &format!("{path}?version=1")).await;
        assert_eq!((asked.status, asked.pointers()), (422, vec!["/version".to_owned()]));
    }
}

#[tokio::test]
async fn what_is_anothers_is_as_if_it_were_not_there() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let path = format!("{list}/{}", body["id"].as_str().unwrap());
        assert_eq!(shop.neighbour("POST", list).json(&body).await.status, 201);
        assert_eq!(shop.neighbour("GET", &path).await.status, 200);
        let (new, nowhere) = (without(body.clone(), &["id"]), format!("{list}/no-such"));
        for method in ["GET", "PUT", "DELETE"] {
            let ask = |path: &str| shop.admin(method, path).header("if-match", "*").json(&new);
            let (theirs, none) = (ask(&path).await, ask(&nowhere).await);
            assert_eq!((theirs.status, theirs.code().as_str()), (404, "not_found"), "{method}");
            assert_eq!(theirs.anonymous(), none.anonymous(), "{method}");
        }
        let page = shop.admin("GET", list).await;
        assert!(!page.text.contains("早晚") && !page.text.contains("贵宾"), "{}", page.text);
        assert_eq!(shop.publish(list, &body).await.json()["version"], 1, "a name that is free here");
    }
    shop.replace(&format!("{CALENDARS}/office"), &without(shifts(), &["id"])).await;
    assert_eq!(shop.neighbour("GET", &format!("{CALENDARS}/office")).await.header("etag"), "\"1\"");
}

#[tokio::test]
async fn what_was_published_comes_back_as_it_was_written() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let path = format!("{list}/{}", body["id"].as_str().unwrap());
        let made = shop.publish(list, &body).await;
        assert_eq!(
            (made.header("location"), made.header("etag")),
            (&*format!("https://care.example.com{path}"), "\"1\"")
        );
        let shown = shop.by(Role::Supervisor, "GET", &path).await;
        assert_eq!((shown.json(), shown.header("etag")), (made.json(), "\"1\""));
        let mut shown = shown.json();
        assert_eq!(shown["version"], 1);
        // Levels say what is done by default; all else is as it was sent.
        if list == POLICIES {
            assert_eq!(shown["levels"][0]["actions"], json!(["notify"]));
            shown["levels"][0].as_object_mut().unwrap().remove("actions");
        }
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(shown[field], *value, "{field}");
        }
    }
    let shown = shop.admin("GET", &format!("{POLICIES}/vip")).await.json();
    assert_eq!((&shown["pauses"], &shown["position"]), (&json!({"pending_customer": ["resolution"]}), &json!(3)));
}

#[tokio::test]
async fn what_is_read_may_be_sent_back_with_its_change() {
    let shop = Shop::open().await;
    shop.publish(CALENDARS, &without(shifts(), &["name"])).await;
    for path in [
        format!("{CALENDARS}/shifts"),
        format!("{CALENDARS}/always"),
        format!("{POLICIES}/complaints"),
        format!("{POLICIES}/everything"),
    ] {
        let read = shop.admin("GET", &path).await;
        let body = without(read.json(), &["id", "version"]);
        let put = shop.admin("PUT", &path).header("if-match", read.header("etag")).json(&body).await;
        assert_eq!((put.status, put.header("etag")), (200, "\"2\""), "{path} {}", put.text);
        assert_eq!(without(put.json(), &["version"]), without(read.json(), &["version"]), "{path}");
    }
    assert_eq!(shop.listed(POLICIES).await, ["live_channels@1", "complaints@2", "everything@2"], "each in its place");
}

#[tokio::test]
async fn a_name_may_be_left_out_but_not_taken_twice() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let nameless = without(body.clone(), &["id", "name"]);
        let (one, other) = (shop.publish(list, &nameless).await, shop.publish(list, &nameless).await);
        assert_ne!(one.json()["id"], other.json()["id"]);
        let found = shop.admin("GET", one.header("location").strip_prefix("https://care.example.com").unwrap()).await;
        assert_eq!((found.status, found.json()), (200, one.json()));
        shop.publish(list, &body).await;
        let again = shop.admin("POST", list).json(&with(body.clone(), json!({"name": "另一个 / another"}))).await;
        assert_eq!((again.status, again.code().as_str()), (409, "exists"));
        for id in ["preview", "Big", "with space", "a/b", "早班", "", &"x".repeat(65)] {
            let answer = shop.admin("POST", list).json(&with(body.clone(), json!({ "id": id }))).await;
            assert_eq!((answer.status, answer.pointers()), (422, vec!["/id".to_owned()]), "{id}");
        }
        let longest = with(body, json!({"id": "x".repeat(64)}));
        assert_eq!(shop.publish(list, &longest).await.json()["id"], "x".repeat(64));
    }
    assert_eq!(shop.admin("GET", &format!("{CALENDARS}/preview")).await.status, 405);
}

#[tokio::test]
async fn one_key_publishes_once() {
    let shop = Shop::open().await;
    for (list, body) in [(CALENDARS, shifts()), (POLICIES, vip())] {
        let body = without(body, &["id"]);
        let keyed = |body: &Value| shop.admin("POST", list).header("idempotency-key", "k-1").json(body);
        let (first, again) = (keyed(&body).await, keyed(&body).await);
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(
            (&first.text, first.header("location"), first.header("etag")),
            (&again.text, again.header("location"), again.header("etag"))
        );
        let other = keyed(&with(body.clone(), json!({"name": "别的 / other"}))).await;
        assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
        let wrong = shop.admin("POST", list).header("idempotency-key", "k-2").json(&json!({"id": "BAD"})).await;
        assert_eq!(wrong.status, 422);
        let mended = shop.admin("POST", list).header("idempotency-key", "k-2").json(&body).await;
        assert_eq!(mended.status, 201, "what was refused is not remembered");
        let path = format!("{list}/{}", first.json()["id"].as_str().unwrap());
        let put =
            |tag: &str| shop.admin("PUT", &path).header("if-match", tag).header("idempotency-key", "p").json(&body);
        let (first, again) = (put("\"1\"").await, put("\"1\"").await);
        assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (200, 200, "true"));
        assert_eq!((first.header("etag"), again.header("etag")), ("\"2\"", "\"2\""));
    }
}

#[tokio::test]
async fn a_replacement_needs_the_version_that_was_read() {
    let shop = Shop::open().await;
    for (path, body) in [(format!("{CALENDARS}/office"), shifts()), (format!("{POLICIES}/complaints"), vip())] {
        let body = without(body, &["id"]);
        let put = |tag: &str| shop.admin("PUT", &path).header("if-match", tag).json(&body);
        let bare = shop.admin("PUT", &path).json(&body).await;
        assert_eq!((bare.status, bare.code().as_str()), (428, "precondition_required"));
        assert!(!bare.text.contains("work order"), "{}", bare.text);
        for stale in ["\"0\"", "\"2\"", "W/\"1\"", "1"] {
            let answer = put(stale).await;
            assert_eq!((answer.status, answer.code().as_str()), (412, "precondition_failed"), "{stale}");
        }
        for (tag, version) in [("\"9\", \"1\"", 2), ("*", 3), ("\"3\"", 4)] {
            let answer = put(tag).await;
            assert_eq!((answer.status, &answer.json()["version"]), (200, &json!(version)), "{tag}");
            assert_eq!(answer.header("etag"), format!("\"{version}\""));
        }
        let changed = with(body.clone(), json!({"name": "又一版 / another version"}));
        let other = |tag: &str| shop.admin("PUT", &path).header("if-match", tag).json(&changed);
        let both = futures::future::join(put("\"4\"").into_future(), other("\"4\"").into_future()).await;
        let mut both = [both.0.status, both.1.status];
        both.sort_unstable();
        assert_eq!(both, [200, 412], "of two who read one version one wins");
        assert_eq!(shop.admin("GET", &path).await.header("etag"), "\"5\"");
        for ours in ["id", "version"] {
            let answer =
                shop.admin("PUT", &path).header("if-match", "*").json(&with(body.clone(), json!({ours: 5}))).await;
            assert_eq!((answer.status, answer.pointers()), (422, vec![format!("/{ours}")]));
        }
    }
}
