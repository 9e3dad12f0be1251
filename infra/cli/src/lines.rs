//! A door for programs: a line of JSON in, a line of JSON out; a bad line does not stop the others.

use crate::Failure;
use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use redress_domain::calendar::{Calendar, CalendarError};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

/// So many compiled calendars are kept; with one more all are let go.
const KEPT: usize = 256;

/// What a line is answered with, field by field, or why not.
pub(crate) type Answer = Result<Vec<(&'static str, Value)>, Refusal>;

/// Answers every line of `file`, or of standard input without it or with `-`.
pub(crate) fn run(file: Option<&Path>, mut answer: impl FnMut(&Map<String, Value>) -> Answer) -> Result<(), Failure> {
    reply_to(file, |number, line| one(number, line, &mut answer))
}

/// Writes a line of JSON for every line of `file`, or of standard input without it or with `-`;
/// `reply` is given the line's place in the input, from 1, and the line.
pub(crate) fn reply_to(file: Option<&Path>, reply: impl FnMut(u64, &[u8]) -> String) -> Result<(), Failure> {
    match reply_all(open(file)?, std::io::stdout().lock(), reply) {
        Ok(()) => Ok(()),
        Err(Broken::In(error)) => Err(unreadable(file, &error)),
        // A reader that has gone away is no error of ours.
        Err(Broken::Out(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(Broken::Out(error)) => Err(Failure::Short(format!("can't write the answers: {error}"))),
    }
}

/// The lines of `file`, or of standard input without it or with `-`; what is packed by gzip is
/// unpacked, whatever it is called.
pub(crate) fn open(file: Option<&Path>) -> Result<Box<dyn BufRead>, Failure> {
    let input: Box<dyn Read> = match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => Box::new(File::open(path).map_err(|error| unreadable(file, &error))?),
        None => Box::new(std::io::stdin()),
    };
    let mut input = BufReader::new(input);
    let packed = input.fill_buf().map_err(|error| unreadable(file, &error))?.starts_with(&GZIP);
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(input))) } else { Box::new(input) })
}

/// What every gzip file begins with.
///
/// # Source
/// RFC 1952, section 2.3.1.
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(crate) fn unreadable(file: Option<&Path>, error: &std::io::Error) -> Failure {
    let path = file.filter(|path| path.as_os_str() != "-");
    let name = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    Failure::Usage(format!("can't read {name}: {error}"))
}

/// Which side failed.
#[derive(Debug)]
pub(crate) enum Broken {
    In(std::io::Error),
    Out(std::io::Error),
}

/// Answers every line, blank ones aside, in order.
#[cfg(test)]
pub(crate) fn answer_all(
    input: impl Read,
    output: impl Write,
    mut answer: impl FnMut(&Map<String, Value>) -> Answer,
) -> Result<(), Broken> {
    reply_all(input, output, |number, line| one(number, line, &mut answer))
}

/// Replies to every line, blank ones aside, in order. Replies go out before more is waited for, so
/// that a program may ask, read and ask again.
fn reply_all(input: impl Read, output: impl Write, mut reply: impl FnMut(u64, &[u8]) -> String) -> Result<(), Broken> {
    let (mut input, mut output) = (BufReader::new(input), BufWriter::new(output));
    let mut line = Vec::new();
    for number in 1_u64.. {
        if !input.buffer().contains(&b'\n') {
            output.flush().map_err(Broken::Out)?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Broken::In)? == 0 {
            break;
        }
        if !line.trim_ascii().is_empty() {
            writeln!(output, "{}", reply(number, &line)).map_err(Broken::Out)?;
        }
    }
    output.flush().map_err(Broken::Out)
}

