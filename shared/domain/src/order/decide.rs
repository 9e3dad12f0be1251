//! What may happen to an order: each decision answers with facts written down, or refuses.

use super::{Entry, Refusal, Status, WorkOrder};
use crate::calendar::CalendarError;
use crate::fact::{Direction, Resolution, Understanding, Visibility, What};
use crate::id::{AgentId, FeedbackId, MessageId};
use crate::sla::Audience;
use crate::survey::{Answer, Survey};

/// A move that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// To where.
    pub to: Status,
    /// Why.
    pub reason: Option<String>,
    /// How it was put right.
    pub resolution: Option<Resolution>,
    /// Whether the customer is to be asked about it, where a resolved order's is at all.
    pub survey: bool,
}

impl WorkOrder {
    /// Writes down what the words were understood to mean.
    ///
    /// # Errors
    /// None that can happen here: it is what every fact answers with.
    pub fn classify(&mut self, by: Entry<'_>, understanding: Understanding) -> Result<(), CalendarError> {
        self.record(by, What::Classified(understanding))
    }

    /// Moves the order.
    ///
    /// # Errors
    /// The move is not allowed from here, or lacks what it needs.
    pub fn transition(&mut self, by: Entry<'_>, asked: Transition) -> Result<(), Refusal> {
        let (from, to) = (self.status, asked.to);
        if !self.may_become(to) {
            return Err(Refusal::Illegal { from, to });
        }
        if to == Status::Resolved && self.owed_parts() > 0 {
            return Err(Refusal::PartsOpen(self.owed_parts()));
        }
        let shown = asked.resolution.as_ref().is_some_and(Resolution::shows);
        if to == Status::Resolved && self.is_contested() && !shown {
            return Err(Refusal::EvidenceMissing);
        }
        let reason = asked.reason.filter(|reason| !reason.trim().is_empty());
        if to == Status::PendingCustomer {
            if reason.is_none() {
                return Err(Refusal::ReasonMissing);
            }
            if !self.answered {
                return Err(Refusal::NothingAsked);
            }
        }
        let what = if to == Status::Reopened {
            What::Reopened { from, cycle: self.cycle + 1, excluded: None, reason }
        } else {
            let resolution = asked.resolution.filter(|_| to == Status::Resolved);
            What::StatusChanged { from, to, reason, resolution }
        };
        self.record(by, what)?;
        let declined = to == Status::Resolved && !asked.survey;
        if declined { Ok(self.record(by, What::SurveyDeclined { cycle: self.cycle })?) } else { Ok(()) }
    }

    /// The edges of the state machine. Work needs somebody who does it: while an order waits for
    /// an agent it can only be cancelled.
    fn may_become(&self, to: Status) -> bool {
        use Status::{Cancelled, Closed, InProgress, OnHold, PendingCarrier, PendingCustomer, PendingSupplier};
        let worked_on = self.agent.is_some() || self.supervised;
        match (self.status, to) {
            (Status::Resolved, Closed | Status::Reopened) | (Closed, Status::Reopened) => true,
            (Status::Resolved | Closed | Cancelled, _) => false,
            (_, Cancelled) => true,
            (from, InProgress | PendingCustomer | PendingSupplier | PendingCarrier | OnHold | Status::Resolved) => {
                worked_on && from != to
            }
            _ => false,
        }
    }

    /// Writes down that something was said, and, of a customer's message, in which tone: −100 to
    /// 100. Such a message wakes an order that waits for it, and a tone that has fallen sharply is
    /// a fact of its own.
    ///
    /// # Errors
    /// The order is cancelled.
    pub fn post(
        &mut self,
        by: Entry<'_>,
        direction: Direction,
        visibility: Visibility,
        tone: Option<i8>,
    ) -> Result<MessageId, Refusal> {
        if self.status == Status::Cancelled {
            return Err(Refusal::Cancelled);
        }
        let number = self.messages + 1;
        let message = MessageId::derive(&[self.id.as_str(), &number.to_string()]);
        let dropped = tone.and_then(|tone| self.drop_to(tone, by.terms.policies.priority.sentiment_drop));
        self.record(by, What::MessagePosted { message: message.clone(), number, direction, visibility, tone })?;
        if let Some(dropped) = dropped {
            self.record(by, dropped)?;
        }
        if direction == Direction::Inbound && self.status == Status::PendingCustomer {
            let (from, to) = (self.status, Status::InProgress);
            self.record(by, What::StatusChanged { from, to, reason: None, resolution: None })?;
        }
        Ok(message)
    }

    /// Writes down that the customer said more about it.
    ///
    /// # Errors
    /// The order is cancelled.
    pub fn add_feedback(&mut self, by: Entry<'_>, feedback: &FeedbackId, tone: i8) -> Result<MessageId, Refusal> {
        self.record(by, What::FeedbackAdded { feedback: feedback.clone() })?;
        self.post(by, Direction::Inbound, Visibility::Public, Some(tone))
    }

    /// Whether a verdict about a cycle is one about how it stands: it is done, and has not come back
    /// since.
    pub(super) fn is_judged(&self, cycle: u32) -> bool {
        cycle == self.cycle && matches!(self.status, Status::Resolved | Status::Closed)
    }

    /// Takes the customer's verdict: writes the answer down, and brings the order back if it was
    /// not good enough, at most as often as the policy's cap says and then to a supervisor.
    /// Answers that are already on record, and answers about an earlier cycle, move nothing.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn hear(&mut self, by: Entry<'_>, survey: &Survey, answer: &Answer) -> Result<(), CalendarError> {
        let satisfied = survey.is_satisfied(answer);
        let (cycle, answers) = (survey.cycle, survey.answers_given());
        let Answer { csat, ces, nps, solved, .. } = *answer;
        let judged = self.is_judged(cycle);
        let said =
            What::SurveyAnswered { survey: survey.id.clone(), cycle, answers, csat, ces, nps, solved, satisfied };
        self.record(by, said)?;
        if satisfied || !judged {
            return Ok(());
        }
        let (from, reason) = (self.status, Some("the customer was not satisfied".to_owned()));
        if self.reopen_count < by.terms.policies.reopen.cap {
            let excluded: Option<AgentId> = self.agent.clone();
            return self.record(by, What::Reopened { from, cycle: cycle + 1, excluded, reason });
        }
        self.record(by, self.escalated(REOPEN_CAP.to_owned(), Audience::Supervisors))?;
        self.record(by, What::StatusChanged { from, to: Status::Reopened, reason, resolution: None })
    }
}

/// The rung that an order reaches when it has come back as often as the policy allows.
pub const REOPEN_CAP: &str = "reopen_cap";

/// The rung that an order reaches when its clock has been paused for as long as the policy allows.
pub const PAUSE_CAP: &str = "pause_cap";
