//! What agents and supervisors do with an order: read it, say something, move it.

use crate::auth::{Caller, Role};
use crate::documents::{Marks, Stored, put, read};
use crate::fault::{Conflict, Fault, Tried, contended, refused, settled};
use crate::orders::{self, Change};
use crate::place::{self, Scene};
use crate::ports::{World, Write};
use crate::receive::Reception;
use crate::reply::{Keyed, Reply, Slot};
use crate::roster::{self, Roster, Wanted};
use crate::view::WorkOrderView;
use crate::{Moment, answer, attachments, family, follow_up, keys, models, notices, publish, sweep};
use jiff::Timestamp;
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::fact::{Direction, Fact, Visibility, What};
use redress_domain::id::{AgentId, AttachmentId, MessageId, SurveyId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Transition, WorkOrder};
use redress_domain::routing::{Routing, WhyNot};
use redress_domain::sla::proof::{ProvedClock, prove};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that was said on an order; the words are kept here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// From 1.
    pub number: u32,
    /// Which way.
    pub direction: Direction,
    /// Who may read it.
    pub visibility: Visibility,
    /// The words.
    pub body: String,
    /// Files that came with them.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
    /// How the customer sounds in it, −100 (unhappy) to 100 (happy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<i8>,
    /// Who said it.
    pub author: Actor,
    /// When.
    pub at: Timestamp,
}

/// A message to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which way.
    pub direction: Direction,
    /// Who may read it.
    pub visibility: Visibility,
    /// The words.
    pub body: String,
    /// Files that come with them.
    pub attachments: Vec<AttachmentId>,
}

/// Which versions a caller is willing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Whatever it is, as long as it exists.
    Any,
    /// One of these.
    Versions(Vec<u64>),
}

impl IfMatch {
    /// That a caller decided on what is there now; whoever names no version takes any.
    pub(crate) fn check(asked: Option<&Self>, version: u64) -> Result<(), Fault> {
        match asked {
            Some(Self::Versions(versions)) if !versions.contains(&version) => Err(Fault::Conflict(Conflict::Stale)),
            _ => Ok(()),
        }
    }
}

/// An order and its version.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn get(world: &World, caller: &Caller, id: &WorkOrderId) -> Result<Stored<WorkOrder>, Fault> {
    orders::find(world, &caller.tenant, id).await?.ok_or(Fault::NotFound)
}

/// An order as the API shows it. `survey_links`: whether supervisors are shown where the customer
/// answers; only ever true in the local cloud.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    survey_links: bool,
    now: Timestamp,
) -> Result<Reply, Fault> {
    let stored = get(world, caller, id).await?;
    let terms = publish::terms_for(world, &caller.tenant, [&stored.value]).await?;
    let mut view = WorkOrderView::of(&stored.value, stored.version, &terms, now)?;
    if survey_links && matches!(caller.role, Role::Supervisor | Role::Admin) && stored.value.surveyed_cycle > 0 {
        let survey = SurveyId::of(&caller.tenant, id, stored.value.surveyed_cycle);
        let survey = follow_up::find(world, &caller.tenant, &survey).await?;
        view.links.survey = survey.map(|survey| format!("/s/{}", survey.value.token));
    }
    Ok(Reply { body: body(&view), version: stored.version, replayed: false })
}

/// Every fact of an order, oldest first.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn facts(world: &World, caller: &Caller, id: &WorkOrderId) -> Result<Vec<Fact>, Fault> {
    let stored = get(world, caller, id).await?;
    orders::facts(world, &caller.tenant, &stored.value).await
}

/// Messages of an order after number `after`, oldest first, at most `limit`.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn messages(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    after: u32,
    limit: usize,
) -> Result<Vec<Message>, Fault> {
    get(world, caller, id).await?;
    let key = keys::message(&caller.tenant, id, after);
    let records = world.store.list(&key.partition, keys::MESSAGES, Some(&key.sort), limit).await?;
    records.iter().map(|record| Ok(read::<Message>(record)?.value)).collect()
}

/// Every clock of an order with the arithmetic behind it.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn proof(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    now: Timestamp,
) -> Result<Vec<ProvedClock>, Fault> {
    let stored = get(world, caller, id).await?;
    let terms = publish::terms_for(world, &caller.tenant, [&stored.value]).await?;
    Ok(prove(&stored.value, &terms, now)?)
}

