//! A feedback comes in: one conditional write is creation, idempotency record and due mark in one.

use crate::auth::Caller;
use crate::classify::{self, Classification};
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Conflict, Fault, Flaw};
use crate::ports::{PortError, Record, World};
use crate::view::FeedbackView;
use crate::{Moment, attachments, keys, said};
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::{Event, EventType};
use redress_domain::feedback::Feedback;
use redress_domain::id::{FeedbackId, TenantId, WorkOrderId, digest, encode};
use redress_domain::order::{WorkOrder, every};
use serde::{Deserialize, Serialize};

/// A feedback and how far it is: what its document holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reception {
    /// What was said.
    pub feedback: Feedback,
    /// When it came in.
    pub received_at: Timestamp,
    /// Of the whole request, to tell a repeat from another request under the same key.
    pub fingerprint: String,
    /// Of the try that wrote it, to tell our own write whose reply was lost from that of an equal
    /// request in the same millisecond.
    pub attempt: String,
    /// What it was understood to mean, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    /// The order that answers it, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_order: Option<WorkOrderId>,
}

impl Reception {
    /// Whether it is kept and nothing follows: a machine said it.
    #[must_use]
    pub fn is_put_aside(&self) -> bool {
        self.feedback.automatic.is_some() && self.classification.is_some()
    }

    /// The first of the words, with what names a person or a purchase masked.
    #[must_use]
    pub fn preview(&self) -> String {
        match &self.classification {
            Some(classification) if !classification.preview.is_empty() => classification.preview.clone(),
            _ => classify::preview_of(&self.feedback),
        }
    }
}

/// What stands where an idempotency key points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The feedback that was made under this key.
    Said(Box<Reception>),
    /// A second key for a message that its channel had already handed over.
    Alias { of: FeedbackId, fingerprint: String },
}

/// Which feedback a channel's message id stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Source {
    feedback: FeedbackId,
}

/// A request to take in a feedback; at least one of the two keys is there.
#[derive(Debug, Clone)]
pub struct Receive {
    /// What was said.
    pub feedback: Feedback,
    /// The caller's key for this request.
    pub idempotency_key: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Its id.
    pub id: FeedbackId,
    /// When it came in, the first time.
    pub received_at: Timestamp,
    /// Whether it had come in before.
    pub replayed: bool,
}

/// How soon a feedback that is not yet an order is looked at again.
const REPEAT: SignedDuration = SignedDuration::from_mins(1);

/// When a feedback must be looked at again: until its order is there, and then no more; of what a
/// machine said, until that is understood.
pub(crate) fn due_at(reception: &Reception, now: Timestamp) -> Option<Timestamp> {
    let is_done = reception.work_order.is_some() || reception.is_put_aside();
    (!is_done).then(|| every(reception.received_at, REPEAT, now))
}

/// Takes in a feedback.
///
/// # Errors
/// Conflict if the idempotency key or the channel's message id already stands for something else;
/// invalid if it goes on with a feedback that is not there.
pub async fn receive(world: &World, caller: &Caller, request: Receive, moment: Moment) -> Result<Received, Fault> {
    let tenant = &caller.tenant;
    let id = identify(tenant, &request);
    let fingerprint = fingerprint(&request.feedback);
    let reception = Reception {
        feedback: request.feedback,
        received_at: moment.now,
        fingerprint,
        attempt: encode(&moment.nonce),
        classification: None,
        work_order: None,
    };
    let flaws = flaws_of_references(world, tenant, &reception.feedback).await?;
    if !flaws.is_empty() {
        // What it named may have been there when this was first said.
        return match is_known(world, tenant, &id, &reception.feedback).await? {
            true => repeat(world, tenant, &id, &reception).await,
            false => Err(Fault::Invalid(flaws)),
        };
    }
    match create(world, tenant, &id, &reception).await {
        Ok(()) => {
            emit(world, tenant, &id, &reception, 1).await?;
            Ok(Received { id, received_at: reception.received_at, replayed: false })
        }
        Err(PortError::Conflict) => repeat(world, tenant, &id, &reception).await,
        Err(error) => Err(error.into()),
    }
}

