//! `redress doctor`: is this stack fit to serve? What is not, where, and how to mend it.

use crate::stack::Target;
use crate::{Failure, keys, seed, terminal};
use jiff::Timestamp;
use redress_aws::config::world_of;
use redress_aws::readiness::{self, Stack};
use redress_domain::id::TenantId;
use redress_service::auth::authenticate;
use redress_service::ports::{PortError, World};
use redress_service::readiness::{self as service, Finding, Severity, is_fit};
use serde_json::json;

/// As many items of the table as are read to find the tenants, unless told otherwise.
const ITEMS: u32 = 10_000;

/// What `doctor` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A deployed stack, reached by the usual AWS configuration; the local cloud if absent.
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// Whom to look at; may be given several times. Without it, those with policies of their own are
    /// found by reading through the table's keys: see --items.
    #[arg(long, value_name = "ID", value_parser = tenant)]
    tenant: Vec<TenantId>,
    /// How many items of the table are read to find the tenants. Each 4 KB cost half a read unit.
    #[arg(long, value_name = "N", default_value_t = ITEMS, value_parser = clap::value_parser!(u32).range(1..))]
    items: u32,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A tenant's id.
pub(crate) fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::parse(text).ok_or_else(|| format!("{text:?} is no tenant: an id begins with tn_, as tn_shop does"))
}

/// Runs it. Exit 1 if anything fails; warnings and what could not be told leave a stack fit.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let target = Target::of(arguments.stack.as_deref())?;
    let spinner = terminal::spinner();
    spinner.set_message("looking");
    let findings = seed::wait(look(&target, arguments))?;
    spinner.finish_and_clear();
    let name = target.name();
    if arguments.json {
        terminal::say(&document(name, &findings).to_string());
    } else {
        for line in lines(&findings) {
            terminal::say(&line);
        }
        terminal::say(&format!("\n{}", summary(name, &findings)));
    }
    if is_fit(&findings) { Ok(()) } else { Err(Failure::Short(format!("the stack {name} is not fit to serve"))) }
}

/// Everything that is looked at, in this order: the stack, what it keeps, the tenants.
async fn look(target: &Target, arguments: &Arguments) -> Vec<Finding> {
    let sdk = target.sdk().await;
    let control = readiness::Control::new(&sdk);
    let stack = match readiness::find(&control, target.name()).await {
        Ok(stack) => stack,
        Err(error) => return vec![unreachable(target.name(), &error)],
    };
    let settings = stack.settings();
    let (world, now) = (world_of(&sdk, &settings), redress_aws::clock::now());
    let mut findings = readiness::stack(&sdk, &control, &stack, env!("CARGO_PKG_VERSION")).await;
    findings.push(service::sweep(&world, now).await);
    findings.extend(own_keys(target, &world).await);
    let tenants = if arguments.tenant.is_empty() {
        let found = readiness::tenants(&sdk, &settings, arguments.items as usize).await;
        let (tenants, finding) = known(&stack, found);
        findings.push(finding);
        tenants
    } else {
        arguments.tenant.clone()
    };
    for tenant in &tenants {
        findings.extend(service::tenant(&world, tenant, now).await);
    }
    findings
}

fn unreachable(name: &str, error: &PortError) -> Finding {
    let mend = "look at --stack, and at the region and the credentials of your AWS configuration";
    Finding::fail("stack.status", name, error.to_string(), mend)
}

/// Who was found, and whether that is all of them.
fn known(stack: &Stack, found: Result<readiness::Tenants, PortError>) -> (Vec<TenantId>, Finding) {
    const ID: &str = "tenants.known";
    let place = stack.output("TableName").unwrap_or("table").to_owned();
    let name = "name them with --tenant";
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let mend = format!("may the caller do `dynamodb:Scan`? Else {name}");
            return (Vec::new(), Finding::unknown(ID, place, error.to_string(), mend));
        }
    };
    let (many, read) = (found.found.len(), found.read);
    let finding = match (many, found.whole) {
        (_, false) => {
            let says = format!("{many} have policies of their own among the first {read} items; there are more items");
            Finding::unknown(ID, place, says, format!("{name}, or read on with --items"))
        }
        (0, true) => {
            let mend = "`redress bootstrap --tenant ID` makes the first policies and the first key";
            Finding::fail(ID, place, "no tenant has policies: nobody is served", mend)
        }
        _ => Finding::ok(ID, place, format!("{many} have policies of their own, among all {read} items")),
    };
    (found.found.into_iter().collect(), finding)
}

