//! Whether what was published can be used: the policies, and the tenant's own model.

use super::sight::{Published, Sight};
use super::{Finding, untold};
use crate::fault::Fault;
use crate::ports::World;
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
