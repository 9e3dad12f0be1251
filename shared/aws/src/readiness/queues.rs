//! How the functions are started: each queue has its function, with time to spare and somewhere for
//! what fails; and the sweep has its schedule.
//!
//! Which function a queue is for, the functions say themselves: each knows the dead letters of the
//! queue that it works on.

use super::seen::{Function, Look, Part, Queue, Schedule, Seen, Source, short};
use super::{DELETED, LIVE};
use redress_service::readiness::{Finding, or_well};
use std::collections::BTreeSet;

/// How often a function's time-out a queue waits for it, at least.
const VISIBILITY_TIMES: i64 = 6;

const RIGHTS: &str = "may the caller do `sqs:GetQueueAttributes` and `lambda:ListEventSourceMappings`?";

/// The queues: there, with dead letters that are empty.
pub(super) fn queues(seen: &Seen) -> Vec<Finding> {
    let (mut lost, mut targets, mut full) = (Vec::new(), Vec::new(), Vec::new());
    let dead = dead_letters(seen);
    for part in &seen.queues {
        let queue = match &part.look {
            Look::There(queue) => queue,
            Look::Gone => {
                lost.push(Finding::fail("queues.state", part.place(), "is not there", DELETED));
                continue;
            }
            Look::Untold(why) => {
                lost.push(Finding::unknown("queues.state", part.place(), why, RIGHTS));
                continue;
            }
        };
        if dead.contains(queue.arn.as_str()) {
            full.extend((queue.messages > 0).then(|| rests(part, queue.messages)));
        } else {
            targets.extend(target(seen, part, queue));
        }
    }
    let mut findings = or_well("queues.state", "queues", format!("all {} are there", seen.queues.len()), lost);
    findings.extend(or_well("queues.dead_letters_target", "queues", "each has its dead letters", targets));
    findings.extend(or_well("queues.dead_letters", "dead letters", format!("all {} are empty", dead.len()), full));
    findings
}

/// The ARNs of the queues that others lay aside in.
fn dead_letters(seen: &Seen) -> BTreeSet<&str> {
    seen.queues.iter().filter_map(|part| part.look.there()?.dead_letters.as_deref()).collect()
}

fn rests(part: &Part<Queue>, messages: i64) -> Finding {
    let name = part.logical.trim_end_matches("DeadLetters");
    let says = format!("{messages} messages rest there");
    let mend =
        format!("`redress redrive {}  --dry-run` says why; docs/runbook.md, {name}DeadLettersAlarm", kebab(name));
    Finding::fail("queues.dead_letters", part.place(), says, mend.replace("  ", " "))
}

/// A queue that works on nothing but is dead letters of nobody either, is none: its target is missing.
fn target(seen: &Seen, part: &Part<Queue>, queue: &Queue) -> Option<Finding> {
    const ID: &str = "queues.dead_letters_target";
    let mend = format!(
        "`aws sqs set-queue-attributes --queue-url {} --attributes RedrivePolicy=…` as template.yaml has it",
        part.physical
    );
    let there = |arn: &str| seen.queues.iter().filter_map(|part| part.look.there()).any(|other| other.arn == arn);
    match queue.dead_letters.as_deref() {
        Some(arn) if there(arn) => None,
        Some(arn) => Some(Finding::fail(
            ID,
            part.place(),
            format!("its dead letters, {}, are not the stack's", short(arn)),
            mend,
        )),
        None if seen
            .functions
            .iter()
            .filter_map(|part| part.look.there())
            .any(|function| lays_aside_in(function, queue)) =>
        {
            let says = "no queue lays aside in it: what fails five times is tried for ever";
            let mend =
                "`aws sqs set-queue-attributes --attributes RedrivePolicy=…` of its queue, as template.yaml has it";
            Some(Finding::fail(ID, part.place(), says, mend))
        }
        None => Some(Finding::fail(ID, part.place(), "has no dead letters: what fails is tried for ever", mend)),
    }
}

fn lays_aside_in(function: &Function, queue: &Queue) -> bool {
    function.dead_letters.as_deref().is_some_and(|url| short(url) == short(&queue.arn))
}

/// Each queue's messages reach the function that works on them.
pub(super) fn sources(seen: &Seen) -> Vec<Finding> {
    const ID: &str = "queues.consumer";
    let sources = match &seen.sources {
        Look::There(sources) => sources,
        Look::Gone => return vec![Finding::unknown(ID, "queues", "no function could be seen", RIGHTS)],
        Look::Untold(why) => return vec![Finding::unknown(ID, "queues", why, RIGHTS)],
    };
    let dead = dead_letters(seen);
    let working = seen.queues.iter().filter_map(|part| Some((part, part.look.there()?)));
    let (mut faults, mut slow, mut many) = (Vec::new(), Vec::new(), 0);
    for (part, queue) in working.filter(|(_, queue)| !dead.contains(queue.arn.as_str()) && queue.dead_letters.is_some())
    {
        many += 1;
        let aside = queue.dead_letters.as_deref().map(short);
        let of_it = |part: &&Part<Function>| {
            let function = part.look.there();
            function.is_some_and(|function| aside.is_some() && function.dead_letters.as_deref().map(short) == aside)
        };
        let Some(worker) = seen.functions.iter().find(of_it) else {
            let mend = "deploy again: a function's DEAD_LETTERS_URL must be the queue's";
            faults.push(Finding::fail(ID, part.place(), "no function says that it works on it", mend));
            continue;
        };
        faults.extend(consumer(part, queue, worker, sources));
        slow.extend(visibility(part, queue, worker));
    }
    let mut findings = or_well(ID, "queues", format!("each of the {many} hands its messages to its function"), faults);
    let says = format!("each waits {VISIBILITY_TIMES} times as long as its function may take, or longer");
    findings.extend(or_well("queues.visibility", "queues", says, slow));
    findings
}

