//! Whether the versions that open orders run by are there: a clock whose calendar is gone can't be
//! read, and its order neither escalates nor closes.

use super::sight::Sight;
use super::{Finding, untold};
use crate::documents::read;
use crate::fault::Fault;
use crate::keys;
use crate::ports::{KEYS_A_READ, Key, World};
use redress_domain::order::{Version, WorkOrder};
use std::collections::BTreeMap;

/// As many open orders of each of the tenant's lists are looked at, first in line first.
const EACH_LIST: usize = 25;

/// The versions that the first open orders run by, each of which is in force or kept.
pub(super) async fn versions(world: &World, seen: &Sight) -> Finding {
    match look(world, seen).await {
        Ok(finding) => finding,
        Err(fault) => untold("tenant.versions", seen.at("open orders"), &fault),
    }
}

async fn look(world: &World, seen: &Sight) -> Result<Finding, Fault> {
    const ID: &str = "tenant.versions";
    let Some(terms) = seen.terms() else {
        let mend = "mend the policies first";
        return Ok(Finding::unknown(ID, seen.at("open orders"), "the policies can't be used", mend));
    };
    let (mut wanted, mut orders) = (BTreeMap::<Key, String>::new(), 0);
    for list in keys::open_lists(&seen.tenant) {
        for record in world.store.worklist(&list, None, EACH_LIST).await? {
            let order: WorkOrder = read(&record)?.value;
            orders += 1;
            let unknown = |version: &Version<'_>| match version {
                Version::Calendar(version) => !terms.book.has_calendar(version),
                Version::Policy(version) => !terms.book.has_policy(version),
            };
            for version in order.versions().filter(unknown) {
                wanted.insert(keys::policy_version(&seen.tenant, version), order.id.to_string());
            }
        }
    }
    let keys: Vec<Key> = wanted.keys().cloned().collect();
    for some in keys.chunks(KEYS_A_READ) {
        for record in world.store.get_many(some).await? {
            wanted.remove(&record.key);
        }
    }
    Ok(match wanted.first_key_value() {
        None => Finding::ok(ID, seen.at("open orders"), format!("the first {orders} run by versions that are there")),
        Some((key, order)) => {
            let says = format!("{order} runs by {}, which is not there; {} such versions", key.sort, wanted.len());
            let mend = format!("restore `{}` `{}` from a backup; see docs/runbook.md", key.partition, key.sort);
            Finding::fail(ID, seen.at(order), says, mend)
        }
    })
}
