//! What a manager may change: calendars, SLA policies, routing rules, survey policies, what makes it
//! urgent and what is promised in public, each versioned, validated together before any is published. Publishing touches no
//! live order.

mod decide;
pub(crate) mod in_use;
mod ranked;
mod show;

pub use ranked::{Shown, SlaPolicyView};
pub use show::{
    CalendarView, calendar, calendars, policies, policy, priority, routing_rule, routing_rules, survey_policies,
    survey_policy, terms,
};

use crate::auth::Caller;
use crate::desk::{IfMatch, body};
use crate::fault::{Conflict, Fault, Flaw, Tried, contended, settled};
use crate::ports::{World, Write};
use crate::publish::{in_force, last_kept, replace};
use crate::reply::{Keyed, Reply, Slot};
use crate::roster::Roster;
use crate::{Moment, keys, orders, people, promises};
use decide::{Ruled, decide};
use ranked::Ranked;
use redress_domain::id::TenantId;
use redress_domain::order::Version;
use redress_domain::policy::{CalendarVersion, Policies, PolicyError, RoutingRule, SlaPolicy, SurveyPolicy};
use redress_domain::priority::PriorityPolicy;
use redress_domain::promise::ServicePromises;
use redress_domain::routing;

/// As many bytes as a tenant's calendars and policies may take together: they are one document.
///
/// # Source
/// Amazon DynamoDB, quotas: an item has at most 400 KB, names and keys included.
const LARGEST: usize = 384 * 1024;

/// A policy as a caller writes it, and where it stands among the others of its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    /// The policy; its version is ours to give.
    pub policy: T,
    /// Its place, from 1; before the one that matches everything, or last, if absent.
    pub position: Option<usize>,
}

/// An SLA policy and its place.
pub type PlacedPolicy = Placed<SlaPolicy>;

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
    /// A new version of what the shop promises in public, and of who approves.
    ReplacePromises(ServicePromises),
    /// A new routing rule.
    AddRule(Placed<RoutingRule>),
    /// A new version of a routing rule.
    ReplaceRule(Placed<RoutingRule>),
    /// A routing rule goes: no order is routed by it any more.
    DropRule(String),
    /// A new survey policy.
    AddSurvey(Placed<SurveyPolicy>),
    /// A new version of a survey policy.
    ReplaceSurvey(Placed<SurveyPolicy>),
    /// A survey policy goes: no customer is asked by it any more.
    DropSurvey(String),
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
    let turn = turn(world, tenant, ruling).await?;
    let (seen, terms) = in_force(world, tenant).await?;
    let old = &terms.policies;
    let mut ruled = decide(old, ruling, if_match, first_version(world, tenant, ruling).await?)?;
    ruled.policies.version = old.version + 1;
    check_use(world, tenant, ruling, &ruled).await?;
    check_team(world, tenant, ruling).await?;
    let mut writes = replace(tenant, old, seen, &ruled.policies).map_err(|fault| localise(fault, &ruled.place))?;
    check_size(&ruled.policies)?;
    let mut shown = match ruling {
        // The figures behind promises are those of the policies, which stay as they are.
        Ruling::ReplacePromises(_) => {
            let teams = promises::team_calendars(world, tenant).await?;
            body(&promises::view(&ruled.policies.promises, &terms, &teams))
        }
        _ => ruled.body,
    };
    if let Some(doubts) = doubts(world, tenant, ruling).await? {
        shown["warnings"] = body(&doubts);
    }
    let reply = Reply { body: shown, version: u64::from(ruled.version), replayed: false };
    writes.extend(keyed.keep(tenant, slot, &reply, moment.now));
    writes.extend(turn);
    world.store.commit(&writes).await?;
    tracing::info!(policies.version = ruled.policies.version, "published");
    Ok(reply)
}

/// What people rest on, and what rests on people, changes one at a time.
async fn turn(world: &World, tenant: &TenantId, ruling: &Ruling) -> Result<Option<Write>, Fault> {
    match ruling {
        Ruling::DropCalendar(_) | Ruling::AddRule(_) | Ruling::ReplaceRule(_) => {
            people::turn(world, tenant).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// The version of what is new: from 1, unless there was one of that name before. A version that was
/// published stands for one document for ever.
async fn first_version(world: &World, tenant: &TenantId, ruling: &Ruling) -> Result<u32, Fault> {
    let any = match ruling {
        Ruling::AddCalendar(entry) => keys::policy_version(tenant, Version::Calendar(&entry.version())),
        Ruling::AddPolicy(placed) => placed.policy.kept(tenant),
        Ruling::AddRule(placed) => placed.policy.kept(tenant),
        Ruling::AddSurvey(placed) => placed.policy.kept(tenant),
        _ => return Ok(1),
    };
    Ok(last_kept(world, any).await? + 1)
}

/// A rule sends orders to a team that is there.
async fn check_team(world: &World, tenant: &TenantId, ruling: &Ruling) -> Result<(), Fault> {
    let (Ruling::AddRule(placed) | Ruling::ReplaceRule(placed)) = ruling else { return Ok(()) };
    match world.store.get(&keys::team(tenant, &placed.policy.team)).await? {
        Some(_) => Ok(()),
        None => Err(Fault::invalid("/team", "there is no such team")),
    }
}

/// What is doubtful about a rule as things are: it is published, and whoever does so is told.
async fn doubts(world: &World, tenant: &TenantId, ruling: &Ruling) -> Result<Option<Vec<Flaw>>, Fault> {
    let (Ruling::AddRule(placed) | Ruling::ReplaceRule(placed)) = ruling else { return Ok(None) };
    let people = Roster::read(world, tenant).await?;
    let doubts = routing::doubts(&placed.policy, &people.teams, &people.agents);
    let told = doubts.into_iter().map(|PolicyError { pointer, detail }| Flaw { pointer, detail }).collect();
    Ok(Some(told).filter(|told: &Vec<Flaw>| !told.is_empty()))
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
    let detail = format!("all calendars and policies together have at most {most} KiB: take out what has passed");
    Err(Fault::invalid("", detail))
}

/// Whether something rests on what shall go.
async fn check_use(world: &World, tenant: &TenantId, ruling: &Ruling, ruled: &Ruled) -> Result<(), Fault> {
    let user = match ruling {
        Ruling::DropCalendar(id) => in_use::of_calendar(world, tenant, id, &ruled.policies).await?,
        Ruling::DropPolicy(id) => in_use::of_policy(world, tenant, id, &ruled.policies).await?,
        Ruling::ReplacePolicy(placed) => return check_promises(&placed.policy, &ruled.policies),
        _ => None,
    };
    user.map_or(Ok(()), |user| Err(Fault::Conflict(Conflict::InUse(user))))
}

/// What the shop promises in public is not taken away behind its back.
fn check_promises(policy: &SlaPolicy, policies: &Policies) -> Result<(), Fault> {
    let Some((promise, metric)) = policies.promises.resting_on(&policy.id, Some(policy)) else { return Ok(()) };
    let detail = format!(
        "the public promise {} rests on {metric}: keep a target for it, or change the promise first",
        promise.id
    );
    Err(Fault::invalid("/targets", detail))
}
