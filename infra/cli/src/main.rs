//! The `redress` program: for newcomers, operators and checks.

mod bootstrap;
mod calendar;
mod classify;
mod client;
mod dataset;
mod doctor;
mod down;
mod evaluate;
mod keys;
mod labels;
mod lines;
mod load;
mod logs;
mod model;
mod outbox;
mod redrive;
mod replay;
mod seed;
mod send;
mod signature;
mod simulate;
mod stack;
mod status;
mod terminal;
mod train;
mod up;
mod watch;

use clap::{Parser, Subcommand};
use redress_local::LocalError;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulated runs are many small documents.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// After-sales service for online shops, in your own AWS account.
#[derive(Parser)]
#[command(name = "redress", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole system on this machine.
    ///
    /// Makes `.local/` on first use, builds the functions, deploys template.yaml itself to a local
    /// cloud, makes API keys and says what to try next. State survives `down` and `up`.
    #[command(
        after_help = "Example:\n  redress up --demo\n  redress up --detach --json --port 4600\n  redress up --faults rules.json"
    )]
    Up(up::Arguments),
    /// Stop it; its data stays unless --wipe.
    #[command(after_help = "Example:\n  redress down\n  redress down --wipe")]
    Down(down::Arguments),
    /// What runs: queue depths, oldest due item, dead letters; or what people were told by letter.
    #[command(after_help = "Example:\n  redress status\n  redress status --json\n  redress status --outbox")]
    Status(status::Arguments),
    /// What the functions log.
    #[command(after_help = "Example:\n  redress logs assignment\n  redress logs --follow")]
    Logs(logs::Arguments),
    /// Put a queue's dead letters back into it, and say why they rested.
    ///
    /// One after the other: sent, then deleted. If it is cut off, one may be sent twice, which does
    /// no harm; none is lost. What comes back while it is at work is left.
    #[command(
        after_help = "Example:\n  redress redrive assignment --dry-run\n  redress redrive assignment --limit 10\n  redress redrive assignment --stack redress"
    )]
    Redrive(redrive::Arguments),
    /// Is this stack fit to serve? Each finding with its place and its mend.
    ///
    /// Looks at the stack and its parts, how they are wired, alarms, clocks, and what each tenant needs:
    /// a valid admin's key, policies that hold, calendars that know the days to come, people who are
    /// there. Changes nothing. ok, warn, fail, or unknown where it could not be told; exit 1 if anything
    /// fails.
    #[command(
        after_help = "Example:\n  redress doctor\n  redress doctor --stack redress --json\n  redress doctor --stack redress --tenant tn_shop"
    )]
    Doctor(doctor::Arguments),
    /// The first key of a deployed stack: an admin's, with the shipped policies.
    ///
    /// Prints the key, this once. Where there is an admin's key already it makes none and exits 1,
    /// unless it is told to do so --again.
    #[command(after_help = "Example:\n  redress bootstrap --stack redress --tenant tn_shop")]
    Bootstrap(bootstrap::Arguments),
    /// Post a file of feedback; may be stopped and started again.
    #[command(
        after_help = "Example:\n  redress send feedback.jsonl\n  redress send export.csv --map message=内容 --map customer.ref=客户 --set channel=web"
    )]
    Send(send::Arguments),
    /// A steady load, and what it meets: times to the 202 and to the agent, and errors.
    ///
    /// Each feedback has its instant and is sent then, whether earlier ones have been answered or not;
    /// times count from that instant. None is tried again. All are real: they make orders.
    #[command(
        after_help = "Example:\n  redress load --rate 5 --seconds 60\n  redress load --url https://… --key rk_… --rate 50 --seconds 600 --mix feedback.jsonl"
    )]
    Load(load::Arguments),
    /// Business time by a calendar: JSON lines in, an answer to each out.
    ///
    /// In: {"id","calendar","op","start"} with "seconds" or "minutes" for the ops add and sub, "end"
    /// for between; the calendar is an object or "24x7", instants are RFC 3339 with any offset. Out:
    /// {"id","result"}, an instant or seconds, or {"id","error":{"code","detail"}}; a bad line does
    /// not stop the others.
    #[command(
        after_help = "Example:\n  redress calendar questions.jsonl\n  echo '{\"id\":1,\"calendar\":\"24x7\",\"op\":\"add\",\"start\":\"2026-11-27T09:00:00+08:00\",\"minutes\":30}' | redress calendar"
    )]
    Calendar(calendar::Arguments),
    /// Clocks of orders, from their facts alone.
    #[command(arg_required_else_help = true)]
    Sla(replay::Arguments),
    /// Signatures of webhooks: make them, or check them.
    #[command(arg_required_else_help = true)]
    Signature(signature::Arguments),
    /// The whole system in memory, on a virtual clock, with faults at every beat.
    ///
    /// Customers, agents and functions live through crashes, lost replies, late and repeated messages,
    /// two sweeps at once and outages; whatever must hold is checked after each write and when
    /// everything has ended. The first seed at which something does not hold is printed with the
    /// shortest story that shows it, and tells the same story byte for byte when it is given again.
    #[command(after_help = "Example:\n  redress simulate --runs 1000\n  redress simulate --seed 42 --runs 1 --story")]
    Simulate(simulate::Arguments),
    /// What a text says: category, sentiment, language, cues, what it names.
    ///
    /// In: {"id","text"}, a line each. Out: {"id","category","confidence","needs_review","top",
    /// "secondary","sentiment","sentiment_score","language","cues","evidence","entities","masked"},
    /// with offsets in characters, or {"id","error":{"code","detail"}}; a bad line does not stop
    /// the others. Confidence and scores are not probabilities of being right.
    #[command(
        after_help = "Example:\n  redress classify texts.jsonl\n  echo '{\"id\":1,\"text\":\"快递三天没到，充电器还冒烟\"}' | redress classify"
    )]
    Classify(classify::Arguments),
    /// How well a model reads rows whose labels are known, by source.
    ///
    /// Macro-F1, accuracy, confusion, calibration, what leaving texts to a person costs, what wrong
    /// priorities cost, and the time a text takes. Rows: {"text","category","sentiment","priority",
    /// "source","label_kind"}, all but the text may be left out.
    #[command(
        after_help = "Example:\n  redress evaluate labels.jsonl.gz\n  redress evaluate labels.csv --model own.model --json"
    )]
    Evaluate(evaluate::Arguments),
    /// Train a model on labelled rows: the same rows give the same bytes.
    #[command(
        after_help = "Example:\n  redress train --data train.jsonl.gz labels.jsonl --dev dev.jsonl.gz --out own.model"
    )]
    Train(train::Arguments),
    /// What agents corrected, as rows for `train`, a line each; the words are masked.
    #[command(after_help = "Example:\n  redress labels > labels.jsonl\n  redress labels --url https://… --key rk_…")]
    Labels(labels::Arguments),
    /// Publish or withdraw a shop's own model.
    #[command(arg_required_else_help = true)]
    Model(model::Arguments),
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// It was asked wrongly: exit 2.
    #[error("{0}")]
    Usage(String),
    /// It fell short: exit 1.
    #[error("{0}")]
    Short(String),
}

