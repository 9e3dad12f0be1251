//! The customer's verdict: was it put right?

use crate::category::Language;
use crate::id::{AgentId, SurveyId, WorkOrderId};
use crate::policy::SurveyPolicy;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// When.
    pub at: Timestamp,
}

impl Answer {
    /// Good enough: put right as far as the customer says, and not rated 1 or 2 of 5.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.solved != Some(false) && self.csat.is_none_or(|csat| csat > 2)
    }

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
    /// Until when an answer is taken.
    pub closes_at: Timestamp,
    /// Every answer, the last one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
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
    /// When it asks to be asked, and until when an answer is taken.
    #[must_use]
    pub fn times(resolved_at: Timestamp, policy: &SurveyPolicy) -> (Timestamp, Timestamp) {
        let ask_at = later(resolved_at, SignedDuration::from_secs(policy.delay_seconds));
        (ask_at, later(ask_at, SignedDuration::from_secs(policy.window_seconds)))
    }

    /// Notes that the customer was asked.
    pub fn sent(&mut self, now: Timestamp) {
        self.state = SurveyState::Sent;
        self.sent_at = Some(now);
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
        if self.answers.last().is_some_and(|last| last.says_the_same(&answer)) {
            return Ok(false);
        }
        self.state = SurveyState::Answered;
        self.answers.push(answer);
        Ok(true)
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
        match self.state {
            SurveyState::Scheduled => Some(self.ask_at),
            SurveyState::Sent => Some(self.closes_at),
            SurveyState::Answered => self.unread().map(|answer| later(answer.at, REPEAT)),
            SurveyState::Expired | SurveyState::Skipped => None,
        }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
