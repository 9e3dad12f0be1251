//! People are told: by what, in which language, when, and why not.

use super::world::{MONDAY, Shop};
use jiff::SignedDuration;
use redress_domain::delivery::{Answer, Delivery, DeliveryState, Outcome};
use redress_domain::id::{AgentId, WorkOrderId};
use redress_domain::order::Status;
use redress_domain::reach::{AgentWishes, CustomerWishes};
use redress_domain::suppression::SuppressedBecause;
use redress_domain::survey::{SkipReason, SurveyState};
use redress_service::auth::Role;
use redress_service::desk::IfMatch;
use redress_service::letters::{Content, Letter};
use redress_service::reply::Keyed;
use redress_service::view::Progress;
use redress_service::{receive, suppressions, wishes};
use serde_json::{Value, json};

/// An order of Li Na's by a channel, with what is known of her.
async fn order(shop: &Shop, channel: &str, customer: Value) -> WorkOrderId {
    let said = json!({
        "channel": channel, "message": "快递还没到 my parcel is late", "customer": customer,
        "source_message_id": "m-1@mail.example",
    });
    let received = shop.bring(Some("k"), serde_json::from_value(said).unwrap()).await.unwrap();
    shop.memory.settle().await;
    shop.order_of(&received.id).await.id
}

fn li_na() -> Value {
    json!({"ref": "c-7", "email": "Li.Na@example.com", "phone": "13800138000", "locale": "zh-CN"})
}

async fn wish(shop: &Shop, wishes: Value) {
    let (caller, wished) =
        (crate::shop::caller(Role::Admin), serde_json::from_value::<CustomerWishes>(wishes).unwrap());
    let asked = (&wished, &IfMatch::Any);
    let (world, moment) = (shop.memory.world(), shop.memory.moment());
    wishes::set_customer(&world, &caller, "c-7", asked, &Keyed::without("PUT"), moment).await.unwrap();
}

/// What went out to customers or agents by letter, oldest first.
fn letters(shop: &Shop) -> Vec<Letter> {
    shop.memory.outside().sent()
}

fn mail(letter: &Letter) -> (&str, &str, &str) {
    let Content::Mail(mail, _) = &letter.content else { panic!("no mail: {letter:?}") };
    (&mail.subject, &mail.text, &mail.html)
}

fn delivery(shop: &Shop, template: &str) -> Delivery {
    shop.memory.notices().into_iter().find(|notice| notice.template == template).expect("it was posted")
}

#[tokio::test]
async fn an_answer_to_a_mail_goes_out_as_a_mail_in_the_same_thread_with_the_words_in_it() {
    let shop = Shop::open().await;
    let id = order(&shop, "email", li_na()).await;
    shop.reply("r", &id).await.unwrap();
    shop.memory.settle().await;
    let [letter] = &letters(&shop)[..] else { panic!("one letter") };
    assert_eq!(
        (letter.template.as_str(), letter.to.as_str(), letter.language),
        ("reply_posted", "Li.Na@example.com", "zh-CN")
    );
    let (subject, text, html) = mail(letter);
    assert_eq!(subject, "我们回复了您的反馈");
    assert!(text.contains("马上为您处理 We are on it") && html.contains("马上为您处理 We are on it"), "{text}");
    assert!(text.contains("https://care.example.com/t/"), "{text}");
    let headers = letter.headers("care.example.com");
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("Message-ID"), Some(&*format!("<{}@care.example.com>", letter.id)));
    assert_eq!(header("In-Reply-To"), Some("<m-1@mail.example>"));
    assert_eq!(header("References"), Some(&*format!("<{id}@care.example.com> <m-1@mail.example>")));
    assert_eq!(header("X-Redress-Delivery"), Some(letter.id.as_str()));
    assert_eq!((header("Auto-Submitted"), header("List-Unsubscribe")), (None, None), "a person wrote it");
}

