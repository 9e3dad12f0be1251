//! Customers who are called and asked whether it was put right.

use super::world::Shop;
use crate::shop;
use jiff::SignedDuration;
use redress_domain::id::{SurveyId, WorkOrderId};
use redress_domain::order::{OrderKind, Status, WorkOrder};
use redress_domain::policy::{RevisitAfter, RevisitPolicy};
use redress_domain::priority::Priority;
use redress_domain::reach::{CustomerWishes, Topic};
use redress_domain::sla::Metric;
use redress_domain::survey::{SkipReason, Survey, SurveyState};
use redress_service::auth::Role;
use redress_service::desk::IfMatch;
use redress_service::reply::Keyed;
use redress_service::{Fault, wishes};

async fn open(after: RevisitAfter, share_percent: u8) -> Shop {
    let mut policies = shop::policies();
    policies.survey[0].window_seconds = 86_400;
    policies.survey[0].revisit = Some(RevisitPolicy { after, share_percent });
    let agents = ["ana", "bo", "chen", "dai"].map(|name| shop::agent(name, &["zh", "en"], 90));
    Shop::of(&agents, &policies).await
}

async fn resolved(shop: &Shop, key: &str) -> WorkOrder {
    let received = shop.say(key, "充电器起火了 the charger caught fire").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    shop.move_to(&format!("m {key}"), &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    shop.order(&id).await
}

async fn live(shop: &Shop, hours: i64) {
    shop.memory.live(SignedDuration::from_hours(hours)).await.unwrap();
}

async fn survey(shop: &Shop, id: &WorkOrderId) -> Survey {
    shop.surveys(id).await.pop().unwrap()
}

/// How many orders there are to call somebody.
fn calls(shop: &Shop) -> usize {
    let snapshot = shop.memory.store().snapshot();
    snapshot.iter().filter(|record| record.key.sort == "order" && !record.body["revisits"].is_null()).count()
}

#[tokio::test]
async fn who_never_answered_is_called_by_somebody_else() {
    let shop = open(RevisitAfter::Expired, 100).await;
    let order = resolved(&shop, "k").await;
    assert_eq!(calls(&shop), 0);
    live(&shop, 25).await;
    let survey = survey(&shop, &order.id).await;
    let call = shop.order(survey.revisit.as_ref().unwrap()).await;
    assert_eq!(call.id, WorkOrderId::revisiting(&survey.id));
    assert_eq!((call.kind(), order.kind()), (OrderKind::Revisit, OrderKind::Case));
    assert_eq!((call.priority, call.category, call.language), (Priority::P4, order.category, order.language));
    assert_eq!((call.status, call.customer), (Status::Assigned, order.customer));
    assert_ne!(call.agent, order.agent);
    assert!(call.feedback_ids.is_empty() && call.clocks.latest(&Metric::FirstResponse).is_none());
    assert!(call.clocks.latest(&Metric::Resolution).is_some());
    assert_eq!(shop.story(&order.id).await.last().unwrap(), "revisit_made");
    assert_eq!(calls(&shop), 1);
    assert_eq!(shop.said_by("c-1").await.len(), 1, "a call is nothing that the customer said");
}

#[tokio::test]
async fn nobody_is_called_about_what_came_back_or_was_said_in_a_call_or_who_wants_no_questions() {
    let shop = open(RevisitAfter::Expired, 100).await;
    let back = resolved(&shop, "back").await;
    shop.move_to("reopened", &back.id, Status::Reopened).await.unwrap();
    let called = resolved(&shop, "called").await;
    shop.enter("e", &SurveyId::of(&shop::tenant(), &called.id, 1), 5).await.unwrap();
    let muted = resolved(&shop, "muted").await;
    let wished = CustomerWishes { muted: [Topic::Survey].into(), ..CustomerWishes::default() };
    shop.memory.settle().await;
    let (world, moment, caller) = (shop.memory.world(), shop.memory.moment(), shop::caller(Role::Admin));
    let asked = (&wished, &IfMatch::Any);
    wishes::set_customer(&world, &caller, "c-1", asked, &Keyed::without("PUT"), moment).await.unwrap();
    live(&shop, 25).await;
    for order in [&back, &called, &muted] {
        let survey = shop.surveys(&order.id).await.remove(0);
        assert_eq!((survey.state, survey.revisit), (SurveyState::Expired, None));
    }
    assert_eq!(calls(&shop), 0);
}

#[tokio::test]
async fn what_the_customer_says_in_a_call_is_heard_and_kept_apart() {
    let shop = open(RevisitAfter::Expired, 100).await;
    let order = resolved(&shop, "k").await;
    live(&shop, 25).await;
    let id = SurveyId::of(&shop::tenant(), &order.id, 1);
    let reply = shop.enter("e", &id, 2).await.unwrap();
    assert_eq!((&reply.body["csat"], &reply.body["given_by"]["kind"]), (&2.into(), &"api_key".into()));
    assert!(shop.enter("e", &id, 2).await.unwrap().replayed);
    shop.enter("f", &id, 2).await.unwrap();
    shop.memory.settle().await;
    let survey = survey(&shop, &order.id).await;
    assert_eq!((survey.state, survey.answers.len()), (SurveyState::Expired, 1), "the same again is one answer");
    assert!(survey.own().is_none() && survey.entered().is_some());
    let back = shop.order(&order.id).await;
    assert_eq!((back.status, back.reopen_count), (Status::Reopened, 1));
    let answered = back.facts.iter().find(|fact| fact.what.word() == "survey_answered").unwrap();
    assert_eq!(answered.actor.id, reply.body["given_by"]["id"].as_str().unwrap(), "who wrote it down");
    // Nobody is asked about a call.
    let call = survey.revisit.unwrap();
    shop.move_to("call", &call, Status::Resolved).await.unwrap();
    live(&shop, 48).await;
    let about = shop.surveys(&call).await;
    assert_eq!((about.len(), about[0].skipped), (1, Some(SkipReason::Revisit)));
    assert_eq!(calls(&shop), 1, "and nobody is called about one");
}

#[tokio::test]
async fn a_customer_who_answers_late_and_is_called_too_is_heard_both_times() {
    let shop = open(RevisitAfter::Always, 100).await;
    let order = resolved(&shop, "k").await;
    shop.answer(&order.id, 5, true).await.unwrap();
    shop.memory.settle().await;
    let survey_id = SurveyId::of(&shop::tenant(), &order.id, 1);
    assert_eq!(calls(&shop), 1);
    shop.enter("e", &survey_id, 4).await.unwrap();
    shop.memory.settle().await;
    let survey = survey(&shop, &order.id).await;
    assert_eq!((survey.own().unwrap().csat, survey.entered().unwrap().csat), (Some(5), Some(4)));
    assert_eq!((survey.state, calls(&shop)), (SurveyState::Answered, 1));
    assert_eq!(shop.order(&order.id).await.status, Status::Resolved);
}

#[tokio::test]
async fn at_the_cap_the_call_is_as_urgent_as_the_order() {
    let shop = open(RevisitAfter::DissatisfiedAtCap, 100).await;
    let order = resolved(&shop, "k").await;
    for round in 0..2 {
        shop.answer(&order.id, 1, false).await.unwrap();
        shop.memory.settle().await;
        assert_eq!(calls(&shop), 0);
        shop.move_to(&format!("again {round}"), &order.id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
    }
    shop.answer(&order.id, 1, false).await.unwrap();
    shop.memory.settle().await;
    let now = shop.order(&order.id).await;
    assert!(now.supervised);
    let call = shop.order(survey(&shop, &order.id).await.revisit.as_ref().unwrap()).await;
    assert_eq!((call.priority, calls(&shop)), (now.priority, 1));
    assert!(call.priority < Priority::P4);
}

#[tokio::test]
async fn a_share_of_the_customers_is_called_and_the_same_ones_whoever_asks() {
    let shop = open(RevisitAfter::Expired, 30).await;
    for number in 0..40 {
        resolved(&shop, &number.to_string()).await;
    }
    live(&shop, 25).await;
    let first = calls(&shop);
    assert!((4..=22).contains(&first), "{first} of 40");
    live(&shop, 25).await;
    assert_eq!(calls(&shop), first);
}

#[tokio::test]
async fn whoever_was_called_before_it_was_time_is_not_asked_any_more() {
    let mut policies = shop::policies();
    policies.survey[0].delay_seconds = 3600;
    let shop = Shop::of(&["ana", "bo"].map(|name| shop::agent(name, &["zh", "en"], 9)), &policies).await;
    let order = resolved(&shop, "k").await;
    shop.enter("e", &SurveyId::of(&shop::tenant(), &order.id, 1), 5).await.unwrap();
    live(&shop, 3).await;
    let survey = survey(&shop, &order.id).await;
    assert_eq!((survey.state, survey.skipped), (SurveyState::Skipped, Some(SkipReason::Called)));
    let unknown = shop.enter("e", &SurveyId::derive(&["nothing"]), 5).await;
    assert_eq!(unknown.unwrap_err(), Fault::NotFound);
}

#[tokio::test]
async fn a_call_is_not_merged() {
    let shop = open(RevisitAfter::Expired, 100).await;
    let order = resolved(&shop, "k").await;
    live(&shop, 25).await;
    let call = survey(&shop, &order.id).await.revisit.unwrap();
    for (one, other) in [(&call, &order.id), (&order.id, &call)] {
        assert!(matches!(shop.merge("m", one, other).await, Err(Fault::Conflict(_))));
    }
}
