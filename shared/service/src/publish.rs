//! Policies, teams and agents: published whole, read by every decision. A version that a clock may
//! still run by is kept for ever, apart from what is in force.

use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Fault, Flaw};
use crate::ports::{KEYS_A_READ, Key, PortError, Record, World, Write};
use crate::{keys, people};
use redress_domain::id::TenantId;
use redress_domain::order::{Version, WorkOrder};
use redress_domain::policy::{CalendarVersion, Policies, PolicyError, SlaPolicy, Terms};
use redress_domain::routing::{Agent, Team};
use redress_domain::sla::Book;
use std::collections::{BTreeMap, BTreeSet};
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
    Ok(in_force(world, tenant).await?.1)
}

/// The policies in force for a tenant that has some of its own: `None` for any other, of which there
/// may be no such tenant. Nothing is compiled or kept for what is not there.
pub(crate) async fn own_terms(world: &World, tenant: &TenantId) -> Result<Option<Arc<Terms>>, Fault> {
    match world.store.get(&keys::policy(tenant)).await? {
        None => Ok(None),
        Some(record) => {
            let known = world.compiled.at(tenant, record.version);
            known.map_or_else(|| compile(world, tenant, &record), Ok).map(Some)
        }
    }
}

fn compile(world: &World, tenant: &TenantId, record: &Record) -> Result<Arc<Terms>, Fault> {
    let terms = Terms::compile(read::<Policies>(record)?.value).map_err(|wrong| unusable(&wrong))?;
    Ok(world.compiled.keep(tenant, record.version, terms))
}

/// The policies in force, and the version of the document that holds them (0: the shipped ones).
pub(crate) async fn in_force(world: &World, tenant: &TenantId) -> Result<(u64, Arc<Terms>), Fault> {
    let record = world.store.get(&keys::policy(tenant)).await?;
    let version = record.as_ref().map_or(0, |record| record.version);
    if let Some(terms) = world.compiled.at(tenant, version) {
        return Ok((version, terms));
    }
    let terms = match record {
        None => world.compiled.keep(tenant, version, Terms::shipped()),
        Some(record) => compile(world, tenant, &record)?,
    };
    Ok((version, terms))
}

fn unusable(wrong: &[PolicyError]) -> Fault {
    let first = wrong.first().map(ToString::to_string).unwrap_or_default();
    Fault::Unavailable(format!("the policies in force can't be used: {first}"))
}

/// The policies in force, and every version that the clocks of `orders` run by.
///
/// # Errors
/// The store did not answer, or a version that a clock runs by is gone.
pub async fn terms_for<'a>(
    world: &World,
    tenant: &TenantId,
    orders: impl IntoIterator<Item = &'a WorkOrder>,
) -> Result<Arc<Terms>, Fault> {
    let (version, terms) = in_force(world, tenant).await?;
    complete(world, tenant, (version, terms), orders).await
}

/// The same terms with every version that the clocks of `orders` run by.
pub(crate) async fn complete<'a>(
    world: &World,
    tenant: &TenantId,
    (version, terms): (u64, Arc<Terms>),
    orders: impl IntoIterator<Item = &'a WorkOrder>,
) -> Result<Arc<Terms>, Fault> {
    let unknown = |wanted: &Version<'_>| match wanted {
        Version::Calendar(version) => !terms.book.has_calendar(version),
        Version::Policy(version) => !terms.book.has_policy(version),
    };
    let missing: BTreeSet<Key> = orders
        .into_iter()
        .flat_map(WorkOrder::versions)
        .filter(unknown)
        .map(|version| keys::policy_version(tenant, version))
        .collect();
    if missing.is_empty() {
        return Ok(terms);
    }
    let mut more = (*terms).clone();
    for keys in missing.into_iter().collect::<Vec<_>>().chunks(KEYS_A_READ) {
        for record in world.store.get_many(keys).await? {
            enter(&mut more.book, &record)?;
        }
    }
    Ok(world.compiled.keep(tenant, version, more))
}

/// Enters a version that is kept apart into the book.
fn enter(book: &mut Book, record: &Record) -> Result<(), Fault> {
    if record.key.sort.starts_with(keys::CALENDAR_VERSIONS) {
        let entry = read::<CalendarVersion>(record)?.value;
        let calendar = Terms::calendar_of(&entry).map_err(|wrong| unusable(&wrong))?;
        book.add_calendar(entry.version(), calendar);
    } else {
        let policy = read::<SlaPolicy>(record)?.value;
        book.add_policy(policy.version(), Arc::new(policy));
    }
    Ok(())
}

/// The first policies of a tenant, after compiling them.
///
/// # Errors
/// Invalid at every place that can't be meant.
pub fn policies(tenant: &TenantId, policies: &Policies, seen: u64) -> Result<Write, Fault> {
    Terms::compile(policies.clone()).map_err(invalid)?;
    Ok(put(keys::policy(tenant), seen, policies, Marks::default()))
}

