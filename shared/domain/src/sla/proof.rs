//! Why is this red? Every stretch of every clock, and the arithmetic to its due instant.

use super::{Clock, ClockState, Metric, SegmentKind};
use crate::calendar::ClosedDay;
use crate::order::WorkOrder;
use crate::policy::Terms;
use jiff::Timestamp;
use serde::Serialize;

/// One stretch, with the business time it counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvedSegment {
    /// Whether it counted.
    pub kind: SegmentKind,
    /// From when.
    pub from: Timestamp,
    /// Until when; `null` while it lasts.
    pub to: Option<Timestamp>,
    /// Business seconds in it, up to now while it lasts; 0 for a pause.
    pub business_seconds: i64,
    /// The fact that began it.
    pub cause: String,
}

/// One clock, proved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvedClock {
    /// What was promised.
    pub metric: Metric,
    /// In which cycle.
    pub cycle: u32,
    /// How it stands.
    pub state: ClockState,
    /// Its life.
    pub segments: Vec<ProvedSegment>,
    /// The policy version the target was copied from.
    pub policy_version: u32,
    /// The calendar, as `id@version`.
    pub calendar_version: String,
    /// Each closed day that its life touched, with the reason.
    pub closed_days: Vec<ClosedDay>,
    /// Business seconds promised.
    pub target_seconds: i64,
    /// Business seconds used up, those of earlier cycles included.
    pub consumed_seconds: i64,
    /// Of these, what earlier cycles used up.
    pub carried_seconds: i64,
    /// When the promise ends, or ended if it was broken; `null` while it is not running.
    pub due_at: Option<Timestamp>,
    /// Whether it was broken.
    pub breached: bool,
    /// The same in words.
    pub explanation: Explanation,
}

/// The arithmetic in words, in both languages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Every clock of the order as it stands at `now`.
#[must_use]
pub fn prove(order: &WorkOrder, terms: &Terms, now: Timestamp) -> Vec<ProvedClock> {
    order.clocks.iter().map(|clock| prove_clock(clock, terms, now)).collect()
}

fn prove_clock(clock: &Clock, terms: &Terms, now: Timestamp) -> ProvedClock {
    let calendar = terms.calendar(&clock.target.calendar);
    let segments: Vec<ProvedSegment> = clock
        .segments
        .iter()
        .map(|segment| ProvedSegment {
            kind: segment.kind,
            from: segment.from,
            to: segment.to,
            business_seconds: match segment.kind {
                SegmentKind::Run => calendar.between(segment.from, segment.to.unwrap_or(now)).as_secs(),
                SegmentKind::Pause => 0,
            },
            cause: segment.cause.clone(),
        })
        .collect();
    let due_at = clock.due_at.or(clock.breach.as_ref().map(|breach| breach.due_at));
    let until = clock.segments.last().map_or(now, |last| last.to.unwrap_or(now.max(due_at.unwrap_or(now))));
    let from = clock.segments.first().map_or(now, |first| first.from);
    let consumed_seconds = clock.consumed(calendar, now).as_secs();
    ProvedClock {
        metric: clock.metric,
        cycle: clock.cycle,
        state: clock.state(),
        explanation: explain(clock, &segments, consumed_seconds, due_at),
        segments,
        policy_version: clock.policy_version,
        calendar_version: format!("{}@{}", clock.target.calendar.id, clock.target.calendar.version),
        closed_days: calendar.closed_days(from, until),
        target_seconds: clock.target.seconds,
        consumed_seconds,
        carried_seconds: clock.carried_seconds,
        due_at,
        breached: clock.breach.is_some(),
    }
}

fn explain(clock: &Clock, segments: &[ProvedSegment], consumed: i64, due_at: Option<Timestamp>) -> Explanation {
    let runs = segments.iter().filter(|segment| segment.kind == SegmentKind::Run);
    let sum: Vec<String> = runs.map(|run| run.business_seconds.to_string()).collect();
    let (sum, carried, target) = (sum.join(" + "), clock.carried_seconds, clock.target.seconds);
    let calendar = &clock.target.calendar.id;
    let due = due_at.map(|at| at.to_string());
    let (due_zh, due_en) = match &due {
        Some(at) => (format!("到期时间 {at}"), format!("due {at}")),
        None => ("当前没有到期时间".to_owned(), "nothing is due now".to_owned()),
    };
    Explanation {
        zh: format!(
            "目标 {target} 秒营业时间(日历 {calendar});此前周期 {carried} 秒,本周期 {sum} 秒,合计已用 {consumed} 秒;{due_zh}。"
        ),
        en: format!(
            "Target {target} business seconds on calendar {calendar}; carried over {carried}, this cycle {sum}, {consumed} used in all; {due_en}."
        ),
    }
}
