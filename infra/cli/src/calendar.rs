//! `redress calendar`: business time for whoever asks, a line of JSON each way.

use crate::Failure;
use crate::lines::{self, Calendars, Refusal, allow, instant, measured, required};
use jiff::{SignedDuration, Timestamp};
use redress_domain::sla::Seconds;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// The keys of a line about `add` or `sub`.
const SHIFT_KEYS: [&str; 6] = ["id", "calendar", "op", "start", "seconds", "minutes"];

/// The keys of a line about `between`.
const BETWEEN_KEYS: [&str; 5] = ["id", "calendar", "op", "start", "end"];

/// What `calendar` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The questions, as JSON lines; standard input without it, or with `-`.
    file: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    lines::run(arguments.file.as_deref(), answer(&mut Calendars::default()))
}

fn answer(calendars: &mut Calendars) -> impl FnMut(&Map<String, Value>) -> lines::Answer {
    |fields| result_of(calendars, fields).map(|result| vec![("result", result)])
}

fn result_of(calendars: &mut Calendars, fields: &Map<String, Value>) -> Result<Value, Refusal> {
    let question = Question::of(fields)?;
    let calendar = calendars.compiled(required(fields, "calendar")?)?;
    Ok(match question {
        Question::Add(start, duration) => json!(calendar.add(start, duration)?),
        Question::Sub(start, duration) => json!(calendar.sub(start, duration)?),
        Question::Between(start, end) => json!(Seconds::of(calendar.between(start, end))),
    })
}

/// What is asked of a calendar.
#[derive(Clone, Copy)]
enum Question {
    Add(Timestamp, SignedDuration),
    Sub(Timestamp, SignedDuration),
    Between(Timestamp, Timestamp),
}

impl Question {
    fn of(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let op = required(fields, "op")?.as_str();
        match op {
            Some("add") => shift(fields).map(|(start, duration)| Self::Add(start, duration)),
            Some("sub") => shift(fields).map(|(start, duration)| Self::Sub(start, duration)),
            Some("between") => {
                allow(fields, &BETWEEN_KEYS)?;
                Ok(Self::Between(instant(fields, "start")?, instant(fields, "end")?))
            }
            _ => Err(Refusal::new("unknown_op", "/op", "write \"add\", \"sub\" or \"between\"")),
        }
    }
}

fn shift(fields: &Map<String, Value>) -> Result<(Timestamp, SignedDuration), Refusal> {
    allow(fields, &SHIFT_KEYS)?;
    Ok((instant(fields, "start")?, duration(fields)?))
}

