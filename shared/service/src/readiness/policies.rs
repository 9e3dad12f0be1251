//! Whether what was published can be used, and names nothing that is not there.

use super::sight::{Published, Sight};
use super::{Finding, or_well, untold};
use crate::fault::Fault;
use crate::ports::World;
use redress_domain::id::TeamId;
use redress_domain::policy::{Conditions, Policies, PolicyError};
use sha2::{Digest, Sha256};

/// Policies that this version can use, with an SLA policy at their end that matches everything.
pub(super) fn policies(seen: &Sight) -> Vec<Finding> {
    const ID: &str = "tenant.policies";
    let mut findings = Vec::new();
    for place in &seen.unreadable {
        let mend = "was a newer version rolled back? deploy it again; see docs/runbook.md";
        findings.push(Finding::fail("tenant.documents", place, "holds what this version can't read", mend));
    }
    match &seen.published {
        Published::Nothing => {
            let mend = format!("`redress bootstrap --tenant {}`, or publish some over the API", seen.tenant);
            let says = "none are published: the shipped ones are in force";
            findings.push(Finding::warn(ID, seen.at("policies"), says, mend));
        }
        Published::Unusable(version, faults) => {
            findings.extend(faults.iter().map(|fault| unusable(seen, *version, fault)))
        }
        Published::InForce(terms) => {
            let place = seen.at(format!("policies version {}", terms.policies.version));
            findings.push(Finding::ok(ID, &place, "can be read and used"));
            findings.push(catch_all(&place, &terms.policies));
        }
    }
    findings
}

fn unusable(seen: &Sight, version: u32, fault: &PolicyError) -> Finding {
    let place = seen.at(format!("policies version {version} {}", fault.pointer));
    let mend = "every decision of this tenant waits for it: publish a version that holds; see docs/runbook.md";
    Finding::fail("tenant.policies", place, fault.detail.clone(), mend)
}

/// Publishing refuses policies without one; a document from elsewhere may have none.
fn catch_all(place: &str, policies: &Policies) -> Finding {
    const ID: &str = "tenant.sla_catch_all";
    match policies.sla.last().filter(|last| last.when == Conditions::default()) {
        Some(last) => {
            Finding::ok(ID, place, format!("{} version {} matches what no other does", last.id, last.version))
        }
        None => Finding::fail(ID, place, "no SLA policy matches everything", "publish one without conditions, last"),
    }
}

/// Teams, agents, calendars and rules that are named and not there.
pub(super) fn references(seen: &Sight) -> Vec<Finding> {
    const ID: &str = "tenant.references";
    let Some(terms) = seen.terms() else { return Vec::new() };
    let calendar = |id: &str| terms.newest_calendar(id).is_some();
    let team = |id: &TeamId| seen.teams.iter().any(|team| team.id == *id);
    let mut faults = Vec::new();
    let mut miss = |place: String, what: String, mend: String| {
        faults.push(Finding::fail(ID, place, format!("names {what}, which is not there"), mend));
    };
    for rule in terms.policies.routing.iter().filter(|rule| !team(&rule.team)) {
        let place = seen.at(format!("routing rule {} version {}", rule.id, rule.version));
        miss(
            place,
            format!("the team {}", rule.team),
            format!("`PUT /v1/routing-rules/{}` with a team that is there", rule.id),
        );
    }
    for one in &seen.teams {
        let mend = format!("`PUT /v1/teams/{}` without it, or make it", one.id);
        for id in one.calendar.iter().filter(|id| !calendar(id)) {
            miss(seen.at(&one.id), format!("the calendar {id}"), mend.clone());
        }
        for id in one.overflow.iter().filter(|id| !team(id)) {
            miss(seen.at(&one.id), format!("the team {id}"), mend.clone());
        }
        for id in one.lead.iter().filter(|id| !seen.agents.iter().any(|agent| agent.id == **id)) {
            miss(seen.at(&one.id), format!("{id} as its lead"), mend.clone());
        }
    }
    for agent in &seen.agents {
        let mend = format!("`PUT /v1/agents/{}` without it, or make it", agent.id);
        for id in agent.shift.iter().filter(|id| !calendar(id)) {
            miss(seen.at(&agent.id), format!("the calendar {id}"), mend.clone());
        }
        for id in agent.teams.iter().filter(|id| !team(id)) {
            miss(seen.at(&agent.id), format!("the team {id}"), mend.clone());
        }
    }
    for (id, _) in terms.policies.subscriptions.iter().filter(|(id, _)| !seen.webhooks.iter().any(|one| one.id == **id))
    {
        miss(
            seen.at("policies"),
            format!("the webhook {id}"),
            "make any webhook, or change one: that writes the list anew".to_owned(),
        );
    }
    or_well(ID, seen.at("policies, teams, agents"), "every name that they use is there", faults)
}

/// The tenant's own model lies in the bucket, and is the one that was published.
pub(super) async fn model(world: &World, seen: &Sight) -> Finding {
    const ID: &str = "tenant.model";
    let Some(version) = seen.terms().and_then(|terms| terms.policies.model.clone()) else {
        return Finding::ok(ID, seen.at("model"), "the shipped one reads");
    };
    let place = seen.at(format!("model version {}", version.version));
    let mend = "`redress model publish FILE` again, or `redress model withdraw`; the shipped one reads meanwhile";
    match world.models.get(&seen.tenant, &version.digest).await {
        Err(error) => untold(ID, place, &Fault::from(error)),
        Ok(None) => Finding::fail(ID, place, "is not in the bucket", mend),
        Ok(Some(bytes)) if hexadecimal(&bytes) != version.digest => {
            Finding::fail(ID, place, "is not the one that was published", mend)
        }
        Ok(Some(_)) => Finding::ok(ID, place, "lies in the bucket, as it was published"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
