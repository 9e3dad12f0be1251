//! What the functions said.

use crate::layout::Layout;
use crate::{LocalError, deploy};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// One line that a function wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Which function, as named under `functions/`.
    pub function: String,
    /// The line itself; usually a JSON object.
    pub message: String,
}

/// A reader of logs that remembers how far it has read.
#[derive(Debug)]
pub struct Logs {
    dir: PathBuf,
    function: Option<String>,
    read: BTreeMap<PathBuf, u64>,
}

#[derive(Deserialize)]
struct Kept {
    at_ms: i64,
    message: String,
}

impl Logs {
    /// The logs of one function, or of all, of the cloud on `state_dir`, from their beginning.
    #[must_use]
    pub fn open(state_dir: &Path, function: Option<&str>) -> Self {
        Self { dir: Layout::at(state_dir).logs(), function: function.map(str::to_owned), read: BTreeMap::new() }
    }

    /// The lines since the last call, oldest first.
    ///
    /// # Errors
    /// `Io` when a log can't be read.
    pub fn more(&mut self) -> Result<Vec<LogLine>, LocalError> {
        let mut lines = Vec::new();
        let Ok(entries) = fs::read_dir(&self.dir) else { return Ok(lines) };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        // `x.jsonl` after `x.old.jsonl`, and a stable sort below.
        paths.sort_by_key(|path| (!path.to_string_lossy().ends_with(".old.jsonl"), path.clone()));
        for path in paths {
            let Some(function) = function_of(&path) else { continue };
            if self.function.as_ref().is_none_or(|wanted| *wanted == function) {
                self.read_on(&path, &function, &mut lines)?;
            }
        }
        lines.sort_by_key(|line| line.at_ms);
        Ok(lines)
    }

    fn read_on(&mut self, path: &Path, function: &str, lines: &mut Vec<LogLine>) -> Result<(), LocalError> {
        let failed = |e| LocalError::io("read", path.display(), e);
        let from = self.read.entry(path.to_path_buf()).or_default();
        let mut file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() < *from {
            // It was put aside and begun anew.
            *from = 0;
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(*from)).and_then(|_| file.read_to_end(&mut bytes)).map_err(failed)?;
        // Half a line is left for the next time.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        *from += bytes.len() as u64;
        lines.extend(parse(&bytes, function));
        Ok(())
    }
}

/// The function whose log `path` is.
fn function_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
    let name = name.strip_suffix(".old").unwrap_or(name);
    Some(name.strip_prefix(deploy::STACK)?.strip_prefix('-')?.to_owned())
}

fn parse(bytes: &[u8], function: &str) -> Vec<LogLine> {
    let kept = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Kept>(line).ok());
    kept.map(|Kept { at_ms, message }| LogLine { at_ms, function: function.to_owned(), message }).collect()
}

/// What one function, or every one, has written so far, oldest first; also after [`crate::down`].
///
/// # Errors
/// `Io` when a log can't be read.
pub fn logs(state_dir: &Path, function: Option<&str>) -> Result<Vec<LogLine>, LocalError> {
    Logs::open(state_dir, function).more()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_reader_goes_on_where_it_stopped_and_leaves_half_a_line() {
        let state = std::env::temp_dir().join(format!("redress-logs-{}", std::process::id()));
        fs::create_dir_all(state.join("logs")).expect("a writable temporary directory");
        let path = state.join("logs/redress-follow-up.jsonl");
        let mut file = File::create(path).expect("just made");
        let mut logs = Logs::open(&state, Some("follow-up"));
        write!(file, "{{\"at_ms\":1,\"message\":\"已分派\"}}\n{{\"at_ms\":2,").expect("writable");
        assert_eq!(logs.more().expect("readable")[0].message, "已分派");
        writeln!(file, "\"message\":\"b\"}}").expect("writable");
        let more = logs.more().expect("readable");
        assert_eq!((more.len(), more[0].at_ms, more[0].function.as_str()), (1, 2, "follow-up"));
        assert!(Logs::open(&state, Some("desk")).more().expect("readable").is_empty());
        fs::remove_dir_all(state).expect("just made");
    }
}
