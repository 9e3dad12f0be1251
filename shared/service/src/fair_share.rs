//! Nobody's flood takes another's share: what a tenant, and one key of it, may still ask for is
//! counted before a request has any effect.
//!
//! The buckets are in the store, and a function takes out a lease of tokens at a time, which it
//! spends without asking again: a request costs a small part of a write. What was leased has left
//! the bucket, so all functions together never spend more than the bucket gave.

use crate::Moment;
use crate::auth::Caller;
use crate::documents::{Marks, load, put};
use crate::fault::Fault;
use crate::keys;
use crate::ports::{Key, PortError, World};
use jiff::{SignedDuration, Timestamp};
use redress_domain::fair_share::{Bucket, Rate};
use redress_domain::id::encode;
use redress_domain::order::later;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a lease is asked for when others take from the same bucket.
const TRIES: usize = 4;

/// As many purses as one function carries; past it they are all emptied, and what was in them comes
/// back by refilling.
const PURSES: usize = 4_096;

/// How long a bucket that is full again is kept: one that is gone is a full one.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// How fast is fair; `None` where nobody counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Requests of one tenant.
    pub tenant: Option<Rate>,
    /// Requests with one key.
    pub key: Option<Rate>,
}

/// Tokens that were leased and not spent yet.
#[derive(Debug, Default)]
pub struct Purses(Mutex<BTreeMap<Key, Purse>>);

#[derive(Debug, Clone, Copy, Default)]
struct Purse {
    tokens: u32,
    /// The bucket had less than a lease: asking again is of no use before this instant.
    dry_until: Option<Timestamp>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// It is within the share.
    Within,
    /// It is not; a token is there after so many whole seconds, at least 1.
    Over(u64),
    /// Nobody could tell: the store did not answer, or too many asked at once. It is let through.
    Untold,
}

/// A bucket as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    bucket: Bucket,
    /// Whose write it was: two functions that take the same lease at the same instant are two.
    lease: String,
}

/// What one look at a bucket gave.
enum Lease {
    Tokens(u32),
    Untold,
}

impl Purses {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Purse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spends one token of each of `keys`, or none of any.
    fn spend(&self, keys: &[Key]) {
        let mut purses = self.lock();
        for key in keys {
            if let Some(purse) = purses.get_mut(key) {
                purse.tokens = purse.tokens.saturating_sub(1);
            }
        }
    }

    fn look(&self, key: &Key) -> Purse {
        self.lock().get(key).copied().unwrap_or_default()
    }

    fn fill(&self, key: &Key, tokens: u32, dry_until: Option<Timestamp>) {
        let mut purses = self.lock();
        if purses.len() >= PURSES && !purses.contains_key(key) {
            purses.clear();
        }
        let purse = purses.entry(key.clone()).or_default();
        purse.tokens = purse.tokens.saturating_add(tokens);
        purse.dry_until = dry_until;
    }
}

/// Whether a request of `caller` is within its share. It is counted if it is, and changes nothing
/// if it is not.
pub async fn judge(world: &World, purses: &Purses, rates: Rates, caller: &Caller, moment: Moment) -> Share {
    let (tenant, key) = (keys::tenant_share(&caller.tenant), keys::key_share(&caller.tenant, &caller.key));
    let buckets = [(key, rates.key), (tenant, rates.tenant)];
    let (mut counted, mut untold) = (Vec::new(), false);
    for (key, rate) in buckets.into_iter().filter_map(|(key, rate)| Some((key, rate?))) {
        match has_token(world, purses, &key, rate, moment).await {
            Share::Within => counted.push(key),
            Share::Untold => untold = true,
            over @ Share::Over(_) => return over,
        }
    }
    purses.spend(&counted);
    if untold { Share::Untold } else { Share::Within }
}

async fn has_token(world: &World, purses: &Purses, key: &Key, rate: Rate, moment: Moment) -> Share {
    let purse = purses.look(key);
    if purse.tokens > 0 {
        return Share::Within;
    }
    if let Some(until) = purse.dry_until.filter(|until| *until > moment.now) {
        return over(until.duration_since(moment.now));
    }
    match lease(world, purses, key, rate, moment).await {
        Lease::Tokens(0) => {
            let until = purses.look(key).dry_until.unwrap_or(moment.now);
            over(until.duration_since(moment.now))
        }
        Lease::Tokens(_) => Share::Within,
        Lease::Untold => Share::Untold,
    }
}

fn over(wait: SignedDuration) -> Share {
    Share::Over(u64::try_from(wait.as_millis()).unwrap_or(0).div_ceil(1000).max(1))
}

/// Moves a lease from the bucket to the purse: one read and one conditional write.
async fn lease(world: &World, purses: &Purses, key: &Key, rate: Rate, moment: Moment) -> Lease {
    for _ in 0..TRIES {
        match take(world, key, rate, moment).await {
            Ok((tokens, dry_until)) => {
                purses.fill(key, tokens, dry_until);
                return Lease::Tokens(tokens);
            }
            Err(PortError::Conflict) => {}
            Err(PortError::Unavailable(why)) => {
                tracing::warn!(reason = why, "fair share not told");
                return Lease::Untold;
            }
        }
    }
    tracing::warn!(reason = "others take from the same bucket", "fair share not told");
    Lease::Untold
}

async fn take(world: &World, key: &Key, rate: Rate, moment: Moment) -> Result<(u32, Option<Timestamp>), PortError> {
    let kept = load::<Kept>(world.store.as_ref(), key).await;
    let kept = kept.map_err(|fault: Fault| PortError::Unavailable(fault.to_string()))?;
    let (bucket, seen) = kept.map_or((Bucket::full(rate, moment.now), 0), |kept| (kept.value.bucket, kept.version));
    let mut bucket = bucket.refilled(rate, moment.now);
    let tokens = bucket.take(rate.lease());
    let dry_until = (tokens < rate.lease()).then(|| later(moment.now, bucket.wait(rate, rate.lease())));
    if tokens > 0 {
        let full_at = later(moment.now, bucket.wait(rate, rate.burst()));
        let marks = Marks { expires_at: Some(later(full_at, KEPT)), ..Marks::default() };
        let kept = Kept { bucket, lease: encode(&moment.nonce) };
        world.store.commit(&[put(key.clone(), seen, &kept, marks)]).await?;
    }
    Ok((tokens, dry_until))
}
