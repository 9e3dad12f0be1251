//! Business time: when a shop is at work, and how long that is.
//!
//! A calendar is a set of instants, and a set of instants is a row of half-open segments: what is
//! open is the union of each day's hours less the breaks. `between` measures that set inside a
//! window, `add` walks it forwards, `sub` backwards; nothing else is known about time here.
//!
//! What the parts mean, where the words alone would leave a choice:
//!
//! - Hours belong to the local day on which they start, also the part that crosses midnight. So an
//!   override replaces the hours that *start* on its date; what crosses into it from the day
//!   before stays, and where the two overlap the union counts once.
//! - A holiday without an override is closed from midnight to midnight, whatever crosses into it;
//!   and since its own hours do not start, nothing crosses out of it either.
//! - A local time in a gap is the first instant after the gap. In an overlap an opening is the
//!   first occurrence, a closing the second; a closing at midnight ends the local day and so is
//!   the first instant of the next date. A break begins like an opening and ends like a closing.
//!
//! Instants and durations are kept to the millisecond; anything finer is dropped.

mod overlap;
mod place;
mod plan;
mod read;
mod rules;
mod segment;
mod spec;
#[cfg(test)]
mod tests;
mod zone;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use plan::Plan;
use segment::{DAY, INSTANTS, Segment};
pub use spec::{Break, CalendarErrors, CalendarSpec, Hours, Interval, WallTime};

/// How far `add`, `sub` and `next_open` look for open time past the last they found: 366 days.
const REACH: i64 = 366 * DAY;

/// Whether the bundled IANA database has a zone of that name.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    zone::Zone::named(name).is_some()
}

/// Why a calendar, or a question to it, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at \"{pointer}\": {detail}")]
pub struct CalendarError {
    /// The place in the calendar's document, as an RFC 6901 JSON pointer, for example
    /// `/hours/mon/1`; empty for the document as a whole.
    pub pointer: String,
    /// A stable word: `malformed`, `malformed_date`, `malformed_interval`, `missing_key`,
    /// `negative_duration`, `no_open_time`, `overlapping_hours`, `unknown_key`, `unknown_zone`.
    pub code: &'static str,
    /// What is wrong and how to mend it, for a person.
    pub detail: String,
}

impl CalendarError {
    fn new(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }

    fn no_open_time(around: i64) -> Self {
        let detail = format!(
            "no open time within 366 days of {}: give the calendar hours there, or ask for less",
            instant(around)
        );
        Self::new("no_open_time", "", detail)
    }
}

/// Why a local date has no open time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// It is a holiday, and no override says otherwise.
    Holiday,
    /// The week has no hours on that day.
    Weekly,
    /// An override gives the date no hours.
    Override,
    /// Breaks leave nothing of its hours.
    Break,
}

/// A local date without open time, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClosedDay {
    /// The date in the calendar's zone.
    pub date: Date,
    /// What closes it.
    pub reason: ClosedReason,
}

/// A compiled calendar: immutable, and cheap to clone.
///
/// ```
/// # use redress_domain::calendar::Calendar;
/// # use jiff::{SignedDuration, Timestamp};
/// let calendar = Calendar::parse(&serde_json::json!({
///     "time_zone": "Asia/Shanghai",
///     "hours": {"mon": [["09:00", "18:00"]], "fri": [["09:00", "18:00"]]}
/// }))
/// .expect("a calendar");
/// let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
/// let due = calendar.add(at("2026-11-27T17:30:00+08:00"), SignedDuration::from_hours(1))?;
/// assert_eq!(due, at("2026-11-30T09:30:00+08:00"));
/// # Ok::<(), redress_domain::calendar::CalendarError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Calendar(Arc<Plan>);

