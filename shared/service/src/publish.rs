//! Policies, teams and agents: published whole, read by every decision.

use crate::documents::{Marks, load, put};
use crate::fault::Fault;
use crate::keys;
use crate::ports::{World, Write};
use redress_domain::id::TenantId;
use redress_domain::policy::{Policies, Terms};
use redress_domain::routing::{Agent, Team};

/// The policies in force for a tenant; the shipped ones where it has none of its own.
///
/// # Errors
/// The store did not answer, or holds policies that this version can't read.
pub async fn terms(world: &World, tenant: &TenantId) -> Result<Terms, Fault> {
    match load::<Policies>(world.store.as_ref(), &keys::policy(tenant)).await? {
        None => Ok(Terms::shipped()),
        Some(policies) => Terms::compile(policies.value).map_err(|error| Fault::Unavailable(error.to_string())),
    }
}

/// Publishes a tenant's policies in the place of version `seen` (0 for none), after compiling them.
///
/// # Errors
/// Invalid at the first place that can't be meant.
pub fn policies(tenant: &TenantId, policies: &Policies, seen: u64) -> Result<Write, Fault> {
    Terms::compile(policies.clone()).map_err(|error| Fault::invalid(error.pointer.clone(), error.detail))?;
    Ok(put(keys::policy(tenant), seen, policies, Marks::default()))
}

/// The write that adds a team.
#[must_use]
pub fn team(tenant: &TenantId, team: &Team) -> Write {
    put(keys::team(tenant, &team.id), 0, team, Marks::default())
}

/// The write that adds an agent.
#[must_use]
pub fn agent(tenant: &TenantId, agent: &Agent) -> Write {
    put(keys::agent(tenant, &agent.id), 0, agent, Marks::default())
}

/// The first step of a new stack: writes that are there already are left as they are.
///
/// # Errors
/// The store did not answer.
pub async fn seed(world: &World, writes: Vec<Write>) -> Result<usize, Fault> {
    let mut made = 0;
    for write in writes {
        match world.store.commit(&[write]).await {
            Ok(()) => made += 1,
            Err(crate::ports::PortError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(made)
}
