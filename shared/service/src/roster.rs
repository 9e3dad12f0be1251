//! Who could have an order: a tenant's teams and agents, and what those carry who come into question.

use crate::documents::{Stored, load, read};
use crate::fault::Fault;
use crate::keys;
use crate::orders::Claim;
use crate::ports::{KEYS_A_READ, World};
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::{Category, Language};
use redress_domain::id::{AgentId, TeamId, TenantId};
use redress_domain::order::{WorkOrder, later};
use redress_domain::policy::Terms;
use redress_domain::routing::{self, Agent, Candidate, Load, MANUAL, MANUAL_TEAM, Need, Routing, Side, Team};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// A tenant's teams and agents.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) teams: Vec<Team>,
    pub(crate) agents: Vec<Agent>,
}

/// People that were read before. Every change of them takes the tenant's turn ([`keys::turn`]), so
/// that one small document says whether they are still the same.
#[derive(Default)]
pub struct Crews(Mutex<BTreeMap<TenantId, (u64, Arc<People>)>>);

impl Crews {
    fn known(&self, tenant: &TenantId, turn: u64) -> Option<Arc<People>> {
        let crews = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        crews.get(tenant).filter(|(at, _)| *at == turn).map(|(_, people)| Arc::clone(people))
    }

    fn keep(&self, tenant: &TenantId, turn: u64, people: &Arc<People>) {
        let mut crews = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        crews.insert(tenant.clone(), (turn, Arc::clone(people)));
    }
}

impl People {
    /// A tenant's people. Read after the turn: whatever changes in between is known too early, never
    /// too late.
    async fn read(world: &World, tenant: &TenantId) -> Result<Arc<Self>, Fault> {
        let turn = world.store.get(&keys::turn(tenant)).await?.map_or(0, |record| record.version);
        if let Some(known) = world.crews.known(tenant, turn) {
            return Ok(known);
        }
        let people = Arc::new(Self::list(world, tenant).await?);
        // Before the first change of people nothing says whether they are the same.
        if turn > 0 {
            world.crews.keep(tenant, turn, &people);
        }
        Ok(people)
    }

    async fn list(world: &World, tenant: &TenantId) -> Result<Self, Fault> {
        let records = world.store.list(&keys::roster(tenant), "", None, usize::MAX).await?;
        let mut people = Self::default();
        for record in records {
            match record.key.sort.split('#').next() {
                Some("team") => people.teams.push(read::<Team>(&record)?.value),
                _ => people.agents.push(read::<Agent>(&record)?.value),
            }
        }
        Ok(people)
    }

    /// The team of that id.
    pub(crate) fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// The agent of that id.
    pub(crate) fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == *id)
    }

    /// Whose order it is, and the rule that says so: an order stays with its team, at home where
    /// another one helps it out; what has none goes by the rules, and where no rule matches by the
    /// teams' own lists.
    fn team_of(&self, order: &WorkOrder, terms: &Terms) -> Option<(&Team, String)> {
        let kept = order.home().and_then(|id| self.team(id));
        let ruled = || routing::ruled(&self.teams, &terms.policies.routing, order);
        kept.map(|team| (team, "team:kept".to_owned()))
            .or_else(|| ruled().map(|(team, rule)| (team, format!("rule:{}", rule.id))))
            .or_else(|| routing::team(&self.teams, order.category))
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
        self.team(team)?.lead.as_ref()
    }

    /// The teams whose waiting orders an agent could get: their own, and those that these help out.
    pub(crate) fn lines_of(&self, agent: &Agent) -> BTreeSet<TeamId> {
        self.lines_that(|reached| agent.teams.contains(&reached.id))
    }

    /// The teams whose waiting orders compete with those of `team` for somebody.
    pub(crate) fn rivals_of(&self, team: &TeamId) -> BTreeSet<TeamId> {
        let reached = routing::overflow(&self.teams, team);
        let theirs = |agent: &&Agent| reached.iter().any(|team| agent.teams.contains(&team.id));
        let shared: BTreeSet<&TeamId> = self.agents.iter().filter(theirs).flat_map(|agent| &agent.teams).collect();
        self.lines_that(|reached| shared.contains(&reached.id))
    }

    fn lines_that(&self, reaches: impl Fn(&Team) -> bool) -> BTreeSet<TeamId> {
        let line = |team: &&Team| routing::overflow(&self.teams, &team.id).into_iter().any(&reaches);
        self.teams.iter().filter(line).map(|team| team.id.clone()).collect()
    }
}

/// Who shall have an order, as far as that is settled before the choice.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// Whoever the rules say.
    Ruled,
    /// The same, but not who has it.
    Another,
    /// Whoever of this team, and of those that help it out: somebody says so.
    Of(&'a TeamId),
    /// This agent: somebody says so.
    Named(&'a Agent),
}

/// All that the choice asks of people for an order: of two that ask for the same, both have somebody
/// or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asks {
    home: TeamId,
    category: Category,
    language: Language,
    level: u8,
    points: u32,
    excluded: Vec<AgentId>,
}

