//! One metric's progress in one cycle and exchange of an order.

use super::level::Rung;
use super::record::{Breach, BreachCause, ClockState, Segment, SegmentKind};
use super::{ClockKey, Target, VersionRef};
use crate::calendar::{Calendar, CalendarError};
use crate::policy::SlaPolicy;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a clock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum End {
    /// What was promised was done.
    Stopped,
    /// The policy does not promise it any more; if one does again, it goes on.
    Withdrawn,
    /// Nobody waits for it any more.
    Cancelled,
}

/// One metric's progress in one cycle and exchange of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// Which one.
    #[serde(flatten)]
    pub key: ClockKey,
    /// How much time, on which calendar.
    pub target: Target,
    /// The policy version that the target was copied from.
    pub policy: VersionRef,
    /// Business milliseconds that earlier cycles used up; they count against the target.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub carried_ms: i64,
    /// Share of the agreed target that it gets, in percent: less than 100 after a broken cycle.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub share: i64,
    /// Business milliseconds granted on top of the target when it was changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub grace_ms: i64,
    /// When the promise ends because somebody says so, whatever the target comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Timestamp>,
    /// Its life so far, in order, without overlap; the last one is open while the clock lives.
    pub segments: Vec<Segment>,
    /// When the promise is broken; absent unless running (or running late).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    /// The record, once broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
    /// Whether the customer was given something for the breach: once at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compensated: bool,
    /// Rungs that were reached or written off; each at most once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Rung>,
    /// Rungs to come, earliest first; empty unless running.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Rung>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(ms: &i64) -> bool {
    *ms == 0
}

fn whole() -> i64 {
    100
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_whole(share: &i64) -> bool {
    *share == whole()
}

/// What a clock runs by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What its time is counted on.
    pub calendar: &'a Calendar,
    /// The policy it was agreed under: its ladder, and the grace it gives.
    pub policy: &'a SlaPolicy,
}

/// When something happened, and the fact that says so.
pub(super) type Cause<'a> = (Timestamp, &'a str);

