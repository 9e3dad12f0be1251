//! `redress simulate` as people call it.

#![expect(clippy::unwrap_used, reason = "all of this is tests: a panic is the finding")]

use serde_json::Value;
use std::process::{Command, Output};

fn simulate(arguments: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_redress"));
    program.arg("simulate").args(arguments.split_whitespace()).output().expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn runs_in_which_everything_holds_end_with_what_went_wrong_in_them() {
    let output = simulate("--runs 3 --orders 2 --days 1");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with("3 runs, 6 lifecycles in "), "{said}");
    assert!(said.contains("died after a call") && said.ends_with("every invariant held\n"), "{said}");
}

#[test]
fn a_run_that_goes_wrong_tells_its_seed_and_the_shortest_story_and_again_the_same() {
    let planted = "--plant emit-before-write --seed 7 --runs 3 --orders 2";
    let output = simulate(planted);
    let first = said(&output);
    assert_eq!(output.status.code(), Some(1), "{first}");
    assert!(first.starts_with("seed 7: ") && first.contains("was sent before"), "{first}");
    assert!(first.contains("Again: redress simulate --seed 7 --runs 1 --orders 2 --days 2"), "{first}");
    assert_eq!(said(&simulate(planted)), first, "byte for byte");
}

#[test]
fn a_story_is_told_line_by_line_and_a_program_reads_one_line() {
    let story = said(&simulate("--seed 5 --runs 1 --orders 1 --story"));
    assert!(story.contains("feedback.received.v1/1~1.1#0"), "{story}");
    let line: Value = serde_json::from_slice(&simulate("--runs 2 --orders 1 --json").stdout).unwrap();
    assert_eq!((&line["runs"], &line["failing"]), (&Value::from(2), &Value::Null));
    assert!(line["faults"]["message late"].is_u64());
    assert_eq!(simulate("--runs 0").status.code(), Some(2));
    assert_eq!(simulate("--plant a-rose").status.code(), Some(2));
}
