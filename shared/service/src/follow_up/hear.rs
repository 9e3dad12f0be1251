//! What the customer says is heard, and brings the order back where it is not good enough.

use super::Step;
use super::revisit::Ended;
use crate::classify::Classification;
use crate::documents::Stored;
use crate::fault::{Fault, Tried};
use crate::orders::{Change, Claim};
use crate::place::Scene;
use crate::roster::{Roster, Wanted};
use crate::{labels, models, notices, receive};
use redress_domain::actor::{Actor, ActorKind};
use redress_domain::fact::{Understanding, What};
use redress_domain::order::WorkOrder;
use redress_domain::policy::{RevisitAfter, Terms};
use redress_domain::survey::{Answer, Survey};

impl Step<'_> {
    /// The customer answered: the order hears it once, and comes back if it was not good enough.
    pub(super) async fn act(&self) -> Result<(), Tried> {
        let Stored { value: survey, version } = self.survey().await?;
        let before = self.order(&survey.work_order).await?;
        let terms = self.terms_for(&before.value).await?;
        let Some(answer) = survey.unread() else {
            self.tell_revisit(&survey).await?;
            return Ok(notices::tell(self.world, self.tenant, &before.value, 0, None, &terms).await?);
        };
        let customer = Actor::new(ActorKind::Customer, survey.customer_ref.as_str());
        let who = answer.given_by.as_ref().unwrap_or(&customer);
        let (mut after, since) = (before.value.clone(), before.value.fact_count);
        let by = self.entry(who, &terms).because(survey.id.as_str());
        after.hear(by, &survey, answer)?;
        let came_back = after.cycle > before.value.cycle;
        let mut roster = if came_back { Some(Roster::read(self.world, self.tenant).await?) } else { None };
        let claim = match &mut roster {
            Some(roster) => self.take_back(&mut after, roster, (&survey, answer), &terms).await?,
            None => None,
        };
        let read = Survey { answers_read: survey.answers_given(), ..survey.clone() };
        let how = if came_back && after.supervised { RevisitAfter::DissatisfiedAtCap } else { RevisitAfter::Always };
        let ended = Ended { how, dissatisfied: !survey.is_satisfied(answer) };
        // What was said in a call needs no other.
        let ended = Some(ended).filter(|_| answer.given_by.is_none());
        let change = Change { before: Some(&before), after, claim, with: Vec::new() };
        let stored = self.conclude(change, (read, version), ended, &terms).await?;
        tracing::info!(
            survey.id = survey.id.as_str(),
            work_order.id = survey.work_order.as_str(),
            satisfied = survey.is_satisfied(answer),
            status = stored.value.status.as_str(),
            "heard"
        );
        Ok(notices::tell(self.world, self.tenant, &stored.value, since, roster.as_ref(), &terms).await?)
    }

    /// An order came back by its customer's verdict: its words are read again together with what the
    /// customer says now, and somebody else gets it, unless a supervisor has it. Each fact is the
    /// cause of the next.
    async fn take_back(
        &self,
        order: &mut WorkOrder,
        roster: &mut Roster,
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
        let scene = Scene { world: self.world, tenant: self.tenant, cause: &cause, moment: self.moment };
        scene.place(roster, order, Wanted::Ruled, self.entry(&us, terms).because(&cause)).await
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
