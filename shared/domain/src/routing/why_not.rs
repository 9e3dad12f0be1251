//! Why not somebody else? Read from the decision that is on record, and not judged anew.

use super::{MANUAL, Rejection, Routing};
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
        let considered = |agent: &AgentId| self.candidates.iter().find(|one| one.agent == *agent);
        if self.agent.as_ref() == Some(agent) {
            return WhyNot::Chosen;
        }
        let Some(loser) = considered(agent) else { return WhyNot::NotInTeam };
        if let Some(rejection) = loser.rejected_because {
            return WhyNot::Rejected(rejection);
        }
        match self.agent.as_ref().and_then(considered) {
            _ if self.rule == MANUAL => WhyNot::Overruled,
            Some(winner) if loser.score.total_cmp(&winner.score).is_eq() => match loser.idle_since {
                idle_since if idle_since > winner.idle_since => WhyNot::LessIdle,
                _ => WhyNot::LaterById,
            },
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
                {"agent": "ag_f", "eligible": false, "score": 0.0, "rejected_because": "at_capacity"},
            ],
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
