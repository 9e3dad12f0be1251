//! The customer is asked, reminded and given up.

use super::Step;
use super::revisit::Ended;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried};
use crate::orders::Change;
use crate::ports::Write;
use crate::{deliver, keys, notices, wishes};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::delivery::Delivery;
use redress_domain::fact::What;
use redress_domain::id::SurveyId;
use redress_domain::order::WorkOrder;
use redress_domain::policy::RevisitAfter;
use redress_domain::reach::Topic;
use redress_domain::survey::{SkipReason, Survey, SurveyState};
use serde::{Deserialize, Serialize};

/// When a customer was last asked, and what: so that nobody is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    survey: SurveyId,
    at: Timestamp,
}

impl Step<'_> {
    /// A survey's mark is due.
    pub(super) async fn look(&self) -> Result<(), Tried> {
        let survey = self.survey().await?;
        if survey.value.state == SurveyState::Sent && survey.value.closes_at <= self.moment.now {
            return self.expire(survey).await;
        }
        if survey.value.state == SurveyState::Sent && survey.value.untold {
            return self.tell_late(survey).await;
        }
        if survey.value.wants_reminder(self.moment.now) {
            return self.remind(survey).await;
        }
        self.tell_revisit(&survey.value).await?;
        self.ask(survey).await
    }

    /// Tells what an earlier version had only written down; what was told already stays as it is. The
    /// write takes the note off, and puts the due mark where this version has it.
    async fn tell_late(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: survey, version } = stored;
        let asked = survey.sent_at.map(|at| notices::invitation(self.tenant, &survey, at));
        let reminded = survey.reminded_at.map(|at| notices::reminder(self.tenant, &survey, at));
        for delivery in asked.iter().chain(&reminded) {
            deliver::post(self.world, self.tenant, delivery).await?;
        }
        Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?)
    }

    /// Nobody answered in time.
    async fn expire(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let expired = Survey { state: SurveyState::Expired, remind_at: None, ..stored.value };
        let what = What::SurveyExpired { survey: expired.id.clone(), cycle: expired.cycle };
        let before = self.order(&expired.work_order).await?;
        let (us, mut after) = (Actor::system("follow_up"), before.value.clone());
        let terms = self.terms_for(&after).await?;
        after.record(self.entry(&us, &terms), what)?;
        let change = Change { before: Some(&before), after, claim: None, with: Vec::new() };
        // Who has brought the order back, or has been called already, is not called about it; nor is
        // who wants no such questions.
        let silent = outdated(&before.value, &expired).is_none() && !self.declines(&expired).await?;
        let ended = silent.then_some(Ended { how: RevisitAfter::Expired, dissatisfied: false });
        self.conclude(change, (expired, stored.version), ended, &terms).await?;
        Ok(())
    }

    /// Whether the customer asked not to be asked.
    async fn declines(&self, survey: &Survey) -> Result<bool, Fault> {
        let wishes = wishes::of_customer(self.world, self.tenant, &survey.customer_ref).await?;
        Ok(wishes.value.declines(Topic::Survey))
    }

    /// Asks once more, unless the order came back meanwhile.
    async fn remind(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: mut survey, version } = stored;
        if survey.put_off(self.moment.now) {
            return Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?);
        }
        let before = self.order(&survey.work_order).await?;
        if outdated(&before.value, &survey).is_some() {
            survey.remind_at = None;
            return Ok(self.world.store.commit(&[self.keep(&survey, version)]).await?);
        }
        survey.reminded(self.moment.now);
        let what = What::SurveyReminded { survey: survey.id.clone(), cycle: survey.cycle };
        let reminder = notices::reminder(self.tenant, &survey, self.moment.now);
        self.tell(&before, what, vec![self.keep(&survey, version)], &reminder).await
    }

    /// Writes down that the customer is told, together with what is to be told: from there on that has a
    /// due mark of its own.
    async fn tell(
        &self,
        before: &Stored<WorkOrder>,
        what: What,
        mut with: Vec<Write>,
        delivery: &Delivery,
    ) -> Result<(), Tried> {
        with.push(deliver::keep(self.tenant, delivery, 0, self.moment.now));
        self.note(before, what, with).await?;
        Ok(deliver::announce(self.world, self.tenant, delivery, 1, self.moment.now).await?)
    }

    /// Asks, if it is time and nobody did. The order may have come back meanwhile: then asking
    /// would be an insult; or the customer was asked about another order, and has had enough. That
    /// is settled by the write, and only then somebody is told.
    pub(super) async fn ask(&self, stored: Stored<Survey>) -> Result<(), Tried> {
        let Stored { value: mut survey, version } = stored;
        let now = self.moment.now;
        if survey.state == SurveyState::Skipped {
            return self.tell_again(&survey.work_order).await;
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
        let (cycle, declines) = (survey.cycle, self.declines(&survey).await?);
        let unwished = || declines.then_some(SkipReason::Unwished);
        let spared = || spared(&survey, &before.value, asked.as_ref(), now);
        if let Some(why) = outdated(&before.value, &survey).or_else(unwished).or_else(spared) {
            survey.skip(why);
            return self.note(&before, What::SurveySkipped { cycle, why }, vec![self.keep(&survey, version)]).await;
        }
        survey.sent(now);
        let what = What::SurveySent { survey: survey.id.clone(), cycle };
        let mine = Asked { survey: survey.id.clone(), at: now };
        let claim = put(key, asked.map_or(0, |asked| asked.version), &mine, Marks::default());
        let with = vec![self.keep(&survey, version), claim];
        self.tell(&before, what, with, &notices::invitation(self.tenant, &survey, now)).await?;
        tracing::info!(survey.id = survey.id.as_str(), work_order.id = survey.work_order.as_str(), "asked");
        Ok(())
    }
}

/// Why the customer, who was asked something else before, is not asked now. Who was not satisfied is
/// always asked whether it is right now: that question is the customer's own.
fn spared(survey: &Survey, order: &WorkOrder, asked: Option<&Stored<Asked>>, now: Timestamp) -> Option<SkipReason> {
    let peace = |asked: &&Stored<Asked>| !order.is_contested() && survey.spares(asked.value.at, now);
    asked.filter(peace).map(|_| SkipReason::CoolDown)
}

/// Why a survey that was arranged is not asked after all.
fn outdated(order: &WorkOrder, survey: &Survey) -> Option<SkipReason> {
    if order.merged_into.is_some() {
        return Some(SkipReason::Merged);
    }
    if survey.entered().is_some() {
        return Some(SkipReason::Called);
    }
    (order.cycle != survey.cycle || order.status.is_active()).then_some(SkipReason::Reopened)
}
