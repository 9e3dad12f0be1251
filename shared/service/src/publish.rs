//! Policies, teams and agents: published whole, read by every decision.

use crate::documents::{Marks, load, put, read};
use crate::fault::Fault;
use crate::keys;
use crate::ports::{World, Write};
use redress_domain::id::TenantId;
use redress_domain::policy::{Policies, Terms};
use redress_domain::routing::{Agent, Team};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Compiled policies by tenant, with the version of the document they were compiled from (0: the
/// shipped ones). Reading finds out which version is in force; compiling happens once.
#[derive(Debug, Default)]
pub struct Compiled(Mutex<BTreeMap<TenantId, (u64, Arc<Terms>)>>);

impl Compiled {
    fn at(&self, tenant: &TenantId, version: u64) -> Option<Arc<Terms>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(tenant).filter(|(seen, _)| *seen == version).map(|(_, terms)| Arc::clone(terms))
    }

    fn keep(&self, tenant: &TenantId, version: u64, terms: Terms) -> Arc<Terms> {
        let terms = Arc::new(terms);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(tenant.clone(), (version, Arc::clone(&terms)));
        terms
    }
}

/// The policies in force for a tenant; the shipped ones where it has none of its own.
///
/// # Errors
/// The store did not answer, or holds policies that this version can't read.
pub async fn terms(world: &World, tenant: &TenantId) -> Result<Arc<Terms>, Fault> {
    let record = world.store.get(&keys::policy(tenant)).await?;
    let version = record.as_ref().map_or(0, |record| record.version);
    if let Some(terms) = world.compiled.at(tenant, version) {
        return Ok(terms);
    }
    let terms = match record {
        None => Terms::shipped(),
        Some(record) => {
            let policies = read::<Policies>(&record)?.value;
            Terms::compile(policies).map_err(|error| Fault::Unavailable(error.to_string()))?
        }
    };
    Ok(world.compiled.keep(tenant, version, terms))
}

/// Publishes a tenant's policies in the place of version `seen` (0 for none), after compiling them.
///
/// # Errors
/// Invalid at the first place that can't be meant.
pub fn policies(tenant: &TenantId, policies: &Policies, seen: u64) -> Result<Write, Fault> {
    Terms::compile(policies.clone()).map_err(|error| Fault::invalid(error.pointer.clone(), error.detail))?;
    Ok(put(keys::policy(tenant), seen, policies, Marks::default()))
}

/// Publishes a tenant's policies unless the same or newer ones are in force; says whether it did.
///
/// # Errors
/// Invalid at the first place that can't be meant; unavailable if others publish at this moment.
pub async fn supersede(world: &World, tenant: &TenantId, newer: &Policies) -> Result<bool, Fault> {
    let stored = load::<Policies>(world.store.as_ref(), &keys::policy(tenant)).await?;
    let (seen, version) = stored.map_or((0, 0), |stored| (stored.version, stored.value.version));
    if version >= newer.version {
        return Ok(false);
    }
    world.store.commit(&[policies(tenant, newer, seen)?]).await?;
    Ok(true)
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
pub async fn seed(world: &World, writes: Vec<Write>) -> Result<(), Fault> {
    for write in writes {
        match world.store.commit(&[write]).await {
            Ok(()) | Err(crate::ports::PortError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
