//! Versions that never change: what clocks run by.

use super::{Clock, Metric, Rules, Target, VersionRef};
use crate::calendar::{Calendar, CalendarError};
use crate::policy::SlaPolicy;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

static ALWAYS: LazyLock<Calendar> = LazyLock::new(Calendar::always);

/// Compiled calendars and policies, each by its version.
#[derive(Debug, Clone, Default)]
pub struct Book {
    calendars: BTreeMap<VersionRef, Calendar>,
    policies: BTreeMap<VersionRef, Arc<SlaPolicy>>,
}

impl Book {
    /// Adds a calendar version.
    pub fn add_calendar(&mut self, version: VersionRef, calendar: Calendar) {
        self.calendars.insert(version, calendar);
    }

    /// Adds a policy version.
    pub fn add_policy(&mut self, version: VersionRef, policy: Arc<SlaPolicy>) {
        self.policies.insert(version, policy);
    }

    /// All that `other` knows, too.
    pub fn extend(&mut self, other: &Self) {
        self.calendars.extend(other.calendars.clone());
        self.policies.extend(other.policies.clone());
    }

    /// A calendar version.
    ///
    /// # Errors
    /// `unknown_version` if it is not in the book: whoever loads an order loads what its clocks run by.
    pub fn calendar(&self, version: &VersionRef) -> Result<&Calendar, CalendarError> {
        self.calendars.get(version).ok_or_else(|| unknown("calendar", version))
    }

    /// A policy version.
    ///
    /// # Errors
    /// `unknown_version` if it is not in the book.
    pub fn policy(&self, version: &VersionRef) -> Result<&Arc<SlaPolicy>, CalendarError> {
        self.policies.get(version).ok_or_else(|| unknown("policy", version))
    }

    /// Whether the book has this calendar version.
    #[must_use]
    pub fn has_calendar(&self, version: &VersionRef) -> bool {
        self.calendars.contains_key(version)
    }

    /// Whether the book has this policy version.
    #[must_use]
    pub fn has_policy(&self, version: &VersionRef) -> bool {
        self.policies.contains_key(version)
    }

    /// What a clock is counted on.
    ///
    /// # Errors
    /// `unknown_version` if its calendar is not in the book.
    pub fn time_of(&self, clock: &Clock) -> Result<&Calendar, CalendarError> {
        self.time(&clock.key.metric, &clock.target)
    }

    /// A target's calendar, or for what a law gives the clock on the wall.
    fn time(&self, metric: &Metric, target: &Target) -> Result<&Calendar, CalendarError> {
        if metric.is_statutory() { Ok(&ALWAYS) } else { self.calendar(&target.calendar) }
    }

    /// What a clock of `metric` runs by under a target and a policy.
    ///
    /// # Errors
    /// `unknown_version` if the calendar or the policy is not in the book.
    pub fn rules(&self, metric: &Metric, target: &Target, policy: &VersionRef) -> Result<Rules<'_>, CalendarError> {
        Ok(Rules { calendar: self.time(metric, target)?, policy: self.policy(policy)? })
    }

    /// What a clock runs by.
    ///
    /// # Errors
    /// `unknown_version` if its calendar or policy is not in the book.
    pub fn rules_of(&self, clock: &Clock) -> Result<Rules<'_>, CalendarError> {
        self.rules(&clock.key.metric, &clock.target, &clock.policy)
    }
}

fn unknown(kind: &str, version: &VersionRef) -> CalendarError {
    let detail = format!("there is no {kind} {version}: a clock still runs by it, so restore the document");
    CalendarError { pointer: String::new(), code: "unknown_version", detail }
}
