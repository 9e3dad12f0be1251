//! Rows of a file as bodies of `POST /v1/feedback`.

use crate::Failure;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// One feedback to send.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it stands in the file, from 1.
    pub(crate) line: usize,
    /// What is posted.
    pub(crate) body: Value,
}

impl Row {
    /// The same row always has the same key, so that sending a file again sends nothing twice. The
    /// line is part of it: a customer may say the same words twice.
    pub(crate) fn idempotency_key(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.line, self.body));
        format!("send-{}", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// Reads a file: JSON lines, or a table if it ends in `.csv`.
pub(crate) fn read(path: &Path, map: &[String], set: &[String]) -> Result<Vec<Row>, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::Usage(format!("can't read {}: {e}", path.display())))?;
    let (map, set) = (pairs(map)?, pairs(set)?);
    let table = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if !table && !map.is_empty() {
        return Err(Failure::Usage("--map is for .csv files; JSON lines have their names already".to_owned()));
    }
    let mut rows = if table { cells(&text, &map)? } else { lines(&text)? };
    for row in &mut rows {
        for (field, value) in &set {
            put(&mut row.body, field, value);
        }
    }
    Ok(rows)
}

/// JSON lines; empty lines are passed over.
pub(crate) fn lines(text: &str) -> Result<Vec<Row>, Failure> {
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(index, line)| {
            let body = serde_json::from_str(line)
                .map_err(|error| Failure::Usage(format!("line {}: not JSON: {error}", index + 1)))?;
            Ok(Row { line: index + 1, body })
        })
        .collect()
}

/// A table: columns named like fields are taken as they are, `map` names the others.
pub(crate) fn cells(text: &str, map: &[(String, String)]) -> Result<Vec<Row>, Failure> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let failed = |error: csv::Error| Failure::Usage(format!("not a table: {error}"));
    let header = reader.headers().map_err(failed)?.clone();
    if let Some((_, column)) = map.iter().find(|(_, column)| !header.iter().any(|name| name == column)) {
        let there = header.iter().collect::<Vec<_>>().join(", ");
        return Err(Failure::Usage(format!("there is no column {column:?}; there are {there}")));
    }
    let field = |column: &str| map.iter().find(|(_, named)| named == column).map(|(field, _)| field.clone());
    let fields: Vec<Option<String>> =
        header.iter().map(|column| field(column).or_else(|| named(column, map))).collect();
    reader
        .records()
        .enumerate()
        .map(|(index, record)| {
            let record = record.map_err(failed)?;
            let mut body = Value::Object(Map::new());
            for (field, cell) in fields.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()) {
                if let Some(field) = field {
                    put(&mut body, field, cell);
                }
            }
            Ok(Row { line: index + 2, body })
        })
        .collect()
}

/// Without a map every column is a field; with one, the columns that it does not name are left out.
fn named(column: &str, map: &[(String, String)]) -> Option<String> {
    map.is_empty().then(|| column.to_owned())
}

pub(crate) fn pairs(arguments: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let split = |argument: &String| {
        let wrong = || Failure::Usage(format!("{argument:?}: write FIELD=VALUE"));
        argument.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).ok_or_else(wrong)
    };
    arguments.iter().map(split).collect()
}

/// Fields that are not text; every other cell is taken as it is written.
fn typed(field: &str, cell: &str) -> Value {
    let other = match field {
        "public" => cell.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
        "order.amount.amount_minor" => cell.parse::<i64>().ok().map(Value::from),
        _ => None,
    };
    other.unwrap_or_else(|| Value::from(cell))
}

fn put(body: &mut Value, field: &str, cell: &str) {
    let mut place = body;
    for part in field.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = typed(field, cell);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_becomes_feedback_by_its_map() {
        let map =
            pairs(&["message=内容".to_owned(), "customer.ref=客户".to_owned(), "public=公开".to_owned()]).unwrap();
        let rows = cells("\u{feff}客户,内容,公开,备注\nc-1,\"快递,丢了\",true,x\nc-2,Late,,\n", &map).unwrap();
        assert_eq!(rows[0].body, json!({"customer": {"ref": "c-1"}, "message": "快递,丢了", "public": true}));
        assert_eq!(rows[1].body, json!({"customer": {"ref": "c-2"}, "message": "Late"}));
        assert_eq!((rows[0].line, rows[1].line), (2, 3));
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_those_that_are() {
        let map = pairs(&["message=text".to_owned()]).unwrap();
        let Err(Failure::Usage(why)) = cells("a,b\n1,2\n", &map) else { panic!("must be refused") };
        assert_eq!(why, "there is no column \"text\"; there are a, b");
    }

    #[test]
    fn the_same_row_has_the_same_key_and_the_same_words_on_another_line_another() {
        let rows = lines("{\"message\":\"坏了\"}\n\n{\"message\":\"坏了\"}\n").unwrap();
        assert_eq!(rows[0].idempotency_key(), lines("{\"message\":\"坏了\"}").unwrap()[0].idempotency_key());
        assert_ne!(rows[0].idempotency_key(), rows[1].idempotency_key());
        assert_eq!(rows[1].line, 3);
    }

    #[test]
    fn a_line_that_is_not_json_is_named() {
        let Err(Failure::Usage(why)) = lines("{}\n{oops\n") else { panic!("must be refused") };
        assert!(why.starts_with("line 2: not JSON"), "{why}");
    }
}
