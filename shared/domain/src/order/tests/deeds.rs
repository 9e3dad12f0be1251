//! What people do with an order besides working on it: give it away, split it, merge it, mark it.

use crate::actor::ActorKind;
use crate::category::Category;
use crate::custom::Custom;
use crate::id::{FeedbackId, WorkOrderId};
use crate::order::{CUSTOM_FIELDS, DueOverride, Part, Refusal, Status, WATCHERS, WorkOrder};
use crate::priority::Priority;
use crate::routing::Routing;
use crate::sla::tests::story::{Story, flat, instant, ladder, level, one};
use crate::sla::{ClockState, Metric};
use serde_json::json;

fn story() -> Story {
    let targets = json!({"resolution": flat(28_800), "first_response": flat(3_600), "ownership": flat(1_800)});
    Story::of(one(json!({"targets": targets, "levels": []}))).assigned()
}

fn routing(team: &str, agent: Option<&str>) -> Routing {
    serde_json::from_value(json!({
        "team": team, "agent": agent, "rule": "manual", "decided_at": "2026-11-23T01:00:00Z", "candidates": []
    }))
    .unwrap()
}

fn give(story: &mut Story, team: &str, agent: Option<&str>, calendar: Option<&str>) -> Result<(), Refusal> {
    let routing = routing(team, agent);
    story.act(ActorKind::Agent, |order, by, _| order.give(by, routing, Some("换班 shift change".into()), calendar))
}

fn split(story: &mut Story, mandatory: bool) -> Result<WorkOrder, Refusal> {
    let part = Part { category: Category::Account, mandatory, preview: "退货 return".into() };
    story.act(ActorKind::Agent, |order, by, _| order.split(by, part))
}

fn other(feedback: &str, customer: &str) -> WorkOrder {
    let mut order = story().order;
    order.id = WorkOrderId::parse("wo_other").unwrap();
    order.feedback_ids = vec![FeedbackId::parse(feedback).unwrap()];
    order.customer.reference = customer.into();
    order
}

fn merge(story: &mut Story, into: &mut WorkOrder) -> Result<(), Refusal> {
    story.act(ActorKind::Agent, |order, by, _| order.merge(into, by, false, None))
}

#[test]
fn another_agent_gets_it_with_its_status_and_who_had_it_is_on_record() {
    let mut story = story();
    story.at("23T10:00:00").go(Status::InProgress);
    assert_eq!(story.told(|story| give(story, "tm_a", Some("ag_b"), None).unwrap()), ["assigned"]);
    assert_eq!((story.order.status, story.order.agent.as_ref().unwrap().as_str()), (Status::InProgress, "ag_b"));
    let fact = serde_json::to_value(story.order.facts.last().unwrap()).unwrap();
    assert_eq!((&fact["previous"], &fact["reason"]), (&json!("ag_a"), &json!("换班 shift change")));
}

#[test]
fn an_order_that_nobody_of_the_new_team_can_take_is_open_and_waits() {
    let mut story = story();
    story.at("23T10:00:00").answer().go(Status::PendingCustomer);
    assert_eq!(story.state(&Metric::Resolution), ClockState::Paused);
    assert_eq!(story.told(|story| give(story, "tm_b", None, None).unwrap()), ["queued", "status_changed"]);
    assert_eq!((story.order.status, &story.order.agent), (Status::Open, &None));
    assert!(story.order.is_waiting());
    assert_eq!(story.state(&Metric::Resolution), ClockState::Running, "nobody waits for the customer now");
    assert_eq!(story.state(&Metric::Ownership), ClockState::Running);
}

#[test]
fn another_teams_calendar_counts_from_then_on() {
    let mut story = story();
    story.at("23T11:00:00");
    give(&mut story, "tm_b", Some("ag_b"), Some("always")).unwrap();
    // Two of eight hours were used.
    assert_eq!(story.due(&Metric::Resolution), "23T17:00:00");
    story.at("23T12:30:00");
    give(&mut story, "tm_b", Some("ag_a"), Some("office")).unwrap();
    assert_eq!(story.due(&Metric::Resolution), "23T17:00:00", "within a team nothing is counted anew");
}

