//! How fast business time is. Prints figures; asserts none.
//! `cargo bench -p redress-domain --bench calendar`.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use jiff::{SignedDuration, Timestamp};
use redress_domain::calendar::Calendar;
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

const RUNS: u32 = 2_000;

/// What a shop would write: a split week in a zone that moves its clocks, holidays, a make-up day,
/// a break.
fn document() -> Value {
    let day = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
    json!({
        "time_zone": "America/New_York",
        "hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day},
        "holidays": ["2026-01-01", "2026-05-25", "2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25"],
        "breaks": [{"date": "2026-11-23", "from": "14:00", "to": "15:00"}],
        "overrides": {"2026-10-10": [["09:00", "18:00"]]},
    })
}

/// Runs `work` from one start after another and prints how long it took.
fn measure<T>(name: &str, work: impl Fn(Timestamp) -> T) {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let mut taken = Vec::new();
    for run in 0..RUNS {
        // Some four hours and a bit apart: the runs are spread over the year.
        let start = first + SignedDuration::from_secs(i64::from(run) * 15_731);
        let begun = Instant::now();
        black_box(work(black_box(start)));
        taken.push(begun.elapsed());
    }
    taken.sort_unstable();
    let micros = |percent: usize| taken[taken.len() * percent / 100].as_secs_f64() * 1e6;
    let _closed = writeln!(std::io::stdout(), "{name:<22} p50 {:>8.2} µs  p99 {:>8.2} µs", micros(50), micros(99));
}

fn main() {
    let document = document();
    let compiled = || Calendar::parse(&document).expect("nothing is wrong with it");
    let (calendar, year) = (compiled(), SignedDuration::from_hours(365 * 24));
    // Eight hours a day, on 22 and on 255 working days.
    let (a_month, a_year) = (SignedDuration::from_hours(22 * 8), SignedDuration::from_hours(255 * 8));
    let added = |start, duration| calendar.add(start, duration).expect("it is open every week");
    measure("add, 30 days", |start| added(start, a_month));
    measure("add, a year", |start| added(start, a_year));
    measure("between, a year", |start| calendar.between(start, start + year));
    measure("compile", |_| compiled());
}
