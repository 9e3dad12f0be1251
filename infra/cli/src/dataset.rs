//! Files that models are made of, and models in files.

use crate::{Failure, lines};
use redress_language::Model;
use redress_language::rows::Row;
use serde_json::{Map, Value, json};
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

/// As many malformed lines are told one by one.
const TOLD: usize = 20;

/// The model of `file`, or the shipped one.
pub(crate) fn model(file: Option<&Path>) -> Result<Arc<Model>, Failure> {
    let Some(file) = file else { return Ok(Model::shipped()) };
    let bytes = std::fs::read(file).map_err(|error| lines::unreadable(Some(file), &error))?;
    let model = Model::load(&bytes);
    model.map(Arc::new).map_err(|damage| Failure::Short(format!("{} is no model: {damage}", file.display())))
}

/// Every row of `files`, in order: JSON lines, gzip or not; or, ending in .csv, a table with a header.
///
/// # Errors
/// Falls short if a line is malformed, with the numbers of such lines and how many are good.
pub(crate) fn rows<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Vec<Row>, Failure> {
    let (mut rows, mut malformed) = (Vec::new(), Vec::new());
    for file in files {
        let all =
            if file.extension().is_some_and(|extension| extension == "csv") { table(file)? } else { lines(file)? };
        for (number, row) in all {
            match row {
                Ok(row) => rows.push(row),
                Err(why) => malformed.push(format!("{}, line {number}: {why}", file.display())),
            }
        }
    }
    if malformed.is_empty() {
        return Ok(rows);
    }
    let (count, good) = (malformed.len(), rows.len());
    if count > TOLD {
        malformed.truncate(TOLD);
        malformed.push("…".to_owned());
    }
    malformed.push(format!("{count} malformed, {good} good; mend or take out the malformed ones: nothing was done"));
    Err(Failure::Short(malformed.join("\n")))
}

/// A line's number, from 1, and its row or what is wrong with it.
type Numbered = (u64, Result<Row, String>);

/// The rows of JSON lines.
fn lines(file: &Path) -> Result<Vec<Numbered>, Failure> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(lines::open(Some(file))?.split(b'\n')) {
        let line = line.map_err(|error| lines::unreadable(Some(file), &error))?;
        if !line.trim_ascii().is_empty() {
            rows.push((number, read(&line)));
        }
    }
    Ok(rows)
}

/// The rows of a table whose header names their fields; an empty cell is none.
fn table(file: &Path) -> Result<Vec<Numbered>, Failure> {
    let mut reader = csv::Reader::from_reader(lines::open(Some(file))?);
    let no_header = |error: csv::Error| Failure::Usage(format!("{} has no header: {error}", file.display()));
    let header: Vec<String> = reader.headers().map_err(no_header)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let told = |record: &csv::StringRecord| {
            let cells = header.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
            let fields: Map<String, Value> = cells.map(|(name, cell)| (name.clone(), json!(cell))).collect();
            read(Value::Object(fields).to_string().as_bytes())
        };
        rows.push(match &record {
            Ok(record) => (record.position().map_or(0, csv::Position::line), told(record)),
            Err(error) => (error.position().map_or(0, csv::Position::line), Err("not a row of the table".to_owned())),
        });
    }
    Ok(rows)
}

/// A row, or what is wrong with its line without a word of what stands there.
fn read(line: &[u8]) -> Result<Row, String> {
    let row: Row = serde_json::from_slice(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => format!("not a row near column {}: {}", error.column(), SHAPE),
        _ => format!("not JSON in UTF-8 near column {}", error.column()),
    })?;
    if row.text.trim().is_empty() {
        return Err("its text is empty".to_owned());
    }
    Ok(row)
}

const SHAPE: &str =
    "it needs \"text\"; \"category\", \"sentiment\" and \"priority\" may be left out, and have words that there are";
