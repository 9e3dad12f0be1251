//! Was it put right? The customer is asked, and a bad verdict brings the order back.

use crate::assign;
use crate::classify::Classification;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::orders::{self, Change, Claim};
use crate::ports::{World, Write};
use crate::roster::Roster;
use crate::{Moment, keys, labels, models, notices, publish, receive};
use jiff::Timestamp;
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::event::{Event, EventType};
use redress_domain::fact::{Understanding, What};
use redress_domain::id::{SurveyId, TenantId, WorkOrderId, digest};
use redress_domain::order::{Entry, Status, WorkOrder};
use redress_domain::policy::{SurveyPolicy, Terms};
use redress_domain::survey::{Answer, SkipReason, Survey, SurveyState, can_answer, zone};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a customer's token opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Opens {
    pub(crate) tenant: TenantId,
    pub(crate) survey: SurveyId,
}

/// When a customer was last asked, and what: so that nobody is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    survey: SurveyId,
    at: Timestamp,
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
            closes_at,
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
        orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        self.ask(Stored { value: survey, version: 1 }).await
    }

    /// A survey's mark is due.
    async fn look(&self) -> Result<(), Tried> {
        let survey = self.survey().await?;
        if survey.value.state == SurveyState::Sent && survey.value.closes_at <= self.moment.now {
            return self.expire(survey).await;
        }
        if survey.value.wants_reminder(self.moment.now) {
            return self.remind(survey).await;
        }
        self.ask(survey).await
    }

    /// Nobody answered in time.
    async fn expire(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let expired = Survey { state: SurveyState::Expired, remind_at: None, ..stored.value };
        let what = What::SurveyExpired { survey: expired.id.clone(), cycle: expired.cycle };
        let before = self.order(&expired.work_order).await?;
        self.note(&before, what, vec![self.keep(&expired, stored.version)]).await
    }

    /// Asks once more, unless the order came back meanwhile.
    async fn remind(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: mut survey, version } = stored;
        if survey.put_off(self.moment.now) {
            return Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?);
        }
        let before = self.order(&survey.work_order).await?;
        if outdated(&before.value, survey.cycle).is_some() {
            survey.remind_at = None;
            return Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?);
        }
        survey.reminded(self.moment.now);
        let what = What::SurveyReminded { survey: survey.id.clone(), cycle: survey.cycle };
        self.note(&before, what, vec![self.keep(&survey, version)]).await?;
        self.tell(&survey).await
    }

    /// Writes a fact of ours down on an order, together with what it follows from.
    async fn note(&self, before: &Stored<WorkOrder>, what: What, with: Vec<Write>) -> Result<(), Tried> {
        let (us, mut after) = (Actor::system("follow_up"), before.value.clone());
        let terms = self.terms_for(&after).await?;
        after.record(self.entry(&us, &terms), what)?;
        let change = Change { before: Some(before), after, claim: None, with };
        orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        Ok(())
    }

    /// Sends what the customer is asked by now. Again it sends the same.
    async fn tell(&self, survey: &Survey) -> Result<(), Tried> {
        self.world.notify.post(&notices::invitation(self.tenant, survey)).await?;
        if survey.reminded_at.is_some() {
            self.world.notify.post(&notices::reminder(self.tenant, survey)).await?;
        }
        Ok(())
    }

    /// Asks, if it is time and nobody did. The order may have come back meanwhile: then asking
    /// would be an insult; or the customer was asked about another order, and has had enough. That
    /// is settled by the write, and only then somebody is told.
    async fn ask(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: mut survey, version } = stored;
        let now = self.moment.now;
        if survey.state == SurveyState::Sent {
            return self.tell(&survey).await;
        }
        if survey.state != SurveyState::Scheduled || survey.ask_at > now {
            return Ok(());
        }
        if survey.put_off(now) {
            return Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?);
        }
        let before = self.order(&survey.work_order).await?;
        let key = keys::asked(self.tenant, &survey.customer_ref);
        let asked = load::<Asked>(self.world.store.as_ref(), &key).await?;
        let cycle = survey.cycle;
        if let Some(why) =
            outdated(&before.value, cycle).or_else(|| spared(&survey, &before.value, asked.as_ref(), now))
        {
            survey.skip(why);
            return self.note(&before, What::SurveySkipped { cycle, why }, vec![self.keep(&survey, version)]).await;
        }
        survey.sent(now);
        let what = What::SurveySent { survey: survey.id.clone(), cycle };
        let mine = Asked { survey: survey.id.clone(), at: now };
        let claim = put(key, asked.map_or(0, |asked| asked.version), &mine, Marks::default());
        self.note(&before, what, vec![self.keep(&survey, version), claim]).await?;
        tracing::info!(survey.id = survey.id.as_str(), work_order.id = survey.work_order.as_str(), "asked");
        self.tell(&survey).await
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
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        let by = self.entry(&customer, &terms).because(survey.id.as_str());
        after.hear(by, &survey, answer)?;
        let came_back = after.cycle > before.value.cycle;
        let roster = if came_back { Some(Roster::read(self.world, self.tenant).await?) } else { None };
        let claim = match &roster {
            Some(roster) => self.take_back(&mut after, roster, (&survey, answer), &terms).await?,
            None => None,
        };
        let read = Survey { answers_read: survey.answers_given(), ..survey.clone() };
        let with = vec![keep(self.tenant, &read, version)];
        let change = Change { before: Some(&before), after, claim, with };
        let stored = orders::commit(self.world, self.tenant, change, &terms, self.moment.now).await?;
        tracing::info!(
            survey.id = survey.id.as_str(),
            work_order.id = survey.work_order.as_str(),
            satisfied = survey.is_satisfied(answer),
            status = stored.value.status.as_str(),
            "heard"
        );
        Ok(notices::tell(self.world, self.tenant, &stored.value, since, roster.as_ref(), &terms).await?)
    }
}

