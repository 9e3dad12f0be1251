//! The present and chance: read here, once per invocation, and passed down.

use jiff::Timestamp;
use redress_service::Moment;
use std::time::{SystemTime, UNIX_EPOCH};

/// The present and a nonce of its own.
#[must_use]
pub fn moment() -> Moment {
    Moment { now: now(), nonce: nonce() }
}

/// The present, to the millisecond.
///
/// From [`SystemTime`], for `jiff` is built without its own clock on purpose.
#[must_use]
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis())
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .expect("the present is before the year 9999")
}

/// 16 bytes that nobody can guess, from the operating system.
#[must_use]
pub fn nonce() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes).expect("an operating system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_kept_to_the_millisecond() {
        let now = now();
        assert_eq!(now.subsec_nanosecond() % 1_000_000, 0);
        assert!(now > "2025-01-01T00:00:00Z".parse().expect("an instant"));
    }

    #[test]
    fn no_nonce_comes_twice() {
        assert_ne!(nonce(), nonce());
    }
}
