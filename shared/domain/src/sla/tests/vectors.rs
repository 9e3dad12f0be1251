//! The fixture: stories of clocks, told by another program too (tests/fixtures/README.md).

use crate::calendar::Calendar;
use crate::sla::replay::replay;
use serde_json::{Map, Value};

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
