//! What the policies would be after what a manager asks for.

use super::Ruling;
use super::ranked::{add, remove, replace};
use super::show::CalendarView;
use crate::desk::{IfMatch, body};
use crate::fault::{Conflict, Fault};
use redress_domain::policy::{CalendarVersion, Policies, RoutingRule, SlaPolicy, SurveyPolicy};
use redress_domain::priority::PriorityPolicy;
use redress_domain::promise::ServicePromises;
use serde_json::Value;

/// What the policies would be, and the document that the caller gets to see.
pub(super) struct Ruled {
    pub(super) policies: Policies,
    pub(super) body: Value,
    pub(super) version: u32,
    /// Where the caller's document stands in the whole, for faults that are told in its terms.
    pub(super) place: String,
}

/// What the policies would be. `first`: the version that something new gets.
pub(super) fn decide(old: &Policies, ruling: &Ruling, if_match: Option<&IfMatch>, first: u32) -> Result<Ruled, Fault> {
    let mut policies = old.clone();
    let calendar = |id: &str| old.calendars.iter().position(|each| each.id == id);
    match ruling {
        Ruling::AddCalendar(entry) => {
            if calendar(&entry.id).is_some() {
                return Err(Fault::Conflict(Conflict::Exists));
            }
            let entry = CalendarVersion { version: first, ..entry.clone() };
            let body = body(&CalendarView::of(&entry));
            policies.calendars.push(entry);
            let place = format!("/calendars/{}/calendar", policies.calendars.len() - 1);
            Ok(Ruled { policies, body, version: first, place })
        }
        Ruling::ReplaceCalendar(entry) => {
            let at = calendar(&entry.id).ok_or(Fault::NotFound)?;
            IfMatch::check(if_match, u64::from(old.calendars[at].version))?;
            let entry = CalendarVersion { version: old.calendars[at].version + 1, ..entry.clone() };
            let (body, version) = (body(&CalendarView::of(&entry)), entry.version);
            policies.calendars[at] = entry;
            Ok(Ruled { policies, body, version, place: format!("/calendars/{at}/calendar") })
        }
        Ruling::DropCalendar(id) => {
            let at = calendar(id).ok_or(Fault::NotFound)?;
            IfMatch::check(if_match, u64::from(old.calendars[at].version))?;
            let gone = policies.calendars.remove(at);
            Ok(Ruled { policies, body: Value::Null, version: gone.version, place: String::new() })
        }
        Ruling::AddPolicy(placed) => add(policies, placed, first),
        Ruling::ReplacePolicy(placed) => replace(policies, placed, if_match),
        Ruling::DropPolicy(id) => remove::<SlaPolicy>(policies, id, if_match),
        Ruling::AddRule(placed) => add(policies, placed, first),
        Ruling::ReplaceRule(placed) => replace(policies, placed, if_match),
        Ruling::DropRule(id) => remove::<RoutingRule>(policies, id, if_match),
        Ruling::AddSurvey(placed) => add(policies, placed, first),
        Ruling::ReplaceSurvey(placed) => replace(policies, placed, if_match),
        Ruling::DropSurvey(id) => remove::<SurveyPolicy>(policies, id, if_match),
        Ruling::ReplacePriority(asked) => {
            IfMatch::check(if_match, u64::from(old.priority.version))?;
            let version = old.priority.version + 1;
            policies.priority = PriorityPolicy { version, ..asked.clone() };
            let body = body(&policies.priority);
            Ok(Ruled { policies, body, version, place: "/priority".to_owned() })
        }
        Ruling::ReplacePromises(asked) => {
            IfMatch::check(if_match, u64::from(old.promises.version))?;
            let version = old.promises.version + 1;
            policies.promises = ServicePromises { version, ..asked.clone() };
            // Shown with its figures, which are known only once the whole is sound.
            Ok(Ruled { policies, body: Value::Null, version, place: "/promises".to_owned() })
        }
    }
}
