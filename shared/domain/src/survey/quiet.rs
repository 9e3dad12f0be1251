//! Hours in which nobody is asked anything.

use crate::calendar::{Calendar, is_zone};
use crate::policy::PolicyError;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Hours of every day on the customer's own clock, from one minute to before another; they may cross
/// midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first minute, as `21:00`.
    pub from: String,
    /// The first minute after them, as `09:00`.
    pub to: String,
}

impl QuietHours {
    /// What the minutes of a day look like, as a regular expression.
    pub const MINUTE: &'static str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

    /// Everything about them that can't be meant.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyError> {
        let minutes = [("/from", &self.from), ("/to", &self.to)];
        let odd = minutes.into_iter().filter(|(_, minute)| !is_minute(minute));
        let mut faults: Vec<_> =
            odd.map(|(place, _)| PolicyError::at(place, "must be a minute of the day, 00:00 to 23:59")).collect();
        if faults.is_empty() && self.from == self.to {
            faults.push(PolicyError::at("/to", "must not be the same as from: nobody would ever be asked"));
        }
        faults
    }

    /// `at`, or the end of the quiet hours that it lies in, on the clock of `zone`. Where that clock
    /// is moved, as for calendars: an end in a gap comes when the gap has ended, and of two the
    /// first counts.
    #[must_use]
    pub fn after(&self, at: Timestamp, zone: &str) -> Timestamp {
        // The day's other hours are what a calendar calls open.
        let zone = if is_zone(zone) { zone } else { "UTC" };
        let open = json!([[self.to, self.from]]);
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day.to_owned(), open.clone()));
        let hours: serde_json::Map<_, _> = days.into_iter().collect();
        let day = Calendar::parse(&json!({ "time_zone": zone, "hours": hours }));
        day.ok().and_then(|day| day.next_open(at)).unwrap_or(at)
    }
}

fn is_minute(text: &str) -> bool {
    let number = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)));
    plain && parts.is_some_and(|(hour, minute)| hour < 24 && minute < 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours { from: from.to_owned(), to: to.to_owned() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_falls_inside_moves_to_the_end_and_what_does_not_stays() {
        let night = quiet("21:00", "09:00");
        for (asked, expected) in [
            ("2026-11-23T20:59:59.999+08:00", "2026-11-23T20:59:59.999+08:00"),
            ("2026-11-23T21:00:00+08:00", "2026-11-24T09:00:00+08:00"),
            ("2026-11-24T00:00:00+08:00", "2026-11-24T09:00:00+08:00"),
            ("2026-11-24T08:59:59+08:00", "2026-11-24T09:00:00+08:00"),
            ("2026-11-24T09:00:00+08:00", "2026-11-24T09:00:00+08:00"),
        ] {
            assert_eq!(night.after(at(asked), "Asia/Shanghai"), at(expected), "{asked}");
        }
        let nap = quiet("12:30", "14:00");
        assert_eq!(nap.after(at("2026-11-24T13:00:00+08:00"), "Asia/Shanghai"), at("2026-11-24T14:00:00+08:00"));
        assert_eq!(nap.after(at("2026-11-24T23:00:00+08:00"), "Asia/Shanghai"), at("2026-11-24T23:00:00+08:00"));
    }

    #[test]
    fn the_night_in_which_clocks_are_moved_ends_by_the_clock_on_the_wall() {
        let night = quiet("21:00", "09:00");
        for (asked, expected) in [
            ("2026-03-07T22:00:00-05:00", "2026-03-08T09:00:00-04:00"),
            ("2026-10-31T22:00:00-04:00", "2026-11-01T09:00:00-05:00"),
        ] {
            assert_eq!(night.after(at(asked), "America/New_York"), at(expected), "{asked}");
        }
        // An end that the clock leaps over comes when it has leapt; of an hour that comes twice the
        // first counts.
        let to_the_gap = quiet("01:00", "02:30");
        assert_eq!(
            to_the_gap.after(at("2026-03-08T01:30:00-05:00"), "America/New_York"),
            at("2026-03-08T03:00:00-04:00")
        );
        let to_the_fold = quiet("00:00", "01:30");
        assert_eq!(
            to_the_fold.after(at("2026-11-01T00:30:00-04:00"), "America/New_York"),
            at("2026-11-01T01:30:00-04:00")
        );
    }

    #[test]
    fn hours_that_can_not_be_meant_are_told_with_their_place() {
        for (from, to, places) in [
            ("21:00", "09:00", &[][..]),
            ("00:00", "23:59", &[]),
            ("24:00", "9:00", &["/from", "/to"]),
            ("21.00", "+9:00", &["/from", "/to"]),
            ("12:60", "", &["/from", "/to"]),
            ("09:00", "09:00", &["/to"]),
        ] {
            let told: Vec<_> = quiet(from, to).faults().into_iter().map(|fault| fault.pointer).collect();
            assert_eq!(told, places, "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_asked_inside_and_nobody_waits_longer_than_the_hours_last(
            from in 0..1440_i64, length in 1..1440_i64, second in 0..200_000_000_i64, zone in 0..4_usize,
        ) {
            let minute = |m: i64| format!("{:02}:{:02}", m / 60 % 24, m % 60);
            let quiet = quiet(&minute(from), &minute((from + length) % 1440));
            let zone = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"][zone];
            let asked = Timestamp::from_second(1_700_000_000 + second).unwrap();
            let moved = quiet.after(asked, zone);
            prop_assert!(moved >= asked);
            prop_assert_eq!(quiet.after(moved, zone), moved, "once is enough");
            // A clock that is moved back makes them an hour longer at most.
            prop_assert!(moved.duration_since(asked).as_secs() <= length * 60 + 3600);
        }
    }
}
