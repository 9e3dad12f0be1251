//! How `redress doctor` and `redress bootstrap` end where there is no stack.

use serde_json::Value;
use std::process::{Command, Output};

/// The program, in an account that nobody answers for.
fn redress(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_redress"));
    program.args(arguments).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_REGION", "eu-west-1");
    program.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").output().expect("the program starts")
}

#[test]
fn a_stack_that_cannot_be_reached_is_not_fit_and_programs_read_why() {
    let done = redress(&["doctor", "--stack", "nobody", "--json"]);
    assert_eq!(done.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&document["fit"], &document["stack"]), (&Value::Bool(false), &Value::from("nobody")));
    let finding = &document["findings"][0];
    assert_eq!((&finding["id"], &finding["severity"]), (&Value::from("stack.status"), &Value::from("fail")));
    assert!(finding["mend"].as_str().unwrap().contains("AWS configuration"), "{finding}");
}

#[test]
fn a_person_reads_lines_without_colours_where_no_terminal_is() {
    let done = redress(&["doctor", "--stack", "nobody"]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.starts_with("fail    stack.status") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(String::from_utf8(done.stderr).unwrap(), "redress: the stack nobody is not fit to serve\n");
}

#[test]
fn wrong_use_is_told_from_a_stack_that_falls_short() {
    for wrong in [&["doctor", "--tenant", "shop"][..], &["bootstrap"], &["bootstrap", "--tenant", "客服"]] {
        assert_eq!(redress(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let nowhere = Command::new(env!("CARGO_BIN_EXE_redress")).arg("doctor").current_dir("/").output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2), "no stack is named, and there is no checkout");
    let unreachable = redress(&["bootstrap", "--stack", "nobody", "--tenant", "tn_shop"]);
    assert_eq!(unreachable.status.code(), Some(1));
    assert!(unreachable.stdout.is_empty(), "no key was made");
}
