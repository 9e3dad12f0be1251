//! Calendars that are right by their making.

use arbitrary::Arbitrary;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use serde_json::{Map, Value, json};

/// Zones whose clocks were moved in all the ways there are.
const ZONES: [&str; 16] = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "America/Havana",
    "Atlantic/Azores",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Pacific/Kwajalein",
    "Antarctica/Troll",
];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The makings of a calendar.
#[derive(Debug, Arbitrary)]
pub struct Made {
    zone: u8,
    hours: [Vec<u16>; 7],
    holidays: Vec<i16>,
    breaks: Vec<(i16, u16, u16)>,
    overrides: Vec<(i16, Vec<u16>)>,
}

impl Made {
    pub fn document(&self) -> Value {
        let week = self.hours.each_ref().map(|cuts| sorted(cuts));
        let hours = (0..7).map(|day| (DAYS[day].to_owned(), intervals(&week[day], week[(day + 1) % 7].first())));
        let overrides = self.overrides.iter().map(|(day, cuts)| (dated(*day), intervals(&sorted(cuts), None)));
        let pause = |(day, from, to): &(i16, u16, u16)| json!({"date": dated(*day), "from": shown(second(*from)), "to": shown(second(*to))});
        json!({
            "time_zone": ZONES[usize::from(self.zone) % ZONES.len()],
            "hours": hours.collect::<Map<_, _>>(),
            "holidays": self.holidays.iter().map(|day| dated(*day)).collect::<Vec<_>>(),
            "breaks": self.breaks.iter().map(pause).collect::<Vec<_>>(),
            "overrides": overrides.collect::<Map<_, _>>(),
        })
    }
}

/// Cuts through a day, two by two; one that is left over lasts until the next day's first.
fn intervals(cuts: &[u32], tomorrow: Option<&u32>) -> Value {
    let end = tomorrow.copied().unwrap_or(86_400);
    cuts.chunks(2).map(|cut| json!([shown(cut[0]), shown(*cut.get(1).unwrap_or(&end))])).collect()
}

fn sorted(cuts: &[u16]) -> Vec<u32> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| second(*cut)).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// A second of the day before its last; half of them are quarters of an hour.
fn second(cut: u16) -> u32 {
    let cut = u32::from(cut);
    if cut.is_multiple_of(2) { cut / 2 % 96 * 900 } else { cut * 4 / 3 % 86_400 }
}

fn shown(second: u32) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// Some ninety years either way of 2026.
fn dated(day: i16) -> String {
    let from: Date = date(2026, 1, 1);
    from.saturating_add(SignedDuration::from_hours(24 * i64::from(day))).to_string()
}
