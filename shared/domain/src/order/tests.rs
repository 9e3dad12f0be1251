mod deeds;
mod ends;
mod happenings;
mod laws;
mod tones;
mod verdicts;

use super::*;
use crate::actor::{Actor, ActorKind};
use crate::fact::{Direction, Understanding, Visibility};
use crate::id::TenantId;
use crate::order::{Entry, Refusal, Transition};
use crate::sla::{Clock, ClockState, Metric};
use serde_json::json;

/// A Monday, 09:00 in Shanghai: opening time of the shipped calendar.
const OPENING: &str = "2026-11-23T01:00:00Z";

struct Desk {
    terms: Terms,
    order: WorkOrder,
    now: Timestamp,
    agent: Actor,
}

impl Desk {
    fn new() -> Self {
        let (terms, now) = (Terms::shipped(), OPENING.parse().unwrap());
        let customer = Actor::new(ActorKind::Customer, "c-1");
        let origin = serde_json::from_value(json!({
            "feedback": "fb_1", "channel": "web", "customer": {"ref": "c-1"}, "began_at": OPENING
        }))
        .unwrap();
        let tenant = TenantId::parse("tn_a").unwrap();
        let id = WorkOrderId::of(&tenant, &FeedbackId::parse("fb_1").unwrap());
        let by = Entry::new(&customer, now, &terms);
        let mut order = WorkOrder::create(id, origin, by);
        let understanding: Understanding = serde_json::from_value(json!({
            "category": "product_enquiry", "needs_review": false, "sentiment": "neutral", "language": "zh",
            "urgency": 1, "impact": 1, "score": 0, "priority": "P4"
        }))
        .unwrap();
        order.classify(by, understanding).unwrap();
        order.agree(by, None).unwrap();
        Self { terms, order, now, agent: Actor::new(ActorKind::Agent, "ag_a") }
    }

    fn assigned() -> Self {
        let mut desk = Self::new();
        let routing = json!({"team": "tm_a", "agent": "ag_a", "rule": "test", "decided_at": OPENING, "candidates": []});
        let by = Entry::new(&desk.agent, desk.now, &desk.terms);
        desk.order.route(by, serde_json::from_value(routing).unwrap()).unwrap();
        desk
    }

    fn at(&mut self, clock: &str) -> &mut Self {
        self.now = format!("2026-11-{clock}+08:00").parse().unwrap();
        self
    }

    fn to(&mut self, to: Status) -> Result<(), Refusal> {
        let by = Entry::new(&self.agent, self.now, &self.terms);
        let asked = Transition { to, reason: Some("等待 waiting".into()), resolution: None, survey: true };
        self.order.transition(by, asked)
    }

    fn say(&mut self, direction: Direction) -> Result<crate::id::MessageId, Refusal> {
        let by = Entry::new(&self.agent, self.now, &self.terms);
        self.order.post(by, direction, Visibility::Public, None)
    }

    fn clock(&self, metric: Metric) -> &Clock {
        self.order.clocks.latest(&metric).unwrap()
    }

    fn state(&self, metric: Metric) -> ClockState {
        self.clock(metric).state(self.now)
    }

    fn due(&self, metric: Metric) -> String {
        self.clock(metric).due_at.unwrap().to_string()
    }
}

#[test]
fn promises_are_counted_in_business_time_from_when_the_customer_began_to_wait() {
    let desk = Desk::new();
    // Four and thirty-two business hours from Monday 09:00, eight a day: Monday 14:00, Thursday 18:00.
    assert_eq!(desk.due(Metric::FirstResponse), "2026-11-23T06:00:00Z");
    assert_eq!(desk.due(Metric::Resolution), "2026-11-26T10:00:00Z");
}

#[test]
fn only_a_public_answer_to_the_customer_stops_the_first_response() {
    let mut desk = Desk::assigned();
    desk.at("23T10:00:00").say(Direction::Inbound).unwrap();
    assert_eq!(desk.state(Metric::FirstResponse), ClockState::Running);
    desk.at("23T10:30:00").say(Direction::Outbound).unwrap();
    assert_eq!(desk.state(Metric::FirstResponse), ClockState::Fulfilled);
}