#[tokio::test]
async fn a_delivery_and_its_event_hold_no_word_and_no_contact() {
    let shop = Shop::open().await;
    let id = order(&shop, "email", li_na()).await;
    shop.reply("r", &id).await.unwrap();
    let events = format!("{:?}", shop.memory.waiting());
    shop.memory.settle().await;
    let kept = serde_json::to_string(&shop.memory.notices()).unwrap();
    for word in ["马上", "Li.Na", "example.com", "138", "parcel"] {
        assert!(!kept.contains(word) && !events.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_end_is_told_unless_the_question_whether_it_was_comes_at_once() {
    let asked_at_once = Shop::open().await;
    let id = order(&asked_at_once, "email", li_na()).await;
    asked_at_once.move_to("m", &id, Status::Resolved).await.unwrap();
    asked_at_once.memory.settle().await;
    let told: Vec<_> = letters(&asked_at_once).into_iter().map(|letter| letter.template).collect();
    assert_eq!(told, ["survey_invitation"]);

    let mut policies = crate::shop::policies();
    policies.survey[0].delay_seconds = 3600;
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await;
    let id = order(&shop, "sms", json!({"ref": "c-7", "phone": "13800138000", "locale": "en"})).await;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(2)).await.unwrap();
    let told: Vec<_> = letters(&shop).into_iter().map(|letter| (letter.template, letter.content)).collect();
    let [(ended, Content::Text(text)), (asked, Content::Text(question))] = &told[..] else { panic!("{told:?}") };
    assert_eq!((ended.as_str(), asked.as_str()), ("order_resolved", "survey_invitation"));
    assert!(text.starts_with("Your problem has been dealt with."), "{text}");
    assert!(question.contains("https://care.example.com/s/"), "{question}");
}

#[tokio::test]
async fn where_the_shop_itself_carries_the_conversation_no_mail_tells_it_twice() {
    let shop = Shop::open().await;
    let id = order(&shop, "wechat", li_na()).await;
    shop.reply("r", &id).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(letters(&shop), []);
    let told = delivery(&shop, "reply_posted");
    assert_eq!((told.state, told.why.as_deref()), (DeliveryState::Suppressed, Some("no_address")));
    wish(&shop, json!({"channels": ["sms"], "locale": "en"})).await;
    shop.reply("r2", &id).await.unwrap();
    shop.memory.settle().await;
    let [letter] = &letters(&shop)[..] else { panic!("one letter") };
    assert_eq!((letter.to.as_str(), letter.shown.as_str(), letter.language), ("+8613800138000", "…8000", "en"));
}

#[tokio::test]
async fn what_a_customer_does_not_wish_is_not_told_and_the_reason_is_kept() {
    let mut policies = crate::shop::policies();
    policies.survey[0].delay_seconds = 3600;
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await;
    let id = order(&shop, "email", li_na()).await;
    wish(&shop, json!({"muted": ["progress"]})).await;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let told = delivery(&shop, "order_resolved");
    assert_eq!((told.state, told.why.as_deref()), (DeliveryState::Suppressed, Some("opted_out")));
    assert_eq!(letters(&shop), []);
}

#[tokio::test]
async fn a_customer_who_wants_no_questions_is_not_asked_and_counts_for_no_response_rate() {
    for (wishes, told) in [(json!({"muted": ["survey"]}), vec!["order_resolved"]), (json!({"channels": []}), vec![])] {
        let shop = Shop::open().await;
        let id = order(&shop, "email", li_na()).await;
        wish(&shop, wishes).await;
        shop.move_to("m", &id, Status::Resolved).await.unwrap();
        shop.memory.live(SignedDuration::from_hours(24 * 8)).await.unwrap();
        let survey = shop.surveys(&id).await.pop().unwrap();
        assert_eq!((survey.state, survey.skipped), (SurveyState::Skipped, Some(SkipReason::Unwished)));
        assert_eq!(survey.sent_at, None);
        assert_eq!(shop.story(&id).await.iter().filter(|fact| *fact == "survey_skipped").count(), 1);
        // The question was to come at once, so that the end was not told: it is told instead.
        let templates: Vec<_> = letters(&shop).into_iter().map(|letter| letter.template).collect();
        assert_eq!(templates, told);
    }
}

#[tokio::test]
async fn at_night_a_text_message_waits_for_the_morning_and_a_mailed_answer_does_not() {
    let agents = [crate::shop::agent("ana", &["zh", "en"], 10)];
    // Eleven at night in Shanghai.
    let night = async || Shop::at("2026-11-23T15:00:00Z".parse().unwrap(), &agents, &crate::shop::policies()).await;
    for (channel, at_once, by_morning) in [("sms", 0, 1), ("email", 1, 1)] {
        let shop = night().await;
        let id = order(&shop, channel, li_na()).await;
        shop.reply("r", &id).await.unwrap();
        shop.memory.settle().await;
        assert_eq!(letters(&shop).len(), at_once, "{channel}");
        shop.memory.live(SignedDuration::from_mins(10 * 60 - 1)).await.unwrap();
        assert_eq!(letters(&shop).len(), at_once, "{channel}");
        shop.memory.live(SignedDuration::from_mins(2)).await.unwrap();
        assert_eq!(letters(&shop).len(), by_morning, "{channel}");
        let told = delivery(&shop, "reply_posted");
        assert_eq!((told.state, told.tries.len()), (DeliveryState::Delivered, 1), "waiting is no try");
    }
}

#[tokio::test]
async fn a_customer_is_left_alone_in_the_customers_own_night_and_not_in_the_shops() {
    let mut policies = crate::shop::policies();
    policies.survey[0].delay_seconds = 86_400;
    // Ten in the morning in Shanghai, two at night in London.
    for (locale, at_once, hours) in [("zh-CN", 1, 0), ("zh", 1, 0), ("en-GB", 0, 7)] {
        let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await;
        let id = order(&shop, "email", json!({"ref": "c-7", "email": "li@example.com", "locale": locale})).await;
        shop.move_to("m", &id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
        assert_eq!(letters(&shop).len(), at_once, "{locale}");
        shop.memory.live(SignedDuration::from_mins(60 * hours + 1)).await.unwrap();
        assert_eq!(letters(&shop).len(), 1, "{locale}");
    }
}

#[tokio::test]
async fn an_address_that_bounced_gets_nothing_any_more() {
    let shop = Shop::open().await;
    let id = order(&shop, "email", json!({"ref": "c-7", "email": "gone@example.com"})).await;
    shop.memory.outside().answer(Answer { outcome: Outcome::Gone, ..Answer::taken() });
    shop.reply("r", &id).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(delivery(&shop, "reply_posted").state, DeliveryState::Failed);
    let list = suppressions::list(&shop.memory.world(), &crate::shop::caller(Role::Admin), None, 9).await.unwrap();
    assert_eq!(list.items[0].shown, "g…@example.com");
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let told = delivery(&shop, "survey_invitation");
    assert_eq!((told.state, told.why.as_deref()), (DeliveryState::Suppressed, Some("suppressed")));
    assert_eq!(letters(&shop).len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_the_moment_comes_again_with_the_same_id() {
    let shop = Shop::open().await;
    let id = order(&shop, "email", li_na()).await;
    shop.memory.outside().answer(Answer { outcome: Outcome::Unreachable, ..Answer::taken() });
    shop.reply("r", &id).await.unwrap();
    shop.memory.live(SignedDuration::from_mins(1)).await.unwrap();
    let [first, second] = &letters(&shop)[..] else { panic!("two tries") };
    assert_eq!(first, second);
    assert_eq!(delivery(&shop, "reply_posted").tries.len(), 2);
}

#[tokio::test]
async fn more_than_ten_automatic_messages_an_hour_to_one_address_are_taken_for_a_loop() {
    let mut policies = crate::shop::policies();
    policies.survey[0].enabled = false;
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await;
    let id = order(&shop, "email", li_na()).await;
    for turn in 0..12 {
        shop.move_to(&format!("m{turn}"), &id, Status::Resolved).await.unwrap();
        shop.move_to(&format!("o{turn}"), &id, Status::Reopened).await.unwrap();
        shop.memory.settle().await;
    }
    assert_eq!(letters(&shop).iter().filter(|letter| letter.template == "order_resolved").count(), 10);
    let too_many = shop.memory.notices().into_iter().filter(|notice| notice.why.as_deref() == Some("too_many"));
    assert_eq!(too_many.count(), 2);
    shop.reply("r", &id).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(letters(&shop).last().unwrap().template, "reply_posted", "a person wrote it");
    shop.wait(3600);
    shop.move_to("later", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(letters(&shop).last().unwrap().template, "order_resolved", "an hour later");
}

#[tokio::test]
async fn what_a_carrier_refuses_for_the_moment_is_no_loop() {
    let mut policies = crate::shop::policies();
    policies.survey[0].enabled = false;
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await;
    let id = order(&shop, "email", li_na()).await;
    for _ in 0..20 {
        shop.memory.outside().answer(Answer { outcome: Outcome::Unreachable, ..Answer::taken() });
    }
    for turn in 0..5 {
        shop.move_to(&format!("m{turn}"), &id, Status::Resolved).await.unwrap();
        shop.move_to(&format!("o{turn}"), &id, Status::Reopened).await.unwrap();
        shop.memory.settle().await;
    }
    shop.memory.live(SignedDuration::from_hours(12)).await.unwrap();
    let told = shop.memory.notices().into_iter().filter(|notice| notice.template == "order_resolved");
    let told: Vec<_> = told.map(|notice| (notice.state, notice.tried > 3)).collect();
    assert_eq!(told, [(DeliveryState::Delivered, true); 5]);
}

#[tokio::test]
async fn what_a_machine_answers_is_kept_and_answered_by_nobody() {
    let shop = Shop::open().await;
    for (kind, orders) in [("auto_reply", 0), ("list", 0), ("bounce", 0)] {
        let said = json!({
            "channel": "email", "message": "Out of office 我在休假", "customer": li_na(), "automatic": kind,
        });
        let received = shop.bring(Some(kind), serde_json::from_value(said).unwrap()).await.unwrap();
        shop.memory.live(SignedDuration::from_hours(3)).await.unwrap();
        let view = receive::show(&shop.memory.world(), &crate::shop::tenant(), &received.id).await.unwrap();
        assert_eq!((view.status, view.work_order_id, shop.orders()), (Progress::Closed, None, orders), "{kind}");
    }
    assert_eq!(letters(&shop), []);
    assert_eq!(shop.memory.notices(), []);
    assert_eq!(shop.said_by("c-7").await.len(), 3, "nothing is lost");
    let list = suppressions::list(&shop.memory.world(), &crate::shop::caller(Role::Admin), None, 9).await.unwrap();
    let listed: Vec<_> = list.items.iter().map(|item| (item.shown.as_str(), item.because)).collect();
    assert_eq!(listed, [("l…@example.com", SuppressedBecause::Bounced)]);
}

#[tokio::test]
async fn an_automatic_mail_says_so_and_how_to_end_it() {
    let shop = Shop::open().await;
    let id = order(&shop, "email", li_na()).await;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let letter = &letters(&shop)[0];
    let headers = letter.headers("care.example.com");
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert!(header("List-Unsubscribe").unwrap().starts_with("<https://care.example.com/u/"), "{headers:?}");
    assert!(mail(letter).1.contains("不再接收这类邮件\nhttps://care.example.com/u/"), "{}", mail(letter).1);
}

#[tokio::test]
async fn an_agent_is_mailed_where_that_is_wished_and_else_told_in_the_console_alone() {
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &crate::shop::policies()).await;
    order(&shop, "web", json!({"ref": "c-1"})).await;
    assert_eq!(letters(&shop), []);
    assert_eq!(delivery(&shop, "order_assigned").state, DeliveryState::Delivered, "the console has it");
    let wished: AgentWishes = serde_json::from_value(json!({"email": "ana@shop.example", "locale": "en"})).unwrap();
    let (world, caller, ana) =
        (shop.memory.world(), crate::shop::caller(Role::Admin), AgentId::parse("ag_ana").unwrap());
    let (asked, keyed) = ((&wished, &IfMatch::Any), Keyed::without("PUT"));
    wishes::set_agent(&world, &caller, &ana, asked, &keyed, shop.memory.moment()).await.unwrap();
    let received = shop.say("k2", "又坏了 broken again").await.unwrap();
    shop.memory.settle().await;
    let [letter] = &letters(&shop)[..] else { panic!("one letter") };
    let (subject, text, _) = mail(letter);
    assert!(subject.starts_with("An order is yours (P"), "{subject}");
    assert!(text.contains(WorkOrderId::of(&crate::shop::tenant(), &received.id).as_str()), "{text}");
    assert!(!text.contains("broken"), "{text}");
}

#[tokio::test]
async fn an_agents_eleventh_mail_within_an_hour_stands_in_the_console_alone() {
    let shop = Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 50)], &crate::shop::policies()).await;
    let wished: AgentWishes = serde_json::from_value(json!({"email": "ana@shop.example"})).unwrap();
    let (world, caller, ana) =
        (shop.memory.world(), crate::shop::caller(Role::Admin), AgentId::parse("ag_ana").unwrap());
    let (asked, keyed) = ((&wished, &IfMatch::Any), Keyed::without("PUT"));
    wishes::set_agent(&world, &caller, &ana, asked, &keyed, shop.memory.moment()).await.unwrap();
    for number in 0..11 {
        shop.say(&format!("k{number}"), "又坏了 broken again").await.unwrap();
        shop.memory.settle().await;
    }
    assert_eq!(letters(&shop).len(), 10);
    assert!(shop.memory.notices().iter().all(|notice| notice.state == DeliveryState::Delivered));
}

/// Every text that a life of orders has people told can be written in both languages.
#[tokio::test]
async fn whatever_is_told_in_a_life_can_be_written() {
    let shop = Shop::at(
        MONDAY.parse().unwrap(),
        &["ana", "bo"].map(|name| crate::shop::agent(name, &["zh", "en"], 9)),
        &crate::shop::policies(),
    )
    .await;
    let id = order(&shop, "email", li_na()).await;
    let bo = AgentId::parse("ag_bo").unwrap();
    shop.watch("w", &id, &bo).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(30)).await.unwrap();
    let part = shop.split("s", &id, true).await.unwrap();
    shop.move_to("p", &part, Status::Resolved).await.unwrap();
    shop.move_to("p2", &part, Status::Reopened).await.unwrap();
    shop.hear("h", &id, "太差了，垃圾，骗人 terrible, the worst").await.unwrap();
    shop.move_to("p3", &part, Status::Resolved).await.unwrap();
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(30)).await.unwrap();
    let unwritten: Vec<_> = shop
        .memory
        .notices()
        .into_iter()
        .filter(|notice| {
            matches!(
                notice.why.as_deref(),
                Some("unwritable" | "unknown_template" | "no_words" | "no_order" | "no_person")
            )
        })
        .collect();
    assert_eq!(unwritten, []);
    let told: std::collections::BTreeSet<_> = shop.memory.notices().into_iter().map(|notice| notice.template).collect();
    assert!(told.len() > 5, "{told:?}");
}
