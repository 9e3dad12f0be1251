//! Whether something rests on a calendar or a policy.

use crate::documents::read;
use crate::fault::Fault;
use crate::ports::World;
use crate::{keys, lists};
use redress_domain::id::TenantId;
use redress_domain::order::WorkOrder;
use redress_domain::policy::Policies;
use redress_domain::routing::{Agent, Team};

/// Documents looked at to find out whether a policy is in use.
const LOOKED_AT: usize = 10_000;

/// Who rests on a calendar that shall go.
pub(crate) async fn of_calendar(
    world: &World,
    tenant: &TenantId,
    id: &str,
    policies: &Policies,
) -> Result<Option<String>, Fault> {
    if policies.calendar == id {
        return Ok(Some("it is the tenant's own calendar".to_owned()));
    }
    let policy = policies.sla.iter().find(|policy| policy.calendars().any(|(_, named)| named == id));
    if let Some(policy) = policy {
        return Ok(Some(format!("the SLA policy {} counts on it", policy.id)));
    }
    for record in world.store.list(&keys::roster(tenant), "", None, usize::MAX).await? {
        let user = if record.key.sort.starts_with(keys::TEAMS) {
            Some(read::<Team>(&record)?.value)
                .filter(|team| team.calendar.as_deref() == Some(id))
                .map(|team| team.id.to_string())
        } else {
            Some(read::<Agent>(&record)?.value)
                .filter(|agent| agent.shift.as_deref() == Some(id))
                .map(|agent| agent.id.to_string())
        };
        if let Some(user) = user {
            return Ok(Some(format!("{user} works by it")));
        }
    }
    order_using(world, tenant, |order| order.calendar.as_deref() == Some(id)).await
}

/// Who rests on an SLA policy that shall go.
pub(crate) async fn of_policy(
    world: &World,
    tenant: &TenantId,
    id: &str,
    policies: &Policies,
) -> Result<Option<String>, Fault> {
    if let Some((promise, _)) = policies.promises.resting_on(id, None) {
        return Ok(Some(format!("the public promise {} rests on it", promise.id)));
    }
    order_using(world, tenant, |order| order.clocks.agreement.as_ref().is_some_and(|agreed| agreed.policy.id == id))
        .await
}

/// An open order that uses something. A manager asks this rarely, so every open order is looked at;
/// of more than can be looked at one is taken to use it.
pub(crate) async fn order_using(
    world: &World,
    tenant: &TenantId,
    uses: impl Fn(&WorkOrder) -> bool,
) -> Result<Option<String>, Fault> {
    let mut left = LOOKED_AT;
    for list in lists::active_lists(world, tenant).await? {
        let records = world.store.worklist(&list, None, left).await?;
        for record in &records {
            let order = read::<WorkOrder>(record)?.value;
            if uses(&order) {
                return Ok(Some(format!("the open work order {} rests on it", order.id)));
            }
        }
        left -= records.len();
        if left == 0 {
            return Ok(Some(format!("more than {LOOKED_AT} work orders are open, and any of them may rest on it")));
        }
    }
    Ok(None)
}
