//! What is in force, as the API shows it.

use super::ranked::{self, Ranked};
use crate::auth::Caller;
use crate::fault::Fault;
use crate::ports::World;
use crate::publish::in_force;
use crate::reply::Reply;
use redress_domain::policy::{CalendarVersion, RoutingRule, SlaPolicy, SurveyPolicy, Terms};
use serde_json::{Value, json};
use std::sync::Arc;

/// A calendar as the API shows it: its name and version, and the document.
///
/// # Errors
/// It is stored as something that this version can't read.
pub fn show_calendar(entry: &CalendarVersion) -> Result<Value, Fault> {
    let mut body = json!({"id": entry.id, "version": entry.version});
    if let Some(name) = &entry.name {
        body["name"] = json!(name);
    }
    let document = match &entry.calendar {
        Value::String(_) => json!(redress_domain::calendar::CalendarSpec::always()),
        document => document.clone(),
    };
    match (body.as_object_mut(), document) {
        (Some(body), Value::Object(document)) => body.extend(document),
        // What is no calendar is told of as such when all is checked.
        _ => return Ok(body),
    }
    Ok(body)
}

/// Every calendar in force, by name.
///
/// # Errors
/// The store did not answer.
pub async fn calendars(world: &World, caller: &Caller) -> Result<Vec<Value>, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let mut entries: Vec<_> = terms.policies.calendars.iter().collect();
    entries.sort_by_key(|entry| &entry.id);
    entries.into_iter().map(show_calendar).collect()
}

/// Every SLA policy in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn policies(world: &World, caller: &Caller) -> Result<Vec<Value>, Fault> {
    all::<SlaPolicy>(world, caller).await
}

/// Every routing rule in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn routing_rules(world: &World, caller: &Caller) -> Result<Vec<Value>, Fault> {
    all::<RoutingRule>(world, caller).await
}

/// Every survey policy in force, in the order in which they are asked.
///
/// # Errors
/// The store did not answer.
pub async fn survey_policies(world: &World, caller: &Caller) -> Result<Vec<Value>, Fault> {
    all::<SurveyPolicy>(world, caller).await
}

async fn all<T: Ranked>(world: &World, caller: &Caller) -> Result<Vec<Value>, Fault> {
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
    Ok(Reply { body: show_calendar(entry)?, version: u64::from(entry.version), replayed: false })
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
    let body = ranked::show(at, &T::all(&terms.policies)[at]);
    Ok(Reply { body, version: u64::from(version), replayed: false })
}

/// What reasons weigh now.
///
/// # Errors
/// The store did not answer.
pub async fn priority(world: &World, caller: &Caller) -> Result<Reply, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let policy = &terms.policies.priority;
    Ok(Reply { body: crate::desk::body(policy), version: u64::from(policy.version), replayed: false })
}

/// The policies in force, for previews.
///
/// # Errors
/// The store did not answer.
pub async fn terms(world: &World, caller: &Caller) -> Result<Arc<Terms>, Fault> {
    Ok(in_force(world, &caller.tenant).await?.1)
}
