//! What customers see.

use super::{Answered, NOON, Shop};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::json;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn is_a_page(answer: &Answered, language: &str) {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{answer:?}");
    assert_eq!((answer.header("content-language"), answer.header("referrer-policy")), (language, "no-referrer"));
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("form-action 'self'"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.text.contains(&format!("<html lang=\"{language}\">")) && answer.text.contains("name=\"viewport\""));
    assert!(!answer.text.contains("<script") && !answer.text.contains("style=\""));
}

#[tokio::test]
async fn looking_at_a_survey_never_writes() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let before = (shop.memory.store().snapshot(), shop.memory.waiting(), shop.memory.notices());
    for accept in [BROWSER, "application/json", "*/*"] {
        for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
            shop.ask(method, &survey).header("accept", accept).await;
        }
    }
    assert_eq!((shop.memory.store().snapshot(), shop.memory.waiting(), shop.memory.notices()), before);
}

#[tokio::test]
async fn the_survey_speaks_the_readers_language_and_else_the_customers() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    for (asked, language, title) in [
        ("", "zh-CN", "您的问题解决了吗？"),
        ("en-GB,en;q=0.9", "en", "Did we put it right?"),
        ("zh;q=0.2, en;q=0.1", "zh-CN", "您的问题解决了吗？"),
        ("fr", "zh-CN", "您的问题解决了吗？"),
    ] {
        let page = shop.ask("GET", &survey).header("accept-language", asked).await;
        assert_eq!(page.status, 200);
        is_a_page(&page, language);
        assert!(page.text.contains(&format!("<h1>{title}</h1>")), "{}", page.text);
    }
}

#[tokio::test]
async fn a_form_is_answered_with_thanks_and_shows_what_was_said() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let sent = shop
        .ask("POST", &survey)
        .header("accept", BROWSER)
        .form("solved=false&csat=2&ces=&nps=&comment=%E7%AC%AC%E4%B8%80%E8%A1%8C%0D%0A%3Cb%3E+%26")
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    is_a_page(&sent, "zh-CN");
    assert!(sent.text.contains("很抱歉没有让您满意"));
    let read = shop.ask("GET", &survey).header("accept", "application/json").await.json();
    assert_eq!(
        (&read["csat"], &read["solved"], &read["ces"], &read["comment"]),
        (&json!(2), &json!(false), &json!(null), &json!("第一行\n<b> &"))
    );
    let page = shop.ask("GET", &survey).header("accept", BROWSER).await.text;
    assert!(
        page.contains("name=\"csat\" value=\"2\" checked") && page.contains("name=\"solved\" value=\"false\" checked"),
        "{page}"
    );
    assert!(page.contains("第一行\n&lt;b&gt; &amp;</textarea>") && page.contains("更新回答"), "{page}");
    let better = shop.ask("POST", &survey).header("accept-language", "en").form("solved=true").await;
    is_a_page(&better, "en");
    assert!(better.text.contains("We are glad that we could help."));
}

#[tokio::test]
async fn a_form_that_says_nothing_comes_back_with_what_was_entered() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    let long = "长".repeat(4001);
    for (form, language, text) in [
        ("solved=&comment=+".to_owned(), "zh", "请至少回答一个问题。"),
        ("csat=9&nps=10".to_owned(), "en", "Choose a satisfaction from 1 to 5."),
        (format!("nps=10&comment={long}"), "zh", "留言最多 4000 个字"),
        ("nps=10&colour=red".to_owned(), "en", "The form holds something that we don&#x27;t know."),
        ("nps=010".to_owned(), "en", "Choose a likelihood from 0 to 10."),
    ] {
        let answer =
            shop.ask("POST", &survey).header("accept", BROWSER).header("accept-language", language).form(&form).await;
        assert_eq!(answer.status, 422, "{form}");
        is_a_page(&answer, if language == "zh" { "zh-CN" } else { "en" });
        assert!(answer.text.contains(text), "{form} {}", answer.text);
        assert_eq!(answer.text.contains("name=\"nps\" value=\"10\" checked"), form.contains("nps=10"));
    }
    let answer = shop.ask("POST", &survey).header("accept", BROWSER).json(&json!({"csat": 9})).await;
    assert_eq!(answer.status, 422);
    is_a_page(&answer, "zh-CN");
    for form in ["csat=5&csat=5", "comment=%ff"] {
        let answer = shop.ask("POST", &survey).header("accept", "application/json").form(form).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"));
    }
}

