//! `redress load`: a steady load, and what it meets.

mod ceiling;

use crate::client::{Answer, Client};
use crate::send::report::{figures, times};
use crate::send::rows::{self, Row};
use crate::watch::Watch;
use crate::{Failure, seed, state_dir, terminal};
use ceiling::Ceiling;
use redress_local::Cloud;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What `load` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to; the local cloud if absent.
    #[arg(long)]
    url: Option<String>,
    /// An integrator's key; the local cloud's if absent.
    #[arg(long)]
    key: Option<String>,
    /// So many feedbacks a second: above 0, at most 1000.
    #[arg(long, value_parser = rate)]
    rate: f64,
    /// For so long.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// What is sent, in turn and over again: JSON lines or a .csv as `redress send` reads them; the
    /// demonstration's feedback if absent.
    #[arg(long, value_name = "FILE")]
    mix: Option<PathBuf>,
    /// Measure beside it what the local cloud's emulator can do by itself: 12 seconds more.
    #[arg(long, conflicts_with = "url")]
    ceiling: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| *rate > 0.0 && *rate <= 1000.0);
    rate.ok_or_else(|| "write a number above 0 and at most 1000".to_owned())
}

/// As many may be under way at once as come in so many seconds.
const UNDER_WAY: f64 = 5.0;

/// Whatever is sent later than this after its instant was held up here, and not there.
const LATE: Duration = Duration::from_millis(100);

/// What the load met.
#[derive(Debug, Default)]
struct Met {
    accepted: Vec<Duration>,
    errors: BTreeMap<String, usize>,
    assigned: Vec<Duration>,
    waiting: usize,
    late: usize,
    /// From the first to the last that was sent, and answered.
    lasted: Duration,
    ceiling: Option<Ceiling>,
}

/// Runs it. Exit 1 if anything was not accepted.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rows = match &arguments.mix {
        Some(file) => rows::read(file, &[], &[])?,
        None => rows::lines(seed::FEEDBACK)?,
    };
    if rows.is_empty() {
        return Err(Failure::Usage("the mix is empty; give a file with one feedback or more".to_owned()));
    }
    let client = Client::of(arguments.url.as_deref(), arguments.key.as_deref(), |keys| &keys.integrator)?;
    let cloud = arguments.ceiling.then(emulator).transpose()?;
    let mut met = put_on(&client, &rows, arguments)?;
    if let Some(cloud) = cloud {
        met.ceiling = Some(ceiling::measure(&cloud, &client, met.at_once())?);
    }
    terminal::say(&if arguments.json { met.json(arguments) } else { met.text(arguments) });
    let failed: usize = met.errors.values().sum();
    if failed > 0 { Err(Failure::Short(format!("{failed} were not accepted"))) } else { Ok(()) }
}

/// The local cloud, whose emulator is to be measured.
fn emulator() -> Result<Cloud, Failure> {
    let stopped = || Failure::Usage("--ceiling measures the local cloud, and none runs; `redress up`".to_owned());
    redress_local::running(&state_dir()?).ok_or_else(stopped)
}

/// What is shared by all who send.
struct Load<'a> {
    client: &'a Client,
    rows: &'a [Row],
    rate: f64,
    wished: usize,
    /// Tells this run's keys from those of any other.
    name: String,
    begun: Instant,
    next: AtomicUsize,
    watch: Watch<'a>,
    met: Mutex<Met>,
}

/// How many are sent in all: one at least.
fn wished(arguments: &Arguments) -> usize {
    ((arguments.rate * f64::from(arguments.seconds)).round() as usize).max(1)
}

