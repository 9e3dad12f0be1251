//! Addresses that customers are given: each opens one thing, and nobody but the stack can make one.

use crate::secret::Secret;
use redress_domain::id::{FeedbackId, TenantId};

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

/// What takes an address off our mails: named by its digest, so that the link tells nobody whose
/// address it is.
#[must_use]
pub fn unsubscribe(secret: &Secret, tenant: &TenantId, digest: &str) -> String {
    secret.seal("unsubscribe", &[], &format!("{tenant}\0{digest}"))
}

/// The address that an unsubscribing link stands for, by its digest.
#[must_use]
pub fn opens_unsubscribe(secret: &Secret, token: &str) -> Option<(TenantId, String)> {
    let named = secret.open("unsubscribe", &[], token)?;
    let (tenant, digest) = named.split_once('\0')?;
    Some((TenantId::parse(tenant)?, digest.to_owned()))
}
