//! What webhooks are to be told, noted in the commit that records it: whatever dies, it is told. What
//! each is told is derived from facts that never change, so that spreading it again spreads the same.

use crate::documents::{Marks, Stored, load, put};
use crate::fault::Fault;
use crate::ports::{PortError, World, Write};
use crate::{deliver, keys, notices, orders, publish};
use jiff::Timestamp;
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::Fact;
use redress_domain::id::{TenantId, WebhookId, WorkOrderId};
use redress_domain::order::{WorkOrder, later};
use redress_domain::policy::Terms;
use redress_domain::sla::Action;
use redress_domain::webhook::{self, ESCALATED};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Facts of one order that were recorded together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct News {
    work_order: WorkOrderId,
    /// The number of the first of them.
    first: u32,
    /// The number of the last of them.
    last: u32,
}

impl News {
    /// The facts of an order behind number `since`, if a webhook asks for any of them.
    pub(crate) fn of(order: &WorkOrder, since: u32, terms: &Terms) -> Option<Self> {
        if terms.policies.subscriptions.is_empty() {
            return None;
        }
        let new = usize::try_from(order.fact_count.saturating_sub(since)).unwrap_or(usize::MAX);
        let mut facts = order.facts.iter().skip(order.facts.len().saturating_sub(new));
        let asked = facts.any(|fact| told(order, fact, terms).next().is_some());
        asked.then(|| Self { work_order: order.id.clone(), first: since + 1, last: order.fact_count })
    }

    /// The fact that it is called by.
    fn name(&self) -> String {
        format!("{}/{}", self.work_order, self.first)
    }

    /// The write that keeps it until it is spread. A message is on its way, so that the mark leaves it
    /// some time.
    pub(crate) fn keep(&self, tenant: &TenantId, now: Timestamp) -> Write {
        let marks = Marks { due_at: Some(later(now, deliver::GRACE)), ..Marks::default() };
        put(keys::news(tenant, &self.name()), 0, self, marks)
    }

    /// Sends the message that spreads it. A hint: the sweep finds what was kept.
    pub(crate) async fn announce(&self, world: &World, tenant: &TenantId, now: Timestamp) {
        let event = Event::new(tenant, EventType::WorkOrderRecorded, &self.name(), 1, now);
        if let Err(error) = world.queue.send(&event).await {
            tracing::error!(work_order.id = self.work_order.as_str(), %error, "webhooks are told later");
        }
    }
}

/// What webhooks are told of a fact: which event, with what, and which of them ask for it.
fn told<'a>(
    order: &WorkOrder,
    fact: &'a Fact,
    terms: &'a Terms,
) -> impl Iterator<Item = (&'a WebhookId, &'static str, Value)> {
    // A level is told where the level says so.
    let wanted = |event| {
        let level = || notices::level_of(order, &fact.what, terms);
        event != ESCALATED || level().is_some_and(|level| level.actions.contains(&Action::Webhook))
    };
    let event = webhook::told(fact).filter(|(event, _)| wanted(*event));
    let subscriptions = terms.policies.subscriptions.iter();
    event.into_iter().flat_map(move |(event, data)| {
        let asks = subscriptions.clone().filter(move |(_, one)| one.wants(event, fact.recorded_at));
        asks.map(move |(webhook, _)| (webhook, event, data.clone()))
    })
}

/// Makes a delivery for each webhook and fact, and forgets that it was to be done.
///
/// # Errors
/// The world did not answer.
pub(crate) async fn spread(world: &World, event: &Event) -> Result<(), Fault> {
    let (tenant, key) = (&event.tenant, keys::news(&event.tenant, &event.subject));
    let Some(Stored { value: news, version }) = load::<News>(world.store.as_ref(), &key).await? else {
        return Ok(());
    };
    let order = keys::order(tenant, &news.work_order);
    let order = load::<WorkOrder>(world.store.as_ref(), &order).await?.ok_or(Fault::NotFound)?.value;
    let terms = publish::terms_for(world, tenant, [&order]).await?;
    let riding = order.fact_count - u32::try_from(order.facts.len()).unwrap_or(order.fact_count);
    let apart = if news.first > riding { Vec::new() } else { orders::facts(world, tenant, &order).await? };
    let facts = if apart.is_empty() { &order.facts } else { &apart };
    for fact in facts {
        let Some(number) = fact.number().filter(|number| (news.first..=news.last).contains(number)) else { continue };
        for (webhook, event, data) in told(&order, fact, &terms) {
            let reason = format!("{}/{webhook}", fact.id);
            let event = (event, with_origin(data, &order.id, number, fact));
            let delivery = Delivery::new(tenant, &reason, Recipient::Webhook(webhook.clone()), event, fact.recorded_at);
            deliver::post(world, tenant, &delivery.about(&order.id, Some(number))).await?;
        }
    }
    match world.store.commit(&[Write::Delete(key, version)]).await {
        // The sweep has looked at it meanwhile: it comes again, and spreads the same.
        Ok(()) | Err(PortError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The small facts, and where they come from. A customer is told by kind only: shops take telephone
/// numbers for references.
fn with_origin(mut data: Value, order: &WorkOrderId, sequence: u32, fact: &Fact) -> Value {
    let actor = match &fact.actor {
        Actor { kind: ActorKind::Customer, .. } => json!({ "kind": ActorKind::Customer }),
        actor => json!(actor),
    };
    data["work_order_id"] = json!(order);
    data["sequence"] = json!(sequence);
    data["actor"] = actor;
    data
}