#[test]
fn later_messages_do_not_restart_the_next_response() {
    let mut desk = Desk::assigned();
    desk.at("23T09:10:00").say(Direction::Outbound).unwrap();
    desk.at("23T10:00:00").say(Direction::Inbound).unwrap();
    let due = desk.due(Metric::NextResponse);
    desk.at("23T10:20:00").say(Direction::Inbound).unwrap();
    assert_eq!(desk.due(Metric::NextResponse), due);
    desk.at("23T10:30:00").say(Direction::Outbound).unwrap();
    assert_eq!(desk.state(Metric::NextResponse), ClockState::Fulfilled);
}

#[test]
fn waiting_for_the_customer_pauses_the_resolution_and_an_answer_resumes_it_with_what_was_left() {
    let mut desk = Desk::assigned();
    desk.at("23T10:00:00").say(Direction::Outbound).unwrap();
    desk.at("23T11:00:00").to(Status::PendingCustomer).unwrap();
    assert_eq!(desk.state(Metric::Resolution), ClockState::Paused);
    assert_eq!(desk.clock(Metric::Resolution).due_at, None);
    desk.at("25T11:00:00").say(Direction::Inbound).unwrap();
    assert_eq!(desk.order.status, Status::InProgress);
    // Two of thirty-two hours were used; thirty from Wednesday 11:00: six today, then eight a day.
    assert_eq!(desk.state(Metric::Resolution), ClockState::Running);
    assert_eq!(desk.due(Metric::Resolution), "2026-11-30T10:00:00Z");
}

#[test]
fn stopping_exactly_at_due_is_in_time_and_a_millisecond_later_is_a_breach_without_any_timer() {
    for (at, state) in [("23T14:00:00", ClockState::Fulfilled), ("23T14:00:00.001", ClockState::Breached)] {
        let mut desk = Desk::assigned();
        desk.at(at).say(Direction::Outbound).unwrap();
        assert_eq!(desk.state(Metric::FirstResponse), state, "{at}");
        let breaches = desk.order.facts.iter().filter(|fact| fact.what.word() == "breached").count();
        assert_eq!(breaches, usize::from(state == ClockState::Breached));
    }
}

#[test]
fn catching_up_twice_escalates_once() {
    let mut desk = Desk::assigned();
    desk.at("23T13:20:00");
    for expected in [1, 0] {
        let before = desk.order.fact_count;
        let by = Entry::new(&desk.agent, desk.now, &desk.terms);
        desk.order.catch_up(by, None).unwrap();
        assert_eq!(desk.order.fact_count - before, expected, "80 % of four hours is 13:12 after the lunch break");
    }
    assert!(desk.order.due_at(desk.now, &desk.terms).unwrap() > desk.now);
}

#[test]
fn a_rung_that_the_ladder_no_longer_has_is_written_off_once() {
    let mut desk = Desk::assigned();
    let everything = desk.terms.policies.sla.last().unwrap();
    let (version, mut policy) = (everything.version(), everything.clone());
    policy.levels.clear();
    desk.terms.book.add_policy(version, std::sync::Arc::new(policy));
    desk.at("23T13:20:00");
    for expected in [1, 0] {
        let before = desk.order.fact_count;
        let by = Entry::new(&desk.agent, desk.now, &desk.terms);
        desk.order.catch_up(by, None).unwrap();
        assert_eq!(desk.order.fact_count - before, expected);
    }
    let written = serde_json::to_value(desk.order.facts.last().unwrap()).unwrap();
    assert_eq!(written["outcome"], "withdrawn");
}

#[test]
fn work_needs_somebody_who_does_it() {
    let mut waiting = Desk::new();
    for to in [Status::InProgress, Status::Resolved, Status::OnHold] {
        assert_eq!(waiting.to(to), Err(Refusal::Illegal { from: Status::Open, to }));
    }
    waiting.to(Status::Cancelled).unwrap();
}

