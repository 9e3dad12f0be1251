//! `redress signature` as other programs use it: a message a line in, a verdict a line out.

#![expect(clippy::unwrap_used, reason = "all of this is tests: a panic is the finding")]

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// What the program answers to `lines` on its standard input.
fn answers(command: &str, lines: &str) -> Vec<Value> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_redress"));
    let program = program.args(["signature", command]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = program.spawn().expect("the program starts");
    program.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = program.wait_with_output().expect("the program ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The published example with `changes`; null takes a key away.
fn message(changes: Value) -> Value {
    let mut line = json!({
        "secret": SECRET,
        "now": "2021-02-25T15:02:10Z",
        "headers": {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": SIGNATURE,
        },
        "body_base64": "eyJ0ZXN0IjogMjQzMjIzMjMxNH0=",
    });
    merge(&mut line, changes);
    line
}

fn merge(value: &mut Value, changes: Value) {
    match changes {
        Value::Object(changes) if value.is_object() => {
            for (key, change) in changes {
                merge(&mut value[&key], change);
            }
            value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
        other => *value = other,
    }
}

fn verdicts(lines: &[Value]) -> Vec<Value> {
    answers("verify", &lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

#[test]
fn good_messages_are_valid_however_they_are_written() {
    let upper = json!({"WEBHOOK-ID": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp": 1_614_265_330,
        "Webhook-Signature": SIGNATURE, "content-type": "application/json"});
    let mut cased = message(json!({}));
    cased["headers"] = upper;
    let lines = [
        message(json!({})),
        message(json!({"secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})),
        message(json!({"secret": [OTHER, SECRET]})),
        message(json!({"secret": [SECRET, OTHER]})),
        message(json!({"note": "kept by whoever wrote the line"})),
        message(json!({"now": 1_614_265_630})),
        message(json!({"now": 1_614_265_030.0})),
        message(json!({"now": "1614265330"})),
        message(json!({"now": "2021-02-25T23:02:10+08:00"})),
        message(json!({"headers": {"webhook-signature": format!("v1a,AAAA {SIGNATURE}")}})),
        cased,
    ];
    let verdicts = verdicts(&lines);
    assert_eq!(verdicts.len(), lines.len());
    for (verdict, line) in verdicts.iter().zip(&lines) {
        assert_eq!(*verdict, json!({"valid": true, "why": null}), "{line}");
    }
}

#[test]
fn what_is_not_to_be_trusted_is_told_why_in_order_and_stops_nothing() {
    let cases = [
        (json!({"now": 1_614_265_631}), "ago"),
        (json!({"now": 1_614_265_029}), "ahead"),
        (json!({"body_base64": "eyJ0ZXN0IjogMX0="}), "another secret"),
        (json!({"body_base64": ""}), "another secret"),
        (json!({"secret": OTHER}), "another secret"),
        (json!({"secret": "whsec_***"}), "/secret: "),
        (json!({"secret": [SECRET, ""]}), "/secret/1: "),
        (json!({"secret": []}), "/secret: "),
        (json!({"secret": null}), "/secret: "),
        (json!({"now": "soon"}), "/now: "),
        (json!({"now": "NaN"}), "/now: "),
        (json!({"now": null}), "/now: "),
        (json!({"body_base64": "eyJ0*"}), "/body_base64: "),
        (json!({"body_base64": 7}), "/body_base64: "),
        (json!({"headers": null}), "/headers: "),
        (json!({"headers": []}), "/headers: "),
        (json!({"headers": {"webhook-id": null}}), "/headers/webhook-id: "),
        (json!({"headers": {"webhook-id": ""}}), "webhook-id is empty"),
        (json!({"headers": {"Webhook-Id": "msg_2"}}), "twice"),
        (json!({"headers": {"webhook-timestamp": null}}), "/headers/webhook-timestamp: "),
        (json!({"headers": {"webhook-timestamp": "soon"}}), "whole number"),
        (json!({"headers": {"webhook-signature": null}}), "/headers/webhook-signature: "),
        (json!({"headers": {"webhook-signature": []}}), "/headers/webhook-signature: "),
        (json!({"headers": {"webhook-signature": "v1a,AAAA"}}), "version v1"),
        (json!({"headers": {"webhook-signature": "v1,***"}}), "base64"),
    ];
    let mut lines: Vec<_> = cases.iter().map(|(changes, _)| message(changes.clone())).collect();
    lines.push(message(json!({"id": 7})));
    let verdicts = verdicts(&lines);
    assert_eq!(verdicts.len(), lines.len());
    for (verdict, (changes, why)) in verdicts.iter().zip(&cases) {
        assert_eq!(verdict["valid"], false, "{changes}");
        assert!(verdict["why"].as_str().unwrap().contains(why), "{changes} {verdict}");
    }
    assert_eq!(verdicts[cases.len()], json!({"id": 7, "valid": true, "why": null}));
}

#[test]
fn lines_that_are_no_objects_are_not_valid_and_the_next_ones_are_read() {
    let good = message(json!({}));
    let verdicts = answers("verify", &format!("not json\n[1]\n{good}\nnull\n{good}"));
    let valid: Vec<_> = verdicts.iter().map(|verdict| verdict["valid"].as_bool().unwrap()).collect();
    assert_eq!(valid, [false, false, true, false, true]);
    assert!(verdicts[1]["why"].as_str().unwrap().starts_with("line 2: "));
}

#[test]
fn what_is_signed_is_the_published_example_and_verifies() {
    let asked = message(json!({"headers": {"webhook-timestamp": null, "webhook-signature": null}}));
    let rotated = message(json!({"id": "b", "secret": [OTHER, SECRET], "now": 1_700_000_000.4}));
    let bad = message(json!({"headers": {"webhook-id": "a.b"}}));
    let signed = answers("sign", &format!("{asked}\n{bad}\n{rotated}\n"));
    assert_eq!(signed[0], json!({"headers": message(json!({}))["headers"]}));
    assert_eq!(signed[1]["error"]["code"], "unsignable");
    assert_eq!((&signed[2]["id"], &signed[2]["headers"]["webhook-timestamp"]), (&json!("b"), &json!("1700000000")));
    for secret in [SECRET, OTHER] {
        let mut line = message(json!({"secret": secret, "now": 1_700_000_000}));
        line["headers"] = signed[2]["headers"].clone();
        assert_eq!(verdicts(&[line]), [json!({"valid": true, "why": null})]);
    }
}

#[test]
fn the_help_of_each_shows_a_line_that_works() {
    for command in ["sign", "verify"] {
        let help = Command::new(env!("CARGO_BIN_EXE_redress")).args(["signature", command, "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let (_, example) = help.split_once("echo '").unwrap();
        let (line, _) = example.split_once("' | redress").unwrap();
        let answer = &answers(command, line)[0];
        let shown = if command == "sign" { &answer["headers"]["webhook-signature"] } else { &answer["valid"] };
        assert_eq!(*shown, if command == "sign" { json!(SIGNATURE) } else { json!(true) }, "{answer}");
    }
}
