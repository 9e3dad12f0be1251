//! The agreement, and one clock per metric and cycle.
//!
//! A clock keeps the segments in which it ran or paused; consumed time is the sum of the run
//! segments and is never computed again from creation (sla.md section 3).

pub mod proof;

use crate::calendar::{Calendar, CalendarError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// A person's first public answer.
    FirstResponse,
    /// A person's public answer to a later message.
    NextResponse,
    /// From creation to resolved.
    Resolution,
}

impl Metric {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }
}

/// Which version of which calendar a clock runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRef {
    /// The calendar's name within the tenant.
    pub id: String,
    /// Its version; a version never changes.
    pub version: u32,
}

/// Business time for a metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Business seconds.
    pub seconds: i64,
    /// The calendar they are counted on.
    pub calendar: CalendarRef,
}

impl Target {
    fn duration(&self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds)
    }
}

/// How a clock stands, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Not started.
    Idle,
    /// Counting.
    Running,
    /// Held; has no due instant.
    Paused,
    /// Stopped in time.
    Fulfilled,
    /// The promise was broken; stays so.
    Breached,
    /// No longer promised.
    Cancelled,
}

/// Whether a stretch of a clock's life counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// Counts, in business time.
    Run,
    /// Does not count.
    Pause,
}

/// One stretch of a clock's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Whether it counts.
    pub kind: SegmentKind,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; open while absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The fact that began it.
    pub cause: String,
}

/// Why a promise counts as broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachCause {
    /// The time ran out.
    Elapsed,
}

/// A broken promise: written once, never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What had been promised.
    pub due_at: Timestamp,
    /// When it was seen to be broken.
    pub detected_at: Timestamp,
    /// Why.
    pub cause: BreachCause,
    /// Business seconds used up by then.
    pub consumed_seconds: i64,
}

/// A rung of the ladder that a clock has still to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The level's name.
    pub level: String,
    /// When it fires.
    pub at: Timestamp,
}

/// Where in a clock's run a level lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// When this share of the target is consumed, 1 to 99.
    Percent(u8),
    /// The due instant.
    Due,
}

/// Who is told when a level is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Who works on it.
    Agent,
    /// Who leads the team.
    TeamLead,
    /// The tenant's supervisors.
    Supervisors,
}

/// A rung of the escalation ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name, unique in the ladder.
    pub name: String,
    /// When it is reached.
    pub anchor: Anchor,
    /// Who is told.
    pub audience: Audience,
}

/// One metric's progress in one cycle of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What is promised.
    pub metric: Metric,
    /// 1, and one more with every reopening.
    pub cycle: u32,
    /// How much time, on which calendar.
    pub target: Target,
    /// The policy version that the target was copied from.
    pub policy_version: u32,
    /// Business seconds that earlier cycles used up; they count against the target.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub carried_seconds: i64,
    /// Its life so far, in order, without overlap; the last one is open while the clock lives.
    pub segments: Vec<Segment>,
    /// When the promise is broken; absent unless running (or running late).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// Taken back: no longer promised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
    /// The record, once broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
    /// Levels that have fired in this cycle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<String>,
    /// Levels to come, earliest first; empty unless running.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(seconds: &i64) -> bool {
    *seconds == 0
}

/// The part of the agreement that a clock needs at every step.
pub struct Rules<'a> {
    /// The compiled calendar of the clock's target.
    pub calendar: &'a Calendar,
    /// The escalation ladder.
    pub ladder: &'a [Level],
}

