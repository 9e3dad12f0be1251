//! `redress send`: a file of feedback, posted so that it may be stopped and started again.

pub(crate) mod report;
pub(crate) mod rows;

use crate::client::Client;
use crate::watch::Watch;
use crate::{Failure, seed, terminal};
use report::Report;
use rows::Row;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

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

/// What is shared by those who post and those who wait for agents.
struct Run<'a> {
    client: &'a Client,
    rows: &'a [Row],
    next: AtomicUsize,
    watch: Watch<'a>,
    report: Mutex<Report>,
}

/// Posts every row, `parallel` side by side, and watches each until it has its agent.
fn post(client: &Client, rows: &[Row], parallel: usize, wait: bool) -> Result<Report, Failure> {
    let run = Run {
        client,
        rows,
        next: AtomicUsize::new(0),
        watch: Watch::new(client),
        report: Mutex::new(Report::new(rows.len())),
    };
    let bar = terminal::bar(rows.len() as u64);
    bar.set_message("sent");
    std::thread::scope(|scope| {
        let watcher = wait.then(|| scope.spawn(|| run.watch()));
        let posters: Vec<_> = (0..parallel).map(|_| scope.spawn(|| run.post(&bar))).collect();
        let done = posters.into_iter().all(|poster| poster.join().is_ok());
        run.watch.complete();
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
                        self.watch.add(id);
                    }
                }
                Ok(answer) => self.note(|report| report.refuse(row.line, answer.status, &answer.body)),
                Err(error) => self.note(|report| report.unanswered(row.line, &error)),
            }
            bar.inc(1);
        }
    }

    fn watch(&self) {
        self.watch.run(|took| {
            self.note(|report| match took {
                Some(took) => report.assigned(took),
                None => report.waits(),
            });
        });
    }
}
