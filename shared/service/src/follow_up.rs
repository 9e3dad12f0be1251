//! Was it put right? The customer is asked, and a bad verdict brings the order back.

use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::orders::{self, Change};
use crate::place::Scene;
use crate::ports::{World, Write};
use crate::roster::{Roster, Wanted};
use crate::{Moment, deliver, keys, notices, publish};
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::What;
use redress_domain::id::{SurveyId, TenantId, WorkOrderId, digest};
use redress_domain::order::{Entry, Status, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::survey::{SkipReason, Survey, SurveyState};
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
        let unasked = || Fault::Unavailable("no survey policy matches everything".to_owned());
        let policy = self.terms.surveying(order).ok_or_else(unasked)?;
        let resolved_at = order.resolved_at.unwrap_or(self.moment.now);
        let (ask_at, closes_at) = Survey::times(resolved_at, policy);
        let nonce: String = self.moment.nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut survey = Survey {
            token: digest(&[id.as_str(), &nonce]),
            id,
            work_order: order.id.clone(),
            cycle: order.cycle,
            state: SurveyState::Scheduled,
            skipped: None,
            resolver: order.agent.clone(),
            customer_ref: order.customer.reference.clone(),
            language: order.language,
            created_at: self.moment.now,
            ask_at,
            sent_at: None,
            closes_at,
            answers: Vec::new(),
            answers_read: 0,
        };
        if order.parent.is_some() {
            survey.skip(SkipReason::Child);
        } else if order.supervised {
            survey.skip(SkipReason::Supervised);
        } else if !policy.enabled {
            survey.skip(SkipReason::Policy);
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
        orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        self.ask(Stored { value: survey, version: 1 }).await
    }

    /// A survey's mark is due.
    async fn look(&self) -> Result<(), Tried> {
        let survey = self.survey().await?;
        let closed = survey.value.state == SurveyState::Sent && survey.value.closes_at <= self.moment.now;
        if !closed {
            return self.ask(survey).await;
        }
        let expired = Survey { state: SurveyState::Expired, ..survey.value };
        Ok(self.world.store.commit(&[keep(self.tenant, &expired, survey.version)]).await?)
    }

    /// Asks, if it is time and nobody did. The order may have come back meanwhile: then asking
    /// would be an insult.
    async fn ask(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: mut survey, version } = stored;
        if survey.state != SurveyState::Scheduled || survey.ask_at > self.moment.now {
            return Ok(());
        }
        let before = self.order(&survey.work_order).await?;
        let terms = self.terms_for(&before.value).await?;
        let (us, mut after) = (Actor::system("follow_up"), before.value.clone());
        let cycle = survey.cycle;
        if let Some(why) = outdated(&after, cycle) {
            survey.skip(why);
            after.record(self.entry(&us, &terms), What::SurveySkipped { cycle, why })?;
        } else {
            deliver::post(self.world, self.tenant, &notices::invitation(self.tenant, &survey)).await?;
            survey.sent(self.moment.now);
            after.record(self.entry(&us, &terms), What::SurveySent { survey: survey.id.clone(), cycle })?;
        }
        let with = vec![keep(self.tenant, &survey, version)];
        let change = Change { before: Some(&before), after, claim: None, with };
        orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        tracing::info!(survey.id = survey.id.as_str(), work_order.id = survey.work_order.as_str(), "asked");
        Ok(())
    }

    /// The customer answered: the order hears it once, and comes back if it was not good enough.
    async fn act(&self) -> Result<(), Tried> {
        let Stored { value: survey, version } = self.survey().await?;
        let before = self.order(&survey.work_order).await?;
        let terms = self.terms_for(&before.value).await?;
        let Some(answer) = survey.unread() else {
            return Ok(notices::tell(self.world, self.tenant, &before.value, 0, None, &terms).await?);
        };
        let customer = Actor::new(ActorKind::Customer, survey.customer_ref.as_str());
        let us = Actor::system("follow_up");
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        let by = self.entry(&customer, &terms).because(survey.id.as_str());
        after.hear(by, &survey, answer)?;
        let came_back = after.is_waiting() && !before.value.status.is_active();
        let mut roster =
            if after.fact_count > since + 1 { Some(Roster::read(self.world, self.tenant).await?) } else { None };
        let (world, tenant) = (self.world, self.tenant);
        let scene = Scene { world, tenant, cause: &self.event.id, moment: self.moment };
        let claim = match &mut roster {
            Some(roster) if came_back => {
                scene.place(roster, &mut after, Wanted::Ruled, self.entry(&us, &terms)).await?
            }
            _ => None,
        };
        let read = Survey { answers_read: survey.answers_given(), ..survey.clone() };
        let with = vec![keep(self.tenant, &read, version)];
        let change = Change { before: Some(&before), after, claim, with };
        let stored = orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        tracing::info!(
            survey.id = survey.id.as_str(),
            work_order.id = survey.work_order.as_str(),
            satisfied = answer.is_satisfied(),
            status = stored.value.status.as_str(),
            "heard"
        );
        Ok(notices::tell(self.world, self.tenant, &stored.value, since, roster.as_ref(), &terms).await?)
    }
}

/// Why a survey that was arranged is not asked after all.
fn outdated(order: &WorkOrder, cycle: u32) -> Option<SkipReason> {
    if order.merged_into.is_some() {
        return Some(SkipReason::Merged);
    }
    (order.cycle != cycle || order.status.is_active()).then_some(SkipReason::Reopened)
}
