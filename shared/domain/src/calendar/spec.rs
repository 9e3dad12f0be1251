//! A calendar as it is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::{CalendarError, read};

/// A calendar as people write it: one immutable version.
///
/// In JSON unknown keys are refused, `time_zone` is required and all else may be left out; the
/// word `"24x7"` is read as [`CalendarSpec::always`]. What can be read from JSON also compiles: the
/// zone is known and no hours overlap.
///
/// ```
/// # use redress_domain::calendar::CalendarSpec;
/// let spec: CalendarSpec = serde_json::from_str(
///     r#"{"time_zone": "Asia/Shanghai",
///         "hours": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]},
///         "holidays": ["2026-10-01"],
///         "breaks": [{"date": "2026-11-23", "from": "14:00", "to": "15:00"}],
///         "overrides": {"2026-10-10": [["09:00", "18:00"]]}}"#,
/// )?;
/// assert_eq!(spec.hours.mon.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Value")]
pub struct CalendarSpec {
    /// An IANA name, for example `Asia/Shanghai`.
    pub time_zone: String,
    /// The hours of each day of the week.
    #[serde(skip_serializing_if = "Hours::is_empty")]
    pub hours: Hours,
    /// Local dates that are closed from midnight to midnight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
    /// Pieces cut out of whatever else is open; they may overlap and reach beyond the hours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Break>,
    /// The hours of single dates, instead of the week's and in spite of a holiday; an empty list
    /// closes the date.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<Date, Vec<Interval>>,
}

impl CalendarSpec {
    /// `"24x7"` written out: every day from 00:00 to 24:00, UTC.
    #[must_use]
    pub fn always() -> Self {
        let whole_day = || vec![Interval(WallTime(0), WallTime::END)];
        Self {
            time_zone: "UTC".to_owned(),
            hours: Hours::of(std::array::from_fn(|_| whole_day())),
            holidays: Vec::new(),
            breaks: Vec::new(),
            overrides: BTreeMap::new(),
        }
    }
}

impl TryFrom<Value> for CalendarSpec {
    type Error = CalendarErrors;

    fn try_from(value: Value) -> Result<Self, CalendarErrors> {
        read::calendar(&value).map(|(spec, _)| spec).map_err(CalendarErrors)
    }
}

/// All that is wrong with a calendar's document, by place; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(CalendarError::to_string).collect::<Vec<_>>().join("; "))]
pub struct CalendarErrors(pub Vec<CalendarError>);

/// The hours of a week; a day without any is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hours {
    /// Monday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<Interval>,
    /// Tuesday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<Interval>,
    /// Wednesday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<Interval>,
    /// Thursday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<Interval>,
    /// Friday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<Interval>,
    /// Saturday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<Interval>,
    /// Sunday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<Interval>,
}

impl Hours {
    /// The names of the days in JSON, Monday first.
    pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// The hours of seven days, Monday first.
    #[must_use]
    pub fn of([mon, tue, wed, thu, fri, sat, sun]: [Vec<Interval>; 7]) -> Self {
        Self { mon, tue, wed, thu, fri, sat, sun }
    }

    /// Each day's hours, Monday first.
    pub(super) fn days(&self) -> [&[Interval]; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }

    fn is_empty(&self) -> bool {
        self.days().iter().all(|intervals| intervals.is_empty())
    }
}

/// Local wall-clock time `[from, to)`; crosses midnight where `to` is at or before `from`, so that
/// equal ends make 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Interval(pub WallTime, pub WallTime);

/// A piece of one date that is closed: `[from, to)`, past midnight like an [`Interval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Break {
    /// The local date on which it starts.
    pub date: Date,
    /// When it starts.
    pub from: WallTime,
    /// When it ends.
    pub to: WallTime,
}

/// What a wall clock shows, to the second: `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(u32);

impl WallTime {
    /// `24:00`, the end of a day.
    pub const END: Self = Self(86_400);

    /// The time written as `HH:MM` or `HH:MM:SS`, two digits each; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(two_digits);
        let (hour, minute) = (parts.next()??, parts.next()??);
        let second = parts.next().unwrap_or(Some(0))?;
        let time = Self(hour * 3600 + minute * 60 + second);
        (parts.next().is_none() && minute < 60 && second < 60 && time <= Self::END).then_some(time)
    }

    /// Seconds since 00:00 on the wall clock, 0 to 86,400.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }
}

fn two_digits(text: &str) -> Option<u32> {
    let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 3600, self.0 / 60 % 60)?;
        match self.0 % 60 {
            0 => Ok(()),
            second => write!(f, ":{second:02}"),
        }
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for WallTime {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WallTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$" })
    }
}