/// The last decision about who gets an order, with its reasons; `None` while there was none.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn routing(world: &World, caller: &Caller, id: &WorkOrderId) -> Result<Option<Routing>, Fault> {
    let order = get(world, caller, id).await?.value;
    let decided = |fact: &Fact| match &fact.what {
        What::Assigned { routing, .. } | What::Queued { routing, .. } => Some((**routing).clone()),
        _ => None,
    };
    // Most often it is among the newest facts, which ride in the order.
    match order.facts.iter().rev().find_map(decided) {
        None if order.routing.is_some() => {
            let facts = orders::facts(world, &caller.tenant, &order).await?;
            Ok(facts.iter().rev().find_map(decided))
        }
        found => Ok(found),
    }
}

/// Why an agent does not have an order, or that they do, by the decision that is on record.
///
/// # Errors
/// Invalid if there is no such agent, and never was in that decision.
pub async fn why_not(
    world: &World,
    caller: &Caller,
    routing: Option<&Routing>,
    agent: &AgentId,
) -> Result<WhyNot, Fault> {
    let why = routing.map_or(WhyNot::NotInTeam, |routing| routing.why_not(agent));
    if why == WhyNot::NotInTeam && !roster::has_agent(world, &caller.tenant, agent).await? {
        return Err(Fault::invalid("/why_not", "there is no agent with this id"));
    }
    Ok(why)
}

