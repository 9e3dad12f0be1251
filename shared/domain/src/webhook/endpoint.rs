//! How the server behind a webhook has answered lately. One that lets us wait is left alone for a
//! while: whoever waits for it can do nothing for others meanwhile.

use crate::delivery::Outcome;
use crate::order::later;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// After as many calls in a row that got no answer it is left alone.
pub const PATIENCE: u32 = 3;

/// For how long. Then one call finds out whether it answers again, and the others wait for that one.
pub const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// What is remembered of it; nothing of one that answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Calls in a row that got no answer.
    unanswered: u32,
    /// Nobody calls it before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alone_until: Option<Timestamp>,
}

/// Whether it may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Open,
    /// By one caller, to find out; whoever keeps this first is the one.
    Probe(Endpoint),
    /// Not now.
    Closed,
}

impl Endpoint {
    /// Whether it may be called now.
    #[must_use]
    pub fn admits(&self, now: Timestamp) -> Admission {
        match self.alone_until {
            None => Admission::Open,
            Some(until) if now < until => Admission::Closed,
            Some(_) => Admission::Probe(Self { alone_until: Some(later(now, PAUSE)), ..*self }),
        }
    }

    /// What is remembered after a call that ended at `now`. Any answer, a refusal too, is one.
    #[must_use]
    pub fn after(&self, outcome: Outcome, now: Timestamp) -> Self {
        if !matches!(outcome, Outcome::TimedOut | Outcome::Unreachable) {
            return Self::default();
        }
        let unanswered = self.unanswered.saturating_add(1);
        Self { unanswered, alone_until: (unanswered >= PATIENCE).then(|| later(now, PAUSE)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn dead() -> Endpoint {
        (0..3).fold(Endpoint::default(), |endpoint, at| endpoint.after(Outcome::TimedOut, second(at)))
    }

    #[test]
    fn three_calls_without_an_answer_and_it_is_left_alone_for_half_a_minute() {
        let twice = Endpoint::default().after(Outcome::Unreachable, second(0)).after(Outcome::TimedOut, second(1));
        assert_eq!(twice.admits(second(1)), Admission::Open);
        assert_eq!(dead().admits(second(2)), Admission::Closed);
        assert_eq!(dead().admits(second(31)), Admission::Closed);
        assert!(matches!(dead().admits(second(32)), Admission::Probe(_)));
    }

    #[test]
    fn one_finds_out_while_the_others_wait() {
        let Admission::Probe(probed) = dead().admits(second(40)) else { panic!("closed") };
        assert_eq!(probed.admits(second(41)), Admission::Closed);
        let still_dead = probed.after(Outcome::TimedOut, second(55));
        assert_eq!(still_dead.admits(second(84)), Admission::Closed);
        assert_eq!(probed.after(Outcome::Taken, second(41)), Endpoint::default());
    }

    #[test]
    fn one_that_refuses_answers() {
        for outcome in [Outcome::Refused, Outcome::Rejected, Outcome::Gone, Outcome::Redirected, Outcome::Taken] {
            assert_eq!(dead().after(outcome, second(40)).admits(second(40)), Admission::Open, "{outcome:?}");
        }
    }
}