impl Calendar {
    /// The calendar that `spec` describes.
    ///
    /// # Errors
    ///
    /// All that is wrong, at least one, by place: `unknown_zone` if the zone is not in the bundled
    /// IANA database; `overlapping_hours` for hours of the week, across midnight too, or of one
    /// override, that start before others have ended; `malformed_interval` for an interval that
    /// starts at `24:00`.
    pub fn compile(spec: &CalendarSpec) -> Result<Self, Vec<CalendarError>> {
        // By way of JSON, so that there is one set of checks and every fault has its place there.
        Self::parse(&json!(spec))
    }

    /// The calendar in a JSON document: `"24x7"`, or an object as [`CalendarSpec`] has it.
    ///
    /// # Errors
    ///
    /// All that is wrong, at least one, each with a pointer to its place and by these places: keys
    /// by name, items by number. As [`Calendar::compile`]; and `malformed`, `malformed_date`,
    /// `malformed_interval`, `missing_key` or `unknown_key`. A part that can't be read hides
    /// nothing in the other parts.
    pub fn parse(value: &Value) -> Result<Self, Vec<CalendarError>> {
        read::calendar(value).map(|(spec, zone)| Self(Arc::new(Plan::of(&spec, zone))))
    }

    /// The calendar that is never closed: `"24x7"`.
    #[must_use]
    pub fn always() -> Self {
        Self::compile(&CalendarSpec::always()).expect("UTC is a zone and whole days only touch")
    }

    /// Business time in `[a, b)`; zero when `b <= a`.
    #[must_use]
    pub fn between(&self, a: Timestamp, b: Timestamp) -> SignedDuration {
        let window = Segment::new(a.as_millisecond(), b.as_millisecond());
        SignedDuration::from_millis(self.0.open(window).map(Segment::len).sum())
    }

    /// The earliest instant `u >= t` with `between(t, u) = d`.
    ///
    /// A duration that ends exactly at a closing stays at the closing; adding zero gives `t`.
    ///
    /// # Errors
    ///
    /// `negative_duration` if `d` is negative; `no_open_time` if for 366 days nothing is open
    /// while some of `d` is still left.
    pub fn add(&self, t: Timestamp, d: SignedDuration) -> Result<Timestamp, CalendarError> {
        let mut reached = t.as_millisecond();
        self.walk(t, &[millis(d)?], |at| reached = at)?;
        Ok(instant(reached))
    }

    /// [`Calendar::add`] for each of `durations`, which ascend: one walk over the calendar.
    ///
    /// # Errors
    ///
    /// As [`Calendar::add`], for any of them.
    pub fn add_each(&self, t: Timestamp, durations: &[SignedDuration]) -> Result<Vec<Timestamp>, CalendarError> {
        let wanted = durations.iter().map(|d| millis(*d)).collect::<Result<Vec<_>, _>>()?;
        debug_assert!(wanted.is_sorted(), "durations ascend");
        let mut reached = Vec::with_capacity(wanted.len());
        self.walk(t, &wanted, |at| reached.push(instant(at)))?;
        Ok(reached)
    }

    /// Tells, for each of `wanted` business milliseconds, which ascend, when they have passed.
    fn walk(&self, t: Timestamp, mut wanted: &[i64], mut tell: impl FnMut(i64)) -> Result<(), CalendarError> {
        let (mut at, mut passed) = (t.as_millisecond(), 0);
        enough(INSTANTS.end - at, wanted.last().copied().unwrap_or(0), INSTANTS.end)?;
        while let [0, rest @ ..] = wanted {
            tell(at);
            wanted = rest;
        }
        while !wanted.is_empty() {
            let mut reached = None;
            for open in self.0.open(Segment::new(at, at + REACH)) {
                while let [next, rest @ ..] = wanted
                    && *next <= passed + open.len()
                {
                    tell(open.start + next - passed);
                    wanted = rest;
                }
                if wanted.is_empty() {
                    return Ok(());
                }
                passed += open.len();
                reached = Some(open.end);
            }
            at = reached.ok_or_else(|| CalendarError::no_open_time(at))?;
        }
        Ok(())
    }

