//! How orders begin and end for their clocks.

use crate::actor::{Actor, ActorKind};
use crate::category::Category;
use crate::fact::Understanding;
use crate::feedback::Tier;
use crate::id::WorkOrderId;
use crate::order::{Entry, Status, WorkOrder};
use crate::policy::Terms;
use crate::sla::tests::story::{MONDAY, Story, flat, instant, one, policies};
use crate::sla::{ClockState, Metric};
use serde_json::json;

fn eight_hours() -> Terms {
    let targets = json!({"resolution": flat(28_800), "first_response": flat(28_800), "ownership": flat(3_600)});
    one(json!({"targets": targets, "levels": []}))
}

#[test]
fn promises_count_from_when_the_customer_began_to_wait_however_late_they_are_agreed() {
    let (terms, bot) = (eight_hours(), Actor::new(ActorKind::Bot, "intake"));
    let origin = json!({"feedback": "fb_1", "channel": "web", "customer": {"ref": "c-1"}, "began_at": MONDAY});
    let late = Entry::new(&bot, instant("2026-11-23T10:30:00+08:00"), &terms);
    let id = WorkOrderId::parse("wo_1").unwrap();
    let mut order = WorkOrder::create(id, serde_json::from_value(origin).unwrap(), late);
    order.agree(late, None).unwrap();
    let clock = order.clocks.latest(&Metric::Resolution).unwrap();
    assert_eq!(clock.due_at, Some(instant("2026-11-23T18:00:00+08:00")));
    assert_eq!((clock.started_at(), clock.segments[0].cause.as_str()), (Some(instant(MONDAY)), "wo_1/1"));
}

#[test]
fn a_resolved_order_closes_by_itself_when_its_window_has_passed_and_not_before() {
    let mut story = Story::of(eight_hours()).assigned();
    story.at("23T11:00:00").go(Status::Resolved);
    assert!(story.catch_up().is_empty());
    assert!(story.at("30T10:59:59.999").catch_up().is_empty());
    assert_eq!(story.at("30T11:00:00").catch_up(), ["status_changed"]);
    assert_eq!(story.order.status, Status::Closed);
    assert!(story.catch_up().is_empty());
    assert_eq!(story.order.next_due(&story.terms), None);
}

#[test]
fn an_order_that_is_cancelled_owes_nothing_and_keeps_its_breaches() {
    let mut story = Story::of(eight_hours());
    story.route("tm_a", None).at("23T10:30:00").go(Status::Cancelled);
    let state = |metric| story.state(&metric);
    assert_eq!(
        (state(Metric::Resolution), state(Metric::FirstResponse)),
        (ClockState::Cancelled, ClockState::Cancelled)
    );
    assert_eq!(state(Metric::Ownership), ClockState::Breached);
    assert_eq!((story.order.promised_by(), story.order.next_due(&story.terms)), (None, None));
    assert!(story.at("30T10:00:00").catch_up().is_empty());
}

#[test]
fn a_person_who_confirms_what_it_is_about_ends_the_review_and_says_it_once() {
    let mut story = Story::of(eight_hours());
    let understanding: Understanding = serde_json::from_value(json!({
        "category": "product_enquiry", "needs_review": true, "sentiment": "neutral", "language": "zh",
        "urgency": 1, "impact": 1, "score": 0, "priority": "P4"
    }))
    .unwrap();
    story.act(ActorKind::System, |order, by, _| order.classify(by, understanding)).unwrap();
    for told in [&["category_changed"][..], &[]] {
        let relabel = |story: &mut Story| {
            story.act(ActorKind::Agent, |order, by, _| order.relabel(by, Category::ProductEnquiry, None)).unwrap();
        };
        assert_eq!(story.told(relabel), told);
        assert!(!story.order.needs_review);
    }
}

#[test]
fn a_customer_of_a_tier_is_promised_what_the_tier_is_promised() {
    let vip = json!({"id": "vip", "when": {"tier": ["vip"]}, "targets": {"resolution": flat(3_600)}});
    let rest = json!({"id": "rest", "targets": {"resolution": flat(28_800)}});
    let terms = Terms::compile(policies(json!([vip, rest]))).unwrap();
    let mut story = Story::of(terms);
    assert_eq!((story.order.subject().tier, story.due(&Metric::Resolution)), (Tier::Standard, "23T18:00:00".into()));
    story.order.customer.tier = Some(Tier::Vip);
    story.act(ActorKind::Agent, |order, by, team| order.reapply(by, team, "a new tier".into())).unwrap();
    assert_eq!(story.due(&Metric::Resolution), "23T10:00:00");
}

#[test]
fn the_queue_is_sorted_by_the_promise_that_ends_first() {
    let targets = json!({"resolution": flat(28_800), "first_response": flat(3_600)});
    let mut story = Story::of(one(json!({"targets": targets, "levels": []}))).assigned();
    assert_eq!(story.order.promised_by(), Some(instant("2026-11-23T10:00:00+08:00")));
    story.at("23T09:30:00").answer();
    assert_eq!(story.order.promised_by(), Some(instant("2026-11-23T18:00:00+08:00")));
    story.go(Status::PendingCustomer);
    assert_eq!(story.order.promised_by(), None);
}
