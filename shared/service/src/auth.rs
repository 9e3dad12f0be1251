//! Who calls: API keys, stored hashed, with a tenant and a role.

use crate::api_keys::{self, Wanted};
use crate::documents::load;
use crate::fault::Fault;
use crate::keys;
use crate::ports::{World, Write};
use jiff::Timestamp;
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::id::{AgentId, ApiKeyId, TenantId, encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The shop's back end: brings feedback and reads what it brought.
    Integrator,
    /// Works on every order of the tenant.
    Agent,
    /// Also assigns, merges, reads surveys and reports.
    Supervisor,
    /// Also people, policies, keys.
    Admin,
    /// Reads everything, writes nothing.
    Auditor,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// Whose data they see.
    pub tenant: TenantId,
    /// What they may do.
    pub role: Role,
    /// Which agent they are, for keys of agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Which key they came with.
    pub key: ApiKeyId,
}

impl Caller {
    /// The caller as the actor of a fact.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.agent {
            Some(agent) => Actor::new(ActorKind::Agent, agent.as_str()),
            None => Actor::new(ActorKind::ApiKey, self.key.as_str()),
        }
    }
}

/// Who `key` belongs to; `None` for a key that is not one, or no longer.
///
/// # Errors
/// The store did not answer.
pub async fn authenticate(world: &World, key: &str) -> Result<Option<Caller>, Fault> {
    if !key.starts_with("rk_") || key.len() > 128 {
        return Ok(None);
    }
    let stored = load::<Caller>(world.store.as_ref(), &keys::api_key(&hash(key))).await?;
    Ok(stored.map(|caller| caller.value))
}

/// The key of 256 bits that nobody can guess: shown once, kept only as a hash.
#[must_use]
pub fn key(secret: &[u8; 32]) -> String {
    format!("rk_{}", encode(secret))
}

/// The writes that make `key` valid and listed, for the keys that a stack begins with. Its id
/// follows from the key.
#[must_use]
pub fn admit(tenant: &TenantId, role: Role, agent: Option<AgentId>, key: &str, now: Timestamp) -> [Write; 2] {
    api_keys::admit(tenant, Wanted { role, agent, name: None }, key, None, now).1
}

/// SHA-256 in hexadecimal: a key has 256 random bits, so no salt or stretching is needed.
pub(crate) fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
