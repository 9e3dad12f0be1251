//! A feedback becomes an order and finds its agent; orders that wait are drained in queue order.

use crate::documents::Stored;
use crate::fault::{Fault, Tried, contended, refused, settled};
use crate::orders::{self, Change};
use crate::place::Scene;
use crate::ports::{World, Write};
use crate::receive::{self, Reception};
use crate::roster::{Roster, Wanted};
use crate::thread::{self, Course};
use crate::{Moment, answer, identities, notices, publish, said, sweep};
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::category::{Category, Sentiment};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::Origin;
use redress_domain::id::{AgentId, FeedbackId, TeamId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Status, Transition, WorkOrder};
use redress_domain::policy::Terms;
use std::sync::Arc;

/// Makes an order of a feedback, tries a waiting one again, or drains what waits for an agent.
///
/// # Errors
/// Not found if the event's subject is not there; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let subject = &event.subject;
    match event.kind {
        EventType::FeedbackClassified => {
            let id = FeedbackId::parse(subject).ok_or(Fault::NotFound)?;
            open(world, &event.tenant, &id, event, moment).await
        }
        EventType::WorkOrderWaiting => {
            let id = WorkOrderId::parse(subject).ok_or(Fault::NotFound)?;
            retry(world, event, &id, moment).await
        }
        _ => drain(world, event, moment).await,
    }
}

/// Makes the order that the feedback creates, or goes on with the one that it belongs to.
async fn open(world: &World, tenant: &TenantId, id: &FeedbackId, event: &Event, moment: Moment) -> Result<(), Fault> {
    for _ in 0..orders::TRIES {
        let feedback = receive::find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
        if let Some(order) = &feedback.value.work_order {
            return tell_again(world, tenant, order, moment).await;
        }
        let said = &feedback.value.feedback;
        identities::link(world, tenant, id, &said.customer, moment.now).await?;
        let terms = publish::terms(world, tenant).await?;
        let course = thread::course(world, tenant, (id, said), &terms, moment.now).await?;
        let opening = Opening { world, tenant, id, feedback, event, moment, terms };
        let tried = match course {
            Course::Waits => return thread::wait(world, event, opening.feedback.value.received_at, moment.now).await,
            Course::Begins { id, follows } => opening.create(id, follows).await,
            Course::GoesOn(order) => {
                let terms = publish::terms_for(world, tenant, [&order.value]).await?;
                Opening { terms, ..opening }.go_on(*order).await
            }
        };
        if let Some(answer) = settled(tried) {
            return answer;
        }
    }
    Err(contended())
}

/// The order was there already: an earlier try may have died before it told.
async fn tell_again(world: &World, tenant: &TenantId, id: &WorkOrderId, moment: Moment) -> Result<(), Fault> {
    let order = orders::find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
    let terms = publish::terms_for(world, tenant, [&order.value]).await?;
    notices::tell(world, tenant, &order.value, 0, None, &terms).await?;
    sweep::prompt_waiting(world, tenant, &order.value, order.version, moment).await
}

/// One attempt at making an order of a feedback.
struct Opening<'a> {
    world: &'a World,
    tenant: &'a TenantId,
    id: &'a FeedbackId,
    feedback: Stored<Reception>,
    event: &'a Event,
    moment: Moment,
    terms: Arc<Terms>,
}

