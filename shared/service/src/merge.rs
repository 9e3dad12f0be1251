//! Two orders are about one thing: one is given up, and the other goes on for both.

use crate::auth::Caller;
use crate::desk::{self, IfMatch};
use crate::documents::Stored;
use crate::fault::{Fault, Tried, contended, refused, settled};
use crate::orders::{self, Change};
use crate::ports::World;
use crate::reply::{Keyed, Reply, Slot};
use crate::view::WorkOrderView;
use crate::{Moment, identities, notices, publish};
use redress_domain::id::{TenantId, WorkOrderId};
use redress_domain::order::{Entry, WorkOrder};

/// Which order goes on for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merging {
    /// The one that goes on.
    pub into: WorkOrderId,
    /// Why.
    pub reason: Option<String>,
}

/// Gives an order up for another of the same person's, and answers with it as it is then. Its
/// feedback stays where it is: whoever follows it is led on to the other order (`orders::follow`).
///
/// # Errors
/// Not found; invalid if there is no such other order; conflict if either is over or has a family,
/// they are of different customers, the caller has read an older version, or the idempotency key
/// stands for another request.
pub async fn merge(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    if_match: Option<&IfMatch>,
    asked: &Merging,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let (before, slot) = desk::begin(world, caller, id, keyed, moment).await?;
        let into = target(world, &caller.tenant, id, asked).await?;
        if let Some(reply) = slot.reply {
            tell(world, &caller.tenant, [(&before, 0), (&into, 0)], moment).await?;
            return Ok(reply);
        }
        IfMatch::check(if_match, before.version)?;
        let pair = Pair { before, into };
        if let Some(answer) = settled(pair.attempt(world, caller, asked, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

/// The order that goes on.
async fn target(
    world: &World,
    tenant: &TenantId,
    id: &WorkOrderId,
    asked: &Merging,
) -> Result<Stored<WorkOrder>, Fault> {
    if asked.into == *id {
        return Err(Fault::invalid("/into", "a work order can't be merged into itself"));
    }
    let unknown = || Fault::invalid("/into", "there is no work order with this id");
    orders::find(world, tenant, &asked.into).await?.ok_or_else(unknown)
}

/// The order that is given up, and the one that goes on, as they were read.
struct Pair {
    before: Stored<WorkOrder>,
    into: Stored<WorkOrder>,
}

impl Pair {
    async fn attempt(
        &self,
        world: &World,
        caller: &Caller,
        asked: &Merging,
        (keyed, slot): (&Keyed, &Slot),
        moment: Moment,
    ) -> Result<Reply, Tried> {
        let (tenant, now, Self { before, into }) = (&caller.tenant, moment.now, self);
        let terms = publish::terms_for(world, tenant, [&before.value, &into.value]).await?;
        let actor = caller.actor();
        let by = Entry::new(&actor, now, &terms).because(caller.key.as_str());
        let (mut after, mut goes_on) = (before.value.clone(), into.value.clone());
        let (state, one_person) = (after.status, self.are_of_one_person(world, tenant).await?);
        after.merge(&mut goes_on, by, one_person, asked.reason.clone()).map_err(|refusal| refused(refusal, state))?;
        let version = before.version + 1;
        let view = WorkOrderView::of(&after, version, &terms, now)?;
        let reply = Reply { body: desk::body(&view), version, replayed: false };
        let with = keyed.keep(tenant, slot, &reply, now).into_iter().collect();
        let changes = vec![
            Change { before: Some(before), after, claim: None, with },
            Change { before: Some(into), after: goes_on, claim: None, with: Vec::new() },
        ];
        let merged = orders::commit_all(world, tenant, changes, &terms, now).await?;
        tracing::info!(work_order.id = before.value.id.as_str(), into.id = asked.into.as_str(), "merged");
        let since = [before.value.fact_count, into.value.fact_count];
        tell(world, tenant, merged.iter().zip(since), moment).await?;
        Ok(reply)
    }

    /// Whether both customers are one, as far as links reach.
    async fn are_of_one_person(&self, world: &World, tenant: &TenantId) -> Result<bool, Fault> {
        let (one, other) = (&self.before.value.customer.reference, &self.into.value.customer.reference);
        Ok(one == other || identities::person(world, tenant, one).await?.refs().contains(other))
    }
}

/// Tells whom the facts of both concern, and that somebody may have room now.
async fn tell<'a>(
    world: &World,
    tenant: &TenantId,
    orders: impl IntoIterator<Item = (&'a Stored<WorkOrder>, u32)>,
    moment: Moment,
) -> Result<(), Fault> {
    for (order, since) in orders {
        let terms = publish::terms_for(world, tenant, [&order.value]).await?;
        notices::tell(world, tenant, &order.value, since, None, &terms).await?;
        desk::release(world, tenant, &order.value, order.version, moment).await?;
    }
    Ok(())
}
