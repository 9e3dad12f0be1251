//! Somebody must be told: what is to be told is kept, with its due mark, and handed over by whoever
//! takes it up. Outside of us it may come twice, under one id; it is never forgotten.

use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::inbox::Whose;
use crate::letters::{self, Composed};
use crate::orders::{HORIZON, TRIES};
use crate::ports::{PortError, World, Write};
use crate::{Moment, incidents, keys, suppressions, webhooks};
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Answer, Delivery, Outcome, Recipient};
use redress_domain::event::{Event, EventType};
use redress_domain::id::{DeliveryId, TenantId, WebhookId};
use redress_domain::incident;
use redress_domain::order::later;
use redress_domain::suppression::{SuppressedBecause, Suppression};

/// How long a message may take to arrive before the sweep sends another.
pub(crate) const GRACE: SignedDuration = SignedDuration::from_mins(1);

/// Keeps what is to be told, and says so to whoever tells it: again with the same changes nothing.
/// Dying in between leaves the due mark, and the sweep says so.
///
/// # Errors
/// The world did not answer.
pub(crate) async fn post(world: &World, tenant: &TenantId, delivery: &Delivery) -> Result<(), Fault> {
    match world.store.commit(&[keep(tenant, delivery, 0, delivery.created_at)]).await {
        Ok(()) => {}
        // It is there already, and may be further than this.
        Err(PortError::Conflict) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    announce(world, tenant, delivery, 1, delivery.created_at).await
}

/// The write that keeps a delivery. A message is on its way for what is due soon, so that the mark
/// leaves it some time.
pub(crate) fn keep(tenant: &TenantId, delivery: &Delivery, seen: u64, now: Timestamp) -> Write {
    let grace = |at: Timestamp| if is_soon(at, now) { later(at, GRACE) } else { at };
    let (id, at) = (&delivery.id, delivery.created_at);
    let sender = delivery.to.webhook().map(WebhookId::as_str);
    let incident = || delivery.data["incident"].as_str().filter(|_| delivery.template == incident::TEMPLATE);
    let place = match sender.or_else(incident) {
        Some(whose) => Some(keys::sent_place(tenant, whose, id, at)),
        None => Whose::of(&delivery.to).map(|whose| keys::inbox_place(tenant, whose.as_str(), id, at)),
    };
    let marks = Marks { due_at: delivery.next_at.map(grace), place, expires_at: delivery.expires_at() };
    put(keys::delivery(tenant, &delivery.id), seen, delivery, marks)
}

/// Whether a message can be held back until then.
fn is_soon(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) <= HORIZON
}

/// Sends the message that wakes whoever tells it, held back until it may be told.
pub(crate) async fn announce(
    world: &World,
    tenant: &TenantId,
    delivery: &Delivery,
    version: u64,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(next_at) = delivery.next_at.filter(|next_at| is_soon(*next_at, now)) else { return Ok(()) };
    let event = Event::new(tenant, EventType::DeliveryDue, delivery.id.as_str(), version, next_at);
    let delay = next_at.duration_since(now);
    if delay.is_positive() {
        return Ok(world.queue.send_later(&event, delay).await?);
    }
    Ok(world.queue.send(&event).await?)
}

pub(crate) async fn find(world: &World, tenant: &TenantId, id: &DeliveryId) -> Result<Stored<Delivery>, Fault> {
    load(world.store.as_ref(), &keys::delivery(tenant, id)).await?.ok_or(Fault::NotFound)
}

/// Spreads what webhooks, or those whom an incident concerns, are told of; or makes one try at telling
/// somebody.
///
/// # Errors
/// Not found if there is no such delivery; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    match event.kind {
        EventType::IncidentDeclared => incidents::spread(world, event, moment).await,
        EventType::WorkOrderRecorded => webhooks::spread(world, event).await,
        _ => attempt(world, event, moment).await,
    }
}

