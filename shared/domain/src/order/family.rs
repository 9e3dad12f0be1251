//! Orders that are parts of another: each with clocks and an agent of its own.

use super::{Entry, Refusal, WorkOrder};
use crate::category::Category;
use crate::fact::{Origin, Parentage, What};
use crate::id::WorkOrderId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// As many parts as an order has at most.
pub const CHILDREN: usize = 20;

/// A part, as the whole knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Child {
    /// Which order.
    pub id: WorkOrderId,
    /// Whether it must be done before the whole is resolved.
    pub mandatory: bool,
    /// Whether it is done, or given up; only known of one that is mandatory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

impl Child {
    pub(super) fn new(id: WorkOrderId, mandatory: bool) -> Self {
        Self { id, mandatory, done: false }
    }
}

/// A part that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub category: Category,
    /// Whether it must be done before the whole is resolved.
    pub mandatory: bool,
    /// The first of what is to be done, masked.
    pub preview: String,
}

impl WorkOrder {
    /// Makes a part of this order, and takes note of it. Its customer, purchase and channel are the
    /// same, and so are its priority and what the customer speaks; what is promised for it is still
    /// to be agreed.
    ///
    /// # Errors
    /// The order is not active, is a part itself, or has as many parts as it may have; a calendar has
    /// no open time.
    pub fn split(&mut self, by: Entry<'_>, part: Part) -> Result<Self, Refusal> {
        if self.parent.is_some() {
            return Err(Refusal::Grandchild);
        }
        if !self.status.is_active() {
            return Err(Refusal::NotActive(self.status));
        }
        if self.children.len() >= CHILDREN {
            return Err(Refusal::TooManyParts);
        }
        let Part { category, mandatory, preview } = part;
        let id = WorkOrderId::of_part(&self.id, self.children.len() + 1);
        let parent = Parentage {
            order: self.id.clone(),
            mandatory,
            category,
            priority: self.priority,
            score: self.score,
            sentiment: self.sentiment,
            language: self.language,
        };
        let origin = Origin {
            feedback: None,
            parent: Some(parent),
            revisits: None,
            channel: self.channel,
            customer: self.customer.clone(),
            order: self.order.clone(),
            began_at: by.now,
            preview,
            follows: None,
            last_resolver: None,
        };
        self.record(by, What::ChildAdded { child: id.clone(), mandatory })?;
        Ok(Self::create(id, origin, by))
    }

    /// Takes note that a part ended or came back, if this waits for it and does not know yet.
    ///
    /// # Errors
    /// It came back, but this order has been resolved on its word; a calendar has no open time.
    pub fn hear_of_part(&mut self, by: Entry<'_>, part: &Self) -> Result<(), Refusal> {
        let known = self.children.iter().find(|child| child.id == part.id && child.mandatory);
        let (child, status) = (part.id.clone(), part.status);
        match known.map(|known| (known.done, status.is_active())) {
            Some((false, false)) => Ok(self.record(by, What::ChildDone { child, status })?),
            Some((true, true)) if !self.status.is_active() => Err(Refusal::ParentDone(self.status)),
            Some((true, true)) => Ok(self.record(by, What::ChildReopened { child })?),
            None | Some((false, true) | (true, false)) => Ok(()),
        }
    }

    /// How many parts must still be done.
    #[must_use]
    pub fn owed_parts(&self) -> usize {
        self.children.iter().filter(|child| child.mandatory && !child.done).count()
    }

    pub(super) fn note_part(&mut self, part: &WorkOrderId, done: bool) {
        self.children.iter_mut().filter(|child| child.id == *part).for_each(|child| child.done = done);
    }

    /// The same order as a part: nobody need read what it is about.
    pub(super) fn part_of(self, parent: Parentage) -> Self {
        Self {
            category: parent.category,
            needs_review: false,
            sentiment: parent.sentiment,
            language: parent.language,
            score: parent.score,
            priority: parent.priority,
            parent: Some(parent),
            ..self
        }
    }
}
