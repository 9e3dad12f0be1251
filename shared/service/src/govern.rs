//! What a manager may change: calendars, SLA policies and what makes it urgent, each versioned, validated together before
//! any is published. Publishing touches no live order.

mod in_use;

use crate::auth::Caller;
use crate::desk::{IfMatch, body};
use crate::fault::{Conflict, Fault, Flaw, Tried, contended, settled};
use crate::ports::World;
use crate::publish::{in_force, last_kept, replace};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, orders};
use redress_domain::calendar::CalendarSpec;
use redress_domain::id::TenantId;
use redress_domain::order::Version;
use redress_domain::policy::{CalendarVersion, Conditions, Policies, SlaPolicy, Terms};
use redress_domain::priority::PriorityPolicy;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// As many bytes as a tenant's calendars and policies may take together: they are one document.
///
/// # Source
/// Amazon DynamoDB, quotas: an item has at most 400 KB, names and keys included.
const LARGEST: usize = 384 * 1024;

/// An SLA policy as a caller writes it, and where it stands among the others.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedPolicy {
    /// The policy; its version is ours to give.
    pub policy: SlaPolicy,
    /// Its place, from 1; before the one that matches everything if absent.
    pub position: Option<usize>,
}

/// What a manager asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Ruling {
    /// A new calendar.
    AddCalendar(CalendarVersion),
    /// A new version of a calendar.
    ReplaceCalendar(CalendarVersion),
    /// A calendar goes.
    DropCalendar(String),
    /// A new SLA policy.
    AddPolicy(PlacedPolicy),
    /// A new version of an SLA policy.
    ReplacePolicy(PlacedPolicy),
    /// An SLA policy goes: no order is matched by it any more.
    DropPolicy(String),
    /// A new version of what reasons weigh.
    ReplacePriority(PriorityPolicy),
}

/// What the policies would be, and the document that the caller gets to see.
struct Ruled {
    policies: Policies,
    body: Value,
    version: u32,
    /// Where the caller's document stands in the whole, for faults that are told in its terms.
    place: String,
}

