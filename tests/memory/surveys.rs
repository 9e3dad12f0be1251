//! When customers are asked, reminded and left in peace.

use super::world::Shop;
use crate::shop;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::fact::What;
use redress_domain::feedback::Feedback;
use redress_domain::id::WorkOrderId;
use redress_domain::order::Status;
use redress_domain::policy::{Policies, SurveyPolicy};
use redress_domain::reach::QuietHours;
use redress_domain::survey::{SkipReason, Survey, SurveyState};
use redress_service::auth::Role;
use redress_service::lists::{self, SurveyFilter};
use redress_service::publish;
use serde_json::{Value, json};

/// As shipped: after four hours, by day, once a week, with a reminder after two days.
fn shipped() -> Policies {
    Policies { survey: Policies::shipped().survey, ..shop::policies() }
}

fn with(change: impl FnOnce(&mut SurveyPolicy)) -> Policies {
    let mut policies = shop::policies();
    change(&mut policies.survey[0]);
    policies
}

async fn open(policies: &Policies) -> Shop {
    let agents = ["ana", "bo", "chen"].map(|name| shop::agent(name, &["zh", "en"], 10));
    Shop::of(&agents, policies).await
}

/// Something that a customer says, and the order that it becomes.
async fn order(shop: &Shop, key: &str, channel: &str, customer: Value) -> WorkOrderId {
    let said = json!({"channel": channel, "message": "快递还没到 my parcel is late", "customer": customer});
    let feedback: Feedback = serde_json::from_value(said).unwrap();
    let received = shop.hand_over(key, feedback).await.unwrap();
    shop.memory.settle().await;
    shop.order_of(&received.id).await.id
}

