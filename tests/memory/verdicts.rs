//! What a bad verdict brings back, and how it is looked at anew.

use super::world::Shop;
use redress_domain::category::Category;
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::fact::{Fact, What};
use redress_domain::id::WorkOrderId;
use redress_domain::order::{Status, WorkOrder};
use redress_domain::policy::SurveyPolicy;
use redress_domain::priority::Priority;
use redress_domain::sla::Metric;
use redress_domain::survey::SurveyState;
use serde_json::json;

/// An order about something, resolved and asked about.
async fn resolved(shop: &Shop, message: &str, prepare: impl AsyncFnOnce(&WorkOrderId)) -> WorkOrder {
    let received = shop.say("k", message).await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    prepare(&id).await;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    shop.order(&id).await
}

async fn complained(shop: &Shop, order: &WorkOrder, comment: &str) -> WorkOrder {
    shop.complain(&order.id, comment).await.unwrap();
    shop.memory.settle().await;
    shop.order(&order.id).await
}

fn fact<'a>(order: &'a WorkOrder, word: &str) -> &'a Fact {
    order.facts.iter().rfind(|fact| fact.what.word() == word).unwrap_or_else(|| panic!("no {word}"))
}

#[tokio::test]
async fn what_the_customer_adds_makes_it_more_urgent_and_each_effect_names_its_cause() {
    for (message, comment) in [
        ("耳机左边没有声音", "换来的耳机充电时起火了，孩子的手被烧伤，我要找律师"),
        (
            "The left earbud has no sound",
            "the new one caught fire while charging and burned my child, I will call my lawyer",
        ),
    ] {
        let shop = Shop::open().await;
        let before = resolved(&shop, message, async |_| ()).await;
        let after = complained(&shop, &before, comment).await;
        assert!(after.priority < before.priority, "{message}: {:?} {:?}", before.priority, after.priority);
        assert!(after.score >= before.score);
        assert_ne!(after.agent, before.agent);
        // From who has it now back to what the customer said.
        let assigned = fact(&after, "assigned");
        let reassessed = after.facts.iter().find(|fact| Some(&fact.id) == assigned.cause.as_ref()).unwrap();
        let What::Reassessed { survey, .. } = &reassessed.what else { panic!("{reassessed:?}") };
        assert_eq!(reassessed.cause.as_deref(), Some(survey.as_str()));
        assert_eq!(fact(&after, "priority_changed").cause.as_ref(), Some(&reassessed.id));
        assert_eq!(fact(&after, "reopened").cause.as_deref(), Some(survey.as_str()));
        let answered = fact(&after, "survey_answered");
        assert!(matches!(&answered.what, What::SurveyAnswered { survey: of, .. } if of == survey));
        let order: Vec<_> = after.facts.iter().map(|fact| fact.what.word()).collect();
        let at = |word: &str| order.iter().rposition(|each| *each == word).unwrap();
        assert!(at("survey_answered") < at("reopened") && at("reopened") < at("reassessed"));
        assert!(at("reassessed") < at("priority_changed") && at("priority_changed") < at("assigned"));
        let whole = serde_json::to_string(&after.facts).unwrap();
        assert!(!whole.contains("律师") && !whole.contains("lawyer"), "words stay where they were said");
    }
}

#[tokio::test]
async fn it_never_becomes_less_urgent() {
    let shop = Shop::open().await;
    let before = resolved(&shop, "充电器起火了，孩子被烧伤", async |_| ()).await;
    let after = complained(&shop, &before, "还行吧 it is fine").await;
    assert_eq!((after.status, after.priority, after.score), (Status::Reopened, before.priority, before.score));
    // Nor where a person has made it more urgent than its words.
    let shop = Shop::open().await;
    let urgent = async |id: &WorkOrderId| drop(shop.prioritise("p", id, Priority::P1).await.unwrap());
    let before = resolved(&shop, "请问怎么开发票", urgent).await;
    assert_eq!(complained(&shop, &before, "没有人回我").await.priority, Priority::P1);
}

