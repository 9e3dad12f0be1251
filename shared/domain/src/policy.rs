//! Policy is data: what a manager may change, versioned, with shipped defaults.

mod check;
mod routing_rule;
mod sla_policy;
mod survey_policy;
mod terms;
mod when;

pub use routing_rule::{RoutingConditions, RoutingRule};
pub use sla_policy::{Conditions, LONGEST, Promise, ReopenMode, Reopening, SlaPolicy, Subject};
pub use survey_policy::{ReopenBelow, RevisitAfter, RevisitPolicy, SurveyConditions, SurveyPolicy};
pub use terms::{CalendarChoice, Terms};

use crate::id::{IncidentId, WebhookId};
use crate::incident::Affected;
use crate::priority::PriorityPolicy;
use crate::promise::ServicePromises;
use crate::sla::VersionRef;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The policies that every tenant starts with (R39, R40).
pub const SHIPPED: &str = include_str!("policy/shipped.json");

/// The longest name of a policy, a calendar, a level or a statutory metric, in characters.
pub const NAME: usize = 64;

/// One immutable version of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarVersion {
    /// Its name within the tenant.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As in sla.md section 1: `"24x7"` or an object.
    pub calendar: serde_json::Value,
}

impl CalendarVersion {
    /// Which version it is.
    #[must_use]
    pub fn version(&self) -> VersionRef {
        VersionRef { id: self.id.clone(), version: self.version }
    }
}

/// When orders come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenPolicy {
    /// How long after resolving a customer may reopen; then the order closes.
    pub window_seconds: i64,
    /// How often dissatisfaction gives the order to another resolver before it goes to a supervisor.
    pub cap: u32,
}

/// A trained model of the tenant's own: which one reads its customers' words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelVersion {
    /// From 1: one more with every publishing.
    pub version: u32,
    /// SHA-256 of its bytes, in hexadecimal: what lies in the bucket must be what was published.
    pub digest: String,
}

/// All of a tenant's policies that are in force: one document, published as one version. What it
/// no longer holds is kept apart, version by version, for the clocks that still run by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// From 1: one more with every publishing.
    pub version: u32,
    /// The newest version of every calendar.
    pub calendars: Vec<CalendarVersion>,
    /// The calendar for whatever names none.
    pub calendar: String,
    /// In order: the first that matches counts, and the last must match everything.
    pub sla: Vec<SlaPolicy>,
    /// In order: the first that matches says when its customer is asked; the last must match
    /// everything.
    #[serde(deserialize_with = "survey_policy::one_or_many")]
    pub survey: Vec<SurveyPolicy>,
    /// In order: the first that matches says whose order it is; where none does, the teams' own
    /// lists of categories say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routing: Vec<RoutingRule>,
    /// When orders come back.
    pub reopen: ReopenPolicy,
    /// What makes a feedback urgent or wide.
    #[serde(default = "PriorityPolicy::shipped")]
    pub priority: PriorityPolicy,
    /// The tenant's own model; the shipped one reads where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelVersion>,
    /// The last version that a model of the tenant's own had, also after it was withdrawn.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub models: u32,
    /// What the shop promises in public, and who may approve what follows from a promise that was
    /// not kept.
    #[serde(default, skip_serializing_if = "ServicePromises::is_none")]
    pub promises: ServicePromises,
    /// Who is told of which events, by webhook: those that are enabled. A copy of what the webhooks'
    /// own documents say, kept here because whoever tells has read this already.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subscriptions: BTreeMap<WebhookId, Subscription>,
    /// Whom the open incidents concern: a copy of what their own documents say, kept here because
    /// whoever makes an order has read this already.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub incidents: BTreeMap<IncidentId, Affected>,
}

/// What a webhook is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The types of events; `*` for all.
    pub events: BTreeSet<String>,
    /// Of what is recorded from this instant on.
    pub since: Timestamp,
}

impl Subscription {
    /// Whether it asks for events of a type that are recorded at an instant.
    #[must_use]
    pub fn wants(&self, event: &str, recorded_at: Timestamp) -> bool {
        self.since <= recorded_at && (self.events.contains("*") || self.events.contains(event))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Policies {
    /// The policies that every tenant starts with.
    #[must_use]
    pub fn shipped() -> Self {
        serde_json::from_str(SHIPPED).expect("the shipped policies parse: a test reads them")
    }
}

/// A policy document that can't be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct PolicyError {
    /// JSON pointer to the place.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl PolicyError {
    /// Something wrong at a place.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }

    /// The same, seen from the document that holds it at `pointer`.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        Self { pointer: format!("{pointer}{}", self.pointer), ..self }
    }
}

#[cfg(test)]
mod tests;
