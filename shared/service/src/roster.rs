//! Who could have an order: a tenant's teams, agents and their loads, as one decision sees them.

use crate::documents::{Stored, load, read};
use crate::fault::Fault;
use crate::keys;
use crate::orders::Claim;
use crate::ports::World;
use jiff::Timestamp;
use redress_domain::id::{AgentId, TeamId, TenantId};
use redress_domain::order::WorkOrder;
use redress_domain::policy::Terms;
use redress_domain::routing::{self, Agent, Candidate, Load, MANUAL, MANUAL_TEAM, Need, Routing, Team};
use std::collections::BTreeMap;

/// As many keys as one read takes.
const KEYS_A_READ: usize = 100;

/// A tenant's teams and agents, with what each agent carried when they were read.
pub(crate) struct Roster {
    pub(crate) teams: Vec<Team>,
    pub(crate) agents: Vec<Agent>,
    loads: BTreeMap<AgentId, Claim>,
}

impl Roster {
    /// Reads a tenant's roster.
    pub(crate) async fn read(world: &World, tenant: &TenantId) -> Result<Self, Fault> {
        let mut roster = Self::people(world, tenant).await?;
        roster.loads = read_loads(world, tenant, &roster.agents).await?;
        Ok(roster)
    }

    /// Reads a tenant's teams and agents without what they carry: enough to tell somebody.
    pub(crate) async fn people(world: &World, tenant: &TenantId) -> Result<Self, Fault> {
        let records = world.store.list(&keys::roster(tenant), "", None, usize::MAX).await?;
        let (mut teams, mut agents) = (Vec::new(), Vec::new());
        for record in records {
            match record.key.sort.split('#').next() {
                Some("team") => teams.push(read::<Team>(&record)?.value),
                _ => agents.push(read::<Agent>(&record)?.value),
            }
        }
        Ok(Self { teams, agents, loads: BTreeMap::new() })
    }

    /// Decides who gets an order. `None` where the tenant has no team.
    pub(crate) fn route(&self, order: &WorkOrder, terms: &Terms, now: Timestamp) -> Option<Routing> {
        self.route_without(order, &order.excluded, terms, now)
    }

    /// The same, but none of `excluded` gets it.
    pub(crate) fn route_without(
        &self,
        order: &WorkOrder,
        excluded: &[AgentId],
        terms: &Terms,
        now: Timestamp,
    ) -> Option<Routing> {
        let (team, rule) = self.team_of(order, terms)?;
        Some(self.choose(&team.id, rule, order, excluded, (terms, now)))
    }

    /// Decides who of a team gets an order that somebody gives to that team.
    pub(crate) fn route_in(&self, team: &TeamId, order: &WorkOrder, terms: &Terms, now: Timestamp) -> Routing {
        self.choose(team, MANUAL_TEAM.to_owned(), order, &order.excluded, (terms, now))
    }

    /// The decision that somebody made for an agent, beside what the rules would have seen. The order
    /// stays in its team if that is one of the agent's. `None` for an agent of no team.
    pub(crate) fn by_hand(&self, agent: &Agent, order: &WorkOrder, terms: &Terms, now: Timestamp) -> Option<Routing> {
        let kept = order.team.as_ref().filter(|team| agent.teams.contains(team));
        let team = kept.or(agent.teams.first())?;
        let routing = self.choose(team, MANUAL.to_owned(), order, &order.excluded, (terms, now));
        Some(Routing { agent: Some(agent.id.clone()), ..routing })
    }

    fn choose(
        &self,
        team: &TeamId,
        rule: String,
        order: &WorkOrder,
        excluded: &[AgentId],
        (terms, now): (&Terms, Timestamp),
    ) -> Routing {
        let need = Need { category: order.category, language: order.language, excluded };
        let members = self.agents.iter().filter(|agent| agent.teams.contains(team));
        let candidates: Vec<Candidate<'_>> = members.map(|agent| self.candidate(agent, terms, now)).collect();
        routing::choose(team, rule, &need, &candidates, now)
    }

    /// The team of that id.
    pub(crate) fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// The agent of that id.
    pub(crate) fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == *id)
    }

    /// An order stays with its team; what has none goes by the rules, and where no rule matches by
    /// the teams' own lists.
    fn team_of(&self, order: &WorkOrder, terms: &Terms) -> Option<(&Team, String)> {
        let kept = order.team.as_ref().and_then(|id| self.teams.iter().find(|team| team.id == *id));
        kept.map(|team| (team, "team:kept".to_owned()))
            .or_else(|| routing::ruled(&self.teams, &terms.policies.routing, order))
            .or_else(|| routing::team(&self.teams, order.category))
    }

    fn candidate<'a>(&'a self, agent: &'a Agent, terms: &Terms, now: Timestamp) -> Candidate<'a> {
        let shift = agent.shift.as_ref().map(|id| terms.newest_calendar(id));
        // A shift whose calendar is gone is never on: nobody is called in by a missing document.
        let on_shift = shift.is_none_or(|calendar| calendar.is_some_and(|c| routing::on_shift(Some(c), now)));
        Candidate { agent, load: self.claim(&agent.id).value, on_shift }
    }

    /// What an agent carries, at the version that was read.
    pub(crate) fn claim(&self, agent: &AgentId) -> Claim {
        self.loads.get(agent).cloned().unwrap_or(Stored { value: Load::default(), version: 0 })
    }

    /// Takes note that an agent got an order in a write that went through.
    pub(crate) fn took(&mut self, agent: &AgentId, now: Timestamp) {
        let Stored { value, version } = self.claim(agent);
        let load = Load { points: value.points + 1, last_assigned_at: Some(now) };
        self.loads.insert(agent.clone(), Stored { value: load, version: version + 1 });
    }

    /// The calendar of the team whose order it is, or is going to be.
    pub(crate) fn team_calendar(&self, order: &WorkOrder, terms: &Terms) -> Option<&str> {
        self.team_of(order, terms)?.0.calendar.as_deref()
    }

    /// The calendar of an agent's shift.
    pub(crate) fn shift_of(&self, agent: &str) -> Option<&str> {
        self.agents.iter().find(|each| each.id.as_str() == agent)?.shift.as_deref()
    }

    /// Who leads a team.
    pub(crate) fn lead(&self, team: &TeamId) -> Option<&AgentId> {
        self.teams.iter().find(|each| each.id == *team)?.lead.as_ref()
    }
}

/// Whether there is an agent of that id.
pub(crate) async fn has_agent(world: &World, tenant: &TenantId, agent: &AgentId) -> Result<bool, Fault> {
    Ok(world.store.get(&keys::agent(tenant, agent)).await?.is_some())
}

/// The calendar of the team whose order it is.
pub(crate) async fn team_calendar(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
) -> Result<Option<String>, Fault> {
    let Some(team) = &order.team else { return Ok(None) };
    let team = load::<Team>(world.store.as_ref(), &keys::team(tenant, team)).await?;
    Ok(team.and_then(|team| team.value.calendar))
}

async fn read_loads(world: &World, tenant: &TenantId, agents: &[Agent]) -> Result<BTreeMap<AgentId, Claim>, Fault> {
    let names: BTreeMap<_, _> = agents.iter().map(|agent| (keys::load(tenant, &agent.id), agent.id.clone())).collect();
    let keys: Vec<_> = names.keys().cloned().collect();
    let mut loads = BTreeMap::new();
    for some in keys.chunks(KEYS_A_READ) {
        for record in world.store.get_many(some).await? {
            if let Some(agent) = names.get(&record.key) {
                loads.insert(agent.clone(), read::<Load>(&record)?);
            }
        }
    }
    Ok(loads)
}
