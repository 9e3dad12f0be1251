//! `redress simulate`: the whole system in memory, on a virtual clock, with faults at every beat.

use crate::{Failure, terminal};
use redress_simulate::{Failing, Plant, Scale, Simulation, Tally};
use serde_json::{Value, json};
use std::time::Instant;

/// What `simulate` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The seed of the first run; each run after it has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many runs.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Customers who begin to say something in each run.
    #[arg(long, alias = "lifecycles", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    orders: u32,
    /// Days within which they begin.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Tell every line of the first run's story.
    #[arg(long)]
    story: bool,
    /// Measure what a lifecycle would cost, and which key takes most of what is written.
    #[arg(long)]
    meter: bool,
    /// Print one line of JSON.
    #[arg(long, conflicts_with = "story")]
    json: bool,
    /// Put a known bug into the world, to see whether it is found.
    #[arg(long, hide = true, default_value = "nothing", value_parser = planted)]
    plant: Plant,
}

fn planted(word: &str) -> Result<Plant, String> {
    let words: Vec<_> = Plant::WORDS.iter().map(|(_, word)| *word).collect();
    Plant::parse(word).ok_or_else(|| format!("one of {}", words.join(", ")))
}

/// Runs it. Exit 1 if something does not hold.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { seed, runs, orders, days, story, json, plant, meter: metered } = *arguments;
    let simulation = Simulation { seed, scale: Scale { orders, days }, plant, metered };
    if story {
        simulation.story(0).iter().for_each(|line| terminal::say(line));
    }
    let (mut tally, begun, bar) = (Tally::default(), Instant::now(), terminal::bar(runs));
    let failing = (0..runs).find_map(|number| {
        let failing = simulation.run(number, &mut tally);
        bar.inc(1);
        failing
    });
    bar.finish_and_clear();
    let seconds = begun.elapsed().as_secs_f64();
    if json {
        terminal::say(&as_json(&tally, failing.as_ref(), seconds, metered).to_string());
    } else {
        tell(&tally, failing.as_ref(), seconds, arguments);
    }
    match failing {
        None => Ok(()),
        Some(failing) => Err(Failure::Short(format!("seed {}: {}", failing.seed, failing.violation))),
    }
}

fn as_json(tally: &Tally, failing: Option<&Failing>, seconds: f64, metered: bool) -> Value {
    let faults: serde_json::Map<_, _> =
        tally.by_kind().map(|(kind, times)| (kind.as_str().to_owned(), json!(times))).collect();
    let meter = metered.then(|| tally.metered.figures(tally.lives));
    let meter = meter.map(|figures| figures.into_iter().map(|(name, figure)| (name.to_owned(), json!(figure))));
    let meter = meter.map(serde_json::Map::from_iter);
    let failing = failing.map(|failing| {
        json!({"seed": failing.seed, "violation": failing.violation, "shrunk": failing.shrunk,
            "faults": failing.left, "lives": failing.lives_left, "story": failing.story})
    });
    json!({"runs": tally.runs, "lifecycles": tally.lives, "feedbacks": tally.feedbacks, "orders": tally.orders,
        "deliveries": tally.deliveries, "messages": tally.events, "rested": tally.rested, "calls": tally.calls,
        "conflicts": tally.conflicts, "logged_bytes": tally.logged, "faults": faults, "seconds": seconds, "meter": meter, "played": tally.played,
        "failing": failing})
}

fn tell(tally: &Tally, failing: Option<&Failing>, seconds: f64, arguments: &Arguments) {
    let Some(failing) = failing else {
        tally.told(seconds).iter().for_each(|line| terminal::say(line));
        if arguments.meter {
            tally.metered.told(tally.lives).iter().for_each(|line| terminal::say(line));
        }
        terminal::say("every invariant held");
        return;
    };
    failing.told().iter().for_each(|line| terminal::say(line));
    let Arguments { orders, days, .. } = arguments;
    let plant = Plant::WORDS.iter().find(|(plant, _)| *plant == arguments.plant && *plant != Plant::Nothing);
    let plant = plant.map_or_else(String::new, |(_, word)| format!(" --plant {word}"));
    terminal::say(&format!(
        "Again: redress simulate --seed {} --runs 1 --orders {orders} --days {days}{plant}",
        failing.seed
    ));
}
