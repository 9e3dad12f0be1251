//! The customer's verdict: was it put right?

mod reach;
pub mod zone;

pub use reach::can_answer;

use crate::actor::Actor;
use crate::category::Language;
use crate::id::{AgentId, SurveyId, TeamId, WorkOrderId};
use crate::order::later;
use crate::policy::{RevisitAfter, RevisitPolicy, SurveyPolicy};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How far a survey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurveyState {
    /// Will be asked.
    Scheduled,
    /// Asked; an answer is taken.
    Sent,
    /// Answered; may be changed within the window.
    Answered,
    /// The window passed without an answer.
    Expired,
    /// Was not asked, for the reason given.
    Skipped,
}

/// Why a survey was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The order came back before the question went out.
    Reopened,
    /// The order already went to a supervisor, who speaks with the customer in person.
    Supervised,
    /// The order is a part of another, which asks for the whole.
    Child,
    /// The order turned out to be a duplicate; the other one asks.
    Merged,
    /// The survey policy in force says that this customer is not asked.
    Policy,
    /// Whoever resolved the order said that the customer is not to be asked.
    OptedOut,
    /// The customer asked not to be asked, or to be told nothing at all.
    Unwished,
    /// There is no way to send the customer anything.
    NoChannel,
    /// The customer was asked about something else not long ago.
    CoolDown,
    /// The order is itself a call to a customer about another one.
    Revisit,
    /// The customer was called, and gave the verdict before it was time to ask.
    Called,
}

/// What a customer answers; at least one of the four scores or a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Satisfaction, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csat: Option<u8>,
    /// Effort, 1 (hard) to 7 (easy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ces: Option<u8>,
    /// Would recommend, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nps: Option<u8>,
    /// Whether it was put right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<bool>,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Who called and wrote it down; absent where the customer gave it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<Actor>,
    /// When.
    pub at: Timestamp,
}

impl Answer {
    /// Whether this says the same as `other`, whenever it was said.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}

/// One question to a customer about one resolve cycle of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Survey {
    /// Its id, one per order and cycle.
    pub id: SurveyId,
    /// About which order.
    pub work_order: WorkOrderId,
    /// Which resolve cycle.
    pub cycle: u32,
    /// What opens it: 128 random bits, good for this survey alone.
    pub token: String,
    /// How far it is.
    pub state: SurveyState,
    /// Why it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<SkipReason>,
    /// Whose work is rated: who had the order when it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<AgentId>,
    /// Whose queue it was in then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The version of the policy that it was arranged by, and is kept to; absent in one that was
    /// arranged before policies said more than when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Box<SurveyPolicy>>,
    /// The clock that the customer lives by; absent like the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The customer's reference.
    pub customer_ref: String,
    /// In which language to ask.
    pub language: Language,
    /// When it was made.
    pub created_at: Timestamp,
    /// When to ask.
    pub ask_at: Timestamp,
    /// When it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When to remind the customer; absent if nobody will be, or was already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    /// When the customer was reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Timestamp>,
    /// Whether an earlier version wrote down that the customer was asked, or reminded, and may have died
    /// before anything was told: read, and never written any more.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub untold: bool,
    /// Until when an answer is taken.
    pub closes_at: Timestamp,
    /// Every answer, the last one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The order to call the customer, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisit: Option<WorkOrderId>,
    /// How many of the answers the order knows of.
    #[serde(default)]
    pub answers_read: u32,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// Not asked yet, or never will be.
    #[error("this survey was not sent")]
    NotSent,
    /// Too late.
    #[error("the time to answer this survey has passed")]
    Closed,
}

/// How soon a lost event is told again.
const REPEAT: SignedDuration = SignedDuration::from_mins(1);

impl Survey {
    /// When it asks to be asked, and until when an answer is taken: in the customer's own day.
    #[must_use]
    pub fn times(resolved_at: Timestamp, policy: &SurveyPolicy, zone: &str) -> (Timestamp, Timestamp) {
        let after = later(resolved_at, SignedDuration::from_secs(policy.delay_seconds));
        let ask_at = policy.quiet_hours.as_ref().map_or(after, |quiet| quiet.after(after, zone));
        (ask_at, later(ask_at, SignedDuration::from_secs(policy.window_seconds)))
    }

    /// When the customer may be spoken to, from `at` on.
    fn spoken(&self, at: Timestamp) -> Timestamp {
        let quiet = self.policy.as_ref().and_then(|policy| policy.quiet_hours.as_ref());
        quiet.map_or(at, |quiet| quiet.after(at, self.time_zone.as_deref().unwrap_or("UTC")))
    }

    /// Puts what is due now off to the end of the customer's quiet hours, if it is in them: whoever
    /// should have asked, or reminded, came late. Says whether it did.
    pub fn put_off(&mut self, now: Timestamp) -> bool {
        let at = self.spoken(now);
        match self.state {
            _ if at <= now => return false,
            SurveyState::Scheduled => {
                self.closes_at = later(self.closes_at, at.duration_since(self.ask_at));
                self.ask_at = at;
            }
            _ => self.remind_at = Some(at).filter(|at| *at < self.closes_at),
        }
        true
    }

