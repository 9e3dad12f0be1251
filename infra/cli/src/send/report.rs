//! What became of what was sent.

use serde_json::{Value, json};
use std::time::Duration;

/// Refusals that are shown one by one; the rest are counted.
const SHOWN: usize = 10;

/// Counts and times.
pub(crate) struct Report {
    rows: usize,
    accepted: Vec<Duration>,
    replayed: usize,
    assigned: Vec<Duration>,
    waiting: usize,
    refusals: Vec<String>,
}

impl Report {
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, accepted: Vec::new(), replayed: 0, assigned: Vec::new(), waiting: 0, refusals: Vec::new() }
    }

    pub(crate) fn accepted(&mut self, took: Duration, replayed: bool) {
        self.accepted.push(took);
        self.replayed += usize::from(replayed);
    }

    pub(crate) fn assigned(&mut self, waited: Duration) {
        self.assigned.push(waited);
    }

    pub(crate) fn waits(&mut self) {
        self.waiting += 1;
    }

    pub(crate) fn refuse(&mut self, line: usize, status: u16, problem: &Value) {
        let errors = problem["errors"].as_array().into_iter().flatten();
        let places: Vec<String> = errors.map(|e| format!("{} {}", text(&e["pointer"]), text(&e["detail"]))).collect();
        let why = if places.is_empty() { text(&problem["detail"]).to_owned() } else { places.join("; ") };
        self.refusals.push(format!("line {line}: {status} {why}"));
    }

    pub(crate) fn unanswered(&mut self, line: usize, error: &str) {
        self.refusals.push(format!("line {line}: no answer: {error}"));
    }

    pub(crate) fn refused(&self) -> usize {
        self.refusals.len()
    }

    /// For a person.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} rows: {} accepted ({} of them sent before), {} refused",
            self.rows,
            self.accepted.len(),
            self.replayed,
            self.refused()
        )];
        lines.push(format!("202 after      {}", times(&self.accepted)));
        if !self.assigned.is_empty() || self.waiting > 0 {
            lines.push(format!("agent after    {}   (from received to assigned)", times(&self.assigned)));
        }
        if self.waiting > 0 {
            lines.push(format!("{} still wait for an agent", self.waiting));
        }
        lines.extend(self.refusals.iter().take(SHOWN).cloned());
        if self.refused() > SHOWN {
            lines.push(format!("… and {} more", self.refused() - SHOWN));
        }
        lines.join("\n")
    }

    /// For a program.
    pub(crate) fn json(&self) -> String {
        json!({
            "rows": self.rows,
            "accepted": self.accepted.len(),
            "replayed": self.replayed,
            "refused": self.refusals,
            "accepted_ms": figures(&self.accepted),
            "assigned": self.assigned.len(),
            "assigned_ms": figures(&self.assigned),
            "waiting": self.waiting,
        })
        .to_string()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Percentiles, for a person.
pub(crate) fn times(durations: &[Duration]) -> String {
    let figure = |percent| millis(percentile(durations, percent));
    format!("p50 {} ms   p95 {} ms   p99 {} ms   max {} ms", figure(50), figure(95), figure(99), figure(100))
}

/// Percentiles in milliseconds, for a program.
pub(crate) fn figures(durations: &[Duration]) -> Value {
    let figure = |percent| millis(percentile(durations, percent));
    json!({"p50": figure(50), "p95": figure(95), "p99": figure(99), "max": figure(100)})
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The smallest duration that at least `percent` of them do not exceed (nearest rank).
fn percentile(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values_and_of_nothing_it_is_zero() {
        let hundred: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&hundred, 50), Duration::from_millis(50));
        assert_eq!(percentile(&hundred, 99), Duration::from_millis(99));
        assert_eq!(percentile(&hundred, 100), Duration::from_millis(100));
        assert_eq!(percentile(&hundred[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn a_refusal_names_the_line_and_every_wrong_field() {
        let mut report = Report::new(1);
        let problem = json!({"errors": [{"pointer": "/message", "detail": "is missing"}, {"pointer": "/channel", "detail": "未知"}]});
        report.refuse(7, 422, &problem);
        assert!(report.text().contains("line 7: 422 /message is missing; /channel 未知"));
    }
}
