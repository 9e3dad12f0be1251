//! Incidents: something went wrong for many at once, and each customer whom it concerns is told of it
//! once, before they ask: those whose orders are open when it is declared, and those whose orders come
//! while it is.

use crate::auth::Caller;
use crate::deliver;
use crate::desk::body;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::lists::{self, Page};
use crate::ports::{PortError, World, Write};
use crate::reply::{Keyed, Reply};
use crate::webhooks::DeliveryView;
use crate::{Moment, keys, orders, publish};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::bilingual::Bilingual;
use redress_domain::delivery::{Delivery, DeliveryState};
use redress_domain::event::{Event, EventType};
use redress_domain::id::{IncidentId, TenantId, encode};
use redress_domain::incident::{Affected, Incident, IncidentState, OPEN, Walk, warning};
use redress_domain::order::{WorkOrder, later};
use redress_domain::policy::Policies;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Orders looked at before it is written down how far the walk is.
const STRIDE: usize = 200;

/// As many strides as a preview takes: somebody waits for the answer.
const PREVIEWED: usize = 5;

/// An incident to be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called.
    pub title: Bilingual,
    /// What customers are told.
    pub text: Bilingual,
    /// Whom it concerns.
    pub affects: Affected,
}

/// An incident, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Incident")]
pub struct IncidentView {
    /// Its id.
    pub id: IncidentId,
    /// What it is called.
    pub title: Bilingual,
    /// What customers are told.
    pub text: Bilingual,
    /// Whom it concerns.
    pub affects: Affected,
    /// Whether anybody is still told.
    pub state: IncidentState,
    /// Whether those whose orders were open are still being told.
    pub spreading: bool,
    /// By whom it was declared.
    pub declared_by: Actor,
    /// When.
    pub declared_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl From<&Incident> for IncidentView {
    fn from(incident: &Incident) -> Self {
        Self {
            id: incident.id.clone(),
            title: incident.title.clone(),
            text: incident.text.clone(),
            affects: incident.affects.clone(),
            state: incident.state,
            spreading: incident.is_spreading(),
            declared_by: incident.declared_by.clone(),
            declared_at: incident.declared_at,
            closed_at: incident.closed_at,
        }
    }
}

/// Whom an incident would concern now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reached {
    /// Open orders.
    pub orders: usize,
    /// Their customers, each once.
    pub customers: usize,
    /// Of those, how many nobody knows how to reach.
    pub unreachable: usize,
    /// Whether there are more open orders than were looked at: then these are the least.
    pub at_least: bool,
}

/// Every incident, newest first.
///
/// # Errors
/// The store did not answer.
pub async fn list(
    world: &World,
    tenant: &TenantId,
    state: Option<IncidentState>,
    after: Option<String>,
    limit: usize,
) -> Result<Page<IncidentView>, Fault> {
    lists::merge(world, vec![keys::incidents(tenant)], after, limit, |record| {
        let incident = read::<Incident>(record)?.value;
        Ok(state.is_none_or(|state| incident.state == state).then(|| (&incident).into()))
    })
    .await
}

/// One incident.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(world: &World, tenant: &TenantId, id: &IncidentId) -> Result<Reply, Fault> {
    let Stored { value, version } = find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
    Ok(Reply { body: body(&IncidentView::from(&value)), version, replayed: false })
}

pub(crate) async fn find(world: &World, tenant: &TenantId, id: &IncidentId) -> Result<Option<Stored<Incident>>, Fault> {
    load(world.store.as_ref(), &keys::incident(tenant, id)).await
}

/// Who was told of an incident, and who was not and why, newest first.
///
/// # Errors
/// Not found; the store did not answer.
pub async fn deliveries(
    world: &World,
    tenant: &TenantId,
    id: &IncidentId,
    state: Option<DeliveryState>,
    after: Option<String>,
    limit: usize,
) -> Result<Page<DeliveryView>, Fault> {
    find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
    let lists = (0..keys::LIST_SHARDS).map(|shard| keys::sent_list(tenant, id.as_str(), shard)).collect();
    lists::merge(world, lists, after, limit, |record| DeliveryView::of(record, state)).await
}

/// Whom an incident would concern if it were declared now, among as many open orders as somebody can wait
/// for, the most urgent first.
///
/// # Errors
/// The store did not answer.
pub async fn preview(world: &World, tenant: &TenantId, affects: &Affected) -> Result<Reached, Fault> {
    let lists = lists::active_lists(world, tenant).await?;
    let concerned = |record: &_| {
        let order = read::<WorkOrder>(record)?.value;
        Ok(affects.concerns(&order).then_some(order.customer))
    };
    let (mut customers, mut after) = (Vec::new(), None);
    for _ in 0..PREVIEWED {
        let page = lists::merge(world, lists.clone(), after, STRIDE, concerned).await?;
        customers.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let of = |reachable: bool| {
        let found = customers.iter().filter(|customer| customer.contacts().is_empty() != reachable);
        found.map(|customer| customer.reference.as_str()).collect::<BTreeSet<_>>()
    };
    let (reachable, not) = (of(true), of(false));
    Ok(Reached {
        orders: customers.len(),
        customers: reachable.union(&not).count(),
        unreachable: not.difference(&reachable).count(),
        at_least: after.is_some(),
    })
}

/// Declares an incident: whoever it concerns is told from now on.
///
/// # Errors
/// Conflict if as many are open as may be, or the idempotency key was used before for something else.
pub async fn declare(
    world: &World,
    caller: &Caller,
    wanted: &Wanted,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let Wanted { title, text, affects } = wanted.clone();
        let incident = Incident {
            id: IncidentId::derive(&[tenant.as_str(), &encode(&moment.nonce)]),
            title,
            text,
            affects,
            state: IncidentState::Open,
            declared_by: caller.actor(),
            declared_at: moment.now,
            closed_at: None,
            walk: Walk::default(),
        };
        let reply = Reply { body: body(&IncidentView::from(&incident)), version: 1, replayed: false };
        let index = index(world, tenant, &incident).await?;
        let mut writes = vec![keep(tenant, &incident, 0, moment.now), index];
        writes.extend(keyed.keep(tenant, &slot, &reply, moment.now));
        if let Some(done) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            done?;
            tracing::info!(incident.id = incident.id.as_str(), "incident declared");
            announce(world, tenant, &incident, 1, moment.now).await?;
            return Ok(reply);
        }
    }
    Err(contended())
}

