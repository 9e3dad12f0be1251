//! Was it put right? The customer is asked, and a bad verdict brings the order back.

mod ask;
mod hear;
mod revisit;

use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::orders::{self, Change};
use crate::ports::{World, Write};
use crate::{Moment, keys, notices, publish};
use redress_domain::actor::Actor;
use redress_domain::event::{Event, EventType};
use redress_domain::fact::What;
use redress_domain::id::{SurveyId, TenantId, WorkOrderId, digest};
use redress_domain::order::{Entry, OrderKind, Status, WorkOrder};
use redress_domain::policy::{SurveyPolicy, Terms};
use redress_domain::survey::{SkipReason, Survey, SurveyState, can_answer, zone};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a customer's token opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Opens {
    pub(crate) tenant: TenantId,
    pub(crate) survey: SurveyId,
}

/// Arranges a survey, asks it, gives it up, or acts on its answer.
///
/// # Errors
/// Not found if the event's subject is not there; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let step = Step { world, tenant: &event.tenant, event, moment, terms: publish::terms(world, &event.tenant).await? };
    for _ in 0..orders::TRIES {
        let tried = match event.kind {
            EventType::WorkOrderResolved => step.arrange().await,
            EventType::SurveyDue => step.look().await,
            _ => step.act().await,
        };
        if let Some(answer) = settled(tried) {
            return answer;
        }
    }
    Err(contended())
}

/// The survey of that id.
pub(crate) async fn find(world: &World, tenant: &TenantId, id: &SurveyId) -> Result<Option<Stored<Survey>>, Fault> {
    load(world.store.as_ref(), &keys::survey(tenant, id)).await
}

/// The write that keeps a survey, with its due mark and its place among the tenant's surveys.
pub(crate) fn keep(tenant: &TenantId, survey: &Survey, seen: u64) -> Write {
    let place = Some(keys::survey_place(tenant, &survey.id, survey.created_at));
    let marks = Marks { due_at: survey.due_at(), place, expires_at: None };
    put(keys::survey(tenant, &survey.id), seen, survey, marks)
}

/// One attempt at one step of a survey's life.
struct Step<'a> {
    world: &'a World,
    tenant: &'a TenantId,
    event: &'a Event,
    moment: Moment,
    terms: Arc<Terms>,
}

