//! What a customer's verdict does to an order, and what it never does.

use super::Desk;
use crate::actor::{Actor, ActorKind};
use crate::fact::{Resolution, ResolutionCode};
use crate::id::{SurveyId, TenantId};
use crate::order::{Entry, Refusal, Status, Transition};
use crate::survey::{Answer, Survey};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

impl Desk {
    /// The survey about a cycle of the order, as the customer has answered it so often.
    fn survey(&self, cycle: u32, answers: Vec<Answer>) -> Survey {
        let id = SurveyId::of(&TenantId::parse("tn_a").unwrap(), &self.order.id, cycle);
        serde_json::from_value(json!({
            "id": id, "work_order": self.order.id, "cycle": cycle, "token": "t", "state": "answered",
            "customer_ref": "c-1", "language": "zh", "created_at": self.now, "ask_at": self.now,
            "closes_at": self.now + SignedDuration::from_hours(168), "answers": answers,
        }))
        .unwrap()
    }

    fn answer(&self, csat: u8) -> Answer {
        serde_json::from_value(json!({"csat": csat, "at": self.now})).unwrap()
    }

    /// The customer says what they think of a cycle.
    fn judge(&mut self, cycle: u32, csat: u8) {
        let answer = self.answer(csat);
        let survey = self.survey(cycle, vec![answer.clone()]);
        let customer = Actor::new(ActorKind::Customer, "c-1");
        let by = Entry::new(&customer, self.now, &self.terms).because(survey.id.as_str());
        self.order.hear(by, &survey, &answer).unwrap();
    }

    fn give(&mut self) {
        let routing =
            json!({"team": "tm_a", "agent": "ag_a", "rule": "test", "decided_at": self.now, "candidates": []});
        let by = Entry::new(&self.agent, self.now, &self.terms);
        self.order.route(by, serde_json::from_value(routing).unwrap()).unwrap();
    }

    fn resolve(&mut self, summary: Option<&str>, evidence: &[&str]) -> Result<(), Refusal> {
        let by = Entry::new(&self.agent, self.now, &self.terms);
        let resolution = Resolution {
            code: ResolutionCode::Replaced,
            summary: summary.map(str::to_owned),
            evidence: evidence.iter().map(|proof| (*proof).to_owned()).collect(),
        };
        let resolution = Some(resolution);
        self.order.transition(by, Transition { to: Status::Resolved, reason: None, resolution, survey: true })
    }
}

#[test]
fn who_did_not_satisfy_the_customer_shows_what_was_done_now() {
    let mut desk = Desk::assigned();
    desk.to(Status::Resolved).unwrap();
    desk.judge(1, 1);
    desk.give();
    assert_eq!(desk.to(Status::Resolved), Err(Refusal::EvidenceMissing));
    for (summary, evidence) in [(None, &[][..]), (Some(" \u{200b} "), &[]), (Some("…"), &["--", "！"])] {
        assert_eq!(desk.resolve(summary, evidence), Err(Refusal::EvidenceMissing), "{summary:?} {evidence:?}");
    }
    let before = desk.order.clone();
    for (summary, evidence) in [(Some("已补发"), &[][..]), (None, &["refund 2026-1024"]), (Some("."), &["at_abc"])] {
        desk.order = before.clone();
        desk.resolve(summary, evidence).unwrap();
        assert_eq!(desk.order.resolution.as_ref().unwrap().evidence, evidence, "shown on the order");
    }
}

#[test]
fn a_first_resolve_and_a_return_that_is_no_verdict_need_no_evidence() {
    let mut desk = Desk::assigned();
    desk.to(Status::Resolved).unwrap();
    desk.to(Status::Reopened).unwrap();
    desk.give();
    desk.to(Status::Resolved).unwrap();
    desk.judge(2, 2);
    desk.give();
    desk.resolve(Some("换了新的 replaced"), &[]).unwrap();
    // What the customer contested is settled; coming back for another reason asks for nothing.
    desk.to(Status::Reopened).unwrap();
    desk.give();
    desk.to(Status::Resolved).unwrap();
}

#[test]
fn at_the_cap_the_supervisor_shows_it_too() {
    let mut desk = Desk::assigned();
    for cycle in 1..=3 {
        desk.resolve(Some("好了 done"), &[]).unwrap();
        desk.judge(cycle, 1);
        if !desk.order.supervised {
            desk.give();
        }
    }
    assert!(desk.order.supervised && desk.order.agent.is_none());
    assert_eq!(desk.to(Status::Resolved), Err(Refusal::EvidenceMissing));
    desk.resolve(None, &["call 7"]).unwrap();
}

/// What may happen between two verdicts.
#[derive(Debug, Clone)]
enum Deed {
    Resolve,
    Close,
    Reopen,
    Judge { back: u32, csat: u8 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => Just(Deed::Resolve),
        1 => Just(Deed::Close),
        1 => Just(Deed::Reopen),
        4 => (0..4_u32, 1..=5_u8).prop_map(|(back, csat)| Deed::Judge { back, csat }),
    ];
    proptest::collection::vec(deed, 0..60)
}

proptest! {
    /// A verdict about a cycle brings back that cycle alone, and once; by verdicts an order comes back
    /// as often as the cap says, and then once more to a supervisor, whose work is asked about no more.
    #[test]
    fn verdicts_never_go_round_in_circles(deeds in deeds()) {
        let mut desk = Desk::assigned();
        let cap = desk.terms.policies.reopen.cap;
        let mut judged = Vec::new();
        for deed in deeds {
            desk.now += SignedDuration::from_mins(1);
            let (cycle, count) = (desk.order.cycle, desk.order.reopen_count);
            match deed {
                Deed::Resolve => drop(desk.resolve(Some("好了 done"), &[])),
                Deed::Close => drop(desk.to(Status::Closed)),
                Deed::Reopen => drop(desk.to(Status::Reopened)),
                // Nobody is asked about what a supervisor does.
                Deed::Judge { back, .. } if desk.order.supervised && back == 0 => {}
                Deed::Judge { back, csat } => {
                    let about = cycle.saturating_sub(back).max(1);
                    desk.judge(about, csat);
                    if desk.order.cycle > cycle {
                        prop_assert!(about == cycle && csat <= 2);
                        prop_assert!(!judged.contains(&about), "a cycle comes back once");
                        judged.push(about);
                        prop_assert!(desk.order.is_contested());
                        prop_assert!(desk.order.supervised == (count >= cap));
                    }
                }
            }
            if desk.order.is_waiting() {
                desk.give();
            }
        }
        prop_assert!(judged.len() <= cap as usize + 1, "{judged:?}");
        prop_assert_eq!(
            &crate::order::WorkOrder::replay(&desk.order.id, desk.order.facts.clone(), &desk.terms).unwrap().unwrap(),
            &desk.order
        );
    }
}