    /// The latest instant `u <= t` with `between(u, t) = d`: [`Calendar::add`] in a mirror, so
    /// that a notice before a due instant falls inside hours.
    ///
    /// # Errors
    ///
    /// As [`Calendar::add`], looking back.
    pub fn sub(&self, t: Timestamp, d: SignedDuration) -> Result<Timestamp, CalendarError> {
        let (mut at, mut left) = (t.as_millisecond(), millis(d)?);
        enough(at - INSTANTS.start, left, INSTANTS.start)?;
        while left > 0 {
            let mut reached = None;
            for open in self.0.open(Segment::new(at - REACH, at)).rev() {
                if open.len() >= left {
                    return Ok(instant(open.end - left));
                }
                left -= open.len();
                reached = Some(open.start);
            }
            at = reached.ok_or_else(|| CalendarError::no_open_time(at))?;
        }
        Ok(instant(at))
    }

    /// Whether `t` is inside hours; an opening is, a closing is not.
    #[must_use]
    pub fn is_open(&self, t: Timestamp) -> bool {
        let at = t.as_millisecond();
        self.0.open(Segment::new(at, at + 1)).next().is_some()
    }

    /// The first open instant from `t` on, `t` itself when open; `None` if that takes more than
    /// 366 days.
    #[must_use]
    pub fn next_open(&self, t: Timestamp) -> Option<Timestamp> {
        let at = t.as_millisecond();
        self.0.open(Segment::new(at, at + REACH)).next().map(|open| instant(open.start))
    }

    /// Whether there is no open time at all: the week has no hours, and of the dates of overrides,
    /// and those their hours cross into, breaks and holidays leave no millisecond open.
    ///
    /// A week that has hours opens, whatever is cut out of it, for holidays, overrides and breaks
    /// end some day. So this is for whoever publishes a calendar; one that opens may still have
    /// nothing open within the 366 days of an `add`.
    #[must_use]
    pub fn never_opens(&self) -> bool {
        self.0.never_opens()
    }

    /// Whether it is open always: every day is, from midnight to midnight, and nothing is cut out.
    #[must_use]
    pub fn never_closes(&self) -> bool {
        self.0.never_closes()
    }

    /// When the local date ends that lies `days` after that of `t`: the first instant of the next.
    #[must_use]
    pub fn end_of_day(&self, t: Timestamp, days: u32) -> Timestamp {
        instant(self.0.end_of_day(t.as_millisecond(), i64::from(days)))
    }

    /// The local dates that touch `[a, b)` and have no open time at all, in order, each with what
    /// closes it; of the first ten years, since with few hours a target may end millennia later.
    #[must_use]
    pub fn closed_days(&self, a: Timestamp, b: Timestamp) -> Vec<ClosedDay> {
        let from = a.as_millisecond();
        self.0.closed_days(Segment::new(from, b.as_millisecond().min(from.saturating_add(10 * REACH))))
    }
}

/// A duration in milliseconds; those beyond 292 million years are all alike here.
fn millis(d: SignedDuration) -> Result<i64, CalendarError> {
    if d.is_negative() {
        let detail = format!("{d} is negative: business durations are zero or more");
        return Err(CalendarError::new("negative_duration", "", detail));
    }
    Ok(i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// Refuses what is longer than all the time there is, which to walk would take a while.
fn enough(there_is: i64, wanted: i64, end: i64) -> Result<(), CalendarError> {
    if wanted > there_is { Err(CalendarError::no_open_time(end)) } else { Ok(()) }
}

/// The instant so many milliseconds after the epoch, or the nearest there is.
fn instant(millis: i64) -> Timestamp {
    let clamped = millis.clamp(INSTANTS.start, INSTANTS.end);
    // `from_millisecond` knows nothing of the last second's fractions.
    let (second, nanos) = (clamped.div_euclid(1000), clamped.rem_euclid(1000) * 1_000_000);
    Timestamp::new(second, nanos as i32).expect("clamped to the range of instants")
}
