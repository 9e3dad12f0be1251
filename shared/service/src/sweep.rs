//! Once a minute: whatever is due is looked at, shard by shard. Reads grow with what is due, not
//! with what is open. In between, timers look at single orders to the second: a delayed event for
//! each order whose mark lies within the next quarter of an hour.
//!
//! The trigger is the due mark, and it is released last: first the world is told, then the write
//! that records it moves the mark. Dying in between tells the same again, with the same ids. A
//! timer is a hint: it looks at what is stored, and the sweep looks there too.

use crate::documents::{Stored, load, read};
use crate::fault::{Fault, Tried, contended, settled};
use crate::orders::{self, Change, HORIZON};
use crate::place::Scene;
use crate::ports::{DueMark, PortError, Record, World, Write};
use crate::roster::{Roster, Wanted};
use crate::{Moment, keys, notices, place, publish, receive};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use redress_domain::actor::Actor;
use redress_domain::event::{Event, EventType};
use redress_domain::fact::{Fact, Outcome, What};
use redress_domain::id::{FeedbackId, SurveyId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Status, WorkOrder, later};
use redress_domain::policy::Terms;
use redress_domain::sla::{Action, Level};
use redress_domain::survey::Survey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Marks read at a time from one shard.
const PAGE: usize = 100;

/// Shards looked at side by side.
const SIDE_BY_SIDE: usize = 8;

/// How soon something is looked at again that another function was asked to do.
const REPEAT: SignedDuration = SignedDuration::from_mins(1);

/// Until when timers are set, as far as this process knows. One that does not know sets them all
/// again, which does no harm.
#[derive(Debug, Default)]
pub struct Horizon(Mutex<Option<Timestamp>>);

impl Horizon {
    fn known(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self, until: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

/// What one sweep saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Marks that were due.
    pub due: usize,
    /// Of these, how many could not be dealt with and stay due.
    pub failed: usize,
    /// Timers that were set for marks to come.
    pub timers: usize,
    /// Age of the oldest due mark, in seconds.
    pub oldest_due_seconds: i64,
    /// Of the orders that wait for an agent and whose mark was due, how long the oldest has waited, in
    /// seconds; 0 if none was. Each is seen every [`redress_domain::order::RETRY_WAITING`] only.
    pub oldest_waiting_seconds: i64,
}

/// Looks at everything that is due, and sets timers for what soon will be.
///
/// # Errors
/// A shard could not be read. An item that can't be dealt with is logged and stays due.
pub async fn run(world: &World, horizon: &Horizon, moment: Moment) -> Result<SweepReport, Fault> {
    let sweep = Sweep { world, moment, tenants: Mutex::default() };
    let shards = stream::iter(0..keys::DUE_SHARDS).map(|shard| sweep.shard(shard));
    let reports: Vec<_> = shards.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut sum = SweepReport::default();
    for report in reports {
        let report = report?;
        sum.due += report.due;
        sum.failed += report.failed;
        sum.oldest_due_seconds = sum.oldest_due_seconds.max(report.oldest_due_seconds);
        sum.oldest_waiting_seconds = sum.oldest_waiting_seconds.max(report.oldest_waiting_seconds);
    }
    // Timers are hints: without them the next sweep looks at the same orders, and sets them again.
    sum.timers = sweep.look_ahead(horizon).await.unwrap_or_else(|fault| {
        tracing::error!(error = %fault, "timers not set");
        0
    });
    Ok(sum)
}

/// A delayed event says that an order's clock wants to be looked at. One that comes early, late,
/// again, or for a version that has passed finds what is stored and does what is due, or nothing.
/// Answers with how long the order waits for an agent, in seconds: the mark that the timer moves is
/// one that no sweep sees.
///
/// # Errors
/// Not found if the event's subject is no order's id; unavailable if the world did not answer.
pub async fn timer(world: &World, event: &Event, moment: Moment) -> Result<i64, Fault> {
    let id = WorkOrderId::parse(&event.subject).ok_or(Fault::NotFound)?;
    let stored = orders::find(world, &event.tenant, &id).await?.ok_or(Fault::NotFound)?;
    let (version, terms) = publish::in_force(world, &event.tenant).await?;
    let terms = publish::complete(world, &event.tenant, (version, terms), [&stored.value]).await?;
    if stored.value.timer_at(&terms).is_none_or(|due_at| due_at > moment.now) {
        return Ok(0);
    }
    let waits = waits_seconds(&stored.value, moment.now);
    let sweep = Sweep { world, moment, tenants: Mutex::default() };
    sweep.order(&event.tenant, stored).await?;
    Ok(waits)
}

/// How long an order waits for an agent; 0 if it does not.
fn waits_seconds(order: &WorkOrder, now: Timestamp) -> i64 {
    order.unserved_since(now).map_or(0, |since| now.duration_since(since).as_secs())
}

/// What one sweep has learned of a tenant.
#[derive(Clone)]
struct Known {
    version: u64,
    terms: Arc<Terms>,
    people: Arc<Roster>,
}

/// One sweep, and what it has learned on its way.
struct Sweep<'a> {
    world: &'a World,
    moment: Moment,
    tenants: Mutex<BTreeMap<TenantId, Known>>,
}