fn put_on(client: &Client, rows: &[Row], arguments: &Arguments) -> Result<Met, Failure> {
    let load = Load {
        client,
        rows,
        rate: arguments.rate,
        wished: wished(arguments),
        name: redress_aws::clock::nonce().iter().map(|byte| format!("{byte:02x}")).collect(),
        begun: Instant::now(),
        next: AtomicUsize::new(0),
        watch: Watch::new(client),
        met: Mutex::default(),
    };
    let bar = terminal::bar(load.wished as u64);
    bar.set_message("sent");
    let senders = ((arguments.rate * UNDER_WAY).ceil() as usize).clamp(2, 256).min(load.wished);
    let done = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| load.watch());
        let senders: Vec<_> = (0..senders).map(|_| scope.spawn(|| load.send(&bar))).collect();
        let done = senders.into_iter().map(std::thread::ScopedJoinHandle::join).all(|sender| sender.is_ok());
        load.watch.complete();
        watcher.join().is_ok() && done
    });
    bar.finish_and_clear();
    let met = load.met.into_inner().unwrap_or_else(PoisonError::into_inner);
    if done { Ok(met) } else { Err(Failure::Short("a sender has panicked".to_owned())) }
}

impl Load<'_> {
    fn note(&self, note: impl FnOnce(&mut Met)) {
        note(&mut self.met.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Sends one after the other, each at its instant.
    fn send(&self, bar: &indicatif::ProgressBar) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.wished {
                return;
            }
            let at = self.begun + Duration::from_secs_f64(number as f64 / self.rate);
            while let Some(left) = at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                std::thread::park_timeout(left);
            }
            let late = at.elapsed() > LATE;
            let (key, body) = (format!("load-{}-{number}", self.name), body(&self.rows[number % self.rows.len()]));
            let answer = self.client.post_once("/v1/feedback", &key, &body);
            let took = at.elapsed();
            self.note(|met| {
                met.lasted = met.lasted.max(self.begun.elapsed());
                met.late += usize::from(late);
                match answer {
                    Ok(Answer { status: 202, body, .. }) => {
                        met.accepted.push(took);
                        self.watch.add(body["id"].as_str().unwrap_or_default());
                    }
                    refused => *met.errors.entry(why(refused)).or_default() += 1,
                }
            });
            bar.inc(1);
        }
    }

    fn watch(&self) {
        self.watch.run(|took| {
            self.note(|met| match took {
                Some(took) => met.assigned.push(took),
                None => met.waiting += 1,
            });
        });
    }
}

/// What is said in a row, as if for the first time: without the id of its source, by which it would be
/// known.
fn body(row: &Row) -> Value {
    let mut body = row.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("source_message_id");
    }
    body
}

/// Why one was not accepted, in few words, so that equal ones are counted together.
fn why(refused: Result<Answer, String>) -> String {
    match refused {
        Ok(answer) => format!("{} {}", answer.status, answer.body["code"].as_str().unwrap_or("not of ours")),
        Err(error) => format!("no answer: {error}"),
    }
}

impl Met {
    /// How long each 202 took, and how many came a second.
    fn pace(&self) -> (&[Duration], f64) {
        (&self.accepted, self.accepted.len() as f64 / self.lasted.as_secs_f64().max(f64::EPSILON))
    }

    /// How many were under way at once, on average and rounded up; 1 to 64.
    ///
    /// # Source
    /// Little's law: how many come a second, times how long each stays.
    fn at_once(&self) -> usize {
        let busy: Duration = self.accepted.iter().sum();
        ((busy.as_secs_f64() / self.lasted.as_secs_f64().max(f64::EPSILON)).ceil() as usize).clamp(1, 64)
    }

    /// For a person.
    fn text(&self, arguments: &Arguments) -> String {
        let failed: usize = self.errors.values().sum();
        let head = format!(
            "{} at {} a second: {} accepted, {failed} not",
            wished(arguments),
            arguments.rate,
            self.accepted.len()
        );
        let mut lines = vec![head];
        if !self.accepted.is_empty() {
            lines.push(format!("202 after      {}", times(&self.accepted)));
        }
        if !self.assigned.is_empty() {
            lines.push(format!("agent after    {}   (from received to assigned)", times(&self.assigned)));
        }
        lines.extend(self.errors.iter().map(|(why, many)| format!("{many:>7}  {why}")));
        if self.waiting > 0 {
            lines.push(format!("{:>7}  still wait for an agent", self.waiting));
        }
        if self.late > 0 {
            lines.push(format!("{:>7}  were sent late: this machine, or too many under way, held them up", self.late));
        }
        lines.extend(self.ceiling.as_ref().map(|ceiling| ceiling.text(self.pace())));
        lines.join("\n")
    }

