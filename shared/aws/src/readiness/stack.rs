//! The stack as a whole.

use super::seen::{Resource, Stack};
use redress_service::readiness::{Finding, or_well};

/// Whether its last change went through, for the whole and for each part.
pub(super) fn stack(stack: &Stack) -> Vec<Finding> {
    let mut findings = vec![status(stack)];
    let faults: Vec<_> = stack.resources.iter().filter(|part| !is_settled(&part.status)).map(part).collect();
    let says = format!("all {} are as their last change wanted them", stack.resources.len());
    findings.extend(or_well("stack.resources", &stack.name, says, faults));
    findings
}

fn status(stack: &Stack) -> Finding {
    const ID: &str = "stack.status";
    let (place, status) = (&stack.name, stack.status.as_str());
    match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Finding::ok(ID, place, status),
        "UPDATE_ROLLBACK_COMPLETE" => {
            let mend = format!(
                "`aws cloudformation describe-stack-events --stack-name {place}` says why; mend it, deploy again"
            );
            Finding::fail(ID, place, format!("{status}: the last deployment was taken back"), mend)
        }
        status if status.ends_with("_IN_PROGRESS") => {
            Finding::warn(ID, place, format!("{status}: it is being changed"), "ask again when that has ended")
        }
        status => {
            let mend =
                format!("`aws cloudformation describe-stack-events --stack-name {place}` says why; deploy again");
            Finding::fail(ID, place, format!("is {status}"), mend)
        }
    }
}

fn is_settled(status: &str) -> bool {
    status.ends_with("_COMPLETE") && !status.starts_with("DELETE") || status.ends_with("_IN_PROGRESS")
}

fn part(part: &Resource) -> Finding {
    let mend = "deploy again; docs/runbook.md says what to do with a part that can't be changed";
    Finding::fail("stack.resources", format!("{} {}", part.logical, part.physical), format!("is {}", part.status), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_service::readiness::{Severity, is_fit};
    use std::collections::BTreeMap;

    fn named(status: &str, part: &str) -> Stack {
        let resources = vec![Resource {
            logical: "Table".to_owned(),
            physical: "redress-Table-1".to_owned(),
            kind: "AWS::DynamoDB::Table".to_owned(),
            status: part.to_owned(),
        }];
        let (parameters, outputs) = (BTreeMap::new(), BTreeMap::new());
        let (name, heard_at) = ("redress".to_owned(), jiff::Timestamp::UNIX_EPOCH);
        Stack { name, status: status.to_owned(), parameters, outputs, resources, told_at: None, heard_at }
    }

    #[test]
    fn a_stack_is_fit_after_a_change_that_went_through_and_not_after_one_that_was_taken_back() {
        for (status, severity) in [
            ("CREATE_COMPLETE", Severity::Ok),
            ("UPDATE_COMPLETE", Severity::Ok),
            ("UPDATE_IN_PROGRESS", Severity::Warn),
            ("UPDATE_ROLLBACK_COMPLETE", Severity::Fail),
            ("ROLLBACK_COMPLETE", Severity::Fail),
            ("DELETE_FAILED", Severity::Fail),
            ("", Severity::Fail),
        ] {
            assert_eq!(super::status(&named(status, "CREATE_COMPLETE")).severity, severity, "{status}");
        }
    }

    #[test]
    fn a_part_whose_change_failed_is_named() {
        let findings = super::stack(&named("UPDATE_COMPLETE", "UPDATE_FAILED"));
        assert!(!is_fit(&findings));
        assert_eq!(findings[1].place, "Table redress-Table-1");
        assert!(is_fit(&super::stack(&named("UPDATE_COMPLETE", "UPDATE_COMPLETE"))));
    }
}
