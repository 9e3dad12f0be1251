//! The one path on which an order gets somebody, whatever brings it there: a feedback, a queue, a
//! customer's verdict, an agent's or a supervisor's word, a level of its ladder.
//!
//! Nobody is overtaken: before an order gets somebody, those get somebody who stand before it in
//! the lines that compete for the same people, in queue order. What each agent carries is a counter
//! that is written in the same commit as the order, at the version that the decision saw.

use crate::documents::{Stored, read};
use crate::fault::{Fault, Tried};
use crate::lists::{self, Page, Range, Source};
use crate::orders::{self, Change, Claim};
use crate::ports::World;
use crate::roster::{Asks, Roster, Wanted};
use crate::{Moment, keys, notices, publish, sweep};
use redress_domain::actor::Actor;
use redress_domain::event::{Event, EventType};
use redress_domain::id::{AgentId, TeamId, TenantId};
use redress_domain::order::{Entry, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::routing::{Agent, Presence, Routing};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Waiting orders read at a time.
const PAGE: usize = 50;

/// Where an order is placed.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) world: &'a World,
    pub(crate) tenant: &'a TenantId,
    /// What it follows from: an event's, a feedback's or a key's id.
    pub(crate) cause: &'a str,
    pub(crate) moment: Moment,
}

impl Scene<'_> {
    /// Decides who gets `order` and writes it down; answers with the load that the decision rests on.
    /// An order that stays with who has it, or whose wait is on record already, stays as it is.
    pub(crate) async fn place(
        self,
        roster: &mut Roster,
        order: &mut WorkOrder,
        wanted: Wanted<'_>,
        by: Entry<'_>,
    ) -> Result<Option<Claim>, Tried> {
        let Some(routing) = self.decide(roster, order, wanted, by.terms).await? else { return Ok(None) };
        if matches!(wanted, Wanted::Another) && routing.agent.is_none() {
            return Ok(None);
        }
        let claim = roster.claim(&routing, by.terms, by.now);
        order.route(by, routing)?;
        Ok(claim)
    }

    /// The decision about `order`, after those who stand before it in line: where one of them could
    /// have the agent that it would get, all of them are served first.
    pub(crate) async fn decide(
        self,
        roster: &mut Roster,
        order: &WorkOrder,
        wanted: Wanted<'_>,
        terms: &Terms,
    ) -> Result<Option<Routing>, Tried> {
        let (at, when) = ((self.world, self.tenant), (terms, self.moment.now));
        let ahead = Range { after: None, until: Some(orders::rank(self.tenant, order)) };
        loop {
            let routing = roster.decide(at, order, wanted, when).await?;
            let Some(chosen) = routing.as_ref().filter(|routing| queues(routing, wanted)) else { return Ok(routing) };
            let lines = roster.rivals_of(&home_of(chosen));
            // Each round serves somebody, or is the last.
            if !self.is_contested(roster, chosen, &ahead).await?
                || self.serve(roster, lines, ahead.clone(), |_| true).await? == 0
            {
                return Ok(routing);
            }
        }
    }

    /// Whether somebody who waits within `range` could have the agent that a decision chose.
    async fn is_contested(self, roster: &Roster, chosen: &Routing, range: &Range) -> Result<bool, Fault> {
        let Some(agent) = chosen.agent.as_ref().and_then(|agent| roster.agent(agent)) else { return Ok(false) };
        let (lines, mut range) = (self.lines(roster.lines_of(agent)), range.clone());
        loop {
            let page = self.waiting(&lines, &range).await?;
            for (order, terms) in page.items {
                if roster.could_have(agent, &order, &terms, self.moment.now) {
                    return Ok(true);
                }
            }
            if page.next.is_none() {
                return Ok(false);
            }
            range.after = page.next;
        }
    }

    fn lines(self, teams: BTreeSet<TeamId>) -> Vec<Source> {
        teams.iter().map(|team| Source::List(keys::waiting_list(self.tenant, team))).collect()
    }

    /// Some of those who wait in `lines` within `range`, in queue order, each with what its clocks run by.
    async fn waiting(self, lines: &[Source], range: &Range) -> Result<Page<(WorkOrder, Arc<Terms>)>, Fault> {
        let page = lists::walk(self.world, lines.to_vec(), range.clone(), PAGE, |record| {
            Ok(Some(read::<WorkOrder>(record)?.value))
        });
        let Page { items: orders, next } = page.await?;
        let mut items = Vec::new();
        if !orders.is_empty() {
            let (version, in_force) = publish::in_force(self.world, self.tenant).await?;
            for order in orders {
                let in_force = (version, Arc::clone(&in_force));
                let terms = publish::complete(self.world, self.tenant, in_force, [&order]).await?;
                items.push((order, terms));
            }
        }
        Ok(Page { items, next })
    }

    /// Whoever waits for an agent's teams gets somebody, first in line first, for as long as the
    /// agent has room.
    pub(crate) async fn drain_to(self, roster: &mut Roster, agent: &Agent) -> Result<(), Tried> {
        let now = self.moment.now;
        roster.learn_all((self.world, self.tenant), vec![agent.id.clone()]).await?;
        // Who has left meanwhile, or is full again, frees nothing: nobody's line is read for them.
        if agent.status != Presence::Online || !roster.has_room(agent, 1, now) {
            return Ok(());
        }
        let room = |roster: &Roster| roster.has_room(agent, 1, now);
        self.serve(roster, roster.lines_of(agent), Range::default(), room).await.map(drop)
    }

    /// Whoever waits for a team gets somebody, first in line first.
    pub(crate) async fn drain(self, roster: &mut Roster, team: &TeamId) -> Result<(), Tried> {
        self.serve(roster, roster.rivals_of(team), Range::default(), |_| true).await.map(drop)
    }

    /// Serves who waits in `lines` within `range`, in queue order, for as long as `goes_on`; answers
    /// with how many got somebody.
    async fn serve(
        self,
        roster: &mut Roster,
        lines: BTreeSet<TeamId>,
        mut range: Range,
        goes_on: impl Fn(&Roster) -> bool,
    ) -> Result<usize, Tried> {
        let (lines, mut vain, mut served) = (self.lines(lines), Vec::new(), 0);
        loop {
            let page = self.waiting(&lines, &range).await?;
            for (waiting, terms) in page.items {
                served += usize::from(self.serve_one(roster, &waiting, &terms, &mut vain).await?);
                if !goes_on(roster) {
                    return Ok(served);
                }
            }
            if page.next.is_none() {
                return Ok(served);
            }
            range.after = page.next;
        }
    }

    /// Gives a waiting order to somebody, if anybody is free. It is told first that it should be
    /// looked at: should we die after the commit, whoever hears that tells whom it concerns.
    ///
    /// While a line is served people carry more and more: for what nobody was free, nobody is. So the
    /// many that ask for the same are asked about once; `vain` is what they ask for.
    async fn serve_one(
        self,
        roster: &mut Roster,
        seen: &WorkOrder,
        terms: &Terms,
        vain: &mut Vec<Asks>,
    ) -> Result<bool, Tried> {
        let Self { world, tenant, cause, moment } = self;
        let (at, now) = ((world, tenant), moment.now);
        let asks = roster.asks(seen, Wanted::Ruled, terms);
        if asks.as_ref().is_none_or(|asks| vain.contains(asks)) {
            return Ok(false);
        }
        let free = |routing: Option<Routing>| routing.filter(|routing| routing.agent.is_some());
        if free(roster.decide(at, seen, Wanted::Ruled, (terms, now)).await?).is_none() {
            vain.extend(asks);
            return Ok(false);
        }
        // A list lags by a moment: the order itself says whether it still waits.
        let Some(before) = orders::find(world, tenant, &seen.id).await? else { return Ok(false) };
        let terms = publish::terms_for(world, tenant, [&before.value]).await?;
        let decided = roster.decide(at, &before.value, Wanted::Ruled, (&terms, now)).await?;
        let Some(routing) = free(decided).filter(|_| before.value.is_waiting()) else { return Ok(false) };
        sweep::prompt(world, tenant, &before.value, before.version, moment).await?;
        let us = Actor::system("assignment");
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        let claim = roster.claim(&routing, &terms, now);
        after.route(Entry::new(&us, now, &terms).because(cause), routing)?;
        self.commit(roster, (&before, since), after, claim, &terms).await?;
        Ok(true)
    }

    async fn commit(
        self,
        roster: &mut Roster,
        (before, since): (&Stored<WorkOrder>, u32),
        after: WorkOrder,
        claim: Option<Claim>,
        terms: &Terms,
    ) -> Result<(), Tried> {
        let (world, tenant, now) = (self.world, self.tenant, self.moment.now);
        let change = Change { before: Some(before), after, claim: claim.clone(), with: Vec::new() };
        let order = orders::commit(world, tenant, change, terms, now).await?.value;
        if let (Some(agent), Some(claim)) = (&order.agent, &claim) {
            roster.took(agent, claim, now);
        }
        orders::report(&order, before.value.queued_at.unwrap_or(order.created_at), now);
        Ok(notices::tell(world, tenant, &order, since, Some(roster), terms).await?)
    }
}

/// Whether a decision is one that others may stand before: somebody is free, and nobody named them.
fn queues(routing: &Routing, wanted: Wanted<'_>) -> bool {
    routing.agent.is_some() && !matches!(wanted, Wanted::Named(_))
}

fn home_of(routing: &Routing) -> TeamId {
    routing.home.clone().unwrap_or_else(|| routing.team.clone())
}

/// Says that somebody has room again: derived from what is stored, so that a repeat says the same.
pub(crate) async fn freed(
    world: &World,
    tenant: &TenantId,
    agent: &AgentId,
    version: u64,
    moment: Moment,
) -> Result<(), Fault> {
    let event = Event::new(tenant, EventType::CapacityFreed, agent.as_str(), version, moment.now);
    Ok(world.queue.send(&event).await?)
}
