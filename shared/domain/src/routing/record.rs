//! The decision as it is kept: who was chosen, and everybody who was not, with the reason.
//!
//! It rides in a fact of the order, and a team may have hundreds of people: those who were passed
//! over for one reason are kept as one list of ids.

use crate::id::{AgentId, TeamId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Why an agent could not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Had it before, and the customer was not satisfied.
    PreviousResolver,
    /// Away or offline.
    NotOnline,
    /// Between shifts.
    OffShift,
    /// Does not speak the customer's language.
    Language,
    /// Lacks the skill, or has less of it than the rule asks for.
    Skill,
    /// Was given as many orders today as they can be.
    DailyCap,
    /// Carries as much as they can.
    AtCapacity,
}

/// One agent's part in a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Considered {
    /// Who.
    pub agent: AgentId,
    /// Whether they could have had it.
    pub eligible: bool,
    /// Free share of their capacity, 0 to 1; the highest wins. 0 for who could not have had it.
    pub score: f64,
    /// Resolved what the same customer had before: comes before every score.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub affinity: bool,
    /// When they last got an order: among equals, who has waited longest wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_since: Option<Timestamp>,
    /// The team that they were looked at for, if it is not the order's own: one that helps it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<TeamId>,
    /// Why not.
    pub rejected_because: Option<Rejection>,
}

/// A decision about who gets an order, with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Routing {
    /// The team.
    pub team: TeamId,
    /// The team whose order it is, where another one helps it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<TeamId>,
    /// The agent; absent while nobody can take it.
    pub agent: Option<AgentId>,
    /// The rule that chose the team, for example `category:logistics`; `manual` if somebody named
    /// the agent, `manual:team` if somebody named the team.
    pub rule: String,
    /// When.
    pub decided_at: Timestamp,
    /// What it takes of the agent's capacity, in points.
    #[serde(default = "one")]
    pub points: u32,
    /// When the first shift or day begins of somebody who could have it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again_at: Option<Timestamp>,
    /// Who could have had it, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "only_eligible")]
    pub candidates: Vec<Considered>,
    /// Who could not, reason by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
}

/// Those who could not have it for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassedOver {
    /// Why not.
    pub because: Rejection,
    /// The team that they were looked at for, if it is not the order's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<TeamId>,
    /// Who.
    pub agents: Vec<AgentId>,
}

const fn one() -> u32 {
    1
}

/// What was written before those who could not have it were kept apart holds them too: they are
/// left out, as they would be of a decision made now.
fn only_eligible<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Considered>, D::Error> {
    let mut all = Vec::<Considered>::deserialize(from)?;
    all.retain(|one| one.eligible);
    Ok(all)
}

impl Routing {
    /// Everybody who was considered: who could have had it, best first, and then the others.
    #[must_use]
    pub fn considered(&self) -> Vec<Considered> {
        let others = self.passed_over.iter().flat_map(|group| {
            group.agents.iter().map(|agent| Considered {
                agent: agent.clone(),
                eligible: false,
                score: 0.0,
                affinity: false,
                idle_since: None,
                overflow: group.overflow.clone(),
                rejected_because: Some(group.because),
            })
        });
        self.candidates.iter().cloned().chain(others).collect()
    }

    /// The decision without its reasons, as the order itself keeps it: they stand in the fact.
    #[must_use]
    pub fn outcome(&self) -> Self {
        Self { candidates: Vec::new(), passed_over: Vec::new(), ..self.clone() }
    }
}