/// Makes one try, if it is time: takes the delivery up, so that nobody else does meanwhile, hands it
/// over, and writes down what came of it. Dying on the way leaves it to the sweep, a minute later.
async fn attempt(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let (tenant, id) = (&event.tenant, DeliveryId::parse(&event.subject).ok_or(Fault::NotFound)?);
    let Some(held) = take_up(world, tenant, &id, moment.now).await? else { return Ok(()) };
    let came = hand_over(world, tenant, &held.value, moment).await?;
    record(world, tenant, &held, &came, moment.now).await
}

/// What came of taking it up.
pub(crate) enum Came {
    /// It was tried.
    Answered(Answer),
    /// Not now, but then: this was no try.
    Later(Timestamp),
    /// It must not go out, and why.
    Suppressed(&'static str),
}

/// The delivery in our hands; `None` if there is nothing to do about it now.
async fn take_up(
    world: &World,
    tenant: &TenantId,
    id: &DeliveryId,
    now: Timestamp,
) -> Result<Option<Stored<Delivery>>, Fault> {
    for _ in 0..TRIES {
        let before = find(world, tenant, id).await?;
        if !before.value.is_due(now) {
            return Ok(None);
        }
        let held = Stored { value: before.value.taken_up(now), version: before.version + 1 };
        let kept = world.store.commit(&[keep(tenant, &held.value, before.version, now)]).await;
        if let Some(kept) = settled(kept.map_err(Tried::from)) {
            return kept.map(|()| Some(held));
        }
    }
    Err(contended())
}

/// One try at telling.
async fn hand_over(world: &World, tenant: &TenantId, delivery: &Delivery, moment: Moment) -> Result<Came, Fault> {
    match &delivery.to {
        Recipient::Webhook(webhook) => webhooks::send(world, tenant, (webhook, delivery), moment).await,
        Recipient::Agent(_)
        | Recipient::Supervisors
        | Recipient::Customer(_)
        | Recipient::Subscribers(_)
        | Recipient::Compensation => tell(world, tenant, delivery, moment).await,
    }
}

/// Tells a person: in the console, which shows what is kept here, and by letter if that is wished.
async fn tell(world: &World, tenant: &TenantId, delivery: &Delivery, moment: Moment) -> Result<Came, Fault> {
    Ok(match letters::compose(world, tenant, delivery, moment).await? {
        Composed::Letter(letter) => {
            let answer = world.outside.send(&letter).await?;
            if answer.outcome == Outcome::Gone {
                let bounced = SuppressedBecause::Bounced;
                let suppression = Suppression::of(&letter.identity, bounced, moment.now, delivery.id.as_str());
                suppressions::suppress(world, tenant, &suppression).await?;
            }
            Came::Answered(answer)
        }
        Composed::Shown => Came::Answered(Answer::taken()),
        Composed::Later(at) => Came::Later(at),
        Composed::Not(why) => Came::Suppressed(why),
    })
}

/// Writes down what came of a try. Whoever has written meanwhile is no reason to try again: the try
/// was made.
async fn record(
    world: &World,
    tenant: &TenantId,
    held: &Stored<Delivery>,
    came: &Came,
    at: Timestamp,
) -> Result<(), Fault> {
    let mut before = Some(held.clone());
    for _ in 0..TRIES {
        let read = match before.take() {
            Some(read) => read,
            None => find(world, tenant, &held.value.id).await?,
        };
        let after = match came {
            Came::Answered(answer) => read.value.after(at, answer),
            Came::Later(then) => read.value.postponed(*then),
            Came::Suppressed(why) => read.value.suppressed(why, at),
        };
        let kept = world.store.commit(&[keep(tenant, &after, read.version, at)]).await;
        if let Some(kept) = settled(kept.map_err(Tried::from)) {
            kept?;
            report(&after);
            return announce(world, tenant, &after, read.version + 1, at).await;
        }
    }
    Err(contended())
}

fn report(delivery: &Delivery) {
    let last = delivery.tries.last();
    tracing::info!(
        delivery.id = delivery.id.as_str(),
        delivery.template = delivery.template,
        delivery.state = delivery.state.as_str(),
        delivery.tried = delivery.tried,
        http.status = last.and_then(|last| last.status),
        took_ms = last.map(|last| last.took_ms),
        "tried"
    );
}
