//! Addresses that customers are given: each opens one thing, and nobody but the stack can make one.

use crate::secret::Secret;
use redress_domain::id::{FeedbackId, TenantId};
use redress_domain::identity::Identity;

/// What a tracking link shows is named by tenant and id, and the signature keeps others from naming
/// it. The same feedback always has the same link.
#[must_use]
pub fn tracking(secret: &Secret, tenant: &TenantId, id: &FeedbackId) -> String {
    secret.seal("tracking", &[], &format!("{tenant}\0{id}"))
}

/// The feedback whose progress a tracking link shows.
#[must_use]
pub fn opens_tracking(secret: &Secret, token: &str) -> Option<(TenantId, FeedbackId)> {
    let named = secret.open("tracking", &[], token)?;
    let (tenant, id) = named.split_once('\0')?;
    TenantId::parse(tenant).zip(FeedbackId::parse(id))
}

/// What takes an address off our mails: named by its digest and by as much of it as is shown, so that
/// the link tells nobody whose address it is.
#[must_use]
pub fn unsubscribe(secret: &Secret, tenant: &TenantId, address: &Identity) -> String {
    secret.seal("unsubscribe", &[], &format!("{tenant}\0{}\0{}", address.digest(), address.shown()))
}

/// Whose mails an unsubscribing link ends, and to which address: its digest, and what is shown of it.
#[must_use]
pub fn opens_unsubscribe(secret: &Secret, token: &str) -> Option<(TenantId, String, String)> {
    let named = secret.open("unsubscribe", &[], token)?;
    let mut parts = named.splitn(3, '\0');
    let (tenant, digest, shown) = (parts.next()?, parts.next()?, parts.next()?);
    Some((TenantId::parse(tenant)?, digest.to_owned(), shown.to_owned()))
}
