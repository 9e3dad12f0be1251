//! A customer as colleagues see one: who it is, by which identities, and everything said over all
//! channels.

mod view;

pub use view::{CustomerView, IdentityView, LinkView, Milestones, OpenOrder, Statement, TimelineEntry};

use crate::auth::Caller;
use crate::fault::{Conflict, Fault, contended};
use crate::identities::{self, Linking};
use crate::lists::{Page, Range};
use crate::ports::{PortError, World};
use crate::reply::{Keyed, Reply};
use crate::{Moment, orders, said};
use redress_domain::id::TenantId;
use redress_domain::identity::Identity;

/// As many feedbacks as are counted.
const COUNTED: usize = 2_000;

/// As many of the last of them as are looked at for names and open orders.
const LOOKED_AT: usize = 100;

/// Everything said by one person, oldest first, over all channels and identities.
///
/// # Errors
/// Not found if nobody has ever heard of that reference.
pub async fn timeline(
    world: &World,
    caller: &Caller,
    reference: &str,
    after: Option<String>,
    limit: usize,
) -> Result<Page<TimelineEntry>, Fault> {
    let tenant = &caller.tenant;
    let person = identities::person(world, tenant, reference).await?;
    let from_the_first = after.is_none();
    let range = Range { after, until: None };
    let page = said::page(world, tenant, person.sources(tenant), range, limit).await?;
    if from_the_first && page.items.is_empty() && page.next.is_none() && person.known.is_empty() {
        return Err(Fault::NotFound);
    }
    Ok(Page { items: page.items.into_iter().map(TimelineEntry::from).collect(), next: page.next })
}

/// A customer: who it is and why, how often heard of, and which orders are open.
///
/// # Errors
/// Not found if nobody has ever heard of that reference.
pub async fn show(world: &World, caller: &Caller, reference: &str) -> Result<CustomerView, Fault> {
    let tenant = &caller.tenant;
    let person = identities::person(world, tenant, reference).await?;
    let named = said::names(world, person.sources(tenant), Range::default(), COUNTED).await?;
    if named.items.is_empty() && person.known.is_empty() {
        return Err(Fault::NotFound);
    }
    let last = &named.items[named.items.len().saturating_sub(LOOKED_AT)..];
    let mut said = said::load(world, tenant, last).await?;
    let said: Vec<_> = last.iter().filter_map(|(_, id)| said.remove(id)).collect();
    Ok(CustomerView::of(&person, &said, (named.items.len(), named.next.is_some())))
}

/// Says that another identity is of the same person. Said again, it changes nothing and is answered
/// as the first time.
///
/// # Errors
/// Invalid if it is the customer's own reference; conflict if it, or the
/// customer's reference, belongs to too many to be one person's, or the idempotency key stands for
/// another request.
pub async fn link(
    world: &World,
    caller: &Caller,
    reference: &str,
    other: &Identity,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let one = Identity::reference(reference);
    if one.digest() == other.digest() {
        return Err(Fault::invalid("/value", "is this customer's own reference"));
    }
    for _ in 0..orders::TRIES {
        if let Some(reply) = try_link(world, &caller.tenant, (&one, other), caller.key.as_str(), keyed, moment).await? {
            return Ok(reply);
        }
    }
    Err(contended())
}

/// `None` if somebody else wrote meanwhile.
async fn try_link(
    world: &World,
    tenant: &TenantId,
    (one, other): (&Identity, &Identity),
    by: &str,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Option<Reply>, Fault> {
    let slot = keyed.slot(world, tenant, moment.now).await?;
    if slot.reply.is_some() {
        return Ok(slot.reply);
    }
    let mut linking = Linking::read(world, tenant, &[one.clone(), other.clone()]).await?;
    if linking.first().link_to(other).is_none() && linking.is_crowded() {
        return Err(Fault::Conflict(Conflict::Crowded));
    }
    linking.link(moment.now, by);
    let link = linking.first().link_to(other).expect("what is not crowded takes a link");
    let reply = Reply { body: crate::desk::body(&LinkView::of(one, link)), version: 1, replayed: false };
    let mut writes = linking.writes(tenant);
    writes.extend(keyed.keep(tenant, &slot, &reply, moment.now));
    match world.store.commit(&writes).await {
        Ok(()) => Ok(Some(reply)),
        Err(PortError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
