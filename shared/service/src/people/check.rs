//! What a team or an agent names, and what names them.

use crate::fault::{Conflict, Fault, Flaw};
use crate::govern::in_use;
use crate::ports::World;
use crate::roster::Roster;
use redress_domain::id::{AgentId, TeamId, TenantId};
use redress_domain::policy::Terms;
use redress_domain::routing::{self, Agent, Load, Team};

fn told(flaws: Vec<Option<Flaw>>) -> Result<(), Fault> {
    let flaws: Vec<Flaw> = flaws.into_iter().flatten().collect();
    if flaws.is_empty() { Ok(()) } else { Err(Fault::Invalid(flaws)) }
}

fn unless(there: bool, pointer: &str, what: &str) -> Option<Flaw> {
    (!there).then(|| Flaw { pointer: pointer.to_owned(), detail: format!("there is no such {what}") })
}

fn calendar(named: Option<&String>, pointer: &str, terms: &Terms) -> Option<Flaw> {
    unless(named.is_none_or(|id| terms.newest_calendar(id).is_some()), pointer, "calendar")
}

/// Whom and what a team names is there.
pub(super) fn team(team: &Team, people: &Roster, terms: &Terms) -> Result<(), Fault> {
    let led = team.lead.as_ref().is_none_or(|lead| people.agents.iter().any(|agent| agent.id == *lead));
    let there = |id: &TeamId| *id == team.id || people.team(id).is_some();
    let helpers = team.overflow.iter().enumerate();
    let unknown = helpers.map(|(at, id)| unless(there(id), &format!("/overflow/{at}"), "team"));
    let circle = routing::overflow_cycle(&people.teams, team).map(|at| Flaw {
        pointer: format!("/overflow/{at}"),
        detail: "this leads back to the team itself: orders would go round in a circle".to_owned(),
    });
    let own = [unless(led, "/lead", "agent"), calendar(team.calendar.as_ref(), "/calendar", terms), circle];
    told(own.into_iter().chain(unknown).collect())
}

/// What an agent names is there.
pub(super) fn agent(agent: &Agent, people: &Roster, terms: &Terms) -> Result<(), Fault> {
    let there = |id: &TeamId| people.teams.iter().any(|team| team.id == *id);
    let teams = agent.teams.iter().enumerate().map(|(at, id)| unless(there(id), &format!("/teams/{at}"), "team"));
    told(teams.chain([calendar(agent.shift.as_ref(), "/shift", terms)]).collect())
}

fn in_use<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Conflict(Conflict::InUse(why.into())))
}

/// Somebody takes what no team answers for, if somebody did.
pub(super) fn fallback(team: &Team, people: &Roster) -> Result<(), Fault> {
    let is = |other: &&Team| other.fallback && other.id == team.id;
    if !team.fallback && people.teams.iter().any(|other| is(&other)) {
        return last_fallback(&team.id, people);
    }
    Ok(())
}

fn last_fallback(id: &TeamId, people: &Roster) -> Result<(), Fault> {
    if people.teams.iter().any(|other| other.fallback && other.id != *id) {
        return Ok(());
    }
    in_use("it is the last team that takes what no other answers for: give another team fallback first")
}

/// Nothing rests on a team that shall go.
pub(super) async fn team_unused(
    world: &World,
    tenant: &TenantId,
    id: &TeamId,
    people: &Roster,
    terms: &Terms,
) -> Result<(), Fault> {
    if let Some(agent) = people.agents.iter().find(|agent| agent.teams.contains(id)) {
        return in_use(format!("the agent {} belongs to it", agent.id));
    }
    if let Some(other) = people.teams.iter().find(|other| other.overflow.contains(id)) {
        return in_use(format!("it helps out the team {}", other.id));
    }
    if let Some(rule) = terms.policies.routing.iter().find(|rule| rule.team == *id) {
        return in_use(format!("the routing rule {} names it", rule.id));
    }
    if people.teams.iter().any(|team| team.id == *id && team.fallback) {
        last_fallback(id, people)?;
    }
    match in_use::order_using(world, tenant, |order| order.team.as_ref() == Some(id)).await? {
        Some(why) => in_use(why),
        None => Ok(()),
    }
}

/// Nothing rests on an agent who shall go.
pub(super) fn agent_unused(id: &AgentId, carried: &Load, people: &Roster) -> Result<(), Fault> {
    if carried.points > 0 {
        return in_use(format!("open work orders of {} points are theirs: give them to somebody else", carried.points));
    }
    match people.teams.iter().find(|team| team.lead.as_ref() == Some(id)) {
        Some(team) => in_use(format!("they lead {}", team.id)),
        None => Ok(()),
    }
}
