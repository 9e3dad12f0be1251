//! Who was accepted is looked at, now and then, until it has its agent.

use crate::client::Client;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an accepted feedback may take to find its agent before it counts as waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// How soon the first look is; each later one waits twice as long, so that looking is no load.
const FIRST_LOOK: Duration = Duration::from_millis(500);

/// An accepted feedback that has not been seen to have its agent.
struct Waiting {
    id: String,
    accepted: Instant,
    look_at: Instant,
}

/// Those that are looked at.
pub(crate) struct Watch<'a> {
    client: &'a Client,
    complete: AtomicBool,
    waiting: Mutex<Vec<Waiting>>,
}

impl<'a> Watch<'a> {
    /// Nobody yet; looked at through `client`.
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client, complete: AtomicBool::new(false), waiting: Mutex::default() }
    }

    /// One more, which was accepted just now.
    pub(crate) fn add(&self, id: &str) {
        let accepted = Instant::now();
        self.locked().push(Waiting { id: id.to_owned(), accepted, look_at: accepted + FIRST_LOOK });
    }

    /// No more will come.
    pub(crate) fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Looks until no more will come and each has its agent, or patience ends; `found` is told how long
    /// each took from received to assigned, and nothing of one that waits on.
    pub(crate) fn run(&self, found: impl Fn(Option<Duration>)) {
        loop {
            let last = self.complete.load(Ordering::Acquire);
            let waiting = std::mem::take(&mut *self.locked());
            if waiting.is_empty() && last {
                return;
            }
            let mut still: Vec<_> = waiting.into_iter().filter_map(|one| self.look(one, &found)).collect();
            self.locked().append(&mut still);
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Looks at one if it is time; gives it back if it must be looked at again.
    fn look(&self, one: Waiting, found: impl Fn(Option<Duration>)) -> Option<Waiting> {
        let (now, waited) = (Instant::now(), one.accepted.elapsed());
        if one.look_at > now {
            return Some(one);
        }
        let answer = self.client.get(&format!("/v1/feedback/{}", one.id)).ok();
        let took = answer.and_then(|answer| dispatch(&answer.body));
        if took.is_some() || waited > PATIENCE {
            found(took);
            return None;
        }
        Some(Waiting { look_at: now + waited.max(FIRST_LOOK), ..one })
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From received to assigned, by the clock of those who did it.
fn dispatch(feedback: &Value) -> Option<Duration> {
    let at = |field: &str| feedback[field].as_str()?.parse::<Timestamp>().ok();
    Duration::try_from(at("assigned_at")?.duration_since(at("received_at")?)).ok()
}
