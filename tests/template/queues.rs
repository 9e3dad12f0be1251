//! Each queue that events go to is there, with its dead letters, its alarm, its consumer and enough time;
//! and each alarm has its section in the runbook.

use super::environment::main_of;
use super::plan::Plan;
use super::{TEMPLATE, planted, told};
use redress_domain::event::QueueName;
use std::collections::BTreeSet;

const RUNBOOK: &str = include_str!("../../docs/runbook.md");

/// How many times a function's time-out its messages stay hidden: what AWS asks for, so that a poller
/// that is throttled does not make them come twice.
///
/// # Source
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const VISIBILITY_TIMES: u64 = 6;

/// `follow-up` as `FollowUp`.
fn pascal(kebab: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    kebab.split('-').map(capital).collect()
}

/// The resource that is a queue of events.
pub(super) fn resource(queue: QueueName) -> String {
    pascal(queue.as_str()) + "Queue"
}

fn faults(text: &str) -> Vec<String> {
    let (plan, mut faults) = (Plan::of(text), Vec::new());
    let functions = plan.of_type("AWS::Serverless::Function");
    for name in QueueName::ALL.map(|queue| pascal(queue.as_str())) {
        let (queue, dead) = (format!("{name}Queue"), format!("{name}DeadLetters"));
        faults.extend([&queue, &dead].into_iter().filter(|it| !plan.has(it)).map(|it| format!("{it} is not there")));
        if plan.dead_letters(&queue) != Some(dead.as_str()) {
            faults.push(format!("what fails in {queue} does not go to {dead}"));
        }
        let outputs =
            [format!("  {queue}Url:\n    Value: !Ref {queue}"), format!("  {dead}Url:\n    Value: !Ref {dead}")];
        if outputs.iter().any(|output| !text.contains(output)) {
            faults.push(format!("the addresses of {queue} and its dead letters are not among the outputs"));
        }
        let at_work: Vec<_> = functions.iter().filter(|it| plan.source(it) == Some(queue.as_str())).collect();
        let [function] = at_work[..] else {
            faults.push(format!("{queue} is worked on by {} functions", at_work.len()));
            continue;
        };
        if !main_of(plan.code(function)).contains(".on_event(") {
            faults.push(format!("{function} works on {queue}, and knows no events"));
        }
        let visible = plan.property(&queue, "VisibilityTimeout").and_then(|seconds| seconds.parse().ok()).unwrap_or(30);
        if visible < VISIBILITY_TIMES * plan.timeout(function) {
            faults
                .push(format!("a message of {queue} comes back after {visible} s while {function} may still be at it"));
        }
    }
    let known: BTreeSet<_> =
        RUNBOOK.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' ')).collect();
    let alarms = plan.of_type("AWS::CloudWatch::Alarm");
    faults.extend(
        alarms.iter().filter(|it| !known.contains(*it)).map(|it| format!("{it} has no section in the runbook")),
    );
    let gone = known.iter().filter(|it| it.ends_with("Alarm") && !alarms.contains(it));
    faults.extend(gone.map(|it| format!("the runbook has a section for {it}, which is not there")));
    faults
}

#[test]
fn every_queue_that_events_go_to_is_worked_on_in_time_and_every_alarm_is_explained() {
    assert_eq!(faults(TEMPLATE), [""; 0]);
}

#[test]
fn a_visibility_that_is_too_small_is_found() {
    told(
        &faults(&planted("VisibilityTimeout: 330", "VisibilityTimeout: 300")),
        "a message of EscalationQueue comes back",
    );
    told(&faults(&planted("      Timeout: 50\n", "      Timeout: 55\n")), "a message of DeliveryQueue comes back");
}

#[test]
fn a_queue_that_nobody_works_on_is_found() {
    let text = planted(
        "Queue: !GetAtt FollowUpQueue.Arn\n            BatchSize",
        "Queue: !GetAtt AssignmentQueue.Arn\n            BatchSize",
    );
    told(&faults(&text), "FollowUpQueue is worked on by 0 functions");
    told(&faults(&text), "AssignmentQueue is worked on by 2 functions");
}

#[test]
fn dead_letters_that_belong_to_another_queue_are_found() {
    let text = planted(
        "deadLetterTargetArn: !GetAtt FollowUpDeadLetters.Arn",
        "deadLetterTargetArn: !GetAtt DeliveryDeadLetters.Arn",
    );
    told(&faults(&text), "what fails in FollowUpQueue does not go to FollowUpDeadLetters");
}

#[test]
fn an_alarm_without_a_word_in_the_runbook_is_found_and_one_that_was_taken_away() {
    let text = planted("  WaitingAlarm:\n", "  QuietAlarm:\n");
    told(&faults(&text), "QuietAlarm has no section");
    told(&faults(&text), "section for WaitingAlarm, which is not there");
}
