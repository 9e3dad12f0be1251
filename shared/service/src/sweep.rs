//! Once a minute: whatever is due is looked at, shard by shard. Reads grow with what is due, not
//! with what is open.
//!
//! The trigger is the due mark, and it is released last: first the world is told, then the write
//! that records it moves the mark. Dying in between tells the same again, with the same ids.

use crate::documents::{Stored, load, read};
use crate::fault::{Fault, Tried, contended, settled};
use crate::orders::{self, Change};
use crate::ports::{DueMark, PortError, Record, World, Write};
use crate::roster::Roster;
use crate::{Moment, keys, notices, publish, receive};
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use redress_domain::actor::Actor;
use redress_domain::event::{Event, EventType};
use redress_domain::id::{FeedbackId, SurveyId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Status, WorkOrder, later};
use redress_domain::survey::Survey;

/// Marks read at a time from one shard.
const PAGE: usize = 100;

/// Shards looked at side by side.
const SIDE_BY_SIDE: usize = 8;

/// How soon something is looked at again that another function was asked to do.
const REPEAT: SignedDuration = SignedDuration::from_mins(1);

/// What one sweep saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Marks that were due.
    pub due: usize,
    /// Of these, how many could not be dealt with and stay due.
    pub failed: usize,
    /// Age of the oldest due mark, in seconds.
    pub oldest_due_seconds: i64,
}

/// Looks at everything that is due.
///
/// # Errors
/// A shard could not be read. An item that can't be dealt with is logged and stays due.
pub async fn run(world: &World, moment: Moment) -> Result<SweepReport, Fault> {
    let shards = stream::iter(0..keys::DUE_SHARDS).map(|shard| sweep_shard(world, shard, moment));
    let reports: Vec<_> = shards.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut sum = SweepReport::default();
    for report in reports {
        let report = report?;
        sum.due += report.due;
        sum.failed += report.failed;
        sum.oldest_due_seconds = sum.oldest_due_seconds.max(report.oldest_due_seconds);
    }
    Ok(sum)
}

async fn sweep_shard(world: &World, shard: u16, moment: Moment) -> Result<SweepReport, Fault> {
    let mut report = SweepReport::default();
    loop {
        let marks = world.store.due(shard, moment.now, PAGE).await?;
        let before = report.failed;
        for mark in &marks {
            let age = moment.now.duration_since(mark.at).as_secs();
            report.oldest_due_seconds = report.oldest_due_seconds.max(age);
            report.due += 1;
            if let Err(fault) = look(world, mark, moment).await {
                report.failed += 1;
                tracing::error!(due.partition = mark.key.partition, error = %fault, "still due");
            }
        }
        // A full page without a failure has moved all its marks: there may be more behind it.
        if marks.len() < PAGE || report.failed > before {
            return Ok(report);
        }
    }
}

/// Looks at one item; what is no longer due is left alone.
async fn look(world: &World, mark: &DueMark, moment: Moment) -> Result<(), Fault> {
    let Some(record) = world.store.get(&mark.key).await? else { return Ok(()) };
    if record.due_at.is_none_or(|due_at| due_at > moment.now) {
        return Ok(());
    }
    let mut parts = record.key.partition.split('#');
    let (tenant, kind, id) = (parts.next(), parts.next(), parts.next());
    let tenant = tenant.and_then(TenantId::parse).ok_or(Fault::NotFound)?;
    let id = id.unwrap_or_default();
    match kind {
        Some("feedback") => feedback(world, &tenant, &record, id, moment).await,
        Some("order") => order(world, &tenant, id, moment).await,
        Some("survey") => survey(world, &tenant, &record, id, moment).await,
        _ => Err(Fault::NotFound),
    }
}

/// Moves a mark, unless somebody wrote meanwhile: then that write has moved it.
async fn postpone(world: &World, record: &Record, due_at: Timestamp) -> Result<(), Fault> {
    let moved = Record { version: record.version + 1, due_at: Some(due_at), ..record.clone() };
    match world.store.commit(&[Write::Put(moved)]).await {
        Ok(()) | Err(PortError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A feedback whose event was lost, or whose function is behind.
async fn feedback(world: &World, tenant: &TenantId, record: &Record, id: &str, moment: Moment) -> Result<(), Fault> {
    let id = FeedbackId::parse(id).ok_or(Fault::NotFound)?;
    let Some(Stored { value, version }) = receive::find(world, tenant, &id).await? else { return Ok(()) };
    receive::emit(world, tenant, &id, &value, version).await?;
    tracing::info!(feedback.id = id.as_str(), "told again");
    postpone(world, record, later(moment.now, REPEAT)).await
}

/// A survey to ask, to give up, or whose answer is not yet acted on.
async fn survey(world: &World, tenant: &TenantId, record: &Record, id: &str, moment: Moment) -> Result<(), Fault> {
    let id = SurveyId::parse(id).ok_or(Fault::NotFound)?;
    let survey = read::<Survey>(record)?;
    let kind = match survey.value.unread() {
        Some(_) => EventType::SurveyAnswered,
        None => EventType::SurveyDue,
    };
    let event = Event::new(tenant, kind, id.as_str(), record.version, moment.now);
    world.queue.send(&event).await?;
    postpone(world, record, later(moment.now, REPEAT)).await
}

/// An order whose clock has something to say, that waits for an agent, or that can close.
async fn order(world: &World, tenant: &TenantId, id: &str, moment: Moment) -> Result<(), Fault> {
    let id = WorkOrderId::parse(id).ok_or(Fault::NotFound)?;
    for _ in 0..orders::TRIES {
        if let Some(answer) = settled(catch_up(world, tenant, &id, moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn catch_up(world: &World, tenant: &TenantId, id: &WorkOrderId, moment: Moment) -> Result<(), Tried> {
    let key = keys::order(tenant, id);
    let Some(before) = load::<WorkOrder>(world.store.as_ref(), &key).await? else { return Ok(()) };
    let terms = publish::terms(world, tenant).await?;
    let us = Actor::system("escalation");
    let by = Entry { actor: &us, cause: None, now: moment.now, terms: &terms };
    let (mut after, since) = (before.value.clone(), before.value.fact_count);
    after.catch_up(by)?;
    if after.fact_count > since {
        let roster = Roster::read(world, tenant).await?;
        notices::tell(world, tenant, &after, since, Some(&roster)).await?;
    }
    prompt(world, tenant, &after, before.version, moment).await?;
    let change = Change { before: Some(&before), after, claim: None, with: Vec::new() };
    let stored = orders::commit(world, tenant, change, &terms, moment.now).await?;
    report(&stored.value, since);
    Ok(())
}

/// Tells whose turn it is, should they not have heard.
pub(crate) async fn prompt(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    version: u64,
    moment: Moment,
) -> Result<(), Fault> {
    let kind = if order.is_waiting() {
        EventType::WorkOrderWaiting
    } else if order.status == Status::Resolved && order.surveyed_cycle < order.cycle {
        EventType::WorkOrderResolved
    } else {
        return Ok(());
    };
    let event = Event::new(tenant, kind, order.id.as_str(), version, moment.now);
    Ok(world.queue.send(&event).await?)
}

fn report(order: &WorkOrder, since: u32) {
    for fact in order.facts.iter().rev().take(usize::try_from(order.fact_count - since).unwrap_or(0)) {
        tracing::info!(work_order.id = order.id.as_str(), fact.kind = fact.what.word(), fact.id, "recorded");
    }
}
