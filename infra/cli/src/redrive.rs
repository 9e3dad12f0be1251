//! `redress redrive`: what rests in a queue's dead letters goes back into the queue.

use crate::{Failure, seed, state_dir, terminal};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use redress_aws::config::{sdk, sdk_at};
use redress_aws::queue::{Redrive, Tally};
use redress_domain::event::QueueName;
use redress_service::Fault;
use serde_json::{Value, json};

/// What `redrive` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whose dead letters.
    #[arg(value_parser = PossibleValuesParser::new(QueueName::ALL.map(QueueName::as_str)).map(|name| named(&name)))]
    queue: QueueName,
    /// No more than so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only look: how many rest, and why.
    #[arg(long)]
    dry_run: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// A deployed stack, reached by the usual AWS configuration; the local cloud if absent.
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
}

/// The queue of that name.
fn named(name: &str) -> QueueName {
    let of_that_name = QueueName::ALL.into_iter().find(|queue| queue.as_str() == name);
    of_that_name.expect("only names of queues are let through")
}

/// Runs it. Exit 1 if not all could be put back: what it says then has been put back.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut tally = Tally::default();
    let done = seed::wait(drive(arguments, &mut tally))?;
    if done.is_ok() || tally != Tally::default() {
        terminal::say(&told(arguments, &tally));
    }
    done
}

async fn drive(arguments: &Arguments, tally: &mut Tally) -> Result<(), Failure> {
    let mut redrive = redrive(arguments).await?;
    let limit = arguments.limit.map_or(usize::MAX, |limit| limit as usize);
    let spinner = terminal::spinner();
    let done = loop {
        spinner.set_message(format!("{}: {} so far", arguments.queue.as_str(), tally.messages()));
        let more =
            if arguments.dry_run { redrive.look(limit, tally).await } else { redrive.put_back(limit, tally).await };
        match more {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(Fault::from(error)),
        }
    };
    redrive.let_go().await;
    spinner.finish_and_clear();
    done.map_err(|fault| Failure::Short(format!("{fault}; what is not back rests on: run it again")))
}

async fn redrive(arguments: &Arguments) -> Result<Redrive, Failure> {
    let (queue, now) = (arguments.queue, redress_aws::clock::now());
    if let Some(stack) = &arguments.stack {
        let found = Redrive::of_stack(&sdk().await, queue, stack, now).await;
        let mend = "look at --stack, and at the region and the credentials of your AWS configuration";
        return found.map_err(|error| Failure::Short(format!("{error}; {mend}")));
    }
    let stopped = || Failure::Usage("nothing runs here; give --stack, or start it with `redress up`".to_owned());
    let cloud = redress_local::running(&state_dir()?).ok_or_else(stopped)?;
    let sdk = sdk_at(&seed::at(&cloud)).await;
    Ok(Redrive::deployed(&sdk, queue, |name| cloud.outputs.get(name).cloned(), now).map_err(Fault::from)?)
}

/// The result: a line of JSON, or lines for a person.
fn told(arguments: &Arguments, tally: &Tally) -> String {
    let queue = arguments.queue.as_str();
    if arguments.json {
        let reasons: Vec<Value> = by_count(tally)
            .into_iter()
            .map(|(reason, messages)| json!({"reason": reason, "messages": messages}))
            .collect();
        let line = json!({"queue": queue, "dry_run": arguments.dry_run, "messages": tally.messages(), "reasons": reasons, "left": tally.left});
        return line.to_string();
    }
    let did = if arguments.dry_run { "dead letters rest" } else { "dead letters put back" };
    let mut lines = vec![format!("{queue}: {} {did}", tally.messages())];
    for (reason, messages) in by_count(tally) {
        lines.push(format!("{messages:>7}  {}", reason.unwrap_or("failed five times: see the log of the function")));
    }
    if tally.left > 0 {
        lines.push(format!("{:>7}  laid aside meanwhile, and left where they are: mend the cause first", tally.left));
    }
    lines.join("\n")
}

/// Why they rested, the most frequent reason first.
fn by_count(tally: &Tally) -> Vec<(Option<&str>, usize)> {
    let mut reasons: Vec<_> = tally.by_reason.iter().map(|(reason, messages)| (reason.as_deref(), *messages)).collect();
    reasons.sort_by_key(|(_, messages)| std::cmp::Reverse(*messages));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cli, Command};
    use clap::Parser;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let cli = Cli::try_parse_from(["redress", "redrive"].iter().chain(arguments))?;
        match cli.command {
            Command::Redrive(arguments) => Ok(arguments),
            _ => unreachable!("redrive was asked for"),
        }
    }

    #[test]
    fn every_queue_is_known_by_its_name() {
        for queue in QueueName::ALL {
            assert_eq!(parse(&[queue.as_str()]).unwrap().queue, queue);
        }
    }

    #[test]
    fn a_queue_that_there_is_not_is_wrong_use_and_told_which_there_are() {
        for nobody in ["nobody", "Classification", "followup", "分派", ""] {
            let refused = parse(&[nobody]).err().unwrap();
            assert_eq!(refused.exit_code(), 2, "{nobody}");
            let text = refused.to_string();
            assert!(QueueName::ALL.iter().all(|queue| text.contains(queue.as_str())), "{text}");
        }
        assert_eq!(parse(&[]).err().unwrap().exit_code(), 2);
    }

    #[test]
    fn a_limit_is_one_or_more() {
        assert_eq!(parse(&["delivery", "--limit", "3"]).unwrap().limit, Some(3));
        for wrong in ["0", "-1", "many", "1.5"] {
            assert_eq!(parse(&["delivery", "--limit", wrong]).err().unwrap().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn how_many_rested_is_told_by_reason_the_most_frequent_first() {
        let tally = Tally { by_reason: [(None, 1), (Some("not found".to_owned()), 2)].into(), left: 1 };
        let said = told(&parse(&["follow-up"]).unwrap(), &tally);
        let expected = "follow-up: 3 dead letters put back
      2  not found
      1  failed five times: see the log of the function
      1  laid aside meanwhile, and left where they are: mend the cause first";
        assert_eq!(said, expected);
        let line: Value =
            serde_json::from_str(&told(&parse(&["follow-up", "--dry-run", "--json"]).unwrap(), &tally)).unwrap();
        let reasons = json!([{"reason": "not found", "messages": 2}, {"reason": null, "messages": 1}]);
        assert_eq!(line, json!({"queue": "follow-up", "dry_run": true, "messages": 3, "reasons": reasons, "left": 1}));
    }
}