#[test]
fn every_move_is_allowed_or_refused_by_one_table() {
    use Status::{Assigned, Cancelled, Closed, InProgress, OnHold, Open, PendingCustomer, Reopened, Resolved};
    let legal: [&[Status]; 6] = [
        &[InProgress, PendingCustomer, InProgress, Resolved, Closed, Reopened],
        &[Resolved, Reopened],
        &[OnHold, Resolved],
        &[InProgress, OnHold, PendingCustomer, Resolved],
        &[Cancelled],
        &[InProgress, Cancelled],
    ];
    for walk in legal {
        let mut desk = Desk::assigned();
        desk.say(Direction::Outbound).unwrap();
        walk.iter().for_each(|to| desk.to(*to).unwrap());
    }
    let illegal: [(&[Status], Status); 8] = [
        (&[], Closed),
        (&[], Open),
        (&[], Assigned),
        (&[], Reopened),
        (&[InProgress], InProgress),
        (&[Resolved], InProgress),
        (&[Resolved, Closed], Cancelled),
        (&[Cancelled], Reopened),
    ];
    for (walk, to) in illegal {
        let mut desk = Desk::assigned();
        walk.iter().for_each(|step| desk.to(*step).unwrap());
        let from = desk.order.status;
        assert_eq!(desk.to(to), Err(Refusal::Illegal { from, to }));
    }
}

#[test]
fn waiting_for_the_customer_needs_a_question_and_a_reason() {
    let mut desk = Desk::assigned();
    assert_eq!(desk.to(Status::PendingCustomer), Err(Refusal::NothingAsked));
    desk.say(Direction::Outbound).unwrap();
    let by = Entry::new(&desk.agent, desk.now, &desk.terms);
    let asked = Transition { to: Status::PendingCustomer, reason: Some(" ".into()), resolution: None, survey: true };
    assert_eq!(desk.order.transition(by, asked), Err(Refusal::ReasonMissing));
    desk.to(Status::PendingCustomer).unwrap();
}

#[test]
fn a_reopened_order_goes_on_with_what_was_left_and_its_first_cycle_stays_as_it_was() {
    let mut desk = Desk::assigned();
    desk.at("23T11:00:00").say(Direction::Outbound).unwrap();
    desk.to(Status::Resolved).unwrap();
    let first = desk.order.clocks.all.clone();
    desk.at("24T10:00:00").to(Status::Reopened).unwrap();
    assert_eq!(desk.order.clocks.all[..2], first[..]);
    let second = desk.clock(Metric::Resolution);
    assert_eq!((second.key.cycle, second.carried_ms), (2, 7_200_000));
    // Thirty hours from Tuesday 10:00: seven today, then eight a day.
    assert_eq!(desk.due(Metric::Resolution), "2026-11-27T09:00:00Z");
}

#[test]
fn a_first_response_that_was_never_given_goes_on_too() {
    let mut desk = Desk::assigned();
    desk.at("23T11:00:00").to(Status::Resolved).unwrap();
    assert_eq!(desk.state(Metric::FirstResponse), ClockState::Cancelled);
    desk.at("24T10:00:00").to(Status::Reopened).unwrap();
    assert_eq!(desk.clock(Metric::FirstResponse).carried_ms, 7_200_000);
    assert_eq!(desk.due(Metric::FirstResponse), "2026-11-24T04:00:00Z");
}

#[test]
fn retries_need_no_record_of_the_tries_before() {
    let from: Timestamp = OPENING.parse().unwrap();
    let minute = SignedDuration::from_mins(1);
    let at = |seconds| later(from, SignedDuration::from_secs(seconds));
    assert_eq!(every(from, minute, from), at(60));
    assert_eq!(every(from, minute, at(59)), at(60));
    assert_eq!(every(from, minute, at(60)), at(120));
    assert_eq!(every(from, minute, at(-5)), at(60));
}