/// Publishes what a manager asks for. `if_match`: the version of the document that is replaced or
/// dropped; any without it.
///
/// # Errors
/// Invalid at every place that can't be meant; not found; conflict if there is one of that name
/// already, the caller has read an older version, or something else rests on what shall go.
pub async fn rule(
    world: &World,
    caller: &Caller,
    ruling: &Ruling,
    if_match: Option<&IfMatch>,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        if let Some(answer) = settled(publish(world, caller, ruling, if_match, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn publish(
    world: &World,
    caller: &Caller,
    ruling: &Ruling,
    if_match: Option<&IfMatch>,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let tenant = &caller.tenant;
    let (seen, terms) = in_force(world, tenant).await?;
    let old = &terms.policies;
    let mut ruled = decide(old, ruling, if_match, first_version(world, tenant, ruling).await?)?;
    ruled.policies.version = old.version + 1;
    check_use(world, tenant, ruling, &ruled).await?;
    let mut writes = replace(tenant, old, seen, &ruled.policies).map_err(|fault| localise(fault, &ruled.place))?;
    check_size(&ruled.policies)?;
    let reply = Reply { body: ruled.body, version: u64::from(ruled.version), replayed: false };
    writes.extend(keyed.keep(tenant, slot, &reply, moment.now));
    world.store.commit(&writes).await?;
    tracing::info!(policies.version = ruled.policies.version, "published");
    Ok(reply)
}

/// The version of what is new: from 1, unless there was one of that name before. A version that was
/// published stands for one document for ever.
async fn first_version(world: &World, tenant: &TenantId, ruling: &Ruling) -> Result<u32, Fault> {
    let last = match ruling {
        Ruling::AddCalendar(entry) => last_kept(world, tenant, Version::Calendar(&entry.version())).await?,
        Ruling::AddPolicy(placed) => last_kept(world, tenant, Version::Policy(&placed.policy.version())).await?,
        _ => 0,
    };
    Ok(last + 1)
}

fn decide(old: &Policies, ruling: &Ruling, if_match: Option<&IfMatch>, first: u32) -> Result<Ruled, Fault> {
    let mut policies = old.clone();
    let calendar = |id: &str| old.calendars.iter().position(|each| each.id == id);
    let policy = |id: &str| old.sla.iter().position(|each| each.id == id);
    match ruling {
        Ruling::AddCalendar(entry) => {
            if calendar(&entry.id).is_some() {
                return Err(Fault::Conflict(Conflict::Exists));
            }
            let entry = CalendarVersion { version: first, ..entry.clone() };
            let body = body(&CalendarView::of(&entry));
            policies.calendars.push(entry);
            let place = format!("/calendars/{}/calendar", policies.calendars.len() - 1);
            Ok(Ruled { policies, body, version: first, place })
        }
        Ruling::ReplaceCalendar(entry) => {
            let at = calendar(&entry.id).ok_or(Fault::NotFound)?;
            allowed(if_match, old.calendars[at].version)?;
            let entry = CalendarVersion { version: old.calendars[at].version + 1, ..entry.clone() };
            let (body, version) = (body(&CalendarView::of(&entry)), entry.version);
            policies.calendars[at] = entry;
            Ok(Ruled { policies, body, version, place: format!("/calendars/{at}/calendar") })
        }
        Ruling::DropCalendar(id) => {
            let at = calendar(id).ok_or(Fault::NotFound)?;
            allowed(if_match, old.calendars[at].version)?;
            let gone = policies.calendars.remove(at);
            Ok(Ruled { policies, body: Value::Null, version: gone.version, place: String::new() })
        }
        Ruling::AddPolicy(placed) => {
            if policy(&placed.policy.id).is_some() {
                return Err(Fault::Conflict(Conflict::Exists));
            }
            Ok(put_policy(policies, placed, first))
        }
        Ruling::ReplacePolicy(placed) => {
            let at = policy(&placed.policy.id).ok_or(Fault::NotFound)?;
            let version = old.sla[at].version;
            allowed(if_match, version)?;
            policies.sla.remove(at);
            let position = placed.position.or(Some(at + 1));
            Ok(put_policy(policies, &PlacedPolicy { position, ..placed.clone() }, version + 1))
        }
        Ruling::ReplacePriority(asked) => {
            allowed(if_match, old.priority.version)?;
            let version = old.priority.version + 1;
            policies.priority = PriorityPolicy { version, ..asked.clone() };
            let body = body(&policies.priority);
            Ok(Ruled { policies, body, version, place: "/priority".to_owned() })
        }
        Ruling::DropPolicy(id) => {
            let at = policy(id).ok_or(Fault::NotFound)?;
            allowed(if_match, old.sla[at].version)?;
            let gone = policies.sla.remove(at);
            Ok(Ruled { policies, body: Value::Null, version: gone.version, place: String::new() })
        }
    }
}

fn put_policy(mut policies: Policies, placed: &PlacedPolicy, version: u32) -> Ruled {
    let before_last = policies.sla.iter().rposition(|policy| policy.when == Conditions::default());
    let at = placed.position.map_or(before_last.unwrap_or(policies.sla.len()), |position| position - 1);
    let at = at.min(policies.sla.len());
    let policy = SlaPolicy { version, ..placed.policy.clone() };
    let body = body(&SlaPolicyView::of(at, &policy));
    policies.sla.insert(at, policy);
    Ruled { policies, body, version, place: format!("/sla/{at}") }
}

fn allowed(if_match: Option<&IfMatch>, version: u32) -> Result<(), Fault> {
    let stale = if_match.is_some_and(|versions| !versions.allows(u64::from(version)));
    if stale { Err(Fault::Conflict(Conflict::Stale)) } else { Ok(()) }
}

/// Faults of the whole, told in terms of the document that the caller sent: what is wrong elsewhere
/// is wrong because of it.
fn localise(fault: Fault, place: &str) -> Fault {
    let Fault::Invalid(flaws) = fault else { return fault };
    let own_rest = |rest: &&str| !place.is_empty() && (rest.is_empty() || rest.starts_with('/'));
    let own = |flaw: Flaw| match flaw.pointer.strip_prefix(place).filter(own_rest) {
        Some(rest) => Flaw { pointer: rest.to_owned(), ..flaw },
        None => Flaw { pointer: String::new(), detail: format!("{}: {}", flaw.pointer, flaw.detail) },
    };
    Fault::Invalid(flaws.into_iter().map(own).collect())
}

fn check_size(policies: &Policies) -> Result<(), Fault> {
    if body(policies).to_string().len() <= LARGEST {
        return Ok(());
    }
    let most = LARGEST / 1024;
    let detail = format!("all calendars and SLA policies together have at most {most} KiB: take out what has passed");
    Err(Fault::invalid("", detail))
}

/// Whether something rests on what shall go.
async fn check_use(world: &World, tenant: &TenantId, ruling: &Ruling, ruled: &Ruled) -> Result<(), Fault> {
    let user = match ruling {
        Ruling::DropCalendar(id) => in_use::of_calendar(world, tenant, id, &ruled.policies).await?,
        Ruling::DropPolicy(id) => in_use::of_policy(world, tenant, id).await?,
        _ => None,
    };
    user.map_or(Ok(()), |user| Err(Fault::Conflict(Conflict::InUse(user))))
}

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
    fn of(entry: &CalendarVersion) -> Self {
        let document = match &entry.calendar {
            Value::String(_) => json!(CalendarSpec::always()),
            document => document.clone(),
        };
        // What is no calendar is told of as such when all is checked.
        let document = document.as_object().cloned().unwrap_or_default();
        Self { id: entry.id.clone(), version: entry.version, name: entry.name.clone(), document }
    }
}

/// An SLA policy as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "SlaPolicy")]
pub struct SlaPolicyView {
    /// Its place among the others, from 1: the first that matches counts.
    pub position: usize,
    /// The policy.
    #[serde(flatten)]
    pub policy: SlaPolicy,
}

impl SlaPolicyView {
    fn of(at: usize, policy: &SlaPolicy) -> Self {
        Self { position: at + 1, policy: policy.clone() }
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
pub async fn policies(world: &World, caller: &Caller) -> Result<Vec<SlaPolicyView>, Fault> {
    let (_, terms) = in_force(world, &caller.tenant).await?;
    Ok(terms.policies.sla.iter().enumerate().map(|(at, policy)| SlaPolicyView::of(at, policy)).collect())
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
    let (_, terms) = in_force(world, &caller.tenant).await?;
    let at = terms.policies.sla.iter().position(|policy| policy.id == id).ok_or(Fault::NotFound)?;
    let policy = &terms.policies.sla[at];
    Ok(Reply { body: body(&SlaPolicyView::of(at, policy)), version: u64::from(policy.version), replayed: false })
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