#[test]
fn what_waits_in_one_team_and_is_given_to_another_owes_the_first_nothing() {
    let mut story = Story::of(one(json!({"targets": {"ownership": flat(1_800)}, "levels": []})));
    story.route("tm_a", None).at("23T09:10:00");
    give(&mut story, "tm_b", Some("ag_b"), None).unwrap();
    assert_eq!(story.state(&Metric::Ownership), ClockState::Cancelled);
}

#[test]
fn what_is_done_is_given_to_nobody() {
    let mut story = story();
    story.at("23T10:00:00").go(Status::Resolved);
    assert_eq!(give(&mut story, "tm_a", Some("ag_b"), None), Err(Refusal::NotActive(Status::Resolved)));
}

#[test]
fn a_supervisor_who_gives_an_order_to_a_team_lets_it_be_routed_again() {
    let mut story = story();
    story.order.supervised = true;
    story.order.agent = None;
    assert!(!story.order.is_waiting());
    give(&mut story, "tm_b", None, None).unwrap();
    assert!(story.order.is_waiting() && story.order.supervised);
    story.route("tm_b", Some("ag_b")).at("23T10:00:00").go(Status::Resolved);
    story.at("23T11:00:00").go(Status::Reopened);
    assert!(!story.order.is_waiting(), "what comes back is the supervisor's again");
}

#[test]
fn a_parent_is_resolved_after_its_mandatory_children_and_not_before() {
    let mut story = story();
    let (must, may) = (split(&mut story, true).unwrap(), split(&mut story, false).unwrap());
    assert_ne!(must.id, may.id);
    let refused = story.act(ActorKind::Agent, |order, by, _| {
        order.transition(
            by,
            crate::order::Transition { to: Status::Resolved, reason: None, resolution: None, survey: true },
        )
    });
    assert_eq!(refused, Err(Refusal::PartsOpen(1)));
    let hear = |story: &mut Story, part: &WorkOrder, status| {
        let part = WorkOrder { status, ..part.clone() };
        story.act(ActorKind::Agent, |order, by, _| order.hear_of_part(by, &part))
    };
    for (status, told) in [(Status::Resolved, &["child_done"][..]), (Status::Closed, &[])] {
        assert_eq!(story.told(|story| hear(story, &must, status).unwrap()), told);
    }
    assert!(story.told(|story| hear(story, &may, Status::Resolved).unwrap()).is_empty(), "nobody waits for it");
    assert_eq!(story.told(|story| hear(story, &must, Status::Reopened).unwrap()), ["child_reopened"]);
    hear(&mut story, &must, Status::Cancelled).unwrap();
    story.at("23T10:00:00").go(Status::Resolved);
    assert_eq!(hear(&mut story, &must, Status::Reopened), Err(Refusal::ParentDone(Status::Resolved)));
    hear(&mut story, &may, Status::Reopened).unwrap();
}

#[test]
fn a_child_owes_the_customer_no_answer_until_they_write_and_has_no_children() {
    let mut story = story();
    let part = split(&mut story, true).unwrap();
    let mut part = story.of_order(part);
    part.act(ActorKind::Agent, |order, by, team| order.agree(by, team)).unwrap();
    assert!(part.order.clocks.latest(&Metric::FirstResponse).is_none());
    assert_eq!(part.state(&Metric::Resolution), ClockState::Running);
    assert_eq!(split(&mut part, false), Err(Refusal::Grandchild));
    for _ in 1..20 {
        split(&mut story, false).unwrap();
    }
    assert_eq!(split(&mut story, false), Err(Refusal::TooManyParts));
    story.go(Status::Cancelled);
    assert_eq!(split(&mut story, false), Err(Refusal::NotActive(Status::Cancelled)));
}

#[test]
fn a_duplicate_is_given_up_and_the_other_goes_on_with_what_was_said() {
    let mut story = story();
    let mut into = other("fb_2", "c-1");
    assert_eq!(story.told(|story| merge(story, &mut into).unwrap()), ["merged", "status_changed"]);
    assert_eq!((story.order.status, story.order.merged_into.as_ref()), (Status::Cancelled, Some(&into.id)));
    let ids: Vec<_> = into.feedback_ids.iter().map(FeedbackId::as_str).collect();
    assert_eq!(ids, ["fb_2", "fb_1"]);
    assert_eq!((into.status, into.facts.last().unwrap().what.word()), (Status::Assigned, "merged"));
    assert_eq!(merge(&mut story, &mut into), Err(Refusal::Over(Status::Cancelled)));
}

