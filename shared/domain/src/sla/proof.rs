//! Why is this red? Every stretch of every clock, and the arithmetic to its due instant, derived
//! again from the calendar versions and not from what the clock remembers.

use super::{Breach, Clock, ClockKey, ClockState, Seconds, Segment, SegmentKind};
use crate::calendar::{Calendar, CalendarError, ClosedDay, ClosedReason};
use crate::order::WorkOrder;
use crate::policy::Terms;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

/// One stretch, with the business time it counted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProvedSegment {
    /// Whether it counted.
    pub kind: SegmentKind,
    /// From when.
    pub from: Timestamp,
    /// Until when; `null` while it lasts.
    pub to: Option<Timestamp>,
    /// Business seconds in it, up to now while it lasts; 0 for a pause.
    pub business_seconds: Seconds,
    /// The fact that began it.
    pub cause: String,
    /// The calendar it was counted on, as `id@version`.
    pub calendar_version: String,
}

/// A day that counted nothing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProvedDay {
    /// The local date, and what closes it.
    #[serde(flatten)]
    pub day: ClosedDay,
    /// Its name.
    pub name: Text,
}

/// How the due instant follows: `due_at = add(from, remaining)` on the calendar.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Arithmetic {
    /// When the clock last began to run.
    pub from: Timestamp,
    /// Business seconds used up before that, earlier cycles included.
    pub consumed_seconds: Seconds,
    /// Business seconds left then: target and grace, less what was consumed; or as many as there are
    /// until what somebody promised instead.
    pub remaining_seconds: Seconds,
    /// When they end, or what somebody promised instead.
    pub due_at: Timestamp,
}

/// One clock, proved.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProvedClock {
    /// Which one.
    #[serde(flatten)]
    pub key: ClockKey,
    /// How it stands.
    pub state: ClockState,
    /// Its life.
    pub segments: Vec<ProvedSegment>,
    /// The policy version the target was copied from, as `id@version`.
    pub policy_version: String,
    /// The calendar it is counted on now, as `id@version`.
    pub calendar_version: String,
    /// Each closed day that its life touched, with the reason.
    pub closed_days: Vec<ProvedDay>,
    /// Business seconds promised.
    pub target_seconds: i64,
    /// Business seconds granted on top when the target was changed.
    pub grace_seconds: i64,
    /// When it is due because somebody says so, whatever the target comes to; `null` without that.
    pub due_override: Option<Timestamp>,
    /// Business seconds used up, those of earlier cycles included.
    pub consumed_seconds: Seconds,
    /// Of these, what earlier cycles used up.
    pub carried_seconds: Seconds,
    /// When the promise ends, or ended if it was broken; `null` while it is not running.
    pub due_at: Option<Timestamp>,
    /// How that follows; `null` if the clock never ran.
    pub arithmetic: Option<Arithmetic>,
    /// Whether it was broken.
    pub breached: bool,
    /// The record of that, once there is one.
    pub breach: Option<Breach>,
    /// The same in words.
    pub explanation: Text,
}

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Every clock of the order as it stands at `now`.
///
/// # Errors
/// The book does not have what a clock runs by.
pub fn prove(order: &WorkOrder, terms: &Terms, now: Timestamp) -> Result<Vec<ProvedClock>, CalendarError> {
    order.clocks.all.iter().map(|clock| Case { clock, terms, now }.prove()).collect()
}

/// One clock to be proved.
struct Case<'a> {
    clock: &'a Clock,
    terms: &'a Terms,
    now: Timestamp,
}

