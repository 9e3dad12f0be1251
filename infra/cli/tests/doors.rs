//! The doors that other programs use, as they use them: the vectors go in as lines, and the answers
//! come out as the vectors say.

#![expect(clippy::unwrap_used, reason = "all of this is tests: a panic is the finding")]

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const BUSINESS_TIME: &str = include_str!("../../../tests/fixtures/business-time.jsonl");
const SLA_REPLAY: &str = include_str!("../../../tests/fixtures/sla-replay.jsonl");

/// What the program answers to `lines` on its standard input.
fn answers(command: &[&str], lines: &str) -> Vec<Value> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_redress"));
    let mut program =
        program.args(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut input = program.stdin.take().expect("its input is piped");
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = program.wait_with_output().expect("the program ends");
    writer.join().unwrap().expect("the program reads");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every vector of `fixture`, asked without its answer, is answered as it says under `key`.
fn holds(command: &[&str], fixture: &str, key: &str) {
    let vectors: Vec<Value> = fixture.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let question = |vector: &Value| {
        let mut question = vector.clone();
        question.as_object_mut().unwrap().remove(key);
        format!("{question}\n")
    };
    let questions: String = vectors.iter().map(question).collect();
    let answers = answers(command, &questions);
    assert_eq!(answers.len(), vectors.len());
    for (vector, answer) in vectors.iter().zip(&answers) {
        assert_eq!((&answer["id"], &answer[key]), (&vector["id"], &vector[key]), "{answer}");
    }
}

#[test]
fn every_vector_of_business_time_passes_through_redress_calendar() {
    holds(&["calendar"], BUSINESS_TIME, "result");
}

#[test]
fn every_story_of_clocks_passes_through_redress_sla_replay() {
    holds(&["sla", "replay"], SLA_REPLAY, "steps");
}

#[test]
fn the_twenty_vectors_are_among_them_but_for_those_that_only_timers_can_show() {
    let told = |number: u32| {
        let id = format!("\"sla-7-{number}\"");
        let longer = format!("\"sla-7-{number}-");
        [BUSINESS_TIME, SLA_REPLAY].iter().any(|vectors| vectors.contains(&id) || vectors.contains(&longer))
    };
    // The same timer five times, and one of an older version: tests/memory/clocks.rs and
    // tests/cloud/clocks.rs.
    let untold: Vec<u32> = (1..=20).filter(|number| !told(*number)).collect();
    assert_eq!(untold, [17, 18]);
}

#[test]
fn a_line_that_is_wrong_is_told_its_place_and_does_not_stop_the_others() {
    let lines = r#"{"id":1,"calendar":"24x7","targets":{"resolution":60},"events":[{"at":"2026-11-27T09:00:00Z","type":"born"}]}
not json
{"id":3,"calendar":{"time_zone":"Moon"},"targets":{},"events":[]}
{"id":4,"calendar":"24x7","targets":{"resolution":60},"events":[{"at":"2026-11-27T09:00:00Z","type":"created"}]}
"#;
    let answers = answers(&["sla", "replay"], lines);
    let codes: Vec<_> = answers.iter().map(|answer| answer["error"]["code"].as_str()).collect();
    assert_eq!(codes, [Some("unknown_event"), Some("malformed_json"), Some("unknown_zone"), None]);
    assert!(answers[0]["error"]["detail"].as_str().unwrap().starts_with("/events/0/type: "));
    assert_eq!(answers[3]["steps"][0]["clocks"]["resolution"]["due"], "2026-11-27T10:00:00Z");
}
