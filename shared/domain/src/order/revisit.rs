//! A customer is called and asked whether it was put right: work of its own kind.

use super::{Entry, WorkOrder};
use crate::calendar::CalendarError;
use crate::fact::{Origin, Revisited, What};
use crate::feedback::Channel;
use crate::id::WorkOrderId;
use crate::priority::Priority;
use crate::survey::Survey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of work an order is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Something is to be put right.
    #[default]
    Case,
    /// A customer is called and asked whether it was put right.
    Revisit,
}

impl OrderKind {
    /// Every kind and its word in JSON.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Case, "case"), (Self::Revisit, "revisit")];
}

impl WorkOrder {
    /// What kind of work it is.
    #[must_use]
    pub fn kind(&self) -> OrderKind {
        if self.revisits.is_some() { OrderKind::Revisit } else { OrderKind::Case }
    }

    /// Makes the order to call this one's customer about a survey, and takes note of it: at this one's
    /// priority where the customer is `dissatisfied`, else when there is time. Whoever's work it asks
    /// about does not get it. What is promised for it is still to be agreed.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn revisit(&mut self, by: Entry<'_>, survey: &Survey, dissatisfied: bool) -> Result<Self, CalendarError> {
        let id = WorkOrderId::revisiting(&survey.id);
        let revisited = Revisited {
            order: self.id.clone(),
            survey: survey.id.clone(),
            resolver: survey.resolver.clone(),
            category: self.category,
            priority: if dissatisfied { self.priority } else { Priority::P4 },
            score: self.score,
            sentiment: self.sentiment,
            language: self.language,
        };
        let origin = Origin {
            feedback: None,
            parent: None,
            revisits: Some(revisited),
            channel: Channel::Phone,
            customer: self.customer.clone(),
            order: self.order.clone(),
            began_at: by.now,
            preview: self.preview.clone(),
            follows: None,
            last_resolver: None,
        };
        self.record(by, What::RevisitMade { survey: survey.id.clone(), revisit: id.clone() })?;
        Ok(Self::create(id, origin, by))
    }

    /// The same order as a revisit: nobody need read what it is about.
    pub(super) fn calling(self, revisited: Revisited) -> Self {
        Self {
            category: revisited.category,
            needs_review: false,
            sentiment: revisited.sentiment,
            language: revisited.language,
            score: revisited.score,
            priority: revisited.priority,
            excluded: revisited.resolver.iter().cloned().collect(),
            revisits: Some(Box::new(revisited)),
            ..self
        }
    }
}
