//! The right person: who may act, who acts, and why not the others.

mod why_not;

pub use why_not::WhyNot;

use crate::calendar::Calendar;
use crate::category::{Category, Language};
use crate::id::{AgentId, TeamId};
use crate::order::WorkOrder;
use crate::policy::RoutingRule;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A group of agents who answer for some categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// What it answers for.
    pub categories: Vec<Category>,
    /// Takes what no other team answers for.
    #[serde(default)]
    pub fallback: bool,
    /// Who is told when a promise is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<AgentId>,
    /// The calendar that its orders' time is counted on, instead of their policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

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
    /// How many open orders they can carry, in points of 1 an order.
    pub capacity: u32,
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
        let same = |before: &Self| {
            before.status == Presence::Online
                && self.capacity <= before.capacity
                && (&self.teams, &self.languages, &self.skills, &self.shift)
                    == (&before.teams, &before.languages, &before.skills, &before.shift)
        };
        self.status == Presence::Online && !before.is_some_and(same)
    }
}

/// What an agent carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// Points of the orders that are theirs and open.
    pub points: u32,
    /// When they last got one; who has waited longest comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_assigned_at: Option<Timestamp>,
}

/// What the order needs.
#[derive(Debug, Clone)]
pub struct Need<'a> {
    /// What it is about.
    pub category: Category,
    /// What the customer speaks.
    pub language: Language,
    /// Who has had it and did not put it right.
    pub excluded: &'a [AgentId],
}

/// An agent as the choice sees them.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// What they carry.
    pub load: Load,
    /// Whether their shift is on.
    pub on_shift: bool,
}

/// Why an agent could not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Lacks the skill.
    Skill,
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
    /// Free share of their capacity, 0 to 1; the highest wins.
    pub score: f64,
    /// When they last got an order: among equals, who has waited longest wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_since: Option<Timestamp>,
    /// Why not.
    pub rejected_because: Option<Rejection>,
}

/// A decision about who gets an order, with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Routing {
    /// The team.
    pub team: TeamId,
    /// The agent; absent while nobody can take it.
    pub agent: Option<AgentId>,
    /// The rule that chose the team, for example `category:logistics`; [`MANUAL`] if somebody named
    /// the agent, [`MANUAL_TEAM`] if somebody named the team.
    pub rule: String,
    /// When.
    pub decided_at: Timestamp,
    /// Everybody of the team, best first.
    pub candidates: Vec<Considered>,
}

/// The rule of a choice that somebody made by hand.
pub const MANUAL: &str = "manual";

/// The rule of a team that somebody chose by hand; the agent is chosen as ever.
pub const MANUAL_TEAM: &str = "manual:team";

/// The team that the first rule that matches names, and that rule. A rule whose team is not there
/// decides nothing.
#[must_use]
pub fn ruled<'a>(teams: &'a [Team], rules: &[RoutingRule], order: &WorkOrder) -> Option<(&'a Team, String)> {
    rules.iter().filter(|rule| rule.when.matches(order)).find_map(|rule| {
        let team = teams.iter().find(|team| team.id == rule.team)?;
        Some((team, format!("rule:{}", rule.id)))
    })
}

/// The team that answers for a category and the rule that says so: the first that lists it, else
/// the fall-back, else the first there is.
#[must_use]
pub fn team(teams: &[Team], category: Category) -> Option<(&Team, String)> {
    let by_category = teams.iter().find(|team| team.categories.contains(&category));
    let by_fallback = || teams.iter().find(|team| team.fallback).or(teams.first());
    by_category
        .map(|team| (team, format!("category:{}", category.as_str())))
        .or_else(|| by_fallback().map(|team| (team, "fallback".to_owned())))
}

/// Chooses among a team's agents: eligible, then least loaded by share of capacity, then longest
/// idle, then by id, so that the same question always has the same answer.
#[must_use]
pub fn choose(team: &TeamId, rule: String, need: &Need<'_>, candidates: &[Candidate<'_>], now: Timestamp) -> Routing {
    let mut candidates: Vec<Considered> = candidates.iter().map(|candidate| candidate.consider(need)).collect();
    candidates.sort_by(|a, b| {
        (b.eligible.cmp(&a.eligible))
            .then(b.score.total_cmp(&a.score))
            .then(a.idle_since.cmp(&b.idle_since))
            .then(a.agent.cmp(&b.agent))
    });
    let agent = candidates.first().filter(|best| best.eligible).map(|best| best.agent.clone());
    Routing { team: team.clone(), agent, rule, decided_at: now, candidates }
}

