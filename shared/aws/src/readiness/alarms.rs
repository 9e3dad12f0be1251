//! Whether somebody is told: each function and each queue of dead letters has its alarm, and the
//! alarms report to somebody.

use super::seen::{Alarm, Look, Part, Seen, Stack, short};
use redress_service::readiness::{Finding, or_well};

/// The template's parameter for whom alarms report to.
const TOPIC: &str = "AlarmTopicArn";

/// The alarms: one for whatever can fail, telling somebody, and quiet.
pub(super) fn alarms(stack: &Stack, seen: &Seen) -> Vec<Finding> {
    let alarms = match &seen.alarms {
        Look::There(alarms) => alarms,
        Look::Gone => &Vec::new(),
        Look::Untold(why) => {
            return vec![Finding::unknown(
                "alarms.wired",
                "alarms",
                why,
                "may the caller do `cloudwatch:DescribeAlarms`?",
            )];
        }
    };
    let seen_alarms: Vec<_> = alarms.iter().filter_map(|part| Some((part, part.look.there()?))).collect();
    let mut findings = wired(seen, alarms, &seen_alarms);
    findings.extend(told(stack, &seen_alarms));
    findings.extend(ringing(&seen_alarms));
    findings
}

type SeenAlarm<'a> = (&'a Part<Alarm>, &'a Alarm);