    /// Whether its customer, who was asked something else at `asked`, is to be left in peace.
    #[must_use]
    pub fn spares(&self, asked: Timestamp, now: Timestamp) -> bool {
        let cool_down = self.policy.as_ref().and_then(|policy| policy.cool_down_seconds).unwrap_or_default();
        later(asked, SignedDuration::from_secs(cool_down)) > now
    }

    /// Notes that the customer was asked.
    pub fn sent(&mut self, now: Timestamp) {
        (self.state, self.sent_at) = (SurveyState::Sent, Some(now));
        let after = self.policy.as_ref().and_then(|policy| policy.reminder_after_seconds);
        let remind_at = after.map(|after| self.spoken(later(now, SignedDuration::from_secs(after))));
        self.remind_at = remind_at.filter(|at| *at < self.closes_at);
    }

    /// Whether the customer, who was asked and has not answered, is to be reminded now.
    #[must_use]
    pub fn wants_reminder(&self, now: Timestamp) -> bool {
        self.state == SurveyState::Sent && self.remind_at.is_some_and(|at| at <= now)
    }

    /// Notes that the customer was reminded.
    pub fn reminded(&mut self, now: Timestamp) {
        (self.remind_at, self.reminded_at) = (None, Some(now));
    }

    /// Whether an answer is good enough, by what was agreed when it was arranged.
    #[must_use]
    pub fn is_satisfied(&self, answer: &Answer) -> bool {
        self.policy.as_ref().and_then(|policy| policy.reopen_below).unwrap_or_default().is_satisfied(answer)
    }

    /// Notes that it will not be asked.
    pub fn skip(&mut self, reason: SkipReason) {
        self.state = SurveyState::Skipped;
        self.skipped = Some(reason);
    }

    /// Takes an answer; again within the window replaces the one before, and all are kept. The
    /// same answer again changes nothing.
    ///
    /// # Errors
    /// Not sent, or after the window.
    pub fn answer(&mut self, answer: Answer) -> Result<bool, AnswerRefused> {
        match self.state {
            SurveyState::Scheduled | SurveyState::Skipped => return Err(AnswerRefused::NotSent),
            _ if answer.at > self.closes_at => return Err(AnswerRefused::Closed),
            _ => {}
        }
        if self.own().is_some_and(|last| last.says_the_same(&answer)) {
            return Ok(false);
        }
        (self.state, self.remind_at) = (SurveyState::Answered, None);
        self.answers.push(answer);
        Ok(true)
    }

    /// Takes what a customer said when they were called. It is kept beside what they say themselves,
    /// at any time; the same again changes nothing. Says whether anything changed.
    pub fn enter(&mut self, answer: Answer) -> bool {
        if self.entered().is_some_and(|last| last.says_the_same(&answer)) {
            return false;
        }
        self.remind_at = None;
        self.answers.push(answer);
        true
    }

    /// What the customer says by themselves: the last answer counts.
    #[must_use]
    pub fn own(&self) -> Option<&Answer> {
        self.answers.iter().rfind(|answer| answer.given_by.is_none())
    }

    /// What the customer said when they were called: the last answer counts.
    #[must_use]
    pub fn entered(&self) -> Option<&Answer> {
        self.answers.iter().rfind(|answer| answer.given_by.is_some())
    }

    /// Whether its customer is to be called now that `after` has come: once, and only one of so many as
    /// the policy says. Who they are follows from the survey's own name.
    #[must_use]
    pub fn wants_revisit(&self, after: RevisitAfter) -> bool {
        let wanted = |policy: &RevisitPolicy| {
            let meant = policy.after == after || policy.after == RevisitAfter::Always;
            meant && self.lot() < policy.share_percent
        };
        self.revisit.is_none() && self.policy.as_ref().and_then(|policy| policy.revisit.as_ref()).is_some_and(wanted)
    }

    /// 0 to 99, evenly over surveys.
    fn lot(&self) -> u8 {
        let hash = Sha256::digest(self.id.as_str());
        let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        u8::try_from(number % 100).unwrap_or(0)
    }

    /// How many answers there are.
    #[must_use]
    pub fn answers_given(&self) -> u32 {
        u32::try_from(self.answers.len()).unwrap_or(u32::MAX)
    }

    /// The answer that counts, if the order does not know of it yet.
    #[must_use]
    pub fn unread(&self) -> Option<&Answer> {
        self.answers.last().filter(|_| self.answers_read < self.answers_given())
    }

    /// When it must be looked at again.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        if let Some(answer) = self.unread() {
            return Some(later(answer.at, REPEAT));
        }
        match self.state {
            SurveyState::Scheduled => Some(self.ask_at),
            SurveyState::Sent => Some(self.remind_at.unwrap_or(self.closes_at)),
            SurveyState::Answered | SurveyState::Expired | SurveyState::Skipped => None,
        }
    }
}