impl Candidate<'_> {
    fn consider(&self, need: &Need<'_>) -> Considered {
        let rejected_because = self.rejection(need);
        let agent = self.agent.id.clone();
        let (eligible, score, idle_since) = (rejected_because.is_none(), self.free_share(), self.load.last_assigned_at);
        Considered { agent, eligible, score, idle_since, rejected_because }
    }

    fn rejection(&self, need: &Need<'_>) -> Option<Rejection> {
        let agent = self.agent;
        // Any agent may take what is in no language we know; nobody could be refused for it.
        let speaks = need.language == Language::Other || agent.languages.contains(&need.language);
        // `other` asks for no skill: somebody has to read it first.
        let knows =
            need.category == Category::Other || agent.skills.get(&need.category).is_some_and(|level| *level > 0);
        [
            (need.excluded.contains(&agent.id), Rejection::PreviousResolver),
            (agent.status != Presence::Online, Rejection::NotOnline),
            (!self.on_shift, Rejection::OffShift),
            (!speaks, Rejection::Language),
            (!knows, Rejection::Skill),
            (self.load.points >= agent.capacity, Rejection::AtCapacity),
        ]
        .into_iter()
        .find_map(|(rejected, why)| rejected.then_some(why))
    }

    /// 1 for an idle agent, 0 for a full one, to three places.
    fn free_share(&self) -> f64 {
        let capacity = self.agent.capacity.max(1);
        let free = capacity.saturating_sub(self.load.points);
        (f64::from(free) / f64::from(capacity) * 1000.0).round() / 1000.0
    }
}

/// Whether a shift is on; an agent without one is always on.
#[must_use]
pub fn on_shift(shift: Option<&Calendar>, now: Timestamp) -> bool {
    shift.is_none_or(|calendar| calendar.is_open(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str, language: Language) -> Agent {
        serde_json::from_value(serde_json::json!({
            "id": format!("ag_{id}"), "name": id, "teams": ["tm_a"], "languages": [language],
            "skills": {"logistics": 3}, "capacity": 4, "status": "online"
        }))
        .unwrap()
    }

    fn need(excluded: &[AgentId]) -> Need<'_> {
        Need { category: Category::Logistics, language: Language::Zh, excluded }
    }

    fn carrying(agent: &Agent, points: u32, last: Option<i64>) -> Candidate<'_> {
        let last_assigned_at = last.map(|second| Timestamp::from_second(second).unwrap());
        Candidate { agent, load: Load { points, last_assigned_at }, on_shift: true }
    }

    fn chosen(need: &Need<'_>, candidates: &[Candidate<'_>]) -> Routing {
        choose(&TeamId::parse("tm_a").unwrap(), "test".into(), need, candidates, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_least_loaded_agent_gets_it_and_the_longest_idle_among_equals() {
        let (a, b, c) = (agent("a", Language::Zh), agent("b", Language::Zh), agent("c", Language::Zh));
        let candidates = [carrying(&a, 2, None), carrying(&b, 1, Some(20)), carrying(&c, 1, Some(10))];
        let routing = chosen(&need(&[]), &candidates);
        assert_eq!(routing.agent, Some(c.id.clone()));
        assert_eq!(routing.candidates.iter().map(|x| x.score).collect::<Vec<_>>(), [0.75, 0.75, 0.5]);
    }

    #[test]
    fn every_agent_who_is_passed_over_is_told_why() {
        let (full, deaf, away) =
            (agent("full", Language::Zh), agent("deaf", Language::En), agent("away", Language::Zh));
        let away = Agent { status: Presence::Away, ..away };
        let unskilled = Agent { skills: BTreeMap::new(), ..agent("unskilled", Language::Zh) };
        let (asleep, before) = (agent("asleep", Language::Zh), agent("before", Language::Zh));
        let excluded = [before.id.clone()];
        let mut candidates = [&full, &deaf, &away, &unskilled, &asleep, &before].map(|agent| carrying(agent, 0, None));
        candidates[0].load.points = 4;
        candidates[4].on_shift = false;
        let routing = chosen(&need(&excluded), &candidates);
        assert_eq!(routing.agent, None);
        let why = |agent: &Agent| routing.candidates.iter().find(|c| c.agent == agent.id).unwrap().rejected_because;
        assert_eq!(why(&full), Some(Rejection::AtCapacity));
        assert_eq!(why(&deaf), Some(Rejection::Language));
        assert_eq!(why(&away), Some(Rejection::NotOnline));
        assert_eq!(why(&unskilled), Some(Rejection::Skill));
        assert_eq!(why(&asleep), Some(Rejection::OffShift));
        assert_eq!(why(&before), Some(Rejection::PreviousResolver));
    }

    #[test]
    fn a_category_nobody_lists_goes_to_the_fallback_team() {
        let team_of = |id: &str, categories: Vec<Category>, fallback| Team {
            id: TeamId::parse(id).unwrap(),
            name: id.into(),
            categories,
            fallback,
            lead: None,
            calendar: None,
        };
        let teams = [team_of("tm_a", vec![Category::Logistics], false), team_of("tm_b", vec![], true)];
        assert_eq!(team(&teams, Category::Logistics).unwrap().0.id, teams[0].id);
        let (fallback, rule) = team(&teams, Category::Account).unwrap();
        assert_eq!((&fallback.id, rule.as_str()), (&teams[1].id, "fallback"));
        assert!(team(&[], Category::Account).is_none());
    }
}
