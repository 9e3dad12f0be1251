//! What a webhook was told, and what came of it.

use super::find;
use crate::auth::Caller;
use crate::deliver;
use crate::desk::body;
use crate::documents::{Stored, read};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::lists::{self, Page};
use crate::ports::{Record, World};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys, orders};
use jiff::Timestamp;
use redress_domain::delivery::{Delivery, DeliveryState, Recipient, Try};
use redress_domain::id::{DeliveryId, TenantId, WebhookId, WorkOrderId, encode};
use redress_domain::webhook::{TEST, WebhookState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// One event for one webhook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
pub struct DeliveryView {
    /// Its id: `webhook-id`, the same for all tries.
    pub id: DeliveryId,
    /// The type of the event.
    pub event: String,
    /// The order it is about; `null` for a test.
    pub work_order_id: Option<WorkOrderId>,
    /// The number of the fact behind it, among those of its order.
    pub sequence: Option<u32>,
    /// How far it is.
    pub state: DeliveryState,
    /// Why it failed or was suppressed, in one word.
    pub why: Option<String>,
    /// When the reason for it came about.
    pub created_at: Timestamp,
    /// When it is tried next; `null` once it has ended.
    pub next_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The newest tries, oldest first.
    pub tries: Vec<Try>,
}

impl DeliveryView {
    /// A delivery as it is kept, if it is at `state`.
    pub(crate) fn of(record: &Record, state: Option<DeliveryState>) -> Result<Option<Self>, Fault> {
        let delivery = read::<Delivery>(record)?.value;
        Ok(state.is_none_or(|state| delivery.state == state).then(|| delivery.into()))
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.template,
            work_order_id: delivery.work_order,
            sequence: delivery.sequence,
            state: delivery.state,
            why: delivery.why,
            created_at: delivery.created_at,
            next_at: delivery.next_at,
            ended_at: delivery.ended_at,
            tries: delivery.tries,
        }
    }
}

/// What a webhook is told, newest first; only what is at `state`, if one is given. Kept for 30 days
/// after it has ended.
///
/// # Errors
/// Not found; the store did not answer.
pub async fn list(
    world: &World,
    caller: &Caller,
    id: &WebhookId,
    state: Option<DeliveryState>,
    after: Option<String>,
    limit: usize,
) -> Result<Page<DeliveryView>, Fault> {
    find(world, &caller.tenant, id).await?;
    let lists = (0..keys::LIST_SHARDS).map(|shard| keys::sent_list(&caller.tenant, id.as_str(), shard)).collect();
    lists::merge(world, lists, after, limit, |record| DeliveryView::of(record, state)).await
}

/// One delivery of a webhook.
///
/// # Errors
/// Not found, also for another webhook's.
pub async fn show(
    world: &World,
    caller: &Caller,
    (id, delivery): (&WebhookId, &DeliveryId),
) -> Result<DeliveryView, Fault> {
    find(world, &caller.tenant, id).await?;
    Ok(of(world, &caller.tenant, id, delivery).await?.value.into())
}

async fn of(
    world: &World,
    tenant: &TenantId,
    id: &WebhookId,
    delivery: &DeliveryId,
) -> Result<Stored<Delivery>, Fault> {
    let stored = deliver::find(world, tenant, delivery).await?;
    if stored.value.to.webhook() == Some(id) { Ok(stored) } else { Err(Fault::NotFound) }
}

/// Sends an event that stands for nothing, so that its owner sees whether anything arrives. One that
/// is disabled is tested, too: to find out whether it can be enabled.
///
/// # Errors
/// Not found; the store did not answer.
pub async fn test(
    world: &World,
    caller: &Caller,
    id: &WebhookId,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        find(world, tenant, id).await?;
        let reason = format!("{id}/{}", encode(&moment.nonce));
        let event = (TEST, json!({ "webhook": id }));
        let delivery = Delivery::new(tenant, &reason, Recipient::Webhook(id.clone()), event, moment.now);
        if let Some(answer) = settled(queue(world, tenant, (&delivery, 0), (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

/// Tells something once more, under the same id, whatever came of it: its tries begin anew.
///
/// # Errors
/// Not found; conflict while the webhook is disabled; the store did not answer.
pub async fn replay(
    world: &World,
    caller: &Caller,
    (id, delivery): (&WebhookId, &DeliveryId),
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let disabled = find(world, tenant, id).await?.value.state == WebhookState::Disabled;
        let Stored { value: before, version } = of(world, tenant, id, delivery).await?;
        if disabled && before.template != TEST {
            return Err(Fault::Conflict(Conflict::WebhookDisabled));
        }
        let after = before.replayed(moment.now);
        if let Some(answer) = settled(queue(world, tenant, (&after, version), (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

/// Keeps a delivery that is due now and was read at version `seen`, and wakes whoever sends it.
async fn queue(
    world: &World,
    tenant: &TenantId,
    (delivery, seen): (&Delivery, u64),
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let shown = body(&DeliveryView::from(delivery.clone()));
    let reply = Reply { body: shown, version: seen + 1, replayed: false };
    let mut writes = vec![deliver::keep(tenant, delivery, seen, moment.now)];
    writes.extend(keyed.keep(tenant, slot, &reply, moment.now));
    world.store.commit(&writes).await?;
    deliver::announce(world, tenant, delivery, seen + 1, moment.now).await?;
    Ok(reply)
}
