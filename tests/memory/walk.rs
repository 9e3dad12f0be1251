//! One feedback, all the way.

use super::world::Shop;
use crate::shop;
use jiff::SignedDuration;
use redress_domain::delivery::Recipient;
use redress_domain::order::Status;
use redress_domain::policy::Terms;
use redress_domain::sla::{ClockState, Metric};
use redress_domain::survey::SurveyState;
use redress_service::auth::Role;
use redress_service::desk;
use redress_service::ports::Record;

/// Every open item has exactly one due mark, every closed one none.
fn check_marks(records: &[Record]) {
    for record in records {
        let open = match record.key.partition.split('#').nth(1) {
            Some("order") if record.key.sort == "order" => {
                !matches!(record.body["status"].as_str(), Some("closed" | "cancelled"))
            }
            Some("feedback") => record.body["work_order"].is_null(),
            Some("survey") => {
                let answered = record.body["answers"].as_array().map_or(0, Vec::len) as u64;
                match record.body["state"].as_str() {
                    Some("answered") => record.body["answers_read"].as_u64() != Some(answered),
                    state => matches!(state, Some("scheduled" | "sent")),
                }
            }
            _ => false,
        };
        assert_eq!(record.due_at.is_some(), open, "{record:?}");
    }
}

#[tokio::test]
async fn a_feedback_walks_from_received_to_reopened_with_another_resolver() {
    for (message, category) in
        [("快递三天没有更新，包裹到底在哪里？", "logistics"), ("Where is my parcel? It never arrived", "logistics")]
    {
        let shop = Shop::open().await;
        let received = shop.say("k", message).await.unwrap();
        check_marks(&shop.memory.store().snapshot());
        shop.memory.settle().await;
        let order = shop.order_of(&received.id).await;
        assert_eq!(order.category.as_str(), category, "{message}");
        assert_eq!(order.status, Status::Assigned);
        let first = order.agent.clone().unwrap();
        assert_eq!(shop.loads().iter().map(|(_, points)| points).sum::<u64>(), 1);

        shop.wait(60);
        shop.reply("r", &order.id).await.unwrap();
        let order = shop.order(&order.id).await;
        let answered = order.clocks.latest(&Metric::FirstResponse).unwrap();
        assert_eq!(answered.state(shop.memory.moment().now), ClockState::Fulfilled);

        shop.wait(60);
        shop.move_to("m", &order.id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
        assert_eq!(shop.loads().iter().map(|(_, points)| points).sum::<u64>(), 0);
        assert_eq!(shop.surveys(&order.id).await[0].state, SurveyState::Sent);
        check_marks(&shop.memory.store().snapshot());

        shop.answer(&order.id, 1, false).await.unwrap();
        check_marks(&shop.memory.store().snapshot());
        shop.memory.settle().await;
        let order = shop.order(&order.id).await;
        assert_eq!((order.status, order.reopen_count), (Status::Reopened, 1));
        assert_ne!(order.agent.clone().unwrap(), first);
        assert_eq!(
            shop.story(&order.id).await,
            [
                "created",
                "classified",
                "sla_applied",
                "assigned",
                "message_posted",
                "status_changed",
                "survey_scheduled",
                "survey_sent",
                "survey_answered",
                "reopened",
                "assigned"
            ]
        );
        check_marks(&shop.memory.store().snapshot());
        assert!(shop.memory.dead().is_empty());
    }
}

#[tokio::test]
async fn a_satisfied_customer_lets_the_order_close() {
    let shop = Shop::open().await;
    let received = shop.say("k", "发票抬头开错了，请重开").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    shop.answer(&id, 5, true).await.unwrap();
    shop.memory.live(SignedDuration::from_hours(24 * 8)).await.unwrap();
    assert_eq!(shop.order(&id).await.status, Status::Closed);
    check_marks(&shop.memory.store().snapshot());
    assert_eq!(shop.memory.store().next_due(), None);
}

#[tokio::test]
async fn dissatisfaction_gives_it_to_another_resolver_twice_and_then_to_a_supervisor() {
    let shop = Shop::open().await;
    let received = shop.say("k", "The kettle is broken and I want a refund").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    let mut resolvers = Vec::new();
    for round in 0..3 {
        resolvers.extend(shop.order(&id).await.agent);
        shop.move_to(&format!("m{round}"), &id, Status::Resolved).await.unwrap();
        shop.memory.settle().await;
        shop.answer(&id, 1, false).await.unwrap();
        shop.memory.settle().await;
    }
    resolvers.sort();
    resolvers.dedup();
    assert_eq!(resolvers.len(), 3, "each time another one");
    let order = shop.order(&id).await;
    assert_eq!((order.status, order.reopen_count, order.supervised), (Status::Reopened, 2, true));
    assert_eq!(order.agent, None);
    let told = shop.memory.notices();
    assert!(told.iter().any(|notice| notice.to == Recipient::Supervisors && notice.data["level"] == "reopen_cap"));

    shop.move_to("last", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.surveys(&id).await.last().unwrap().state, SurveyState::Skipped);
}

#[tokio::test]
async fn nobody_free_it_waits_and_is_drained_when_capacity_frees() {
    let agents = [shop::agent("ana", &["zh"], 1)];
    let shop = Shop::of(&agents, &shop::policies()).await;
    let first = shop.say("a", "快递丢了").await.unwrap();
    shop.memory.settle().await;
    let second = shop.say("b", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let (first, second) = (shop.order_of(&first.id).await, shop.order_of(&second.id).await);
    assert_eq!((second.status, second.agent.clone()), (Status::Open, None));
    assert_eq!(second.team.unwrap().as_str(), "tm_care");

    shop.move_to("m", &first.id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.order(&second.id).await.agent, first.agent);
    assert_eq!(shop.loads().iter().map(|(_, points)| points).sum::<u64>(), 1);
}

#[tokio::test]
async fn an_urgent_order_that_came_later_is_drained_first() {
    let shop = Shop::of(&[shop::agent("ana", &["zh"], 1)], &shop::policies()).await;
    let busy = shop.say("a", "快递丢了").await.unwrap();
    shop.memory.settle().await;
    let calm = shop.say("b", "请问这个水壶怎么用？").await.unwrap();
    let urgent = shop.say("c", "充电器冒烟着火了，孩子受伤，我要投诉到12315").await.unwrap();
    shop.memory.settle().await;
    let busy = shop.order_of(&busy.id).await;
    shop.move_to("m", &busy.id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    let (calm, urgent) = (shop.order_of(&calm.id).await, shop.order_of(&urgent.id).await);
    assert!(urgent.priority < calm.priority);
    assert!(urgent.agent.is_some());
    assert_eq!(calm.agent, None);
}

#[tokio::test]
async fn an_order_is_escalated_before_and_at_its_due_instant_once_each() {
    let shop = Shop::open().await;
    let received = shop.say("k", "请问这个水壶怎么用？").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    shop.memory.live(SignedDuration::from_hours(24 * 6)).await.unwrap();
    let told: Vec<_> = shop.memory.notices().into_iter().filter(|n| n.template == "order_escalated").collect();
    let levels: Vec<_> = told.iter().map(|n| (n.data["metric"].clone(), n.data["level"].clone())).collect();
    for metric in ["first_response", "resolution"] {
        for level in ["warn_80", "at_due"] {
            let times = levels.iter().filter(|(m, l)| m == metric && l == level).count();
            assert_eq!(times, 1, "{metric} {level}");
        }
    }
    let story = shop.story(&id).await;
    assert_eq!(story.iter().filter(|word| *word == "breached").count(), 2);
    let order = shop.order(&id).await;
    assert!(order.clocks.all.iter().all(|clock| clock.breach.is_some()));
}

#[tokio::test]
async fn lost_events_are_told_again_by_the_due_mark() {
    let shop = Shop::open().await;
    let received = shop.say("k", "退款一直没到账").await.unwrap();
    shop.memory.lose_events();
    shop.memory.live(SignedDuration::from_mins(2)).await.unwrap();
    let order = shop.order_of(&received.id).await;
    assert!(order.agent.is_some());
    shop.move_to("m", &order.id, Status::Resolved).await.unwrap();
    shop.memory.lose_events();
    shop.memory.live(SignedDuration::from_mins(2)).await.unwrap();
    assert_eq!(shop.surveys(&order.id).await.len(), 1);
}

#[tokio::test]
async fn an_order_is_the_fold_of_its_facts() {
    let shop = Shop::open().await;
    let received = shop.say("k", "The kettle leaks").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    shop.wait(600);
    shop.reply("r", &id).await.unwrap();
    shop.move_to("p", &id, Status::PendingCustomer).await.unwrap();
    shop.wait(3600);
    shop.move_to("q", &id, Status::InProgress).await.unwrap();
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    shop.answer(&id, 2, false).await.unwrap();
    shop.memory.settle().await;
    let stored = shop.order(&id).await;
    let terms = Terms::compile(shop::policies()).unwrap();
    let replayed = redress_domain::order::WorkOrder::replay(&id, stored.facts.clone(), &terms).unwrap().unwrap();
    assert_eq!(replayed, stored);
}

#[tokio::test]
async fn a_thread_goes_on_with_its_order_and_a_thank_you_brings_nothing_back() {
    let shop = Shop::open().await;
    let first = shop.say("k", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&first.id).await.id;
    let go_on = |message: &str| {
        serde_json::from_value(serde_json::json!({
            "channel": "phone", "message": message, "customer": {"ref": "c-1"}, "thread": first.id
        }))
        .unwrap()
    };
    shop.hand_over("k2", go_on("还是没到，到底什么时候送？")).await.unwrap();
    shop.memory.settle().await;
    let order = shop.order(&id).await;
    assert_eq!((order.feedback_ids.len(), order.messages), (2, 1));

    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    shop.hand_over("k3", go_on("收到了，谢谢！")).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.order(&id).await.status, Status::Resolved);
    shop.hand_over("k4", go_on("刚发现包裹破损，东西坏了，非常失望")).await.unwrap();
    shop.memory.settle().await;
    let order = shop.order(&id).await;
    assert_eq!((order.status, order.feedback_ids.len()), (Status::Reopened, 4));
    assert!(order.agent.is_some());
}

#[tokio::test]
async fn a_survey_that_comes_too_late_is_skipped_and_the_newer_cycles_is_asked_once() {
    let mut policies = shop::policies();
    policies.survey[0].delay_seconds = 3600;
    let agents = ["ana", "bo"].map(|name| shop::agent(name, &["zh"], 5));
    let shop = Shop::of(&agents, &policies).await;
    let received = shop.say("k", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    for (step, to) in [Status::Resolved, Status::Reopened, Status::Resolved].into_iter().enumerate() {
        shop.move_to(&format!("m{step}"), &id, to).await.unwrap();
        shop.memory.settle().await;
        shop.wait(600);
    }
    shop.memory.live(SignedDuration::from_hours(3)).await.unwrap();
    let states: Vec<_> = shop.surveys(&id).await.iter().map(|survey| survey.state).collect();
    assert_eq!(states, [SurveyState::Skipped, SurveyState::Sent]);
    assert_eq!(shop.story(&id).await.iter().filter(|word| *word == "survey_sent").count(), 1);
    assert_eq!(shop.order(&id).await.surveyed_cycle, 2);
    assert!(shop.memory.dead().is_empty());
    check_marks(&shop.memory.store().snapshot());
}

#[tokio::test]
async fn after_the_window_a_customer_who_writes_again_gets_a_new_order_by_the_clock() {
    let shop = Shop::open().await;
    let first = shop.say("k", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&first.id).await.id;
    shop.move_to("m", &id, Status::Resolved).await.unwrap();
    shop.memory.settle().await;
    // No sweep has closed it; the window has passed all the same.
    shop.wait(shop::policies().reopen.window_seconds + 1);
    let more = serde_json::json!({
        "channel": "web", "message": "包裹又丢了，非常失望", "customer": {"ref": "c-1"}, "thread": first.id
    });
    let more = shop.hand_over("k2", serde_json::from_value(more).unwrap()).await.unwrap();
    shop.memory.settle().await;
    assert_eq!(shop.order(&id).await.status, Status::Resolved);
    assert_eq!(shop.order_of(&more.id).await.status, Status::Assigned);
}

#[tokio::test]
async fn a_long_history_is_told_whole_though_its_older_facts_are_kept_apart() {
    let shop = Shop::open().await;
    let received = shop.say("k", "快递还没到").await.unwrap();
    shop.memory.settle().await;
    let id = shop.order_of(&received.id).await.id;
    for number in 0..120 {
        shop.reply(&format!("r{number}"), &id).await.unwrap();
    }
    let order = shop.order(&id).await;
    assert!(order.facts.len() <= 48, "{} facts ride in the order", order.facts.len());
    let (world, caller) = (shop.memory.world(), shop::caller(Role::Agent));
    let facts = desk::facts(&world, &caller, &id).await.unwrap();
    let numbers: Vec<_> = facts.into_iter().map(|fact| fact.id).collect();
    let expected: Vec<_> = (1..=order.fact_count).map(|number| format!("{id}/{number}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(numbers.len(), 124);
}
