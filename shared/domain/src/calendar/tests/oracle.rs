//! Another way to the same answers: walk the local clock minute by minute and ask the document,
//! as written, whether each minute is open. Knows nothing of segments.
//!
//! The document's times stay out of the hours that any of the zones shows twice, since there a
//! closing means the second showing, which no look at a single minute can tell; those are in the
//! tables by hand.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// Zones, each with a local date near which its clock is moved.
const MOVES: [(&str, &str); 15] = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2019-02-17"),
    ("Asia/Kathmandu", "1986-01-01"),
    ("America/Havana", "2024-03-10"),
    ("America/Havana", "2024-11-03"),
    ("Atlantic/Azores", "2045-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Africa/Cairo", "2026-04-24"),
    ("Asia/Shanghai", "2026-11-25"),
];

const MINUTES: i64 = 6 * 24 * 60;

/// Six days around a move, minute by minute.
struct Walk {
    start: Timestamp,
    open: Vec<bool>,
}

impl Walk {
    fn of(document: &Value, around: Date) -> Self {
        let zone = TimeZone::get(document["time_zone"].as_str().expect("a name")).expect("a zone");
        let start = zone.to_timestamp(around.to_datetime(jiff::civil::Time::midnight())).expect("an instant")
            - SignedDuration::from_hours(72);
        let days: BTreeMap<Date, Vec<bool>> = (-5..=5)
            .map(|days| around + SignedDuration::from_hours(24 * days))
            .map(|date| (date, day(document, date)))
            .collect();
        let shown = (0..MINUTES).map(|k| zone.to_datetime(start + minutes(k)));
        let open = shown.map(|shown| days[&shown.date()][minute(shown)]).collect();
        Self { start, open }
    }

    fn at(&self, k: i64) -> Timestamp {
        self.start + minutes(k)
    }

    /// The end of the `n`-th open minute from the `k`-th minute on.
    fn add(&self, k: i64, n: usize) -> Option<i64> {
        (k..MINUTES).filter(|k| self.open[*k as usize]).nth(n - 1).map(|k| k + 1)
    }

    /// The start of the `n`-th open minute before the `k`-th minute.
    fn sub(&self, k: i64, n: usize) -> Option<i64> {
        (0..k).rev().filter(|k| self.open[*k as usize]).nth(n - 1)
    }
}

fn minute(shown: DateTime) -> usize {
    shown.hour() as usize * 60 + shown.minute() as usize
}

/// For each minute that a clock can show on the date, whether it is open.
fn day(document: &Value, date: Date) -> Vec<bool> {
    let (hours, breaks) = (covered(document, date, hours_on), covered(document, date, breaks_on));
    let within = |all: &[(i64, i64)], minute| all.iter().any(|(from, to)| (*from..*to).contains(&minute));
    let open = |minute| !closed(document, date) && within(&hours, minute) && !within(&breaks, minute);
    (0..1440).map(open).collect()
}

/// What a date's and the day before's list covers, in minutes of the date.
fn covered(document: &Value, date: Date, list: impl Fn(&Value, Date) -> Value) -> Vec<(i64, i64)> {
    let yesterday = pairs(&list(document, date - SignedDuration::from_hours(24)));
    let crossing = yesterday.into_iter().map(|(from, to)| (from - 1440, to - 1440));
    pairs(&list(document, date)).into_iter().chain(crossing).collect()
}

fn closed(document: &Value, date: Date) -> bool {
    let holiday = document["holidays"].as_array().is_some_and(|all| all.contains(&json!(date.to_string())));
    holiday && document["overrides"].get(date.to_string()).is_none()
}

fn hours_on(document: &Value, date: Date) -> Value {
    let weekday = Hours::DAYS[date.weekday().to_monday_zero_offset() as usize];
    match document["overrides"].get(date.to_string()) {
        Some(hours) => hours.clone(),
        None if closed(document, date) => json!([]),
        None => document["hours"][weekday].clone(),
    }
}

fn breaks_on(document: &Value, date: Date) -> Value {
    let all = document["breaks"].as_array().expect("breaks").iter();
    all.filter(|pause| pause["date"] == date.to_string()).map(|pause| json!([pause["from"], pause["to"]])).collect()
}

