//! Hours in which somebody is left alone.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// From one time of day until another; over midnight if that is earlier, and never if it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From when, this minute included.
    pub from: TimeOfDay,
    /// Until when, this minute excluded.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// When customers are left alone unless a shop says otherwise: 21:00 to 09:00.
    pub const CUSTOMERS: Self = Self { from: TimeOfDay::hour(21), to: TimeOfDay::hour(9) };

    /// When the quiet that holds at `now` ends, on the clock of `zone`; `None` if it is not quiet. An
    /// end that the clock skips is the first instant after the gap; of one that it shows twice, the
    /// first.
    #[must_use]
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = now.to_zoned(zone.clone()).datetime();
        let (from, to, time) = (self.from.0, self.to.0, local.time());
        let over_midnight = to < from;
        let quiet = if over_midnight { time >= from || time < to } else { from <= time && time < to };
        let tomorrow = over_midnight && time >= from;
        let day = if tomorrow { local.date().tomorrow().ok()? } else { local.date() };
        let end = zone.to_ambiguous_timestamp(day.to_datetime(to)).compatible().ok()?;
        (quiet && end > now).then_some(end)
    }
}
