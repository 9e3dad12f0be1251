//! What the local cloud's emulator can do by itself, measured beside a load. It is one process of
//! Python: none of this says anything of AWS.

use crate::client::Client;
use crate::send::report::{figures, times};
use crate::{Failure, seed};
use redress_aws::config::sdk_at;
use redress_aws::queue::Scratch;
use redress_local::Cloud;
use redress_service::ports::{Key, PortError, Record, World, Write};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// How long each part is measured.
const EACH: Duration = Duration::from_secs(3);

/// A path that no route is for: a function answers, and asks nobody.
const NOWHERE: &str = "/nowhere";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Written,
    Read,
    Sent,
    Answered,
}

impl Part {
    /// All of them, their words, and what each is.
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Written, "written", "a document written"),
        (Self::Read, "read", "a document read"),
        (Self::Sent, "sent", "a message sent"),
        (Self::Answered, "answered", "a request to a function that does nothing"),
    ];
}

/// What the emulator did.
#[derive(Debug)]
pub(crate) struct Ceiling {
    at_once: usize,
    /// How long each one took, by part, in the order of [`Part::ALL`].
    took: Vec<Vec<Duration>>,
}

/// Measures it with so many at once, 1 or more: each part for [`EACH`]. Leaves nothing behind.
pub(crate) fn measure(cloud: &Cloud, client: &Client, at_once: usize) -> Result<Ceiling, Failure> {
    let name: String = redress_aws::clock::nonce().iter().map(|byte| format!("{byte:02x}")).collect();
    let workers: Vec<_> = (0..at_once).map(|number| Worker { cloud, client, name: &name, number }).collect();
    let took = Part::ALL.iter().map(|(part, ..)| together(&workers, *part)).collect::<Result<_, _>>();
    let cleared = workers.iter().try_for_each(Worker::clear);
    let took = took?;
    cleared.map(|()| Ceiling { at_once, took })
}

/// Runs them side by side, and puts together what each took.
fn together(workers: &[Worker<'_>], part: Part) -> Result<Vec<Duration>, Failure> {
    std::thread::scope(|scope| {
        let running: Vec<_> = workers.iter().map(|worker| scope.spawn(move || worker.work(part))).collect();
        let panicked = |_| Err(Failure::Short("a worker has panicked".to_owned()));
        let done = running.into_iter().map(|worker| worker.join().unwrap_or_else(panicked));
        done.collect::<Result<Vec<_>, _>>().map(|took| took.concat())
    })
}

/// One of those who work side by side, each by connections, a document and a queue of its own.
struct Worker<'a> {
    cloud: &'a Cloud,
    client: &'a Client,
    /// Tells this measuring from any other.
    name: &'a str,
    number: usize,
}

impl Worker<'_> {
    /// Does one thing after the other until the time is over; answers with how long each took.
    fn work(&self, part: Part) -> Result<Vec<Duration>, Failure> {
        self.run(async |world, scratch| {
            let (begun, mut took) = (Instant::now(), Vec::new());
            while begun.elapsed() < EACH {
                let at = Instant::now();
                match part {
                    Part::Written => world.store.commit(&[self.document(took.len() as u64 + 1)]).await?,
                    Part::Read => drop(world.store.get(&self.key()).await?),
                    Part::Sent => scratch.send("{}").await?,
                    Part::Answered => self.ask()?,
                }
                took.push(at.elapsed());
            }
            Ok(took)
        })
    }

    /// Takes away what it left.
    fn clear(&self) -> Result<(), Failure> {
        self.run(async |world, scratch| {
            if let Some(record) = world.store.get(&self.key()).await? {
                world.store.commit(&[Write::Delete(record.key, record.version)]).await?;
            }
            scratch.remove().await
        })
    }

    /// Runs `work` on this thread; connections belong to the thread that made them.
    fn run<T>(&self, work: impl AsyncFnOnce(World, Scratch) -> Result<T, PortError>) -> Result<T, Failure> {
        let done = seed::wait(async {
            let queue = format!("ceiling-{}-{}", self.name, self.number);
            let scratch = Scratch::make(&sdk_at(&seed::at(self.cloud)).await, &queue).await?;
            work(seed::world(self.cloud).await, scratch).await
        });
        done?.map_err(|error| Failure::Short(format!("the emulator's own ceiling could not be measured: {error}")))
    }

    /// Where it writes: nobody else looks there.
    fn key(&self) -> Key {
        Key { partition: format!("ceiling#{}#{}", self.name, self.number), sort: "-".to_owned() }
    }

    fn document(&self, version: u64) -> Write {
        let (key, body) = (self.key(), json!({"ceiling": true}));
        Write::Put(Record { key, version, body, due_at: None, place: None, expires_at: None })
    }

    fn ask(&self) -> Result<(), PortError> {
        match self.client.get(NOWHERE) {
            Ok(answer) if answer.status == 404 => Ok(()),
            Ok(answer) => Err(PortError::Unavailable(format!("{NOWHERE} was answered {}", answer.status))),
            Err(error) => Err(PortError::Unavailable(error)),
        }
    }
}