fn pairs(list: &Value) -> Vec<(i64, i64)> {
    let minutes = |text: &Value| {
        let (hour, minute) = text.as_str().and_then(|text| text.split_once(':')).expect("HH:MM");
        hour.parse::<i64>().expect("hours") * 60 + minute.parse::<i64>().expect("minutes")
    };
    let pair = |pair: &Value| (minutes(&pair[0]), minutes(&pair[1]));
    let crossed = |(from, to)| (from, if to <= from { to + 1440 } else { to });
    list.as_array().into_iter().flatten().map(pair).map(crossed).collect()
}

fn text(minute: usize) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Up to two intervals of a day, apart or touching nothing, out of times that no clock shows twice.
fn intervals(times: Vec<usize>) -> impl Strategy<Value = Value> {
    let some = select(vec![0, 2, 4]).prop_flat_map(move |size| subsequence(times.clone(), size));
    some.prop_map(|ends| ends.chunks(2).map(|ends| json!([text(ends[0]), text(ends[1])])).collect())
}

/// A day's hours; some days have the night after them too.
fn shift() -> impl Strategy<Value = Value> {
    let times = (360..=1320).step_by(7).collect();
    (intervals(times), any::<bool>()).prop_map(|(mut day, night)| {
        let nights = if night { vec![json!(["22:40", "05:50"])] } else { Vec::new() };
        day.as_array_mut().expect("a list").extend(nights);
        day
    })
}

/// The hours of one date: they may begin at midnight, end at it, or cross it.
fn single() -> impl Strategy<Value = Value> {
    let times = std::iter::once(0).chain((180..1380).step_by(11)).chain([1440]).collect();
    prop_oneof![intervals(times), shift(), Just(json!([["09:30", "09:30"]])), Just(json!([["20:00", "00:00"]]))]
}

fn date(around: Date) -> impl Strategy<Value = String> {
    (-3..=3i64).prop_map(move |days| (around + SignedDuration::from_hours(24 * days)).to_string())
}

/// A zone, its date, and a document with something special on most of the days around it.
pub(super) fn documents() -> impl Strategy<Value = (Value, Date)> {
    select(MOVES.to_vec()).prop_flat_map(|(zone, around)| {
        let around: Date = around.parse().expect("a date");
        let pause = (date(around), 180..1380usize, 180..1380usize)
            .prop_map(|(date, from, to)| json!({"date": date, "from": text(from), "to": text(to)}));
        let parts = (
            proptest::collection::vec(shift(), 7),
            proptest::collection::vec(date(around), 0..3),
            proptest::collection::vec(pause, 0..3),
            proptest::collection::btree_map(date(around), single(), 0..3),
        );
        parts.prop_map(move |(week, holidays, breaks, overrides)| {
            let hours: serde_json::Map<_, _> = Hours::DAYS.map(str::to_owned).into_iter().zip(week).collect();
            let document = json!({
                "time_zone": zone, "hours": hours, "holidays": holidays, "breaks": breaks, "overrides": overrides,
            });
            (document, around)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_that_of_a_walk_over_the_minutes(
        (document, around) in documents(),
        asked in proptest::collection::vec((0..MINUTES, 0..MINUTES, 1..3000usize), 16),
    ) {
        let (walk, calendar) = (Walk::of(&document, around), calendar(&document));
        for (a, b, n) in asked {
            let count = (a..b).filter(|k| walk.open[*k as usize]).count() as i64;
            prop_assert_eq!(calendar.between(walk.at(a), walk.at(b)), minutes(count));
            prop_assert_eq!(calendar.is_open(walk.at(a)), walk.open[a as usize]);
            if let Some(end) = walk.add(a, n) {
                prop_assert_eq!(calendar.add(walk.at(a), minutes(n as i64)), Ok(walk.at(end)));
            }
            if let Some(start) = walk.sub(b, n) {
                prop_assert_eq!(calendar.sub(walk.at(b), minutes(n as i64)), Ok(walk.at(start)));
            }
        }
    }
}
