//! The document says what the API does, and no more and no less.

use super::conformity;
use super::{ROLES, Shop, key};
use crate::openapi::document;
use crate::roles::{self, TABLE};
use crate::routes;
use redress_service::auth::Role;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

/// Every operation of the document: method, path, and what is said of it.
fn operations() -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters") {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

/// A path with something in its open parts that there is not.
fn filled(path: &str) -> String {
    let id = match path {
        path if path.starts_with("/v1/feedback") => "fb_none",
        path if path.starts_with("/v1/work-orders") => "wo_none",
        _ => "none",
    };
    path.replace("{id}", id)
        .replace("{delivery}", "dl_none")
        .replace("{token}", "none")
        .replace("{ref}", "none")
        .replace("{agent}", "ag_none")
        .replace("{tenant}", "tn_none")
}

#[test]
fn the_document_in_the_repository_is_the_one_that_the_code_makes() {
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(GOLDEN, &made).unwrap();
    }
    let kept = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(kept == made, "openapi.json is not what the code says: BLESS=1 cargo test -p redress-http openapi");
}

#[tokio::test]
async fn every_route_is_described_with_every_method_that_it_has() {
    let shop = Shop::open().await;
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in operations() {
        described.entry(path).or_default().insert(method);
    }
    for (path, _) in routes::all() {
        let allow = shop.by(Role::Admin, "OPTIONS", &filled(path)).await;
        let methods = allow.header("allow").split(", ").map(str::to_owned);
        let methods: BTreeSet<_> = methods.filter(|method| method != "HEAD" && method != "OPTIONS").collect();
        // The viewer is for people, and no part of what it shows.
        let expected =
            if path.starts_with("/docs") { Some(BTreeSet::from(["GET".into()])) } else { described.remove(path) };
        assert_eq!(Some(methods), expected, "{path}");
    }
    assert_eq!(described, BTreeMap::new());
}

#[test]
fn every_operation_under_v1_has_its_row_in_the_table_of_roles_and_every_row_its_operation() {
    let described: BTreeSet<_> = operations()
        .into_iter()
        .filter(|(_, path, operation)| path.starts_with("/v1/") && operation.get("security").is_none())
        .map(|(method, path, operation)| (method, path, operation["x-roles"].clone()))
        .map(|(method, path, roles)| (method, path, roles.to_string()))
        .collect();
    let word = |roles: &[Role]| json!(roles.iter().map(|role| roles::word(*role)).collect::<Vec<_>>()).to_string();
    let table: BTreeSet<_> =
        TABLE.iter().map(|row| (row.method.to_owned(), row.route.to_owned(), word(row.roles))).collect();
    assert_eq!(described, table);
}