impl Step<'_> {
    /// An order came back by its customer's verdict: its words are read again together with what the
    /// customer says now, and somebody else gets it, unless a supervisor has it. Each fact is the
    /// cause of the next.
    async fn take_back(
        &self,
        order: &mut WorkOrder,
        roster: &Roster,
        (survey, answer): (&Survey, &Answer),
        terms: &Terms,
    ) -> Result<Option<Claim>, Tried> {
        let us = Actor::system("follow_up");
        let mut cause = order.facts.last().map(|fact| fact.id.clone()).unwrap_or_default();
        if let Some(comment) = &answer.comment {
            let understanding = self.read_again(order, comment, terms).await?;
            let (by, calendar) =
                (self.entry(&us, terms).because(survey.id.as_str()), roster.team_calendar(order, terms));
            order.reassess(by, &survey.id, understanding, calendar)?;
            let reassessed = order.facts.iter().rfind(|fact| matches!(fact.what, What::Reassessed { .. }));
            cause = reassessed.map_or(cause, |fact| fact.id.clone());
        }
        if !order.is_waiting() {
            return Ok(None);
        }
        Ok(assign::route(roster, order, self.entry(&us, terms).because(&cause))?)
    }

    /// What the words of an order mean together with a comment. Where a person has said what it is
    /// about, or nobody can be sure, it stays that.
    async fn read_again(&self, order: &WorkOrder, comment: &str, terms: &Terms) -> Result<Understanding, Fault> {
        let reader = models::reader(self.world, self.tenant, &terms.policies, self.moment.now).await;
        let (mut said, mut labelled) = (None, false);
        if let Some(first) = order.feedback_ids.first() {
            said = receive::find(self.world, self.tenant, first).await?.map(|found| found.value.feedback);
            labelled = labels::has_category(self.world, self.tenant, first).await?;
        }
        Ok(Classification::again(order, (said.as_ref(), comment), labelled, &reader, &terms.policies.priority))
    }
}

/// Why the customer, who was asked something else before, is not asked now. Who was not satisfied is
/// always asked whether it is right now: that question is the customer's own.
fn spared(survey: &Survey, order: &WorkOrder, asked: Option<&Stored<Asked>>, now: Timestamp) -> Option<SkipReason> {
    let peace = |asked: &&Stored<Asked>| !order.is_contested() && survey.spares(asked.value.at, now);
    asked.filter(peace).map(|_| SkipReason::CoolDown)
}

/// Why the customer of an order is not asked at all.
fn unasked(order: &WorkOrder, policy: &SurveyPolicy) -> Option<SkipReason> {
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

/// Why a survey that was arranged is not asked after all.
fn outdated(order: &WorkOrder, cycle: u32) -> Option<SkipReason> {
    if order.merged_into.is_some() {
        return Some(SkipReason::Merged);
    }
    (order.cycle != cycle || order.status.is_active()).then_some(SkipReason::Reopened)
}
