//! `redress sla replay`: the clocks of an order from its facts alone, a line of JSON each way.

use crate::Failure;
use crate::lines::{self, Calendars, Refusal, allow, instant, measured, required};
use jiff::Timestamp;
use redress_domain::calendar::Calendar;
use redress_domain::order::Status;
use redress_domain::policy::{ReopenMode, Reopening, SlaPolicy};
use redress_domain::sla::{Agreement, Book, ClockState, Clocks, Metric, Seconds, Step, Target, VersionRef};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// The keys of a line.
const LINE_KEYS: [&str; 8] =
    ["id", "calendar", "targets", "pauses", "reopen", "events", "retarget_grace", "reopen_target_percent"];

/// The metrics that a line may have targets for, in the order in which they are told.
const METRICS: [Metric; 3] = [Metric::FirstResponse, Metric::NextResponse, Metric::Resolution];

/// What `sla` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Sla,
}

#[derive(clap::Subcommand)]
enum Sla {
    /// Derive clocks from events: JSON lines in, how the clocks stand after each event out.
    ///
    /// In: {"id","calendar","targets":{"first_response","next_response","resolution"},"pauses",
    /// "reopen","events":[{"at","type",…}]}; targets in business minutes, a missing one means no
    /// clock; "pauses" lists the clocks that pending stops (["resolution"] without it), "reopen" is
    /// "continue" or "restart". Events: created (by_customer, state), agent_reply, customer_reply,
    /// pending, resumed, priority_changed (targets, or sla_matches: false), resolved, reopened,
    /// closed. A line may also have "retarget_grace", business minutes, and "reopen_target_percent".
    /// Out: {"id","steps":[{"after_event","clocks":{…:{"state","due","elapsed_seconds","breached"}}}]}
    /// or {"id","error":{"code","detail"}}; a bad line does not stop the others.
    #[command(
        after_help = "Example:\n  redress sla replay orders.jsonl\n  echo '{\"id\":1,\"calendar\":\"24x7\",\"targets\":{\"resolution\":60},\"events\":[{\"at\":\"2026-11-27T09:00:00+08:00\",\"type\":\"created\"}]}' | redress sla replay"
    )]
    Replay {
        /// The lines; standard input without it, or with `-`.
        file: Option<PathBuf>,
    },
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Sla::Replay { file } = &arguments.command;
    let mut calendars = Calendars::default();
    lines::run(file.as_deref(), |fields| replay(&mut calendars, fields).map(|steps| ("steps", steps)))
}

/// Every step of a line.
fn replay(calendars: &mut Calendars, fields: &Map<String, Value>) -> Result<Value, Refusal> {
    allow(fields, &LINE_KEYS, "", "a line may have")?;
    let calendar = calendars.compiled(required(fields, "calendar")?)?;
    let targets = targets(required(fields, "targets")?, "/targets")?;
    let mut case = Case::new(policy(fields)?, calendar, &targets);
    let events = required(fields, "events")?.as_array();
    let events = events.ok_or_else(|| Refusal::new("malformed_events", "/events", "write a list of events"))?;
    let mut steps = Vec::with_capacity(events.len());
    let mut last = None;
    for (place, event) in events.iter().enumerate() {
        let place = format!("/events/{place}");
        let Value::Object(event) = event else {
            return Err(Refusal::new("malformed_event", &place, "write an object"));
        };
        let event = Event::of(event, &place)?;
        if last.is_none() != matches!(event.what, What::Created { .. }) {
            return Err(Refusal::new(
                "misplaced_event",
                &format!("{place}/type"),
                "an order is created first, and once",
            ));
        }
        if last.is_some_and(|last| event.at < last) {
            return Err(Refusal::new(
                "out_of_order",
                &format!("{place}/at"),
                "is before the event before it: sort the events",
            ));
        }
        last = Some(event.at);
        case.take(&event, &targets).map_err(|error| Refusal::new(error.code, &place, error.detail))?;
        steps.push(json!({ "after_event": steps.len(), "clocks": case.clocks(event.at)? }));
    }
    Ok(json!(steps))
}

type Targets = BTreeMap<Metric, i64>;

