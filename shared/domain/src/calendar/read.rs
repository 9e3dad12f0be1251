//! From JSON to a [`CalendarSpec`] that is right: all that is wrong is told, each with its place.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::CalendarError;
use super::overlap::{self, Row};
use super::place::{Place, in_order};
use super::spec::{Break, CalendarSpec, Hours, Interval, WallTime};
use super::zone::Zone;

const KEYS: [&str; 5] = ["time_zone", "hours", "holidays", "breaks", "overrides"];

/// Reads `"24x7"` or the object; the zone is the one that the spec names.
pub(super) fn calendar(value: &Value) -> Result<(CalendarSpec, Zone), Vec<CalendarError>> {
    let mut reader = Reader::default();
    let read = match value.as_str() {
        Some("24x7") => reader.root(&Place::root(&json!(CalendarSpec::always()))),
        _ => reader.root(&Place::root(value)),
    };
    read.filter(|_| reader.faults.is_empty()).ok_or_else(|| in_order(reader.faults))
}

/// Reads on past every fault. What a method can't read it has told, and is `None`; a list is read
/// without the items that are.
#[derive(Default)]
struct Reader {
    faults: Vec<CalendarError>,
}

impl Reader {
    fn root(&mut self, root: &Place<'_>) -> Option<(CalendarSpec, Zone)> {
        self.allow(root, &KEYS)?;
        let zone = self.required(root, "time_zone", Self::zone);
        let hours = self.optional(root, "hours", Self::hours);
        let holidays = self.optional(root, "holidays", |reader, place| reader.each(place, Self::date));
        let breaks = self.optional(root, "breaks", |reader, place| reader.each(place, Self::pause));
        let overrides = self.optional(root, "overrides", Self::overrides);
        let (time_zone, zone) = zone?;
        Some((CalendarSpec { time_zone, hours, holidays, breaks, overrides }, zone))
    }

    fn zone(&mut self, place: &Place<'_>) -> Option<(String, Zone)> {
        let name = self.text(place)?;
        let unknown = || {
            let detail = format!("`{name}` is not in the IANA database: write a name such as Asia/Shanghai");
            place.error("unknown_zone", detail)
        };
        let zone = self.told(Zone::named(name).ok_or_else(unknown))?;
        Some((name.to_owned(), zone))
    }

    fn hours(&mut self, place: &Place<'_>) -> Option<Hours> {
        self.allow(place, &Hours::DAYS)?;
        let week = Hours::DAYS.map(|day| self.optional(place, day, Self::row));
        self.faults.extend(overlap::of_week(&week));
        Some(Hours::of(week.map(intervals)))
    }

    fn overrides(&mut self, place: &Place<'_>) -> Option<BTreeMap<Date, Vec<Interval>>> {
        let entries = self.told(place.entries())?;
        Some(entries.filter_map(|(key, hours)| self.overridden(key, &hours)).collect())
    }

    fn overridden(&mut self, key: &str, place: &Place<'_>) -> Option<(Date, Vec<Interval>)> {
        let (date, row) = (self.dated(place, key), self.row(place)?);
        self.faults.extend(overlap::of_day(&row));
        Some((date?, intervals(row)))
    }

    fn row(&mut self, place: &Place<'_>) -> Option<Row> {
        self.each(place, |reader, place| Some((reader.interval(place)?, place.pointer.clone())))
    }

    fn interval(&mut self, place: &Place<'_>) -> Option<Interval> {
        match self.told(place.items())?.as_slice() {
            [from, to] => {
                let (from, to) = (self.time(from), self.time(to));
                self.stretch(place, from?, to?)
            }
            _ => self.told(Err(place.error("malformed_interval", r#"write two times: ["09:00", "18:00"]"#))),
        }
    }

    fn pause(&mut self, place: &Place<'_>) -> Option<Break> {
        self.allow(place, &["date", "from", "to"])?;
        let date = self.required(place, "date", Self::date);
        let (from, to) = (self.required(place, "from", Self::time), self.required(place, "to", Self::time));
        let Interval(from, to) = self.stretch(place, from?, to?)?;
        Some(Break { date: date?, from, to })
    }

    /// `[from, to)`, unless it would start where a day ends.
    fn stretch(&mut self, place: &Place<'_>, from: WallTime, to: WallTime) -> Option<Interval> {
        let late = "24:00 only ends a day: start the next day's hours at 00:00 instead";
        let starts = from < WallTime::END;
        self.told(starts.then_some(Interval(from, to)).ok_or_else(|| place.error("malformed_interval", late)))
    }

    fn time(&mut self, place: &Place<'_>) -> Option<WallTime> {
        let wanted = || place.error("malformed_interval", "write HH:MM or HH:MM:SS, 00:00 to 24:00");
        let text = self.text(place)?;
        self.told(WallTime::parse(text).ok_or_else(wanted))
    }

    fn date(&mut self, place: &Place<'_>) -> Option<Date> {
        let text = self.text(place)?;
        self.dated(place, text)
    }

    /// The date that `text` is; in one spelling, so that no date is given twice unseen.
    fn dated(&mut self, place: &Place<'_>, text: &str) -> Option<Date> {
        let wanted = || place.error("malformed_date", "write a date of the calendar as YYYY-MM-DD");
        let date = text.parse().ok().filter(|date: &Date| date.to_string() == text);
        self.told(date.ok_or_else(wanted))
    }

    fn text<'a>(&mut self, place: &Place<'a>) -> Option<&'a str> {
        self.told(place.value.as_str().ok_or_else(|| place.not("a string")))
    }

    fn each<T>(&mut self, place: &Place<'_>, read: fn(&mut Self, &Place<'_>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.told(place.items())?;
        Some(items.iter().filter_map(|item| read(self, item)).collect())
    }

    /// Tells every key but `keys`; `None` only where there can be no keys.
    fn allow(&mut self, place: &Place<'_>, keys: &[&str]) -> Option<()> {
        let unknown = self.told(place.entries())?.filter(|(key, _)| !keys.contains(key));
        let detail = format!("may be one of {}", keys.join(", "));
        self.faults.extend(unknown.map(|(_, place)| place.error("unknown_key", detail.as_str())));
        Some(())
    }

    fn required<T>(&mut self, place: &Place<'_>, key: &str, read: fn(&mut Self, &Place<'_>) -> Option<T>) -> Option<T> {
        let missing = || place.under(key, &Value::Null).error("missing_key", "must be given");
        let value = self.told(place.value.get(key).ok_or_else(missing))?;
        read(self, &place.under(key, value))
    }

    fn optional<T: Default>(
        &mut self,
        place: &Place<'_>,
        key: &str,
        read: fn(&mut Self, &Place<'_>) -> Option<T>,
    ) -> T {
        let value = place.value.get(key);
        value.and_then(|value| read(self, &place.under(key, value))).unwrap_or_default()
    }

    fn told<T>(&mut self, read: Result<T, CalendarError>) -> Option<T> {
        read.map_err(|fault| self.faults.push(fault)).ok()
    }
}

fn intervals(row: Row) -> Vec<Interval> {
    row.into_iter().map(|(interval, _)| interval).collect()
}