impl Case<'_> {
    fn prove(&self) -> Result<ProvedClock, CalendarError> {
        let (clock, now) = (self.clock, self.now);
        let calendar = self.terms.book.time_of(clock)?;
        let segments = clock.segments.iter().map(|s| self.segment(s)).collect::<Result<Vec<_>, _>>()?;
        let arithmetic = self.arithmetic()?;
        let breach = clock.breach.clone();
        let due_at = clock.due_at.or(breach.as_ref().map(|breach| breach.due_at));
        let consumed = Seconds::of(self.consumed_before(clock.segments.len())?);
        Ok(ProvedClock {
            key: clock.key.clone(),
            state: clock.state(now),
            explanation: self.explain(&segments, consumed, arithmetic.as_ref()),
            policy_version: clock.policy.to_string(),
            calendar_version: clock.target.calendar.to_string(),
            closed_days: self.closed_days(calendar, due_at),
            target_seconds: clock.target.seconds(),
            grace_seconds: clock.grace_ms / 1000,
            due_override: clock.overridden,
            consumed_seconds: consumed,
            carried_seconds: Seconds::of(SignedDuration::from_millis(clock.carried_ms)),
            due_at,
            arithmetic,
            breached: clock.is_breached(now),
            breach,
            segments,
        })
    }

    fn segment(&self, segment: &Segment) -> Result<ProvedSegment, CalendarError> {
        let version = segment.calendar.as_ref().unwrap_or(&self.clock.target.calendar);
        Ok(ProvedSegment {
            kind: segment.kind,
            from: segment.from,
            to: segment.to,
            business_seconds: Seconds::of(self.counted(segment)?),
            cause: segment.cause.clone(),
            calendar_version: version.to_string(),
        })
    }

    /// Business time in a stretch, by the calendar it was counted on.
    fn counted(&self, segment: &Segment) -> Result<SignedDuration, CalendarError> {
        let calendar = match &segment.calendar {
            Some(version) => self.terms.book.calendar(version)?,
            None => self.terms.book.time_of(self.clock)?,
        };
        Ok(match segment.kind {
            SegmentKind::Run => calendar.between(segment.from, segment.to.unwrap_or(self.now)),
            SegmentKind::Pause => SignedDuration::ZERO,
        })
    }

    /// Business time used up in the first stretches, and in earlier cycles.
    fn consumed_before(&self, stretches: usize) -> Result<SignedDuration, CalendarError> {
        let carried = SignedDuration::from_millis(self.clock.carried_ms);
        self.clock.segments[..stretches].iter().try_fold(carried, |sum, s| Ok(sum + self.counted(s)?))
    }

    /// From the last time that it began to run, with the target of now.
    fn arithmetic(&self) -> Result<Option<Arithmetic>, CalendarError> {
        let clock = self.clock;
        let Some(last) = clock.segments.iter().rposition(|s| s.kind == SegmentKind::Run) else { return Ok(None) };
        let (from, consumed) = (clock.segments[last].from, self.consumed_before(last)?);
        let allowed = clock.target.duration() + SignedDuration::from_millis(clock.grace_ms);
        let calendar = self.terms.book.time_of(clock)?;
        let (remaining, due_at) = match clock.overridden.map(|due_at| due_at.max(from)) {
            Some(due_at) => (calendar.between(from, due_at), due_at),
            None => {
                let remaining = (allowed - consumed).max(SignedDuration::ZERO);
                (remaining, calendar.add(from, remaining)?)
            }
        };
        let (consumed_seconds, remaining_seconds) = (Seconds::of(consumed), Seconds::of(remaining));
        Ok(Some(Arithmetic { from, consumed_seconds, remaining_seconds, due_at }))
    }

    fn closed_days(&self, calendar: &Calendar, due_at: Option<Timestamp>) -> Vec<ProvedDay> {
        let (clock, now) = (self.clock, self.now);
        let from = clock.started_at().unwrap_or(now);
        let until = clock.segments.last().map_or(now, |last| last.to.unwrap_or(now.max(due_at.unwrap_or(now))));
        calendar.closed_days(from, until).into_iter().map(|day| ProvedDay { name: name(&day), day }).collect()
    }

    fn explain(&self, segments: &[ProvedSegment], consumed: Seconds, arithmetic: Option<&Arithmetic>) -> Text {
        let clock = self.clock;
        let runs = segments.iter().filter(|segment| segment.kind == SegmentKind::Run);
        let sum = runs.map(|run| run.business_seconds.to_string()).collect::<Vec<_>>().join(" + ");
        let (carried, target) = (Seconds::of(SignedDuration::from_millis(clock.carried_ms)), clock.target.seconds());
        let (calendar, grace) = (&clock.target.calendar, clock.grace_ms / 1000);
        let (due_zh, due_en) = match (clock.due_at, arithmetic) {
            (Some(due_at), Some(Arithmetic { from, remaining_seconds, .. })) if clock.overridden.is_some() => (
                format!("到期时间由人工改为 {due_at}，自 {from} 起还有 {remaining_seconds} 秒营业时间"),
                format!("somebody promised {due_at} instead: from {from} on that left {remaining_seconds}"),
            ),
            (Some(_), Some(Arithmetic { from, remaining_seconds, due_at, .. })) => (
                format!("自 {from} 起还剩 {remaining_seconds} 秒，因此到期时间为 {due_at}"),
                format!("from {from} on {remaining_seconds} remained, so it is due {due_at}"),
            ),
            _ => ("当前没有到期时间".to_owned(), "nothing is due now".to_owned()),
        };
        Text {
            zh: format!(
                "目标 {target} 秒营业时间（日历 {calendar}，策略 {policy}，宽限 {grace} 秒）；此前周期 {carried} 秒，本周期 {sum} 秒，合计已用 {consumed} 秒；{due_zh}。",
                policy = clock.policy
            ),
            en: format!(
                "Target {target} business seconds on calendar {calendar} by policy {policy}, grace {grace}; carried over {carried}, this cycle {sum}, {consumed} used in all; {due_en}.",
                policy = clock.policy
            ),
        }
    }
}

fn name(closed: &ClosedDay) -> Text {
    let (zh_day, en_day) = match closed.date.weekday() {
        Weekday::Monday => ("星期一", "Monday"),
        Weekday::Tuesday => ("星期二", "Tuesday"),
        Weekday::Wednesday => ("星期三", "Wednesday"),
        Weekday::Thursday => ("星期四", "Thursday"),
        Weekday::Friday => ("星期五", "Friday"),
        Weekday::Saturday => ("星期六", "Saturday"),
        Weekday::Sunday => ("星期日", "Sunday"),
    };
    let (zh_why, en_why) = match closed.reason {
        ClosedReason::Holiday => ("节假日", "holiday"),
        ClosedReason::Weekly => ("非工作日", "no hours on this day of the week"),
        ClosedReason::Override => ("当日调整为休息", "closed by an override"),
        ClosedReason::Break => ("全天暂停营业", "breaks leave nothing of it"),
    };
    Text { zh: format!("{} {zh_day}，{zh_why}", closed.date), en: format!("{en_day} {}, {en_why}", closed.date) }
}
