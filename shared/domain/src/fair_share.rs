//! Nobody's flood takes another's share: token buckets, counted in integers.
//!
//! # Source
//! J. Turner, *New directions in communications (or which way to the information age?)*, IEEE
//! Communications Magazine 24 (1986): the leaky bucket as a meter, here told from the side of the
//! tokens.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many leases empty a full bucket.
const LEASES: u32 = 20;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    per_second: u32,
    burst: u32,
}

impl Rate {
    /// `per_second` tokens a second, and twice as many at once. `None` for 0, which means that
    /// nobody counts.
    #[must_use]
    pub fn of(per_second: u32) -> Option<Self> {
        (per_second > 0).then(|| Self { per_second, burst: per_second.saturating_mul(2) })
    }

    /// Tokens that a full bucket holds.
    #[must_use]
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// Tokens that are taken out at a time, to be spent one by one without asking again.
    #[must_use]
    pub fn lease(self) -> u32 {
        (self.burst / LEASES).max(1)
    }
}

/// Tokens at an instant. Over any time from when it was made it gives no more than its burst and
/// what its rate makes in that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Thousandths of a token: a rate of one a second makes one of these a millisecond.
    thousandths: u64,
    /// When there were so many.
    at: Timestamp,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self { thousandths: u64::from(rate.burst) * 1000, at: now }
    }

    /// The bucket as it is at `now`. A clock that is behind the one that wrote it changes nothing.
    #[must_use]
    pub fn refilled(self, rate: Rate, now: Timestamp) -> Self {
        let passed = u64::try_from(now.duration_since(self.at).as_millis()).unwrap_or(0);
        let made = passed.saturating_mul(u64::from(rate.per_second));
        let thousandths = self.thousandths.saturating_add(made).min(u64::from(rate.burst) * 1000);
        Self { thousandths, at: self.at.max(now) }
    }

    /// Takes out at most `most` tokens, and says how many there were.
    pub fn take(&mut self, most: u32) -> u32 {
        let tokens = u32::try_from(self.thousandths / 1000).unwrap_or(u32::MAX).min(most);
        self.thousandths -= u64::from(tokens) * 1000;
        tokens
    }

    /// How long until there are `tokens`, to the millisecond.
    #[must_use]
    pub fn wait(&self, rate: Rate, tokens: u32) -> SignedDuration {
        let missing = (u64::from(tokens) * 1000).saturating_sub(self.thousandths);
        let ms = missing.div_ceil(u64::from(rate.per_second));
        SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_rate_of_nothing_is_no_rate() {
        assert_eq!(Rate::of(0), None);
        assert_eq!(Rate::of(1000).map(|rate| (rate.burst(), rate.lease())), Some((2000, 100)));
        assert_eq!(Rate::of(1).map(|rate| (rate.burst(), rate.lease())), Some((2, 1)));
        assert_eq!(Rate::of(u32::MAX).map(Rate::burst), Some(u32::MAX));
    }

    #[test]
    fn a_bucket_fills_by_its_rate_up_to_its_burst() {
        let rate = Rate::of(10).unwrap();
        let mut bucket = Bucket::full(rate, at(0));
        assert_eq!((bucket.take(15), bucket.take(15), bucket.take(15)), (15, 5, 0));
        assert_eq!(bucket.wait(rate, 1), SignedDuration::from_millis(100));
        assert_eq!(bucket.wait(rate, 3), SignedDuration::from_millis(300));
        let mut later = bucket.refilled(rate, at(99));
        assert_eq!((later.take(9), later.wait(rate, 1)), (0, SignedDuration::from_millis(1)));
        assert_eq!(bucket.refilled(rate, at(250)).take(9), 2);
        assert_eq!(bucket.refilled(rate, at(1_000_000)).take(u32::MAX), 20);
        assert_eq!(bucket.refilled(rate, at(1_000_000)).wait(rate, 20), SignedDuration::ZERO);
    }

    #[test]
    fn a_rate_that_was_lowered_holds_at_once() {
        let full = Bucket::full(Rate::of(1000).unwrap(), at(0));
        assert_eq!(full.refilled(Rate::of(1).unwrap(), at(0)).take(u32::MAX), 2);
    }

    proptest! {
        #[test]
        fn no_more_is_ever_given_than_the_burst_and_what_the_rate_makes(
            per_second in 1..5_000u32,
            steps in prop::collection::vec((-2_000..5_000i64, 0..4_000u32), 1..60),
        ) {
            let rate = Rate::of(per_second).unwrap();
            let (mut now, mut latest, mut given) = (0, 0, 0u64);
            let mut bucket = Bucket::full(rate, at(0));
            for (step, asked) in steps {
                now += step;
                latest = latest.max(now);
                bucket = bucket.refilled(rate, at(now));
                let taken = bucket.take(asked);
                prop_assert!(taken <= asked);
                given += u64::from(taken) * 1000;
                let made = u64::try_from(latest).unwrap() * u64::from(per_second);
                prop_assert!(given <= u64::from(rate.burst()) * 1000 + made);
            }
        }

        #[test]
        fn waiting_never_takes_tokens_away_and_as_long_as_it_says_is_enough(
            per_second in 1..5_000u32, taken in 0..10_000u32, wanted in 1..10_000u32, ms in 0..10_000i64,
        ) {
            let rate = Rate::of(per_second).unwrap();
            let mut bucket = Bucket::full(rate, at(0));
            bucket.take(taken);
            let (mut earlier, mut later) = (bucket.refilled(rate, at(ms)), bucket.refilled(rate, at(ms + 1)));
            prop_assert!(earlier.take(u32::MAX) <= later.take(u32::MAX));
            let wanted = wanted.min(rate.burst());
            let wait = i64::try_from(bucket.wait(rate, wanted).as_millis()).unwrap();
            prop_assert_eq!(bucket.refilled(rate, at(wait)).take(wanted), wanted);
            if wait > 0 {
                prop_assert!(bucket.refilled(rate, at(wait - 1)).take(wanted) < wanted);
            }
        }
    }
}
