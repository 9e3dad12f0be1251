//! `redress sla replay`: the clocks of an order from its facts alone, a line of JSON each way.

use crate::Failure;
use crate::lines::{self, Calendars, Refusal, required};
use redress_domain::sla::replay::replay;
use std::path::PathBuf;

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
    lines::run(file.as_deref(), |fields| {
        let calendar = calendars.compiled(required(fields, "calendar")?)?;
        let told = replay(calendar, fields).map_err(|error| Refusal::new(error.code, &error.pointer, error.detail));
        Ok(vec![("steps", told?)])
    })
}
