//! API keys as admins see them: made, listed, revoked. The key itself is shown when it is made and
//! kept nowhere: not even the reply that repeats it holds it.

use crate::auth::{Caller, Role, hash};
use crate::desk::body;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::ports::{World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys, orders, people};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::id::{AgentId, ApiKeyId, TenantId, encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// As many characters of a key as are shown of it later, to tell it from others: 20 bits of 256.
const HINT: usize = 4;

/// Keys that go in one commit, two documents each.
const AT_ONCE: usize = 10;

/// What a key is, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) shown: ApiKey,
    /// Of the key: where it says whose it is.
    pub(crate) hash: String,
}

/// An API key, without the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it may do.
    pub role: Role,
    /// Whose it is, if it is an agent's.
    pub agent: Option<AgentId>,
    /// What people call it.
    pub name: Option<String>,
    /// The last characters of the key, to tell it from others.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom; nobody for the keys that a stack begins with.
    pub created_by: Option<Actor>,
}

/// An API key, with the key: the one answer that shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MadeKey {
    /// What it is.
    #[serde(flatten)]
    pub shown: ApiKey,
    /// The key itself.
    pub key: String,
}

/// The reply as it is kept.
#[derive(Serialize, Deserialize)]
struct Salted {
    #[serde(flatten)]
    shown: ApiKey,
    /// What the key is made of, together with what is not kept.
    salt: String,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// What it may do.
    pub role: Role,
    /// Whose it is: an agent's key, and no other, names an agent.
    pub agent: Option<AgentId>,
    /// What people call it.
    pub name: Option<String>,
}

/// Makes a key of a salt, always the same of the same, and of something that is not in the store.
pub type Mint<'a> = dyn Fn(&str) -> String + Send + Sync + 'a;

/// A key as it is described, and the writes that make it valid and let admins see that it is.
pub(crate) fn admit(
    tenant: &TenantId,
    wanted: Wanted,
    key: &str,
    created_by: Option<Actor>,
    created_at: Timestamp,
) -> (ApiKey, [Write; 2]) {
    let Wanted { role, agent, name } = wanted;
    let (id, hash) = (ApiKeyId::derive(&[key]), hash(key));
    let caller = Caller { tenant: tenant.clone(), role, agent: agent.clone(), key: id.clone() };
    let hint = key.chars().skip(key.chars().count().saturating_sub(HINT)).collect();
    let shown = ApiKey { id: id.clone(), role, agent, name, hint, created_at, created_by };
    let valid = put(keys::api_key(&hash), 0, &caller, Marks::default());
    let listed = put(keys::shown_key(tenant, &id), 0, &Kept { shown: shown.clone(), hash }, Marks::default());
    (shown, [valid, listed])
}

/// Makes a key. The reply holds it; asked again under the same idempotency key, `mint` makes it
/// anew from the salt that was kept.
///
/// # Errors
/// Invalid if an agent's key names no agent that is there, or another's names one.
pub async fn create(
    world: &World,
    caller: &Caller,
    wanted: &Wanted,
    mint: &Mint<'_>,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return with_key(reply, mint);
        }
        if let Some(made) = settled(make(world, caller, wanted, mint, (keyed, &slot), moment).await) {
            return with_key(made?, mint);
        }
    }
    Err(contended())
}

async fn make(
    world: &World,
    caller: &Caller,
    wanted: &Wanted,
    mint: &Mint<'_>,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let tenant = &caller.tenant;
    let mut writes = Vec::new();
    if let Some(agent) = &wanted.agent {
        // An agent who goes at this moment takes this key with them, or is not there for it.
        writes.push(people::turn(world, tenant).await?);
        if world.store.get(&keys::agent(tenant, agent)).await?.is_none() {
            return Err(Fault::invalid("/agent", "there is no such agent").into());
        }
    }
    let salt = encode(&moment.nonce);
    let (shown, admitted) = admit(tenant, wanted.clone(), &mint(&salt), Some(caller.actor()), moment.now);
    let id = shown.id.clone();
    let reply = Reply { body: body(&Salted { shown, salt }), version: 1, replayed: false };
    writes.extend(admitted);
    writes.extend(keyed.keep(tenant, slot, &reply, moment.now));
    world.store.commit(&writes).await?;
    tracing::info!(api_key.id = id.as_str(), "key made");
    Ok(reply)
}

