//! What is promised for an order: agreed when it begins, and again when what it rests on changes.

use super::{Entry, Refusal, WorkOrder};
use crate::calendar::CalendarError;
use crate::category::Category;
use crate::fact::{AgreedBecause, Outcome, Understanding, What};
use crate::id::SurveyId;
use crate::policy::{CalendarChoice, Subject, Terms};
use crate::priority::Priority;
use crate::sla::{Agreement, Clock, ClockKey, Clocks};

impl WorkOrder {
    /// What the choice of an SLA policy looks at.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let tier = self.customer.tier.unwrap_or(crate::feedback::Tier::Standard);
        Subject { channel: self.channel, category: self.category, sentiment: self.sentiment, tier }
    }

    /// Agrees on what is promised by the policies in force, and starts the clocks.
    /// `team_calendar` is that of the team whose order it is going to be.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn agree(&mut self, by: Entry<'_>, team_calendar: Option<&str>) -> Result<(), CalendarError> {
        let agreement = self.matched(by.terms, team_calendar, None);
        self.record(by, What::SlaApplied { agreement, why: AgreedBecause::Created, spared: None, reason: None })
    }

    /// What the policies in force promise now; calendars stay at the versions of `kept`.
    fn matched(&self, terms: &Terms, team_calendar: Option<&str>, kept: Option<&Agreement>) -> Option<Agreement> {
        let policy = terms.matching(self.subject())?;
        Some(terms.agreement(policy, self.priority, self.choice(team_calendar), kept))
    }

    fn choice<'a>(&'a self, team_calendar: Option<&'a str>) -> CalendarChoice<'a> {
        CalendarChoice { order: self.calendar.as_deref(), team: team_calendar }
    }

    /// Gives it another priority; its clocks get that priority's targets by the policy version
    /// that was agreed. `spared` is the clock whose escalation raised it.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn prioritise(
        &mut self,
        by: Entry<'_>,
        to: Priority,
        team_calendar: Option<&str>,
        spared: Option<ClockKey>,
    ) -> Result<(), CalendarError> {
        if to == self.priority {
            return Ok(());
        }
        self.record(by, What::PriorityChanged { from: self.priority, to })?;
        let agreed = match &self.clocks.agreement {
            Some(agreed) => {
                let policy = by.terms.book.policy(&agreed.policy)?;
                Some(by.terms.agreement(policy, to, self.choice(team_calendar), Some(agreed)))
            }
            None => None,
        };
        self.change(by, agreed, AgreedBecause::Priority, spared, None)
    }

    /// Says that it is about something else. A person's word needs no review, and another policy
    /// may match.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn relabel(&mut self, by: Entry<'_>, to: Category, team_calendar: Option<&str>) -> Result<(), CalendarError> {
        if to == self.category && !self.needs_review {
            return Ok(());
        }
        self.record(by, What::CategoryChanged { from: self.category, to })?;
        self.rematch(by, team_calendar, AgreedBecause::Conditions)
    }

    /// Takes note of what its words mean together with what the customer says against how it was
    /// resolved. It may become more urgent by that, and never less; and it is about something else
    /// only where that is sure. What follows has this as its cause.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn reassess(
        &mut self,
        by: Entry<'_>,
        survey: &SurveyId,
        understanding: Understanding,
        team_calendar: Option<&str>,
    ) -> Result<(), CalendarError> {
        let (to, priority) = (understanding.category, understanding.priority);
        self.record(by, What::Reassessed { survey: survey.clone(), understanding })?;
        let cause = self.facts.last().map(|fact| fact.id.clone()).unwrap_or_default();
        let by = by.because(&cause);
        if to != self.category && !understanding.needs_review {
            self.record(by, What::CategoryChanged { from: self.category, to })?;
        }
        self.rematch(by, team_calendar, AgreedBecause::Conditions)?;
        if priority < self.priority { self.prioritise(by, priority, team_calendar, None) } else { Ok(()) }
    }

    /// Counts its time on a calendar of its own, or no longer.
    ///
    /// # Errors
    /// The calendar is not in force, or has no open time.
    pub fn recalendar(
        &mut self,
        by: Entry<'_>,
        calendar: Option<String>,
        team_calendar: Option<&str>,
    ) -> Result<(), Refusal> {
        if calendar == self.calendar {
            return Ok(());
        }
        if let Some(id) = calendar.as_deref().filter(|id| by.terms.newest_calendar(id).is_none()) {
            return Err(Refusal::NoSuchCalendar(id.to_owned()));
        }
        self.record(by, What::CalendarChanged { calendar })?;
        Ok(self.recount(by, team_calendar)?)
    }

    /// Counts its time on the calendar that it or its team asks for now, by the policy version that
    /// was agreed.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn recount(&mut self, by: Entry<'_>, team_calendar: Option<&str>) -> Result<(), CalendarError> {
        let Some(agreed) = &self.clocks.agreement else { return Ok(()) };
        let policy = by.terms.book.policy(&agreed.policy)?;
        let agreement = by.terms.agreement(policy, self.priority, self.choice(team_calendar), Some(agreed));
        self.change(by, Some(agreement), AgreedBecause::Calendar, None, None)
    }

    /// Applies the policies and calendars in force to an order that began under earlier ones.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn reapply(&mut self, by: Entry<'_>, team_calendar: Option<&str>, reason: String) -> Result<(), CalendarError> {
        let agreement = self.matched(by.terms, team_calendar, None);
        self.change(by, agreement, AgreedBecause::Reapply, None, Some(reason))
    }

    /// Whether applying the policies and calendars in force would promise something else.
    #[must_use]
    pub fn is_outdated(&self, terms: &Terms, team_calendar: Option<&str>) -> bool {
        self.matched(terms, team_calendar, None) != self.clocks.agreement
    }

    /// A field that conditions look at has changed. While the policy that matched still does, its
    /// agreed version stays.
    fn rematch(&mut self, by: Entry<'_>, team_calendar: Option<&str>, why: AgreedBecause) -> Result<(), CalendarError> {
        let agreed = self.clocks.agreement.as_ref();
        let matched = self.matched(by.terms, team_calendar, agreed);
        let same = |new: &Agreement| agreed.is_some_and(|agreed| agreed.policy.id == new.policy.id);
        if matched.as_ref().is_some_and(same) { Ok(()) } else { self.change(by, matched, why, None, None) }
    }

    /// Agrees on something else, unless it is the same. Of the rungs of a clock that it moves and
    /// that are past at once, the highest is left to be climbed, and the others are written off.
    fn change(
        &mut self,
        by: Entry<'_>,
        agreement: Option<Agreement>,
        why: AgreedBecause,
        spared: Option<ClockKey>,
        reason: Option<String>,
    ) -> Result<(), CalendarError> {
        // What somebody asked for is written down with its reason, though it be the same.
        if agreement == self.clocks.agreement && reason.is_none() {
            return Ok(());
        }
        self.settle(by)?;
        let before = self.clocks.clone();
        self.write(by, What::SlaApplied { agreement, why, spared, reason })?;
        self.tell_moved(&before, by)
    }

    /// Writes down what follows from clocks that were moved: what is broken thereby, and the rungs that
    /// are past, but for the highest.
    pub(super) fn tell_moved(&mut self, before: &Clocks, by: Entry<'_>) -> Result<(), CalendarError> {
        let was = |clock: &Clock| before.find(&clock.key);
        let broken = self.clocks.live().filter(|clock| was(clock).is_some_and(|was| was.breach.is_none()));
        let promise = |clock: &Clock| (clock.target.clone(), clock.policy.clone(), clock.overridden);
        let moved = |was: &Clock, clock: &Clock| promise(was) != promise(clock);
        let moved = self.clocks.live().filter(|clock| was(clock).is_some_and(|was| moved(was, clock)));
        let broken = broken.filter_map(|clock| self.breached(clock));
        let told: Vec<What> = broken.chain(moved.flat_map(|clock| self.overtaken(clock, by))).collect();
        told.into_iter().try_for_each(|what| self.write(by, what))
    }

    /// The rungs of a clock that are past, but for the highest.
    fn overtaken(&self, clock: &Clock, by: Entry<'_>) -> Vec<What> {
        let now = self.happened(by);
        let past: Vec<_> = clock.pending.iter().take_while(|rung| rung.at <= now).collect();
        let lower = past.split_last().map_or(&[][..], |(_, lower)| lower);
        lower.iter().map(|rung| self.climbed(clock, rung, Outcome::SkippedRetarget, by)).collect()
    }

    /// Excuses a broken promise; its record stays, and so does this.
    ///
    /// # Errors
    /// There is no such breach, or it is excused already.
    pub fn annul(&mut self, by: Entry<'_>, clock: ClockKey, reason: String) -> Result<(), Refusal> {
        let now = self.happened(by);
        // What no timer has seen yet is broken all the same, and written down first.
        let broken = self.clocks.find(&clock).filter(|clock| clock.is_breached(now));
        let excused = |clock: &crate::sla::Clock| clock.breach.as_ref().is_some_and(|breach| breach.annulled.is_some());
        if broken.is_none_or(excused) {
            return Err(Refusal::NothingBroken);
        }
        Ok(self.record(by, What::BreachAnnulled { clock, reason })?)
    }
}