impl Sweep<'_> {
    /// A tenant's policies and people, read once a sweep.
    async fn known(&self, tenant: &TenantId) -> Result<Known, Fault> {
        let known = self.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (version, terms) = publish::in_force(self.world, tenant).await?;
        let people = Arc::new(Roster::read(self.world, tenant).await?);
        let known = Known { version, terms, people };
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), known.clone());
        Ok(known)
    }

    async fn shard(&self, shard: u16) -> Result<SweepReport, Fault> {
        let (mut report, now) = (SweepReport::default(), self.moment.now);
        loop {
            let marks = self.world.store.due(shard, None, now, PAGE).await?;
            let before = report.failed;
            for mark in &marks {
                let age = now.duration_since(mark.at);
                report.oldest_due_seconds = report.oldest_due_seconds.max(age.as_secs());
                report.due += 1;
                // Whoever is asked moves the mark; only if there may be more behind this page, or nobody
                // was heard of since the last sweep, the sweep does.
                let moves = marks.len() == PAGE || age >= REPEAT;
                // Most shards have nothing due: they do not carry the room that looking at something takes.
                if let Err(fault) = Box::pin(self.look(mark, moves, &mut report)).await {
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

    /// Sets a timer for each order whose mark comes due within the horizon and has none yet, as far
    /// as this process knows. Marks that were set later than the last look, for sooner than this,
    /// got their timers from whoever set them ([`orders::commit`]).
    async fn look_ahead(&self, horizon: &Horizon) -> Result<usize, Fault> {
        let until = later(self.moment.now, HORIZON);
        let after = horizon.known().unwrap_or(self.moment.now).max(self.moment.now);
        let shards = stream::iter(0..keys::DUE_SHARDS).map(|shard| self.set_timers(shard, after, until));
        let set: Vec<usize> = shards.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        horizon.reached(until);
        Ok(set.into_iter().sum())
    }

    async fn set_timers(&self, shard: u16, after: Timestamp, until: Timestamp) -> Result<usize, Fault> {
        let marks = self.world.store.due(shard, Some(after), until, usize::MAX).await?;
        let mut set = 0;
        for mark in marks {
            if let Some(("order", tenant, id)) = subject(&mark) {
                let event = Event::new(&tenant, EventType::WorkOrderDue, id, 0, mark.at);
                self.world.queue.send_later(&event, mark.at.duration_since(self.moment.now)).await?;
                set += 1;
            }
        }
        Ok(set)
    }

    /// Looks at one item; what is no longer due is left alone. `moves`: whether the mark of what another
    /// function deals with is moved, too.
    async fn look(&self, mark: &DueMark, moves: bool, report: &mut SweepReport) -> Result<(), Fault> {
        let Some(record) = self.world.store.get(&mark.key).await? else { return Ok(()) };
        if record.due_at.is_none_or(|due_at| due_at > self.moment.now) {
            return Ok(());
        }
        match subject(mark).ok_or(Fault::NotFound)? {
            ("feedback", tenant, id) => self.feedback(&tenant, &record, id).await?,
            ("order", tenant, _) => {
                let order = read::<WorkOrder>(&record)?;
                let waits = waits_seconds(&order.value, self.moment.now);
                report.oldest_waiting_seconds = report.oldest_waiting_seconds.max(waits);
                return self.order(&tenant, order).await;
            }
            ("survey", tenant, id) => self.survey(&tenant, &record, id).await?,
            ("attachment", tenant, id) => self.ask(&tenant, &record, EventType::AttachmentDue, id).await?,
            ("incident", tenant, id) => self.ask(&tenant, &record, EventType::IncidentDeclared, id).await?,
            ("news", tenant, fact) => self.ask(&tenant, &record, EventType::WorkOrderRecorded, fact).await?,
            ("delivery", tenant, id) => self.ask(&tenant, &record, EventType::DeliveryDue, id).await?,
            _ => return Err(Fault::NotFound),
        }
        if moves { self.postpone(&record).await } else { Ok(()) }
    }

    /// Moves a mark, unless somebody wrote meanwhile: then that write has moved it.
    async fn postpone(&self, record: &Record) -> Result<(), Fault> {
        let due_at = Some(later(self.moment.now, REPEAT));
        let moved = Record { version: record.version + 1, due_at, ..record.clone() };
        match self.world.store.commit(&[Write::Put(moved)]).await {
            Ok(()) | Err(PortError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A feedback whose event was lost, or whose function is behind.
    async fn feedback(&self, tenant: &TenantId, record: &Record, id: &str) -> Result<(), Fault> {
        let id = FeedbackId::parse(id).ok_or(Fault::NotFound)?;
        let Some(reception) = receive::said(record)? else { return Ok(()) };
        receive::emit(self.world, tenant, &id, &reception, record.version).await?;
        tracing::info!(feedback.id = id.as_str(), "told again");
        Ok(())
    }

    /// A survey to ask, to give up, or whose answer is not yet acted on.
    async fn survey(&self, tenant: &TenantId, record: &Record, id: &str) -> Result<(), Fault> {
        let id = SurveyId::parse(id).ok_or(Fault::NotFound)?;
        let survey = read::<Survey>(record)?;
        let kind = match survey.value.unread() {
            Some(_) => EventType::SurveyAnswered,
            None => EventType::SurveyDue,
        };
        self.ask(tenant, record, kind, id.as_str()).await
    }

    /// Something that another function deals with, and was not heard to have dealt with.
    async fn ask(&self, tenant: &TenantId, record: &Record, kind: EventType, subject: &str) -> Result<(), Fault> {
        let event = Event::new(tenant, kind, subject, record.version, self.moment.now);
        Ok(self.world.queue.send(&event).await?)
    }

    /// An order whose clock has something to say, that waits for an agent, or that can close.
    async fn order(&self, tenant: &TenantId, stored: Stored<WorkOrder>) -> Result<(), Fault> {
        let (id, mut before) = (stored.value.id.clone(), Some(stored));
        for _ in 0..orders::TRIES {
            let read = match before.take() {
                Some(read) => Some(read),
                None => load::<WorkOrder>(self.world.store.as_ref(), &keys::order(tenant, &id)).await?,
            };
            let Some(read) = read else { return Ok(()) };
            if let Some(answer) = settled(self.catch_up(tenant, read).await) {
                return answer;
            }
        }
        Err(contended())
    }

    async fn catch_up(&self, tenant: &TenantId, before: Stored<WorkOrder>) -> Result<(), Tried> {
        let (world, now) = (self.world, self.moment.now);
        let Known { version, terms, people } = self.known(tenant).await?;
        let terms = publish::complete(world, tenant, (version, terms), [&before.value]).await?;
        let us = Actor::system("escalation");
        let by = Entry::new(&us, now, &terms);
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        after.catch_up(by, people.team_calendar(&before.value, &terms))?;
        let claim = self.carry_out(tenant, &mut after, since, (by, &people)).await?;
        if after.fact_count > since {
            notices::tell(world, tenant, &after, since, Some(&people), &terms).await?;
        }
        prompt(world, tenant, &after, before.version, self.moment).await?;
        let gave_up = before.value.burdens().filter(|_| claim.is_some()).cloned();
        let change = Change { before: Some(&before), after, claim, with: Vec::new() };
        let stored = orders::commit(world, tenant, change, &terms, now).await?;
        report(&stored.value, since);
        match gave_up {
            Some(agent) => Ok(place::freed(world, tenant, &agent, stored.version, self.moment).await?),
            None => Ok(()),
        }
    }

    /// Does what the levels that fired ask for, beyond telling: who watches from now on, and whether
    /// somebody else gets it. Nobody else free: it stays where it is.
    async fn carry_out(
        &self,
        tenant: &TenantId,
        order: &mut WorkOrder,
        since: u32,
        (by, people): (Entry<'_>, &Roster),
    ) -> Result<Option<orders::Claim>, Tried> {
        let fired: Vec<(Fact, Level)> = fired(order, since, by.terms);
        let mut claim = None;
        for (fact, level) in fired {
            let watcher = notices::addressee(order, level.audience, Some(people)).to_string();
            if level.actions.contains(&Action::Watch) && !order.watchers.contains(&watcher) {
                order.record(by, What::WatcherAdded { watcher })?;
            }
            if level.actions.contains(&Action::Reassign) && order.agent.is_some() && claim.is_none() {
                let mut roster = Roster::read(self.world, tenant).await?;
                let scene = Scene { world: self.world, tenant, cause: &fact.id, moment: self.moment };
                claim = scene.place(&mut roster, order, Wanted::Another, by.because(&fact.id)).await?;
            }
        }
        Ok(claim)
    }
}

/// The levels that fired in the facts from number `since` on.
fn fired(order: &WorkOrder, since: u32, terms: &Terms) -> Vec<(Fact, Level)> {
    let level = |fact: &Fact| match &fact.what {
        What::Escalated { outcome: Outcome::Fired, .. } => {
            Some((fact.clone(), notices::level_of(order, &fact.what, terms)?.clone()))
        }
        _ => None,
    };
    recent(order, since).filter_map(level).collect()
}

/// The facts from number `since` on.
fn recent(order: &WorkOrder, since: u32) -> impl Iterator<Item = &Fact> {
    let new = usize::try_from(order.fact_count - since).unwrap_or(usize::MAX);
    order.facts.iter().skip(order.facts.len().saturating_sub(new))
}

/// What a mark is about: the kind of document, whose, and its id.
fn subject(mark: &DueMark) -> Option<(&str, TenantId, &str)> {
    let mut parts = mark.key.partition.split('#');
    let tenant = TenantId::parse(parts.next()?)?;
    Some((parts.next()?, tenant, parts.next()?))
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

/// Tells that an order waits, should somebody have become free who did not find it in line.
pub(crate) async fn prompt_waiting(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    version: u64,
    moment: Moment,
) -> Result<(), Fault> {
    if order.is_waiting() { prompt(world, tenant, order, version, moment).await } else { Ok(()) }
}

fn report(order: &WorkOrder, since: u32) {
    for fact in recent(order, since) {
        tracing::info!(work_order.id = order.id.as_str(), fact.kind = fact.what.word(), fact.id, "recorded");
    }
}