impl Ceiling {
    fn parts(&self) -> impl Iterator<Item = ((Part, &'static str, &'static str), &Vec<Duration>)> {
        Part::ALL.into_iter().zip(&self.took)
    }

    /// How often a second the emulator did it.
    fn rate(took: &[Duration]) -> f64 {
        took.len() as f64 / EACH.as_secs_f64()
    }

    /// For a person; `accepted` is how long each 202 took, and how many came a second.
    pub(crate) fn text(&self, (accepted, a_second): (&[Duration], f64)) -> String {
        let mut lines = vec![format!(
            "The emulator alone, {} at once for {} s each (figures of the emulator, not of AWS):",
            self.at_once,
            EACH.as_secs()
        )];
        for ((_, _, what), took) in self.parts() {
            lines.push(format!("{:>7.0} a second  {what}   {}", Self::rate(took), times(took)));
        }
        let share = self.share(accepted, a_second).map(|(of_rate, of_time)| {
            format!(
                "Of its requests the load was {:.0} %; a 202 took {of_time:.1} times as long as one",
                of_rate * 100.0
            )
        });
        lines.extend(share);
        lines.join("\n")
    }

    /// For a program.
    pub(crate) fn json(&self, (accepted, a_second): (&[Duration], f64)) -> Value {
        let parts: Map<_, _> = self
            .parts()
            .map(|((_, word, _), took)| (word.to_owned(), json!({"a_second": Self::rate(took), "ms": figures(took)})))
            .collect();
        let share = self.share(accepted, a_second);
        json!({
            "figures_of": "the emulator, not AWS",
            "at_once": self.at_once,
            "seconds_each": EACH.as_secs(),
            "emulator": parts,
            "load_of_requests": share.map(|(of_rate, _)| of_rate),
            "accepted_of_request": share.map(|(_, of_time)| of_time),
        })
    }

    /// Which part of the requests that the emulator can answer the load was, and how many times as long
    /// the median 202 took as the median answer of a function that does nothing.
    fn share(&self, accepted: &[Duration], a_second: f64) -> Option<(f64, f64)> {
        let (_, nothing) = self.parts().find(|((part, ..), _)| *part == Part::Answered)?;
        let (ours, theirs) = (median(accepted)?, median(nothing)?);
        Some((a_second / Self::rate(nothing), ours.as_secs_f64() / theirs.as_secs_f64()))
    }
}

fn median(took: &[Duration]) -> Option<Duration> {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().filter(|median| !median.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ms: [u64; 4]) -> Ceiling {
        Ceiling { at_once: 2, took: ms.map(|ms| vec![Duration::from_millis(ms); 300]).to_vec() }
    }

    #[test]
    fn a_load_is_told_as_a_part_of_what_the_emulator_can_do() {
        let accepted = [Duration::from_millis(21); 3];
        let text = of([3, 2, 1, 7]).text((&accepted, 5.0));
        assert!(text.starts_with("The emulator alone, 2 at once for 3 s each (figures of the emulator, not of AWS)"));
        assert!(text.contains("100 a second  a document written   p50 3 ms"), "{text}");
        assert!(text.ends_with("the load was 5 %; a 202 took 3.0 times as long as one"), "{text}");
        let json = of([3, 2, 1, 7]).json((&accepted, 5.0));
        assert_eq!((&json["load_of_requests"], &json["accepted_of_request"]), (&json!(0.05), &json!(3.0)));
        assert_eq!(json["emulator"]["sent"]["ms"]["p50"], 1);
    }

    #[test]
    fn where_nothing_was_accepted_no_part_is_told() {
        assert!(!of([3, 2, 1, 7]).text((&[], 0.0)).contains("the load was"));
        assert_eq!(of([3, 2, 1, 7]).json((&[], 0.0))["load_of_requests"], Value::Null);
    }
}
