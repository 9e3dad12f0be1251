//! Policies made ready: what orders are agreed by, and what their clocks run by.

use super::{
    CalendarVersion, Conditions, Policies, PolicyError, Promise, SlaPolicy, Subject, SurveyConditions, SurveyPolicy,
};
use crate::calendar::{Calendar, CalendarError};
use crate::order::WorkOrder;
use crate::priority::Priority;
use crate::sla::{Agreement, Book, Metric, Target, VersionRef};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Policies with their calendars compiled, and every earlier version that a clock may still run by.
#[derive(Debug, Clone)]
pub struct Terms {
    /// In force, as published.
    pub policies: Policies,
    /// Every version that is known here: those in force, and those that orders at hand run by.
    pub book: Book,
    /// The newest version of each calendar.
    newest: BTreeMap<String, VersionRef>,
}

/// The calendars that an order and its team ask for, before their policy's.
#[derive(Debug, Clone, Copy, Default)]
pub struct CalendarChoice<'a> {
    /// The order's own.
    pub order: Option<&'a str>,
    /// Its team's.
    pub team: Option<&'a str>,
}

impl Terms {
    /// Compiles and checks a whole policy document.
    ///
    /// # Errors
    /// Every place that can't be meant: a calendar that does not compile or never opens, a name
    /// that is not there or there twice, a target below one second, no catch-all at the end.
    pub fn compile(policies: Policies) -> Result<Self, Vec<PolicyError>> {
        let (mut book, mut newest, mut faults) = (Book::default(), BTreeMap::new(), Vec::new());
        for (place, entry) in policies.calendars.iter().enumerate() {
            match Self::calendar_of(entry) {
                Ok(calendar) => book.add_calendar(entry.version(), calendar),
                Err(wrong) => {
                    faults.extend(wrong.into_iter().map(|fault| fault.under(&format!("/calendars/{place}/calendar"))))
                }
            }
            if newest.insert(entry.id.clone(), entry.version()).is_some() {
                faults.push(PolicyError::at(format!("/calendars/{place}/id"), "another calendar has this id"));
            }
        }
        for policy in &policies.sla {
            book.add_policy(policy.version(), Arc::new(policy.clone()));
        }
        let terms = Self { policies, book, newest };
        faults.extend(terms.faults());
        if faults.is_empty() { Ok(terms) } else { Err(faults) }
    }

    /// A calendar version, compiled.
    ///
    /// # Errors
    /// Everything that is wrong with it; a calendar that never opens is refused too.
    pub fn calendar_of(entry: &CalendarVersion) -> Result<Calendar, Vec<PolicyError>> {
        let told = |error: CalendarError| PolicyError::at(error.pointer, error.detail);
        let calendar =
            Calendar::parse(&entry.calendar).map_err(|errors| errors.into_iter().map(told).collect::<Vec<_>>())?;
        if calendar.never_opens() {
            return Err(vec![PolicyError::at(
                "/hours",
                "never opens: give the week, or a date in overrides, some hours",
            )]);
        }
        Ok(calendar)
    }

    /// The policies that every tenant starts with.
    #[must_use]
    pub fn shipped() -> Self {
        Self::compile(Policies::shipped()).expect("the shipped policies compile: a test compiles them")
    }

    fn faults(&self) -> Vec<PolicyError> {
        let Policies { sla, calendar, .. } = &self.policies;
        let mut faults = Vec::new();
        if !self.newest.contains_key(calendar) {
            faults.push(missing("/calendar", calendar));
        }
        if sla.last().is_none_or(|last| last.when != Conditions::default()) {
            let detail =
                "the last policy must match everything: end with one that has no conditions; it may say no_sla";
            faults.push(PolicyError::at("/sla", detail));
        }
        faults.extend(self.policies.priority.faults().into_iter().map(|fault| fault.under("/priority")));
        let mut names = BTreeSet::new();
        for (place, policy) in sla.iter().enumerate() {
            let under = format!("/sla/{place}");
            faults.extend(policy.faults().into_iter().map(|fault| fault.under(&under)));
            faults.extend(self.unknown_calendars(policy).into_iter().map(|fault| fault.under(&under)));
            if !names.insert(&policy.id) {
                faults.push(PolicyError::at(format!("{under}/id"), "another policy has this id"));
            }
            if policy.when == Conditions::default() && place + 1 < sla.len() {
                let detail = "matches everything, so that the policies after it are never asked: give it conditions, or put it last";
                faults.push(PolicyError::at(format!("{under}/when"), detail));
            }
        }
        faults.extend(self.policies.promises.faults(sla).into_iter().map(|fault| fault.under("/promises")));
        faults.extend(self.survey_faults());
        let rules = self.policies.routing.iter().map(|rule| (rule.id.as_str(), &rule.when)).collect::<Vec<_>>();
        faults.extend(ranked("/routing", &rules, |one, other| one.cover(other)));
        faults
    }

