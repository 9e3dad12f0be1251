//! `redress doctor`: is this stack fit to serve? What is not, where, and how to mend it.

use crate::stack::Target;
use crate::{Failure, keys, seed, terminal};
use redress_aws::readiness::{self, Question};
use redress_domain::id::TenantId;
use redress_service::readiness::{Finding, Severity, is_fit};
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
    /// An API key that should open the stack, to be told if it was revoked; may be given several times.
    /// The keys that `redress up` made are asked about by themselves.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
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
        terminal::say(&format!("\n{}", summary(&findings)));
    }
    if is_fit(&findings) { Ok(()) } else { Err(Failure::Short(format!("the stack {name} is not fit to serve"))) }
}

async fn look(target: &Target, arguments: &Arguments) -> Vec<Finding> {
    let question = Question {
        stack: target.name().to_owned(),
        tenants: arguments.tenant.clone(),
        items: arguments.items as usize,
        keys: keys_of(target, arguments),
        release: env!("CARGO_PKG_VERSION").to_owned(),
    };
    readiness::look(&target.sdk().await, &question).await
}

/// The keys that are asked about, each with what it is called: those that were given, and those that
/// `redress up` keeps for the local cloud. None is ever shown whole.
fn keys_of(target: &Target, arguments: &Arguments) -> Vec<(String, String)> {
    let given = arguments.key.iter().map(|key| (hint(key), key.clone()));
    let kept = match target {
        Target::Local(cloud) => keys::read(&cloud.state_dir),
        Target::Deployed(_) => None,
    };
    let named =
        kept.iter().flat_map(|kept| kept.named().map(|(name, key)| (format!("{name} …{}", end(key)), key.to_owned())));
    given.chain(named.collect::<Vec<_>>()).collect()
}

fn hint(key: &str) -> String {
    format!("…{}", end(key))
}

/// The last characters of a key, as the list of keys shows them.
fn end(key: &str) -> String {
    key.chars().skip(key.chars().count().saturating_sub(4)).collect()
}

/// What programs read.
fn document(name: &str, findings: &[Finding]) -> serde_json::Value {
    let many = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    json!({
        "stack": name,
        "fit": is_fit(findings),
        "looked_at": redress_aws::clock::now(),
        "counts": {
            "ok": many(Severity::Ok), "unknown": many(Severity::Unknown),
            "warn": many(Severity::Warn), "fail": many(Severity::Fail),
        },
        "findings": findings,
    })
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

fn summary(findings: &[Finding]) -> String {
    let many = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let fit = if is_fit(findings) { "; fit to serve" } else { "" };
    let [ok, warn, fail, unknown] = [Severity::Ok, Severity::Warn, Severity::Fail, Severity::Unknown].map(many);
    format!("ok {ok}, warn {warn}, fail {fail}, unknown {unknown}{fit}")
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
        assert_eq!(summary(&findings()), "ok 1, warn 1, fail 1, unknown 0");
        assert_eq!(summary(&findings()[..2]), "ok 1, warn 1, fail 0, unknown 0; fit to serve");
    }

    #[test]
    fn a_key_is_never_shown_whole() {
        assert_eq!((hint("rk_0123456789"), hint("ab")), ("…6789".to_owned(), "…ab".to_owned()));
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