async fn resolved(shop: &Shop, key: &str, channel: &str, customer: Value) -> WorkOrderId {
    let id = order(shop, key, channel, customer).await;
    shop.move_to(&format!("resolve {key}"), &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    id
}

async fn survey(shop: &Shop, id: &WorkOrderId) -> Survey {
    shop.surveys(id).await.pop().expect("there is one")
}

async fn live(shop: &Shop, hours: i64) {
    shop.memory.live(SignedDuration::from_hours(hours)).await.unwrap();
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What customers were asked, by template.
fn sent(shop: &Shop) -> Vec<(String, String)> {
    let asks = |notice: &Delivery| matches!(notice.to, Recipient::Customer(_)) && notice.template.starts_with("survey");
    let notices = shop.memory.notices().into_iter().filter(asks);
    notices.map(|notice| (notice.work_order.map(|id| id.to_string()).unwrap_or_default(), notice.template)).collect()
}

#[tokio::test]
async fn customers_are_asked_in_their_own_day() {
    // At ten in the morning in Shanghai it is three in the morning in London; four hours later, six.
    let shop = open(&shipped()).await;
    let shanghai = resolved(&shop, "zh", "web", json!({"ref": "c-1", "locale": "zh-CN"})).await;
    let london = resolved(&shop, "en", "web", json!({"ref": "c-2", "locale": "en-GB"})).await;
    let unknown = resolved(&shop, "us", "web", json!({"ref": "c-3", "locale": "en-US"})).await;
    for (id, expected) in [
        (&shanghai, "2026-11-23T14:00:00+08:00"),
        (&london, "2026-11-23T09:00:00Z"),
        (&unknown, "2026-11-23T14:00:00+08:00"),
    ] {
        let survey = survey(&shop, id).await;
        assert_eq!(survey.ask_at, at(expected), "{:?}", survey.time_zone);
        assert_eq!(survey.closes_at, at(expected) + SignedDuration::from_hours(24 * 7));
    }
    live(&shop, 24).await;
    let survey = survey(&shop, &london).await;
    assert_eq!(survey.state, SurveyState::Sent);
    assert!(survey.sent_at.unwrap() >= at("2026-11-23T09:00:00Z"));
}

#[tokio::test]
async fn a_customer_whose_clock_nobody_knows_lives_by_the_policys_then_by_the_shops() {
    let night = |policy: &mut SurveyPolicy| {
        policy.quiet_hours = Some(QuietHours::CUSTOMERS);
    };
    let shop = open(&with(night)).await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1", "locale": "zh"})).await;
    assert_eq!(survey(&shop, &id).await.time_zone.as_deref(), Some("Asia/Shanghai"));
    let shop = open(&with(|policy| {
        night(policy);
        policy.time_zone = Some("America/New_York".to_owned());
    }))
    .await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1"})).await;
    // It is 21:00 on Sunday in New York.
    assert_eq!(survey(&shop, &id).await.ask_at, at("2026-11-23T09:00:00-05:00"));
}

#[tokio::test]
async fn who_comes_late_to_ask_waits_for_the_morning_too() {
    let shop = open(&with(|policy| {
        policy.delay_seconds = 10 * 3600;
        policy.quiet_hours = Some(QuietHours::CUSTOMERS);
    }))
    .await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1"})).await;
    assert_eq!(survey(&shop, &id).await.ask_at, at("2026-11-23T20:00:00+08:00"));
    // Nobody sweeps until two hours later.
    shop.wait(12 * 3600);
    shop.memory.sweep().await.unwrap();
    shop.memory.settle().await;
    let put_off = survey(&shop, &id).await;
    assert_eq!((put_off.state, put_off.ask_at), (SurveyState::Scheduled, at("2026-11-24T09:00:00+08:00")));
    assert_eq!(put_off.closes_at, at("2026-12-01T09:00:00+08:00"), "the window moves along");
    live(&shop, 12).await;
    assert_eq!(survey(&shop, &id).await.state, SurveyState::Sent);
}

#[tokio::test]
async fn a_customer_is_reminded_once_and_then_given_up() {
    let shop = open(&shipped()).await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1"})).await;
    live(&shop, 24 * 3).await;
    let reminded = survey(&shop, &id).await;
    assert_eq!(reminded.state, SurveyState::Sent);
    let after = reminded.reminded_at.unwrap().duration_since(reminded.sent_at.unwrap());
    assert!(after >= SignedDuration::from_hours(48) && after <= SignedDuration::from_mins(48 * 60 + 2), "{after:?}");
    live(&shop, 24 * 6).await;
    assert_eq!(survey(&shop, &id).await.state, SurveyState::Expired);
    let templates: Vec<_> = sent(&shop).into_iter().map(|(_, template)| template).collect();
    assert_eq!(templates, ["survey_invitation", "survey_reminder"]);
    let story = shop.story(&id).await;
    let about: Vec<_> = story.iter().filter(|word| word.starts_with("survey")).collect();
    assert_eq!(about, ["survey_scheduled", "survey_sent", "survey_reminded", "survey_expired"]);
    assert_eq!(shop.memory.dead(), []);
}

#[tokio::test]
async fn nobody_is_reminded_who_has_answered_or_whose_order_came_back() {
    let shop = open(&shipped()).await;
    let answers = resolved(&shop, "a", "web", json!({"ref": "c-1"})).await;
    let returns = resolved(&shop, "b", "web", json!({"ref": "c-2"})).await;
    live(&shop, 24).await;
    shop.answer(&answers, 5, true).await.unwrap();
    shop.move_to("back", &returns, Status::Reopened).await.unwrap();
    live(&shop, 24 * 9).await;
    assert_eq!(sent(&shop).iter().filter(|(_, template)| template == "survey_reminder").count(), 0);
    assert_eq!(survey(&shop, &answers).await.state, SurveyState::Answered);
    assert_eq!(survey(&shop, &returns).await.state, SurveyState::Expired);
}

#[tokio::test]
async fn a_reminder_that_falls_into_the_night_comes_in_the_morning() {
    let shop = open(&with(|policy| {
        policy.quiet_hours = Some(QuietHours::CUSTOMERS);
        policy.reminder_after_seconds = Some(12 * 3600);
    }))
    .await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1"})).await;
    assert_eq!(survey(&shop, &id).await.remind_at, Some(at("2026-11-24T09:00:00+08:00")));
}

#[tokio::test]
async fn a_customer_who_was_asked_is_left_in_peace_for_a_while() {
    let cool = with(|policy| policy.cool_down_seconds = Some(24 * 3600));
    let shop = open(&cool).await;
    let first = resolved(&shop, "a", "web", json!({"ref": "c-1"})).await;
    let second = resolved(&shop, "b", "web", json!({"ref": "c-1"})).await;
    let other = resolved(&shop, "c", "web", json!({"ref": "c-2"})).await;
    shop.wait(24 * 3600);
    let third = resolved(&shop, "d", "web", json!({"ref": "c-1"})).await;
    let mut told = Vec::new();
    for id in [&first, &second, &other, &third] {
        let survey = survey(&shop, id).await;
        told.push((survey.state, survey.skipped));
    }
    let (asked, spared) = ((SurveyState::Sent, None), (SurveyState::Skipped, Some(SkipReason::CoolDown)));
    assert_eq!(told, [asked, spared, asked, asked]);
    assert_eq!(sent(&shop).len(), 3);
    let skipped = shop.order(&second).await.facts.into_iter().find_map(|fact| match fact.what {
        What::SurveySkipped { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(skipped, Some(SkipReason::CoolDown));
}

#[tokio::test]
async fn of_two_orders_that_ask_one_customer_at_once_one_does() {
    let shop = open(&with(|policy| {
        policy.delay_seconds = 60;
        policy.cool_down_seconds = Some(24 * 3600);
    }))
    .await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c", "d"] {
        ids.push(resolved(&shop, key, "web", json!({"ref": "c-1"})).await);
    }
    shop.wait(60);
    shop.memory.sweep().await.unwrap();
    let (world, events) = (shop.memory.world(), shop.memory.waiting());
    let handled =
        join_all(events.iter().map(|event| redress_service::handle(&world, event, shop.memory.moment()))).await;
    assert!(handled.into_iter().all(|one| one.is_ok()));
    shop.memory.settle().await;
    let mut states = Vec::new();
    for id in &ids {
        states.push(survey(&shop, id).await.state);
    }
    states.sort_by_key(|state| *state == SurveyState::Skipped);
    assert_eq!(states[..1], [SurveyState::Sent]);
    assert!(states[1..].iter().all(|state| *state == SurveyState::Skipped), "{states:?}");
    assert_eq!(sent(&shop).len(), 1, "who is skipped is sent nothing");
}

#[tokio::test]
async fn whom_nothing_can_be_sent_is_not_asked() {
    let shop = open(&shop::policies()).await;
    for (channel, customer, asked) in [
        ("store", json!({"ref": "c-1"}), false),
        ("phone", json!({"ref": "c-2"}), false),
        ("phone", json!({"ref": "c-3", "phone": "13800138000"}), true),
        ("marketplace", json!({"ref": "c-4"}), false),
        ("wechat", json!({"ref": "c-5"}), true),
        ("app", json!({"ref": "c-6"}), true),
    ] {
        let id = resolved(&shop, &customer.to_string(), channel, customer).await;
        let survey = survey(&shop, &id).await;
        let expected = if asked { None } else { Some(SkipReason::NoChannel) };
        assert_eq!(survey.skipped, expected, "{channel}");
    }
}

#[tokio::test]
async fn who_resolves_may_say_that_the_customer_is_not_to_be_asked() {
    let shop = open(&shop::policies()).await;
    let id = order(&shop, "k", "web", json!({"ref": "c-1"})).await;
    for _ in 0..2 {
        shop.resolve_unasked("m", &id).await.unwrap();
    }
    shop.memory.settle().await;
    assert_eq!(survey(&shop, &id).await.skipped, Some(SkipReason::OptedOut));
    let facts = shop.order(&id).await.facts;
    let declined = facts.iter().find(|fact| fact.what == What::SurveyDeclined { cycle: 1 }).unwrap();
    assert_eq!(declined.actor, facts.iter().find(|fact| fact.what.word() == "status_changed").unwrap().actor);
    // What is resolved again is asked about.
    shop.move_to("back", &id, Status::Reopened).await.unwrap();
    shop.move_to("again", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(survey(&shop, &id).await.state, SurveyState::Sent);
}

#[tokio::test]
async fn an_order_that_nobody_resolved_is_not_asked_about() {
    let shop = open(&shop::policies()).await;
    let id = order(&shop, "k", "web", json!({"ref": "c-1"})).await;
    shop.move_to("m", &id, Status::Cancelled).await.unwrap();
    live(&shop, 24).await;
    assert_eq!((shop.surveys(&id).await.len(), sent(&shop)), (0, vec![]));
    // And closing by itself asks nothing more.
    let id = resolved(&shop, "l", "web", json!({"ref": "c-1"})).await;
    live(&shop, 24 * 9).await;
    assert_eq!((shop.order(&id).await.status, sent(&shop).len()), (Status::Closed, 1));
}

#[tokio::test]
async fn another_policy_moves_no_survey_that_is_arranged() {
    let shop = open(&shipped()).await;
    let id = resolved(&shop, "k", "web", json!({"ref": "c-1"})).await;
    let before = survey(&shop, &id).await;
    let mut newer = shop::policies();
    newer.version += 1;
    newer.survey[0].version += 1;
    newer.survey[0].delay_seconds = 30 * 86_400;
    let write = publish::policies(&shop::tenant(), &newer, 1).unwrap();
    shop.memory.world().store.commit(&[write]).await.unwrap();
    assert_eq!(survey(&shop, &id).await, before);
    live(&shop, 24 * 3).await;
    let survey = survey(&shop, &id).await;
    assert_eq!(survey.state, SurveyState::Sent);
    assert!(survey.reminded_at.is_some(), "as was agreed when it was arranged");
}

#[tokio::test]
async fn surveys_of_a_time_are_listed_without_reading_those_that_came_after_it() {
    let shop = Shop::open().await;
    let mut made = Vec::new();
    for number in 0..40 {
        let said = json!({"channel": "web", "message": "水壶漏水 The kettle leaks", "customer": {"ref": format!("c-{number}")}});
        let received = shop.hand_over(&format!("k{number}"), serde_json::from_value(said).unwrap()).await.unwrap();
        shop.memory.settle().await;
        let id = shop.order_of(&received.id).await.id;
        shop.move_to(&format!("m{number}"), &id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
        made.push(survey(&shop, &id).await);
        shop.wait(60);
    }
    let (world, caller) = (shop.memory.world(), shop::caller(Role::Supervisor));
    let filter = SurveyFilter { to: Some(made[2].created_at), ..SurveyFilter::default() };
    let before = shop.memory.store().meter();
    let page = lists::surveys(&world, &caller, &filter, None, 3).await.unwrap();
    let read = shop.memory.store().meter().since(before).documents;
    let ids = |surveys: &[Survey]| surveys.iter().map(|survey| survey.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&page.items), page.next), (ids(&made[..2]), None));
    assert!(read < 40, "{read}");
}