    fn survey_faults(&self) -> Vec<PolicyError> {
        let all = &self.policies.survey;
        let policies = all.iter().map(|policy| (policy.id.as_str(), &policy.when)).collect::<Vec<_>>();
        let mut faults = ranked("/survey", &policies, |one, other| one.cover(other));
        for (place, policy) in all.iter().enumerate() {
            faults.extend(policy.faults().into_iter().map(|fault| fault.under(&format!("/survey/{place}"))));
        }
        if all.last().is_none_or(|last| last.when != SurveyConditions::default()) {
            let detail =
                "the last policy must match everything: end with one that has no conditions; it may be disabled";
            faults.push(PolicyError::at("/survey", detail));
        }
        faults
    }

    /// The survey policy in force for the customer of `order`.
    #[must_use]
    pub fn surveying(&self, order: &WorkOrder) -> Option<&SurveyPolicy> {
        self.policies.survey.iter().find(|policy| policy.when.matches(order))
    }

    /// Every place where a policy names a calendar that is not in force.
    #[must_use]
    pub fn unknown_calendars(&self, policy: &SlaPolicy) -> Vec<PolicyError> {
        let unknown = policy.calendars().filter(|(_, id)| !self.newest.contains_key(*id));
        unknown.map(|(pointer, id)| missing(&pointer, id)).collect()
    }

    /// The policy in force that matches `subject` first.
    #[must_use]
    pub fn matching(&self, subject: Subject) -> Option<&SlaPolicy> {
        self.policies.sla.iter().find(|policy| policy.when.matches(subject)).filter(|policy| !policy.no_sla)
    }

    /// What a policy promises at a priority. Calendars that `kept` counts on stay at the version
    /// that it has of them: publishing touches no live order.
    #[must_use]
    pub fn agreement(
        &self,
        policy: &SlaPolicy,
        priority: Priority,
        choice: CalendarChoice<'_>,
        kept: Option<&Agreement>,
    ) -> Agreement {
        let target = |(metric, promise): (&Metric, &Promise)| {
            let calendar = self.choose(policy, promise, choice, kept)?;
            let ms = match promise.days {
                Some(_) => 0,
                None => promise.seconds(priority)?.saturating_mul(1000),
            };
            Some((metric.clone(), Target { ms, calendar, days: promise.days }))
        };
        Agreement { policy: policy.version(), targets: policy.targets.iter().filter_map(target).collect() }
    }

    /// The order's calendar, else its team's, else the policy's, else the tenant's.
    fn choose(
        &self,
        policy: &SlaPolicy,
        promise: &Promise,
        choice: CalendarChoice<'_>,
        kept: Option<&Agreement>,
    ) -> Option<VersionRef> {
        let named = [choice.order, choice.team, promise.calendar.as_deref(), policy.calendar.as_deref()];
        let ids = named.into_iter().flatten().chain([self.policies.calendar.as_str()]);
        ids.filter_map(|id| {
            let counted =
                kept.and_then(|kept| kept.targets.values().map(|target| &target.calendar).find(|c| c.id == id));
            counted.or_else(|| self.newest.get(id)).cloned()
        })
        .next()
    }

    /// The newest version of the calendar of that name.
    #[must_use]
    pub fn newest_calendar(&self, id: &str) -> Option<&Calendar> {
        self.book.calendar(self.newest.get(id)?).ok()
    }

    /// The tenant's own calendar.
    #[must_use]
    pub fn own_calendar(&self) -> Option<&Calendar> {
        self.newest_calendar(&self.policies.calendar)
    }

    /// The clock that the tenant's own calendar goes by; UTC where that is never closed.
    #[must_use]
    pub fn own_zone(&self) -> &str {
        let own = self.policies.calendars.iter().find(|entry| entry.id == self.policies.calendar);
        own.and_then(|entry| entry.calendar["time_zone"].as_str()).unwrap_or("UTC")
    }

    /// How long after resolving an order may come back by the customer's word.
    #[must_use]
    pub fn reopen_window(&self) -> SignedDuration {
        SignedDuration::from_secs(self.policies.reopen.window_seconds)
    }
}

fn missing(pointer: &str, calendar: &str) -> PolicyError {
    PolicyError::at(pointer, format!("there is no calendar {calendar:?}; publish it first"))
}

/// What is wrong with a list of which the first that matches counts: names that stand there twice,
/// and what is never asked because something before it takes everything that it would match.
fn ranked<C>(list: &str, items: &[(&str, &C)], covers: impl Fn(&C, &C) -> bool) -> Vec<PolicyError> {
    let mut faults = Vec::new();
    for (place, (id, when)) in items.iter().enumerate() {
        let before = &items[..place];
        if before.iter().any(|(other, _)| other == id) {
            faults.push(PolicyError::at(format!("{list}/{place}/id"), "another one has this id"));
        }
        if let Some((first, _)) = before.iter().find(|(_, earlier)| covers(earlier, when)) {
            let detail = format!(
                "{id} can match nothing: {first}, before it, takes everything that it would match; put it before that, or change the conditions of one"
            );
            faults.push(PolicyError::at(format!("{list}/{place}/when"), detail));
        }
    }
    faults
}
