use super::*;
use crate::check;
use proptest::prelude::*;
use serde_json::Value;

const LINK: &str = "https://shop.example/s/0123456789abcdefghjkmnpqrs";

/// Everything that a template may say, as deliveries bring it.
fn facts() -> Value {
    json!({
        "order": "wo_7", "priority": "P1", "level": "at_due", "metric": "resolution", "status": "resolved",
        "duplicate": "wo_8", "into": "wo_7", "child": "wo_9", "category": "logistics", "from": 12, "to": -60,
        "amount": {"amount_minor": 2000, "currency": "CNY"}, "webhook": "wh_1", "reason": "gone",
        "until": "2026-11-30T04:00:00Z", "due": "2026-11-23T10:00:00Z", "link": LINK, "words_said": "已为您补发。",
        "headline": "部分包裹延误",
    })
}

fn message(template: &str, language: Language) -> Message {
    let facts = facts();
    let known = find(template).unwrap();
    let chosen: serde_json::Map<_, _> =
        known.needs.iter().chain(known.takes).map(|name| ((*name).to_owned(), facts[*name].clone())).collect();
    Message::new(template, language, Values::of(&Value::Object(chosen), language)).unwrap()
}

/// Each message as its readers see it, Chinese and English side by side.
fn snapshot() -> String {
    let mut all = String::new();
    for template in TEMPLATES {
        for language in [Language::Zh, Language::En] {
            let message = message(template.name, language);
            let (mail, note) = (message.mail(None).unwrap(), message.note().unwrap());
            all += &format!(
                "== {} {}\nmail: {}\n{}text: {}\nnote: {} | {}\n\n",
                template.name,
                message.language_tag(),
                mail.subject,
                mail.text,
                message.text().unwrap(),
                note.title,
                note.line
            );
        }
    }
    all
}

/// `UPDATE_SNAPSHOTS=1 cargo test -p redress-messages` writes it anew.
#[test]
fn every_message_reads_as_it_did_when_somebody_last_read_it() {
    let (path, now) = (concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/messages.txt"), snapshot());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    assert_eq!(now, std::fs::read_to_string(path).unwrap(), "UPDATE_SNAPSHOTS=1 writes it anew");
}

#[test]
fn a_mail_as_a_page_escapes_what_it_is_given_and_names_its_language() {
    let values = Values::of(&facts(), Language::Zh).with("words_said", "<script>alert(1)</script>\n第二行 & \"引号\"");
    let mail =
        Message::new("reply_posted", Language::Zh, values).unwrap().mail(Some("https://shop.example/u/x?a=1&b=2"));
    let html = mail.unwrap().html;
    assert!(html.contains(r#"<html lang="zh-CN">"#), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;\n第二行 &amp; &quot;引号&quot;"), "{html}");
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("a=1&amp;b=2"), "{html}");
    assert!(html.contains("查看进度</a>"), "{html}");
}

#[test]
fn a_text_message_is_one_short_line_the_link_and_the_customers_answer_aside() {
    for template in TEMPLATES {
        for (language, most) in [(Language::Zh, 70), (Language::En, 160)] {
            let text = message(template.name, language).text().unwrap();
            let own = text.replace(LINK, "").replace("已为您补发。", "");
            assert!(own.chars().count() <= most, "{}: {own}", template.name);
            assert!(!text.contains('\n'), "{text}");
        }
    }
}

#[test]
fn customers_read_no_word_that_only_we_know() {
    for template in TEMPLATES.iter().filter(|template| template.reader == Reader::Customer) {
        for language in [Language::Zh, Language::En] {
            let message = message(template.name, language);
            let said = message.mail(None).unwrap().text + &message.text().unwrap();
            for internal in ["wo_", "ag_", "P1", "工单", "SLA", "Redress", "escalat", "升级", "category"] {
                assert!(!said.contains(internal), "{}: {internal}", template.name);
            }
        }
    }
}

#[test]
fn what_must_be_said_and_is_not_known_is_an_error_and_no_blank() {
    let unsaid = Message::new("order_assigned", Language::En, Values::default().with("order", "wo_7")).unwrap().text();
    assert!(matches!(unsaid, Err(Unsaid::Unwritable { template: "order_assigned", .. })), "{unsaid:?}");
    assert_eq!(Message::new("no_such", Language::En, Values::default()).unwrap_err(), Unsaid::Unknown);
}

#[test]
fn who_speaks_neither_language_is_told_in_english() {
    assert_eq!(message("order_resolved", Language::Other).language_tag(), "en");
}

/// The shipped texts, spoiled in one place.
fn spoiled(language: &str, from: &str, to: &str) -> Vec<String> {
    let mut catalogues =
        vec![("zh", include_str!("../texts/zh.json").to_owned()), ("en", include_str!("../texts/en.json").to_owned())];
    for (_, text) in catalogues.iter_mut().filter(|(name, _)| *name == language) {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    check::faults(&catalogues, TEMPLATES)
}

#[test]
fn texts_that_do_not_hold_together_fail_the_build() {
    assert_eq!(spoiled("en", "en", "en"), Vec::<String>::new());
    for (language, from, to, fault) in [
        ("en", "\"order_merged\": {", "\"order_joined\": {", "en: /messages/order_merged is missing"),
        ("en", "\"order_merged\": {", "\"order_joined\": {", "en: /messages/order_joined is used by nothing"),
        ("zh", "\"action\"", "\"button\"", "zh: /messages/survey_invitation/action is missing"),
        ("zh", "\"logistics\": \"物流\",", "", "zh: /words/category/logistics is missing"),
        ("zh", "\"unsubscribe\"", "\"leave\"", "zh: /frame/leave is used by nothing"),
        (
            "en",
            "({{ priority }}) is yours",
            "({{ prioritty }}) is yours",
            "en: /messages/order_assigned/body/0: undefined value",
        ),
        (
            "zh",
            "（{{ priority }}）已交给您，请",
            "已交给您，请",
            "/messages/order_assigned/body/0: the languages don't say the same",
        ),
        ("en", "{{ webhook }}", "{{ webhook", "en: /messages/webhook_disabled/body/0: syntax error"),
        ("en", "\"en\",", "\"en\"", "en: expected"),
    ] {
        let faults = spoiled(language, from, to);
        assert!(faults.iter().any(|found| found.starts_with(fault)), "{fault}: {faults:?}");
    }
}

#[test]
fn every_template_is_about_something_that_its_readers_can_ask_not_to_be_told() {
    use redress_domain::reach::Topic;
    for template in TEMPLATES {
        let topic = Topic::of(template.name).unwrap();
        let known = match template.reader {
            Reader::Customer => Topic::CUSTOMERS.iter().any(|(known, _)| *known == topic),
            Reader::Staff => Topic::AGENTS.iter().any(|(known, _)| *known == topic),
        };
        assert!(known, "{}", template.name);
    }
}

proptest! {
    #[test]
    fn whatever_a_value_holds_a_subject_stays_one_header_line(level in "[\\s\\S]{0,300}") {
        let values = Values::of(&facts(), Language::En).with("level", level);
        let subject = Message::new("order_escalated", Language::En, values).unwrap().mail(None).unwrap().subject;
        prop_assert!(!subject.chars().any(is_break));
        prop_assert!(subject.chars().count() <= SUBJECT);
    }
}
