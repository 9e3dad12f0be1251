//! Each variable that the template sets is one that the code reads, and each that it reads is set; and a
//! value that changes reaches the version that is called.

use super::plan::Plan;
use super::{TEMPLATE, planted, told};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What only operators' programs do: not by a function, and not by its role.
const OPERATORS: [&str; 2] = ["readiness", "redrive"];

/// The sources of functions below a directory, without tests.
pub(super) fn sources(directory: &Path) -> Vec<String> {
    let (mut texts, mut left) = (Vec::new(), vec![directory.to_path_buf()]);
    while let Some(path) = left.pop() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if OPERATORS.contains(&stem) || stem == "tests" {
            continue;
        }
        if path.is_dir() {
            left.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            texts.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
    texts
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(ROOT)
}

/// What says which use case a function is.
pub(super) fn main_of(code: &str) -> String {
    std::fs::read_to_string(root().join(code).join("src/main.rs")).unwrap()
}

/// What stands in capitals between quotes in the one crate that reads the environment.
fn read() -> BTreeSet<String> {
    let texts = sources(&root().join("shared/aws/src"));
    let quoted = texts.iter().flat_map(|text| text.split('"').skip(1).step_by(2));
    let capitals = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    };
    quoted.filter(capitals).map(str::to_owned).collect()
}

/// The variables besides the queues' that a function reads, by what its `main.rs` is made of.
fn needed(main: &str) -> BTreeSet<&'static str> {
    let has = |word: &str| main.contains(word);
    let needs: [(bool, &[&str]); 6] = [
        (true, &["TABLE"]),
        (has(".on_event("), &["DEAD_LETTERS_URL"]),
        (has("config::http("), &["TENANT_RATE", "KEY_RATE", "CORS_ORIGIN", "PUBLIC_URL"]),
        (has("filing_") || has("reading_") || has("telling_"), &["BUCKET"]),
        (has("telling_"), &["MAIL_FROM", "TEXT_MESSAGES", "PUBLIC_URL", "ALLOW_PRIVATE_WEBHOOK_TARGETS"]),
        // Surveys are shown by these two, and webhooks are made at the desk.
        (has("http::follow_up(") || has("http::desk("), &["SHOW_SURVEY_LINKS"]),
    ];
    let desk = if has("http::desk(") { &["ALLOW_PRIVATE_WEBHOOK_TARGETS"][..] } else { &[] };
    needs.into_iter().filter(|(needed, _)| *needed).flat_map(|(_, names)| names).chain(desk).copied().collect()
}

fn faults(text: &str) -> Vec<String> {
    let (plan, read, mut faults, mut set) = (Plan::of(text), read(), Vec::new(), BTreeSet::new());
    for function in plan.of_type("AWS::Serverless::Function") {
        let (variables, needed) = (plan.variables(function), needed(&main_of(plan.code(function))));
        for name in variables.keys() {
            if !read.contains(*name) {
                faults.push(format!("{function} is told {name}, which nobody reads"));
            }
            let for_all = name.starts_with("REDRESS_") || name.ends_with("_QUEUE_URL");
            if !for_all && !needed.contains(name) {
                faults.push(format!("{function} is told {name}, which it does not read"));
            }
        }
        let missing = needed.iter().filter(|name| !variables.contains_key(*name));
        faults.extend(missing.map(|name| format!("{function} reads {name}, and is not told it")));
        // A version is published anew when its description changes.
        let described = plan.parameters_in(&plan.lines(function, "VersionDescription"));
        let lines: Vec<_> = variables.values().flatten().copied().collect();
        let unsaid = plan.parameters_in(&lines).into_iter().filter(|name| !described.contains(name));
        faults
            .extend(unsaid.map(|name| format!("{function}: a new {name} would not reach the version that is called")));
        set.extend(variables.into_keys().map(str::to_owned));
    }
    let settings = read.iter().filter(|name| {
        name.ends_with("_URL") || ["TABLE", "BUCKET", "REDRESS_LOG", "CORS_ORIGIN"].contains(&name.as_str())
    });
    faults.extend(
        settings.filter(|name| !set.contains(*name)).map(|name| format!("{name} is read, and nobody is told it")),
    );
    faults
}

#[test]
fn every_variable_is_read_by_its_function_and_every_one_that_is_read_is_set() {
    assert_eq!(faults(TEMPLATE), [""; 0]);
}

#[test]
fn a_variable_that_nobody_reads_is_found() {
    let text = planted("          BUCKET: !Ref Bucket\n", "          BUCKET: !Ref Bucket\n          COLOUR: red\n");
    told(&faults(&text), "COLOUR, which nobody reads");
    let text =
        planted("          TABLE: !Ref Table\n", "          TABLE: !Ref Table\n          MAIL_FROM: !Ref MailFrom\n");
    told(&faults(&text), "MAIL_FROM, which it does not read");
}

#[test]
fn a_variable_that_is_not_set_is_found() {
    told(&faults(&planted("          DEAD_LETTERS_URL: !Ref FollowUpDeadLetters\n", "")), "reads DEAD_LETTERS_URL");
    let everywhere =
        TEMPLATE.replace("ATTACHMENT_QUEUE_URL: !Ref AttachmentQueue", "OTHER_QUEUE_URL: !Ref AttachmentQueue");
    told(&faults(&everywhere), "ATTACHMENT_QUEUE_URL is read, and nobody is told it");
}

#[test]
fn a_parameter_that_changes_reaches_the_version_that_is_called() {
    let text = planted(
        "${AllowPrivateWebhookTargets} ${MailFrom} ${TextMessages}",
        "${AllowPrivateWebhookTargets} ${TextMessages}",
    );
    told(&faults(&text), "a new MailFrom would not reach");
}