#[tokio::test]
async fn each_operation_opens_to_its_roles_and_to_no_other_and_to_nobody_without_a_key() {
    let shop = Shop::open().await;
    for (method, path, operation) in operations() {
        let Some(allowed) = operation["x-roles"].as_array() else {
            let answer = shop.ask(&method, &filled(&path)).await;
            assert!(![401, 403].contains(&answer.status), "{method} {path} {answer:?}");
            continue;
        };
        for authorization in ["", "Bearer rk_wrong", "Basic cmtfOnJr"] {
            let answer = shop.ask(&method, &filled(&path)).header("authorization", authorization).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{method} {path}");
        }
        for role in ROLES {
            let answer = shop.by(role, &method, &filled(&path)).await;
            let may = allowed.contains(&roles::word(role).into());
            assert_eq!(answer.status == 403, !may, "{method} {path} {role:?} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_key_that_was_revoked_is_answered_as_none_is_everywhere() {
    let shop = Shop::open().await;
    let made =
        shop.by(Role::Admin, "POST", "/v1/api-keys").json(&json!({"role": "admin", "name": "临时"})).await.json();
    let revoked = made["key"].as_str().unwrap();
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(shop.by(Role::Admin, "DELETE", &path).await.status, 204);
    for (method, path, operation) in operations() {
        if operation["x-roles"].is_array() {
            let path = filled(&path);
            let (none, gone) = (shop.ask(&method, &path).await, shop.ask(&method, &path).key(revoked).await);
            assert_eq!((gone.status, gone.anonymous()), (401, none.anonymous()), "{method} {path}");
        }
    }
}

/// The path of a survey that was sent, as those see it who lead.
async fn survey(shop: &Shop) -> String {
    shop.survey().await;
    let surveys = shop.by(Role::Admin, "GET", "/v1/surveys").await.json();
    format!("/v1/surveys/{}", surveys["items"][0]["id"].as_str().unwrap())
}

const DELIVERY: &str = "/v1/webhooks/{id}/deliveries/{delivery}";

/// The path of what a webhook was told.
async fn told_webhook(shop: &Shop) -> String {
    let hook = shop.publish("/v1/webhooks", &json!({"url": "https://erp.example/hooks", "events": ["*"]})).await.json();
    let test = shop.admin("POST", &format!("/v1/webhooks/{}/test", hook["id"].as_str().unwrap())).await;
    test.header("location").strip_prefix("https://care.example.com").unwrap().to_owned()
}

/// A path with something in its open parts that the first tenant alone has.
async fn ours(shop: &Shop, path: &str) -> String {
    let (collection, _) = path.split_once("/{").unwrap();
    let here = match collection {
        "/v1/work-orders" => shop.order().await,
        "/v1/surveys" => survey(shop).await,
        "/v1/compensations" => shop.compensation().await,
        "/v1/customers" => {
            shop.said("你好 hello", "customer").await;
            "/v1/customers/c1".to_owned()
        }
        "/v1/notices" => {
            shop.said("你好 hello", "notice").await;
            shop.memory.settle().await;
            let told = shop.by(Role::Agent, "GET", "/v1/notices").await.json();
            format!("/v1/notices/{}", told["items"][0]["id"].as_str().unwrap())
        }
        "/v1/webhooks" if path.contains("{delivery}") => return told_webhook(shop).await + &path[DELIVERY.len()..],
        collection => {
            let made = sent("zh").into_iter().find(|sent| sent.method == "POST" && sent.path == collection).unwrap();
            let asking = shop.by(Role::Admin, "POST", collection).header("idempotency-key", "ours");
            let answer = asking.json(&made.example).await;
            answer.header("location").strip_prefix("https://care.example.com").unwrap().to_owned()
        }
    };
    let rest = path[collection.len() + 1..].split_once('/').map(|(_, rest)| rest.replace("{agent}", "ag_mei"));
    rest.map_or(here.clone(), |rest| format!("{here}/{rest}"))
}

#[tokio::test]
async fn what_another_tenant_has_is_answered_as_what_is_not_there_on_every_route() {
    let bodies: BTreeMap<_, _> = sent("zh").into_iter().map(|sent| ((sent.method, sent.path), sent.example)).collect();
    let mut routes = 0;
    for (method, path, operation) in operations() {
        // Whoever names a customer in the path to say something of one says that there is one.
        let says = path.ends_with("/identities") || (method == "PUT" && path == "/v1/customers/{ref}/preferences");
        if !operation["x-roles"].is_array() || !path.contains("/{") || says {
            continue;
        }
        let shop = Shop::open().await;
        let there = ours(&shop, &path).await;
        let body = bodies.get(&(method.clone(), path.clone()));
        let ask = |path: &str, key: String| {
            let asking = shop.ask(&method, path).key(&key).header("if-match", "*");
            body.into_iter().fold(asking, |asking, body| asking.json(body))
        };
        let (foreign, missing) =
            (ask(&there, key("tn_b", Role::Admin)).await, ask(&filled(&path), key("tn_b", Role::Admin)).await);
        assert_eq!((foreign.status, foreign.anonymous()), (404, missing.anonymous()), "{method} {path}");
        routes += 1;
    }
    assert!(routes > 30, "{routes}");
}

/// A body that an operation takes.
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) schema: Value,
    pub(super) example: Value,
}

/// What every operation with a body takes, with its example in a language.
pub(super) fn sent(language: &str) -> Vec<Sent> {
    let mut all = Vec::new();
    for (method, path, operation) in operations() {
        let content = &operation["requestBody"]["content"]["application/json"];
        let example = content["examples"][language]["value"].clone();
        assert!(content.is_null() || !example.is_null(), "{method} {path} has no example in {language}");
        if !content.is_null() {
            all.push(Sent { method, path, schema: content["schema"].clone(), example });
        }
    }
    all
}

/// A path with something in its open parts that there is.
async fn there(shop: &Shop, path: &str) -> String {
    match path {
        path if path.starts_with("/v1/work-orders/{id}") => {
            let order = shop.order().await;
            let asked = json!({"direction": "outbound", "body": "在查 on it"});
            shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&asked).await;
            path.replace("/v1/work-orders/{id}", &order)
        }
        path if path.starts_with("/v1/surveys/{id}") => path.replace("/v1/surveys/{id}", &survey(shop).await),
        path if path.starts_with("/v1/compensations/{id}") => {
            path.replace("/v1/compensations/{id}", &shop.compensation().await)
        }
        path if path.starts_with("/s/") => shop.survey().await,
        path if path.starts_with("/v1/customers/{ref}") => path.replace("{ref}", "c1"),
        path if path.starts_with("/v1/calendars/{id}") => path.replace("{id}", "always"),
        path if path.starts_with("/v1/teams/{id}") => path.replace("{id}", "tm_care"),
        path if path.starts_with("/v1/agents/{id}") => path.replace("{id}", "ag_mei"),
        path if path.starts_with("/v1/survey-policies/{id}") => path.replace("{id}", "everyone"),
        path if path.starts_with("/v1/webhooks/{id}") => {
            let told = told_webhook(shop).await;
            path.replace("/v1/webhooks/{id}", told.split("/deliveries/").next().unwrap())
        }
        path if path.starts_with("/v1/routing-rules/{id}") => {
            shop.publish("/v1/routing-rules", &json!({"id": "all", "team": "tm_care"})).await;
            path.replace("{id}", "all")
        }
        path if path.starts_with("/v1/sla-policies/{id}") => path.replace("{id}", "live_channels"),
        path => path.to_owned(),
    }
}

