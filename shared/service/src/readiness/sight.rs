//! What is stored of a tenant, read once, for all that is asked of it.

use super::{Finding, untold};
use crate::api_keys::Kept;
use crate::documents::read;
use crate::fault::Fault;
use crate::keys;
use crate::ports::{Record, World};
use redress_domain::id::TenantId;
use redress_domain::policy::{Policies, PolicyError, Terms};
use redress_domain::routing::{Agent, Team};
use redress_domain::webhook::Webhook;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The policies of a tenant.
#[derive(Debug, Clone)]
pub(super) enum Published {
    /// It has none of its own, and the shipped ones are in force.
    Nothing,
    /// They can't be used, at these places.
    Unusable(u32, Vec<PolicyError>),
    /// In force.
    InForce(Arc<Terms>),
}

/// An API key as it is listed, and whether it opens anything.
#[derive(Debug, Clone)]
pub(super) struct SeenKey {
    pub(super) kept: Kept,
    pub(super) opens: bool,
}

/// All that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) tenant: TenantId,
    pub(super) published: Published,
    pub(super) teams: Vec<Team>,
    pub(super) agents: Vec<Agent>,
    pub(super) keys: Vec<SeenKey>,
    pub(super) webhooks: Vec<Webhook>,
    /// Documents that this version can't read.
    pub(super) unreadable: Vec<String>,
}

impl Sight {
    /// Reads it.
    ///
    /// # Errors
    /// That nothing can be told, since the store did not answer.
    pub(super) async fn read(world: &World, tenant: &TenantId) -> Result<Self, Finding> {
        Self::load(world, tenant).await.map_err(|fault| untold("tenant.known", tenant.as_str(), &fault))
    }

    async fn load(world: &World, tenant: &TenantId) -> Result<Self, Fault> {
        let mut unreadable = Vec::new();
        let policies = world.store.get(&keys::policy(tenant)).await?;
        let roster = world.store.list(&keys::roster(tenant), "", None, usize::MAX).await?;
        let (teams, agents): (Vec<_>, Vec<_>) =
            roster.iter().partition(|record| record.key.sort.starts_with(keys::TEAMS));
        let listed = world.store.list(&keys::api_keys(tenant), "", None, usize::MAX).await?;
        let listed: Vec<Kept> = values(listed.iter(), &mut unreadable);
        let hashes: Vec<_> = listed.iter().map(|kept| keys::api_key(&kept.hash)).collect();
        let open = world.store.get_many(&hashes).await?;
        let open: BTreeSet<_> = open.into_iter().map(|record| record.key).collect();
        let opens = |kept: Kept| SeenKey { opens: open.contains(&keys::api_key(&kept.hash)), kept };
        let webhooks = world.store.list(&keys::webhooks(tenant), "", None, usize::MAX).await?;
        Ok(Self {
            tenant: tenant.clone(),
            published: policies.as_ref().map_or(Published::Nothing, |record| published(record, &mut unreadable)),
            teams: values(teams.into_iter(), &mut unreadable),
            agents: values(agents.into_iter(), &mut unreadable),
            keys: listed.into_iter().map(opens).collect(),
            webhooks: values(webhooks.iter(), &mut unreadable),
            unreadable,
        })
    }

    /// Whether nothing is stored of it.
    pub(super) fn is_nobody(&self) -> bool {
        matches!(self.published, Published::Nothing)
            && self.teams.is_empty()
            && self.agents.is_empty()
            && self.keys.is_empty()
            && self.unreadable.is_empty()
    }

    /// The policies in force, if they can be used.
    pub(super) fn terms(&self) -> Option<Arc<Terms>> {
        match &self.published {
            Published::Nothing => Some(Arc::new(Terms::shipped())),
            Published::Unusable(..) => None,
            Published::InForce(terms) => Some(Arc::clone(terms)),
        }
    }

    /// Something of the tenant's, as a place.
    pub(super) fn at(&self, what: impl std::fmt::Display) -> String {
        format!("{} {what}", self.tenant)
    }
}

fn published(record: &Record, unreadable: &mut Vec<String>) -> Published {
    let Ok(stored) = read::<Policies>(record) else {
        unreadable.push(place(record));
        let detail = "this version can't read it";
        return Published::Unusable(0, vec![PolicyError::at("", detail)]);
    };
    let version = stored.value.version;
    match Terms::compile(stored.value) {
        Ok(terms) => Published::InForce(Arc::new(terms)),
        Err(faults) => Published::Unusable(version, faults),
    }
}

/// The records as values; what can't be read is noted.
fn values<'a, T: DeserializeOwned>(records: impl Iterator<Item = &'a Record>, unreadable: &mut Vec<String>) -> Vec<T> {
    let mut values = Vec::new();
    for record in records {
        match read::<T>(record) {
            Ok(stored) => values.push(stored.value),
            Err(_) => unreadable.push(place(record)),
        }
    }
    values
}

fn place(record: &Record) -> String {
    format!("{} {}", record.key.partition, record.key.sort)
}