/// Requests taken in side by side.
const SIDE_BY_SIDE: usize = 8;

/// Takes in several feedbacks, each by itself: what befalls one is nothing to the others. The answers
/// come in the order of the requests.
pub async fn each(
    world: &World,
    caller: &Caller,
    requests: Vec<Receive>,
    moment: Moment,
) -> Vec<Result<Received, Fault>> {
    let one = |(number, request): (usize, Receive)| receive(world, caller, request, moment.part(number));
    stream::iter(requests.into_iter().enumerate()).map(one).buffered(SIDE_BY_SIDE).collect().await
}

/// The id follows from the caller's key, or from the channel's, so that a retry finds the first try.
fn identify(tenant: &TenantId, request: &Receive) -> FeedbackId {
    match (&request.idempotency_key, &request.feedback.source_message_id) {
        (Some(key), _) => FeedbackId::derive(&[tenant.as_str(), "key", key]),
        (None, source) => {
            let source = source.as_deref().unwrap_or_default();
            FeedbackId::derive(&[tenant.as_str(), "source", request.feedback.channel.as_str(), source])
        }
    }
}

/// Equal for requests that say the same, whatever the order and spacing of their JSON.
fn fingerprint(feedback: &Feedback) -> String {
    digest(&[&serde_json::to_value(feedback).expect("a feedback has string keys").to_string()])
}

/// What is wrong with what a feedback names, if anything is.
async fn flaws_of_references(world: &World, tenant: &TenantId, feedback: &Feedback) -> Result<Vec<Flaw>, Fault> {
    let mut flaws = attachments::flaws(world, tenant, &feedback.attachments).await?;
    if let Some(thread) = &feedback.thread
        && find(world, tenant, thread).await?.is_none()
    {
        let detail = "there is no feedback with this id".to_owned();
        flaws.push(Flaw { pointer: "/thread".to_owned(), detail });
    }
    Ok(flaws)
}

/// Whether something stands under either key of a request.
async fn is_known(world: &World, tenant: &TenantId, id: &FeedbackId, feedback: &Feedback) -> Result<bool, Fault> {
    if world.store.get(&keys::feedback(tenant, id)).await?.is_some() {
        return Ok(true);
    }
    let Some(source) = &feedback.source_message_id else { return Ok(false) };
    let source = keys::source(tenant, feedback.channel.as_str(), source);
    Ok(world.store.get(&source).await?.is_some())
}

async fn create(world: &World, tenant: &TenantId, id: &FeedbackId, reception: &Reception) -> Result<(), PortError> {
    let marks = Marks { due_at: due_at(reception, reception.received_at), ..Marks::default() };
    let feedback = put(keys::feedback(tenant, id), 0, &Entry::Said(Box::new(reception.clone())), marks);
    let mut writes = vec![feedback, said::entry(tenant, id, reception)];
    if let Some(source) = &reception.feedback.source_message_id {
        let key = keys::source(tenant, reception.feedback.channel.as_str(), source);
        writes.push(put(key, 0, &Source { feedback: id.clone() }, Marks::default()));
    }
    world.store.commit(&writes).await
}

/// Something stands there already: the same request again, a second key for the same message, or
/// a mistake.
async fn repeat(world: &World, tenant: &TenantId, id: &FeedbackId, reception: &Reception) -> Result<Received, Fault> {
    match load::<Entry>(world.store.as_ref(), &keys::feedback(tenant, id)).await?.map(|entry| entry.value) {
        Some(Entry::Said(first)) if first.fingerprint == reception.fingerprint => replay(world, tenant, id).await,
        Some(Entry::Alias { of, fingerprint }) if fingerprint == reception.fingerprint => {
            replay(world, tenant, &of).await
        }
        Some(_) if id_is_the_sources(tenant, id, &reception.feedback) => Err(Fault::Conflict(Conflict::SourceReused)),
        Some(_) => Err(Fault::Conflict(Conflict::KeyReused)),
        None => same_source(world, tenant, id, reception).await,
    }
}

fn id_is_the_sources(tenant: &TenantId, id: &FeedbackId, feedback: &Feedback) -> bool {
    *id == identify(tenant, &Receive { feedback: feedback.clone(), idempotency_key: None })
}

