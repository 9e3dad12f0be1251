//! `redress evaluate`: how well a model reads rows whose labels are known.

mod marks;

use crate::{Failure, dataset, lines, terminal};
use marks::Mark;
use redress_domain::category::Category;
use redress_domain::priority::PriorityPolicy;
use redress_language::evaluate::{Scores, TOO_LOW};
use redress_language::rows::Row;
use redress_language::{Model, Scratch};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What `evaluate` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Labelled rows, as JSON lines, gzip or not; or, ending in .csv, a table with a header.
    file: PathBuf,
    /// Judge this model instead of the shipped one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Give priorities by this policy, as GET /v1/priority-policy shows it, instead of the shipped one.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it. Exit 1 if a mark of quality is missed; what is a question of the machine, time and
/// nothing else, is told and does not decide.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model = dataset::model(arguments.model.as_deref())?;
    let rows = dataset::rows([arguments.file.as_path()])?;
    let scores = Scores::of(&model, &rows, &policy(arguments.policy.as_deref())?);
    if scores.rows() + scores.sentiment_rows() + scores.priority_rows() == 0 {
        return Err(Failure::Short("no row has a category, a sentiment or a priority to measure by".to_owned()));
    }
    let times = Times::of(&model, &rows);
    let marks = marks::of(&scores, &model, &times);
    if arguments.json {
        terminal::say(&as_json(&scores, &model, &times, &marks).to_string());
    } else {
        tell(&scores, &model, &times, &marks);
    }
    let missed = marks.iter().filter(|mark| mark.decides && !mark.is_held()).count();
    if missed > 0 { Err(Failure::Short(format!("{missed} of the marks are missed"))) } else { Ok(()) }
}

/// The priority policy of `file`, or the shipped one.
fn policy(file: Option<&Path>) -> Result<PriorityPolicy, Failure> {
    let Some(file) = file else { return Ok(PriorityPolicy::shipped()) };
    let bytes = std::fs::read(file).map_err(|error| lines::unreadable(Some(file), &error))?;
    let no = |why: String| Failure::Short(format!("{} is no priority policy: {why}", file.display()));
    let policy: PriorityPolicy = serde_json::from_slice(&bytes).map_err(|error| no(error.to_string()))?;
    let faults: Vec<_> = policy.faults().iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(policy) } else { Err(no(faults.join("; "))) }
}

/// How long a text takes, on one core.
pub(crate) struct Times {
    /// The model alone: features, scores, confidence.
    pub(crate) scored: Quantiles,
    /// The whole reading: with cues, what it names, and evidence.
    pub(crate) read: Quantiles,
    /// The whole reading of 2,000 characters of these texts.
    pub(crate) long: Quantiles,
}

/// Of many times.
pub(crate) struct Quantiles {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// How often each text is read for its time; the fastest counts, for other work is not ours.
const AGAIN: usize = 5;

impl Times {
    fn of(model: &Model, rows: &[Row]) -> Self {
        let mut scratch = Scratch::default();
        let long: String = rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>().join(" ");
        let long: Vec<char> = long.chars().collect();
        let long: Vec<String> = long.chunks_exact(2000).take(200).map(|chunk| chunk.iter().collect()).collect();
        Self {
            scored: Quantiles::of(rows.iter().map(|row| row.text.as_str()), |text| {
                std::hint::black_box(model.score(text, &mut scratch));
            }),
            read: Quantiles::of(rows.iter().map(|row| row.text.as_str()), |text| {
                std::hint::black_box(model.read(text));
            }),
            long: Quantiles::of(long.iter().map(String::as_str), |text| {
                std::hint::black_box(model.read(text));
            }),
        }
    }
}

impl Quantiles {
    fn of<'a>(texts: impl Iterator<Item = &'a str>, mut work: impl FnMut(&str)) -> Self {
        let mut once = |text| {
            let begun = Instant::now();
            work(text);
            begun.elapsed()
        };
        let fastest = |text| (0..AGAIN).map(|_| once(text)).min().unwrap_or_default();
        let mut times: Vec<_> = texts.map(fastest).collect();
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        Self { p50: at(50).copied().unwrap_or_default(), p99: at(99).copied().unwrap_or_default() }
    }
}

fn as_json(scores: &Scores, model: &Model, times: &Times, marks: &[Mark]) -> Value {
    let sources: serde_json::Map<_, _> =
        scores.sources().into_iter().map(|source| (source.clone(), source_json(&scores.of_source(&source)))).collect();
    let bins =
        scores.calibration().map(|bin| json!({"rows": bin.rows, "confidence": bin.confidence, "right": bin.right}));
    let micros = |quantiles: &Quantiles| json!({"p50_us": micros(quantiles.p50), "p99_us": micros(quantiles.p99)});
    json!({
        "model": {"rows": model.data_digest(), "bytes": model.size()}, "all": source_json(scores), "sources": sources,
        "categories": Category::ALL, "confusion": scores.categories().0.as_slice().iter().collect::<Vec<_>>(),
        "calibration": bins,
        "time": {"score": micros(&times.scored), "read": micros(&times.read), "read_2000": micros(&times.long)},
        "marks": marks.iter().map(Mark::as_json).collect::<Vec<_>>(),
    })
}

