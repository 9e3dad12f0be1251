//! All clocks of one order: what happens to the order moves them.
//!
//! Pure and total: a step takes what happened, when, and where the order stands, and nothing is
//! chosen here. Run over the same steps again, it makes the same clocks.

use super::clock::{Cause, Clock, millis};
use super::record::{Annulment, Breach};
use super::{Agreement, Book, ClockKey, Metric, Target, VersionRef};
use crate::calendar::{Calendar, CalendarError};
use crate::order::Status;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the customer has had a person's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirstResponse {
    /// The customer has not written yet: an agent opened the order.
    #[default]
    Unasked,
    /// The customer waits for it.
    Awaited,
    /// It was given.
    Given,
}

/// One thing that happened, and where the order stood when it did.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// The fact that says so.
    pub cause: &'a str,
    /// Where the order stands; where it goes, for a move.
    pub status: Status,
    /// In which cycle.
    pub cycle: u32,
    /// What clocks run by.
    pub book: &'a Book,
}

impl<'a> Step<'a> {
    pub(super) fn cause(&self) -> Cause<'a> {
        (self.at, self.cause)
    }
}

pub(super) type Done = Result<(), CalendarError>;

/// The whole of the target, and nothing of it used up.
pub(super) const AFRESH: (i64, SignedDuration) = (100, SignedDuration::ZERO);

/// All clocks of one order, and what they need to know of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clocks {
    /// Every clock of every cycle, in the order in which they began.
    pub all: Vec<Clock>,
    /// What is promised; absent where no policy matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// Whether the customer has had a person's answer.
    #[serde(default)]
    pub first_response: FirstResponse,
    /// Whether a message that came after the last public answer waits for one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
}

impl Clocks {
    /// The clocks of an order that a customer, or an agent, opens. None runs before something is
    /// agreed.
    #[must_use]
    pub fn opened(by_customer: bool) -> Self {
        let first_response = if by_customer { FirstResponse::Awaited } else { FirstResponse::Unasked };
        Self { first_response, ..Self::default() }
    }

    /// The newest clock of a metric, whatever its cycle.
    #[must_use]
    pub fn latest(&self, metric: &Metric) -> Option<&Clock> {
        self.all.iter().rfind(|clock| clock.key.metric == *metric)
    }

    /// The clock of that key.
    #[must_use]
    pub fn find(&self, key: &ClockKey) -> Option<&Clock> {
        self.all.iter().find(|clock| clock.key == *key)
    }

    /// The clocks that live: running, running late, or paused.
    pub fn live(&self) -> impl Iterator<Item = &Clock> {
        self.all.iter().filter(|clock| clock.is_live())
    }

    /// The live clock of a metric: there is one at most.
    #[must_use]
    pub fn live_clock(&self, metric: &Metric) -> Option<&Clock> {
        self.live().find(|clock| clock.key.metric == *metric)
    }

    /// The first promise to end.
    #[must_use]
    pub fn promised_by(&self) -> Option<Timestamp> {
        self.live().filter_map(|clock| clock.due_at).min()
    }