/// The reply as the caller gets it: with the key in the place of what it is made of.
fn with_key(reply: Reply, mint: &Mint<'_>) -> Result<Reply, Fault> {
    let unreadable = |_| Fault::Unavailable("a kept reply is one that this version can't read".to_owned());
    let Salted { shown, salt } = Salted::deserialize(&reply.body).map_err(unreadable)?;
    Ok(Reply { body: body(&MadeKey { shown, key: mint(&salt) }), ..reply })
}

async fn all(world: &World, tenant: &TenantId) -> Result<Vec<Stored<Kept>>, Fault> {
    let records = world.store.list(&keys::api_keys(tenant), "", None, usize::MAX).await?;
    records.iter().map(read::<Kept>).collect()
}

/// An admin's key that opens something, if there is one: what is listed may open nothing if somebody
/// wrote the table by hand.
pub(crate) async fn admin(world: &World, tenant: &TenantId) -> Result<Option<ApiKey>, Fault> {
    for kept in all(world, tenant).await?.into_iter().filter(|kept| kept.value.shown.role == Role::Admin) {
        if world.store.get(&keys::api_key(&kept.value.hash)).await?.is_some() {
            return Ok(Some(kept.value.shown));
        }
    }
    Ok(None)
}

/// Every key that is valid, oldest first.
///
/// # Errors
/// The store did not answer.
pub async fn list(world: &World, caller: &Caller) -> Result<Vec<ApiKey>, Fault> {
    let mut shown: Vec<_> = all(world, &caller.tenant).await?.into_iter().map(|kept| kept.value.shown).collect();
    shown.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(shown)
}

/// One key that is valid.
///
/// # Errors
/// Not found, also for another tenant's and for one that was revoked.
pub async fn get(world: &World, caller: &Caller, id: &ApiKeyId) -> Result<ApiKey, Fault> {
    let stored = load::<Kept>(world.store.as_ref(), &keys::shown_key(&caller.tenant, id)).await?;
    Ok(stored.ok_or(Fault::NotFound)?.value.shown)
}

/// Makes a key invalid: the next request that comes with it is nobody's.
///
/// # Errors
/// Not found; conflict if no admin's key would be left.
pub async fn revoke(
    world: &World,
    caller: &Caller,
    id: &ApiKeyId,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let key = keys::shown_key(tenant, id);
        let stored = load::<Kept>(world.store.as_ref(), &key).await?.ok_or(Fault::NotFound)?;
        let mut writes = gone(tenant, &stored).to_vec();
        if stored.value.shown.role == Role::Admin {
            writes.push(witness(world, tenant, id).await?);
        }
        let reply = Reply { body: Value::Null, version: stored.version, replayed: false };
        writes.extend(keyed.keep(tenant, &slot, &reply, moment.now));
        if let Some(done) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            tracing::info!(api_key.id = id.as_str(), "key revoked");
            return done.map(|()| reply);
        }
    }
    Err(contended())
}

/// A write that goes through only while another admin's key than `id` is valid: so two admins who
/// revoke each other at the same moment do not lock everybody out.
async fn witness(world: &World, tenant: &TenantId, id: &ApiKeyId) -> Result<Write, Fault> {
    let mut others = all(world, tenant).await?.into_iter().filter(|kept| kept.value.shown.role == Role::Admin);
    let other = others.find(|kept| kept.value.shown.id != *id).ok_or(Fault::Conflict(Conflict::LastAdminKey))?;
    let key = keys::shown_key(tenant, &other.value.shown.id);
    Ok(put(key, other.version, &other.value, Marks::default()))
}

fn gone(tenant: &TenantId, stored: &Stored<Kept>) -> [Write; 2] {
    let Kept { shown, hash } = &stored.value;
    let shown = Write::Delete(keys::shown_key(tenant, &shown.id), stored.version);
    // Whose a key is never changes, so it is at its first version.
    [Write::Delete(keys::api_key(hash), 1), shown]
}

/// Makes the keys of an agent invalid, all but the last few, and answers with the writes that do so
/// for those: they go with the agent.
pub(crate) async fn revoke_all(world: &World, tenant: &TenantId, agent: &AgentId) -> Result<Vec<Write>, Tried> {
    let mut theirs = all(world, tenant).await?;
    theirs.retain(|kept| kept.value.shown.agent.as_ref() == Some(agent));
    while theirs.len() > AT_ONCE {
        let some: Vec<Write> = theirs.drain(..AT_ONCE).flat_map(|kept| gone(tenant, &kept)).collect();
        world.store.commit(&some).await?;
    }
    Ok(theirs.iter().flat_map(|kept| gone(tenant, kept)).collect())
}
