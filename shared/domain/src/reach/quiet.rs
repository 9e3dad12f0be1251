//! Hours in which somebody is left alone.

use crate::calendar::{Calendar, is_zone};
use crate::policy::PolicyError;
use jiff::Timestamp;
use jiff::civil::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use std::borrow::Cow;

/// A time of day, to the minute, on somebody's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    /// What [`parse`](Self::parse) takes, as a regular expression (ECMA-262).
    pub const PATTERN: &'static str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

    /// `text` as `HH:MM`, 00:00 to 23:59.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two = |digits: &str| match digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            true => digits.parse::<i8>().ok(),
            false => None,
        };
        Time::new(two(hour)?, two(minute)?, 0, 0).ok().map(Self)
    }

    const fn hour(hour: i8) -> Self {
        Self(Time::constant(hour, 0, 0, 0))
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a time of day is HH:MM"))
    }
}

impl JsonSchema for TimeOfDay {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeOfDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN })
    }
}

/// Hours of every day on somebody's own clock, from one minute to before another; they may cross
/// midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first minute, as `21:00`.
    pub from: TimeOfDay,
    /// The first minute after them, as `09:00`.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// When customers are left alone unless a shop says otherwise: 21:00 to 09:00.
    pub const CUSTOMERS: Self = Self { from: TimeOfDay::hour(21), to: TimeOfDay::hour(9) };

    /// What can't be meant about them: hours that never end.
    #[must_use]
    pub fn faults(self) -> Vec<PolicyError> {
        let endless = (self.from == self.to).then_some("must not be the same as from: they would never end");
        endless.map(|detail| PolicyError::at("/to", detail)).into_iter().collect()
    }

    /// When the quiet that holds at `at` ends, on the clock of `zone`; `None` if it is not quiet. Where
    /// that clock is moved, as for calendars: an end in a gap comes when the gap has ended, and of two
    /// the first counts.
    #[must_use]
    pub fn end(self, at: Timestamp, zone: &str) -> Option<Timestamp> {
        // The day's other hours are what a calendar calls open.
        let zone = if is_zone(zone) { zone } else { "UTC" };
        let open = json!([[self.to, self.from]]);
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day.to_owned(), open.clone()));
        let hours: serde_json::Map<_, _> = days.into_iter().collect();
        let day = Calendar::parse(&json!({ "time_zone": zone, "hours": hours }));
        day.ok().and_then(|day| day.next_open(at)).filter(|end| *end > at)
    }

    /// `at`, or the end of the quiet that holds then.
    #[must_use]
    pub fn after(self, at: Timestamp, zone: &str) -> Timestamp {
        self.end(at, zone).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        let minute = |text| TimeOfDay::parse(text).unwrap();
        QuietHours { from: minute(from), to: minute(to) }
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
    fn hours_that_would_never_end_are_told_with_their_place() {
        for (from, to, places) in [("21:00", "09:00", &[][..]), ("00:00", "23:59", &[]), ("09:00", "09:00", &["/to"])] {
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
