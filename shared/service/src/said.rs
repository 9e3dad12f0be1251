//! What customers said, in the order in which it came in: all of a tenant's, or all of one person's.
//!
//! Every feedback has a thin entry beside it, made in the same write. It stands in its customer's
//! own partition and on the tenant's list, and is never written again: so both can be read from end
//! to end while feedback comes in, and the feedback itself may change as often as it likes
//! (docs/adr/0021).

use crate::auth::Caller;
use crate::documents::{Marks, put, read};
use crate::fault::Fault;
use crate::identities;
use crate::keys;
use crate::lists::{self, Page, Range, Source};
use crate::orders;
use crate::ports::{Key, Record, World, Write};
use crate::receive::{self, Reception};
use crate::view::FeedbackView;
use jiff::Timestamp;
use redress_domain::id::{AgentId, FeedbackId, TenantId, WorkOrderId};
use redress_domain::identity::Identity;
use redress_domain::order::{Status, WorkOrder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an entry holds: the rest is in the feedback.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    feedback: FeedbackId,
}

/// Which feedback; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedbackFilter {
    /// Of the person whom the shop knows by this reference.
    pub customer_ref: Option<String>,
    /// Received at or after.
    pub from: Option<Timestamp>,
    /// Received before.
    pub to: Option<Timestamp>,
}

/// A feedback with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) id: FeedbackId,
    pub(crate) reception: Reception,
    pub(crate) order: Option<WorkOrder>,
}

