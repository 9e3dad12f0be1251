//! Any bytes as the files that people give to the program: lines of `redress sla replay`, and rows and
//! tables of `redress send`.

#![no_main]

#[path = "../../infra/cli/src/send/rows.rs"]
#[allow(dead_code, reason = "files are not opened here")]
mod rows;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use redress_domain::calendar::Calendar;
use redress_domain::sla::replay::replay;
use serde_json::{Map, Value};

/// Why the program did not do it.
#[derive(Debug)]
pub(crate) enum Failure {
    Usage(String),
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        if let Ok(Value::Object(fields)) = serde_json::from_str(line) {
            clocks(&fields);
        }
    }
    if let Ok(rows) = rows::lines(text) {
        assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line));
    }
    table(text);
});

/// Clocks stand somehow after each event, or it is said what is wrong and where.
fn clocks(fields: &Map<String, Value>) {
    let Some(Ok(calendar)) = fields.get("calendar").map(Calendar::parse) else { return };
    match replay(calendar.clone(), fields) {
        Ok(told) => {
            let (steps, events) = (told.as_array().expect("a list"), &fields["events"]);
            assert_eq!(Some(steps.len()), events.as_array().map(Vec::len));
            for clock in steps.iter().flat_map(|step| step["clocks"].as_object().expect("clocks").values()) {
                assert!(clock["elapsed_seconds"].as_f64().is_some_and(|elapsed| elapsed >= 0.0), "{clock}");
                assert!(clock["due"].as_str().is_none_or(|due| due.parse::<Timestamp>().is_ok()), "{clock}");
            }
            assert_eq!(replay(calendar, fields), Ok(told), "again the same");
        }
        Err(error) => assert!(!error.code.is_empty() && !error.detail.is_empty(), "{error}"),
    }
}

/// The first line says which columns stand for what, as `--map` does: `FIELD=COLUMN` with spaces
/// between; the rest is the table.
fn table(text: &str) {
    let Some((map, table)) = text.split_once('\n') else { return };
    let map: Vec<String> = map.split(' ').filter(|pair| pair.contains('=')).map(str::to_owned).collect();
    let Ok(map) = rows::pairs(&map) else { return };
    match rows::cells(table, &map) {
        Ok(rows) => {
            assert!(rows.iter().all(|row| row.body.is_object()));
            assert!(rows.iter().all(|row| row.idempotency_key().len() == 5 + 32));
        }
        Err(Failure::Usage(why)) => assert!(!why.is_empty()),
    }
}