/// A tenant's people, with what those carry who came into question so far.
pub(crate) struct Roster {
    people: Arc<People>,
    loads: BTreeMap<AgentId, Stored<Load>>,
}

impl Deref for Roster {
    type Target = People;

    fn deref(&self) -> &People {
        &self.people
    }
}

impl Roster {
    /// A tenant's people. What they carry is read when somebody must be chosen.
    pub(crate) async fn read(world: &World, tenant: &TenantId) -> Result<Self, Fault> {
        Ok(Self { people: People::read(world, tenant).await?, loads: BTreeMap::new() })
    }

    /// What an order asks for. `None` as for [`Self::decide`].
    pub(crate) fn asks(&self, order: &WorkOrder, wanted: Wanted<'_>, terms: &Terms) -> Option<Asks> {
        let (home, _) = self.people.home(order, wanted, terms)?;
        let excluded = excluded(order, wanted);
        let Need { category, language, level, points, .. } = self.people.need(order, home, &excluded, terms);
        Some(Asks { home: home.clone(), category, language, level, points, excluded })
    }

    /// Decides who gets an order. `None` where the tenant has no team, or an agent is named who
    /// belongs to none.
    pub(crate) async fn decide(
        &mut self,
        (world, tenant): (&World, &TenantId),
        order: &WorkOrder,
        wanted: Wanted<'_>,
        (terms, now): (&Terms, Timestamp),
    ) -> Result<Option<Routing>, Fault> {
        let people = Arc::clone(&self.people);
        let Some((home, rule)) = people.home(order, wanted, terms) else { return Ok(None) };
        let excluded = excluded(order, wanted);
        let need = people.need(order, home, &excluded, terms);
        let reached = routing::overflow(&people.teams, home);
        let mut sides = Vec::new();
        for team in reached {
            let side = people.side(team, terms, now);
            self.learn((world, tenant), &side, &need).await?;
            sides.push(self.with_loads(side));
            let routing = routing::choose(&sides, rule.clone(), &need, now);
            if let Some(routing) = routing.filter(|routing| routing.agent.is_some()) {
                return Ok(Some(self.named(routing, wanted, &need)));
            }
        }
        let routing = routing::choose(&sides, rule, &need, now);
        if let Wanted::Named(agent) = wanted {
            self.learn_all((world, tenant), vec![agent.id.clone()]).await?;
        }
        Ok(routing.map(|routing| self.named(routing, wanted, &need)))
    }

    /// A decision beside which somebody names the agent.
    fn named(&self, routing: Routing, wanted: Wanted<'_>, need: &Need<'_>) -> Routing {
        let Wanted::Named(agent) = wanted else { return routing };
        let team = routing.home.clone().unwrap_or_else(|| routing.team.clone());
        let points = routing::weighs(need.points, agent.capacity);
        Routing { agent: Some(agent.id.clone()), team, home: None, points, look_again_at: None, ..routing }
    }

    fn with_loads<'a>(&self, side: Side<'a>) -> Side<'a> {
        let known = |one: Candidate<'a>| Candidate { load: self.load(&one.agent.id).value, ..one };
        Side { candidates: side.candidates.into_iter().map(known).collect(), ..side }
    }

    /// Reads what those carry who could have it if they carried nothing.
    async fn learn(&mut self, at: (&World, &TenantId), side: &Side<'_>, need: &Need<'_>) -> Result<(), Fault> {
        let fit = side.candidates.iter().filter(|one| one.unfit(need).is_none());
        let ids = fit.map(|one| one.agent.id.clone()).filter(|id| !self.loads.contains_key(id)).collect();
        self.learn_all(at, ids).await
    }

    /// Reads what they carry, as it is now.
    pub(crate) async fn learn_all(
        &mut self,
        (world, tenant): (&World, &TenantId),
        ids: Vec<AgentId>,
    ) -> Result<(), Fault> {
        for some in ids.chunks(KEYS_A_READ) {
            let names: BTreeMap<_, _> = some.iter().map(|id| (keys::load(tenant, id), id)).collect();
            for record in world.store.get_many(&names.keys().cloned().collect::<Vec<_>>()).await? {
                if let Some(agent) = names.get(&record.key) {
                    self.loads.insert((*agent).clone(), read::<Load>(&record)?);
                }
            }
            for id in some {
                self.loads.entry(id.clone()).or_insert_with(|| Stored { value: Load::default(), version: 0 });
            }
        }
        Ok(())
    }

    fn load(&self, agent: &AgentId) -> Stored<Load> {
        self.loads.get(agent).cloned().unwrap_or(Stored { value: Load::default(), version: 0 })
    }

    /// What whoever a decision chose carries, at the version that was read: the decision holds only
    /// while that is so. `None` where nobody was chosen.
    pub(crate) fn claim(&self, routing: &Routing, terms: &Terms, now: Timestamp) -> Option<Claim> {
        let agent = self.agent(routing.agent.as_ref()?)?;
        let day_ends_at = day_ends_at(agent, terms, now);
        Some(Claim { seen: self.load(&agent.id), points: routing.points, day_ends_at })
    }

    /// Whether an agent who was learnt of can carry what a decision gives them.
    pub(crate) fn has_room(&self, agent: &Agent, points: u32, now: Timestamp) -> bool {
        routing::is_free(agent, &self.load(&agent.id).value, points, now).is_ok()
    }

    /// Whether an agent who was learnt of could have a waiting order now.
    pub(crate) fn could_have(&self, agent: &Agent, order: &WorkOrder, terms: &Terms, now: Timestamp) -> bool {
        let Some((home, _)) = self.people.home(order, Wanted::Ruled, terms) else { return false };
        let need = self.people.need(order, home, &order.excluded, terms);
        let reached = routing::overflow(&self.people.teams, home).iter().any(|team| agent.teams.contains(&team.id));
        reached && candidate(agent, terms, now).unfit(&need).is_none() && self.has_room(agent, need.points, now)
    }

    /// Takes note that an agent got an order in a write that went through.
    pub(crate) fn took(&mut self, agent: &AgentId, claim: &Claim, now: Timestamp) {
        let load = claim.seen.value.with(claim.points, now, claim.day_ends_at);
        self.loads.insert(agent.clone(), Stored { value: load, version: claim.seen.version + 1 });
    }
}

