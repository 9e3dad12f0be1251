//! What webhooks are told: which facts, under which names, and the small facts that go with each.

use crate::compensation::Verdict;
use crate::fact::{Fact, Outcome, Understanding, Visibility, What};
use crate::order::Status;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Asks for everything.
pub const ALL: &str = "*";

/// An order's level was reached that says so (sla.md, section 4).
pub const ESCALATED: &str = "work_order.escalated.v1";

/// Sent when an owner asks whether anything arrives; nobody subscribes to it.
pub const TEST: &str = "webhook.test.v1";

/// What can be subscribed to besides [`ALL`], in the order of an order's life.
pub const EVENTS: [&str; 26] = [
    "work_order.created.v1",
    "work_order.classified.v1",
    "work_order.assigned.v1",
    "work_order.queued.v1",
    "work_order.message_posted.v1",
    "work_order.feedback_added.v1",
    "work_order.sentiment_dropped.v1",
    "work_order.status_changed.v1",
    "work_order.resolved.v1",
    "work_order.closed.v1",
    "work_order.cancelled.v1",
    "work_order.reopened.v1",
    "work_order.priority_changed.v1",
    "work_order.category_changed.v1",
    "work_order.due_overridden.v1",
    "work_order.breached.v1",
    "work_order.breach_annulled.v1",
    ESCALATED,
    "work_order.merged.v1",
    "work_order.child_added.v1",
    "survey.sent.v1",
    "survey.answered.v1",
    "survey.skipped.v1",
    "compensation.requested.v1",
    "compensation.approved.v1",
    "compensation.declined.v1",
];

/// The event that a fact is, with ids and small facts: never what anybody wrote, reasons included.
/// `None` for what stays inside. Of [`ESCALATED`], the level's policy says whether it is told.
#[must_use]
pub fn told(fact: &Fact) -> Option<(&'static str, Value)> {
    of_work(&fact.what).or_else(|| of_promises(&fact.what)).or_else(|| of_verdict(&fact.what))
}

/// What is sent: the same however often, since facts never change.
///
/// # Source
/// The Standard Webhooks specification, section "Payload structure": `type`, `timestamp`, `data`.
#[must_use]
pub fn body(event: &str, at: Timestamp, data: &Value) -> Value {
    json!({ "type": event, "timestamp": at, "data": data })
}

fn of_work(what: &What) -> Option<(&'static str, Value)> {
    Some(match what {
        What::Created(origin) => {
            let data = json!({"feedback": origin.feedback, "channel": origin.channel, "follows": origin.follows});
            ("work_order.created.v1", data)
        }
        What::Classified(understanding) => ("work_order.classified.v1", understood(understanding)),
        What::Assigned { team, agent, .. } => ("work_order.assigned.v1", json!({"team": team, "agent": agent})),
        What::Queued { team, .. } => ("work_order.queued.v1", json!({"team": team})),
        What::MessagePosted { message, number, direction, visibility: Visibility::Public, .. } => {
            let data = json!({"message": message, "number": number, "direction": direction});
            ("work_order.message_posted.v1", data)
        }
        What::FeedbackAdded { feedback } => ("work_order.feedback_added.v1", json!({"feedback": feedback})),
        What::SentimentDropped { from, to } => ("work_order.sentiment_dropped.v1", json!({"from": from, "to": to})),
        What::StatusChanged { from, to, resolution, .. } => {
            let code = resolution.as_ref().map(|resolution| resolution.code);
            (status_event(*to), json!({"from": from, "to": to, "resolution": code}))
        }
        What::Reopened { from, cycle, .. } => {
            ("work_order.reopened.v1", json!({"from": from, "to": Status::Reopened, "cycle": cycle}))
        }
        What::Merged { duplicate, into, .. } => ("work_order.merged.v1", json!({"duplicate": duplicate, "into": into})),
        What::ChildAdded { child, mandatory } => {
            ("work_order.child_added.v1", json!({"child": child, "mandatory": mandatory}))
        }
        _ => return None,
    })
}

fn understood(understanding: &Understanding) -> Value {
    let Understanding { category, sentiment, language, urgency, impact, score, priority, needs_review, .. } =
        understanding;
    json!({"category": category, "sentiment": sentiment, "language": language, "urgency": urgency, "impact": impact,
        "score": score, "priority": priority, "needs_review": needs_review})
}