fn source_json(scores: &Scores) -> Value {
    let mut told = json!({"rows": scores.rows(), "sentiment_rows": scores.sentiment_rows()});
    if scores.rows() > 0 {
        let (answered, right) = scores.answered();
        told["category"] = json!({
            "macro_f1": scores.macro_f1(), "accuracy": scores.accuracy(), "answered": answered,
            "answered_accuracy": right, "calibration_error": scores.calibration_error(),
        });
    }
    if scores.sentiment_rows() > 0 {
        let table = scores.sentiments();
        told["sentiment"] = json!({"macro_f1": table.macro_f1(), "accuracy": table.accuracy()});
    }
    if scores.priority_rows() > 0 {
        let table = scores.priorities();
        told["priority"] = json!({
            "rows": scores.priority_rows(), "macro_f1": table.macro_f1(), "accuracy": table.accuracy(),
            "cost": scores.priority_cost(), "confusion": table.0,
        });
    }
    told
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn tell(scores: &Scores, model: &Model, times: &Times, marks: &[Mark]) {
    terminal::say(&format!("model of {} bytes, trained on rows {}\n", model.size(), model.data_digest()));
    let sources = scores.sources();
    let of_each: Vec<_> = sources.iter().map(|source| (source.as_str(), scores.of_source(source))).collect();
    let with_all = |what: fn(&Scores) -> usize| {
        of_each.iter().map(|(name, of)| (*name, of)).chain([("all", scores)]).filter(move |(_, of)| what(of) > 0)
    };
    if scores.rows() > 0 {
        terminal::say("category               rows  macro-F1  accuracy  answered  right of those    ECE");
    }
    for (name, of) in with_all(Scores::rows) {
        let (answered, right) = of.answered();
        terminal::say(&format!(
            "{name:<20} {:>6}  {:>8.3}  {:>8.3}  {answered:>8.3}  {right:>14.3}  {:>5.3}",
            of.rows(),
            of.macro_f1(),
            of.accuracy(),
            of.calibration_error()
        ));
    }
    if scores.sentiment_rows() > 0 {
        terminal::say("\nsentiment              rows  macro-F1  accuracy");
    }
    for (name, of) in with_all(Scores::sentiment_rows) {
        let table = of.sentiments();
        let (f1, accuracy) = (table.macro_f1(), table.accuracy());
        terminal::say(&format!("{name:<20} {:>6}  {f1:>8.3}  {accuracy:>8.3}", of.sentiment_rows()));
    }
    tell_priorities(scores);
    tell_confusion(scores);
    if scores.rows() > 0 {
        terminal::say("\nconfidence    rows  said  right");
    }
    for (at, bin) in scores.calibration().iter().enumerate().filter(|(_, bin)| bin.rows > 0) {
        let from = at as f64 / scores.calibration().len() as f64;
        terminal::say(&format!("from {from:.2}  {:>7}  {:.2}   {:.2}", bin.rows, bin.confidence, bin.right));
    }
    terminal::say("\na text on one core     p50        p99");
    let all = [("scored", &times.scored), ("read", &times.read), ("read, 2000 long", &times.long)];
    for (name, of) in all.into_iter().filter(|(_, of)| !of.p99.is_zero()) {
        terminal::say(&format!("{name:<18} {:>6.1} µs  {:>6.1} µs", micros(of.p50), micros(of.p99)));
    }
    if !marks.is_empty() {
        terminal::say("\nmark                                              asked      found");
        marks.iter().for_each(|mark| terminal::say(&mark.told()));
    }
}

fn tell_priorities(scores: &Scores) {
    if scores.priority_rows() == 0 {
        return;
    }
    let (table, cost) = (scores.priorities(), scores.priority_cost());
    terminal::say("\npriority known (rows), given (columns)");
    terminal::say("          P1     P2     P3     P4      F1");
    for (label, row) in table.0.iter().enumerate() {
        let counts: String = row.iter().map(|count| format!("{count:>7}")).collect();
        terminal::say(&format!("P{}   {counts}   {:.3}", label + 1, table.f1(label)));
    }
    let rows = scores.priority_rows();
    terminal::say(&format!(
        "{rows} rows, accuracy {:.3}, macro-F1 {:.3}; cost {cost:.3} bands a row, one too low counting {TOO_LOW} times",
        table.accuracy(),
        table.macro_f1()
    ));
}

fn tell_confusion(scores: &Scores) {
    if scores.rows() == 0 {
        return;
    }
    terminal::say("\nknown as (rows), read as (columns)");
    let table = scores.categories();
    let numbers: String = (1..=Category::ALL.len()).map(|number| format!("{number:>6}")).collect();
    terminal::say(&format!("{:<22}{numbers}      F1", ""));
    for (label, category) in Category::ALL.iter().enumerate() {
        let counts: String = table.0[label].iter().map(|count| format!("{count:>6}")).collect();
        terminal::say(&format!("{:>2} {:<19}{counts}   {:.3}", label + 1, category.as_str(), table.f1(label)));
    }
}
