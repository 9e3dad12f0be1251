//! Work orders in the store: loaded whole, committed with what they change of their agents' loads.

use crate::compensations;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::Fault;
use crate::keys::{self, Standing};
use crate::ports::{PortError, World, Write};
use crate::webhooks::News;
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::Fact;
use redress_domain::id::{AgentId, TeamId, TenantId, WorkOrderId};
use redress_domain::order::WorkOrder;
use redress_domain::policy::Terms;
use redress_domain::routing::Load;

/// More facts than this ride apart.
const FACTS_IN_THE_ORDER: usize = 48;

/// More bytes of facts than this ride apart, however few they are: an item of the table has at most
/// 400 KiB.
const FACTS_SIZE: usize = 96 * 1024;

/// As many facts stay in the order even so: who does a thing again tells again what they say.
const NEWEST: usize = 8;

/// How many facts move apart at a time.
const FACTS_IN_A_CHUNK: usize = 32;

/// How often a decision is made anew when others write the same documents.
pub(crate) const TRIES: usize = 12;

/// The order of that id.
pub(crate) async fn find(
    world: &World,
    tenant: &TenantId,
    id: &WorkOrderId,
) -> Result<Option<Stored<WorkOrder>>, Fault> {
    load(world.store.as_ref(), &keys::order(tenant, id)).await
}

/// The order of that id, or the one that goes on in its place: a duplicate's customer is answered
/// there.
pub(crate) async fn follow(
    world: &World,
    tenant: &TenantId,
    id: &WorkOrderId,
) -> Result<Option<Stored<WorkOrder>>, Fault> {
    let mut found = find(world, tenant, id).await?;
    // It ends: what a duplicate was merged into was open when it was.
    while let Some(into) = found.as_ref().and_then(|order| order.value.merged_into.clone()) {
        found = find(world, tenant, &into).await?;
    }
    Ok(found)
}

/// Every fact of an order, oldest first: those that ride apart, and those that ride in it.
pub(crate) async fn facts(world: &World, tenant: &TenantId, order: &WorkOrder) -> Result<Vec<Fact>, Fault> {
    let partition = keys::order(tenant, &order.id).partition;
    let chunks = world.store.list(&partition, keys::OLDER_FACTS, None, usize::MAX).await?;
    let mut facts = Vec::new();
    for chunk in chunks {
        facts.extend(crate::documents::read::<Vec<Fact>>(&chunk)?.value);
    }
    // A chunk may be read before the order that no longer holds it: the numbers settle that.
    let riding = facts.len();
    let first = usize::try_from(order.fact_count).unwrap_or(usize::MAX).saturating_sub(order.facts.len());
    facts.truncate(first.min(riding));
    facts.extend(order.facts.iter().cloned());
    Ok(facts)
}

/// An agent's load as a decision saw it, and what the decision adds to it: it holds only while the
/// load has not changed.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) seen: Stored<Load>,
    /// What the order takes of the agent's capacity.
    pub(crate) points: u32,
    /// When the agent's day ends.
    pub(crate) day_ends_at: Timestamp,
}

/// What a use case decided about an order.
pub(crate) struct Change<'a> {
    /// The order as it was read; absent for a new one.
    pub(crate) before: Option<&'a Stored<WorkOrder>>,
    /// The order as it shall be.
    pub(crate) after: WorkOrder,
    /// The load of the agent who gets it, if one does.
    pub(crate) claim: Option<Claim>,
    /// What else is written, or not, together with it.
    pub(crate) with: Vec<Write>,
}

/// Commits a change: the order, the loads of who loses and who gets it, and what goes with it, all
/// or nothing. Answers with the order as it now is.
///
/// # Errors
/// [`PortError::Conflict`] if anything that the decision rested on has changed.
pub(crate) async fn commit(
    world: &World,
    tenant: &TenantId,
    change: Change<'_>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Stored<WorkOrder>, PortError> {
    let mut stored = commit_all(world, tenant, vec![change], terms, now).await?;
    Ok(stored.pop().expect("one change makes one order"))
}

/// Commits changes of several orders, all or nothing: what one says of another is never half said.
/// At most one of them may give an order to an agent, or take it from one.
///
/// # Errors
/// [`PortError::Conflict`] if anything that the decisions rested on has changed.
pub(crate) async fn commit_all(
    world: &World,
    tenant: &TenantId,
    changes: Vec<Change<'_>>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<Stored<WorkOrder>>, PortError> {
    let (mut writes, mut stored, mut timers, mut news) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let Change { before, after, claim, with } = change;
        writes.extend(with);
        writes.extend(burden(world, tenant, before.map(|before| &before.value), &after, claim, now).await?);
        let seen = before.map_or(0, |before| before.version);
        let since = before.map_or(0, |before| before.value.fact_count);
        news.extend(News::of(&after, since, terms));
        writes.extend(compensations::asked_for(tenant, since, &after));
        let mut kept = after.clone();
        writes.extend(spill(tenant, &mut kept));
        writes.push(write(tenant, &kept, seen, terms, now));
        let told = before.and_then(|before| before.value.timer_at(terms));
        let due_at = after.timer_at(terms).filter(|due_at| told != Some(*due_at));
        timers.extend(due_at.map(|due_at| (after.id.clone(), seen + 1, due_at)));
        stored.push(Stored { value: after, version: seen + 1 });
    }
    writes.extend(news.iter().map(|news| news.keep(tenant, now)));
    world.store.commit(&writes).await?;
    for (id, version, due_at) in timers {
        set_timer(world, tenant, &id, (version, due_at), now).await;
    }
    for news in news {
        news.announce(world, tenant, now).await;
    }
    Ok(stored)
}

