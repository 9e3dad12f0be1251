//! `redress send`: a file of feedback, posted so that it may be stopped and started again.

mod report;
mod rows;

use crate::client::Client;
use crate::{Failure, seed, terminal};
use jiff::Timestamp;
use report::Report;
use rows::Row;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What `send` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// JSON lines (bodies of POST /v1/feedback) or, ending in .csv, a table with a header.
    file: PathBuf,
    /// Which column fills which field: FIELD=COLUMN, a field of an object with a dot (customer.ref=客户).
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// A field that is the same for every row: FIELD=VALUE.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// Where to; the local cloud if absent.
    #[arg(long)]
    url: Option<String>,
    /// An integrator's key; the local cloud's if absent.
    #[arg(long)]
    key: Option<String>,
    /// How many are sent side by side.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
    /// Don't wait until each has found its agent.
    #[arg(long)]
    no_wait: bool,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// How long an accepted feedback may take to find its agent before the report says that it waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs it. Exit 1 if anything was refused.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rows = rows::read(&arguments.file, &arguments.map, &arguments.set)?;
    let client = Client::of(arguments.url.as_deref(), arguments.key.as_deref(), |keys| &keys.integrator)?;
    let report = post(&client, &rows, usize::from(arguments.parallel), !arguments.no_wait)?;
    let text = if arguments.json { report.json() } else { report.text() };
    terminal::say(&text);
    let refused = report.refused();
    if refused > 0 { Err(Failure::Short(format!("{refused} of {} were refused", rows.len()))) } else { Ok(()) }
}

/// Sends the demonstration's feedback; what was sent before is not sent twice. Where the shop is
/// `fresh`, waits for the agents and says how it went.
pub(crate) fn demonstration(client: &Client, fresh: bool) -> Result<(), Failure> {
    let report = post(client, &rows::lines(seed::FEEDBACK)?, 4, fresh)?;
    if fresh {
        terminal::complain(&report.text());
    }
    if report.refused() > 0 {
        Err(Failure::Short("the demonstration's feedback was refused".to_owned()))
    } else {
        Ok(())
    }
}

/// An accepted feedback that has not been seen to have its agent.
struct Waiting {
    id: String,
    accepted: Instant,
    look_at: Instant,
}

/// How soon the first look is; each later one waits twice as long, so that looking is no load.
const FIRST_LOOK: Duration = Duration::from_millis(500);

/// What is shared by those who post and those who wait for agents.
struct Run<'a> {
    client: &'a Client,
    rows: &'a [Row],
    next: AtomicUsize,
    posted: AtomicBool,
    waiting: Mutex<Vec<Waiting>>,
    report: Mutex<Report>,
}

/// Posts every row, `parallel` side by side, and watches each until it has its agent.
fn post(client: &Client, rows: &[Row], parallel: usize, wait: bool) -> Result<Report, Failure> {
    let run = Run {
        client,
        rows,
        next: AtomicUsize::new(0),
        posted: AtomicBool::new(false),
        waiting: Mutex::default(),
        report: Mutex::new(Report::new(rows.len())),
    };
    let bar = terminal::bar(rows.len() as u64);
    bar.set_message("sent");
    std::thread::scope(|scope| {
        let watcher = wait.then(|| scope.spawn(|| run.watch()));
        let posters: Vec<_> = (0..parallel).map(|_| scope.spawn(|| run.post(&bar))).collect();
        let done = posters.into_iter().all(|poster| poster.join().is_ok());
        run.posted.store(true, Ordering::Release);
        done && watcher.is_none_or(|watcher| watcher.join().is_ok())
    });
    bar.finish_and_clear();
    run.report.into_inner().map_err(|_| Failure::Short("a sender has panicked".to_owned()))
}

impl Run<'_> {
    fn note(&self, note: impl FnOnce(&mut Report)) {
        note(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn post(&self, bar: &indicatif::ProgressBar) {
        while let Some(row) = self.rows.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let begun = Instant::now();
            match self.client.post("/v1/feedback", &row.idempotency_key(), &row.body) {
                Ok(answer) if answer.status == 202 => {
                    let accepted = Instant::now();
                    self.note(|report| report.accepted(accepted - begun, answer.replayed));
                    if let Some(id) = answer.body["id"].as_str() {
                        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                        waiting.push(Waiting { id: id.to_owned(), accepted, look_at: accepted + FIRST_LOOK });
                    }
                }
                Ok(answer) => self.note(|report| report.refuse(row.line, answer.status, &answer.body)),
                Err(error) => self.note(|report| report.unanswered(row.line, &error)),
            }
            bar.inc(1);
        }
    }

    /// Looks at what was accepted, now and then, until each has its agent or patience ends.
    fn watch(&self) {
        loop {
            let last = self.posted.load(Ordering::Acquire);
            let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if waiting.is_empty() && last {
                return;
            }
            let mut still: Vec<_> = waiting.into_iter().filter_map(|one| self.look(one)).collect();
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).append(&mut still);
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Looks at one if it is time; gives it back if it must be looked at again.
    fn look(&self, one: Waiting) -> Option<Waiting> {
        let (now, waited) = (Instant::now(), one.accepted.elapsed());
        if one.look_at > now {
            return Some(one);
        }
        let answer = self.client.get(&format!("/v1/feedback/{}", one.id)).ok();
        if let Some(took) = answer.and_then(|answer| dispatch(&answer.body)) {
            self.note(|report| report.assigned(took));
            return None;
        }
        if waited > PATIENCE {
            self.note(Report::waits);
            return None;
        }
        Some(Waiting { look_at: now + waited.max(FIRST_LOOK), ..one })
    }
}

/// From received to assigned, by the clock of those who did it.
fn dispatch(feedback: &Value) -> Option<Duration> {
    let at = |field: &str| feedback[field].as_str()?.parse::<Timestamp>().ok();
    Duration::try_from(at("assigned_at")?.duration_since(at("received_at")?)).ok()
}
