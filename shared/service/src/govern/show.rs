//! What is in force, as the API shows it.

use super::ranked::{self, Ranked, Shown};
use crate::auth::Caller;
use crate::desk::body;
use crate::fault::Fault;
use crate::ports::World;
use crate::publish::in_force;
use crate::reply::Reply;
use redress_domain::calendar::CalendarSpec;
use redress_domain::policy::{CalendarVersion, RoutingRule, SlaPolicy, SurveyPolicy, Terms};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A calendar as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Calendar")]
pub struct CalendarView {
    /// Its name within the tenant.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The document.
    #[serde(flatten)]
    #[schemars(with = "CalendarSpec")]
    pub document: Map<String, Value>,
}

impl CalendarView {
    pub(super) fn of(entry: &CalendarVersion) -> Self {
        let document = match &entry.calendar {
            Value::String(_) => json!(CalendarSpec::always()),
            document => document.clone(),
        };
        // What is no calendar is told of as such when all is checked.
        let document = document.as_object().cloned().unwrap_or_default();
        Self { id: entry.id.clone(), version: entry.version, name: entry.name.clone(), document }
    }
}

/// Every calendar in force, by name.
///
/// # Errors
/// The store did not answer.
pub async fn calendars(world: &World, caller: &Caller) -> Result<Vec<CalendarView>, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let mut entries: Vec<_> = terms.policies.calendars.iter().collect();
    entries.sort_by_key(|entry| &entry.id);
    Ok(entries.into_iter().map(CalendarView::of).collect())
}

/// Every SLA policy in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn policies(world: &World, caller: &Caller) -> Result<Vec<Shown<SlaPolicy>>, Fault> {
    all::<SlaPolicy>(world, caller).await
}

/// Every routing rule in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn routing_rules(world: &World, caller: &Caller) -> Result<Vec<Shown<RoutingRule>>, Fault> {
    all::<RoutingRule>(world, caller).await
}

/// Every survey policy in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn survey_policies(world: &World, caller: &Caller) -> Result<Vec<Shown<SurveyPolicy>>, Fault> {
    all::<SurveyPolicy>(world, caller).await
}

async fn all<T: Ranked>(world: &World, caller: &Caller) -> Result<Vec<Shown<T>>, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    Ok(T::all(&terms.policies).iter().enumerate().map(|(at, policy)| ranked::show(at, policy)).collect())
}

/// One calendar in force.
///
/// # Errors
/// Not found.
pub async fn calendar(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let entry = terms.policies.calendars.iter().find(|entry| entry.id == id).ok_or(Fault::NotFound)?;
    Ok(Reply { body: body(&CalendarView::of(entry)), version: u64::from(entry.version), replayed: false })
}

/// One SLA policy in force.
///
/// # Errors
/// Not found.
pub async fn policy(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    one::<SlaPolicy>(world, caller, id).await
}

/// One routing rule in force.
///
/// # Errors
/// Not found.
pub async fn routing_rule(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    one::<RoutingRule>(world, caller, id).await
}

/// One survey policy in force.
///
/// # Errors
/// Not found.
pub async fn survey_policy(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    one::<SurveyPolicy>(world, caller, id).await
}

async fn one<T: Ranked>(world: &World, caller: &Caller, id: &str) -> Result<Reply, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let (at, version) = ranked::find::<T>(&terms.policies, id).ok_or(Fault::NotFound)?;
    let body = body(&ranked::show(at, &T::all(&terms.policies)[at]));
    Ok(Reply { body, version: u64::from(version), replayed: false })
}

/// What reasons weigh now.
///
/// # Errors
/// The store did not answer.
pub async fn priority(world: &World, caller: &Caller) -> Result<Reply, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let policy = &terms.policies.priority;
    Ok(Reply { body: body(policy), version: u64::from(policy.version), replayed: false })
}

/// The policies in force, for previews.
///
/// # Errors
/// The store did not answer.
pub async fn terms(world: &World, caller: &Caller) -> Result<Arc<Terms>, Fault> {
    Ok(in_force(world, &caller.tenant).await?.1)
}