impl Opening<'_> {
    fn entry<'a>(&'a self, actor: &'a Actor) -> Entry<'a> {
        Entry::new(actor, self.moment.now, &self.terms).because(&self.event.id)
    }

    /// A new order, with its clocks and its agent.
    async fn create(&self, id: WorkOrderId, follows: Option<WorkOrderId>) -> Result<(), Tried> {
        let reception = &self.feedback.value;
        let said = &reception.feedback;
        let customer = Actor::new(ActorKind::Customer, said.customer.reference.as_str());
        let origin = Origin {
            feedback: Some(self.id.clone()),
            parent: None,
            revisits: None,
            channel: said.channel,
            customer: said.customer.clone(),
            order: said.order.clone(),
            began_at: said.began_at(reception.received_at),
            preview: reception.classification.as_ref().map(|read| read.preview.clone()).unwrap_or_default(),
            follows,
            last_resolver: said::last_resolver(self.world, self.tenant, self.id, &said.customer.reference).await?,
        };
        let entry = self.entry(&customer).because(self.id.as_str());
        let order = WorkOrder::create(id, origin, entry);
        self.finish(None, order, (true, Vec::new())).await
    }

    /// The customer said more about an order that there is. It is back before it is said, so that
    /// the message waits for an answer.
    async fn go_on(&self, before: Stored<WorkOrder>) -> Result<(), Tried> {
        let said = &self.feedback.value.feedback;
        let customer = Actor::new(ActorKind::Customer, said.customer.reference.as_str());
        let said_at = said.began_at(self.feedback.value.received_at);
        let entry = self.entry(&customer).because(self.id.as_str()).occurred(Some(said_at));
        let mut order = before.value.clone();
        let state = order.status;
        let replied = answer::reply(self.world, self.tenant, &order, &said.message, self.moment.now).await?;
        let returns = state == Status::Resolved && replied.is_none() && !self.is_courtesy();
        if returns {
            let asked = Transition { to: Status::Reopened, reason: None, resolution: None, survey: true };
            order.transition(entry, asked).map_err(|refusal| refused(refusal, state))?;
        }
        order.add_feedback(entry, self.id, self.understanding()?.tone).map_err(|refusal| refused(refusal, state))?;
        let answer = replied.iter().filter_map(|replied| replied.keep(self.tenant)).collect();
        self.finish(Some(before), order, (returns, answer)).await?;
        match replied {
            Some(replied) => Ok(replied.tell(self.world, self.tenant, self.moment).await?),
            None => Ok(()),
        }
    }

    /// A thank-you brings no order back.
    fn is_courtesy(&self) -> bool {
        self.feedback.value.classification.as_ref().is_none_or(|classification| {
            let reading = &classification.reading;
            reading.sentiment == Sentiment::Positive
                || (reading.category == Category::Other && reading.sentiment == Sentiment::Neutral)
        })
    }

    /// Classifies a new order, routes it if somebody must be found, and commits it together with
    /// the feedback's end of waiting and the customer's message.
    async fn finish(
        &self,
        before: Option<Stored<WorkOrder>>,
        mut order: WorkOrder,
        (routes, more): (bool, Vec<Write>),
    ) -> Result<(), Tried> {
        let (world, tenant, now) = (self.world, self.tenant, self.moment.now);
        let us = Actor::system("assignment");
        let since = before.as_ref().map_or(0, |before| before.value.fact_count);
        let mut roster = if routes { Some(Roster::read(world, tenant).await?) } else { None };
        if before.is_none() {
            order.classify(self.entry(&us), self.understanding()?)?;
            let calendar =
                roster.as_ref().and_then(|roster| roster.team_calendar(&order, &self.terms)).map(str::to_owned);
            order.agree(self.entry(&us), calendar.as_deref())?;
        }
        let scene = Scene { world, tenant, cause: &self.event.id, moment: self.moment };
        let claim = match &mut roster {
            Some(roster) => scene.place(roster, &mut order, Wanted::Ruled, self.entry(&us)).await?,
            None => None,
        };
        let reception = Reception { work_order: Some(order.id.clone()), ..self.feedback.value.clone() };
        let mut with = vec![receive::keep(tenant, self.id, reception, self.feedback.version, now)];
        if before.is_some() {
            with.push(crate::desk::inbound(tenant, &order, &self.feedback.value, now));
        }
        with.extend(more);
        let change = Change { before: before.as_ref(), after: order, claim, with };
        let stored = orders::commit(world, tenant, change, &self.terms, now).await?;
        orders::report(&stored.value, self.feedback.value.received_at, now);
        notices::tell(world, tenant, &stored.value, since, roster.as_ref(), &self.terms).await?;
        // Somebody may have become free since the decision, and found nobody in line.
        Ok(sweep::prompt_waiting(world, tenant, &stored.value, stored.version, self.moment).await?)
    }

    fn understanding(&self) -> Result<redress_domain::fact::Understanding, Fault> {
        let classification = self.feedback.value.classification.as_ref();
        let early = || Fault::Unavailable("the feedback is not classified yet".to_owned());
        classification.map(crate::classify::Classification::understanding).ok_or_else(early)
    }
}

/// Tries a waiting order again.
async fn retry(world: &World, event: &Event, id: &WorkOrderId, moment: Moment) -> Result<(), Fault> {
    let tenant = &event.tenant;
    for _ in 0..orders::TRIES {
        let before = orders::find(world, tenant, id).await?.ok_or(Fault::NotFound)?;
        if !before.value.is_waiting() {
            return tell_again(world, tenant, id, moment).await;
        }
        if let Some(answer) = settled(try_again(world, event, before, moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_again(world: &World, event: &Event, before: Stored<WorkOrder>, moment: Moment) -> Result<(), Tried> {
    let tenant = &event.tenant;
    let mut roster = Roster::read(world, tenant).await?;
    let terms = publish::terms_for(world, tenant, [&before.value]).await?;
    let scene = Scene { world, tenant, cause: &event.id, moment };
    let us = Actor::system("assignment");
    let by = Entry::new(&us, moment.now, &terms).because(&event.id);
    let (mut after, since) = (before.value.clone(), before.value.fact_count);
    let claim = scene.place(&mut roster, &mut after, Wanted::Ruled, by).await?;
    if after.fact_count == since {
        return Ok(());
    }
    let waited_since = before.value.queued_at.unwrap_or(before.value.created_at);
    let change = Change { before: Some(&before), after, claim, with: Vec::new() };
    let order = orders::commit(world, tenant, change, &terms, moment.now).await?.value;
    orders::report(&order, waited_since, moment.now);
    Ok(notices::tell(world, tenant, &order, since, Some(&roster), &terms).await?)
}

/// Somebody has room, or a team has more helpers than before: whoever waits for them is served.
async fn drain(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let scene = Scene { world, tenant: &event.tenant, cause: &event.id, moment };
    for _ in 0..orders::TRIES {
        if let Some(answer) = settled(try_drain(scene, &event.subject).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_drain(scene: Scene<'_>, subject: &str) -> Result<(), Tried> {
    let mut roster = Roster::read(scene.world, scene.tenant).await?;
    if let Some(team) = TeamId::parse(subject) {
        return scene.drain(&mut roster, &team).await;
    }
    let agent = AgentId::parse(subject).ok_or(Fault::NotFound)?;
    // Who is gone since takes nothing.
    match roster.agent(&agent).cloned() {
        Some(agent) => scene.drain_to(&mut roster, &agent).await,
        None => Ok(()),
    }
}
