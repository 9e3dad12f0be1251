//! Addresses to which nothing goes any more: what bounced, complained, unsubscribed, or was put here.

use crate::auth::Caller;
use crate::desk;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Fault, Tried, contended, settled};
use crate::lists::Page;
use crate::ports::{World, Write};
use crate::reply::{Keyed, Reply};
use crate::{Moment, keys, orders};
use redress_domain::id::TenantId;
use redress_domain::identity::Identity;
use redress_domain::reach::Address;
use redress_domain::suppression::{SuppressedBecause, Suppression};
use serde_json::Value;

/// The list after `after`, in the order of ids.
///
/// # Errors
/// The store did not answer.
pub async fn list(
    world: &World,
    caller: &Caller,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<Suppression>, Fault> {
    let mut records = world.store.list(&keys::suppressions(&caller.tenant), "", after, limit + 1).await?;
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|last| last.key.sort.clone());
    let items = records.iter().map(|record| Ok(read::<Suppression>(record)?.value)).collect::<Result<_, Fault>>()?;
    Ok(Page { items, next })
}

/// One address on the list, by its id.
///
/// # Errors
/// Not found.
pub async fn show(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let stored = load::<Suppression>(world.store.as_ref(), &keys::suppression(&caller.tenant, id)).await?;
    let stored = stored.ok_or(Fault::NotFound)?;
    Ok(Reply { body: desk::body(&stored.value), version: stored.version, replayed: false })
}

/// Puts an address on the list. One that stands there already stays there for its own reason, unless
/// this one says more.
///
/// # Errors
/// Conflict if the key was used before for something else; the store did not answer.
pub async fn add(
    world: &World,
    caller: &Caller,
    (address, because): (&Identity, SuppressedBecause),
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let asked = Suppression::of(address, because, moment.now, caller.key.as_str());
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let (kept, write) = decide(world, &caller.tenant, &asked).await?;
        let reply = Reply { body: desk::body(&kept.value), version: kept.version, replayed: false };
        let writes: Vec<_> = write.into_iter().chain(keyed.keep(&caller.tenant, &slot, &reply, moment.now)).collect();
        if writes.is_empty() {
            return Ok(reply);
        }
        if let Some(answer) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            return answer.map(|()| reply);
        }
    }
    Err(contended())
}

/// Takes an address off the list, by its id.
///
/// # Errors
/// Not found; the store did not answer.
pub async fn remove(world: &World, caller: &Caller, id: &str, keyed: &Keyed, moment: Moment) -> Result<Reply, Fault> {
    let key = keys::suppression(&caller.tenant, id);
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let seen = load::<Suppression>(world.store.as_ref(), &key).await?.ok_or(Fault::NotFound)?.version;
        let reply = Reply { body: Value::Null, version: seen, replayed: false };
        let mut writes = vec![Write::Delete(key.clone(), seen)];
        writes.extend(keyed.keep(&caller.tenant, &slot, &reply, moment.now));
        if let Some(answer) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            return answer.map(|()| reply);
        }
    }
    Err(contended())
}

/// What stands on the list once `asked` is on it, and the write that it takes, if any.
async fn decide(
    world: &World,
    tenant: &TenantId,
    asked: &Suppression,
) -> Result<(Stored<Suppression>, Option<Write>), Fault> {
    let key = keys::suppression(tenant, &asked.digest);
    let seen = match load::<Suppression>(world.store.as_ref(), &key).await? {
        Some(stored) if !asked.outweighs(&stored.value) => return Ok((stored, None)),
        stored => stored.map_or(0, |stored| stored.version),
    };
    let write = put(key, seen, asked, Marks::default());
    Ok((Stored { value: asked.clone(), version: seen + 1 }, Some(write)))
}

/// Puts an address on the list because of what became of a message, or of what its reader said.
pub(crate) async fn suppress(world: &World, tenant: &TenantId, asked: &Suppression) -> Result<(), Fault> {
    for _ in 0..orders::TRIES {
        let (_, Some(write)) = decide(world, tenant, asked).await? else { return Ok(()) };
        if let Some(answer) = settled(world.store.commit(&[write]).await.map_err(Tried::from)) {
            tracing::info!(suppression.kind = ?asked.kind, suppression.because = ?asked.because, "suppressed");
            return answer;
        }
    }
    Err(contended())
}

/// Whether an address is on the list, by its digest.
///
/// # Errors
/// The store did not answer.
pub async fn is_suppressed(world: &World, tenant: &TenantId, digest: &str) -> Result<bool, Fault> {
    Ok(world.store.get(&keys::suppression(tenant, digest)).await?.is_some())
}

/// Takes an address off the mails that nobody wrote, because its owner says so by the link in one.
///
/// # Errors
/// The store did not answer.
pub async fn unsubscribe(
    world: &World,
    tenant: &TenantId,
    (digest, shown): (String, String),
    moment: Moment,
) -> Result<(), Fault> {
    suppress(world, tenant, &Suppression::unsubscribed(digest, shown, moment.now, "link")).await
}

/// What the list leaves of an address; `None` is one that nobody knows.
pub(crate) async fn leave(world: &World, tenant: &TenantId, address: Option<&Identity>) -> Result<Address, Fault> {
    let Some(address) = address else { return Ok(Address::Unknown) };
    let found = load::<Suppression>(world.store.as_ref(), &keys::suppression(tenant, &address.digest())).await?;
    Ok(found.map_or(Address::Open, |stored| stored.value.leaves()))
}