fn wired(seen: &Seen, alarms: &[Part<Alarm>], there: &[SeenAlarm<'_>]) -> Vec<Finding> {
    const ID: &str = "alarms.wired";
    let gone = alarms.iter().filter(|part| part.look == Look::Gone);
    let mut faults: Vec<_> = gone.map(|part| Finding::fail(ID, part.place(), "is not there", super::DELETED)).collect();
    let watched = |namespace: &str, metric: &str, dimension: &str, name: &str| {
        there.iter().any(|(_, alarm)| {
            (alarm.namespace.as_str(), alarm.metric.as_str()) == (namespace, metric)
                && alarm.dimensions.get(dimension).is_some_and(|of| of == name)
        })
    };
    let silent = |place: String| {
        let mend = "give it one in template.yaml like its neighbours', and deploy";
        Finding::fail(ID, place, "has no alarm: nobody would know", mend)
    };
    for function in &seen.functions {
        if !watched("AWS/Lambda", "Errors", "FunctionName", &function.physical) {
            faults.push(silent(function.place()));
        }
    }
    let dead: Vec<_> = seen.queues.iter().filter_map(|part| part.look.there()?.dead_letters.as_deref()).collect();
    for queue in &seen.queues {
        let aside = queue.look.there().is_some_and(|one| dead.contains(&one.arn.as_str()));
        let name = short(&queue.physical);
        if aside && !watched("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name) {
            faults.push(silent(queue.place()));
        }
    }
    let says = format!("{} functions and {} queues of dead letters have theirs", seen.functions.len(), dead.len());
    or_well(ID, "alarms", says, faults)
}

fn told(stack: &Stack, there: &[SeenAlarm<'_>]) -> Vec<Finding> {
    const ID: &str = "alarms.told";
    let Some(topic) = stack.parameters.get(TOPIC).filter(|topic| !topic.is_empty()) else {
        let mend = format!("deploy with {TOPIC}, the ARN of an SNS topic that somebody reads");
        return vec![Finding::warn(ID, "alarms", "they only change colour: nobody is told", mend)];
    };
    let mute = there.iter().filter(|(_, alarm)| !alarm.actions_enabled || !alarm.actions.contains(topic));
    let faults = mute.map(|(part, alarm)| {
        let says = if alarm.actions_enabled { "does not report to the topic" } else { "its actions are off" };
        let mend = format!("`aws cloudwatch enable-alarm-actions --alarm-names {}`, or deploy again", part.physical);
        Finding::fail(ID, part.place(), says, mend)
    });
    or_well(ID, "alarms", format!("all {} report to {}", there.len(), short(topic)), faults.collect())
}

fn ringing(there: &[SeenAlarm<'_>]) -> Vec<Finding> {
    const ID: &str = "alarms.quiet";
    let rings = there.iter().filter(|(_, alarm)| alarm.state == "ALARM");
    let faults =
        rings.map(|(part, _)| Finding::warn(ID, part.place(), "rings", format!("docs/runbook.md, {}", part.logical)));
    or_well(ID, "alarms", "none rings", faults.collect())
}

#[cfg(test)]
mod tests {
    use super::super::seen::{Function, Queue};
    use super::*;
    use redress_service::readiness::{Severity, is_fit};
    use std::collections::BTreeMap;

    const SNS: &str = "arn:aws:sns:us-east-1:1:ops";

    fn alarm(logical: &str, metric: (&str, &str), of: (&str, &str)) -> Part<Alarm> {
        let alarm = Alarm {
            namespace: metric.0.to_owned(),
            metric: metric.1.to_owned(),
            dimensions: BTreeMap::from([(of.0.to_owned(), of.1.to_owned())]),
            state: "OK".to_owned(),
            actions_enabled: true,
            actions: vec![SNS.to_owned()],
        };
        Part { logical: logical.to_owned(), physical: format!("redress-{logical}"), look: Look::There(alarm) }
    }

    fn seen(alarms: Vec<Part<Alarm>>) -> Seen {
        let queue = |name: &str, aside: Option<&str>| {
            let queue = Queue {
                arn: format!("arn:{name}"),
                visibility_seconds: 180,
                dead_letters: aside.map(|aside| format!("arn:{aside}")),
                messages: 0,
            };
            Part { logical: name.to_owned(), physical: format!("https://sqs/1/{name}"), look: Look::There(queue) }
        };
        let desk = Look::There(Function::default());
        Seen {
            local: false,
            functions: vec![Part { logical: "DeskFunction".into(), physical: "redress-desk".into(), look: desk }],
            sources: Look::Gone,
            queues: vec![queue("Queue", Some("DeadLetters")), queue("DeadLetters", None)],
            tables: Vec::new(),
            buckets: Vec::new(),
            schedules: Vec::new(),
            alarms: Look::There(alarms),
        }
    }

    fn all() -> Vec<Part<Alarm>> {
        vec![
            alarm("DeskErrorsAlarm", ("AWS/Lambda", "Errors"), ("FunctionName", "redress-desk")),
            alarm("DeadLettersAlarm", ("AWS/SQS", "ApproximateNumberOfMessagesVisible"), ("QueueName", "DeadLetters")),
        ]
    }

    fn stack(topic: &str) -> Stack {
        Stack {
            name: "redress".to_owned(),
            status: String::new(),
            parameters: BTreeMap::from([(TOPIC.to_owned(), topic.to_owned())]),
            outputs: BTreeMap::new(),
            resources: Vec::new(),
            told_at: None,
            heard_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn places(findings: &[Finding], severity: Severity) -> Vec<&str> {
        findings.iter().filter(|one| one.severity == severity).map(|one| one.place.as_str()).collect()
    }

    #[test]
    fn each_function_and_each_queue_of_dead_letters_has_its_alarm_or_is_named() {
        assert!(alarms(&stack(SNS), &seen(all())).iter().all(|one| one.severity == Severity::Ok));
        let none = alarms(&stack(SNS), &seen(Vec::new()));
        assert_eq!(places(&none, Severity::Fail), ["DeskFunction redress-desk", "DeadLetters DeadLetters"]);
        let mut gone = all();
        gone[0].look = Look::Gone;
        let gone = alarms(&stack(SNS), &seen(gone));
        assert_eq!(
            places(&gone, Severity::Fail),
            ["DeskErrorsAlarm redress-DeskErrorsAlarm", "DeskFunction redress-desk"]
        );
    }

    #[test]
    fn an_alarm_that_tells_nobody_is_named_and_alarms_without_a_topic_are_a_warning() {
        let with = |change: &dyn Fn(&mut Alarm)| {
            let mut all = all();
            let Look::There(alarm) = &mut all[0].look else { unreachable!() };
            change(alarm);
            alarms(&stack(SNS), &seen(all))
        };
        for found in [with(&|alarm| alarm.actions.clear()), with(&|alarm| alarm.actions_enabled = false)] {
            assert_eq!(places(&found, Severity::Fail), ["DeskErrorsAlarm redress-DeskErrorsAlarm"]);
        }
        let rings = with(&|alarm| alarm.state = "ALARM".to_owned());
        assert_eq!(places(&rings, Severity::Warn), ["DeskErrorsAlarm redress-DeskErrorsAlarm"]);
        let nobody = alarms(&stack(""), &seen(all()));
        assert!(is_fit(&nobody) && places(&nobody, Severity::Warn) == ["alarms"]);
    }

    #[test]
    fn alarms_that_nobody_may_see_are_unknown() {
        let found = alarms(&stack(SNS), &Seen { alarms: Look::Untold("403 AccessDenied".into()), ..seen(Vec::new()) });
        assert_eq!(places(&found, Severity::Unknown), ["alarms"]);
    }
}