#[test]
fn families_strangers_and_what_is_over_are_not_merged() {
    let mut story = story();
    assert_eq!(merge(&mut story, &mut other("fb_2", "c-2")), Err(Refusal::OtherCustomer));
    let mut known = other("fb_2", "c-2");
    story.clone().act(ActorKind::Agent, |order, by, _| order.merge(&mut known, by, true, None)).unwrap();
    assert_eq!(known.feedback_ids.len(), 2, "two references of one person");
    let mut over = other("fb_2", "c-1");
    over.status = Status::Closed;
    assert_eq!(merge(&mut story, &mut over), Err(Refusal::TargetOver(Status::Closed)));
    let part = split(&mut story, true).unwrap();
    assert_eq!(merge(&mut story, &mut other("fb_2", "c-1")), Err(Refusal::Family));
    let mut part = story.of_order(part);
    assert_eq!(merge(&mut part, &mut other("fb_2", "c-1")), Err(Refusal::Family));
    story.at("23T10:00:00").go(Status::Cancelled);
    assert_eq!(merge(&mut story, &mut other("fb_2", "c-1")), Err(Refusal::Over(Status::Cancelled)));
}

#[test]
fn watching_is_written_down_once_and_has_a_limit() {
    let mut story = story();
    let watch = |story: &mut Story, who: String| story.act(ActorKind::Agent, |order, by, _| order.watch(by, who));
    for told in [&["watcher_added"][..], &[]] {
        assert_eq!(story.told(|story| watch(story, "agent:ag_b".into()).unwrap()), told);
    }
    for told in [&["watcher_removed"][..], &[]] {
        let unwatch =
            |story: &mut Story| story.act(ActorKind::Agent, |order, by, _| order.unwatch(by, "agent:ag_b".into()));
        assert_eq!(story.told(|story| unwatch(story).unwrap()), told);
    }
    for number in 0..WATCHERS {
        watch(&mut story, format!("agent:ag_{number}")).unwrap();
    }
    assert_eq!(watch(&mut story, "agent:ag_b".into()), Err(Refusal::TooManyWatchers));
}

#[test]
fn a_shops_own_fields_are_merged_and_have_a_limit() {
    let mut story = story();
    let set = |story: &mut Story, fields: Vec<(String, Option<Custom>)>| {
        story.act(ActorKind::Agent, |order, by, _| order.customize(by, fields.into_iter().collect()))
    };
    let text = |text: &str| Some(Custom::Text(text.into()));
    set(&mut story, vec![("a".into(), text("甲")), ("b".into(), Some(Custom::Number(0.5)))]).unwrap();
    let more =
        vec![("a".into(), None), ("b".into(), Some(Custom::Number(0.5))), ("c".into(), Some(Custom::Flag(true)))];
    set(&mut story, more).unwrap();
    let fact = serde_json::to_value(story.order.facts.last().unwrap()).unwrap();
    assert_eq!(fact["fields"], json!({"a": null, "c": true}), "what has its value already is not told again");
    assert_eq!(serde_json::to_value(&story.order.custom_fields).unwrap(), json!({"b": 0.5, "c": true}));
    assert!(story.told(|story| set(story, vec![("a".into(), None)]).unwrap()).is_empty());

    let many = |count| (0..count).map(|number| (format!("f{number}"), Some(Custom::Whole(number)))).collect();
    assert_eq!(set(&mut story, many(49)), Err(Refusal::TooMuchCustom), "with the two that it has");
    set(&mut story, many(48)).unwrap();
    assert_eq!(story.order.custom_fields.len(), CUSTOM_FIELDS);
    let long = (0..17).map(|number| (format!("f{number}"), text(&"a".repeat(1_000)))).collect();
    assert_eq!(set(&mut story, long), Err(Refusal::TooMuchCustom), "too many bytes");
}

fn overrule(story: &mut Story, due_at: Option<&str>) -> Result<(), Refusal> {
    let due_at = due_at.map(|clock| instant(&format!("2026-11-{clock}+08:00")));
    let asked = DueOverride { metric: Metric::Resolution, due_at, reason: "约定 agreed".into() };
    story.act(ActorKind::Agent, |order, by, _| order.overrule(by, asked))
}