/// The one duration of the line.
fn duration(fields: &Map<String, Value>) -> Result<SignedDuration, Refusal> {
    match (fields.get("seconds"), fields.get("minutes")) {
        (Some(seconds), None) => measured(seconds, "/seconds", 1000),
        (None, Some(minutes)) => measured(minutes, "/minutes", 60_000),
        (None, None) => Err(Refusal::new("missing_field", "/seconds", "give seconds or minutes")),
        (Some(_), Some(_)) => Err(Refusal::new("ambiguous_duration", "/minutes", "give seconds or minutes, not both")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::answer_all;
    use std::io::{Read, Write};
    use std::sync::{Arc, Mutex};

    fn office() -> Value {
        let day = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
        json!({"time_zone": "Asia/Shanghai", "hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}})
    }

    /// A good line with `changes`; null takes a key away.
    fn asked(changes: Value) -> Value {
        let mut line =
            json!({"id": "q", "calendar": office(), "op": "add", "start": "2026-11-27T17:30:00+08:00", "minutes": 60});
        let fields = line.as_object_mut().unwrap();
        for (key, value) in changes.as_object().unwrap() {
            fields.insert(key.clone(), value.clone());
        }
        fields.retain(|_, value| !value.is_null());
        line
    }

    fn told(input: &[u8]) -> Vec<Value> {
        let mut output = Vec::new();
        answer_all(input, &mut output, answer(&mut Calendars::default())).unwrap();
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn reply(line: &Value) -> Value {
        told(line.to_string().as_bytes()).remove(0)
    }

    fn between(end: &str) -> Value {
        let start = "2026-11-27T17:30:00+08:00";
        reply(&asked(json!({"op": "between", "start": start, "end": end, "minutes": null})))["result"].clone()
    }

    #[test]
    fn an_hour_before_the_weekend_ends_on_monday() {
        assert_eq!(reply(&asked(json!({}))), json!({"id": "q", "result": "2026-11-30T01:30:00Z"}));
        let back = json!({"id": 7, "op": "sub", "start": "2026-11-30T01:30:00Z", "seconds": 3600, "minutes": null});
        assert_eq!(reply(&asked(back)), json!({"id": 7, "result": "2026-11-27T09:30:00Z"}));
    }

    #[test]
    fn minutes_may_be_fractional_and_a_calendar_may_be_a_word() {
        let line = |minutes| asked(json!({"calendar": "24x7", "start": "2026-11-27T00:00:00Z", "minutes": minutes}));
        assert_eq!(reply(&line(json!(0.1)))["result"], "2026-11-27T00:00:06Z");
        assert_eq!(reply(&line(json!(1.000_025)))["result"], "2026-11-27T00:01:00.002Z");
        assert_eq!(reply(&line(json!(0)))["result"], "2026-11-27T00:00:00Z");
    }

    #[test]
    fn seconds_between_are_whole_unless_they_are_not() {
        assert_eq!(between("2026-11-30T10:00:00+08:00").to_string(), "5400");
        assert_eq!(between("2026-11-27T17:30:01.25+08:00").to_string(), "1.25");
        assert_eq!(between("2020-01-01T00:00:00Z").to_string(), "0");
    }

    #[test]
    fn what_is_wrong_is_told_by_code_and_place() {
        let cases = [
            (json!({"op": null}), "missing_field", "/op: "),
            (json!({"start": null}), "missing_field", "/start: "),
            (json!({"calendar": null}), "missing_field", "/calendar: "),
            (json!({"minutes": null}), "missing_field", "/seconds: "),
            (json!({"op": "between", "minutes": null}), "missing_field", "/end: "),
            (json!({"op": "plus"}), "unknown_op", "/op: "),
            (json!({"op": 1}), "unknown_op", "/op: "),
            (json!({"a/b~": 1}), "unknown_key", "/a~1b~0: "),
            (json!({"end": "2026-11-27T09:30:00Z"}), "unknown_key", "/end: "),
            (json!({"op": "between", "end": "2026-11-27T09:30:00Z"}), "unknown_key", "/minutes: "),
            (json!({"start": "2026-11-27T17:30:00"}), "malformed_instant", "/start: "),
            (json!({"start": 1_795_771_800}), "malformed_instant", "/start: "),
            (json!({"op": "between", "minutes": null, "end": "soon"}), "malformed_instant", "/end: "),
            (json!({"minutes": "60"}), "malformed_duration", "/minutes: "),
            (json!({"minutes": -0.5}), "negative_duration", "/minutes: "),
            (json!({"minutes": null, "seconds": -1}), "negative_duration", "/seconds: "),
            (json!({"seconds": 3600}), "ambiguous_duration", "/minutes: "),
            (json!({"calendar": {"time_zone": "UTC"}}), "no_open_time", "/calendar: "),
            (json!({"minutes": 1e300}), "no_open_time", "/calendar: "),
        ];
        for (changes, code, place) in cases {
            refused(&asked(changes), code, place);
        }
    }

    #[test]
    fn what_is_wrong_in_a_calendar_is_told_by_its_place_in_the_line() {
        let cases = [
            (json!(7), "malformed", "/calendar: "),
            (json!({"hours": {}}), "missing_key", "/calendar/time_zone: "),
            (json!({"time_zone": "Asia/Shangai"}), "unknown_zone", "/calendar/time_zone: "),
            (json!({"time_zone": "UTC", "tz": 1}), "unknown_key", "/calendar/tz: "),
            (json!({"time_zone": "UTC", "holidays": ["1 May"]}), "malformed_date", "/calendar/holidays/0: "),
            (
                json!({"time_zone": "UTC", "hours": {"mon": [["9", "18"]]}}),
                "malformed_interval",
                "/calendar/hours/mon/0",
            ),
            (
                json!({"time_zone": "UTC", "hours": {"mon": [["09:00", "12:00"], ["11:00", "18:00"]]}}),
                "overlapping_hours",
                "/calendar/hours/mon/1: ",
            ),
        ];
        for (calendar, code, place) in cases {
            refused(&asked(json!({"calendar": calendar})), code, place);
        }
    }

    #[test]
    fn a_calendar_with_several_faults_is_told_them_all_under_the_code_of_the_first() {
        let calendar = json!({"hours": {"mon": [["9", "18"], ["09:00", "25:00"]]}, "time_zone": "Moon"});
        let error = reply(&asked(json!({"calendar": calendar})))["error"].clone();
        let detail = error["detail"].as_str().unwrap();
        let places: Vec<_> = detail.split("; ").filter_map(|told| told.split(": ").next()).collect();
        let (mon, zone) = ("/calendar/hours/mon", "/calendar/time_zone");
        let expected = [format!("{mon}/0/0"), format!("{mon}/0/1"), format!("{mon}/1/1"), zone.to_owned()];
        assert_eq!(
            (&error["code"], places),
            (&json!("malformed_interval"), expected.iter().map(String::as_str).collect())
        );
    }

    fn refused(line: &Value, code: &str, place: &str) {
        let reply = reply(line);
        assert_eq!((&reply["id"], &reply["error"]["code"]), (&json!("q"), &json!(code)), "{line} {reply}");
        assert!(reply["error"]["detail"].as_str().unwrap().starts_with(place), "{line} {reply}");
    }

    #[test]
    fn an_id_that_cannot_be_read_is_null() {
        let codes = ["malformed_json", "malformed_json", "malformed_json", "missing_field", "malformed_id"];
        let replies = told(b"{oops\n[1]\n\"\xff\"\n{}\n{\"id\":[]}");
        assert_eq!(replies.iter().map(|reply| &reply["error"]["code"]).collect::<Vec<_>>(), codes);
        assert!(replies.iter().all(|reply| reply["id"].is_null()));
        assert!(replies[1]["error"]["detail"].as_str().unwrap().starts_with("line 2: "));
    }

    #[test]
    fn a_bad_line_does_not_stop_the_others_and_blank_ones_are_passed_over() {
        let good = asked(json!({}));
        let replies = told(format!("{good}\n\n  \r\n{{oops\n{good}\r\n{good}").as_bytes());
        assert_eq!(replies.iter().filter(|reply| reply["result"].is_string()).count(), 3);
        assert_eq!(replies.len(), 4);
    }

    /// Gives a line only once the answers to those before are out.
    struct Peer(u8, Arc<Mutex<Vec<u8>>>);

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let answered = self.1.lock().unwrap().iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(answered, usize::from(self.0));
            self.0 += 1;
            let line = format!("{}\n", asked(json!({})));
            (&line.as_bytes()[..if self.0 > 3 { 0 } else { line.len() }]).read(buffer)
        }
    }

    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_peer_that_waits_for_each_answer_gets_it() {
        let output = Arc::new(Mutex::new(Vec::new()));
        let mut calendars = Calendars::default();
        answer_all(Peer(0, Arc::clone(&output)), Shared(output), answer(&mut calendars)).unwrap();
    }
}
