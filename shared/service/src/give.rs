//! An order is given to an agent or to a team, because a supervisor says so.

use crate::auth::Caller;
use crate::desk::{self, IfMatch};
use crate::documents::Stored;
use crate::fault::{Conflict, Fault, Tried, contended, refused, settled};
use crate::orders::{self, Change, Claim};
use crate::place::{self, Scene};
use crate::ports::World;
use crate::reply::{Keyed, Reply, Slot};
use crate::roster::{Roster, Wanted};
use crate::view::WorkOrderView;
use crate::{Moment, notices, publish, sweep};
use redress_domain::fact::What;
use redress_domain::id::{AgentId, TeamId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Refusal, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::routing::Routing;

/// Who shall have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// This agent, whatever the rules say but for capacity.
    Agent(AgentId),
    /// Whoever of this team the rules choose; if nobody can take it, it waits there.
    Team(TeamId),
}

/// An order to be given to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// To whom.
    pub to: Receiver,
    /// Why.
    pub reason: Option<String>,
}

/// Gives an order to somebody, and answers with it as it is then. Giving it to who has it changes
/// nothing. `if_match`: which versions the caller is willing to change; any without it.
///
/// # Errors
/// Not found; invalid if there is no such agent or team; conflict if the order is not active, the
/// agent carries as much as they can, the caller has read an older version, or the idempotency key
/// stands for another request.
pub async fn give(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    if_match: Option<&IfMatch>,
    asked: &Assignment,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let (before, slot) = desk::begin(world, caller, id, keyed, moment).await?;
        let giving = Giving { world, caller, asked, keyed, moment };
        if let Some(reply) = slot.reply {
            let terms = publish::terms_for(world, &caller.tenant, [&before.value]).await?;
            giving.tell(&before.value, before.version, 0, &terms).await?;
            return Ok(reply);
        }
        IfMatch::check(if_match, before.version)?;
        if let Some(answer) = settled(giving.attempt(before, &slot).await) {
            return answer;
        }
    }
    Err(contended())
}

/// One order that is being given to somebody.
struct Giving<'a> {
    world: &'a World,
    caller: &'a Caller,
    asked: &'a Assignment,
    keyed: &'a Keyed,
    moment: Moment,
}

impl Giving<'_> {
    async fn attempt(&self, before: Stored<WorkOrder>, slot: &Slot) -> Result<Reply, Tried> {
        let (world, tenant, now) = (self.world, &self.caller.tenant, self.moment.now);
        let mut roster = Roster::read(world, tenant).await?;
        let terms = publish::terms_for(world, tenant, [&before.value]).await?;
        let actor = self.caller.actor();
        let by = Entry::new(&actor, now, &terms).because(self.caller.key.as_str());
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        let claim = self.decide(&mut roster, &mut after, by).await?;
        let unchanged = after.fact_count == since;
        let version = if unchanged { before.version } else { before.version + 1 };
        let reply =
            Reply { body: desk::body(&WorkOrderView::of(&after, version, &terms, now)?), version, replayed: false };
        let with: Vec<_> = self.keyed.keep(tenant, slot, &reply, now).into_iter().collect();
        if unchanged {
            world.store.commit(&with).await?;
        } else {
            let change = Change { before: Some(&before), after: after.clone(), claim, with };
            orders::commit(world, tenant, change, &terms, now).await?;
            report(&after);
        }
        // Who gives it again may do so since an earlier try died before it told.
        let since = if unchanged { 0 } else { since };
        self.tell(&after, version, since, &terms).await?;
        Ok(reply)
    }

    /// Gives it, unless who shall have it has it; answers with the load that the decision rests on.
    async fn decide(&self, roster: &mut Roster, order: &mut WorkOrder, by: Entry<'_>) -> Result<Option<Claim>, Tried> {
        let (routing, has_it) = self.routing(roster, order, by).await?;
        let state = order.status;
        if !state.is_active() {
            return Err(refused(Refusal::NotActive(state), state).into());
        }
        if has_it {
            return Ok(None);
        }
        let stays = routing.agent.is_some() && routing.agent.as_ref() == order.burdens();
        // Who keeps it carries of it what they did, whatever its priority is by now.
        let routing = if stays { Routing { points: order.burden(), ..routing } } else { routing };
        let chosen = routing.agent.as_ref().filter(|_| !stays);
        let claim = roster.claim(&routing, by.terms, by.now).filter(|_| chosen.is_some());
        if let Some(agent) = chosen.and_then(|agent| roster.agent(agent))
            && agent.capacity < claim.as_ref().map_or(0, |claim| claim.seen.value.points + claim.points)
        {
            return Err(Fault::Conflict(Conflict::AtCapacity).into());
        }
        let calendar = roster.team(&routing.team).and_then(|team| team.calendar.as_deref());
        order.give(by, routing, self.asked.reason.clone(), calendar).map_err(|refusal| refused(refusal, state))?;
        Ok(claim)
    }

    /// The decision as it shall be on record, and whether it would change nothing.
    async fn routing(&self, roster: &mut Roster, order: &WorkOrder, by: Entry<'_>) -> Result<(Routing, bool), Tried> {
        let (world, tenant) = (self.world, &self.caller.tenant);
        let scene = Scene { world, tenant, cause: self.caller.key.as_str(), moment: self.moment };
        match &self.asked.to {
            Receiver::Agent(id) => {
                let unknown = || Fault::invalid("/agent", "there is no agent with this id");
                let agent = roster.agent(id).cloned().ok_or_else(unknown)?;
                let homeless = || Fault::invalid("/agent", "this agent belongs to no team");
                let routing = scene.decide(roster, order, Wanted::Named(&agent), by.terms).await?;
                Ok((routing.ok_or_else(homeless)?, order.agent.as_ref() == Some(id)))
            }
            Receiver::Team(id) => {
                let unknown = || Fault::invalid("/team", "there is no team with this id");
                let in_hand = order.agent.is_some() || order.is_waiting();
                let has_it = order.home() == Some(id) && in_hand;
                // Nobody is served for an order that stays where it is.
                let wanted = Wanted::Of(id);
                let routing = if has_it {
                    roster.decide((world, tenant), order, wanted, (by.terms, by.now)).await?
                } else {
                    scene.decide(roster, order, wanted, by.terms).await?
                };
                Ok((routing.ok_or_else(unknown)?, has_it))
            }
        }
    }

    /// Tells whom it concerns, and that somebody has room now.
    async fn tell(&self, order: &WorkOrder, version: u64, since: u32, terms: &Terms) -> Result<(), Fault> {
        let (world, tenant) = (self.world, &self.caller.tenant);
        notices::tell(world, tenant, order, since, None, terms).await?;
        sweep::prompt(world, tenant, order, version, self.moment).await?;
        freed(world, tenant, order, version, self.moment).await
    }
}

/// Says that who had the order last has room; derived from what is stored, so that a repeat says the
/// same.
async fn freed(world: &World, tenant: &TenantId, order: &WorkOrder, version: u64, moment: Moment) -> Result<(), Fault> {
    let previous = order.facts.iter().rev().find_map(|fact| match &fact.what {
        What::Assigned { previous, .. } | What::Queued { previous, .. } => Some(previous.clone()),
        _ => None,
    });
    let Some(agent) = previous.flatten() else { return Ok(()) };
    place::freed(world, tenant, &agent, version, moment).await
}

fn report(order: &WorkOrder) {
    tracing::info!(
        work_order.id = order.id.as_str(),
        team.id = order.team.as_ref().map_or("none", TeamId::as_str),
        agent.id = order.agent.as_ref().map_or("none", AgentId::as_str),
        "given"
    );
}
