//! A line of `redress sla replay`, read.

use super::{METRICS, Metric, Read};
use crate::calendar::CalendarError;
use crate::order::Status;
use crate::policy::{ReopenMode, Reopening, SlaPolicy};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The keys of a line.
const KEYS: [&str; 8] =
    ["id", "calendar", "targets", "pauses", "reopen", "events", "retarget_grace", "reopen_target_percent"];

/// Business milliseconds by metric.
pub(super) type Targets = BTreeMap<Metric, i64>;

/// What a line says of its order.
pub(super) struct Line<'a> {
    pub(super) policy: SlaPolicy,
    pub(super) targets: Targets,
    pub(super) events: &'a [Value],
}

impl<'a> Line<'a> {
    pub(super) fn of(fields: &'a Map<String, Value>) -> Read<Self> {
        allow(fields, &KEYS, "", "a line may have")?;
        let (targets, policy) = (targets(required(fields, "targets", "")?, "/targets")?, policy(fields)?);
        match required(fields, "events", "")? {
            Value::Array(events) => Ok(Self { policy, targets, events }),
            _ => Err(refusal("malformed_events", "/events", "write a list of events")),
        }
    }
}

fn refusal(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> CalendarError {
    CalendarError { pointer: pointer.into(), code, detail: detail.into() }
}

fn allow(fields: &Map<String, Value>, keys: &[&str], place: &str, holder: &str) -> Read<()> {
    match fields.keys().find(|key| !keys.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(refusal("unknown_key", under(place, unknown), format!("{holder} {}", keys.join(", ")))),
    }
}

fn under(place: &str, key: &str) -> String {
    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn required<'a>(fields: &'a Map<String, Value>, key: &str, place: &str) -> Read<&'a Value> {
    fields.get(key).ok_or_else(|| refusal("missing_field", under(place, key), "must be given"))
}

/// Business minutes, which may be fractional, to the nearest millisecond.
fn minutes(value: &Value, place: &str) -> Read<SignedDuration> {
    match value.as_f64() {
        None => Err(refusal("malformed_duration", place, "write a number of minutes")),
        Some(minutes) if minutes < 0.0 => {
            Err(refusal("negative_duration", place, "business durations are zero or more"))
        }
        Some(minutes) => Ok(SignedDuration::from_millis((minutes * 60_000.0).round() as i64)),
    }
}

fn instant(fields: &Map<String, Value>, key: &str, place: &str) -> Read<Timestamp> {
    let mend = "write an instant of RFC 3339 with its offset, such as 2026-11-27T09:30:00+08:00";
    let text = required(fields, key, place)?.as_str();
    text.and_then(|text| text.parse().ok()).ok_or_else(|| refusal("malformed_instant", under(place, key), mend))
}

/// Targets in business minutes, read as milliseconds.
fn targets(value: &Value, place: &str) -> Read<Targets> {
    let Value::Object(fields) = value else {
        return Err(refusal("malformed_targets", place, "write an object of business minutes by metric"));
    };
    let read = |(name, value): (&String, &Value)| {
        let place = under(place, name);
        Ok((metric(name, &place)?, crate::sla::clock::millis(minutes(value, &place)?)))
    };
    fields.iter().filter(|(_, minutes)| !minutes.is_null()).map(read).collect()
}

fn metric(name: &str, place: &str) -> Read<Metric> {
    let known = METRICS.into_iter().find(|metric| metric.word() == name);
    known.ok_or_else(|| refusal("unknown_metric", place, "write first_response, next_response or resolution"))
}

/// The policy that a line stands for.
fn policy(fields: &Map<String, Value>) -> Read<SlaPolicy> {
    let mode = match fields.get("reopen").map(|word| word.as_str()) {
        None | Some(Some("continue")) => ReopenMode::Continue,
        Some(Some("restart")) => ReopenMode::Restart,
        Some(_) => return Err(refusal("malformed_reopen", "/reopen", "write \"continue\" or \"restart\"")),
    };
    let percent =
        fields.get("reopen_target_percent").map_or(Ok(Reopening::default().target_percent_after_breach), |value| {
            let percent = value.as_i64().filter(|percent| (1..=100).contains(percent));
            percent.ok_or_else(|| refusal("malformed_percent", "/reopen_target_percent", "write 1 to 100"))
        })?;
    let grace = fields
        .get("retarget_grace")
        .map_or(Ok(0), |value| minutes(value, "/retarget_grace").map(|time| time.as_secs()))?;
    let mut policy = SlaPolicy::named("replay");
    policy.reopen = Reopening { mode, target_percent_after_breach: percent };
    policy.retarget_grace_seconds = grace;
    if let Some(value) = fields.get("pauses") {
        policy.pauses = BTreeMap::from([(Status::PendingCustomer, pauses(value)?)]);
    }
    // Nobody is told here.
    policy.levels.clear();
    Ok(policy)
}

