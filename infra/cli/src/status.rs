//! `redress status`: what runs, and what waits.

use crate::{Failure, outbox, seed, state_dir, terminal};
use redress_local::Injected;
use redress_service::readiness::oldest_due;
use serde_json::json;

/// What `status` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// Show the newest mails and text messages instead, with no address whole.
    #[arg(long)]
    outbox: bool,
}

/// Runs it. Exit 1 if nothing runs.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let state_dir = state_dir()?;
    let stopped = || Failure::Short("nothing runs; `redress up` starts it".to_owned());
    let cloud = redress_local::running(&state_dir).ok_or_else(stopped)?;
    if arguments.outbox {
        return outbox::list(&cloud, arguments.json);
    }
    let queues = redress_local::queues(&cloud)?;
    let faults = redress_local::injected(&cloud)?;
    let due = seed::wait(async { oldest_due(&seed::world(&cloud).await).await })??;
    let late = due.map(|at| redress_aws::clock::now().duration_since(at).as_secs().max(0));
    if arguments.json {
        let queues: Vec<_> = queues
            .iter()
            .map(|q| json!({"name": q.name, "waiting": q.waiting, "in_flight": q.in_flight, "dead_letters": q.dead_letters}))
            .collect();
        let faults = faults.map(
            |done| json!({"url": cloud.faults_url, "rules": done.rules, "calls": done.calls, "faults": done.faults}),
        );
        let line = json!({"url": cloud.url, "queues": queues, "oldest_due_at": due, "oldest_due_seconds": late, "faults": faults});
        terminal::say(&line.to_string());
        return Ok(());
    }
    terminal::say(&format!("Running at {}\n", cloud.url));
    terminal::say("queue            waiting  in flight  dead letters");
    for q in queues {
        terminal::say(&format!("{:<16} {:>7}  {:>9}  {:>12}", q.name, q.waiting, q.in_flight, q.dead_letters));
    }
    terminal::say(&match (due, late) {
        (Some(at), Some(0)) => format!("\nNothing is overdue; the next look is at {at}"),
        (Some(at), Some(late)) => format!("\nThe oldest due item has waited {late} s, since {at}"),
        _ => "\nNothing is open".to_owned(),
    });
    if let (Some(url), Some(done)) = (&cloud.faults_url, faults) {
        let Injected { calls, faults, rules } = done;
        terminal::say(&format!("\nFaults: {faults} in {calls} AWS calls so far, by {rules} rules at {url}"));
    }
    Ok(())
}
