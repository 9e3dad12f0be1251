//! The functions: each is there, may run, and is of the same release as the others.

use super::DELETED;
use super::seen::{Function, Look, Part, Seen};
use redress_service::readiness::{Finding, or_well};
use std::collections::BTreeMap;

const RIGHTS: &str = "may the caller do `lambda:GetFunctionConfiguration`?";

/// Each function, and their releases; `release` is that of whoever asks.
pub(super) fn functions(seen: &Seen, release: &str) -> Vec<Finding> {
    const ID: &str = "functions.state";
    let faults: Vec<_> = seen.functions.iter().filter_map(state).collect();
    let says = format!("all {} are there and may run", seen.functions.len());
    let mut findings = or_well(ID, "functions", says, faults);
    findings.extend(versions(&seen.functions, release));
    findings
}

fn state(part: &Part<Function>) -> Option<Finding> {
    const ID: &str = "functions.state";
    let place = part.place();
    let function = match &part.look {
        Look::There(function) => function,
        Look::Gone => return Some(Finding::fail(ID, place, "is not there", DELETED)),
        Look::Untold(why) => return Some(Finding::unknown(ID, place, why, RIGHTS)),
    };
    if function.reserved == Some(0) {
        let mend = format!("`aws lambda delete-function-concurrency --function-name {}`", part.physical);
        return Some(Finding::fail(ID, place, "is switched off: it may run 0 times at once", mend));
    }
    let wrong = |told: &Option<String>, well: &[&str]| told.clone().filter(|told| !well.contains(&told.as_str()));
    let state = wrong(&function.state, &["Active", "Inactive", "Pending"]);
    let update = wrong(&function.last_update, &["Successful", "InProgress"]);
    let says = state.or(update)?;
    let mend = format!("`aws lambda get-function --function-name {}` says why; deploy again", part.physical);
    Some(Finding::fail(ID, place, format!("is {says}"), mend))
}

fn versions(functions: &[Part<Function>], release: &str) -> Vec<Finding> {
    const ID: &str = "functions.version";
    let mut by_version: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for part in functions {
        if let Some(function) = part.look.there() {
            by_version.entry(function.version.as_deref().unwrap_or("none")).or_default().push(&part.logical);
        }
    }
    let all: Vec<_> = by_version.iter().map(|(version, who)| format!("{version}: {}", who.join(", "))).collect();
    let mend = "`sam build && sam deploy`: all functions at once";
    let first = by_version.keys().next().copied();
    vec![match (by_version.len(), first) {
        (0, _) | (_, None) => Finding::unknown(ID, "functions", "no function could be seen", RIGHTS),
        (1, Some("none")) => {
            let says = "they do not say which release they are of: they are older than this program";
            Finding::warn(ID, "REDRESS_VERSION", says, mend)
        }
        (1, Some(version)) if version == release => {
            Finding::ok(ID, "REDRESS_VERSION", format!("all are of {version}, as this program is"))
        }
        (1, Some(version)) => {
            let says = format!("all are of {version}, and this program is {release}");
            Finding::warn(ID, "REDRESS_VERSION", says, "deploy this release, or ask with the program of theirs")
        }
        _ => Finding::fail(ID, "REDRESS_VERSION", format!("they are of several releases: {}", all.join("; ")), mend),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_service::readiness::Severity;

    fn part(logical: &str, function: Function) -> Part<Function> {
        let physical = format!("redress-{}", logical.to_lowercase());
        Part { logical: logical.to_owned(), physical, look: Look::There(function) }
    }

    fn of(version: &str) -> Function {
        Function { version: Some(version.to_owned()), state: Some("Active".to_owned()), ..Function::default() }
    }

    fn version(of_each: &[&str]) -> Finding {
        let parts: Vec<_> = ["A", "B"].iter().zip(of_each).map(|(name, version)| part(name, of(version))).collect();
        versions(&parts, "0.2.0").remove(0)
    }

    #[test]
    fn functions_of_several_releases_are_named_with_what_they_are_of() {
        assert_eq!(version(&["0.2.0", "0.2.0"]).severity, Severity::Ok);
        assert_eq!(version(&["0.1.0", "0.1.0"]).severity, Severity::Warn);
        let mixed = version(&["0.1.0", "0.2.0"]);
        assert_eq!(mixed.severity, Severity::Fail);
        assert_eq!(mixed.says, "they are of several releases: 0.1.0: A; 0.2.0: B");
    }

    #[test]
    fn a_function_that_is_gone_switched_off_or_failed_is_named_with_its_mend() {
        let found = |function: Function| state(&part("Desk", function));
        assert_eq!(found(of("0.2.0")), None);
        let off = found(Function { reserved: Some(0), ..of("0.2.0") }).unwrap();
        assert_eq!(off.mend.as_deref(), Some("`aws lambda delete-function-concurrency --function-name redress-desk`"));
        let failed = found(Function { last_update: Some("Failed".to_owned()), ..of("0.2.0") }).unwrap();
        assert_eq!((failed.severity, failed.says.as_str()), (Severity::Fail, "is Failed"));
        let gone = state(&Part { look: Look::Gone, ..part("Desk", Function::default()) }).unwrap();
        assert_eq!((gone.severity, gone.place.as_str()), (Severity::Fail, "Desk redress-desk"));
        let untold = state(&Part { look: Look::Untold("403".into()), ..part("Desk", Function::default()) }).unwrap();
        assert_eq!(untold.severity, Severity::Unknown);
    }
}