#[tokio::test]
async fn it_is_about_something_else_only_where_that_is_sure_and_no_person_has_said() {
    let (message, comment) = ("快递还没到", "质量太差了，用两天就坏了，屏幕裂开，按键全部失灵，这个手机质量有问题");
    let shop = Shop::open().await;
    let before = resolved(&shop, message, async |_| ()).await;
    assert_eq!(before.category, Category::Logistics);
    let after = complained(&shop, &before, comment).await;
    assert_eq!(after.category, Category::ProductQuality);
    assert_eq!(fact(&after, "category_changed").cause, Some(fact(&after, "reassessed").id.clone()));

    let shop = Shop::open().await;
    let said = async |id: &WorkOrderId| drop(shop.relabel_order("c", id, Category::Logistics).await.unwrap());
    let before = resolved(&shop, message, said).await;
    let after = complained(&shop, &before, comment).await;
    assert_eq!((after.category, after.needs_review), (Category::Logistics, false));

    let shop = Shop::open().await;
    let before = resolved(&shop, "嗯", async |_| ()).await;
    let after = complained(&shop, &before, "唉").await;
    assert_eq!((after.category, after.needs_review), (before.category, true));
}

#[tokio::test]
async fn without_a_comment_there_is_nothing_new_to_read() {
    let shop = Shop::open().await;
    let before = resolved(&shop, "快递还没到", async |_| ()).await;
    shop.answer(&before.id, 1, false).await.unwrap();
    shop.memory.settle().await;
    let after = shop.order(&before.id).await;
    assert!(!after.facts.iter().any(|fact| fact.what.word() == "reassessed"));
    assert_eq!(fact(&after, "assigned").cause, Some(fact(&after, "reopened").id.clone()));
}

