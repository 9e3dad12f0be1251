//! How the server behind a webhook has answered lately. Whoever waits for one that is silent can do
//! nothing for others meanwhile, so that one which may be silent is called by one caller at a time.

use crate::delivery::Outcome;
use crate::order::later;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// For how long an answer is trusted: whoever answered within that time is called by anybody.
const TRUST: SignedDuration = SignedDuration::from_mins(5);

/// How old what is remembered of an answer may be before it is written anew.
const FRESH: SignedDuration = SignedDuration::from_mins(1);

/// As long as a call may take, and some more: who called is dead if nothing was heard by then.
const CALL: SignedDuration = SignedDuration::from_secs(20);

/// How soon somebody looks again who waits for another's call, and at the latest.
const LOOK: [SignedDuration; 2] = [SignedDuration::from_secs(1), SignedDuration::from_secs(5)];

/// After as many calls in a row that got no answer it is left alone.
pub const PATIENCE: u32 = 3;

/// For how long.
pub const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// What is remembered of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// When it answered, about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    /// Somebody calls it since then, to find out whether it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_at: Option<Timestamp>,
    /// Calls in a row that got no answer.
    #[serde(default)]
    unanswered: u32,
    /// Nobody calls it before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alone_until: Option<Timestamp>,
}

/// Whether it may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// By anybody.
    Open,
    /// By one caller, to find out whether it answers: whoever keeps this first.
    Probe(Endpoint),
    /// Somebody is finding out; to be looked at again then.
    Busy(Timestamp),
    /// Not now: it was silent too often.
    LeftAlone,
}

impl Endpoint {
    /// Whether it may be called now.
    #[must_use]
    pub fn admits(&self, now: Timestamp) -> Admission {
        let within = |since: Option<Timestamp>, time| since.filter(|since| now < later(*since, time));
        if self.alone_until.is_some_and(|until| now < until) {
            return Admission::LeftAlone;
        }
        if within(self.answered_at, TRUST).is_some() {
            return Admission::Open;
        }
        match within(self.asked_at, CALL) {
            Some(since) => Admission::Busy(later(now, now.duration_since(since).clamp(LOOK[0], LOOK[1]))),
            None => Admission::Probe(Self { asked_at: Some(now), ..*self }),
        }
    }

    /// What is remembered after a call that ended at `now`; the same, if that is no news. Any answer is
    /// one, a refusal too.
    #[must_use]
    pub fn after(&self, outcome: Outcome, now: Timestamp) -> Self {
        if matches!(outcome, Outcome::TimedOut | Outcome::Unreachable) {
            let unanswered = self.unanswered.saturating_add(1);
            let alone_until = (unanswered >= PATIENCE).then(|| later(now, PAUSE));
            return Self { unanswered, alone_until, ..Self::default() };
        }
        let known = self.answered_at.is_some_and(|at| now < later(at, FRESH));
        if known { *self } else { Self { answered_at: Some(now), ..Self::default() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// What is remembered once whoever may call now has begun to.
    fn probed(endpoint: Endpoint, now: Timestamp) -> Endpoint {
        let Admission::Probe(probed) = endpoint.admits(now) else { panic!("{endpoint:?} at {now}") };
        probed
    }

    #[test]
    fn one_finds_out_whether_it_answers_and_then_everybody_calls() {
        let asked = probed(Endpoint::default(), second(0));
        assert_eq!(asked.admits(second(0)), Admission::Busy(second(1)));
        assert_eq!(asked.admits(second(4)), Admission::Busy(second(8)), "the longer it takes, the more rarely");
        assert_eq!(asked.admits(second(14)), Admission::Busy(second(19)));
        for outcome in [Outcome::Taken, Outcome::Refused, Outcome::Gone, Outcome::Redirected, Outcome::Rejected] {
            let answered = asked.after(outcome, second(2));
            assert_eq!(answered.admits(second(2)), Admission::Open, "{outcome:?}");
            assert_eq!(answered.admits(second(301)), Admission::Open, "{outcome:?}");
            assert!(matches!(answered.admits(second(302)), Admission::Probe(_)), "{outcome:?}");
        }
    }

    #[test]
    fn who_died_while_finding_out_holds_up_nobody_for_long() {
        let asked = probed(Endpoint::default(), second(0));
        assert!(matches!(asked.admits(second(19)), Admission::Busy(_)));
        assert!(matches!(asked.admits(second(20)), Admission::Probe(_)));
    }

    #[test]
    fn three_calls_without_an_answer_and_it_is_left_alone_for_half_a_minute() {
        let mut endpoint = Endpoint::default().after(Outcome::Taken, second(0));
        for (now, outcome) in [(1, Outcome::TimedOut), (16, Outcome::Unreachable)] {
            endpoint = endpoint.after(outcome, second(now));
            endpoint = probed(endpoint, second(now));
        }
        let silent = endpoint.after(Outcome::TimedOut, second(31));
        assert_eq!(
            (silent.admits(second(31)), silent.admits(second(60))),
            (Admission::LeftAlone, Admission::LeftAlone)
        );
        let again = probed(silent, second(61)).after(Outcome::TimedOut, second(76));
        assert_eq!(again.admits(second(105)), Admission::LeftAlone, "once more is enough then");
        assert_eq!(probed(again, second(106)).after(Outcome::Taken, second(107)).admits(second(107)), Admission::Open);
    }

    #[test]
    fn what_is_remembered_of_an_answer_is_written_once_a_minute() {
        let answered = Endpoint::default().after(Outcome::Taken, second(0));
        assert_eq!(answered.after(Outcome::Taken, second(59)), answered);
        assert_ne!(answered.after(Outcome::Refused, second(60)), answered);
    }
}
