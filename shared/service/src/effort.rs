//! The time that agents spent on an order. Kept beside the order and not in it: it moves no clock,
//! and an order that is written often must stay small.

use crate::auth::Caller;
use crate::desk::{self, IfMatch};
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::{PortError, World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys, orders, roster};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::effort::{Effort, EffortKind, total};
use redress_domain::id::{EffortId, TenantId, WorkOrderId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of an agent's time, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spent {
    /// Its id: it follows from what it says, so that the same stretch told twice is one.
    pub id: EffortId,
    /// Whose, on what, from when until when.
    #[serde(flatten)]
    pub effort: Effort,
    /// Who said so.
    pub by: Actor,
    /// When.
    pub recorded_at: Timestamp,
}

/// What a kind of effort comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Total {
    /// Which kind.
    pub kind: EffortKind,
    /// Whole seconds; what overlaps counts once for each agent.
    pub total_seconds: i64,
}

/// Writes down that an agent spent some time on an order. The same stretch again is the same.
///
/// # Errors
/// Not found; invalid if there is no such agent; conflict if the caller has read an older version of
/// the order, or the idempotency key stands for another request.
pub async fn add(
    world: &World,
    caller: &Caller,
    order: &WorkOrderId,
    if_match: Option<&IfMatch>,
    effort: &Effort,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let known = desk::get(world, caller, order).await?;
    if !roster::has_agent(world, &caller.tenant, &effort.agent).await? {
        return Err(Fault::invalid("/agent", "there is no agent with this id"));
    }
    let id = identify(order, effort);
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        IfMatch::check(if_match, known.version)?;
        let spent = Spent { id: id.clone(), effort: effort.clone(), by: caller.actor(), recorded_at: moment.now };
        if let Some(answer) = settled(keep(world, &caller.tenant, order, spent, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

fn identify(order: &WorkOrderId, effort: &Effort) -> EffortId {
    let Effort { agent, kind, started_at, ended_at } = effort;
    let (from, to) = (keys::instant(*started_at), keys::instant(*ended_at));
    EffortId::derive(&[order.as_str(), agent.as_str(), kind.as_str(), &from, &to])
}

/// Keeps a stretch, or finds that it is there.
async fn keep(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrderId,
    spent: Spent,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let key = keys::effort(tenant, order, spent.effort.started_at, &spent.id);
    let known: Option<Stored<Spent>> = load(world.store.as_ref(), &key).await?;
    let new = known.is_none().then(|| put(key, 0, &spent, Marks::default()));
    let spent = known.map_or(spent, |known| known.value);
    let reply = Reply { body: desk::body(&spent), version: 1, replayed: false };
    let writes: Vec<Write> = new.into_iter().chain(keyed.keep(tenant, slot, &reply, moment.now)).collect();
    match world.store.commit(&writes).await {
        Ok(()) => Ok(reply),
        Err(PortError::Conflict) => Err(Tried::Again),
        Err(error) => Err(error.into()),
    }
}

/// Everything that was spent on an order, in the order of time.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn list(world: &World, caller: &Caller, order: &WorkOrderId) -> Result<Vec<Spent>, Fault> {
    desk::get(world, caller, order).await?;
    let partition = keys::order(&caller.tenant, order).partition;
    let records = world.store.list(&partition, keys::EFFORT, None, usize::MAX).await?;
    records.iter().map(|record| Ok(read::<Spent>(record)?.value)).collect()
}

/// What each kind comes to, and all of it together.
#[must_use]
pub fn totals(spent: &[Spent]) -> (Vec<Total>, i64) {
    let of = |wanted: Option<EffortKind>| {
        let efforts = spent.iter().map(|spent| &spent.effort);
        total(efforts.filter(|effort| wanted.is_none_or(|kind| effort.kind == kind))).as_secs()
    };
    let kinds = EffortKind::ALL.map(|(kind, _)| Total { kind, total_seconds: of(Some(kind)) });
    (kinds.to_vec(), of(None))
}