#[tokio::test]
async fn at_the_cap_it_is_read_again_too_and_the_supervisors_are_told() {
    let shop = Shop::open().await;
    let order = resolved(&shop, "耳机左边没有声音", async |_| ()).await;
    for round in 0..2 {
        shop.answer(&order.id, 2, false).await.unwrap();
        shop.memory.settle().await;
        shop.move_to(&format!("again {round}"), &order.id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
    }
    let after = complained(&shop, &order, "充电时起火了，孩子的手被烧伤").await;
    assert!(after.supervised && after.agent.is_none() && !after.is_waiting());
    assert_eq!((after.reopen_count, after.status), (2, Status::Reopened));
    assert!(after.priority < order.priority);
    let told = |notice: &Delivery| notice.to == Recipient::Supervisors && notice.reason.contains("reopen_cap");
    assert_eq!(shop.memory.notices().iter().filter(|notice| told(notice)).count(), 1);
    // What the supervisor resolves is asked about no more.
    shop.move_to("last", &order.id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let last = shop.surveys(&order.id).await.pop().unwrap();
    assert_eq!(last.skipped, Some(redress_domain::survey::SkipReason::Supervised));
}

/// The customer writes again, in the thread of what they said first.
async fn write_again(shop: &Shop, key: &str, order: &WorkOrder, message: &str) {
    let said = json!({
        "channel": "web", "message": message, "customer": {"ref": "c-1"}, "thread": order.feedback_ids[0]
    });
    shop.hand_over(key, serde_json::from_value(said).unwrap()).await.unwrap();
    shop.memory.settle().await;
}

#[tokio::test]
async fn a_reply_that_is_a_score_is_the_customers_answer_and_stays_a_message() {
    for by_thread in [false, true] {
        let shop = Shop::open().await;
        let order = resolved(&shop, "快递还没到", async |id| drop(shop.reply("r", id).await.unwrap())).await;
        let say = async |key: &str, words: &str| {
            if by_thread {
                write_again(&shop, key, &order, words).await;
            } else {
                shop.hear(key, &order.id, words).await.unwrap();
                shop.memory.settle().await;
            }
            shop.surveys(&order.id).await.pop().unwrap()
        };
        let first = say("a", "５分").await;
        assert_eq!((first.state, first.answers.last().unwrap().csat), (SurveyState::Answered, Some(5)));
        let again = say("b", "已解决！谢谢小美").await;
        let last = again.answers.last().unwrap();
        assert_eq!((again.answers.len(), last.csat, last.solved), (2, None, Some(true)));
        assert_eq!(last.comment.as_deref(), Some("谢谢小美"));
        let now = shop.order(&order.id).await;
        assert_eq!((now.status, now.messages, now.reopen_count), (Status::Resolved, order.messages + 2, 0));
        assert!(now.clocks.live_clock(&Metric::NextResponse).is_none(), "nobody waits for an answer to that");
        assert_eq!(now.facts.iter().filter(|fact| fact.what.word() == "survey_answered").count(), 2);
        // The same once more is a message, and no other answer.
        assert_eq!(say("c", "已解决！谢谢小美").await.answers.len(), 2);
        assert_eq!(shop.order(&order.id).await.messages, order.messages + 3);
    }
}

#[tokio::test]
async fn a_bad_score_by_reply_brings_it_back_as_any_other_does() {
    for by_thread in [false, true] {
        let shop = Shop::open().await;
        let order = resolved(&shop, "The left earbud has no sound", async |_| ()).await;
        let words = "1, the new one caught fire and burned my child";
        if by_thread {
            write_again(&shop, "a", &order, words).await;
        } else {
            shop.hear("a", &order.id, words).await.unwrap();
            shop.memory.settle().await;
        }
        let now = shop.order(&order.id).await;
        assert_eq!((now.status, now.reopen_count), (Status::Reopened, 1));
        assert!(now.is_contested() && now.agent != order.agent && now.priority < order.priority);
        assert_eq!(now.excluded, order.agent.into_iter().collect::<Vec<_>>());
        // Now that it is open again a number is a message like any other.
        shop.hear("b", &now.id, "5").await.unwrap();
        shop.memory.settle().await;
        let surveys = shop.surveys(&now.id).await;
        assert_eq!((surveys.len(), surveys[0].answers.len()), (1, 1));
        assert_eq!(shop.order(&now.id).await.status, Status::Reopened);
    }
}

#[tokio::test]
async fn a_number_before_anybody_asked_or_after_the_window_is_no_answer() {
    let mut policies = crate::shop::policies();
    policies.survey = vec![SurveyPolicy::plain(SurveyPolicy::EVERYONE, 3600, 3600)];
    let agents = ["ana", "bo"].map(|name| crate::shop::agent(name, &["zh", "en"], 10));
    let shop = Shop::of(&agents, &policies).await;
    let order = resolved(&shop, "快递还没到", async |_| ()).await;
    shop.hear("a", &order.id, "5").await.unwrap();
    shop.memory.live(jiff::SignedDuration::from_hours(3)).await.unwrap();
    shop.hear("b", &order.id, "5").await.unwrap();
    shop.memory.settle().await;
    let survey = shop.surveys(&order.id).await.pop().unwrap();
    assert_eq!((survey.state, survey.answers.len()), (SurveyState::Expired, 0));
    assert_eq!(shop.order(&order.id).await.messages, 2);
}

#[tokio::test]
async fn a_score_that_comes_after_the_order_closed_but_within_the_surveys_window_counts() {
    let mut policies = crate::shop::policies();
    policies.survey = vec![SurveyPolicy::plain(SurveyPolicy::EVERYONE, 3600, 30 * 86_400)];
    let agents = ["ana", "bo"].map(|name| crate::shop::agent(name, &["zh", "en"], 10));
    let shop = Shop::of(&agents, &policies).await;
    let order = resolved(&shop, "快递还没到", async |_| ()).await;
    shop.memory.live(jiff::SignedDuration::from_hours(24 * 8)).await.unwrap();
    assert_eq!(shop.order(&order.id).await.status, Status::Closed);
    write_again(&shop, "a", &order, "4分").await;
    assert_eq!(shop.surveys(&order.id).await.pop().unwrap().answers.last().unwrap().csat, Some(4));
    assert_eq!((shop.order(&order.id).await.status, shop.orders()), (Status::Closed, 1));
    // What is no score begins an order of its own, as ever.
    write_again(&shop, "b", &order, "包裹又丢了").await;
    assert_eq!(shop.orders(), 2);
}
