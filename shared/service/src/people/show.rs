//! Teams and agents as the API shows them.

use crate::auth::Caller;
use crate::documents::{load, read};
use crate::fault::Fault;
use crate::lists::Page;
use crate::ports::{Record, World};
use crate::reply::Reply;
use crate::{desk, keys};
use redress_domain::category::{Category, Language};
use redress_domain::id::{AgentId, TeamId};
use redress_domain::routing::{Agent, Presence, Team};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A team as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Team")]
pub struct TeamView {
    /// Its id.
    pub id: TeamId,
    /// From 1, one more with every change.
    pub version: u64,
    /// Its name.
    pub name: String,
    /// What it answers for.
    pub categories: Vec<Category>,
    /// Whether it takes what no other team answers for.
    pub fallback: bool,
    /// Who is told when a promise is broken.
    pub lead: Option<AgentId>,
    /// The calendar that its orders' time is counted on, instead of their policy's.
    pub calendar: Option<String>,
    /// Who helps it out when nobody of it is free, in this order; and who helps those out.
    pub overflow: Vec<TeamId>,
}

/// An agent as the API shows them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub struct AgentView {
    /// Their id.
    pub id: AgentId,
    /// From 1, one more with every change.
    pub version: u64,
    /// Their name.
    pub name: String,
    /// Where they belong.
    pub teams: Vec<TeamId>,
    /// What they speak.
    pub languages: Vec<Language>,
    /// What they can do, 1 (knows of it) to 5 (teaches it).
    pub skills: BTreeMap<Category, u8>,
    /// How much they can carry, in points: what an order weighs, its priority says.
    pub capacity: u32,
    /// How many orders they can be given on one day of their calendar; any number if `null`.
    pub daily_cap: Option<u32>,
    /// The calendar of their shift; always on shift if absent.
    pub shift: Option<String>,
    /// Whether they are there.
    pub status: Presence,
}

impl TeamView {
    /// A team at a version.
    #[must_use]
    pub fn of(team: &Team, version: u64) -> Self {
        let Team { id, name, categories, fallback, lead, calendar, overflow } = team.clone();
        Self { id, version, name, categories, fallback, lead, calendar, overflow }
    }
}

impl AgentView {
    /// An agent at a version.
    #[must_use]
    pub fn of(agent: &Agent, version: u64) -> Self {
        let Agent { id, name, teams, languages, skills, capacity, daily_cap, shift, status } = agent.clone();
        Self { id, version, name, teams, languages, skills, capacity, daily_cap, shift, status }
    }
}

/// One team.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn team(world: &World, caller: &Caller, id: &TeamId) -> Result<Reply, Fault> {
    let stored = load::<Team>(world.store.as_ref(), &keys::team(&caller.tenant, id)).await?.ok_or(Fault::NotFound)?;
    let body = desk::body(&TeamView::of(&stored.value, stored.version));
    Ok(Reply { body, version: stored.version, replayed: false })
}

/// One agent.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn agent(world: &World, caller: &Caller, id: &AgentId) -> Result<Reply, Fault> {
    let stored = load::<Agent>(world.store.as_ref(), &keys::agent(&caller.tenant, id)).await?.ok_or(Fault::NotFound)?;
    let body = desk::body(&AgentView::of(&stored.value, stored.version));
    Ok(Reply { body, version: stored.version, replayed: false })
}

/// Teams after `after`, by id.
///
/// # Errors
/// The store did not answer.
pub async fn teams(world: &World, caller: &Caller, after: Option<&str>, limit: usize) -> Result<Page<TeamView>, Fault> {
    page(world, caller, (keys::TEAMS, after), limit, |record| {
        let stored = read::<Team>(record)?;
        Ok(TeamView::of(&stored.value, stored.version))
    })
    .await
}

/// Agents after `after`, by id.
///
/// # Errors
/// The store did not answer.
pub async fn agents(
    world: &World,
    caller: &Caller,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<AgentView>, Fault> {
    page(world, caller, (keys::AGENTS, after), limit, |record| {
        let stored = read::<Agent>(record)?;
        Ok(AgentView::of(&stored.value, stored.version))
    })
    .await
}

/// One more than a page is read, to know whether that was the last.
async fn page<T>(
    world: &World,
    caller: &Caller,
    (kind, after): (&str, Option<&str>),
    limit: usize,
    show: impl Fn(&Record) -> Result<T, Fault>,
) -> Result<Page<T>, Fault> {
    let mut records = world.store.list(&keys::roster(&caller.tenant), kind, after, limit + 1).await?;
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|last| last.key.sort.clone());
    Ok(Page { items: records.iter().map(show).collect::<Result<_, _>>()?, next })
}
