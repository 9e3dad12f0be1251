//! What a function tells its operators: one JSON line a decision, and metrics by the way.

use crate::clock;
use serde_json::{Value, json};
use std::io::Write;
use std::panic::PanicHookInfo;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// The namespace of every metric.
const NAMESPACE: &str = "Redress";

/// Starts logging to standard output. Called once, first thing in `main`.
///
/// `REDRESS_LOG` is a level for what is ours (`info` unless told), or a whole filter such as
/// `info,aws_smithy_runtime=debug`.
pub fn start() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_filter(filter(std::env::var("REDRESS_LOG").ok().as_deref()));
    let lines = tracing_subscriber::registry().with(lines);
    // A second start, as in a test, changes nothing.
    if lines.try_init().is_ok() {
        std::panic::set_hook(Box::new(panicked));
        started(std::env::var("REDRESS_VERSION").ok().as_deref());
    }
}

/// The release of this code.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Says which release starts, beside the one that the template is of: code of another release means
/// that not everything was built, or not everything deployed.
fn started(template: Option<&str>) {
    match template {
        Some(template) if template != RELEASE => {
            tracing::warn!(
                release = RELEASE,
                template.release = template,
                "started, of another release than the template"
            );
        }
        _ => tracing::info!(release = RELEASE, "started"),
    }
}

/// The runtime's own line on a failed invocation is off: ours says more, and one is enough. What
/// can't be read as a filter is read as `info`.
fn filter(asked: Option<&str>) -> Targets {
    let whole = |level: &str| format!("warn,redress={level}");
    let asked = match asked.filter(|asked| !asked.is_empty()) {
        Some(filter) if filter.contains(['=', ',']) => filter.to_owned(),
        level => whole(level.unwrap_or("info")),
    };
    let targets = asked.parse().or_else(|_| whole("info").parse::<Targets>());
    targets.unwrap_or_default().with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

/// Where it happened, and the message only if it is a literal: a formatted one may carry a
/// customer's words (slicing text in the middle of a character quotes the text).
fn panicked(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let literal = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
    tracing::error!(panic.location = place, panic.message = literal, "panicked");
}

/// Reports a metric of this function, as a line that CloudWatch makes the metric of. `unit` is one
/// of CloudWatch's, for example `Seconds` or `Count`; the one dimension is `Function`.
///
/// # Source
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
pub fn metric(name: &str, value: f64, unit: &str) {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "local".to_owned());
    let mut line = measured(name, value, unit, &function, clock::now().as_millisecond()).to_string();
    line.push('\n');
    // One write, so that no other line comes between; a lost metric is not worth a failed sweep.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

fn measured(name: &str, value: f64, unit: &str, function: &str, millis: i64) -> Value {
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["Function"]],
        "Metrics": [{ "Name": name, "Unit": unit }],
    });
    let mut line = json!({
        "_aws": { "Timestamp": millis, "CloudWatchMetrics": [directive] },
        "Function": function,
    });
    line[name] = value.into();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_a_line_of_the_embedded_format() {
        let line = measured("OldestDueSeconds", 61.5, "Seconds", "escalation", 1_700_000_000_000);
        assert_eq!(line["OldestDueSeconds"], 61.5);
        assert_eq!(line["Function"], "escalation");
        assert_eq!(line["_aws"]["Timestamp"], 1_700_000_000_000_i64);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Redress");
        assert_eq!(directive["Dimensions"], json!([["Function"]]));
        assert_eq!(directive["Metrics"], json!([{ "Name": "OldestDueSeconds", "Unit": "Seconds" }]));
    }

    #[test]
    fn a_level_is_for_what_is_ours() {
        let parsed = |text: &str| text.parse::<Targets>().unwrap();
        assert_eq!(filter(None), parsed("warn,redress=info,lambda_runtime::layers::panic=off"));
        assert_eq!(filter(Some("no=such=level")), filter(None));
        assert_eq!(filter(Some("debug")), parsed("warn,redress=debug,lambda_runtime::layers::panic=off"));
        assert_eq!(filter(Some("info,hyper=off")), parsed("info,hyper=off,lambda_runtime::layers::panic=off"));
    }
}
