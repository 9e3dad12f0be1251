//! Teams and agents: who may act. Admins write them; whether an agent is there, the agent may say
//! too.
//!
//! Whatever one of them rests on is there: every change of people, and of what names people, takes
//! the tenant's turn in the same commit, so that what was checked still holds when it is written.

mod check;
mod show;

pub use show::{AgentView, TeamView, agent, agents, team, teams};

use crate::api_keys;
use crate::auth::Caller;
use crate::desk::IfMatch;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::ports::{Key, World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::roster::Roster;
use crate::{Moment, desk, keys, orders, publish, wishes};
use redress_domain::event::{Event, EventType};
use redress_domain::id::{AgentId, TeamId, TenantId};
use redress_domain::routing::{Agent, Load, Presence, Team};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What an admin asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Staffing {
    /// A new team.
    AddTeam(Team),
    /// Another version of a team.
    ReplaceTeam(Team),
    /// A team goes.
    DropTeam(TeamId),
    /// A new agent.
    AddAgent(Agent),
    /// Another version of an agent; whether they are there stays as it is unless it is said.
    ReplaceAgent(Agent, Option<Presence>),
    /// An agent goes, and their keys with them.
    DropAgent(AgentId),
}

/// The write that takes the tenant's turn: of two changes that read the same turn, one goes through
/// and the other decides again. To be read before what the change rests on.
pub(crate) async fn turn(world: &World, tenant: &TenantId) -> Result<Write, Fault> {
    let key = keys::turn(tenant);
    let taken = world.store.get(&key).await?.map_or(0, |record| record.version);
    Ok(put(key, taken, &json!({}), Marks::default()))
}

/// Does what an admin asks for. `if_match`: the version of what is replaced or goes; any without it.
///
/// # Errors
/// Invalid at every place that names what is not there; not found; conflict if there is one of that
/// id already, the caller has read an older version, or something rests on what shall go.
pub async fn staff(
    world: &World,
    caller: &Caller,
    asked: &Staffing,
    if_match: Option<&IfMatch>,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        let attempt = Attempt { world, tenant: &caller.tenant, if_match, keyed, slot: &slot, moment };
        if let Some(reply) = slot.reply.clone() {
            attempt.tell_again(asked, &reply).await?;
            return Ok(reply);
        }
        if let Some(answer) = settled(attempt.make(asked).await) {
            return answer;
        }
    }
    Err(contended())
}

/// One attempt at one change.
struct Attempt<'a> {
    world: &'a World,
    tenant: &'a TenantId,
    if_match: Option<&'a IfMatch>,
    keyed: &'a Keyed,
    slot: &'a Slot,
    moment: Moment,
}

