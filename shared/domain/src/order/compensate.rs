//! What a customer is to be given for a broken promise: asked for once a breach, and decided.

use super::{Entry, WorkOrder};
use crate::actor::Actor;
use crate::calendar::CalendarError;
use crate::compensation::{Approver, Compensation, Verdict};
use crate::fact::What;
use crate::feedback::Money;
use crate::id::CompensationId;
use crate::sla::ClockKey;

/// As many compensations as are asked for in one go: each becomes a document in the commit of the
/// order, and a commit has room for 25.
pub(super) const COMPENSATED_AT_ONCE: usize = 12;

impl WorkOrder {
    /// Asks for what the cap leaves of a compensation, and decides it at once if the amount needs
    /// nobody. Nothing if the cap leaves nothing, or something was asked for this breach already, or
    /// the breach is excused.
    pub(super) fn compensate(
        &mut self,
        by: Entry<'_>,
        key: &ClockKey,
        amount: &Money,
        cap: Option<&Money>,
    ) -> Result<(), CalendarError> {
        let Some(amount) = self.left_of(key, amount, cap) else { return Ok(()) };
        let id = CompensationId::of(&self.id, key);
        let needs = by.terms.policies.promises.approver(&amount);
        let asked =
            What::CompensationRequested { compensation: Some(id.clone()), clock: key.clone(), amount: amount.clone() };
        self.write(by, asked)?;
        if needs != Approver::Nobody {
            return Ok(());
        }
        let (us, cause) = (Actor::system("approval"), format!("{}/{}", self.id, self.fact_count));
        let decided = What::CompensationDecided {
            compensation: id,
            clock: key.clone(),
            decision: Verdict::Approved,
            amount,
            returned_minor: 0,
            reason: None,
        };
        self.write(by.by(&us).because(&cause), decided)
    }

    /// What the cap leaves of an amount.
    fn left_of(&self, key: &ClockKey, amount: &Money, cap: Option<&Money>) -> Option<Money> {
        let clock = self.clocks.find(key).filter(|clock| !clock.compensated)?;
        if clock.breach.as_ref().is_some_and(|breach| breach.annulled.is_some()) {
            return None;
        }
        let cap = cap.filter(|cap| cap.currency == amount.currency)?;
        let left = amount.amount_minor.min(cap.amount_minor - self.compensated_minor);
        (left > 0).then(|| Money { amount_minor: left, currency: amount.currency.clone() })
    }

    /// How many compensations were asked for in the facts from number `since` on.
    pub(super) fn compensations_since(&self, since: u32) -> usize {
        let new = usize::try_from(self.fact_count - since).unwrap_or(usize::MAX);
        let asks = |what: &What| matches!(what, What::CompensationRequested { .. });
        self.facts.iter().rev().take(new).filter(|fact| asks(&fact.what)).count()
    }

    /// Writes down what somebody decided of a compensation of this order: `given` minor units of it,
    /// 0 if it is declined. What is not given no longer counts against the cap.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn decide_compensation(
        &mut self,
        by: Entry<'_>,
        compensation: &Compensation,
        (decision, given): (Verdict, i64),
        reason: Option<String>,
    ) -> Result<(), CalendarError> {
        let Money { amount_minor: asked, currency } = compensation.amount.clone();
        let what = What::CompensationDecided {
            compensation: compensation.id.clone(),
            clock: compensation.clock.clone(),
            decision,
            amount: Money { amount_minor: given, currency },
            returned_minor: asked - given,
            reason,
        };
        self.record(by, what)
    }
}