impl Clock {
    /// A clock that runs from `at`, of which earlier cycles have used up `carried_seconds`.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub fn start(
        metric: Metric,
        cycle: u32,
        (target, policy_version): (Target, u32),
        carried_seconds: i64,
        (at, cause): (Timestamp, &str),
        rules: &Rules<'_>,
    ) -> Result<Self, CalendarError> {
        let mut clock = Self {
            metric,
            cycle,
            target,
            policy_version,
            carried_seconds,
            segments: Vec::new(),
            due_at: None,
            cancelled: false,
            breach: None,
            fired: Vec::new(),
            pending: Vec::new(),
        };
        clock.run(at, cause, rules)?;
        Ok(clock)
    }

    /// How it stands. A broken promise stays broken, whatever happens to the clock afterwards.
    #[must_use]
    pub fn state(&self) -> ClockState {
        match (&self.breach, self.cancelled, self.open()) {
            (Some(_), _, _) => ClockState::Breached,
            (None, true, _) => ClockState::Cancelled,
            (None, false, None) => ClockState::Fulfilled,
            (None, false, Some(SegmentKind::Run)) => ClockState::Running,
            (None, false, Some(SegmentKind::Pause)) => ClockState::Paused,
        }
    }

    /// The kind of the open segment; `None` once the clock has stopped.
    fn open(&self) -> Option<SegmentKind> {
        self.segments.last().filter(|segment| segment.to.is_none()).map(|segment| segment.kind)
    }

    /// Whether it still lives: running, running late, or paused.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.open().is_some()
    }

    /// Business time used up at `now`, earlier cycles included: the sum of the run segments.
    #[must_use]
    pub fn consumed(&self, calendar: &Calendar, now: Timestamp) -> SignedDuration {
        let runs = self.segments.iter().filter(|segment| segment.kind == SegmentKind::Run);
        runs.fold(SignedDuration::from_secs(self.carried_seconds), |sum, run| {
            sum + calendar.between(run.from, run.to.unwrap_or(now))
        })
    }

    /// Opens a run segment and says when the promise ends: `due = add(now, target - consumed)`.
    fn run(&mut self, at: Timestamp, cause: &str, rules: &Rules<'_>) -> Result<(), CalendarError> {
        let consumed = self.consumed(rules.calendar, at);
        let remaining = (self.target.duration() - consumed).max(SignedDuration::ZERO);
        let due_at = rules.calendar.add(at, remaining)?;
        self.segments.push(Segment { kind: SegmentKind::Run, from: at, to: None, cause: cause.to_owned() });
        self.due_at = Some(due_at);
        self.pending = self.rungs(at, consumed, due_at, rules)?;
        Ok(())
    }

    /// The levels that have not fired in this cycle, with their instants, earliest first.
    fn rungs(
        &self,
        at: Timestamp,
        consumed: SignedDuration,
        due_at: Timestamp,
        rules: &Rules<'_>,
    ) -> Result<Vec<Pending>, CalendarError> {
        let mut rungs = Vec::new();
        for level in rules.ladder.iter().filter(|level| !self.fired.contains(&level.name)) {
            let instant = match level.anchor {
                Anchor::Due => due_at,
                Anchor::Percent(percent) => {
                    let share = self.target.duration() * i32::from(percent) / 100;
                    rules.calendar.add(at, (share - consumed).max(SignedDuration::ZERO))?
                }
            };
            rungs.push(Pending { level: level.name.clone(), at: instant });
        }
        rungs.sort_by_key(|rung| rung.at);
        Ok(rungs)
    }

    /// Ends the open segment; nothing is due or pending any more.
    fn close(&mut self, at: Timestamp) {
        if let Some(segment) = self.segments.last_mut() {
            segment.to.get_or_insert(at);
        }
        self.due_at = None;
        self.pending.clear();
    }

    /// The promise was kept, or its breach is recorded: exactly at due is in time, a millisecond
    /// later is not, even if no timer ran.
    pub fn stop(&mut self, at: Timestamp, calendar: &Calendar) {
        self.detect(at, calendar);
        self.close(at);
    }

    /// Nobody is promised anything any more; a breach stays.
    pub fn cancel(&mut self, at: Timestamp, calendar: &Calendar) {
        if self.is_live() {
            self.detect(at, calendar);
            self.close(at);
            self.cancelled = self.breach.is_none();
        }
    }

    /// Holds a running clock: what remains is frozen, and nothing is due.
    pub fn pause(&mut self, at: Timestamp, cause: &str, calendar: &Calendar) {
        if self.open() == Some(SegmentKind::Run) {
            self.detect(at, calendar);
            self.close(at);
            self.segments.push(Segment { kind: SegmentKind::Pause, from: at, to: None, cause: cause.to_owned() });
        }
    }

    /// Lets a paused clock go on: `due = add(now, remaining)`.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub fn resume(&mut self, at: Timestamp, cause: &str, rules: &Rules<'_>) -> Result<(), CalendarError> {
        if self.open() == Some(SegmentKind::Pause) {
            self.close(at);
            self.run(at, cause, rules)?;
        }
        Ok(())
    }

    /// Records the breach if the promise is past at `now`; `true` if this call found it.
    pub fn detect(&mut self, now: Timestamp, calendar: &Calendar) -> bool {
        let Some(due_at) = self.due_at.filter(|due_at| *due_at < now && self.breach.is_none()) else {
            return false;
        };
        let consumed_seconds = self.consumed(calendar, now).as_secs();
        self.breach = Some(Breach { due_at, detected_at: now, cause: BreachCause::Elapsed, consumed_seconds });
        true
    }

    /// Takes note that a level fired.
    pub fn fire(&mut self, level: &str) {
        self.pending.retain(|rung| rung.level != level);
        self.fired.push(level.to_owned());
    }

    /// When the clock wants to be looked at: its next rung, or the millisecond after due (exactly
    /// at due is still in time).
    #[must_use]
    pub fn next_look(&self) -> Option<Timestamp> {
        let breach = self.due_at.filter(|_| self.breach.is_none()).map(after);
        let rung = self.pending.first().map(|rung| rung.at);
        breach.into_iter().chain(rung).min()
    }
}

/// The next millisecond.
fn after(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX)
}
