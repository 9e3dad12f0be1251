//! Somebody must be told: what is to be told is kept, with its due mark, and handed over by whoever
//! takes it up. Outside of us it may come twice, under one id; it is never forgotten.

use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::inbox::Whose;
use crate::letters::{self, Composed, Letter};
use crate::orders::{HORIZON, TRIES};
use crate::ports::{KEYS_A_READ, Key, PortError, World, Write};
use crate::{Moment, incidents, keys, suppressions, webhooks};
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Answer, Delivery, Outcome, Recipient};
use redress_domain::event::{Event, EventType};
use redress_domain::id::{DeliveryId, TenantId, WebhookId};
use redress_domain::incident;
use redress_domain::order::later;
use redress_domain::suppression::{SuppressedBecause, Suppression};
use std::collections::BTreeSet;

/// How long a message may take to arrive before the sweep sends another.
pub(crate) const GRACE: SignedDuration = SignedDuration::from_mins(1);

/// Keeps what is to be told, and says so to whoever tells it: again with the same changes nothing.
/// Dying in between leaves the due mark, and the sweep says so. What goes nowhere outside is told by
/// being kept.
///
/// # Errors
/// The world did not answer.
pub(crate) async fn post(world: &World, tenant: &TenantId, delivery: &Delivery) -> Result<(), Fault> {
    let at = delivery.created_at;
    let foreseen = if delivery.is_due(at) { letters::foreseen(world, tenant, delivery).await? } else { None };
    let kept = foreseen.as_ref().map_or_else(|| delivery.clone(), |came| came.of(delivery, at));
    match world.store.commit(&[keep(tenant, &kept, 0, at)]).await {
        Ok(()) => {
            if foreseen.is_some() {
                report(&kept);
            }
            announce(world, tenant, &kept, 1, at).await
        }
        // It is there already, and may be further than this.
        Err(PortError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Those that are not there yet: who tells again goes on where an earlier try died, and does not begin
/// with what is told long since.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn missing(
    world: &World,
    tenant: &TenantId,
    mut deliveries: Vec<Delivery>,
) -> Result<Vec<Delivery>, Fault> {
    let mut there = BTreeSet::new();
    let keys: Vec<Key> = deliveries.iter().map(|delivery| keys::delivery(tenant, &delivery.id)).collect();
    for some in keys.chunks(KEYS_A_READ) {
        there.extend(world.store.get_many(some).await?.into_iter().map(|record| record.key));
    }
    deliveries.retain(|delivery| !there.contains(&keys::delivery(tenant, &delivery.id)));
    Ok(deliveries)
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
/// over, and writes down what came of it. Dying on the way leaves it to the sweep, a minute later. What
/// goes nowhere is not taken up first: to write that down is all there is to do.
async fn attempt(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let (tenant, id) = (&event.tenant, DeliveryId::parse(&event.subject).ok_or(Fault::NotFound)?);
    let before = find(world, tenant, &id).await?;
    if !before.value.is_due(moment.now) {
        return Ok(());
    }
    let (held, came) = match &before.value.to {
        Recipient::Webhook(webhook) => {
            let Some(held) = take_up(world, tenant, &before, moment.now).await? else { return Ok(()) };
            let came = webhooks::send(world, tenant, (webhook, &held.value), moment).await?;
            (held, came)
        }
        Recipient::Agent(_)
        | Recipient::Supervisors
        | Recipient::Customer(_)
        | Recipient::Subscribers(_)
        | Recipient::Compensation => match letters::compose(world, tenant, &before.value, moment).await? {
            Composed::Letter(letter) => {
                let Some(held) = take_up(world, tenant, &before, moment.now).await? else { return Ok(()) };
                let came = send(world, tenant, &held.value, &letter, moment).await?;
                (held, came)
            }
            Composed::Without(came) => return note(world, tenant, &before, &came, moment.now).await,
        },
    };
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

impl Came {
    /// It stands in the console, which shows what is kept here.
    pub(crate) fn shown() -> Self {
        Self::Answered(Answer::taken())
    }

    /// The delivery after it.
    fn of(&self, delivery: &Delivery, at: Timestamp) -> Delivery {
        match self {
            Self::Answered(answer) => delivery.after(at, answer),
            Self::Later(then) => delivery.postponed(*then),
            Self::Suppressed(why) => delivery.suppressed(why, at),
        }
    }
}

/// The delivery in our hands; `None` if somebody else has taken it up.
async fn take_up(
    world: &World,
    tenant: &TenantId,
    before: &Stored<Delivery>,
    now: Timestamp,
) -> Result<Option<Stored<Delivery>>, Fault> {
    let held = Stored { value: before.value.taken_up(now), version: before.version + 1 };
    match world.store.commit(&[keep(tenant, &held.value, before.version, now)]).await {
        Ok(()) => Ok(Some(held)),
        Err(PortError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Hands a letter over, unless that looks like a loop.
async fn send(
    world: &World,
    tenant: &TenantId,
    delivery: &Delivery,
    letter: &Letter,
    moment: Moment,
) -> Result<Came, Fault> {
    if let Some(instead) = letters::loops(world, tenant, delivery, letter, moment.now).await? {
        return Ok(instead);
    }
    let answer = world.outside.send(letter).await?;
    if answer.outcome == Outcome::Gone {
        let bounced = SuppressedBecause::Bounced;
        let suppression = Suppression::of(&letter.identity, bounced, moment.now, delivery.id.as_str());
        suppressions::suppress(world, tenant, &suppression).await?;
    }
    Ok(Came::Answered(answer))
}

/// Writes down what comes of a delivery that goes nowhere; if somebody has written meanwhile, that is
/// theirs to do.
async fn note(
    world: &World,
    tenant: &TenantId,
    before: &Stored<Delivery>,
    came: &Came,
    now: Timestamp,
) -> Result<(), Fault> {
    let after = came.of(&before.value, now);
    match world.store.commit(&[keep(tenant, &after, before.version, now)]).await {
        Ok(()) => {
            report(&after);
            announce(world, tenant, &after, before.version + 1, now).await
        }
        Err(PortError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
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
        let after = came.of(&read.value, at);
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