/// A status that ends something has an event of its own.
fn status_event(to: Status) -> &'static str {
    match to {
        Status::Resolved => "work_order.resolved.v1",
        Status::Closed => "work_order.closed.v1",
        Status::Cancelled => "work_order.cancelled.v1",
        _ => "work_order.status_changed.v1",
    }
}

fn of_promises(what: &What) -> Option<(&'static str, Value)> {
    Some(match what {
        What::PriorityChanged { from, to } => ("work_order.priority_changed.v1", json!({"from": from, "to": to})),
        What::CategoryChanged { from, to } => ("work_order.category_changed.v1", json!({"from": from, "to": to})),
        What::DueOverridden { clock, due_at, .. } => {
            ("work_order.due_overridden.v1", json!({"clock": clock, "due_at": due_at}))
        }
        What::Breached { clock, due_at, .. } => ("work_order.breached.v1", json!({"clock": clock, "due_at": due_at})),
        What::Escalated { metric, cycle, exchange, level, repeat, outcome: Outcome::Fired, .. } => {
            let data =
                json!({"metric": metric, "cycle": cycle, "exchange": exchange, "level": level, "repeat": repeat});
            (ESCALATED, data)
        }
        What::BreachAnnulled { clock, .. } => ("work_order.breach_annulled.v1", json!({"clock": clock})),
        What::CompensationRequested { compensation, clock, amount } => {
            let data = json!({"compensation": compensation, "clock": clock, "amount": amount});
            ("compensation.requested.v1", data)
        }
        What::CompensationDecided { compensation, clock, decision, amount, .. } => {
            let event = match decision {
                Verdict::Approved => "compensation.approved.v1",
                Verdict::Declined => "compensation.declined.v1",
            };
            (event, json!({"compensation": compensation, "clock": clock, "amount": amount}))
        }
        _ => return None,
    })
}

fn of_verdict(what: &What) -> Option<(&'static str, Value)> {
    Some(match what {
        What::SurveySent { survey, cycle } => ("survey.sent.v1", json!({"survey": survey, "cycle": cycle})),
        What::SurveySkipped { cycle, why } => ("survey.skipped.v1", json!({"cycle": cycle, "why": why})),
        What::SurveyAnswered { survey, cycle, answers, csat, ces, nps, solved, satisfied } => {
            let data = json!({"survey": survey, "cycle": cycle, "answers": answers, "csat": csat, "ces": ces,
                "nps": nps, "solved": solved, "satisfied": satisfied});
            ("survey.answered.v1", data)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_there_once_and_says_its_version() {
        let names: BTreeSet<_> = EVENTS.into_iter().collect();
        assert_eq!(names.len(), EVENTS.len());
        assert!(EVENTS.iter().all(|event| event.ends_with(".v1") && !event.starts_with("webhook.")));
    }

    #[test]
    fn a_status_that_ends_something_has_a_name_of_its_own_and_every_name_is_in_the_vocabulary() {
        for (status, _) in Status::ALL {
            let what =
                What::StatusChanged { from: Status::Open, to: status, reason: Some("secret".into()), resolution: None };
            let (event, data) = of_work(&what).unwrap();
            assert!(EVENTS.contains(&event), "{event}");
            assert!(!data.to_string().contains("secret"), "{data}");
        }
        let ends = [Status::Resolved, Status::Closed, Status::Cancelled, Status::InProgress].map(status_event);
        assert_eq!(ends.iter().collect::<BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn a_decided_compensation_is_told_by_its_amount_and_never_by_its_reason() {
        let decided = |word: &str| -> What {
            serde_json::from_value(
                json!({"type": "compensation_decided", "compensation": "cp_1", "metric": "resolution",
                "cycle": 1, "decision": word, "amount": {"amount_minor": 500, "currency": "CNY"}, "returned_minor": 0,
                "reason": "secret"}),
            )
            .unwrap()
        };
        for word in ["approved", "declined"] {
            let (event, data) = of_promises(&decided(word)).unwrap();
            assert_eq!(event, format!("compensation.{word}.v1"));
            assert!(EVENTS.contains(&event) && !data.to_string().contains("secret"), "{data}");
            assert_eq!((&data["compensation"], &data["amount"]["amount_minor"]), (&json!("cp_1"), &json!(500)));
        }
    }
}
