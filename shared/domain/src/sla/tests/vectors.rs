//! The fixture: stories of clocks, told by another program too (tests/fixtures/README.md).

use crate::calendar::Calendar;
use crate::sla::replay::replay;
use serde_json::{Map, Value, json};

const FIXTURE: &str = include_str!("../../../../../tests/fixtures/sla-replay.jsonl");

fn line(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

fn told(line: &Map<String, Value>) -> Value {
    let calendar = Calendar::parse(&line["calendar"]).unwrap();
    replay(calendar, line).unwrap_or_else(|error| panic!("{}: {error}", line["id"]))
}

#[test]
fn every_story_of_the_fixture_is_told_as_it_stands_there() {
    let mut stories = 0;
    for text in FIXTURE.lines() {
        let mut line = line(text);
        let expected = line.remove("steps").unwrap();
        let answer = told(&line);
        for (place, (step, expected)) in answer.as_array().unwrap().iter().zip(expected.as_array().unwrap()).enumerate()
        {
            assert_eq!(step, expected, "{}, step {place}", line["id"]);
        }
        assert_eq!(answer, expected, "{}", line["id"]);
        stories += 1;
    }
    assert_eq!(stories, 412);
}

#[test]
fn a_story_cut_short_is_told_the_same_up_to_the_cut() {
    for text in FIXTURE.lines().step_by(16) {
        let mut line = line(text);
        let whole = line.remove("steps").unwrap();
        let events = line["events"].as_array().unwrap().clone();
        for cut in 0..events.len() {
            line.insert("events".into(), events[..cut].to_vec().into());
            assert_eq!(told(&line).as_array().unwrap()[..], whole.as_array().unwrap()[..cut], "{}", line["id"]);
        }
    }
}

#[test]
fn what_does_not_fit_where_the_order_stands_changes_nothing() {
    let told = |events: &[&str]| {
        let event =
            |(minute, word): (usize, &&str)| json!({"at": format!("2026-11-23T09:{minute:02}:00Z"), "type": word});
        let events: Vec<_> = events.iter().enumerate().map(event).collect();
        let line =
            json!({"calendar": "24x7", "targets": {"resolution": 60}, "pauses": ["resolution"], "events": events});
        let steps = told(line.as_object().unwrap());
        steps.as_array().unwrap().last().unwrap()["clocks"]["resolution"].clone()
    };
    let stands = |events: &[&str]| told(events)["state"].as_str().unwrap().to_owned();
    assert_eq!(stands(&["created", "resumed"]), "running");
    assert_eq!(stands(&["created", "reopened"]), "running");
    assert_eq!(told(&["created", "pending", "pending", "resumed"])["elapsed_seconds"], 60);
    assert_eq!(stands(&["created", "resolved", "pending"]), "fulfilled");
    assert_eq!(stands(&["created", "resolved", "pending", "reopened"]), "running", "waiting did not open it");
    assert_eq!(told(&["created", "resolved", "resolved", "closed", "reopened"])["elapsed_seconds"], 60);
}
