//! Who is one person: links are written where somebody names two identities, and a person is what
//! they join, found when somebody asks.

use crate::documents::{Marks, Stored, put, read};
use crate::fault::{Fault, contended};
use crate::lists::Source;
use crate::ports::{PortError, World, Write};
use crate::{keys, orders};
use jiff::Timestamp;
use redress_domain::feedback::Customer;
use redress_domain::id::{FeedbackId, TenantId};
use redress_domain::identity::{self, Identity, IdentityKind, Known};
use std::collections::{BTreeMap, BTreeSet};

/// As many identities as are followed from one: a chain that is longer is no person's.
const MOST: usize = 96;

/// Somebody, as far as links reach.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The reference that was asked for.
    pub(crate) asked: Identity,
    /// What is known of each identity, those that join nobody among them; nearest first.
    pub(crate) known: Vec<Known>,
}

impl Person {
    /// Whether this identity is one of the person's own.
    pub(crate) fn owns(&self, known: &Known) -> bool {
        known.digest == self.asked.digest() || !known.is_crowded()
    }

    /// Every reference of the person: the one that was asked for, and then the others in their order.
    pub(crate) fn refs(&self) -> Vec<String> {
        let asked = self.asked.shown();
        let own = self.known.iter().filter(|known| known.kind == IdentityKind::Ref && self.owns(known));
        let others: BTreeSet<String> = own.map(|known| known.shown.clone()).filter(|other| *other != asked).collect();
        std::iter::once(asked).chain(others).collect()
    }

    /// Where what the person said stands.
    pub(crate) fn sources(&self, tenant: &TenantId) -> Vec<Source> {
        let digests = self.refs().into_iter().map(|reference| Identity::reference(&reference).digest());
        digests.map(|digest| Source::Partition(keys::said(tenant, &digest))).collect()
    }
}

/// The person whom the shop knows by `reference`: whatever links join to it, step by step.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn person(world: &World, tenant: &TenantId, reference: &str) -> Result<Person, Fault> {
    let mut person = Person { asked: Identity::reference(reference), known: Vec::new() };
    let mut next = vec![person.asked.digest()];
    let mut seen: BTreeSet<String> = next.iter().cloned().collect();
    while !next.is_empty() {
        let mut found = load(world, tenant, &next).await?;
        let step = std::mem::take(&mut next);
        for known in step.iter().filter_map(|digest| found.remove(digest)).map(|stored| stored.value) {
            for link in known.links.iter().filter(|_| !known.is_crowded()) {
                if seen.len() < MOST && seen.insert(link.digest.clone()) {
                    next.push(link.digest.clone());
                }
            }
            person.known.push(known);
        }
    }
    Ok(person)
}

/// What is known of the identities of these digests.
async fn load(world: &World, tenant: &TenantId, digests: &[String]) -> Result<BTreeMap<String, Stored<Known>>, Fault> {
    let keys: Vec<_> = digests.iter().map(|digest| keys::identity(tenant, digest)).collect();
    let records = world.store.get_many(&keys).await?;
    let known = records.iter().map(read::<Known>);
    known.map(|known| known.map(|known| (known.value.digest.clone(), known))).collect()
}

/// Several identities, as they were read, to be linked.
pub(crate) struct Linking {
    all: Vec<(Identity, Stored<Known>, bool)>,
}

impl Linking {
    /// Reads what is known of `identities`.
    pub(crate) async fn read(world: &World, tenant: &TenantId, identities: &[Identity]) -> Result<Self, Fault> {
        let digests: Vec<String> = identities.iter().map(Identity::digest).collect();
        let mut found = load(world, tenant, &digests).await?;
        let all = identities.iter().zip(digests).map(|(identity, digest)| {
            let unknown = || Stored { value: Known::new(identity), version: 0 };
            (identity.clone(), found.remove(&digest).unwrap_or_else(unknown), false)
        });
        Ok(Self { all: all.collect() })
    }

    /// What is known of the first.
    pub(crate) fn first(&self) -> &Known {
        &self.all[0].1.value
    }

    /// Whether one of them is of too many to be linked.
    pub(crate) fn is_crowded(&self) -> bool {
        self.all.iter().any(|(_, known, _)| known.value.is_crowded())
    }

    /// Links the first with each of the others.
    pub(crate) fn link(&mut self, at: Timestamp, by: &str) {
        let Some(((its, one, changed), others)) = self.all.split_first_mut() else { return };
        for (other, known, news) in others {
            if identity::link((&mut one.value, its), (&mut known.value, other), at, by) {
                (*changed, *news) = (true, true);
            }
        }
    }

    /// The writes that keep what is news; none where everything was known.
    pub(crate) fn writes(&self, tenant: &TenantId) -> Vec<Write> {
        let news = self.all.iter().filter(|(_, _, changed)| *changed);
        let write = |(_, known, _): &(Identity, Stored<Known>, bool)| {
            put(keys::identity(tenant, &known.value.digest), known.version, &known.value, Marks::default())
        };
        news.map(write).collect()
    }
}

/// Links what a feedback's customer said of one person: the reference, the telephone, the address.
/// Once for each that is news; then a feedback costs a read here, and without a contact not even that.
///
/// # Errors
/// The store did not answer, or too many write the same.
pub(crate) async fn link(
    world: &World,
    tenant: &TenantId,
    id: &FeedbackId,
    customer: &Customer,
    at: Timestamp,
) -> Result<(), Fault> {
    let contacts = customer.contacts();
    if contacts.is_empty() {
        return Ok(());
    }
    let identities: Vec<_> = std::iter::once(Identity::reference(&customer.reference)).chain(contacts).collect();
    for _ in 0..orders::TRIES {
        let mut linking = Linking::read(world, tenant, &identities).await?;
        linking.link(at, id.as_str());
        let writes = linking.writes(tenant);
        if writes.is_empty() {
            return Ok(());
        }
        match world.store.commit(&writes).await {
            Ok(()) => {
                tracing::info!(feedback.id = id.as_str(), links = writes.len() - 1, "linked");
                return Ok(());
            }
            Err(PortError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended())
}
