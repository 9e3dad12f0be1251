//! Some customers are called besides: an order of its own kind says so.

use super::Step;
use crate::documents::Stored;
use crate::fault::{Fault, Tried};
use crate::orders::{self, Change};
use crate::roster::Roster;
use crate::sweep;
use redress_domain::actor::Actor;
use redress_domain::order::WorkOrder;
use redress_domain::policy::{RevisitAfter, Terms};
use redress_domain::survey::Survey;

/// How a survey has come to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) how: RevisitAfter,
    /// Whether the customer was not satisfied.
    pub(super) dissatisfied: bool,
}

impl Step<'_> {
    /// Commits a change of an order together with its survey and, where that has come to its end and
    /// the policy wants this customer called, the order to call. That one waits for an agent as any
    /// other does: one commit gives no two orders to agents.
    pub(super) async fn conclude(
        &self,
        mut change: Change<'_>,
        (mut survey, seen): (Survey, u64),
        ended: Option<Ended>,
        terms: &Terms,
    ) -> Result<Stored<WorkOrder>, Tried> {
        let mut changes = Vec::new();
        if let Some(ended) = ended.filter(|ended| survey.wants_revisit(ended.how)) {
            let after = self.call(&mut change.after, &survey, ended.dissatisfied, terms).await?;
            survey.revisit = Some(after.id.clone());
            changes.push(Change { before: None, after, claim: None, with: Vec::new() });
        }
        change.with.push(self.keep(&survey, seen));
        changes.push(change);
        let mut stored = orders::commit_all(self.world, self.tenant, changes, terms, self.moment.now).await?;
        let order = stored.pop().expect("the order itself is the last of the changes");
        if let Some(revisit) = stored.pop() {
            sweep::prompt(self.world, self.tenant, &revisit.value, revisit.version, self.moment).await?;
        }
        Ok(order)
    }

    async fn call(
        &self,
        order: &mut WorkOrder,
        survey: &Survey,
        dissatisfied: bool,
        terms: &Terms,
    ) -> Result<WorkOrder, Fault> {
        let us = Actor::system("follow_up");
        let by = self.entry(&us, terms).because(survey.id.as_str());
        let mut revisit = order.revisit(by, survey, dissatisfied)?;
        let people = Roster::read(self.world, self.tenant).await?;
        revisit.agree(by, people.team_calendar(&revisit, terms))?;
        Ok(revisit)
    }

    /// Tells again that somebody is to call, should that have been lost.
    pub(super) async fn tell_revisit(&self, survey: &Survey) -> Result<(), Fault> {
        let Some(id) = &survey.revisit else { return Ok(()) };
        let revisit = self.order(id).await?;
        sweep::prompt(self.world, self.tenant, &revisit.value, revisit.version, self.moment).await
    }
}
