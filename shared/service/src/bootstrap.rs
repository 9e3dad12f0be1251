//! The first admin's key of a tenant: whoever has it makes all the others over the API. Nobody could
//! make it over the API, so an operator does, who may write the table.

use crate::api_keys::{self, ApiKey, MadeKey, Wanted};
use crate::auth::Role;
use crate::documents::load;
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::World;
use crate::{keys, orders, people, publish};
use jiff::Timestamp;
use redress_domain::id::TenantId;
use redress_domain::policy::Policies;

/// What people call it.
const NAME: &str = "bootstrap";

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Bootstrapped {
    /// This key, which is shown this once.
    Made {
        /// The key.
        made: Box<MadeKey>,
        /// Whether the shipped policies were published with it.
        published: bool,
    },
    /// There is a key of an admin's already, and nothing was changed.
    Already(Box<ApiKey>),
}

/// Makes `key` valid, an admin's, and publishes the shipped policies if the tenant has none of its
/// own; all of it or nothing. Where an admin's key is valid already, it does so only `again`.
///
/// Of two at the same time one makes its key: both take the tenant's turn. Whoever dies before the
/// answer has a key that nobody has seen: `again` makes another, and the first can be revoked.
///
/// # Errors
/// The store did not answer, or others write the same all the time.
pub async fn run(
    world: &World,
    tenant: &TenantId,
    key: &str,
    again: bool,
    now: Timestamp,
) -> Result<Bootstrapped, Fault> {
    for _ in 0..orders::TRIES {
        if let Some(done) = settled(once(world, tenant, key, again, now).await) {
            return done;
        }
    }
    Err(contended())
}

async fn once(world: &World, tenant: &TenantId, key: &str, again: bool, now: Timestamp) -> Result<Bootstrapped, Tried> {
    // Before what it guards is read.
    let turn = people::turn(world, tenant).await?;
    if let Some(admin) = api_keys::admin(world, tenant).await?.filter(|_| !again) {
        return Ok(Bootstrapped::Already(Box::new(admin)));
    }
    let wanted = Wanted { role: Role::Admin, agent: None, name: Some(NAME.to_owned()) };
    let (shown, admitted) = api_keys::admit(tenant, wanted, key, None, now);
    let mut writes = vec![turn];
    writes.extend(admitted);
    let policies = load::<Policies>(world.store.as_ref(), &keys::policy(tenant)).await?;
    let published = policies.is_none();
    if published {
        writes.push(publish::policies(tenant, &Policies::shipped(), 0)?);
    }
    world.store.commit(&writes).await?;
    Ok(Bootstrapped::Made { made: Box::new(MadeKey { shown, key: key.to_owned() }), published })
}
