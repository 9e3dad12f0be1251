//! `redress train`: a model from labelled rows.

use crate::{Failure, dataset, terminal};
use redress_language::rows::Row;
use redress_language::train;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What `train` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Rows to learn from, as JSON lines, gzip or not: {"text", "category", "sentiment", "source",
    /// "label_kind"}. Several files are taken together: the shipped data and a shop's own labels.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Rows to fit calibration and thresholds on, and nothing else.
    #[arg(long)]
    dev: PathBuf,
    /// Where the model goes.
    #[arg(long)]
    out: PathBuf,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it. Exit 1 if a row is malformed, and then nothing is written.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rows = dataset::rows(arguments.data.iter().map(PathBuf::as_path))?;
    let dev = dataset::rows([arguments.dev.as_path()])?;
    let (begun, bar) = (Instant::now(), terminal::bar(1));
    let bytes = train::train(&rows, &dev, &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let bytes = bytes.map_err(|error| Failure::Short(error.to_string()))?;
    write(&arguments.out, &bytes)?;
    let held_back = rows.iter().filter(|row| row.is_held_back()).count();
    let (seconds, digest) = (begun.elapsed().as_secs_f64(), digest(&bytes));
    if arguments.json {
        let out = arguments.out.display().to_string();
        let told = json!({
            "out": out, "bytes": bytes.len(), "digest": digest, "rows": rows.len() - held_back,
            "held_back": held_back, "seconds": seconds,
        });
        terminal::say(&told.to_string());
        return Ok(());
    }
    for (source, count) in by_source(&rows) {
        terminal::say(&format!("{count:>7}  {source}"));
    }
    terminal::say(&format!("{:>7}  held back, to compare models by", held_back));
    terminal::say(&format!(
        "\n{} written: {} bytes, {digest}, in {seconds:.0} s",
        arguments.out.display(),
        bytes.len()
    ));
    terminal::say(&format!("`redress evaluate FILE --model {}` says how good it is", arguments.out.display()));
    Ok(())
}

fn by_source(rows: &[Row]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_held_back()) {
        *counts.entry(row.source.as_str()).or_default() += 1;
    }
    counts
}

/// All of it or nothing: a model that was there stays until the new one is whole.
fn write(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = out.with_extension("part");
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, out));
    written.map_err(|error| Failure::Short(format!("can't write {}: {error}", out.display())))
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