/// Sends a body to a fresh shop, which takes it or says that its state does not allow it; answers
/// with what there is to see of it then.
pub(super) async fn send_and_look(method: &str, path: &str, body: &Value) -> Vec<Value> {
    let shop = Shop::open().await;
    let mut body = body.clone();
    if path.ends_with("/merge") {
        body["into"] = shop.another_order().await.rsplit('/').next().into();
    }
    let path = there(&shop, path).await;
    let asking = shop.by(Role::Admin, method, &path).header("if-match", "*").header("idempotency-key", "k");
    let answer = asking.json(&body).await;
    assert!(answer.status < 300 || answer.status == 409, "{method} {path} {body} {answer:?}");
    let mut told = vec![answer.json()];
    let order = path.strip_prefix("/v1/work-orders/").and_then(|rest| rest.split('/').next());
    let order = order.map(|id| format!("/v1/work-orders/{id}"));
    let places = order.iter().flat_map(|order| ["", "/facts", "/messages"].map(|part| format!("{order}{part}")));
    let location = answer.header("location").strip_prefix("https://care.example.com").map(str::to_owned);
    // What was made may have something to say, too.
    let said = answer.json()["links"]["messages"].as_str().map(str::to_owned);
    for place in places.chain(location).chain(said) {
        told.push(shop.by(Role::Admin, "GET", &place).await.json());
    }
    told
}

#[tokio::test]
async fn every_example_is_taken() {
    for language in ["zh", "en"] {
        for Sent { method, path, example, .. } in sent(language) {
            send_and_look(&method, &path, &example).await;
        }
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody_with_the_address_of_the_api() {
    let shop = Shop::open().await;
    let answer = shop.ask("GET", "/v1/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let mut expected = document();
    expected["servers"] = json!([{ "url": "https://care.example.com" }]);
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn people_read_it_in_a_viewer_that_fetches_nothing_from_elsewhere() {
    let shop = Shop::open().await;
    let page = shop.ask("GET", "/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(!page.text.contains("://"), "{}", page.text);
    for (file, media) in [("viewer.js", "text/javascript"), ("viewer.css", "text/css"), ("start.js", "text/javascript")]
    {
        assert!(page.text.contains(&format!("docs/{file}")));
        let status = shop.head(&format!("/docs/{file}")).await;
        assert_eq!(status.status, 200);
        assert!(status.header("content-type").starts_with(media), "{file}");
    }
    assert_eq!(shop.ask("GET", "/docs/other.js").await.status, 404);
}

#[test]
fn an_answer_that_the_document_does_not_describe_is_noticed() {
    let order = json!({"items": [], "next_cursor": null});
    assert_eq!(conformity::told("GET", "/v1/work-orders", 200, "application/json", &order.to_string()), Ok(()));
    for (method, path, status, media, body) in [
        ("GET", "/v1/work-orders", 200, "application/json", json!({"items": []})),
        ("GET", "/v1/work-orders", 200, "application/json", json!({"items": [{}], "next_cursor": null})),
        ("GET", "/v1/work-orders", 200, "text/plain", order.clone()),
        ("GET", "/v1/work-orders", 202, "application/json", order.clone()),
        ("GET", "/v1/work-orders", 409, "application/problem+json", json!({})),
        ("PUT", "/v1/work-orders", 200, "application/json", order),
    ] {
        assert!(conformity::told(method, path, status, media, &body.to_string()).is_err(), "{method} {path} {status}");
    }
}