impl Attempt<'_> {
    async fn make(&self, asked: &Staffing) -> Result<Reply, Tried> {
        let (world, tenant) = (self.world, self.tenant);
        let turn = turn(world, tenant).await?;
        let people = Roster::read(world, tenant).await?;
        let terms = publish::terms(world, tenant).await?;
        match asked {
            Staffing::AddTeam(team) => {
                check::team(team, &people, &terms)?;
                self.add(keys::team(tenant, &team.id), team, TeamView::of(team, 1), turn).await
            }
            Staffing::ReplaceTeam(team) => {
                let key = keys::team(tenant, &team.id);
                let seen = self.seen::<Team>(&key).await?.version;
                check::team(team, &people, &terms)?;
                check::fallback(team, &people)?;
                let reply = self.replace((key, seen), team, TeamView::of(team, seen + 1), turn).await?;
                self.helped(team, people.team(&team.id), reply).await
            }
            Staffing::DropTeam(id) => {
                let key = keys::team(tenant, id);
                let seen = self.seen::<Team>(&key).await?.version;
                check::team_unused(world, tenant, id, &people, &terms).await?;
                self.write(Value::Null, seen, vec![Write::Delete(key, seen), turn]).await
            }
            Staffing::AddAgent(agent) => {
                check::agent(agent, &people, &terms)?;
                let reply = self.add(keys::agent(tenant, &agent.id), agent, AgentView::of(agent, 1), turn).await?;
                self.told(agent, None, reply).await
            }
            Staffing::ReplaceAgent(agent, status) => {
                let key = keys::agent(tenant, &agent.id);
                let Stored { value: before, version: seen } = self.seen::<Agent>(&key).await?;
                check::agent(agent, &people, &terms)?;
                let agent = Agent { status: status.unwrap_or(before.status), ..agent.clone() };
                let reply = self.replace((key, seen), &agent, AgentView::of(&agent, seen + 1), turn).await?;
                self.told(&agent, Some(&before), reply).await
            }
            Staffing::DropAgent(id) => self.drop_agent(id, &people, turn).await,
        }
    }

    /// What is there, unless it is not what the caller has read.
    async fn seen<T: DeserializeOwned>(&self, key: &Key) -> Result<Stored<T>, Fault> {
        let stored = load::<T>(self.world.store.as_ref(), key).await?.ok_or(Fault::NotFound)?;
        IfMatch::check(self.if_match, stored.version)?;
        Ok(stored)
    }

    async fn add(&self, key: Key, value: &impl Serialize, view: impl Serialize, turn: Write) -> Result<Reply, Tried> {
        if self.world.store.get(&key).await?.is_some() {
            return Err(Fault::Conflict(Conflict::Exists).into());
        }
        self.replace((key, 0), value, view, turn).await
    }

    async fn replace(
        &self,
        (key, seen): (Key, u64),
        value: &impl Serialize,
        view: impl Serialize,
        turn: Write,
    ) -> Result<Reply, Tried> {
        self.write(desk::body(&view), seen + 1, vec![put(key, seen, value, Marks::default()), turn]).await
    }

    async fn write(&self, body: Value, version: u64, mut writes: Vec<Write>) -> Result<Reply, Tried> {
        let reply = Reply { body, version, replayed: false };
        writes.extend(self.keyed.keep(self.tenant, self.slot, &reply, self.moment.now));
        self.world.store.commit(&writes).await?;
        tracing::info!(people.version = version, "people changed");
        Ok(reply)
    }

    /// An agent goes. An assignment that is being decided at this moment decides again, since the
    /// agent's load is another; whoever comes with one of their keys is nobody; their address is forgotten.
    async fn drop_agent(&self, id: &AgentId, people: &Roster, turn: Write) -> Result<Reply, Tried> {
        let (world, tenant) = (self.world, self.tenant);
        let key = keys::agent(tenant, id);
        let seen = self.seen::<Agent>(&key).await?.version;
        let load_key = keys::load(tenant, id);
        let carried = load::<Load>(world.store.as_ref(), &load_key).await?;
        let carried = carried.unwrap_or(Stored { value: Load::default(), version: 0 });
        check::agent_unused(id, &carried.value, people)?;
        let revoked = api_keys::revoke_all(world, tenant, id).await?;
        let mut writes = vec![Write::Delete(key, seen), turn];
        writes.push(put(load_key, carried.version, &carried.value, Marks::default()));
        writes.extend(revoked);
        writes.extend(wishes::forget(world, tenant, id).await?);
        self.write(Value::Null, seen, writes).await
    }

    /// Orders that waited are told of an agent who may have room now.
    async fn told(&self, agent: &Agent, before: Option<&Agent>, reply: Reply) -> Result<Reply, Tried> {
        if agent.may_have_room_since(before) {
            tell(self.world, self.tenant, agent.id.as_str(), reply.version, self.moment).await?;
        }
        Ok(reply)
    }

    /// Orders that waited for a team are told of those who help it out from now on.
    async fn helped(&self, team: &Team, before: Option<&Team>, reply: Reply) -> Result<Reply, Tried> {
        if before.is_none_or(|before| before.overflow != team.overflow) {
            tell(self.world, self.tenant, team.id.as_str(), reply.version, self.moment).await?;
        }
        Ok(reply)
    }

    /// The earlier try may have died before it told.
    async fn tell_again(&self, asked: &Staffing, reply: &Reply) -> Result<(), Fault> {
        match asked {
            Staffing::AddAgent(agent) | Staffing::ReplaceAgent(agent, _) if reply.body["status"] == "online" => {
                // The id of a new agent may be one that the earlier try made.
                let id = reply.body["id"].as_str().and_then(AgentId::parse).unwrap_or_else(|| agent.id.clone());
                tell(self.world, self.tenant, id.as_str(), reply.version, self.moment).await
            }
            Staffing::ReplaceTeam(team) => {
                tell(self.world, self.tenant, team.id.as_str(), reply.version, self.moment).await
            }
            _ => Ok(()),
        }
    }
}

/// Says that an agent has room, or a team other helpers.
async fn tell(world: &World, tenant: &TenantId, subject: &str, version: u64, moment: Moment) -> Result<(), Fault> {
    let event = Event::new(tenant, EventType::CapacityFreed, subject, version, moment.now);
    Ok(world.queue.send(&event).await?)
}

/// Says whether an agent is there. To say again what is so already changes nothing; but orders that
/// wait are told again, since the first time may have died before it told.
///
/// # Errors
/// Not found; conflict if the caller has read an older version.
pub async fn set_status(
    world: &World,
    caller: &Caller,
    id: &AgentId,
    status: Presence,
    if_match: Option<&IfMatch>,
    moment: Moment,
) -> Result<Reply, Fault> {
    let key = keys::agent(&caller.tenant, id);
    for _ in 0..orders::TRIES {
        let turn = turn(world, &caller.tenant).await?;
        let stored = load::<Agent>(world.store.as_ref(), &key).await?.ok_or(Fault::NotFound)?;
        IfMatch::check(if_match, stored.version)?;
        let agent = Agent { status, ..stored.value.clone() };
        let version = if stored.value == agent { stored.version } else { stored.version + 1 };
        if version > stored.version {
            let write = put(key.clone(), stored.version, &agent, Marks::default());
            match settled(world.store.commit(&[write, turn]).await.map_err(Tried::from)) {
                Some(done) => done?,
                None => continue,
            }
        }
        tracing::info!(agent.id = id.as_str(), online = status == Presence::Online, "presence said");
        if status == Presence::Online {
            tell(world, &caller.tenant, id.as_str(), version, moment).await?;
        }
        return Ok(Reply { body: desk::body(&AgentView::of(&agent, version)), version, replayed: false });
    }
    Err(contended())
}