/// Every place that can't be meant, as a fault of the request.
pub(crate) fn invalid(wrong: Vec<PolicyError>) -> Fault {
    Fault::Invalid(wrong.into_iter().map(|PolicyError { pointer, detail }| Flaw { pointer, detail }).collect())
}

/// The writes that put `new` in the place of `old`, read at version `seen` (0: nothing is stored and
/// the shipped ones are in force). What is no longer in force is kept apart: clocks run by it, and
/// feedback was weighed by it.
pub(crate) fn replace(tenant: &TenantId, old: &Policies, seen: u64, new: &Policies) -> Result<Vec<Write>, Fault> {
    let mut writes = vec![policies(tenant, new, seen)?];
    for entry in old.calendars.iter().filter(|old| !new.calendars.iter().any(|new| new.version() == old.version())) {
        let version = entry.version();
        writes.push(put(keys::policy_version(tenant, Version::Calendar(&version)), 0, entry, Marks::default()));
    }
    if old.priority.version != new.priority.version {
        let key = keys::priority_version(tenant, old.priority.version);
        writes.push(put(key, 0, &old.priority, Marks::default()));
    }
    if old.promises.version != new.promises.version {
        let key = keys::promises_version(tenant, old.promises.version);
        writes.push(put(key, 0, &old.promises, Marks::default()));
    }
    for rule in
        old.routing.iter().filter(|old| !new.routing.iter().any(|new| (&new.id, new.version) == (&old.id, old.version)))
    {
        writes.push(put(keys::rule_version(tenant, &rule.id, rule.version), 0, rule, Marks::default()));
    }
    for policy in
        old.survey.iter().filter(|old| !new.survey.iter().any(|new| (&new.id, new.version) == (&old.id, old.version)))
    {
        let key = keys::survey_policy_version(tenant, &policy.id, policy.version);
        writes.push(put(key, 0, policy, Marks::default()));
    }
    for policy in old.sla.iter().filter(|old| !new.sla.iter().any(|new| new.version() == old.version())) {
        let version = policy.version();
        writes.push(put(keys::policy_version(tenant, Version::Policy(&version)), 0, policy, Marks::default()));
    }
    Ok(writes)
}

/// The last version that is kept apart of what `any` is a version of; 0 if there is none.
pub(crate) async fn last_kept(world: &World, any: Key) -> Result<u32, Fault> {
    let Key { partition, sort } = any;
    let name = sort.trim_end_matches(|c: char| c.is_ascii_digit());
    let kept = world.store.list(&partition, name, None, usize::MAX).await?;
    Ok(kept.last().and_then(|last| last.key.sort.strip_prefix(name)?.parse().ok()).unwrap_or(0))
}

/// A tenant's policies as they are kept; the shipped ones at version 0 where it has none of its own.
pub(crate) async fn stored(world: &World, tenant: &TenantId) -> Result<Stored<Policies>, Fault> {
    let stored = load::<Policies>(world.store.as_ref(), &keys::policy(tenant)).await?;
    Ok(stored.unwrap_or_else(|| Stored { value: Policies::shipped(), version: 0 }))
}

/// Publishes a tenant's policies unless the same or newer ones are in force; says whether it did.
///
/// # Errors
/// Invalid at every place that can't be meant; unavailable if others publish at this moment.
pub async fn supersede(world: &World, tenant: &TenantId, newer: &Policies) -> Result<bool, Fault> {
    let Stored { value: old, version: seen } = stored(world, tenant).await?;
    if seen > 0 && old.version >= newer.version {
        return Ok(false);
    }
    // What makes it urgent, who reads it, whose orders they are, who is asked and what is promised in
    // public, is the tenant's own from the first change on.
    let asked = if old.survey == Policies::shipped().survey { &newer.survey } else { &old.survey };
    let own = Policies {
        priority: old.priority.clone(),
        model: old.model.clone(),
        models: old.models,
        survey: asked.clone(),
        routing: old.routing.clone(),
        promises: old.promises.clone(),
        subscriptions: old.subscriptions.clone(),
        incidents: old.incidents.clone(),
        ..newer.clone()
    };
    world.store.commit(&replace(tenant, &old, seen, &own)?).await?;
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

/// The first step of a new stack: writes that are there already are left as they are. People who are
/// new are known to whoever has read the others before.
///
/// # Errors
/// The store did not answer.
pub async fn seed(world: &World, writes: Vec<Write>) -> Result<(), Fault> {
    let mut staffed = BTreeSet::new();
    for write in writes {
        let tenant = keys::tenant_of_roster(&write);
        match world.store.commit(&[write]).await {
            Ok(()) => staffed.extend(tenant),
            Err(PortError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    for tenant in staffed {
        let turn = people::turn(world, &tenant).await?;
        world.store.commit(&[turn]).await?;
    }
    Ok(())
}
