//! How many messages that nobody wrote go to one address: a loop is told by its pace.

use crate::documents::{Marks, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::World;
use crate::{keys, orders};
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::TenantId;
use redress_domain::identity::Identity;
use redress_domain::order::later;
use redress_domain::reach::MOST_AN_HOUR;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
struct Told {
    count: u32,
}

/// Counts one more message to an address in this hour; `false` if there were too many already. One
/// that is counted and dies before its first try is counted again: the count is a guard, and no record.
pub(super) async fn keeps(world: &World, tenant: &TenantId, to: &Identity, now: Timestamp) -> Result<bool, Fault> {
    let key = keys::told(tenant, &to.digest(), now);
    for _ in 0..orders::TRIES {
        let stored = load::<Told>(world.store.as_ref(), &key).await?;
        let (told, seen) = stored.map_or((Told::default(), 0), |stored| (stored.value, stored.version));
        if told.count >= MOST_AN_HOUR {
            return Ok(false);
        }
        let marks = Marks { expires_at: Some(later(now, SignedDuration::from_hours(2))), ..Marks::default() };
        let write = put(key.clone(), seen, &Told { count: told.count + 1 }, marks);
        if let Some(answer) = settled(world.store.commit(&[write]).await.map_err(Tried::from)) {
            return answer.map(|()| true);
        }
    }
    Err(contended())
}