    /// For a program.
    fn json(&self, arguments: &Arguments) -> String {
        let of = |times: &[Duration]| (!times.is_empty()).then(|| figures(times));
        json!({
            "rate": arguments.rate,
            "requests": wished(arguments),
            "accepted": self.accepted.len(),
            "accepted_ms": of(&self.accepted),
            "errors": self.errors,
            "assigned": self.assigned.len(),
            "assigned_ms": of(&self.assigned),
            "waiting": self.waiting,
            "late": self.late,
            "ceiling": self.ceiling.as_ref().map(|ceiling| ceiling.json(self.pace())),
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cli, Command};
    use clap::Parser;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        match Cli::try_parse_from(["redress", "load"].iter().chain(arguments))?.command {
            Command::Load(arguments) => Ok(arguments),
            _ => unreachable!("load was asked for"),
        }
    }

    #[test]
    fn a_rate_is_above_nothing_and_a_time_a_second_or_more() {
        assert_eq!(wished(&parse(&["--rate", "2.5", "--seconds", "4"]).unwrap()), 10);
        assert_eq!(wished(&parse(&["--rate", "0.01", "--seconds", "1"]).unwrap()), 1);
        let wrong: [&[&str]; 7] = [
            &["--rate", "0", "--seconds", "4"],
            &["--rate", "-1", "--seconds", "4"],
            &["--rate", "NaN", "--seconds", "4"],
            &["--rate", "1001", "--seconds", "4"],
            &["--rate", "1", "--seconds", "0"],
            &["--rate", "1"],
            &["--seconds", "1"],
        ];
        for arguments in wrong {
            assert_eq!(parse(arguments).err().unwrap().exit_code(), 2, "{arguments:?}");
        }
    }

    #[test]
    fn a_row_that_is_sent_again_is_not_known_by_its_source() {
        let row = Row { line: 1, body: json!({"message": "坏了 broken", "source_message_id": "m-1"}) };
        assert_eq!(body(&row), json!({"message": "坏了 broken"}));
    }

    #[test]
    fn as_many_are_at_once_as_their_time_fills() {
        let met = |ms, many, seconds| Met {
            accepted: vec![Duration::from_millis(ms); many],
            lasted: Duration::from_secs(seconds),
            ..Met::default()
        };
        assert_eq!(met(20, 100, 20).at_once(), 1);
        assert_eq!(met(500, 100, 20).at_once(), 3);
        assert_eq!(met(8_000, 800, 20).at_once(), 64);
        assert_eq!(Met::default().at_once(), 1);
        assert_eq!(met(20, 100, 20).pace().1, 5.0);
    }

    #[test]
    fn only_the_local_cloud_has_a_ceiling_to_measure() {
        let asked = ["--rate", "1", "--seconds", "1", "--ceiling", "--url", "https://x.example.com"];
        assert_eq!(parse(&asked).err().unwrap().exit_code(), 2);
    }

    #[test]
    fn what_was_met_is_told_with_what_held_it_up() {
        let errors = [("503 unavailable".to_owned(), 2)].into();
        let (accepted, assigned) = (vec![Duration::from_millis(30)], vec![Duration::from_millis(900)]);
        let met = Met { accepted, errors, assigned, waiting: 1, late: 3, ..Met::default() };
        let arguments = parse(&["--rate", "1", "--seconds", "3"]).unwrap();
        let text = met.text(&arguments);
        for part in [
            "3 at 1 a second: 1 accepted, 2 not",
            "p99 30 ms",
            "p50 900 ms",
            "2  503 unavailable",
            "1  still wait",
            "3  were sent late",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!Met::default().text(&arguments).contains("202 after"));
        let line: Value = serde_json::from_str(&met.json(&arguments)).unwrap();
        assert_eq!((&line["errors"], &line["assigned_ms"]["p99"]), (&json!({"503 unavailable": 2}), &json!(900)));
    }
}