fn consumer(part: &Part<Queue>, queue: &Queue, worker: &Part<Function>, sources: &[Source]) -> Vec<Finding> {
    const ID: &str = "queues.consumer";
    let function = worker.look.there().expect("only a function that was seen works on a queue");
    let of_queue: Vec<_> = sources.iter().filter(|source| source.queue_arn == queue.arn).collect();
    // An alias or a version of it is the function, too.
    let right = |source: &&Source| source.function_arn.starts_with(&function.arn);
    let mut faults: Vec<_> =
        of_queue.iter().filter(|source| !right(source)).map(|source| strange(part, source)).collect();
    let Some(source) = of_queue.into_iter().find(right) else {
        let says = format!("its messages reach nobody: {} is not told of them", worker.physical);
        let mend = format!(
            "`aws lambda create-event-source-mapping --function-name {}:{LIVE} --event-source-arn {} \
             --function-response-types ReportBatchItemFailures`",
            worker.physical, queue.arn
        );
        faults.push(Finding::fail(ID, part.place(), says, mend));
        return faults;
    };
    let place = format!("{} mapping {}", part.logical, source.id);
    let update = format!("`aws lambda update-event-source-mapping --uuid {}", source.id);
    if !matches!(source.state.as_str(), "Enabled" | "Enabling" | "Creating" | "Updating") {
        let mend = format!("{update} --enabled`");
        faults.push(Finding::fail(ID, place, format!("is {}: messages wait", source.state), mend));
    } else if !source.single {
        let says = "one message that fails sends the whole batch back";
        let mend = format!("{update} --function-response-types ReportBatchItemFailures`");
        faults.push(Finding::fail(ID, place, says, mend));
    }
    faults
}

fn strange(part: &Part<Queue>, source: &Source) -> Finding {
    let says = format!("its messages go to {}, which does not work on them", short(&source.function_arn));
    let mend = format!("`aws lambda delete-event-source-mapping --uuid {}`", source.id);
    Finding::fail("queues.consumer", format!("{} mapping {}", part.logical, source.id), says, mend)
}

fn visibility(part: &Part<Queue>, queue: &Queue, worker: &Part<Function>) -> Option<Finding> {
    let least = worker.look.there()?.timeout_seconds * VISIBILITY_TIMES;
    let short = queue.visibility_seconds < least;
    let says = format!(
        "hides messages for {} s; {} may take {} s",
        queue.visibility_seconds,
        worker.physical,
        least / VISIBILITY_TIMES
    );
    let mend = format!(
        "`aws sqs set-queue-attributes --queue-url {} --attributes VisibilityTimeout={least}`, and so in template.yaml",
        part.physical
    );
    short.then(|| Finding::fail("queues.visibility", part.place(), says, mend))
}

/// The schedules: on, and of a function of the stack.
pub(super) fn schedules(seen: &Seen) -> Vec<Finding> {
    const ID: &str = "sweep.schedule";
    if seen.schedules.is_empty() {
        return vec![Finding::fail(ID, "schedules", "the stack has none: nobody watches the clocks", "deploy again")];
    }
    let faults: Vec<_> = seen.schedules.iter().filter_map(|part| schedule(part, seen)).collect();
    let names: Vec<_> = seen.schedules.iter().map(|part| short(&part.physical)).collect();
    or_well(ID, names.join(", "), "starts the sweep every minute", faults)
}

fn schedule(part: &Part<Schedule>, seen: &Seen) -> Option<Finding> {
    const ID: &str = "sweep.schedule";
    let place = part.place();
    let schedule = match &part.look {
        Look::There(schedule) => schedule,
        Look::Gone => return Some(Finding::fail(ID, place, "is not there: nobody watches the clocks", DELETED)),
        Look::Untold(why) => {
            return Some(Finding::unknown(ID, place, why, "may the caller do `scheduler:GetSchedule`?"));
        }
    };
    if schedule.state != "ENABLED" {
        let mend = "`aws scheduler update-schedule --state ENABLED …` with the rest as `get-schedule` shows it";
        return Some(Finding::fail(ID, place, format!("is {}: nobody watches the clocks", schedule.state), mend));
    }
    let function =
        |part: &Part<Function>| part.look.there().is_some_and(|one| schedule.target_arn.starts_with(&one.arn));
    let says = format!("starts {}, which is no function of the stack", short(&schedule.target_arn));
    let seen_all = seen.functions.iter().all(|part| part.look.there().is_some());
    (seen_all && !seen.functions.iter().any(function)).then(|| Finding::fail(ID, place, says, "deploy again"))
}

/// `FollowUp` as `follow-up`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests;