/// Closes an incident: nobody is told of it any more, also of those who were to be told in the morning.
/// One that is closed stays closed.
///
/// # Errors
/// Not found; the store did not answer.
pub async fn close(
    world: &World,
    caller: &Caller,
    id: &IncidentId,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let Stored { value: before, version } = find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
        if before.state == IncidentState::Closed {
            return Ok(Reply { body: body(&IncidentView::from(&before)), version, replayed: false });
        }
        let after = before.closed(moment.now);
        let reply = Reply { body: body(&IncidentView::from(&after)), version: version + 1, replayed: false };
        let mut writes = vec![keep(tenant, &after, version, moment.now), index(world, tenant, &after).await?];
        writes.extend(keyed.keep(tenant, &slot, &reply, moment.now));
        if let Some(done) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            tracing::info!(incident.id = id.as_str(), "incident closed");
            return done.map(|()| reply);
        }
    }
    Err(contended())
}

/// The write that keeps an incident, with a due mark for as long as somebody is still to be told.
fn keep(tenant: &TenantId, incident: &Incident, seen: u64, now: Timestamp) -> Write {
    let due_at = incident.is_spreading().then(|| later(now, deliver::GRACE));
    let place = Some(keys::incident_place(tenant, &incident.id, incident.declared_at));
    put(keys::incident(tenant, &incident.id), seen, incident, Marks { due_at, place, expires_at: None })
}

/// The write that says in the policies whom an open incident concerns, which whoever makes an order has
/// read; nobody, once it is closed.
async fn index(world: &World, tenant: &TenantId, incident: &Incident) -> Result<Write, Fault> {
    let Stored { value: mut policies, version } = publish::stored(world, tenant).await?;
    match incident.state {
        IncidentState::Open if policies.incidents.len() >= OPEN => {
            return Err(Fault::Conflict(Conflict::TooManyIncidents));
        }
        IncidentState::Open => policies.incidents.insert(incident.id.clone(), incident.affects.clone()),
        IncidentState::Closed => policies.incidents.remove(&incident.id),
    };
    Ok(put(keys::policy(tenant), version, &policies, Marks::default()))
}

async fn announce(
    world: &World,
    tenant: &TenantId,
    incident: &Incident,
    version: u64,
    now: Timestamp,
) -> Result<(), Fault> {
    let event = Event::new(tenant, EventType::IncidentDeclared, incident.id.as_str(), version, now);
    Ok(world.queue.send(&event).await?)
}

/// Tells a stride of those whom an incident concerns, and goes on behind them. Dying on the way tells
/// the same again, which changes nothing.
///
/// # Errors
/// Not found if there is no such incident; unavailable if the world did not answer.
pub(crate) async fn spread(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let (tenant, id) = (&event.tenant, IncidentId::parse(&event.subject).ok_or(Fault::NotFound)?);
    let Stored { value: before, version } = find(world, tenant, &id).await?.ok_or(Fault::NotFound)?;
    if !before.is_spreading() {
        return Ok(());
    }
    let lists = lists::active_lists(world, tenant).await?;
    let concerned = |record: &_| {
        let order = read::<WorkOrder>(record)?.value;
        Ok(before.affects.concerns(&order).then(|| warning(tenant, &id, &order, before.declared_at)).flatten())
    };
    let page = lists::merge(world, lists, before.walk.after.clone(), STRIDE, concerned).await?;
    for delivery in &page.items {
        deliver::post(world, tenant, delivery).await?;
    }
    let after = Incident { walk: before.walk.on(page.next), ..before };
    match world.store.commit(&[keep(tenant, &after, version, moment.now)]).await {
        Ok(()) if after.is_spreading() => announce(world, tenant, &after, version + 1, moment.now).await,
        // Another has gone on, or it was closed meanwhile.
        Ok(()) | Err(PortError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What the customer of an order is told that an open incident concerns.
pub(crate) fn concerning(tenant: &TenantId, order: &WorkOrder, policies: &Policies, at: Timestamp) -> Vec<Delivery> {
    let concerned = policies.incidents.iter().filter(|(_, affects)| affects.concerns(order));
    concerned.filter_map(|(id, _)| warning(tenant, id, order, at)).collect()
}