/// The key is new, but the channel's message id is not.
async fn same_source(
    world: &World,
    tenant: &TenantId,
    id: &FeedbackId,
    reception: &Reception,
) -> Result<Received, Fault> {
    let channel = reception.feedback.channel.as_str();
    let source = reception.feedback.source_message_id.as_deref().unwrap_or_default();
    let known = load::<Source>(world.store.as_ref(), &keys::source(tenant, channel, source)).await?;
    let Some(first) = known.map(|source| source.value.feedback) else {
        return Err(PortError::Conflict.into());
    };
    let stored = find(world, tenant, &first).await?.ok_or(PortError::Conflict)?;
    if stored.value.fingerprint != reception.fingerprint {
        return Err(Fault::Conflict(Conflict::SourceReused));
    }
    // The second key is remembered, so that it can't stand for another request later.
    let alias = Entry::Alias { of: first.clone(), fingerprint: reception.fingerprint.clone() };
    world.store.commit(&[put(keys::feedback(tenant, id), 0, &alias, Marks::default())]).await?;
    replay(world, tenant, &first).await
}

/// The first try's answer, after finishing what it may have left undone.
async fn replay(world: &World, tenant: &TenantId, id: &FeedbackId) -> Result<Received, Fault> {
    let stored = find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
    if stored.value.classification.is_none() {
        emit(world, tenant, id, &stored.value, stored.version).await?;
    }
    Ok(Received { id: id.clone(), received_at: stored.value.received_at, replayed: true })
}

/// Tells whose turn it is: it wants to be understood, or it wants an order.
pub(crate) async fn emit(
    world: &World,
    tenant: &TenantId,
    id: &FeedbackId,
    reception: &Reception,
    version: u64,
) -> Result<(), Fault> {
    let kind = match reception.classification {
        None => EventType::FeedbackReceived,
        Some(_) => EventType::FeedbackClassified,
    };
    let event = Event::new(tenant, kind, id.as_str(), version, reception.received_at);
    Ok(world.queue.send(&event).await?)
}

/// What was said, as a document holds it; `None` for another key of the same.
pub(crate) fn said(record: &Record) -> Result<Option<Reception>, Fault> {
    match read::<Entry>(record)?.value {
        Entry::Said(reception) => Ok(Some(*reception)),
        Entry::Alias { .. } => Ok(None),
    }
}

/// The feedback of that id.
///
/// # Errors
/// The store did not answer.
pub async fn find(world: &World, tenant: &TenantId, id: &FeedbackId) -> Result<Option<Stored<Reception>>, Fault> {
    let stored = load::<Entry>(world.store.as_ref(), &keys::feedback(tenant, id)).await?;
    Ok(stored.and_then(|entry| match entry.value {
        Entry::Said(reception) => Some(Stored { value: *reception, version: entry.version }),
        Entry::Alias { .. } => None,
    }))
}

/// The write that keeps a feedback's progress.
pub(crate) fn keep(
    tenant: &TenantId,
    id: &FeedbackId,
    reception: Reception,
    seen: u64,
    now: Timestamp,
) -> crate::ports::Write {
    let marks = Marks { due_at: due_at(&reception, now), ..Marks::default() };
    put(keys::feedback(tenant, id), seen, &Entry::Said(Box::new(reception)), marks)
}

/// A feedback and, if there is one, the order that answers it.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn follow(
    world: &World,
    tenant: &TenantId,
    id: &FeedbackId,
) -> Result<(Reception, Option<WorkOrder>), Fault> {
    let reception = find(world, tenant, id).await?.ok_or(Fault::NotFound)?.value;
    let order = match &reception.work_order {
        Some(order) => crate::orders::follow(world, tenant, order).await?,
        None => None,
    };
    Ok((reception, order.map(|order| order.value)))
}

/// A feedback as the API shows it: readable at once after it was accepted.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(world: &World, tenant: &TenantId, id: &FeedbackId) -> Result<FeedbackView, Fault> {
    let (reception, order) = follow(world, tenant, id).await?;
    Ok(FeedbackView::of(id, &reception, order.as_ref()))
}