impl From<LocalError> for Failure {
    fn from(error: LocalError) -> Self {
        match error {
            LocalError::Rules { .. } | LocalError::RulesRefused { .. } => Self::Usage(error.to_string()),
            _ => Self::Short(error.to_string()),
        }
    }
}

impl From<redress_service::Fault> for Failure {
    fn from(fault: redress_service::Fault) -> Self {
        Self::Short(format!("{fault}; `redress status` shows what runs"))
    }
}

/// The checkout: where `template.yaml` is, here or above.
fn root() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::Short(error.to_string()))?;
    let found = here.ancestors().find(|folder| folder.join("template.yaml").is_file());
    let lost = || Failure::Usage("there is no template.yaml here or above; go into the Redress checkout".to_owned());
    found.map(PathBuf::from).ok_or_else(lost)
}

/// Where the local cloud keeps its state.
fn state_dir() -> Result<PathBuf, Failure> {
    Ok(root()?.join(".local"))
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Up(arguments) => up::run(&arguments),
        Command::Down(arguments) => down::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Logs(arguments) => logs::run(&arguments),
        Command::Redrive(arguments) => redrive::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Bootstrap(arguments) => bootstrap::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Load(arguments) => load::run(&arguments),
        Command::Calendar(arguments) => calendar::run(&arguments),
        Command::Sla(arguments) => replay::run(&arguments),
        Command::Signature(arguments) => signature::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Labels(arguments) => labels::run(&arguments),
        Command::Model(arguments) => model::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&format!("redress: {failure}"));
            ExitCode::from(if matches!(failure, Failure::Usage(_)) { 2 } else { 1 })
        }
    }
}