impl Step<'_> {
    fn entry<'a>(&'a self, actor: &'a Actor, terms: &'a Terms) -> Entry<'a> {
        Entry::new(actor, self.moment.now, terms).because(&self.event.id)
    }

    /// What the clocks of an order run by.
    async fn terms_for(&self, order: &WorkOrder) -> Result<Arc<Terms>, Fault> {
        publish::terms_for(self.world, self.tenant, [order]).await
    }

    /// The write that keeps a survey after what was read.
    fn keep(&self, survey: &Survey, version: u64) -> Write {
        keep(self.tenant, survey, version)
    }

    async fn order(&self, id: &WorkOrderId) -> Result<Stored<WorkOrder>, Fault> {
        orders::find(self.world, self.tenant, id).await?.ok_or(Fault::NotFound)
    }

    async fn survey(&self) -> Result<Stored<Survey>, Fault> {
        let id = SurveyId::parse(&self.event.subject).ok_or(Fault::NotFound)?;
        find(self.world, self.tenant, &id).await?.ok_or(Fault::NotFound)
    }

    /// An order was resolved: its cycle gets its one survey, or a recorded reason why not.
    async fn arrange(&self) -> Result<(), Tried> {
        let id = WorkOrderId::parse(&self.event.subject).ok_or(Fault::NotFound)?;
        let before = self.order(&id).await?;
        let cycle = before.value.cycle;
        let survey_id = SurveyId::of(self.tenant, &id, cycle);
        if before.value.surveyed_cycle < cycle && before.value.status == Status::Resolved {
            let survey = self.draft(survey_id, &before.value)?;
            return self.file(before, survey).await;
        }
        match find(self.world, self.tenant, &survey_id).await? {
            Some(survey) => self.ask(survey).await,
            None => Ok(()),
        }
    }

    fn draft(&self, id: SurveyId, order: &WorkOrder) -> Result<Survey, Fault> {
        let none = || Fault::Unavailable("no survey policy matches everything".to_owned());
        let policy = self.terms.surveying(order).ok_or_else(none)?;
        let resolved_at = order.resolved_at.unwrap_or(self.moment.now);
        let own = order.customer.locale.as_deref().and_then(zone::of_locale);
        let zone = own.or(policy.time_zone.as_deref()).unwrap_or(self.terms.own_zone());
        let (ask_at, closes_at) = Survey::times(resolved_at, policy, zone);
        let nonce: String = self.moment.nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut survey = Survey {
            token: digest(&[id.as_str(), &nonce]),
            id,
            work_order: order.id.clone(),
            cycle: order.cycle,
            state: SurveyState::Scheduled,
            skipped: None,
            resolver: order.agent.clone(),
            team: order.team.clone(),
            policy: Some(Box::new(policy.clone())),
            time_zone: Some(zone.to_owned()),
            customer_ref: order.customer.reference.clone(),
            language: order.language,
            created_at: self.moment.now,
            ask_at,
            sent_at: None,
            remind_at: None,
            reminded_at: None,
            untold: false,
            closes_at,
            revisit: None,
            answers: Vec::new(),
            answers_read: 0,
        };
        if let Some(why) = unasked(order, policy) {
            survey.skip(why);
        }
        Ok(survey)
    }

    /// Keeps a new survey together with the order's knowledge of it, and asks if it is time.
    async fn file(&self, before: Stored<WorkOrder>, survey: Survey) -> Result<(), Tried> {
        let (us, mut after) = (Actor::system("follow_up"), before.value.clone());
        let cycle = survey.cycle;
        let what = match survey.skipped {
            Some(why) => What::SurveySkipped { cycle, why },
            None => What::SurveyScheduled { survey: survey.id.clone(), cycle, ask_at: survey.ask_at },
        };
        let terms = self.terms_for(&after).await?;
        after.record(self.entry(&us, &terms), what)?;
        let opens = Opens { tenant: self.tenant.clone(), survey: survey.id.clone() };
        let with =
            vec![keep(self.tenant, &survey, 0), put(keys::survey_token(&survey.token), 0, &opens, Marks::default())];
        let change = Change { before: Some(&before), after, claim: None, with };
        let stored = orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        notices::tell(self.world, self.tenant, &stored.value, before.value.fact_count, None, &terms).await?;
        self.ask(Stored { value: survey, version: 1 }).await
    }

    /// Writes a fact of ours down on an order, together with what it follows from.
    async fn note(&self, before: &Stored<WorkOrder>, what: What, with: Vec<Write>) -> Result<(), Tried> {
        let (us, mut after) = (Actor::system("follow_up"), before.value.clone());
        let terms = self.terms_for(&after).await?;
        after.record(self.entry(&us, &terms), what)?;
        let change = Change { before: Some(before), after, claim: None, with };
        let stored = orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        Ok(notices::tell(self.world, self.tenant, &stored.value, before.value.fact_count, None, &terms).await?)
    }

    /// Tells whoever an order concerns once more, should that have been lost.
    async fn tell_again(&self, id: &WorkOrderId) -> Result<(), Tried> {
        let order = self.order(id).await?.value;
        let terms = self.terms_for(&order).await?;
        Ok(notices::tell(self.world, self.tenant, &order, 0, None, &terms).await?)
    }
}

/// Why the customer of an order is not asked at all.
fn unasked(order: &WorkOrder, policy: &SurveyPolicy) -> Option<SkipReason> {
    if order.kind() == OrderKind::Revisit {
        return Some(SkipReason::Revisit);
    }
    if order.parent.is_some() {
        return Some(SkipReason::Child);
    }
    if order.supervised {
        return Some(SkipReason::Supervised);
    }
    if !policy.enabled {
        return Some(SkipReason::Policy);
    }
    if order.declined_cycle == order.cycle {
        return Some(SkipReason::OptedOut);
    }
    (!can_answer(order.channel, &order.customer)).then_some(SkipReason::NoChannel)
}