impl People {
    /// The team that is asked first, and the rule that says so.
    fn home<'a>(&'a self, order: &WorkOrder, wanted: Wanted<'_>, terms: &Terms) -> Option<(&'a TeamId, String)> {
        match wanted {
            Wanted::Ruled | Wanted::Another => self.team_of(order, terms).map(|(team, rule)| (&team.id, rule)),
            Wanted::Of(team) => self.team(team).map(|team| (&team.id, MANUAL_TEAM.to_owned())),
            Wanted::Named(agent) => {
                // It stays in its team if that is one of the agent's.
                let kept = order.team.as_ref().filter(|team| agent.teams.contains(team));
                let team = kept.or(agent.teams.first())?;
                self.team(team).map(|team| (&team.id, MANUAL.to_owned()))
            }
        }
    }

    fn need<'a>(&self, order: &'a WorkOrder, home: &TeamId, excluded: &'a [AgentId], terms: &Terms) -> Need<'a> {
        // A rule that sends it to this team says how much must be known of its subject.
        let ruled = routing::ruled(&self.teams, &terms.policies.routing, order);
        let level = ruled.filter(|(team, _)| team.id == *home).and_then(|(_, rule)| rule.level);
        Need {
            category: order.category,
            language: order.language,
            level: level.unwrap_or(1),
            points: terms.policies.priority.points(order.priority),
            excluded,
            last_resolver: order.last_resolver.as_ref(),
        }
    }

    fn side<'a>(&'a self, team: &'a Team, terms: &Terms, now: Timestamp) -> Side<'a> {
        let members = self.agents.iter().filter(|agent| agent.teams.contains(&team.id));
        Side { team: &team.id, candidates: members.map(|agent| candidate(agent, terms, now)).collect() }
    }
}

/// Who can't have it again.
fn excluded(order: &WorkOrder, wanted: Wanted<'_>) -> Vec<AgentId> {
    let current = order.agent.iter().filter(|_| matches!(wanted, Wanted::Another));
    order.excluded.iter().chain(current).cloned().collect()
}

fn candidate<'a>(agent: &'a Agent, terms: &Terms, now: Timestamp) -> Candidate<'a> {
    let shift = agent.shift.as_ref().map(|id| terms.newest_calendar(id));
    // A shift whose calendar is gone is never on: nobody is called in by a missing document.
    let on_shift = shift.is_none_or(|calendar| calendar.is_some_and(|c| routing::on_shift(Some(c), now)));
    let begins = shift.flatten().filter(|_| !on_shift).and_then(|calendar| calendar.next_open(now));
    let day_ends_at = agent.daily_cap.map(|_| day_ends_at(agent, terms, now));
    Candidate { agent, load: Load::default(), on_shift, shift_begins_at: begins, day_ends_at }
}

/// When an agent's day ends: by the calendar of their shift, else by the tenant's own.
fn day_ends_at(agent: &Agent, terms: &Terms, now: Timestamp) -> Timestamp {
    let shift = agent.shift.as_ref().and_then(|id| terms.newest_calendar(id));
    let calendar = shift.or_else(|| terms.own_calendar());
    calendar.map_or_else(|| later(now, SignedDuration::from_hours(24)), |calendar| calendar.end_of_day(now, 0))
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
    let Some(team) = order.home() else { return Ok(None) };
    let team = load::<Team>(world.store.as_ref(), &keys::team(tenant, team)).await?;
    Ok(team.and_then(|team| team.value.calendar))
}