/// The answer to one line; `number` is its place in the input, from 1.
fn one(number: u64, line: &[u8], mut answer: impl FnMut(&Map<String, Value>) -> Answer) -> String {
    let (id, answered) = match object(number, line) {
        Ok(fields) => {
            let id = id_of(&fields);
            (id.as_ref().map_or(Value::Null, Value::clone), id.and_then(|_| answer(&fields)))
        }
        Err(refusal) => (Value::Null, Err(refusal)),
    };
    match answered {
        Ok(fields) => {
            let fields: String = fields.iter().map(|(key, value)| format!(r#","{key}":{value}"#)).collect();
            format!(r#"{{"id":{id}{fields}}}"#)
        }
        Err(Refusal { code, detail }) => {
            format!(r#"{{"id":{id},"error":{}}}"#, json!({"code": code, "detail": detail}))
        }
    }
}

/// Why a line has no result: a stable word, and for a person the place and the mend.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, pointer: &str, mend: impl std::fmt::Display) -> Self {
        Self { code, detail: format!("{pointer}: {mend}") }
    }
}

impl From<CalendarError> for Refusal {
    fn from(error: CalendarError) -> Self {
        Self::from(vec![error])
    }
}

impl From<Vec<CalendarError>> for Refusal {
    /// By the code of the first; the detail tells them all.
    fn from(errors: Vec<CalendarError>) -> Self {
        let told = |error: &CalendarError| format!("/calendar{}: {}", error.pointer, error.detail);
        Self { code: errors[0].code, detail: errors.iter().map(told).collect::<Vec<_>>().join("; ") }
    }
}

/// The object that a line is; `number` is its place in the input, from 1.
pub(crate) fn object(number: u64, line: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let refused = |what: String| Refusal::new("malformed_json", &format!("line {number}"), what);
    match serde_json::from_slice(line) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(refused("not an object: write one JSON object on each line".to_owned())),
        Err(error) => {
            let column = error.column();
            Err(refused(format!("not JSON near column {column}: write one JSON object on each line, in UTF-8")))
        }
    }
}

fn id_of(fields: &Map<String, Value>) -> Result<Value, Refusal> {
    match required(fields, "id")? {
        id @ (Value::String(_) | Value::Number(_)) => Ok(id.clone()),
        _ => Err(Refusal::new("malformed_id", "/id", "write a string or a number")),
    }
}

/// Refuses every key but `keys`.
pub(crate) fn allow(fields: &Map<String, Value>, keys: &[&str]) -> Result<(), Refusal> {
    let Some(unknown) = fields.keys().find(|key| !keys.contains(&key.as_str())) else { return Ok(()) };
    let pointer = format!("/{}", unknown.replace('~', "~0").replace('/', "~1"));
    Err(Refusal::new("unknown_key", &pointer, format!("with this op a line may have {}", keys.join(", "))))
}

/// A field that must be there.
pub(crate) fn required<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a Value, Refusal> {
    fields.get(key).ok_or_else(|| Refusal::new("missing_field", &format!("/{key}"), "must be given"))
}

/// An instant with its offset.
pub(crate) fn instant(fields: &Map<String, Value>, key: &str) -> Result<Timestamp, Refusal> {
    let text = required(fields, key)?.as_str();
    let mend = "write an instant of RFC 3339 with its offset, such as 2026-11-27T09:30:00+08:00";
    let malformed = || Refusal::new("malformed_instant", &format!("/{key}"), mend);
    text.and_then(|text| text.parse().ok()).ok_or_else(malformed)
}

/// A number of units of `unit` milliseconds, to the nearest millisecond.
pub(crate) fn measured(value: &Value, pointer: &str, unit: i64) -> Result<SignedDuration, Refusal> {
    let number = value.as_f64().ok_or_else(|| Refusal::new("malformed_duration", pointer, "write a number"))?;
    if number < 0.0 {
        return Err(Refusal::new("negative_duration", pointer, "business durations are zero or more"));
    }
    let fractional = || (number * unit as f64).round() as i64;
    Ok(SignedDuration::from_millis(value.as_i64().map_or_else(fractional, |whole| whole.saturating_mul(unit))))
}

/// Calendars compiled in this run, also those that were refused, by their canonical JSON.
#[derive(Default)]
pub(crate) struct Calendars(HashMap<String, Result<Calendar, Vec<CalendarError>>>);

impl Calendars {
    /// The calendar of that document.
    pub(crate) fn compiled(&mut self, document: &Value) -> Result<Calendar, Vec<CalendarError>> {
        let key = document.to_string();
        if let Some(known) = self.0.get(&key) {
            return known.clone();
        }
        if self.0.len() >= KEPT {
            self.0.clear();
        }
        self.0.entry(key).or_insert_with(|| Calendar::parse(document)).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_are_compiled_once_and_not_kept_without_bound() {
        let mut calendars = Calendars::default();
        for number in 0..KEPT * 2 + 1 {
            let document = json!({"time_zone": "UTC", "holidays": [format!("{:04}-01-01", 2000 + number)]});
            assert!(calendars.compiled(&document).is_ok() && calendars.compiled(&document).is_ok());
            assert!(calendars.0.len() <= KEPT);
        }
        assert_eq!(calendars.0.len(), 1);
    }
}
