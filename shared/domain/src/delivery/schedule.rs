//! When it is tried again.

use crate::id::DeliveryId;
use crate::order::later;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// How long after a try the next one comes, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h,
/// 20 h, 24 h; three days in all.
///
/// # Source
/// api.md, "Webhooks out"; the same as the Standard Webhooks specification recommends, section
/// "Deliverability and reliability".
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// As many tries as are made before it is given up.
pub const TRIES: u32 = 10;

/// How much longer a wait may be than its step, in thousandths: receivers that were down together
/// do not get everything at once when they are back.
const JITTER: i64 = 100;

/// When the try after the `tried`th, which ended at `at`, may be made; `None`: it is given up.
///
/// The jitter follows from the id and the number: whoever computes it again computes the same.
#[must_use]
pub fn next_try(id: &DeliveryId, tried: u32, at: Timestamp) -> Option<Timestamp> {
    let wait = *WAITS.get(usize::try_from(tried).ok()?.checked_sub(1)?)?;
    let hash = Sha256::digest(format!("{id}/{tried}"));
    let thousandths = i64::from(u16::from_be_bytes([hash[0], hash[1]])) * JITTER / i64::from(u16::MAX);
    Some(later(at, SignedDuration::from_millis(wait * (1_000 + thousandths))))
}
