//! Each function may do what its code does, and nothing else.

use super::environment::{main_of, root, sources};
use super::plan::{Plan, Statement};
use super::{TEMPLATE, planted, told};
use std::collections::{BTreeMap, BTreeSet};

/// What the code calls of a service, as IAM names it: `.batch_get_item(` is `BatchGetItem`.
fn called(directory: &str) -> BTreeSet<String> {
    let texts = sources(&root().join(directory));
    let calls = texts.iter().flat_map(|text| text.split(['.', '\n'])).filter_map(|part| part.split_once('('));
    let capital =
        |part: &str| part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>();
    calls.map(|(name, _)| name.trim().split('_').map(capital).collect()).collect()
}

/// What every function may do, of those that IAM names otherwise than the SDK.
const OTHERWISE: [(&str, &str); 6] = [
    // By the runtime: the lines, and the queue that is polled for the function.
    ("logs:CreateLogStream", ""),
    ("logs:PutLogEvents", ""),
    ("sqs:ReceiveMessage", ""),
    ("sqs:DeleteMessage", ""),
    ("sqs:GetQueueAttributes", ""),
    // To tell what is not there from what may not be seen.
    ("s3:ListBucket", "ListObjectsV2"),
];

/// What is granted by name of the thing, besides the table and the queues: by what `main.rs` is made of.
fn granted(main: &str, source: Option<&str>, dead: Option<&str>) -> BTreeSet<String> {
    let has = |word: &str| main.contains(word);
    let by_name: [(bool, &[&str]); 3] = [
        (
            has("filing_"),
            &[
                "s3:PutObject Bucket.Arn}/uploads/*",
                "s3:GetObject Bucket.Arn}/uploads/*",
                "s3:GetObjectVersion Bucket.Arn}/uploads/*",
                "s3:ListBucket Bucket",
                "s3:GetObject Bucket.Arn}/attachments/*",
                "s3:PutObject Bucket.Arn}/attachments/*",
            ],
        ),
        (has("reading_"), &["s3:GetObject Bucket.Arn}/models/*"]),
        (has("telling_"), &["s3:PutObject Bucket.Arn}/outbox/*", "ses:SendEmail ses", "sns:Publish sns"]),
    ];
    let mut grants: BTreeSet<_> = by_name
        .iter()
        .filter(|(needed, _)| *needed)
        .flat_map(|(_, all)| all.iter().map(|grant| (*grant).to_owned()))
        .collect();
    for queue in source.into_iter().filter(|_| has(".on_event(")) {
        grants.extend(["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map(|it| format!("sqs:{it} {queue}")));
    }
    grants.extend(dead.filter(|_| has(".on_event(")).map(|dead| format!("sqs:SendMessage {dead}")));
    grants
}

/// What each function may do, as `action resource`.
pub(super) fn grants(text: &str) -> BTreeMap<&str, BTreeSet<String>> {
    let plan = Plan::of(text);
    let of = |function| {
        let statements = plan.statements(function).into_iter();
        let each = statements.flat_map(|Statement { actions, resources }| {
            let pairs = actions
                .into_iter()
                .map(move |action| resources.clone().into_iter().map(move |it| format!("{action} {it}")));
            pairs.flatten().collect::<Vec<_>>()
        });
        (function, each.collect())
    };
    plan.of_type("AWS::Serverless::Function").into_iter().map(of).collect()
}

fn faults(text: &str) -> Vec<String> {
    let (plan, called, mut faults) = (Plan::of(text), called("shared/aws/src"), Vec::new());
    for function in plan.of_type("AWS::Serverless::Function") {
        let (main, source) = (main_of(plan.code(function)), plan.source(function));
        let mut grants = BTreeSet::new();
        for statement in plan.statements(function) {
            for action in &statement.actions {
                let (service, name) = action.split_once(':').expect("an action has its service");
                let known = OTHERWISE.iter().find(|(it, _)| it == action);
                let used = known.is_some() || called.contains(name) || name == "GetObjectVersion";
                if !used || name.contains('*') {
                    faults.push(format!("{function} may do {action}, which no code does"));
                }
                grants.extend(statement.resources.iter().map(|it| format!("{service}:{name} {it}")));
            }
        }
        let logs = format!("{}Logs", function.trim_end_matches("Function"));
        let dead = source.and_then(|queue| plan.dead_letters(queue));
        let mut right = granted(&main, source, dead);
        right.extend(["CreateLogStream", "PutLogEvents"].map(|it| format!("logs:{it} {logs}")));
        // What a function tells the queues whose addresses it has, and no others.
        let variables = plan.variables(function);
        let queues = variables.iter().filter(|(name, _)| name.ends_with("_QUEUE_URL"));
        for (name, lines) in queues {
            let queue = lines[0].rsplit(' ').next().unwrap_or_default();
            let named = queue.trim_end_matches("Queue").to_uppercase();
            if name.trim_end_matches("_QUEUE_URL").replace('_', "") != named {
                faults.push(format!("{function}: {name} is the address of {queue}"));
            }
            right.insert(format!("sqs:SendMessage {queue}"));
        }
        let of_table = |it: &&String| it.starts_with("dynamodb:");
        let (table, others): (BTreeSet<_>, BTreeSet<_>) = grants.iter().partition(of_table);
        faults.extend(
            others.iter().filter(|it| !right.contains(**it)).map(|it| format!("{function} may do {it}, and need not")),
        );
        faults.extend(
            right.iter().filter(|it| !others.contains(it)).map(|it| format!("{function} does {it}, and may not")),
        );
        if !table.iter().any(|it| *it == "dynamodb:GetItem Table") {
            faults.push(format!("{function} may not read the table"));
        }
        let scopes = ["Table", "Table.Arn}/index/due", "Table.Arn}/index/worklist"];
        let strange = table.iter().filter(|it| !scopes.contains(&it.rsplit(' ').next().unwrap_or_default()));
        faults.extend(strange.map(|it| format!("{function} may do {it}, which is no part of the table")));
    }
    faults
}

#[test]
fn every_function_may_do_what_its_code_does_and_nothing_else() {
    assert_eq!(faults(TEMPLATE), [""; 0]);
}

#[test]
fn an_action_that_no_code_does_is_found() {
    told(
        &faults(&planted(
            "Action: [dynamodb:GetItem, dynamodb:PutItem]",
            "Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:Scan]",
        )),
        "dynamodb:Scan, which no code does",
    );
    told(
        &faults(&planted("Action: [dynamodb:GetItem, dynamodb:PutItem]", "Action: dynamodb:*")),
        "dynamodb:*, which no code does",
    );
}

#[test]
fn a_right_on_what_is_not_a_functions_own_is_found() {
    let text = planted("Resource: !Sub \"${Bucket.Arn}/models/*\"", "Resource: !Sub \"${Bucket.Arn}/outbox/*\"");
    told(&faults(&text), "ClassificationFunction may do s3:GetObject Bucket.Arn}/outbox/*, and need not");
}

#[test]
fn a_queue_that_a_function_is_told_of_and_may_not_send_to_is_found() {
    let text = planted("                  - !GetAtt AttachmentQueue.Arn\n", "");
    told(&faults(&text), "EscalationFunction does sqs:SendMessage AttachmentQueue, and may not");
    let text = planted(
        "          ESCALATION_QUEUE_URL: !Ref EscalationQueue\n",
        "          ESCALATION_QUEUE_URL: !Ref DeliveryQueue\n",
    );
    told(&faults(&text), "ESCALATION_QUEUE_URL is the address of DeliveryQueue");
}
