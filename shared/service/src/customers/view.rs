//! Customers as the API shows them. References whole, since the shop gave them; of telephone numbers
//! and addresses no more than tells one from another.

use crate::identities::Person;
use crate::said::Said;
use crate::view::Progress;
use jiff::Timestamp;
use redress_domain::category::Category;
use redress_domain::feedback::Channel;
use redress_domain::id::{FeedbackId, WorkOrderId};
use redress_domain::identity::{Identity, IdentityKind, Known, Link};
use redress_domain::order::{Status, WorkOrder};
use redress_domain::priority::Priority;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A customer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CustomerView {
    /// The reference that was asked for.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Every reference of the same person, the one that was asked for first.
    pub refs: Vec<String>,
    /// What the person was called in the last hundred feedbacks, oldest first.
    pub names: Vec<String>,
    /// What else the person is known by, and so why those references are one.
    pub identities: Vec<IdentityView>,
    /// How many feedbacks there are, up to 2,000.
    pub feedback_count: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// The orders of the last hundred feedbacks that somebody must still act on.
    pub open_orders: Vec<OpenOrder>,
}

/// An identity of a person.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IdentityView {
    /// What kind.
    pub kind: IdentityKind,
    /// As much of it as is shown.
    pub value: String,
    /// Whether it is linked to too many to be one person's: then it joins nobody.
    pub crowded: bool,
    /// Who is known by it, as who said.
    pub linked_to: Vec<Statement>,
}

/// Somebody said that an identity is of the same person as another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Statement {
    /// What kind the other one is.
    pub kind: IdentityKind,
    /// As much of the other one as is shown.
    pub value: String,
    /// When it was said.
    pub at: Timestamp,
    /// The feedback that named both, or the API key that said so.
    pub by: String,
}

/// An order that is open.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OpenOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// How far it is.
    pub status: Status,
    /// The band.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
    /// When the customer began to wait.
    pub created_at: Timestamp,
    /// When the first running promise ends.
    pub due_at: Option<Timestamp>,
}

impl CustomerView {
    /// A person, what was said last, how many feedbacks were counted, and whether there are more.
    pub(crate) fn of(person: &Person, said: &[Said], (counted, more): (usize, bool)) -> Self {
        let others = person.known.iter().filter(|known| known.digest != person.asked.digest());
        Self {
            reference: person.asked.shown(),
            refs: person.refs(),
            names: names(said),
            identities: others.map(IdentityView::from).collect(),
            feedback_count: counted,
            more,
            open_orders: open_orders(said),
        }
    }
}

fn names(said: &[Said]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in said.iter().filter_map(|said| said.reception.feedback.customer.name.as_ref()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn open_orders(said: &[Said]) -> Vec<OpenOrder> {
    let mut seen = BTreeSet::new();
    let orders = said.iter().filter_map(|said| said.order.as_ref());
    orders.filter(|order| order.status.is_active() && seen.insert(&order.id)).map(OpenOrder::from).collect()
}

impl From<&WorkOrder> for OpenOrder {
    fn from(order: &WorkOrder) -> Self {
        Self {
            id: order.id.clone(),
            status: order.status,
            priority: order.priority,
            category: order.category,
            created_at: order.created_at,
            due_at: order.promised_by(),
        }
    }
}

impl From<&Known> for IdentityView {
    fn from(known: &Known) -> Self {
        Self {
            kind: known.kind,
            value: known.shown.clone(),
            crowded: known.is_crowded(),
            linked_to: known.links.iter().map(Statement::from).collect(),
        }
    }
}

impl From<&Link> for Statement {
    fn from(link: &Link) -> Self {
        Self { kind: link.kind, value: link.shown.clone(), at: link.at, by: link.by.clone() }
    }
}

/// A link that somebody made.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LinkView {
    /// The customer's reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is linked to, and who said so first.
    #[serde(flatten)]
    pub statement: Statement,
}

impl LinkView {
    pub(super) fn of(reference: &Identity, link: &Link) -> Self {
        Self { reference: reference.shown(), statement: link.into() }
    }
}

/// One thing that a person said.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TimelineEntry {
    /// What it is: so far nothing but `feedback`.
    pub kind: &'static str,
    /// Its id.
    pub id: FeedbackId,
    /// When it came in.
    pub at: Timestamp,
    /// Where it was said.
    pub channel: Channel,
    /// Under which reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The first of the words, masked.
    pub preview: String,
    /// How far it is.
    pub status: Progress,
    /// The order that answers it; `null` until there is one.
    pub work_order_id: Option<WorkOrderId>,
    /// How that stands.
    pub work_order: Option<Milestones>,
}

/// How an order stands, and when it got there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Milestones {
    /// How far it is.
    pub status: Status,
    /// When the customer began to wait.
    pub created_at: Timestamp,
    /// When it was last resolved; `null` while it is open.
    pub resolved_at: Option<Timestamp>,
    /// How often it came back.
    pub reopen_count: u32,
}

impl From<Said> for TimelineEntry {
    fn from(Said { id, reception, order }: Said) -> Self {
        Self {
            kind: "feedback",
            at: reception.received_at,
            channel: reception.feedback.channel,
            preview: reception.preview(),
            status: Progress::of(&reception, order.as_ref()),
            work_order_id: order.as_ref().map(|order| order.id.clone()).or_else(|| reception.work_order.clone()),
            work_order: order.as_ref().map(Milestones::from),
            reference: reception.feedback.customer.reference,
            id,
        }
    }
}

impl From<&WorkOrder> for Milestones {
    fn from(order: &WorkOrder) -> Self {
        Self {
            status: order.status,
            created_at: order.created_at,
            resolved_at: order.resolved_at,
            reopen_count: order.reopen_count,
        }
    }
}
