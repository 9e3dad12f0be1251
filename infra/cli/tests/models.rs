//! Models through the program: what it reads, how it is measured, how it is made.

#![expect(clippy::unwrap_used, reason = "all of this is tests: a panic is the finding")]

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program with these words and this on its standard input.
fn redress(words: &[&str], input: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_redress"));
    let piped = program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = piped.spawn().expect("the program starts");
    let (mut stdin, input) = (program.stdin.take().unwrap(), input.to_owned());
    // One that refuses does not read what it is given.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = program.wait_with_output().expect("the program ends");
    writer.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file of this test's own.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// The public labelled data beside the checkout, which is not part of it. Says aloud if it is not there.
fn shared_data() -> Option<(PathBuf, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/feedback");
    let (train, dev) = (folder.join("train.jsonl.gz"), folder.join("dev.jsonl.gz"));
    if train.is_file() && dev.is_file() {
        return Some((train, dev));
    }
    // Past the harness, which keeps quiet what passes.
    writeln!(std::io::stderr().lock(), "SKIPPED: the labelled data is not beside this checkout").unwrap();
    None
}

#[test]
fn a_line_is_answered_with_all_that_it_says_and_a_bad_one_with_why_not() {
    let texts = [
        json!({"id": 1, "text": "订单号88231的快递三天没到，充电器还冒烟"}).to_string(),
        json!({"id": "two", "text": "Where is my parcel?"}).to_string(),
        json!({"id": 3}).to_string(),
        json!({"id": 4, "text": 5}).to_string(),
        "{".to_owned(),
        json!({"id": 6, "text": ""}).to_string(),
    ];
    let told = lines(&redress(&["classify"], &texts.join("\n")));
    assert_eq!(told.len(), texts.len());
    assert_eq!(
        (&told[0]["id"], &told[0]["language"], &told[0]["masked"]),
        (&json!(1), &json!("zh"), &json!("订单号[ORDER]的快递三天没到，充电器还冒烟"))
    );
    assert_eq!(
        told[0]["cues"][0],
        json!({"rule": "urgency.hazard", "axis": "urgency", "weight": 40, "text": "冒烟", "start": 20, "end": 22})
    );
    assert_eq!(told[0]["entities"][0]["kind"], "order_number");
    assert_eq!(
        (&told[1]["id"], &told[1]["category"], &told[1]["needs_review"]),
        (&json!("two"), &json!("logistics"), &json!(false))
    );
    assert_eq!(told[1]["top"].as_array().unwrap().len(), 3);
    let codes: Vec<_> = told[2..5].iter().map(|line| line["error"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["missing_field", "malformed_text", "malformed_json"]);
    assert_eq!((&told[5]["category"], &told[5]["needs_review"]), (&json!("other"), &json!(true)));
}

#[test]
fn malformed_rows_are_told_by_their_lines_and_nothing_is_made() {
    let rows = "{\"text\": \"a parcel\", \"category\": \"logistics\"}\n{\"text\": 7}\nnonsense\n\n{\"text\": \"b\", \"category\": \"parcels\"}\n{\"text\": \" \"}\n";
    let rows = file("malformed.jsonl", rows.as_bytes());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("never.model");
    let (rows, made) = (rows.to_str().unwrap(), out.to_str().unwrap());
    let refused = redress(&["train", "--data", rows, "--dev", rows, "--out", made], "");
    let told = complaint(&refused);
    assert_eq!(refused.status.code(), Some(1));
    for place in ["line 2:", "line 3:", "line 5:", "line 6:", "4 malformed, 1 good"] {
        assert!(told.contains(place), "{place}: {told}");
    }
    assert!(!told.contains("parcels") && !out.exists(), "{told}");
    assert_eq!(redress(&["evaluate", rows], "").status.code(), Some(1));
    assert_eq!(redress(&["evaluate", "no such file"], "").status.code(), Some(2));
}

#[test]
fn a_damaged_model_is_refused_with_the_reason() {
    let shipped = redress_language::Model::shipped_bytes();
    let mut changed = shipped.to_vec();
    changed[500_000] ^= 1;
    for (name, bytes, why) in [
        ("short.model", &shipped[..9_000], "checksum"),
        ("changed.model", &changed[..], "checksum"),
        ("letter.model", b"Dear shop".as_slice(), "does not begin"),
    ] {
        let path = file(name, bytes);
        let refused = redress(&["classify", "--model", path.to_str().unwrap()], "");
        assert_eq!(refused.status.code(), Some(1));
        assert!(complaint(&refused).contains(why), "{}", complaint(&refused));
    }
}

#[test]
fn a_shops_own_rows_are_learnt_held_back_ones_are_not_and_both_are_counted() {
    let row = |number: usize| {
        let (word, category) = [("quix", "account"), ("blorf", "logistics")][number % 2];
        let (id, text) = (format!("fb_{number}"), format!("{word} number {number}"));
        json!({"id": id, "text": text, "category": category, "source": "redress", "label_kind": "agent", "by": {"kind": "agent"}})
    };
    let rows: String = (0..200).map(|number| format!("{}\n", row(number))).collect();
    let rows = file("labels.jsonl", rows.as_bytes());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own.model");
    let (rows, made) = (rows.to_str().unwrap(), out.to_str().unwrap());
    let told = lines(&redress(&["train", "--data", rows, "--dev", rows, "--out", made, "--json"], ""));
    let (learnt, held_back) = (told[0]["rows"].as_u64().unwrap(), told[0]["held_back"].as_u64().unwrap());
    assert!(learnt + held_back == 200 && (20..70).contains(&held_back), "{told:?}");
    let read = redress(&["classify", "--model", made], "{\"id\": 1, \"text\": \"the quix again\"}");
    assert_eq!(lines(&read)[0]["top"][0]["category"], "account");
    let judged = lines(&redress(&["evaluate", rows, "--model", made, "--json"], ""));
    assert!(judged[0]["all"]["category"]["accuracy"].as_f64().unwrap() > 0.9, "{judged:?}");
    assert_eq!(judged[0]["marks"], json!([]), "nothing was asked of a shop's own rows");
}

#[test]
fn priorities_of_a_table_are_measured_by_the_shipped_policy_or_by_another() {
    let table = "text,priority,category\n\"孩子被烫伤, 充电器冒烟\",P1,\nWhere is my parcel?,P4,logistics\n麻烦尽快处理，第三次了,P1,\n";
    let table = file("labels.csv", table.as_bytes());
    let table = table.to_str().unwrap();
    let judged = lines(&redress(&["evaluate", table, "--json"], ""));
    let shipped = &judged[0]["all"]["priority"];
    assert_eq!(
        (&shipped["rows"], &shipped["confusion"][0][0], &shipped["confusion"][3][3]),
        (&json!(3), &json!(1), &json!(1))
    );
    let mut policy = serde_json::to_value(redress_domain::priority::PriorityPolicy::shipped()).unwrap();
    policy["at_least"]["urgency.repeat"] = json!("P1");
    let policy = file("policy.json", policy.to_string().as_bytes());
    let judged = lines(&redress(&["evaluate", table, "--json", "--policy", policy.to_str().unwrap()], ""));
    assert_eq!(judged[0]["all"]["priority"]["cost"], 0.0);
    assert!(shipped["cost"].as_f64().unwrap() > 0.0);
    let nonsense = file("nonsense.json", b"{\"weights\": 3}");
    let refused = redress(&["evaluate", table, "--policy", nonsense.to_str().unwrap()], "");
    assert!(refused.status.code() == Some(1) && complaint(&refused).contains("is no priority policy"));
    let broken = file("broken.csv", b"text,priority\nhelp,P9\nhelp,P1,more\n");
    assert!(complaint(&redress(&["evaluate", broken.to_str().unwrap()], "")).contains("line 2:"));
}

#[test]
fn a_retrain_on_the_shipped_data_gives_the_committed_model() {
    let Some((train, dev)) = shared_data() else { return };
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("again.model");
    let (train, dev, made) = (train.to_str().unwrap(), dev.to_str().unwrap(), out.to_str().unwrap());
    lines(&redress(&["train", "--data", train, "--dev", dev, "--out", made, "--json"], ""));
    assert!(
        std::fs::read(&out).unwrap() == redress_language::Model::shipped_bytes(),
        "train again and commit the model"
    );
}

#[test]
fn every_mark_of_quality_is_held_on_the_development_rows() {
    let Some((_, dev)) = shared_data() else { return };
    let judged = lines(&redress(&["evaluate", dev.to_str().unwrap(), "--json"], ""));
    let marks = judged[0]["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 17);
    let timed = |mark: &&Value| {
        mark["mark"].as_str().unwrap().contains("p50") || mark["mark"].as_str().unwrap().contains("p99")
    };
    let missed: Vec<_> = marks.iter().filter(|mark| !timed(mark) && mark["held"] != true).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