    /// When the first of them wants to be looked at: what the due mark carries.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.live().filter_map(Clock::next_look).min()
    }

    /// The breaches to put on record at `now`, in the order in which the promises ended.
    ///
    /// # Errors
    /// The book does not have what a clock runs by.
    pub fn broken(&self, now: Timestamp, book: &Book) -> Result<Vec<(ClockKey, Breach)>, CalendarError> {
        let mut broken = Vec::new();
        for clock in self.live() {
            broken.extend(clock.broken(now, book.time_of(clock)?).map(|breach| (clock.key.clone(), breach)));
        }
        broken.sort_by_key(|(_, breach)| breach.due_at);
        Ok(broken)
    }

    /// Puts a breach on record; one that is there stays as it is.
    pub fn record(&mut self, key: &ClockKey, breach: &Breach) {
        self.change(key, |clock| {
            clock.breach.get_or_insert_with(|| breach.clone());
        });
    }

    /// Excuses a breach; the record stays.
    pub fn annul(&mut self, key: &ClockKey, annulment: &Annulment) {
        self.change(key, |clock| {
            if let Some(breach) = &mut clock.breach {
                breach.annulled.get_or_insert_with(|| annulment.clone());
            }
        });
    }

    /// Takes note that the customer was given something for a breach.
    pub fn compensate(&mut self, key: &ClockKey) {
        self.change(key, |clock| clock.compensated = true);
    }

    /// Takes note that a rung was reached or written off.
    ///
    /// # Errors
    /// The book does not have the clock's policy.
    pub fn climb(&mut self, key: &ClockKey, level: &str, repeat: u32, book: &Book) -> Done {
        let Some(clock) = self.all.iter_mut().find(|clock| clock.key == *key) else { return Ok(()) };
        let policy = book.policy(&clock.policy)?;
        clock.climb(level, repeat, policy);
        Ok(())
    }

    fn change(&mut self, key: &ClockKey, change: impl FnOnce(&mut Clock)) {
        if let Some(clock) = self.all.iter_mut().find(|clock| clock.key == *key) {
            change(clock);
        }
    }

    /// Puts on record what was broken when `step` happened, even if no timer ran.
    pub(super) fn settle(&mut self, step: Step<'_>) -> Done {
        // Most are not late, and their calendars need not be looked up.
        for clock in self.all.iter_mut().filter(|clock| clock.due_at.is_some_and(|due_at| due_at < step.at)) {
            clock.detect(step.at, step.book.time_of(clock)?);
        }
        Ok(())
    }

    /// Something is agreed, or no longer: live clocks get their new targets with what they have
    /// consumed, those that are not promised any more end, and what is newly promised begins, at
    /// `since`. `spared` keeps what it has: the clock whose own escalation changed the priority.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what a clock runs by.
    pub fn agree(
        &mut self,
        step: Step<'_>,
        agreement: Option<&Agreement>,
        since: Timestamp,
        spared: Option<&ClockKey>,
    ) -> Done {
        self.settle(step)?;
        self.agreement = agreement.cloned();
        for clock in self.all.iter_mut().filter(|clock| clock.is_live() && spared != Some(&clock.key)) {
            let (before, metric) = (step.book.time_of(clock)?, &clock.key.metric);
            match agreement.map(|agreement| (&agreement.policy, agreement.targets.get(metric))) {
                // A law gave it: no priority or policy takes or changes it.
                _ if metric.is_statutory() => {}
                None | Some((_, None)) => clock.withdraw(step.at, before),
                Some((policy, Some(target))) => {
                    let rules = step.book.rules(metric, target, policy)?;
                    clock.retarget(target, policy, step.cause(), before, &rules)?;
                }
            }
        }
        let promised = agreement.map(|agreement| agreement.targets.keys().cloned().collect()).unwrap_or_default();
        self.begin_owed(promised, Step { at: since, ..step })?;
        self.hold(step)
    }

    /// Starts what is promised and owed, but has no clock that lives.
    fn begin_owed(&mut self, promised: Vec<Metric>, step: Step<'_>) -> Done {
        for metric in promised {
            if self.is_owed(&metric, step.status) && self.live_clock(&metric).is_none() {
                self.begin(metric, step)?;
            }
        }
        Ok(())
    }

    /// Whether somebody waits for what a metric measures, since the order began or was changed.
    pub(super) fn is_owed(&self, metric: &Metric, status: Status) -> bool {
        status.is_active()
            && match metric {
                Metric::FirstResponse => self.first_response == FirstResponse::Awaited,
                Metric::NextResponse => self.first_response == FirstResponse::Given && self.unanswered,
                Metric::Resolution => true,
                // It begins with a team's queue, and not with a promise.
                Metric::Ownership => false,
                Metric::Statutory(_) => self.latest(metric).is_none(),
            }
    }

    /// Starts a metric's clock if anything is promised, or lets the one go on that was withdrawn.
    pub(super) fn begin(&mut self, metric: Metric, step: Step<'_>) -> Done {
        let Some((target, policy)) = self.promise(&metric) else { return Ok(()) };
        let rules = step.book.rules(&metric, &target, &policy)?;
        let last = self.all.iter_mut().rfind(|clock| clock.key.metric == metric && clock.key.cycle == step.cycle);
        match last.filter(|clock| clock.is_withdrawn()) {
            Some(withdrawn) => withdrawn.retarget(&target, &policy, step.cause(), rules.calendar, &rules),
            None => self.start(metric, (started(target, step)?, policy), AFRESH, step),
        }
    }

    /// What the agreement promises for a metric.
    pub(super) fn promise(&self, metric: &Metric) -> Option<(Target, VersionRef)> {
        let agreement = self.agreement.as_ref()?;
        Some((agreement.targets.get(metric)?.clone(), agreement.policy.clone()))
    }

    pub(super) fn start(
        &mut self,
        metric: Metric,
        agreed: (Target, VersionRef),
        share: (i64, SignedDuration),
        step: Step<'_>,
    ) -> Done {
        let rules = step.book.rules(&metric, &agreed.0, &agreed.1)?;
        let same = |clock: &&Clock| clock.key.metric == metric && clock.key.cycle == step.cycle;
        let exchange = u32::try_from(self.all.iter().filter(same).count()).unwrap_or(u32::MAX).saturating_add(1);
        let key = ClockKey { metric, cycle: step.cycle, exchange };
        self.all.push(Clock::start(key, agreed, share, step.cause(), &rules)?);
        Ok(())
    }

    /// The customer said something. The first message asks for the first response; later ones open
    /// a next response while none is owed. On an order that is done it may be a thank-you, and
    /// opens nothing.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what a clock runs by.
    pub fn heard(&mut self, step: Step<'_>) -> Done {
        self.settle(step)?;
        if !step.status.is_active() {
            return Ok(());
        }
        match self.first_response {
            FirstResponse::Unasked => {
                self.first_response = FirstResponse::Awaited;
                self.begin(Metric::FirstResponse, step)?;
            }
            FirstResponse::Given if !self.unanswered => {
                self.unanswered = true;
                self.begin(Metric::NextResponse, step)?;
            }
            FirstResponse::Awaited | FirstResponse::Given => return Ok(()),
        }
        self.hold(step)
    }

    /// A person answered the customer in public.
    ///
    /// # Errors
    /// The book does not have what a clock runs by.
    pub fn answered(&mut self, step: Step<'_>) -> Done {
        self.settle(step)?;
        self.unanswered = false;
        if self.first_response == FirstResponse::Awaited {
            self.first_response = FirstResponse::Given;
        }
        self.end(step, |metric| matches!(metric, Metric::FirstResponse | Metric::NextResponse), Clock::stop)
    }

    /// The order moved: clocks that its policy holds there pause, the others go on.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what a clock runs by.
    pub fn moved(&mut self, step: Step<'_>) -> Done {
        self.settle(step)?;
        self.hold(step)
    }

    pub(super) fn hold(&mut self, step: Step<'_>) -> Done {
        for clock in self.all.iter_mut().filter(|clock| clock.is_live()) {
            let policy = step.book.policy(&clock.policy)?;
            let holds = !clock.key.metric.is_statutory() && policy.pauses(step.status, &clock.key.metric);
            match (holds, clock.is_paused()) {
                (true, false) => clock.pause(step.cause(), step.book.time_of(clock)?),
                (false, true) => clock.resume(step.cause(), &step.book.rules_of(clock)?)?,
                (true, true) | (false, false) => {}
            }
        }
        Ok(())
    }

    /// The order came into a team's queue. In another team's the clock begins anew; an order that is
    /// done owes nobody to take it.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what a clock runs by.
    pub fn queued(&mut self, step: Step<'_>, other_team: bool) -> Done {
        self.settle(step)?;
        if other_team {
            self.end(step, |metric| *metric == Metric::Ownership, Clock::cancel)?;
        }
        if !step.status.is_active() || self.live_clock(&Metric::Ownership).is_some() {
            return Ok(());
        }
        self.begin(Metric::Ownership, step)?;
        self.hold(step)
    }

    /// Somebody took it: out of its team's queue, or for another team. Then the first team has not
    /// kept what it owed, but owes it no more.
    ///
    /// # Errors
    /// The book does not have what a clock runs by.
    pub fn taken(&mut self, step: Step<'_>, other_team: bool) -> Done {
        self.settle(step)?;
        let how = if other_team { Clock::cancel } else { Clock::stop };
        self.end(step, |metric| *metric == Metric::Ownership, how)
    }

    /// It was put right: the resolution and what a law gives stop, and nothing else is owed now.
    ///
    /// # Errors
    /// The book does not have what a clock runs by.
    pub fn resolved(&mut self, step: Step<'_>) -> Done {
        self.settle(step)?;
        self.unanswered = false;
        self.end(step, |metric| *metric == Metric::Resolution || metric.is_statutory(), Clock::stop)?;
        self.end(step, |_| true, Clock::cancel)
    }

    /// Nothing is owed any more: spam, a duplicate, merged into another.
    ///
    /// # Errors
    /// The book does not have what a clock runs by.
    pub fn cancelled(&mut self, step: Step<'_>) -> Done {
        self.settle(step)?;
        self.unanswered = false;
        self.end(step, |_| true, Clock::cancel)
    }

    fn end(
        &mut self,
        step: Step<'_>,
        which: impl Fn(&Metric) -> bool,
        how: fn(&mut Clock, Timestamp, &Calendar),
    ) -> Done {
        for clock in self.all.iter_mut().filter(|clock| !clock.is_over() && which(&clock.key.metric)) {
            how(clock, step.at, step.book.time_of(clock)?);
        }
        Ok(())
    }
}

/// A target that begins with `step`: a law's days are counted from there.
///
/// # Source
/// Civil Code of the People's Republic of China, articles 201 and 203: the day on which a period of
/// days begins is not counted, and its last day ends at 24:00.
fn started(target: Target, step: Step<'_>) -> Result<Target, CalendarError> {
    let Some(days) = target.days else { return Ok(target) };
    let ends = step.book.calendar(&target.calendar)?.end_of_day(step.at, days);
    Ok(Target { ms: millis(ends.duration_since(step.at)), ..target })
}
