//! From JSON to a [`CalendarSpec`]: what is wrong is told with the place where it is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::CalendarError;
use super::spec::{Break, CalendarSpec, Hours, Interval, WallTime};

type Read<T> = Result<T, CalendarError>;

const KEYS: [&str; 5] = ["time_zone", "hours", "holidays", "breaks", "overrides"];

/// Reads `"24x7"` or the object.
pub(super) fn calendar(value: &Value) -> Read<CalendarSpec> {
    if value == "24x7" {
        return Ok(CalendarSpec::always());
    }
    let root = Place { value, pointer: String::new() };
    root.allow(&KEYS)?;
    Ok(CalendarSpec {
        time_zone: root.required("time_zone")?.text()?.to_owned(),
        hours: root.optional("hours", hours)?,
        holidays: root.optional("holidays", |place| place.each(date))?,
        breaks: root.optional("breaks", |place| place.each(pause))?,
        overrides: root.optional("overrides", overrides)?,
    })
}

fn hours(place: &Place<'_>) -> Read<Hours> {
    place.allow(&Hours::DAYS)?;
    let mut week: [Vec<Interval>; 7] = Default::default();
    for (intervals, day) in week.iter_mut().zip(Hours::DAYS) {
        *intervals = place.optional(day, |day| day.each(interval))?;
    }
    Ok(Hours::of(week))
}

fn overrides(place: &Place<'_>) -> Read<BTreeMap<Date, Vec<Interval>>> {
    let entry = |(key, hours): (&str, Place<'_>)| Ok((hours.date(key)?, hours.each(interval)?));
    place.entries()?.map(entry).collect()
}

fn interval(place: &Place<'_>) -> Read<Interval> {
    match place.items()?.as_slice() {
        [from, to] => Ok(Interval(from.time()?, to.time()?)),
        _ => Err(place.error("malformed_interval", r#"write two times: ["09:00", "18:00"]"#)),
    }
}

fn pause(place: &Place<'_>) -> Read<Break> {
    place.allow(&["date", "from", "to"])?;
    Ok(Break {
        date: date(&place.required("date")?)?,
        from: place.required("from")?.time()?,
        to: place.required("to")?.time()?,
    })
}

fn date(place: &Place<'_>) -> Read<Date> {
    place.date(place.text()?)
}

/// A value and where it stands in the document.
struct Place<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Place<'a> {
    fn error(&self, code: &'static str, detail: impl Into<String>) -> CalendarError {
        CalendarError::new(code, self.pointer.clone(), detail)
    }

    /// The place of `value` under this one.
    fn under(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Place { value, pointer: format!("{}/{key}", self.pointer) }
    }

    fn entries(&self) -> Read<impl Iterator<Item = (&'a str, Self)>> {
        let object = self.value.as_object().ok_or_else(|| self.not("an object"))?;
        Ok(object.iter().map(|(key, value)| (key.as_str(), self.under(key, value))))
    }

    fn items(&self) -> Read<Vec<Self>> {
        let items = self.value.as_array().ok_or_else(|| self.not("a list"))?;
        Ok(items.iter().enumerate().map(|(k, item)| self.under(&k.to_string(), item)).collect())
    }

    fn each<T>(&self, read: impl Fn(&Self) -> Read<T>) -> Read<Vec<T>> {
        self.items()?.iter().map(read).collect()
    }

    fn text(&self) -> Read<&'a str> {
        self.value.as_str().ok_or_else(|| self.not("a string"))
    }

    fn not(&self, wanted: &str) -> CalendarError {
        let root = if self.pointer.is_empty() { r#" or "24x7""# } else { "" };
        self.error("malformed", format!("must be {wanted}{root}"))
    }

    /// Refuses every key but `keys`.
    fn allow(&self, keys: &[&str]) -> Read<()> {
        match self.entries()?.find(|(key, _)| !keys.contains(key)) {
            None => Ok(()),
            Some((_, place)) => Err(place.error("unknown_key", format!("may be one of {}", keys.join(", ")))),
        }
    }

    fn required(&self, key: &str) -> Read<Self> {
        let missing = || self.under(key, &Value::Null).error("missing_key", "must be given");
        self.value.get(key).map(|value| self.under(key, value)).ok_or_else(missing)
    }

    fn optional<T: Default>(&self, key: &str, read: impl Fn(&Self) -> Read<T>) -> Read<T> {
        self.value.get(key).map_or(Ok(T::default()), |value| read(&self.under(key, value)))
    }

    fn time(&self) -> Read<WallTime> {
        let wanted = || self.error("malformed_interval", "write HH:MM or HH:MM:SS, 00:00 to 24:00");
        WallTime::parse(self.text()?).ok_or_else(wanted)
    }

    /// The date that `text` is; in one spelling, so that no date is given twice unseen.
    fn date(&self, text: &str) -> Read<Date> {
        let wanted = || self.error("malformed_date", "write a date of the calendar as YYYY-MM-DD");
        text.parse().ok().filter(|date: &Date| date.to_string() == text).ok_or_else(wanted)
    }
}