#[test]
fn a_promise_made_by_hand_stands_whatever_the_priority_until_it_is_taken_back() {
    let mut story = Story::of(ladder(json!([]))).assigned();
    assert_eq!(story.due(&Metric::Resolution), "23T18:00:00");
    story.at("23T11:00:00");
    // A Saturday, when nobody is at work.
    overrule(&mut story, Some("28T12:00:00")).unwrap();
    assert_eq!(story.due(&Metric::Resolution), "28T12:00:00");
    story.prioritise(Priority::P1);
    assert_eq!(story.due(&Metric::Resolution), "28T12:00:00");
    assert!(story.told(|story| overrule(story, Some("28T12:00:00")).unwrap()).is_empty());
    story.at("25T11:00:00").answer().go(Status::PendingCustomer);
    assert_eq!(story.due(&Metric::Resolution), "none");
    story.at("26T11:00:00").go(Status::InProgress);
    assert_eq!(story.due(&Metric::Resolution), "28T12:00:00", "a pause does not put it off");
    story.prioritise(Priority::P4);
    // Eighteen hours of eight were used: it is broken now, and not before.
    assert_eq!(story.told(|story| overrule(story, None).unwrap()), ["due_overridden", "breached"]);
    assert_eq!(story.due(&Metric::Resolution), "26T11:00:00");
}

#[test]
fn a_promise_made_by_hand_is_broken_a_millisecond_after_and_warned_of_in_its_own_time() {
    let levels = json!([
        level("warn", json!({"percent": 80})),
        level("due", json!("at")),
        level("over", json!({"after": 3600}))
    ]);
    let mut story = Story::of(ladder(levels)).assigned();
    story.at("23T11:00:00");
    overrule(&mut story, Some("23T22:00:00")).unwrap();
    // Two hours were used and six are left until 18:00: 80 % of eight is at 16:24.
    assert!(story.at("23T16:23:59.999").catch_up().is_empty());
    assert_eq!(story.at("23T16:24:00").catch_up().len(), 1);
    assert!(story.at("23T21:59:59.999").catch_up().is_empty(), "nothing is due before it is");
    assert_eq!(story.at("23T22:00:00").catch_up().len(), 1);
    assert_eq!(story.state(&Metric::Resolution), ClockState::Running);
    assert_eq!(story.at("23T22:00:00.001").catch_up(), ["breached"]);
    assert_eq!(story.at("24T10:00:00").catch_up().len(), 1, "an hour of work after it");
}

#[test]
fn the_proof_says_what_was_promised_by_hand() {
    let mut story = story();
    story.at("23T11:00:00");
    overrule(&mut story, Some("24T12:00:00")).unwrap();
    let proof = story.proof(&Metric::Resolution);
    let sum = proof.arithmetic.unwrap();
    assert_eq!((Some(sum.due_at), proof.due_override), (proof.due_at, proof.due_at));
    assert_eq!(serde_json::to_value(sum.remaining_seconds).unwrap(), json!(9 * 3600));
    assert_eq!(proof.segments.last().unwrap().cause, story.order.facts.last().unwrap().id);
    assert!(proof.explanation.en.contains("somebody promised 2026-11-24T04:00:00Z"), "{}", proof.explanation.en);
}

#[test]
fn only_what_runs_in_time_is_promised_anew() {
    let mut story = story();
    story.at("23T10:00:00");
    assert_eq!(overrule(&mut story, Some("23T10:00:00")), Err(Refusal::DuePassed));
    let statutory =
        DueOverride { metric: Metric::parse("statutory:returns").unwrap(), due_at: None, reason: "x".into() };
    assert_eq!(story.act(ActorKind::Agent, |order, by, _| order.overrule(by, statutory)), Err(Refusal::Statutory));
    story.answer().go(Status::PendingCustomer);
    assert_eq!(overrule(&mut story, Some("24T10:00:00")), Err(Refusal::NotRunning), "it is paused");
    assert!(story.told(|story| overrule(story, None).unwrap()).is_empty(), "there is nothing to take back");
    story.go(Status::InProgress);
    story.at("30T10:00:00");
    assert_eq!(overrule(&mut story, Some("30T11:00:00")), Err(Refusal::NotRunning), "it is broken");
    story.go(Status::Resolved);
    assert_eq!(overrule(&mut story, Some("30T11:00:00")), Err(Refusal::NotRunning), "it is over");
}