/// Targets in business minutes, read as milliseconds.
fn targets(value: &Value, place: &str) -> Result<Targets, Refusal> {
    let malformed = || Refusal::new("malformed_targets", place, "write an object of business minutes by metric");
    let fields = value.as_object().ok_or_else(malformed)?;
    let read = |(name, minutes): (&String, &Value)| {
        let place = format!("{place}/{}", lines::escape(name));
        let metric = metric(name, &place)?;
        let time = measured(minutes, &place, 60_000)?;
        Ok((metric, i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    };
    fields.iter().filter(|(_, minutes)| !minutes.is_null()).map(read).collect()
}

fn metric(name: &str, place: &str) -> Result<Metric, Refusal> {
    let known = METRICS.into_iter().find(|metric| metric.word() == name);
    known.ok_or_else(|| Refusal::new("unknown_metric", place, "write first_response, next_response or resolution"))
}

/// The policy that a line stands for.
fn policy(fields: &Map<String, Value>) -> Result<SlaPolicy, Refusal> {
    let mode = match fields.get("reopen").map(|word| word.as_str()) {
        None | Some(Some("continue")) => ReopenMode::Continue,
        Some(Some("restart")) => ReopenMode::Restart,
        Some(_) => return Err(Refusal::new("malformed_reopen", "/reopen", "write \"continue\" or \"restart\"")),
    };
    let percent =
        fields.get("reopen_target_percent").map_or(Ok(Reopening::default().target_percent_after_breach), |value| {
            let percent = value.as_i64().filter(|percent| (1..=100).contains(percent));
            percent.ok_or_else(|| Refusal::new("malformed_percent", "/reopen_target_percent", "write 1 to 100"))
        })?;
    let grace = fields
        .get("retarget_grace")
        .map_or(Ok(0), |value| measured(value, "/retarget_grace", 60_000).map(|time| time.as_secs()))?;
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

fn pauses(value: &Value) -> Result<Vec<Metric>, Refusal> {
    let malformed = |place: &str| Refusal::new("malformed_pauses", place, "write a list of metrics");
    let names = value.as_array().ok_or_else(|| malformed("/pauses"))?;
    let read = |(place, name): (usize, &Value)| {
        let place = format!("/pauses/{place}");
        metric(name.as_str().ok_or_else(|| malformed(&place))?, &place)
    };
    names.iter().enumerate().map(read).collect()
}

/// One thing that happened.
struct Event {
    at: Timestamp,
    what: What,
}

enum What {
    Created { by_customer: bool, pending: bool },
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
    fn of(fields: &Map<String, Value>, place: &str) -> Result<Self, Refusal> {
        let (at, word) = (instant(fields, "at").map_err(|refusal| refusal.under(place))?, fields.get("type"));
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

    fn created(fields: &Map<String, Value>, place: &str) -> Result<What, Refusal> {
        let by_customer = fields.get("by_customer").map_or(Some(true), Value::as_bool);
        let by_customer = by_customer
            .ok_or_else(|| Refusal::new("malformed_event", &format!("{place}/by_customer"), "write true or false"))?;
        let pending = match fields.get("state").map(Value::as_str) {
            None | Some(Some("open" | "new")) => false,
            Some(Some("pending")) => true,
            Some(_) => {
                return Err(Refusal::new(
                    "malformed_event",
                    &format!("{place}/state"),
                    "write \"open\" or \"pending\"",
                ));
            }
        };
        Ok(What::Created { by_customer, pending })
    }

    fn retarget(fields: &Map<String, Value>, place: &str) -> Result<Option<Targets>, Refusal> {
        match (fields.get("targets"), fields.get("sla_matches").map(Value::as_bool)) {
            (None, Some(Some(false))) => Ok(None),
            (Some(value), None | Some(Some(true))) => targets(value, &format!("{place}/targets")).map(Some),
            _ => Err(Refusal::new("malformed_event", place, "give new targets, or sla_matches: false")),
        }
    }
}

fn unknown(place: &str) -> Refusal {
    let words =
        "created, agent_reply, customer_reply, pending, resumed, priority_changed, resolved, reopened or closed";
    Refusal::new("unknown_event", &format!("{place}/type"), format!("write {words}"))
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

    fn take(&mut self, event: &Event, targets: &Targets) -> Result<(), redress_domain::calendar::CalendarError> {
        let pending = self.status == Status::PendingCustomer;
        match &event.what {
            What::Created { by_customer, pending } => {
                self.clocks = Clocks::opened(*by_customer);
                self.retarget(event.at, Some(targets))?;
                if *pending { self.go(event.at, Status::PendingCustomer) } else { Ok(()) }
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
            What::Resolved | What::Closed if self.status.is_active() => {
                self.status = if matches!(event.what, What::Closed) { Status::Closed } else { Status::Resolved };
                self.step(event.at, |clocks, step| clocks.resolved(step))
            }
            What::Reopened if !self.status.is_active() => {
                (self.status, self.cycle) = (Status::Reopened, self.cycle + 1);
                self.step(event.at, |clocks, step| clocks.reopened(step))
            }
            What::Pending | What::Resumed | What::Resolved | What::Closed | What::Reopened => Ok(()),
        }
    }

    fn retarget(
        &mut self,
        at: Timestamp,
        targets: Option<&Targets>,
    ) -> Result<(), redress_domain::calendar::CalendarError> {
        self.told.extend(targets.iter().flat_map(|targets| targets.keys().cloned()));
        let agreement = targets.map(|targets| self.agreement(targets));
        self.step(at, |clocks, step| clocks.agree(step, agreement.as_ref(), at, None))
    }

    fn go(&mut self, at: Timestamp, to: Status) -> Result<(), redress_domain::calendar::CalendarError> {
        self.status = to;
        self.step(at, |clocks, step| clocks.moved(step))
    }

    fn step<T>(&mut self, at: Timestamp, act: impl FnOnce(&mut Clocks, Step<'_>) -> T) -> T {
        let step = Step { at, cause: "", status: self.status, cycle: self.cycle, book: &self.book };
        act(&mut self.clocks, step)
    }

    /// How every clock that was ever promised stands at `now`.
    fn clocks(&self, now: Timestamp) -> Result<Value, Refusal> {
        let mut clocks = Map::new();
        for metric in METRICS.into_iter().filter(|metric| self.told.contains(metric)) {
            let stands = match self.clocks.latest(&metric) {
                None => json!({"state": ClockState::Idle, "due": null, "elapsed_seconds": 0, "breached": false}),
                Some(clock) => {
                    let calendar =
                        self.book.time_of(clock).map_err(|error| Refusal::new(error.code, "", error.detail))?;
                    json!({
                        "state": clock.state(now),
                        "due": clock.due_at,
                        "elapsed_seconds": Seconds::of(clock.consumed(calendar, now)),
                        "breached": clock.is_breached(now),
                    })
                }
            };
            clocks.insert(metric.word().into_owned(), stands);
        }
        Ok(clocks.into())
    }
}