/// Posts a message.
///
/// # Errors
/// Not found; invalid if it names a file that it can't come with; conflict if the order takes none,
/// or the idempotency key stands for another request.
pub async fn post_message(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    draft: &Draft,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let (before, slot) = begin(world, caller, id, keyed, moment).await?;
        if let Some(reply) = slot.reply {
            let terms = publish::terms_for(world, &caller.tenant, [&before.value]).await?;
            notices::tell(world, &caller.tenant, &before.value, 0, None, &terms).await?;
            answer::prompt(world, &caller.tenant, &before.value, moment).await?;
            return Ok(reply);
        }
        if let Some(answer) = settled(try_post(world, caller, before, draft, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_post(
    world: &World,
    caller: &Caller,
    before: Stored<WorkOrder>,
    draft: &Draft,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let (tenant, terms) = (&caller.tenant, publish::terms_for(world, &caller.tenant, [&before.value]).await?);
    let flaws = attachments::flaws(world, tenant, &draft.attachments).await?;
    if !flaws.is_empty() {
        return Err(Fault::Invalid(flaws).into());
    }
    let author = match draft.direction {
        Direction::Outbound => caller.actor(),
        Direction::Inbound => Actor::new(ActorKind::Customer, before.value.customer.reference.as_str()),
    };
    let by = Entry::new(&author, moment.now, &terms).because(caller.key.as_str());
    let (mut after, state, since) = (before.value.clone(), before.value.status, before.value.fact_count);
    let tone = match draft.direction {
        Direction::Outbound => None,
        Direction::Inbound => {
            Some(models::reader(world, tenant, &terms.policies, moment.now).await.model.read(&draft.body).tone())
        }
    };
    let replied = match draft.direction {
        Direction::Outbound => None,
        Direction::Inbound => answer::reply(world, tenant, &before.value, &draft.body, moment.now).await?,
    };
    let posted = after.post(by, draft.direction, draft.visibility, tone);
    let message = posted.map_err(|refusal| refused(refusal, state))?;
    let message = Message {
        id: message,
        number: after.messages,
        direction: draft.direction,
        visibility: draft.visibility,
        body: draft.body.clone(),
        attachments: draft.attachments.clone(),
        tone,
        author: author.clone(),
        at: moment.now,
    };
    let reply = Reply { body: body(&message), version: before.version + 1, replayed: false };
    let mut with = vec![keep(tenant, &after.id, &message)];
    with.extend(keyed.keep(tenant, slot, &reply, moment.now));
    with.extend(replied.iter().filter_map(|replied| replied.keep(tenant)));
    let change = Change { before: Some(&before), after, claim: None, with };
    let stored = orders::commit(world, tenant, change, &terms, moment.now).await?;
    notices::tell(world, tenant, &stored.value, since, None, &terms).await?;
    if let Some(replied) = replied {
        replied.tell(world, tenant, moment).await?;
    }
    Ok(reply)
}

/// Moves an order.
///
/// # Errors
/// Not found; conflict if the caller has read an older version, the move is not allowed from where
/// the order is, or the idempotency key stands for another request; invalid if it lacks a reason.
pub async fn transition(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    if_match: &IfMatch,
    asked: &Transition,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let (before, slot) = begin(world, caller, id, keyed, moment).await?;
        if let Some(reply) = slot.reply {
            let terms = publish::terms_for(world, &caller.tenant, [&before.value]).await?;
            notices::tell(world, &caller.tenant, &before.value, 0, None, &terms).await?;
            family::tell_parent(world, &caller.tenant, &before.value).await?;
            release(world, &caller.tenant, &before.value, before.version, moment).await?;
            return Ok(reply);
        }
        IfMatch::check(Some(if_match), before.version)?;
        if let Some(answer) = settled(try_move(world, caller, before, asked, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_move(
    world: &World,
    caller: &Caller,
    before: Stored<WorkOrder>,
    asked: &Transition,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let tenant = &caller.tenant;
    let evidence = asked.resolution.as_ref().map_or(&[][..], |resolution| &resolution.evidence);
    let flaws = attachments::unproven(world, tenant, evidence).await?;
    if !flaws.is_empty() {
        return Err(Fault::Invalid(flaws).into());
    }
    let parent = family::parent(world, tenant, &before.value).await?;
    let terms =
        publish::terms_for(world, tenant, [&before].into_iter().chain(&parent).map(|order| &order.value)).await?;
    let actor = caller.actor();
    let by = Entry::new(&actor, moment.now, &terms).because(caller.key.as_str());
    let (mut after, state) = (before.value.clone(), before.value.status);
    let since = after.fact_count;
    after.transition(by, asked.clone()).map_err(|refusal| refused(refusal, state))?;
    let mut changes = family::hear(parent.as_ref(), &after, by).map_err(|refusal| refused(refusal, state))?;
    let came_back = after.is_waiting() && !state.is_active();
    let mut roster = if came_back { Some(Roster::read(world, tenant).await?) } else { None };
    let scene = Scene { world, tenant, cause: caller.key.as_str(), moment };
    let claim = match &mut roster {
        Some(roster) => scene.place(roster, &mut after, Wanted::Ruled, by).await?,
        None => None,
    };
    let version = before.version + 1;
    let view = WorkOrderView::of(&after, version, &terms, moment.now)?;
    let reply = Reply { body: body(&view), version, replayed: false };
    let with: Vec<Write> = keyed.keep(tenant, slot, &reply, moment.now).into_iter().collect();
    changes.push(Change { before: Some(&before), after, claim, with });
    let mut committed = orders::commit_all(world, tenant, changes, &terms, moment.now).await?;
    let stored = committed.pop().expect("the order itself is among its changes");
    tracing::info!(
        work_order.id = stored.value.id.as_str(),
        from = state.as_str(),
        to = stored.value.status.as_str(),
        "moved"
    );
    notices::tell(world, tenant, &stored.value, since, roster.as_ref(), &terms).await?;
    family::tell_parent(world, tenant, &stored.value).await?;
    release(world, tenant, &stored.value, version, moment).await?;
    Ok(reply)
}

/// Tells what follows from where the order now is; derived from what is stored, so that a repeat
/// tells the same.
pub(crate) async fn release(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    version: u64,
    moment: Moment,
) -> Result<(), Fault> {
    sweep::prompt(world, tenant, order, version, moment).await?;
    match &order.agent {
        Some(agent) if !order.status.is_active() => place::freed(world, tenant, agent, version, moment).await,
        _ => Ok(()),
    }
}

/// What stands under the key, and the order as it is.
pub(crate) async fn begin(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    keyed: &Keyed,
    moment: Moment,
) -> Result<(Stored<WorkOrder>, Slot), Fault> {
    let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
    Ok((get(world, caller, id).await?, slot))
}

/// What a customer said in a later feedback, as a message of the order that it goes on with.
pub(crate) fn inbound(tenant: &TenantId, order: &WorkOrder, reception: &Reception, now: Timestamp) -> Write {
    let customer = Actor::new(ActorKind::Customer, reception.feedback.customer.reference.as_str());
    let message = Message {
        id: MessageId::derive(&[order.id.as_str(), &order.messages.to_string()]),
        number: order.messages,
        direction: Direction::Inbound,
        visibility: Visibility::Public,
        body: reception.feedback.message.clone(),
        attachments: reception.feedback.attachments.clone(),
        tone: reception.classification.as_ref().map(|read| read.reading.tone()),
        author: customer,
        at: now,
    };
    keep(tenant, &order.id, &message)
}

/// The write that keeps a new message.
pub(crate) fn keep(tenant: &TenantId, order: &WorkOrderId, message: &Message) -> Write {
    put(keys::message(tenant, order, message.number), 0, message, Marks::default())
}

pub(crate) fn body(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("our values have string keys and finite numbers")
}
