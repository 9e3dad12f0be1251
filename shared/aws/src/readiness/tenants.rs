//! Whose stack it is: the tenants that have policies of their own.
//!
//! The table has no list of them, so this reads through it: for operators, never on the path of a
//! request, and only so far.

use crate::config::Settings;
use crate::failure::unavailable;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use redress_domain::id::TenantId;
use redress_service::keys;
use redress_service::ports::PortError;
use std::collections::BTreeSet;

/// As many items as one page of the look through the table reads.
const PAGE: usize = 1_000;

/// The tenants that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tenants {
    /// Those with policies of their own.
    pub found: BTreeSet<TenantId>,
    /// How many items were read.
    pub read: usize,
    /// Whether that was the whole table.
    pub whole: bool,
}

/// Reads through the table, keys only, at most `limit` items. Costs half a read unit for each 4 KB
/// of what it passes, whatever it finds.
///
/// # Errors
/// [`PortError::Unavailable`] if the table does not answer.
pub async fn tenants(sdk: &SdkConfig, settings: &Settings, limit: usize) -> Result<Tenants, PortError> {
    let (client, table) = (Client::new(sdk), settings.table.get()?);
    let (mut tenants, mut from) = (Tenants::default(), None);
    while tenants.read < limit {
        let some = i32::try_from(PAGE.min(limit - tenants.read)).expect("a page is a thousand at most");
        let page = client.scan().table_name(table).limit(some).projection_expression("pk");
        let page = page.set_exclusive_start_key(from).send().await;
        let page = page.map_err(|error| unavailable("Scan", &error))?;
        tenants.read += usize::try_from(page.scanned_count).unwrap_or_default();
        let partitions = page.items().iter().filter_map(|item| item.get("pk")?.as_s().ok());
        tenants.found.extend(partitions.filter_map(|partition| tenant_of(partition)));
        from = page.last_evaluated_key;
        if from.is_none() {
            return Ok(Tenants { whole: true, ..tenants });
        }
    }
    Ok(tenants)
}

/// Whose policies a partition holds.
fn tenant_of(partition: &str) -> Option<TenantId> {
    let tenant = TenantId::parse(partition.split('#').next()?)?;
    (partition == keys::policy(&tenant).partition).then_some(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_known_by_its_policies_and_by_nothing_else() {
        assert_eq!(tenant_of("tn_shop#policy"), TenantId::parse("tn_shop"));
        for other in ["tn_shop#policy#1", "tn_shop#roster", "key#tn_shop#policy", "tn_shop", "stack#secret"] {
            assert_eq!(tenant_of(other), None, "{other}");
        }
    }
}
