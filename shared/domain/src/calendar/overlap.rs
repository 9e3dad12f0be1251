//! Hours that overlap other hours.

use super::CalendarError;
use super::rules::stretch;
use super::segment::{DAY, Segment};
use super::spec::Interval;

/// The hours of a day, each with its place.
pub(super) type Row = Vec<(Interval, String)>;

type Written<'a> = (Segment, &'a str);

/// Hours of one date that start before others of that date have ended.
pub(super) fn of_day(row: &Row) -> Vec<CalendarError> {
    overlaps(written(row, 0).collect(), None)
}

/// Hours of a week that start before others have ended; Monday's may meet Sunday's of the week
/// before.
pub(super) fn of_week(week: &[Row; 7]) -> Vec<CalendarError> {
    let row: Vec<_> = (0..).zip(week).flat_map(|(day, row)| written(row, day * DAY)).collect();
    let last = row.iter().max_by_key(|(hours, _)| hours.end);
    let before = last.map(|(hours, pointer)| (hours.shift(-7 * DAY), *pointer));
    overlaps(row, before)
}

fn written(row: &Row, midnight: i64) -> impl Iterator<Item = Written<'_>> {
    row.iter().map(move |(interval, pointer)| (stretch(*interval).shift(midnight), pointer.as_str()))
}

/// Each is held against the one before it that ends last: once that has ended, all have.
fn overlaps<'a>(mut row: Vec<Written<'a>>, mut last: Option<Written<'a>>) -> Vec<CalendarError> {
    row.sort_by_key(|(hours, _)| *hours);
    let mut faults = Vec::new();
    for (hours, pointer) in row {
        if let Some((earlier, place)) = last
            && hours.start < earlier.end
        {
            faults.push(overlapping(place, pointer));
        }
        if last.is_none_or(|(earlier, _)| earlier.end < hours.end) {
            last = Some((hours, pointer));
        }
    }
    faults
}

fn overlapping(earlier: &str, later: &str) -> CalendarError {
    let detail = format!("starts before {earlier} has ended: let them touch, or make one of them");
    CalendarError::new("overlapping_hours", later, detail)
}