fn pauses(value: &Value) -> Read<Vec<Metric>> {
    let malformed = |place: &str| refusal("malformed_pauses", place, "write a list of metrics");
    let names = value.as_array().ok_or_else(|| malformed("/pauses"))?;
    let read = |(place, name): (usize, &Value)| {
        let place = format!("/pauses/{place}");
        metric(name.as_str().ok_or_else(|| malformed(&place))?, &place)
    };
    names.iter().enumerate().map(read).collect()
}

/// One thing that happened.
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) what: What,
}

/// What it was.
pub(super) enum What {
    Created { by_customer: bool, state: Status },
    AgentReply,
    CustomerReply,
    Pending,
    Resumed,
    Retargeted(Option<Targets>),
    Resolved,
    Reopened,
    Closed,
}

impl Event {
    /// Reads the event at `place`.
    pub(super) fn of(event: &Value, place: &str) -> Read<Self> {
        let Value::Object(fields) = event else { return Err(refusal("malformed_event", place, "write an object")) };
        let (at, word) = (instant(fields, "at", place)?, fields.get("type"));
        let keys = |more: &[&'static str]| {
            let keys: Vec<_> = ["at", "type"].iter().chain(more).copied().collect();
            allow(fields, &keys, place, "this event may have")
        };
        let what = match word.and_then(Value::as_str) {
            Some("created") => {
                keys(&["by_customer", "state"])?;
                Self::created(fields, place)?
            }
            Some("priority_changed") => {
                keys(&["targets", "sla_matches"])?;
                What::Retargeted(Self::retarget(fields, place)?)
            }
            Some(word) => {
                let what = match word {
                    "agent_reply" => What::AgentReply,
                    "customer_reply" => What::CustomerReply,
                    "pending" => What::Pending,
                    "resumed" => What::Resumed,
                    "resolved" => What::Resolved,
                    "reopened" => What::Reopened,
                    "closed" => What::Closed,
                    _ => return Err(unknown(place)),
                };
                keys(&[])?;
                what
            }
            None => return Err(unknown(place)),
        };
        Ok(Self { at, what })
    }

    fn created(fields: &Map<String, Value>, place: &str) -> Read<What> {
        let by_customer = fields.get("by_customer").map_or(Some(true), Value::as_bool);
        let by_customer = by_customer
            .ok_or_else(|| refusal("malformed_event", format!("{place}/by_customer"), "write true or false"))?;
        let state = match fields.get("state").map(Value::as_str) {
            None | Some(Some("open" | "new")) => Status::Open,
            Some(Some("pending")) => Status::PendingCustomer,
            Some(Some("resolved")) => Status::Resolved,
            Some(Some("closed")) => Status::Closed,
            Some(_) => {
                let mend = "write \"open\", \"pending\", \"resolved\" or \"closed\"";
                return Err(refusal("malformed_event", format!("{place}/state"), mend));
            }
        };
        Ok(What::Created { by_customer, state })
    }

    fn retarget(fields: &Map<String, Value>, place: &str) -> Read<Option<Targets>> {
        match (fields.get("targets"), fields.get("sla_matches").map(Value::as_bool)) {
            (None, Some(Some(false))) => Ok(None),
            (Some(value), None | Some(Some(true))) => targets(value, &format!("{place}/targets")).map(Some),
            _ => Err(refusal("malformed_event", place, "give new targets, or sla_matches: false")),
        }
    }
}

fn unknown(place: &str) -> CalendarError {
    let words =
        "created, agent_reply, customer_reply, pending, resumed, priority_changed, resolved, reopened or closed";
    refusal("unknown_event", format!("{place}/type"), format!("write {words}"))
}
