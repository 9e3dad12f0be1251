//! Who and what belongs to an order, as the API shows it.

use crate::notices;
use jiff::Timestamp;
use redress_domain::category::Category;
use redress_domain::id::{AgentId, TeamId, WorkOrderId};
use redress_domain::order::{Child, Status, WorkOrder};
use redress_domain::priority::Priority;
use schemars::JsonSchema;
use serde::Serialize;

/// Somebody who is told of whatever happens to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WatcherView {
    /// The agent; `null` where it is not one.
    pub agent: Option<AgentId>,
    /// As in notices: `agent:<id>`, `supervisors`.
    pub audience: String,
}

impl WatcherView {
    /// Everybody who watches an order.
    #[must_use]
    pub fn all(order: &WorkOrder) -> Vec<Self> {
        let view = |told: &String| Self { agent: notices::agent_of(told), audience: told.clone() };
        order.watchers.iter().map(view).collect()
    }
}

/// A part of an order, as the whole shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartView {
    /// Which order.
    pub id: WorkOrderId,
    /// Whether it must be done before the whole is resolved.
    pub mandatory: bool,
}

/// A part of an order, as a list of them shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChildView {
    /// Which order.
    pub id: WorkOrderId,
    /// Whether it must be done before the whole is resolved.
    pub mandatory: bool,
    /// How far it is.
    pub status: Status,
    /// The band.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
    /// The first of what is to be done, masked.
    pub preview: String,
    /// Whose queue it is in.
    pub team: Option<TeamId>,
    /// Who works on it.
    pub agent: Option<AgentId>,
    /// When its first running promise ends.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

impl ChildView {
    pub(crate) fn of(child: &Child, order: &WorkOrder) -> Self {
        Self {
            id: order.id.clone(),
            mandatory: child.mandatory,
            status: order.status,
            priority: order.priority,
            category: order.category,
            preview: order.preview.clone(),
            team: order.team.clone(),
            agent: order.agent.clone(),
            due_at: order.promised_by(),
            created_at: order.created_at,
            resolved_at: order.resolved_at,
        }
    }
}

impl PartView {
    pub(super) fn of(child: &Child) -> Self {
        Self { id: child.id.clone(), mandatory: child.mandatory }
    }
}
