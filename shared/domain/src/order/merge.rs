//! Two orders that are about one thing become one.

use super::{Entry, Refusal, Status, WorkOrder};
use crate::fact::What;
use crate::id::{FeedbackId, WorkOrderId};

impl WorkOrder {
    /// Gives this order up for `into`, which goes on with what the customer said here. Both know of
    /// it; this one is cancelled, and owes nothing any more. `one_person`: whether the customers of
    /// both are known to be one, though they have two references.
    ///
    /// # Errors
    /// Either is over, is a revisit, or has a family; they are of different customers; a calendar has no open time.
    pub fn merge(
        &mut self,
        into: &mut Self,
        by: Entry<'_>,
        one_person: bool,
        reason: Option<String>,
    ) -> Result<(), Refusal> {
        if self.is_over(by.now, by.terms) {
            return Err(Refusal::Over(self.status));
        }
        if into.is_over(by.now, by.terms) {
            return Err(Refusal::TargetOver(into.status));
        }
        if self.customer.reference != into.customer.reference && !one_person {
            return Err(Refusal::OtherCustomer);
        }
        if self.revisits.is_some() || into.revisits.is_some() {
            return Err(Refusal::Revisit);
        }
        if self.parent.is_some() || into.parent.is_some() || self.owed_parts() > 0 {
            return Err(Refusal::Family);
        }
        let (duplicate, feedback) = (self.id.clone(), self.feedback_ids.clone());
        let what = What::Merged { duplicate, into: into.id.clone(), feedback, reason: reason.clone() };
        self.record(by, what.clone())?;
        let (from, to) = (self.status, Status::Cancelled);
        self.record(by, What::StatusChanged { from, to, reason, resolution: None })?;
        Ok(into.record(by, what)?)
    }

    pub(super) fn merged(&mut self, duplicate: &WorkOrderId, into: &WorkOrderId, feedback: &[FeedbackId]) {
        if self.id == *duplicate {
            self.merged_into = Some(into.clone());
        } else {
            let new = feedback.iter().filter(|id| !self.feedback_ids.contains(id)).cloned();
            self.feedback_ids = self.feedback_ids.iter().cloned().chain(new).collect();
        }
    }
}
