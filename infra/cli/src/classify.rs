//! `redress classify`: what a text says, a line of JSON each way.

use crate::lines::{self, Refusal, required};
use crate::{Failure, dataset};
use redress_domain::priority::PriorityPolicy;
use redress_language::{Model, Reading};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What `classify` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The texts, as JSON lines, gzip or not; standard input without it, or with `-`.
    file: Option<PathBuf>,
    /// Read by this model instead of the shipped one.
    #[arg(long)]
    model: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model = dataset::model(arguments.model.as_deref())?;
    let policy = PriorityPolicy::shipped();
    lines::run(arguments.file.as_deref(), |fields| answer(&model, &policy, fields))
}

fn answer(model: &Model, policy: &PriorityPolicy, fields: &Map<String, Value>) -> lines::Answer {
    let text = required(fields, "text")?.as_str();
    let text = text.ok_or_else(|| Refusal::new("malformed_text", "/text", "write a string"))?;
    Ok(told(text, &model.read(text), policy))
}

fn told(text: &str, reading: &Reading, policy: &PriorityPolicy) -> Vec<(&'static str, Value)> {
    let cues = reading.cues.iter().map(|cue| {
        let (start, end) = cue.span;
        let weighed = policy.contribution(&cue.rule, None);
        let words: String = text.chars().skip(start).take(end - start).collect();
        let (rule, axis, weight) = (weighed.rule, weighed.axis, weighed.weight);
        json!({"rule": rule, "axis": axis, "weight": weight, "text": words, "start": start, "end": end})
    });
    vec![
        ("category", json!(reading.category)),
        ("confidence", json!(reading.confidence)),
        ("needs_review", json!(reading.needs_review)),
        ("top", json!(reading.top)),
        ("secondary", json!(reading.secondary)),
        ("sentiment", json!(reading.sentiment)),
        ("sentiment_score", json!(reading.sentiment_score)),
        ("language", json!(reading.language)),
        ("cues", cues.collect()),
        ("evidence", json!(reading.evidence)),
        ("entities", json!(reading.entities)),
        ("masked", json!(redress_language::mask(text))),
    ]
}
