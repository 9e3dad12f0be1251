//! What customers and agents wish to be told, and how. A document of its own each: the roster stays
//! small, and a customer has none until somebody asks for one. Who has said nothing has version 0.

use crate::auth::Caller;
use crate::desk::{self, IfMatch};
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::{Key, World, Write};
use crate::reply::{Keyed, Reply};
use crate::{Moment, customers, keys, orders, people};
use redress_domain::id::{AgentId, TenantId};
use redress_domain::identity::Identity;
use redress_domain::reach::{AgentWishes, CustomerWishes};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a customer wishes.
///
/// # Errors
/// Not found if nobody has ever heard of that reference.
pub async fn customer(world: &World, caller: &Caller, reference: &str) -> Result<Reply, Fault> {
    let stored = of_customer(world, &caller.tenant, reference).await?;
    if stored.version == 0 {
        customers::timeline(world, caller, reference, None, 1).await?;
    }
    Ok(shown(&stored))
}

/// Says what a customer wishes; whoever does so says that there is one. `if_match`: the version that the caller has read.
///
/// # Errors
/// Conflict if the caller has read an older version, or used the key before for something else.
pub async fn set_customer(
    world: &World,
    caller: &Caller,
    reference: &str,
    asked: (&CustomerWishes, &IfMatch),
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let key = keys::customer_wishes(&caller.tenant, &Identity::reference(reference).digest());
    set(world, &caller.tenant, key, asked, keyed, moment).await
}

/// What an agent wishes.
///
/// # Errors
/// Not found if there is no such agent.
pub async fn agent(world: &World, caller: &Caller, id: &AgentId) -> Result<Reply, Fault> {
    people::agent(world, caller, id).await?;
    Ok(shown(&of_agent(world, &caller.tenant, id).await?))
}

/// Says what an agent wishes. `if_match`: the version that the caller has read.
///
/// # Errors
/// Not found if there is no such agent; conflict if the caller has read an older version, or used
/// the key before for something else.
pub async fn set_agent(
    world: &World,
    caller: &Caller,
    id: &AgentId,
    asked: (&AgentWishes, &IfMatch),
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    people::agent(world, caller, id).await?;
    set(world, &caller.tenant, keys::agent_wishes(&caller.tenant, id), asked, keyed, moment).await
}

/// What is known of a customer's wishes.
pub(crate) async fn of_customer(
    world: &World,
    tenant: &TenantId,
    reference: &str,
) -> Result<Stored<CustomerWishes>, Fault> {
    read(world, &keys::customer_wishes(tenant, &Identity::reference(reference).digest())).await
}

/// What is known of an agent's wishes.
pub(crate) async fn of_agent(world: &World, tenant: &TenantId, id: &AgentId) -> Result<Stored<AgentWishes>, Fault> {
    read(world, &keys::agent_wishes(tenant, id)).await
}

/// The write that forgets what an agent wished, and where else than in the console they were told.
pub(crate) async fn forget(world: &World, tenant: &TenantId, id: &AgentId) -> Result<Option<Write>, Fault> {
    let version = of_agent(world, tenant, id).await?.version;
    Ok((version > 0).then(|| Write::Delete(keys::agent_wishes(tenant, id), version)))
}

async fn read<T: Default + DeserializeOwned>(world: &World, key: &Key) -> Result<Stored<T>, Fault> {
    let stored = load(world.store.as_ref(), key).await?;
    Ok(stored.unwrap_or(Stored { value: T::default(), version: 0 }))
}

fn shown(stored: &Stored<impl Serialize>) -> Reply {
    Reply { body: desk::body(&stored.value), version: stored.version, replayed: false }
}

async fn set<T: Default + Clone + Serialize + DeserializeOwned>(
    world: &World,
    tenant: &TenantId,
    key: Key,
    (wishes, if_match): (&T, &IfMatch),
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let seen = read::<T>(world, &key).await?.version;
        IfMatch::check(Some(if_match), seen)?;
        let reply = shown(&Stored { value: wishes.clone(), version: seen + 1 });
        let mut writes = vec![put(key.clone(), seen, wishes, Marks::default())];
        writes.extend(keyed.keep(tenant, &slot, &reply, moment.now));
        if let Some(answer) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            return answer.map(|()| reply);
        }
    }
    Err(contended())
}