/// The writes that take an order from who had it, and give it to who has it now.
async fn burden(
    world: &World,
    tenant: &TenantId,
    before: Option<&WorkOrder>,
    after: &WorkOrder,
    claim: Option<Claim>,
    now: Timestamp,
) -> Result<Vec<Write>, PortError> {
    let (loses, gets) = (before.and_then(WorkOrder::burdens), after.burdens());
    let mut writes = Vec::new();
    if loses != gets {
        if let Some(agent) = loses {
            let points = before.map_or(0, WorkOrder::burden);
            writes.push(release(world, tenant, agent, points).await?);
        }
        if let (Some(agent), Some(claim)) = (gets, claim) {
            writes.push(take(tenant, agent, claim, now));
        }
    }
    Ok(writes)
}

/// How far ahead timers are set: as long as a queue holds a message back.
///
/// # Source
/// Amazon SQS, quotas of messages: a delay is at most 15 minutes.
pub(crate) const HORIZON: SignedDuration = SignedDuration::from_mins(15);

/// Asks to be told when an order is due, if that is so soon that the next sweep may come too late. A
/// hint: what was written stays written without it, and the sweep looks there too.
async fn set_timer(
    world: &World,
    tenant: &TenantId,
    id: &WorkOrderId,
    (version, due_at): (u64, Timestamp),
    now: Timestamp,
) {
    let delay = due_at.duration_since(now).max(SignedDuration::ZERO);
    if delay > HORIZON {
        return;
    }
    let event = Event::new(tenant, EventType::WorkOrderDue, id.as_str(), version, due_at);
    if let Err(error) = world.queue.send_later(&event, delay).await {
        tracing::error!(work_order.id = id.as_str(), %error, "timer not set");
    }
}

/// One order less for an agent, of so many points.
async fn release(world: &World, tenant: &TenantId, agent: &AgentId, points: u32) -> Result<Write, PortError> {
    let key = keys::load(tenant, agent);
    let stored =
        load::<Load>(world.store.as_ref(), &key).await.map_err(|fault| PortError::Unavailable(fault.to_string()))?;
    let Stored { value, version } = stored.ok_or(PortError::Conflict)?;
    Ok(put(key, version, &value.without(points), Marks::default()))
}

/// One order more for an agent.
fn take(tenant: &TenantId, agent: &AgentId, claim: Claim, now: Timestamp) -> Write {
    let load = claim.seen.value.with(claim.points, now, claim.day_ends_at);
    put(keys::load(tenant, agent), claim.seen.version, &load, Marks::default())
}

/// Moves the oldest facts into a document of their own once there are many, or much is in them: the
/// order is written often and must stay small. The document is named by how many facts came before.
fn spill(tenant: &TenantId, order: &mut WorkOrder) -> Option<Write> {
    let many = if order.facts.len() > FACTS_IN_THE_ORDER { FACTS_IN_A_CHUNK } else { overweight(&order.facts) };
    if many == 0 {
        return None;
    }
    let apart = usize::try_from(order.fact_count).unwrap_or(usize::MAX) - order.facts.len();
    let number = u32::try_from(apart).expect("facts are counted in 32 bits");
    let chunk: Vec<Fact> = order.facts.drain(..many).collect();
    Some(put(keys::older_facts(tenant, &order.id, number), 0, &chunk, Marks::default()))
}

/// How many of the oldest facts must go for the rest to be light, the newest left alone.
fn overweight(facts: &[Fact]) -> usize {
    let size = |fact: &Fact| serde_json::to_string(fact).map_or(0, |text| text.len());
    let sizes: Vec<usize> = facts.iter().map(size).collect();
    let mut left: usize = sizes.iter().sum();
    let heavy = left > FACTS_SIZE;
    let goes = sizes.iter().take(facts.len().saturating_sub(NEWEST)).take_while(|size| {
        let goes = heavy && left > FACTS_SIZE / 2;
        left -= **size;
        goes
    });
    goes.count()
}

/// Where an order stands in the one queue order.
pub(crate) fn rank(tenant: &TenantId, order: &WorkOrder) -> String {
    keys::place(tenant, &order.id, Standing::Open, order.priority, order.promised_by(), order.created_at).rank
}

/// One line per decision: who got it, and how long it took to get there.
pub(crate) fn report(order: &WorkOrder, since: Timestamp, now: Timestamp) {
    tracing::info!(
        work_order.id = order.id.as_str(),
        team.id = order.team.as_ref().map_or("none", TeamId::as_str),
        agent.id = order.agent.as_ref().map_or("none", AgentId::as_str),
        priority = order.priority.as_str(),
        dispatch_ms = i64::try_from(now.duration_since(since).as_millis()).unwrap_or(i64::MAX),
        "routed"
    );
}

/// The write that keeps an order, with its due mark and its place in the queue order.
pub(crate) fn write(tenant: &TenantId, order: &WorkOrder, seen: u64, terms: &Terms, now: Timestamp) -> Write {
    let standing = match &order.team {
        Some(team) if order.is_waiting() => Standing::Waiting(team),
        _ if order.status.is_active() => Standing::Open,
        _ => Standing::Done,
    };
    let place = keys::place(tenant, &order.id, standing, order.priority, order.promised_by(), order.created_at);
    let marks = Marks { due_at: order.due_at(now, terms), place: Some(place), expires_at: None };
    put(keys::order(tenant, &order.id), seen, order, marks)
}