/// Feedback, oldest first: everybody's, or all of one person's under whatever reference.
///
/// # Errors
/// The store did not answer.
pub async fn list(
    world: &World,
    caller: &Caller,
    filter: &FeedbackFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<FeedbackView>, Fault> {
    let tenant = &caller.tenant;
    let sources = match &filter.customer_ref {
        Some(reference) => identities::person(world, tenant, reference).await?.sources(tenant),
        None => (0..keys::LIST_SHARDS).map(|shard| Source::List(keys::said_list(tenant, shard))).collect(),
    };
    let after = after.or_else(|| filter.from.map(keys::instant));
    let range = Range { after, until: filter.to.map(keys::instant) };
    let page = page(world, tenant, sources, range, limit).await?;
    let view = |said: Said| FeedbackView::of(&said.id, &said.reception, said.order.as_ref());
    Ok(Page { items: page.items.into_iter().map(view).collect(), next: page.next })
}

/// The write that makes a feedback's entry.
pub(crate) fn entry(tenant: &TenantId, id: &FeedbackId, reception: &Reception) -> Write {
    let digest = Identity::reference(&reception.feedback.customer.reference).digest();
    let (key, at) = (keys::said_entry(tenant, &digest, id, reception.received_at), reception.received_at);
    let place = Some(keys::said_place(tenant, id, at));
    put(key, 0, &Entry { feedback: id.clone() }, Marks { place, ..Marks::default() })
}

/// Where a feedback stands in its order, and which it is.
pub(crate) type Named = (String, FeedbackId);

/// What stands in `sources`, by name alone.
pub(crate) async fn names(
    world: &World,
    sources: Vec<Source>,
    range: Range,
    limit: usize,
) -> Result<Page<Named>, Fault> {
    lists::walk(world, sources, range, limit, |record| {
        Ok(Some((lists::rank(record), read::<Entry>(record)?.value.feedback)))
    })
    .await
}

/// As many of what a customer said before are looked at to find who resolved it.
const LOOKED_AT: usize = 4;

/// Who resolved what a customer had last before `except`, unless the customer was not satisfied with
/// them.
pub(crate) async fn last_resolver(
    world: &World,
    tenant: &TenantId,
    except: &FeedbackId,
    reference: &str,
) -> Result<Option<AgentId>, Fault> {
    let partition = keys::said(tenant, &Identity::reference(reference).digest());
    let newest = world.store.last(&partition, LOOKED_AT).await?;
    let named = newest.iter().map(|record| Ok((lists::rank(record), read::<Entry>(record)?.value.feedback)));
    let mut named = named.collect::<Result<Vec<Named>, Fault>>()?;
    named.retain(|(_, id)| id != except);
    let found = load(world, tenant, &named).await?;
    let resolver = |(_, id): &Named| {
        let order = found.get(id)?.order.as_ref()?;
        let done = matches!(order.status, Status::Resolved | Status::Closed) && !order.supervised;
        order.agent.clone().filter(|agent| done && !order.excluded.contains(agent))
    };
    Ok(named.iter().find_map(resolver))
}

/// As many characters of what was said, about, as one page holds: an answer of a function has 6 MB.
const HEAVY: usize = 768 * 1024;

/// What a feedback weighs besides its words, about.
const REST: usize = 2 * 1024;

/// Documents loaded at a time.
const CHUNK: usize = 25;

/// A page of what stands in `sources`. It ends early where its words grow too many for one answer.
pub(crate) async fn page(
    world: &World,
    tenant: &TenantId,
    sources: Vec<Source>,
    range: Range,
    limit: usize,
) -> Result<Page<Said>, Fault> {
    let named = names(world, sources, range, limit).await?;
    let (mut items, mut weight) = (Vec::new(), 0);
    for chunk in named.items.chunks(CHUNK) {
        let mut found = load(world, tenant, chunk).await?;
        for (rank, id) in chunk {
            let Some(said) = found.remove(id) else { continue };
            weight += said.weight();
            items.push(said);
            let is_last = named.items.last().is_some_and(|(last, _)| last == rank);
            if weight > HEAVY && !is_last {
                return Ok(Page { items, next: Some(rank.clone()) });
            }
        }
    }
    Ok(Page { items, next: named.next })
}

impl Said {
    fn weight(&self) -> usize {
        let feedback = &self.reception.feedback;
        REST + feedback.message.len() + feedback.transcript.as_ref().map_or(0, String::len)
    }
}

/// The feedbacks of those names with their orders, as they are now.
pub(crate) async fn load(
    world: &World,
    tenant: &TenantId,
    named: &[Named],
) -> Result<BTreeMap<FeedbackId, Said>, Fault> {
    let ids: BTreeMap<Key, FeedbackId> = named.iter().map(|(_, id)| (keys::feedback(tenant, id), id.clone())).collect();
    let mut receptions = Vec::new();
    for record in many(world, ids.keys()).await? {
        if let (Some(id), Some(reception)) = (ids.get(&record.key), receive::said(&record)?) {
            receptions.push((id.clone(), reception));
        }
    }
    let orders = orders(world, tenant, receptions.iter().filter_map(|(_, said)| said.work_order.as_ref())).await?;
    let said = receptions.into_iter().map(|(id, reception)| {
        let order = reception.work_order.as_ref().and_then(|order| orders.get(order)).cloned();
        (id.clone(), Said { id, reception, order })
    });
    Ok(said.collect())
}

async fn orders(
    world: &World,
    tenant: &TenantId,
    ids: impl Iterator<Item = &WorkOrderId>,
) -> Result<BTreeMap<WorkOrderId, WorkOrder>, Fault> {
    let keys: std::collections::BTreeSet<Key> = ids.map(|id| keys::order(tenant, id)).collect();
    let records = many(world, keys.iter()).await?;
    let read = |record: &Record| read::<WorkOrder>(record).map(|order| (order.value.id.clone(), order.value));
    let mut orders: BTreeMap<_, _> = records.iter().map(read).collect::<Result<_, _>>()?;
    for order in orders.values_mut() {
        // A duplicate's customer is answered where it went on.
        if let Some(into) = &order.merged_into
            && let Some(followed) = orders::follow(world, tenant, into).await?
        {
            *order = followed.value;
        }
    }
    Ok(orders)
}

/// Documents by their keys; of none, without asking.
async fn many(world: &World, keys: impl Iterator<Item = &Key>) -> Result<Vec<Record>, Fault> {
    let keys: Vec<Key> = keys.cloned().collect();
    Ok(if keys.is_empty() { Vec::new() } else { world.store.get_many(&keys).await? })
}
