//! The right person: who may act, who acts, and why not the others.

mod choice;
mod load;
mod record;
mod team;
mod why_not;

pub use choice::{Candidate, Need, Side, choose, is_free, on_shift};
pub use load::{Load, weighs};
pub use record::{Considered, Rejection, Routing};
pub use team::{Team, doubts, overflow, overflow_cycle, ruled, team};
pub use why_not::WhyNot;

use crate::category::{Category, Language};
use crate::id::{AgentId, TeamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes work.
    Online,
    /// Back soon; takes none.
    Away,
    /// Not there.
    Offline,
}

/// A person who works on orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Their id.
    pub id: AgentId,
    /// Their name.
    pub name: String,
    /// Where they belong.
    pub teams: Vec<TeamId>,
    /// What they speak.
    pub languages: Vec<Language>,
    /// What they can do, 1 (knows of it) to 5 (teaches it); named like the categories.
    #[serde(default)]
    pub skills: BTreeMap<Category, u8>,
    /// How much they can carry, in points: what an order weighs, its priority says.
    pub capacity: u32,
    /// How many orders they can be given on one day of their calendar; any number if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_cap: Option<u32>,
    /// The calendar of their shift; always on shift if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<String>,
    /// Whether they are there.
    pub status: Presence,
}

impl Agent {
    /// Whether orders that waited may have somebody now, since `before` is this agent: who comes
    /// online, can carry more, or is asked for other work than before.
    #[must_use]
    pub fn may_have_room_since(&self, before: Option<&Self>) -> bool {
        let cap = |agent: &Self| agent.daily_cap.unwrap_or(u32::MAX);
        let same = |before: &Self| {
            before.status == Presence::Online
                && self.capacity <= before.capacity
                && cap(self) <= cap(before)
                && (&self.teams, &self.languages, &self.skills, &self.shift)
                    == (&before.teams, &before.languages, &before.skills, &before.shift)
        };
        self.status == Presence::Online && !before.is_some_and(same)
    }
}

/// The rule of a choice that somebody made by hand.
pub const MANUAL: &str = "manual";

/// The rule of a team that somebody chose by hand; the agent is chosen as ever.
pub const MANUAL_TEAM: &str = "manual:team";

#[cfg(test)]
mod tests;
