//! What others may hold us to: the vectors in `fixtures/`, which another program made.

use jiff::{SignedDuration, Timestamp};
use redress_domain::calendar::Calendar;
use redress_domain::satisfaction::Scores;
use redress_domain::survey::Answer;
use serde_json::{Value, json};

const SATISFACTION: &str = include_str!("fixtures/satisfaction.jsonl");
const BUSINESS_TIME: &str = include_str!("fixtures/business-time.jsonl");

fn vectors() -> Vec<Value> {
    BUSINESS_TIME.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn instant(vector: &Value, key: &str) -> Timestamp {
    vector[key].as_str().unwrap().parse().unwrap()
}

fn duration(vector: &Value) -> SignedDuration {
    let minutes = || vector["minutes"].as_f64().unwrap() * 60.0;
    SignedDuration::from_secs_f64(vector["seconds"].as_f64().unwrap_or_else(minutes))
}

/// What the library says.
fn found(vector: &Value) -> Value {
    let (calendar, start) = (Calendar::parse(&vector["calendar"]).unwrap(), instant(vector, "start"));
    match vector["op"].as_str().unwrap() {
        "add" => json!(calendar.add(start, duration(vector)).unwrap()),
        "sub" => json!(calendar.sub(start, duration(vector)).unwrap()),
        "between" => json!(calendar.between(start, instant(vector, "end")).as_secs()),
        op => panic!("{op} is no op"),
    }
}

#[test]
fn business_time_is_what_a_walk_over_the_local_clock_finds() {
    let disagreements: Vec<Value> = vectors()
        .into_iter()
        .map(|vector| json!({"found": found(&vector), "vector": vector}))
        .filter(|pair| pair["found"] != pair["vector"]["result"])
        .collect();
    assert!(disagreements.is_empty(), "{} disagreements: {disagreements:#?}", disagreements.len());
}

#[test]
fn there_are_hundreds_of_vectors_about_every_op_and_zone() {
    let vectors = vectors();
    assert!(vectors.len() >= 300, "{}", vectors.len());
    let count = |key: &str, value: &str| {
        let place = |vector: &&Value| vector.pointer(key).is_some_and(|found| found == value);
        vectors.iter().filter(place).count()
    };
    for op in ["add", "sub", "between"] {
        assert!(count("/op", op) >= 50, "{op}");
    }
    let places = ["Los_Angeles", "New_York", "Sao_Paulo"].map(|city| format!("America/{city}"));
    let others = [
        "Europe/Berlin",
        "Europe/London",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "Asia/Kathmandu",
        "Asia/Shanghai",
    ];
    for zone in places.iter().map(String::as_str).chain(others) {
        assert!(count("/calendar/time_zone", zone) >= 20, "{zone}");
    }
}

/// Whether two documents are the same, numbers to a billionth.
fn near(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-9,
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(key, value)| other.get(key).is_some_and(|it| near(value, it)))
        }
        _ => one == other,
    }
}

#[test]
fn satisfaction_is_what_exact_fractions_come_to() {
    let vectors: Vec<Value> = SATISFACTION.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(vectors.len() >= 80, "{}", vectors.len());
    for vector in vectors {
        let mut scores = Scores::default();
        for answer in vector["answers"].as_array().unwrap() {
            let mut answer = answer.clone();
            answer["at"] = json!("2026-11-23T01:00:00Z");
            scores.add(&serde_json::from_value::<Answer>(answer).unwrap());
        }
        let found = json!(scores.figures());
        assert!(near(&found, &vector["figures"]), "{}: {found} {}", vector["id"], vector["figures"]);
    }
}

#[test]
fn whoever_receives_webhooks_reads_of_every_event_and_of_no_other() {
    let page = include_str!("../docs/webhooks.md");
    let table = page.split_once("## Events").unwrap().1;
    let named = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(named.collect::<Vec<_>>(), redress_domain::webhook::EVENTS);
}
