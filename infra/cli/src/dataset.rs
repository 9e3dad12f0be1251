//! Files that models are made of, and models in files.

use crate::{Failure, lines};
use redress_language::Model;
use redress_language::rows::Row;
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

/// Every row of `files`, in order: JSON lines, gzip or not.
///
/// # Errors
/// Falls short if a line is malformed, with the numbers of such lines and how many are good.
pub(crate) fn rows<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Vec<Row>, Failure> {
    let (mut rows, mut malformed) = (Vec::new(), Vec::new());
    for file in files {
        for (number, line) in lines::open(Some(file))?.split(b'\n').enumerate() {
            let line = line.map_err(|error| lines::unreadable(Some(file), &error))?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match read(&line) {
                Ok(row) => rows.push(row),
                Err(why) => malformed.push(format!("{}, line {}: {why}", file.display(), number + 1)),
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

const SHAPE: &str = "write {\"text\"}, and \"category\", \"sentiment\", \"source\" with words that there are";
