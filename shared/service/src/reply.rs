//! Replies that can't be derived again are kept under the caller's idempotency key, in the same
//! write as what they reply to.

use crate::documents::{Marks, load, put};
use crate::fault::{Conflict, Fault};
use crate::keys;
use crate::ports::{World, Write};
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::TenantId;
use redress_domain::order::later;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a reply is kept; at least 24 h are promised.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// A request as its idempotency key sees it.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Method and path.
    pub scope: String,
    /// The caller's key, if one was given.
    pub key: Option<String>,
    /// Of the canonical body.
    pub fingerprint: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The body.
    pub body: Value,
    /// The version of the order that it shows.
    pub version: u64,
    /// Whether this is an earlier request's answer.
    #[serde(skip)]
    pub replayed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    fingerprint: String,
    at: Timestamp,
    reply: Reply,
}

/// What stands under a key: an answer to repeat, or room for a new one.
pub(crate) struct Slot {
    seen: u64,
    pub(crate) reply: Option<Reply>,
}

impl Keyed {
    /// A request that nobody has named: it is not remembered.
    #[must_use]
    pub fn without(scope: &str) -> Self {
        Self { scope: scope.to_owned(), key: None, fingerprint: String::new() }
    }

    /// What stands under the key. Expiry is judged by the clock, not by deletion.
    pub(crate) async fn slot(&self, world: &World, tenant: &TenantId, now: Timestamp) -> Result<Slot, Fault> {
        let Some(key) = &self.key else { return Ok(Slot { seen: 0, reply: None }) };
        let Some(kept) = load::<Kept>(world.store.as_ref(), &keys::reply(tenant, &self.scope, key)).await? else {
            return Ok(Slot { seen: 0, reply: None });
        };
        if later(kept.value.at, KEPT) <= now {
            return Ok(Slot { seen: kept.version, reply: None });
        }
        if kept.value.fingerprint != self.fingerprint {
            return Err(Fault::Conflict(Conflict::KeyReused));
        }
        Ok(Slot { seen: kept.version, reply: Some(Reply { replayed: true, ..kept.value.reply }) })
    }

    /// The write that keeps `reply` in `slot`; none without a key.
    pub(crate) fn keep(&self, tenant: &TenantId, slot: &Slot, reply: &Reply, now: Timestamp) -> Option<Write> {
        let key = keys::reply(tenant, &self.scope, self.key.as_ref()?);
        let kept = Kept { fingerprint: self.fingerprint.clone(), at: now, reply: reply.clone() };
        let marks = Marks { expires_at: Some(later(now, KEPT)), ..Marks::default() };
        Some(put(key, slot.seen, &kept, marks))
    }
}
