//! Why not somebody else? Read from the decision that is on record, and not judged anew.

use super::{Considered, MANUAL, Rejection, Routing};
use crate::id::AgentId;
use schemars::JsonSchema;
use serde::Serialize;

/// Why an agent does not have an order, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// This agent was chosen.
    Chosen,
    /// A supervisor chose somebody else by hand.
    Overruled,
    /// Somebody else resolved what the same customer had before.
    LessFamiliar,
    /// Somebody else had a larger share of their capacity free.
    LessFree,
    /// Somebody else was as free, and had waited longer for work.
    LessIdle,
    /// Somebody else was as free and had waited as long, and their id comes first.
    LaterById,
    /// Nobody asked: it went to another team, or to none yet.
    NotInTeam,
    /// Could not have had it.
    #[serde(untagged)]
    Rejected(Rejection),
}

impl Routing {
    /// Why `agent` was not chosen, or that it was.
    #[must_use]
    pub fn why_not(&self, agent: &AgentId) -> WhyNot {
        if self.agent.as_ref() == Some(agent) {
            return WhyNot::Chosen;
        }
        if let Some(group) = self.passed_over.iter().find(|group| group.agents.contains(agent)) {
            return WhyNot::Rejected(group.because);
        }
        let considered = |agent: &AgentId| self.candidates.iter().find(|one| one.agent == *agent);
        let Some(loser) = considered(agent) else { return WhyNot::NotInTeam };
        match self.agent.as_ref().and_then(considered) {
            _ if self.rule == MANUAL => WhyNot::Overruled,
            Some(winner) => loser.lost_to(winner),
            None => WhyNot::LessFree,
        }
    }
}

impl Considered {
    /// Why `winner` was better, in the order in which the choice compares.
    fn lost_to(&self, winner: &Self) -> WhyNot {
        if winner.affinity && !self.affinity {
            return WhyNot::LessFamiliar;
        }
        match self.score.total_cmp(&winner.score) {
            std::cmp::Ordering::Equal if self.idle_since > winner.idle_since => WhyNot::LessIdle,
            std::cmp::Ordering::Equal => WhyNot::LaterById,
            _ => WhyNot::LessFree,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn routing(rule: &str) -> Routing {
        let eligible = |agent: &str, score: f64, idle_since: Option<&str>| json!({"agent": agent, "eligible": true, "score": score, "idle_since": idle_since, "rejected_because": null});
        serde_json::from_value(json!({
            "team": "tm_a", "agent": "ag_b", "rule": rule, "decided_at": "2026-11-23T01:00:00Z",
            "candidates": [
                eligible("ag_b", 0.5, Some("2026-11-23T00:10:00Z")),
                eligible("ag_c", 0.5, Some("2026-11-23T00:10:00Z")),
                eligible("ag_d", 0.5, Some("2026-11-23T00:20:00Z")),
                eligible("ag_e", 0.25, None),
            ],
            "passed_over": [{"because": "at_capacity", "agents": ["ag_f"]}],
        }))
        .unwrap()
    }

    fn why_not(rule: &str, agent: &str) -> serde_json::Value {
        json!(routing(rule).why_not(&AgentId::parse(agent).unwrap()))
    }

    #[test]
    fn each_who_was_passed_over_has_a_word_of_their_own() {
        for (agent, word) in [
            ("ag_b", "chosen"),
            ("ag_c", "later_by_id"),
            ("ag_d", "less_idle"),
            ("ag_e", "less_free"),
            ("ag_f", "at_capacity"),
            ("ag_x", "not_in_team"),
        ] {
            assert_eq!(why_not("category:logistics", agent), word, "{agent}");
        }
    }

    #[test]
    fn who_knows_the_customer_comes_before_who_is_freer() {
        let mut routing = routing("category:logistics");
        routing.candidates[0].affinity = true;
        for agent in ["ag_c", "ag_e"] {
            assert_eq!(routing.why_not(&AgentId::parse(agent).unwrap()), WhyNot::LessFamiliar);
        }
    }

    #[test]
    fn a_choice_by_hand_overrules_who_could_have_had_it() {
        for (agent, word) in [("ag_b", "chosen"), ("ag_e", "overruled"), ("ag_f", "at_capacity")] {
            assert_eq!(why_not(MANUAL, agent), word, "{agent}");
        }
    }

    #[test]
    fn an_agent_whom_a_supervisor_chose_in_spite_of_a_reason_was_chosen() {
        let mut routing = routing(MANUAL);
        routing.agent = AgentId::parse("ag_f");
        assert_eq!(routing.why_not(&AgentId::parse("ag_f").unwrap()), WhyNot::Chosen);
    }
}