impl Clock {
    /// A clock that runs from an instant on. It gets a `share` of what was agreed, in percent, of
    /// which earlier cycles have used up `carried`.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub(super) fn start(
        key: ClockKey,
        (target, policy): (Target, VersionRef),
        (share, carried): (i64, SignedDuration),
        cause: Cause<'_>,
        rules: &Rules<'_>,
    ) -> Result<Self, CalendarError> {
        let mut clock = Self {
            key,
            target: target.percent(share),
            policy,
            carried_ms: millis(carried),
            share,
            grace_ms: 0,
            overridden: None,
            segments: Vec::new(),
            due_at: None,
            end: None,
            breach: None,
            compensated: false,
            done: Vec::new(),
            pending: Vec::new(),
        };
        clock.run(cause, rules)?;
        Ok(clock)
    }

    /// How it stands at `now`. A broken promise stays broken, whatever happens to the clock
    /// afterwards; it is broken a millisecond after its due instant, even if no timer ran.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ClockState {
        match (self.is_breached(now), self.end, self.open()) {
            (true, ..) => ClockState::Breached,
            (false, Some(End::Stopped), _) => ClockState::Fulfilled,
            (false, Some(End::Withdrawn | End::Cancelled), _) => ClockState::Cancelled,
            (false, None, Some(SegmentKind::Pause)) => ClockState::Paused,
            (false, None, _) => ClockState::Running,
        }
    }

    /// Whether the promise was broken by `now`.
    #[must_use]
    pub fn is_breached(&self, now: Timestamp) -> bool {
        self.breach.is_some() || self.due_at.is_some_and(|due_at| due_at < now)
    }

    /// The kind of the open segment; `None` once the clock has ended.
    pub(super) fn open(&self) -> Option<SegmentKind> {
        self.segments.last().filter(|segment| segment.to.is_none()).map(|segment| segment.kind)
    }

    /// Whether it still lives: running, running late, or paused.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it is held.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.is_live() && self.open() == Some(SegmentKind::Pause)
    }

    /// Whether its policy does not promise it any more, and it may go on if one does again.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.end == Some(End::Withdrawn)
    }

    /// Whether nothing can move it any more.
    pub(super) fn is_over(&self) -> bool {
        !self.is_live() && !self.is_withdrawn()
    }

    /// Business time used up at `now`, earlier cycles included: the sum of the run segments.
    #[must_use]
    pub fn consumed(&self, calendar: &Calendar, now: Timestamp) -> SignedDuration {
        let ended: i64 = self.segments.iter().map(|segment| segment.ms).sum();
        let running = self.segments.last().filter(|_| self.open() == Some(SegmentKind::Run));
        let since = running.map_or(SignedDuration::ZERO, |run| calendar.between(run.from, now));
        SignedDuration::from_millis(self.carried_ms + ended) + since
    }

    /// Business time that the promise gives in all.
    pub(super) fn allowed(&self) -> SignedDuration {
        self.target.duration() + SignedDuration::from_millis(self.grace_ms)
    }

    /// Opens a run segment and says when the promise ends: `due = add(now, target - consumed)`.
    fn run(&mut self, (at, cause): Cause<'_>, rules: &Rules<'_>) -> Result<(), CalendarError> {
        let consumed = self.consumed(rules.calendar, at);
        self.end = None;
        self.segments.push(open(SegmentKind::Run, at, cause));
        self.look_from(at, consumed, rules)
    }

    /// Ends the open segment; nothing is due or pending any more.
    pub(super) fn close(&mut self, at: Timestamp, calendar: &Calendar) {
        if let Some(segment) = self.segments.last_mut().filter(|segment| segment.to.is_none()) {
            segment.to = Some(at);
            if segment.kind == SegmentKind::Run {
                segment.ms = millis(calendar.between(segment.from, at));
            }
        }
        self.due_at = None;
        self.pending.clear();
    }

    /// The promise was kept, or its breach is recorded: exactly at due is in time, a millisecond
    /// later is not, even if no timer ran. What was withdrawn has nothing to keep.
    pub(super) fn stop(&mut self, at: Timestamp, calendar: &Calendar) {
        self.finish(if self.is_live() { End::Stopped } else { End::Cancelled }, at, calendar);
    }

    /// Nobody waits for it any more; a breach stays.
    pub(super) fn cancel(&mut self, at: Timestamp, calendar: &Calendar) {
        self.finish(End::Cancelled, at, calendar);
    }

    /// The policy does not promise it any more; a breach stays.
    pub(super) fn withdraw(&mut self, at: Timestamp, calendar: &Calendar) {
        self.finish(End::Withdrawn, at, calendar);
    }

    fn finish(&mut self, end: End, at: Timestamp, calendar: &Calendar) {
        self.detect(at, calendar);
        self.close(at, calendar);
        self.end = Some(end);
    }

    /// Holds a running clock: what remains is frozen, and nothing is due.
    pub(super) fn pause(&mut self, (at, cause): Cause<'_>, calendar: &Calendar) {
        if self.open() == Some(SegmentKind::Run) {
            self.detect(at, calendar);
            self.close(at, calendar);
            self.segments.push(open(SegmentKind::Pause, at, cause));
        }
    }

    /// Lets a paused clock go on: `due = add(now, remaining)`.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub(super) fn resume(&mut self, cause: Cause<'_>, rules: &Rules<'_>) -> Result<(), CalendarError> {
        if self.open() == Some(SegmentKind::Pause) {
            self.close(cause.0, rules.calendar);
            self.run(cause, rules)?;
        }
        Ok(())
    }

    /// Gives the clock another target: `remaining = max(0, new target - consumed)`. One that runs,
    /// or was withdrawn and goes on now, is broken at once with nothing left, unless the policy
    /// grants a grace; a paused one only has less, or more, to go on with. The same target again
    /// moves nothing.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub(super) fn retarget(
        &mut self,
        agreed: &Target,
        policy: &VersionRef,
        cause: Cause<'_>,
        before: &Calendar,
        rules: &Rules<'_>,
    ) -> Result<(), CalendarError> {
        let target = agreed.percent(self.share);
        if self.target == target && self.is_live() {
            self.policy = policy.clone();
            return self.look_ahead(cause.0, rules);
        }
        if self.is_paused() {
            self.move_to(target, policy);
            return Ok(());
        }
        self.detect(cause.0, before);
        self.close(cause.0, before);
        self.move_to(target, policy);
        self.go_on(cause, rules)
    }

    /// Runs on by what is promised now. With nothing left it is broken at once, or has its policy's
    /// grace; what somebody promised by hand is left as it is.
    pub(super) fn go_on(&mut self, cause: Cause<'_>, rules: &Rules<'_>) -> Result<(), CalendarError> {
        let consumed = self.consumed(rules.calendar, cause.0);
        let open = self.breach.is_none() && self.overridden.is_none();
        let exhausted = open && consumed >= self.target.duration();
        if exhausted && rules.policy.retarget_grace_seconds > 0 {
            self.grace_ms = millis(consumed - self.target.duration()) + rules.policy.retarget_grace_seconds * 1000;
        } else if exhausted {
            self.breach = Some(record(cause.0, cause.0, BreachCause::Retarget, consumed));
        }
        self.run(cause, rules)
    }

    /// Takes over another target; segments remember the calendar that they were counted on.
    fn move_to(&mut self, target: Target, policy: &VersionRef) {
        if self.target.calendar != target.calendar {
            for segment in self.segments.iter_mut().filter(|segment| segment.kind == SegmentKind::Run) {
                segment.calendar.get_or_insert_with(|| self.target.calendar.clone());
            }
        }
        (self.target, self.policy, self.grace_ms) = (target, policy.clone(), 0);
    }

    /// Records the breach if the promise is past at `now`.
    pub(super) fn detect(&mut self, now: Timestamp, calendar: &Calendar) {
        if let Some(breach) = self.broken(now, calendar) {
            self.breach = Some(breach);
        }
    }

    /// The breach to record at `now`, if there is one that is not on record.
    #[must_use]
    pub fn broken(&self, now: Timestamp, calendar: &Calendar) -> Option<Breach> {
        let due_at = self.due_at.filter(|due_at| *due_at < now && self.breach.is_none())?;
        Some(record(due_at, now, BreachCause::Elapsed, self.consumed(calendar, now)))
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.segments.first().map(|segment| segment.from)
    }
}

fn open(kind: SegmentKind, from: Timestamp, cause: &str) -> Segment {
    Segment { kind, from, to: None, cause: cause.to_owned(), ms: 0, calendar: None }
}

fn record(due_at: Timestamp, detected_at: Timestamp, cause: BreachCause, consumed: SignedDuration) -> Breach {
    Breach { due_at, detected_at, cause, consumed_ms: millis(consumed), annulled: None }
}

/// Business time in whole milliseconds.
pub(super) fn millis(time: SignedDuration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
