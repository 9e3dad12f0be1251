//! The clocks of an order from its facts alone, told as JSON: what `redress sla replay` answers.
//!
//! # Source
//! sla.md section 8.

mod line;

use super::{Agreement, Book, ClockState, Clocks, Metric, Seconds, Step, Target, VersionRef};
use crate::calendar::{Calendar, CalendarError};
use crate::order::Status;
use crate::policy::SlaPolicy;
use jiff::Timestamp;
use line::{Event, Line, Targets, What};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The metrics that a line may have targets for, in the order in which they are told.
const METRICS: [Metric; 3] = [Metric::FirstResponse, Metric::NextResponse, Metric::Resolution];

type Read<T> = Result<T, CalendarError>;

fn refuse<T>(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Read<T> {
    Err(CalendarError { pointer: pointer.into(), code, detail: detail.into() })
}

/// How the clocks of a line's order stand right after each of its events, on a calendar that was
/// compiled before: a list of `{"after_event", "clocks": {<metric>: {"state", "due",
/// "elapsed_seconds", "breached"}}}`.
///
/// # Errors
/// The first thing wrong with the line, by a stable code and its place: `unknown_key`,
/// `missing_field`, `malformed_…`, `unknown_metric`, `unknown_event`, `misplaced_event` (an order is
/// created first, and once), `out_of_order`; and `no_open_time` at the event that asks for it.
pub fn replay(calendar: Calendar, line: &Map<String, Value>) -> Read<Value> {
    let Line { policy, targets, events } = Line::of(line)?;
    let mut case = Case::new(policy, calendar, &targets);
    let (mut steps, mut last) = (Vec::with_capacity(events.len()), None);
    for (place, event) in events.iter().enumerate() {
        let place = format!("/events/{place}");
        let event = Event::of(event, &place)?;
        check_order(&event, last, &place)?;
        last = Some(event.at);
        case.take(&event, &targets).map_err(|error| CalendarError { pointer: place, ..error })?;
        steps.push(json!({ "after_event": steps.len(), "clocks": case.clocks(event.at)? }));
    }
    Ok(steps.into())
}

fn check_order(event: &Event, last: Option<Timestamp>, place: &str) -> Read<()> {
    if last.is_none() != matches!(event.what, What::Created { .. }) {
        return refuse("misplaced_event", format!("{place}/type"), "an order is created first, and once");
    }
    if last.is_some_and(|last| event.at < last) {
        return refuse("out_of_order", format!("{place}/at"), "is before the event before it: sort the events");
    }
    Ok(())
}

/// An order of which nothing is known but its clocks.
struct Case {
    book: Book,
    calendar: VersionRef,
    policy: VersionRef,
    clocks: Clocks,
    status: Status,
    cycle: u32,
    told: BTreeSet<Metric>,
}

impl Case {
    fn new(policy: SlaPolicy, calendar: Calendar, targets: &Targets) -> Self {
        let (version, mut book) = (policy.version(), Book::default());
        let counted = VersionRef { id: "calendar".to_owned(), version: 1 };
        book.add_calendar(counted.clone(), calendar);
        book.add_policy(version.clone(), Arc::new(policy));
        let told = targets.keys().cloned().collect();
        let clocks = Clocks::default();
        Self { book, calendar: counted, policy: version, clocks, status: Status::Open, cycle: 1, told }
    }

    fn agreement(&self, targets: &Targets) -> Agreement {
        let target = |ms: i64| Target { ms, calendar: self.calendar.clone(), days: None };
        let targets = targets.iter().map(|(metric, ms)| (metric.clone(), target(*ms))).collect();
        Agreement { policy: self.policy.clone(), targets }
    }

    fn take(&mut self, event: &Event, targets: &Targets) -> Result<(), CalendarError> {
        let pending = self.status == Status::PendingCustomer;
        match &event.what {
            What::Created { by_customer, state } => {
                self.clocks = Clocks::opened(*by_customer);
                self.retarget(event.at, Some(targets))?;
                if state.is_active() { self.go(event.at, *state) } else { self.finish(event.at, *state) }
            }
            What::AgentReply => self.step(event.at, |clocks, step| clocks.answered(step)),
            What::CustomerReply => {
                if pending {
                    self.go(event.at, Status::InProgress)?;
                }
                self.step(event.at, |clocks, step| clocks.heard(step))
            }
            What::Pending if self.status.is_active() => self.go(event.at, Status::PendingCustomer),
            What::Resumed if pending => self.go(event.at, Status::InProgress),
            What::Retargeted(targets) => self.retarget(event.at, targets.as_ref()),
            // Once it is done there is nothing left to stop.
            What::Resolved => self.finish(event.at, Status::Resolved),
            What::Closed => self.finish(event.at, Status::Closed),
            What::Reopened if !self.status.is_active() => {
                (self.status, self.cycle) = (Status::Reopened, self.cycle + 1);
                self.step(event.at, |clocks, step| clocks.reopened(step))
            }
            What::Pending | What::Resumed | What::Reopened => Ok(()),
        }
    }

    fn retarget(&mut self, at: Timestamp, targets: Option<&Targets>) -> Result<(), CalendarError> {
        self.told.extend(targets.iter().flat_map(|targets| targets.keys().cloned()));
        let agreement = targets.map(|targets| self.agreement(targets));
        self.step(at, |clocks, step| clocks.agree(step, agreement.as_ref(), at, None))
    }

    fn finish(&mut self, at: Timestamp, to: Status) -> Result<(), CalendarError> {
        self.status = to;
        self.step(at, |clocks, step| clocks.resolved(step))
    }

    fn go(&mut self, at: Timestamp, to: Status) -> Result<(), CalendarError> {
        self.status = to;
        self.step(at, |clocks, step| clocks.moved(step))
    }

    fn step<T>(&mut self, at: Timestamp, act: impl FnOnce(&mut Clocks, Step<'_>) -> T) -> T {
        let step = Step { at, cause: "", status: self.status, cycle: self.cycle, book: &self.book };
        act(&mut self.clocks, step)
    }

    /// How every clock that was ever promised stands at `now`.
    fn clocks(&self, now: Timestamp) -> Read<Value> {
        let mut clocks = Map::new();
        for metric in METRICS.into_iter().filter(|metric| self.told.contains(metric)) {
            let stands = match self.clocks.latest(&metric) {
                None => json!({"state": ClockState::Idle, "due": null, "elapsed_seconds": 0, "breached": false}),
                Some(clock) => json!({
                    "state": clock.state(now),
                    "due": clock.due_at,
                    "elapsed_seconds": Seconds::of(clock.consumed(self.book.time_of(clock)?, now)),
                    "breached": clock.is_breached(now),
                }),
            };
            clocks.insert(metric.word().into_owned(), stands);
        }
        Ok(clocks.into())
    }
}