/// Whether the keys that `redress up` keeps for the local cloud still open it.
async fn own_keys(target: &Target, world: &World) -> Vec<Finding> {
    const ID: &str = "keys.kept";
    let Target::Local(cloud) = target else { return Vec::new() };
    let place = cloud.state_dir.join(keys::FILE).display().to_string();
    let Some(kept) = keys::read(&cloud.state_dir) else {
        return vec![Finding::warn(ID, place, "is not there", "`redress up` makes it, with keys")];
    };
    let mut faults = Vec::new();
    for (name, key) in kept.named() {
        let mend = format!("`redress up` makes it valid again, or make another with `redress bootstrap`: {name}");
        match authenticate(world, key).await {
            Ok(Some(_)) => {}
            Ok(None) => faults.push(Finding::fail(ID, name, "is revoked: nobody gets in with it", mend)),
            Err(fault) => faults.push(Finding::unknown(ID, name, fault.to_string(), mend)),
        }
    }
    service::or_well(ID, place, "every key in it opens the API", faults)
}

/// What programs read.
fn document(name: &str, findings: &[Finding]) -> serde_json::Value {
    let many = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    json!({
        "stack": name,
        "fit": is_fit(findings),
        "looked_at": now(),
        "counts": {
            "ok": many(Severity::Ok), "unknown": many(Severity::Unknown),
            "warn": many(Severity::Warn), "fail": many(Severity::Fail),
        },
        "findings": findings,
    })
}

fn now() -> Timestamp {
    redress_aws::clock::now()
}

/// A line for each finding, and one for its mend.
fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for Finding { id, severity, place, says, mend } in findings {
        let word = terminal::coloured(&format!("{:<7}", severity.as_str()), colour(*severity));
        lines.push(format!("{word} {id:<26} {place}: {says}"));
        lines.extend(mend.as_ref().map(|mend| format!("{:34} → {mend}", "")));
    }
    lines
}

fn colour(severity: Severity) -> terminal::Colour {
    match severity {
        Severity::Ok => terminal::Colour::Green,
        Severity::Unknown => terminal::Colour::Blue,
        Severity::Warn => terminal::Colour::Yellow,
        Severity::Fail => terminal::Colour::Red,
    }
}

fn summary(name: &str, findings: &[Finding]) -> String {
    let many = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (fail, warn, unknown) = (many(Severity::Fail), many(Severity::Warn), many(Severity::Unknown));
    let fit = if fail == 0 { "is fit to serve" } else { "is not fit to serve" };
    format!("{name} {fit}: {} ok, {warn} warnings, {fail} failures, {unknown} unknown", many(Severity::Ok))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cli, Command};
    use clap::Parser;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let cli = Cli::try_parse_from(["redress", "doctor"].iter().chain(arguments))?;
        match cli.command {
            Command::Doctor(arguments) => Ok(arguments),
            _ => unreachable!("doctor was asked for"),
        }
    }

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok("stack.status", "redress", "UPDATE_COMPLETE"),
            Finding::warn("tenant.on_shift", "tn_shop tm_care zh", "nobody is there", "somebody goes online"),
            Finding::fail("queues.consumer", "FollowUpQueue", "its messages reach nobody", "`aws lambda …`"),
        ]
    }

    #[test]
    fn tenants_are_named_by_their_ids_and_anything_else_is_wrong_use() {
        let arguments = parse(&["--tenant", "tn_a", "--tenant", "tn_b", "--stack", "prod"]).unwrap();
        let (tenants, stack) = (arguments.tenant, arguments.stack);
        assert_eq!(tenants, ["tn_a", "tn_b"].map(|id| TenantId::parse(id).unwrap()));
        assert_eq!((stack.as_deref(), arguments.items), (Some("prod"), ITEMS));
        for wrong in [&["--tenant", "shop"][..], &["--tenant", "客服"], &["--items", "0"], &["--fast"]] {
            assert_eq!(parse(wrong).err().unwrap().exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn each_finding_is_a_line_and_its_mend_the_next() {
        let said = lines(&findings());
        let expected = [
            "ok      stack.status               redress: UPDATE_COMPLETE",
            "warn    tenant.on_shift            tn_shop tm_care zh: nobody is there",
            "                                   → somebody goes online",
            "fail    queues.consumer            FollowUpQueue: its messages reach nobody",
            "                                   → `aws lambda …`",
        ];
        assert_eq!(said, expected);
        assert_eq!(
            summary("redress", &findings()),
            "redress is not fit to serve: 1 ok, 1 warnings, 1 failures, 0 unknown"
        );
        assert!(summary("redress", &findings()[..2]).starts_with("redress is fit to serve"));
    }

    #[test]
    fn programs_read_one_document() {
        let document = document("redress", &findings());
        assert_eq!((&document["fit"], &document["stack"]), (&json!(false), &json!("redress")));
        assert_eq!(document["counts"], json!({"ok": 1, "unknown": 0, "warn": 1, "fail": 1}));
        let last = json!({
            "id": "queues.consumer", "severity": "fail", "place": "FollowUpQueue",
            "says": "its messages reach nobody", "mend": "`aws lambda …`",
        });
        assert_eq!(document["findings"][2], last);
        assert_eq!(document["findings"][0]["mend"], json!(null));
    }
}
