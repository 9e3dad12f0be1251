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
use redress_service::readiness::Finding;
use std::collections::BTreeSet;

/// As many items as one page of the look through the table reads.
const PAGE: usize = 1_000;

/// The tenants that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tenants {
    /// Those with policies of their own.
    pub(super) found: BTreeSet<TenantId>,
    /// How many items were read.
    pub(super) read: usize,
    /// Whether that was the whole table.
    pub(super) whole: bool,
}

/// Reads through the table, keys only, at most `limit` items. Costs half a read unit for each 4 KB
/// of what it passes, whatever it finds.
///
/// # Errors
/// [`PortError::Unavailable`] if the table does not answer.
pub(super) async fn tenants(sdk: &SdkConfig, settings: &Settings, limit: usize) -> Result<Tenants, PortError> {
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

/// Whether anybody is served, and whether these are all.
pub(super) fn judge(table: &str, found: &Result<Tenants, PortError>) -> Finding {
    const ID: &str = "tenants.known";
    const NAME: &str = "name them with --tenant";
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let mend = format!("may the caller do `dynamodb:Scan`? Else {NAME}");
            return Finding::unknown(ID, table, error.to_string(), mend);
        }
    };
    let (many, read) = (found.found.len(), found.read);
    match (many, found.whole) {
        (_, false) => {
            let says =
                format!("with policies of their own: {many}, among the first {read} items; there are more items");
            Finding::unknown(ID, table, says, format!("{NAME}, or read on with --items"))
        }
        (0, true) => {
            let mend = "`redress bootstrap --tenant ID` makes the first policies and the first key";
            Finding::fail(ID, table, "no tenant has policies: nobody is served", mend)
        }
        _ => Finding::ok(ID, table, format!("with policies of their own: {many}, among all {read} items")),
    }
}

/// Whose policies a partition holds.
fn tenant_of(partition: &str) -> Option<TenantId> {
    let tenant = TenantId::parse(partition.split('#').next()?)?;
    (partition == keys::policy(&tenant).partition).then_some(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_service::readiness::Severity;

    #[test]
    fn tenants_are_all_that_there_are_only_if_the_whole_table_was_read() {
        let shop: BTreeSet<_> = TenantId::parse("tn_shop").into_iter().collect();
        let severity = |found: &BTreeSet<TenantId>, whole| {
            judge("t", &Ok(Tenants { found: found.clone(), read: 9, whole })).severity
        };
        assert_eq!((severity(&shop, true), severity(&shop, false)), (Severity::Ok, Severity::Unknown));
        let nobody = BTreeSet::new();
        assert_eq!((severity(&nobody, true), severity(&nobody, false)), (Severity::Fail, Severity::Unknown));
        let denied = judge("t", &Err(PortError::Unavailable("Scan: AccessDeniedException".to_owned())));
        assert_eq!(denied.severity, Severity::Unknown);
    }

    #[test]
    fn a_tenant_is_known_by_its_policies_and_by_nothing_else() {
        assert_eq!(tenant_of("tn_shop#policy"), TenantId::parse("tn_shop"));
        for other in ["tn_shop#policy#1", "tn_shop#roster", "key#tn_shop#policy", "tn_shop", "stack#secret"] {
            assert_eq!(tenant_of(other), None, "{other}");
        }
    }
}