#[tokio::test]
async fn problems_are_pages_for_customers_and_documents_for_programs() {
    let shop = Shop::open().await;
    let survey = shop.survey().await;
    for (method, path, status) in [
        ("GET", "/s/nothing", 404),
        ("GET", "/t/nothing", 404),
        ("PUT", "/s/nothing", 405),
        ("POST", "/t/nothing", 405),
        ("GET", "/s/a/b", 404),
    ] {
        let page = shop.ask(method, path).header("accept", BROWSER).header("accept-language", "en").await;
        assert_eq!(page.status, status, "{path}");
        is_a_page(&page, "en");
        let document = shop.ask(method, path).header("accept", "application/json").await;
        assert_eq!(document.status, status, "{path}");
        document.code();
    }
    shop.memory.advance(SignedDuration::from_hours(24 * 8));
    let page = shop.ask("POST", &survey).header("accept", BROWSER).form("csat=5").await;
    assert_eq!(page.status, 410);
    is_a_page(&page, "zh-CN");
    assert!(page.text.contains("回答时间已过"));
}

#[tokio::test]
async fn the_tracking_page_shows_progress_and_nothing_of_a_person() {
    let shop = Shop::open().await;
    let body = json!({"channel": "web", "message": "秘密的话", "customer": {"ref": "c-secret", "name": "王小明", "email": "ming@example.com"}, "locale": "en-US"});
    let post = || shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", "k").json(&body);
    let url = post().await.json()["tracking_url"].as_str().unwrap().to_owned();
    assert_eq!(post().await.json()["tracking_url"], url);
    let path = url.strip_prefix("https://care.example.com").unwrap();

    let read = shop.ask("GET", path).header("accept", "application/json").await;
    assert_eq!(read.json(), json!({"status": "received", "received_at": NOON, "updated_at": NOON, "language": "en"}));
    shop.memory.settle().await;
    for (asked, language, text) in [("", "en", "A colleague is working on it"), ("zh-TW", "zh-CN", "客服处理中")] {
        let page = shop.ask("GET", path).header("accept", BROWSER).header("accept-language", asked).await;
        assert_eq!(page.status, 200);
        is_a_page(&page, language);
        assert!(page.text.contains(text) && page.text.contains("aria-current=\"step\""));
        for personal in ["秘密", "secret", "王小明", "ming@", "fb_", "wo_", "tn_"] {
            assert!(!page.text.contains(personal), "{personal}");
        }
    }
    let chinese = shop.ask("GET", path).header("accept-language", "zh").await.text;
    assert!(chinese.contains("2026-03-04 12:00（北京时间）"), "{chinese}");
}

#[tokio::test]
async fn a_forged_tracking_link_opens_nothing() {
    let shop = Shop::open().await;
    shop.said("你好", "k").await;
    let url = shop
        .by(Role::Integrator, "POST", "/v1/feedback")
        .header("idempotency-key", "k2")
        .json(&json!({"channel": "web", "message": "x", "customer": {"ref": "c"}}))
        .await;
    let url = url.json()["tracking_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://care.example.com").unwrap().to_owned();
    for at in (3..path.len()).step_by(7) {
        let mut forged = path.clone().into_bytes();
        forged[at] = if forged[at] == b'x' { b'y' } else { b'x' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(shop.ask("GET", &forged).await.status, 404, "{at}");
    }
}

#[tokio::test]
async fn every_step_and_every_problem_has_its_page() {
    use crate::pages;
    use axum::http::StatusCode;
    use redress_domain::category::Language;
    use redress_service::view::Progress;
    let at = NOON.parse().unwrap();
    for language in [Language::Zh, Language::En] {
        for status in
            [Progress::Received, Progress::Classified, Progress::Waiting, Progress::Assigned, Progress::Closed]
        {
            let html = pages::tracking(&crate::tracking::Tracked { status, received_at: at, updated_at: at, language });
            assert_eq!(html.matches("aria-current").count(), 1);
        }
        for status in [400, 404, 405, 410, 413, 415, 422, 503] {
            assert!(pages::problem(StatusCode::from_u16(status).unwrap(), language).contains("<h1>"));
        }
    }
}
