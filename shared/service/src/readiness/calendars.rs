//! Whether calendars know the days to come: one whose holidays have all passed counts the next as a
//! working day, and every deadline over it is too early.

use super::sight::Sight;
use super::{Finding, or_well};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use redress_domain::calendar::CalendarSpec;
use redress_domain::policy::{CalendarVersion, Terms};
use std::collections::BTreeSet;

/// Fewer days ahead than this, and somebody should enter the next year's.
const AHEAD_DAYS: i64 = 30;

/// Every calendar in force whose holidays end soon or have ended; a date that an override closes is
/// one, too. A calendar that never had any is not asked.
pub(super) fn calendars(seen: &Sight, now: Timestamp) -> Vec<Finding> {
    let Some(terms) = seen.terms() else { return Vec::new() };
    let used = used(seen, &terms);
    let faults = terms.policies.calendars.iter().filter_map(|entry| stale(seen, entry, &used, now)).collect();
    let says = format!("all {} know the days to come", terms.policies.calendars.len());
    or_well("tenant.holidays", seen.at("calendars"), says, faults)
}

/// The calendars that something counts on.
fn used(seen: &Sight, terms: &Terms) -> BTreeSet<String> {
    let policies = &terms.policies;
    let promised = policies.sla.iter().flat_map(|policy| policy.calendars().map(|(_, id)| id.to_owned()));
    let people = seen.teams.iter().filter_map(|team| team.calendar.clone());
    let shifts = seen.agents.iter().filter_map(|agent| agent.shift.clone());
    promised.chain(people).chain(shifts).chain([policies.calendar.clone()]).collect()
}

fn stale(seen: &Sight, entry: &CalendarVersion, used: &BTreeSet<String>, now: Timestamp) -> Option<Finding> {
    const ID: &str = "tenant.holidays";
    let spec: CalendarSpec = serde_json::from_value(entry.calendar.clone()).ok()?;
    let last = last_special_day(&spec)?;
    let today = now.in_tz(&spec.time_zone).ok()?.date();
    let place = seen.at(format!("calendar {} version {}", entry.id, entry.version));
    let mend = format!("`PUT /v1/calendars/{}` with the holidays and make-up days of the time to come", entry.id);
    let soon = today.checked_add(AHEAD_DAYS.days()).ok()?;
    if last < today {
        let says = format!("its last holiday, {last}, has passed: the next one counts as a working day");
        let of_nobody = !used.contains(&entry.id);
        return Some(if of_nobody {
            Finding::warn(ID, place, format!("{says}; only orders that name it use it"), mend)
        } else {
            Finding::fail(ID, place, says, mend)
        });
    }
    let says = || format!("its last holiday is {last}, less than {AHEAD_DAYS} days ahead");
    (last < soon).then(|| Finding::warn(ID, place, says(), mend))
}

/// The last date that is not like any other of its week, in a calendar that has holidays: whoever
/// entered a make-up day of next year has entered that year's holidays, too.
fn last_special_day(spec: &CalendarSpec) -> Option<Date> {
    let closes = spec.overrides.values().any(Vec::is_empty);
    let special = spec.holidays.iter().chain(spec.overrides.keys());
    special.max().copied().filter(|_| closes || !spec.holidays.is_empty())
}
