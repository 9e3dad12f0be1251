//! Whose orders these are: teams, the rules that pick one, and the teams that help it out.

use super::Agent;
use crate::category::{Category, Language};
use crate::id::{AgentId, TeamId};
use crate::order::WorkOrder;
use crate::policy::{PolicyError, RoutingRule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Who helps it out when nobody of it is free, in this order; and who helps those out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overflow: Vec<TeamId>,
}

/// The first rule that matches, and the team that it names. A rule whose team is not there decides
/// nothing.
#[must_use]
pub fn ruled<'t, 'r>(
    teams: &'t [Team],
    rules: &'r [RoutingRule],
    order: &WorkOrder,
) -> Option<(&'t Team, &'r RoutingRule)> {
    rules.iter().filter(|rule| rule.when.matches(order)).find_map(|rule| {
        let team = teams.iter().find(|team| team.id == rule.team)?;
        Some((team, rule))
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

/// A team and those that help it out, nearest first, each once: its own list, then what stands on
/// those teams' lists. One that is not there helps nobody.
#[must_use]
pub fn overflow<'a>(teams: &'a [Team], first: &TeamId) -> Vec<&'a Team> {
    let find = |id: &TeamId| teams.iter().find(|team| team.id == *id);
    let mut reached: Vec<&Team> = find(first).into_iter().collect();
    let mut at = 0;
    while let Some(team) = reached.get(at).copied() {
        for next in team.overflow.iter().filter_map(find) {
            if !reached.iter().any(|known| known.id == next.id) {
                reached.push(next);
            }
        }
        at += 1;
    }
    reached
}

/// Where `team`'s list of those who help it out leads back to itself: the place of the first one
/// from which it does. An order would be sent round in a circle.
#[must_use]
pub fn overflow_cycle(teams: &[Team], team: &Team) -> Option<usize> {
    let mut with: Vec<Team> = teams.iter().filter(|other| other.id != team.id).cloned().collect();
    with.push(team.clone());
    let back = |next: &TeamId| *next == team.id || overflow(&with, next).iter().any(|reached| reached.id == team.id);
    team.overflow.iter().position(back)
}

/// What is doubtful about a rule, as far as people are known now: it would only make orders wait.
/// Places are those of the rule.
#[must_use]
pub fn doubts(rule: &RoutingRule, teams: &[Team], agents: &[Agent]) -> Vec<PolicyError> {
    let reached = overflow(teams, &rule.team);
    let members: Vec<&Agent> =
        agents.iter().filter(|agent| reached.iter().any(|team| agent.teams.contains(&team.id))).collect();
    if members.is_empty() {
        return vec![PolicyError::at("/team", "no agent belongs to it, or to a team that helps it out: orders wait")];
    }
    let level = rule.level.unwrap_or(1);
    let skilled =
        |category: Category| members.iter().any(|agent| agent.skills.get(&category).is_some_and(|has| *has >= level));
    let subjects = rule.when.category.iter().flatten().enumerate();
    let unskilled = subjects.filter(|(_, subject)| **subject != Category::Other && !skilled(**subject));
    let unskilled = unskilled.map(|(at, subject)| {
        let detail = format!("no agent of the team has the skill {} at level {level}: orders wait", subject.as_str());
        PolicyError::at(format!("/when/category/{at}"), detail)
    });
    let spoken = |language: Language| members.iter().any(|agent| agent.languages.contains(&language));
    let languages = rule.when.language.iter().flatten().enumerate();
    let unspoken = languages.filter(|(_, language)| **language != Language::Other && !spoken(**language));
    let unspoken = unspoken
        .map(|(at, _)| PolicyError::at(format!("/when/language/{at}"), "no agent of the team speaks it: orders wait"));
    unskilled.chain(unspoken).collect()
}
