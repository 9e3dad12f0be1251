use super::*;
use redress_service::readiness::{Severity, is_fit};

const ARN: &str = "arn:aws:sqs:us-east-1:1:";

fn queue(logical: &str, aside: Option<&str>, messages: i64) -> Part<Queue> {
    let queue = Queue {
        arn: format!("{ARN}{logical}"),
        visibility_seconds: 180,
        dead_letters: aside.map(|name| format!("{ARN}{name}")),
        messages,
    };
    Part { logical: logical.to_owned(), physical: format!("https://sqs/1/{logical}"), look: Look::There(queue) }
}

fn function() -> Part<Function> {
    let function = Function {
        arn: "arn:aws:lambda:us-east-1:1:function:redress-follow-up".to_owned(),
        timeout_seconds: 29,
        dead_letters: Some("https://sqs/1/FollowUpDeadLetters".to_owned()),
        ..Function::default()
    };
    Part {
        logical: "FollowUpFunction".to_owned(),
        physical: "redress-follow-up".to_owned(),
        look: Look::There(function),
    }
}

fn source() -> Source {
    Source {
        id: "uuid-1".to_owned(),
        queue_arn: format!("{ARN}FollowUpQueue"),
        function_arn: "arn:aws:lambda:us-east-1:1:function:redress-follow-up:live".to_owned(),
        state: "Enabled".to_owned(),
        single: true,
    }
}

/// A stack of one function, wired as it should be.
fn well() -> Seen {
    let target = "arn:aws:lambda:us-east-1:1:function:redress-follow-up".to_owned();
    let schedule = Schedule { state: "ENABLED".to_owned(), target_arn: target };
    Seen {
        local: false,
        functions: vec![function()],
        sources: Look::There(vec![source()]),
        queues: vec![queue("FollowUpQueue", Some("FollowUpDeadLetters"), 3), queue("FollowUpDeadLetters", None, 0)],
        tables: Vec::new(),
        buckets: Vec::new(),
        schedules: vec![Part {
            logical: "Sweep".to_owned(),
            physical: "redress-sweep".to_owned(),
            look: Look::There(schedule),
        }],
        alarms: Look::There(Vec::new()),
    }
}

fn all(seen: &Seen) -> Vec<Finding> {
    [queues(seen), sources(seen), schedules(seen)].concat()
}

/// The one finding that is not well.
fn wrong(seen: &Seen) -> Finding {
    let mut wrong: Vec<_> = all(seen).into_iter().filter(|finding| finding.severity != Severity::Ok).collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    wrong.remove(0)
}

#[test]
fn a_stack_that_is_wired_as_it_should_be_is_well_whatever_waits_in_its_queues() {
    let findings = all(&well());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Ok), "{findings:?}");
}

#[test]
fn a_queue_without_its_mapping_is_named_with_the_command_that_makes_it() {
    let found = wrong(&Seen { sources: Look::There(Vec::new()), ..well() });
    assert_eq!((found.id, found.severity), ("queues.consumer", Severity::Fail));
    assert_eq!(found.place, "FollowUpQueue FollowUpQueue");
    let mend = found.mend.unwrap();
    assert!(mend.contains("create-event-source-mapping --function-name redress-follow-up:live"), "{mend}");
    assert!(mend.contains(&format!("--event-source-arn {ARN}FollowUpQueue")), "{mend}");
}

#[test]
fn a_mapping_that_is_off_or_sends_whole_batches_back_or_leads_elsewhere_is_named_by_its_id() {
    let with = |source: Source| wrong(&Seen { sources: Look::There(vec![source]), ..well() });
    let off = with(Source { state: "Disabled".to_owned(), ..source() });
    assert_eq!(off.mend.as_deref(), Some("`aws lambda update-event-source-mapping --uuid uuid-1 --enabled`"));
    assert!(with(Source { single: false, ..source() }).says.contains("whole batch"));
    let strange = Source {
        id: "uuid-2".to_owned(),
        function_arn: "arn:aws:lambda:us-east-1:1:function:other".to_owned(),
        ..source()
    };
    let found = wrong(&Seen { sources: Look::There(vec![source(), strange]), ..well() });
    assert_eq!(found.mend.as_deref(), Some("`aws lambda delete-event-source-mapping --uuid uuid-2`"));
}

#[test]
fn a_queue_that_hides_messages_for_less_than_six_time_outs_is_named_with_the_number_that_is_enough() {
    let mut seen = well();
    let Look::There(queue) = &mut seen.queues[0].look else { unreachable!() };
    queue.visibility_seconds = 173;
    let found = wrong(&seen);
    assert_eq!(found.id, "queues.visibility");
    assert!(found.mend.unwrap().contains("VisibilityTimeout=174"));
}

#[test]
fn dead_letters_are_named_with_how_to_look_at_them() {
    let seen = Seen { queues: vec![well().queues.remove(0), queue("FollowUpDeadLetters", None, 2)], ..well() };
    let found = wrong(&seen);
    assert_eq!((found.id, found.says.as_str()), ("queues.dead_letters", "2 messages rest there"));
    assert!(found.mend.unwrap().starts_with("`redress redrive follow-up --dry-run`"));
}

#[test]
fn a_queue_whose_dead_letters_are_missing_is_not_fit() {
    for aside in [None, Some("Other")] {
        let queues = vec![queue("FollowUpQueue", aside, 0), queue("FollowUpDeadLetters", None, 0)];
        let findings = super::queues(&Seen { queues, ..well() });
        assert!(!is_fit(&findings), "{aside:?}: {findings:?}");
        assert!(findings.iter().any(|finding| finding.place.starts_with("FollowUpQueue ")), "{findings:?}");
    }
}

#[test]
fn a_schedule_that_is_off_gone_or_of_another_function_is_named() {
    let with = |look| wrong(&Seen { schedules: vec![Part { look, ..well().schedules.remove(0) }], ..well() });
    let schedule = |state: &str, target: &str| Look::There(Schedule { state: state.into(), target_arn: target.into() });
    let own = "arn:aws:lambda:us-east-1:1:function:redress-follow-up";
    assert!(with(schedule("DISABLED", own)).says.contains("nobody watches the clocks"));
    assert!(
        with(schedule("ENABLED", "arn:aws:lambda:us-east-1:1:function:other"))
            .says
            .contains("no function of the stack")
    );
    assert_eq!(with(Look::Gone).severity, Severity::Fail);
    assert_eq!(with(Look::Untold("403 AccessDenied".to_owned())).severity, Severity::Unknown);
    assert_eq!(wrong(&Seen { schedules: Vec::new(), ..well() }).severity, Severity::Fail);
}

#[test]
fn what_nobody_may_see_is_unknown_and_not_well() {
    let found = wrong(&Seen { sources: Look::Untold("403 AccessDenied".to_owned()), ..well() });
    assert_eq!((found.id, found.severity), ("queues.consumer", Severity::Unknown));
}
