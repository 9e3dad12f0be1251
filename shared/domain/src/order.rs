//! The obligation that a feedback created: what it is now, as the fold of its facts.

mod decide;
mod fold;

pub use decide::{REOPEN_CAP, Refusal, Transition};

use crate::actor::{Actor, ActorKind};
use crate::category::{Category, Language, Sentiment};
use crate::fact::{Fact, Origin, Resolution, What};
use crate::feedback::{Channel, Customer, Purchase, Tier};
use crate::id::{AgentId, FeedbackId, TeamId, WorkOrderId};
use crate::policy::{Subject, Terms};
use crate::priority::Priority;
use crate::routing::Routing;
use crate::sla::{Clock, Metric};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Made; waits for an agent.
    Open,
    /// Given to an agent.
    Assigned,
    /// Worked on.
    InProgress,
    /// Waits for the customer.
    PendingCustomer,
    /// Waits for the supplier.
    PendingSupplier,
    /// Waits for the carrier.
    PendingCarrier,
    /// Waits for something else.
    OnHold,
    /// Put right, as the resolver says.
    Resolved,
    /// Done; the customer's window has passed.
    Closed,
    /// Came back.
    Reopened,
    /// Spam, or a duplicate.
    Cancelled,
}

impl Status {
    /// Every status and its word in JSON.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Open, "open"),
        (Self::Assigned, "assigned"),
        (Self::InProgress, "in_progress"),
        (Self::PendingCustomer, "pending_customer"),
        (Self::PendingSupplier, "pending_supplier"),
        (Self::PendingCarrier, "pending_carrier"),
        (Self::OnHold, "on_hold"),
        (Self::Resolved, "resolved"),
        (Self::Closed, "closed"),
        (Self::Reopened, "reopened"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("open", |(_, word)| word)
    }

    /// The status of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(status, _)| *status)
    }

    /// Whether somebody must still act.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed | Self::Cancelled)
    }
}

/// A work order: everything but the words, which are kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// How far it is.
    pub status: Status,
    /// The band.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
    /// Whether a person should look at the category.
    pub needs_review: bool,
    /// How the customer sounds.
    pub sentiment: Sentiment,
    /// What the customer speaks.
    pub language: Language,
    /// 0 to 100.
    pub score: u8,
    /// Where it was said.
    pub channel: Channel,
    /// By whom.
    pub customer: Customer,
    /// About which purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Purchase>,
    /// The feedbacks it answers, the first one created it.
    pub feedback_ids: Vec<FeedbackId>,
    /// Whose queue it is in.
    pub team: Option<TeamId>,
    /// Who works on it.
    pub agent: Option<AgentId>,
    /// The last decision about who gets it.
    pub routing: Option<Box<Routing>>,
    /// Since when it has waited for an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<Timestamp>,
    /// Every clock of every cycle.
    pub clocks: Vec<Clock>,
    /// 1, and one more each time it comes back.
    pub cycle: u32,
    /// How often it came back.
    pub reopen_count: u32,
    /// Who had it and did not satisfy the customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<AgentId>,
    /// A supervisor has it: it is not routed any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supervised: bool,
    /// How many messages there are.
    pub messages: u32,
    /// Whether the customer has had a public message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    /// Why it waits, while pending or on hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How it was put right, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// When it was last resolved; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// The last cycle whose survey is arranged, or known not to be asked.
    #[serde(default)]
    pub surveyed_cycle: u32,
    /// When the customer began to wait.
    pub created_at: Timestamp,
    /// When something last happened.
    pub updated_at: Timestamp,
    /// How many facts there are, those kept apart included.
    pub fact_count: u32,
    /// The facts that ride in this document, oldest first; older ones are kept apart once there
    /// are many.
    pub facts: Vec<Fact>,
}

/// Who writes a fact, why and when: the part that all facts have in common.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Because of what.
    pub cause: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
    /// The policies in force.
    pub terms: &'a Terms,
}

/// How soon an order that nobody could take is tried again, should no capacity event come.
const RETRY_WAITING: SignedDuration = SignedDuration::from_mins(5);

/// How soon a resolved order is told again, should the first telling have been lost.
const RETRY_RESOLVED: SignedDuration = SignedDuration::from_mins(1);

impl WorkOrder {
    /// The order that begins with `origin`.
    #[must_use]
    pub fn create(id: WorkOrderId, origin: Origin, by: Entry<'_>) -> Self {
        let fact = Fact {
            id: format!("{id}/1"),
            actor: by.actor.clone(),
            cause: by.cause.map(str::to_owned),
            at: origin.began_at,
            recorded_at: by.now,
            what: What::Created(Box::new(origin.clone())),
        };
        Self::begin(id, origin, fact)
    }

    /// Whether the customer's word can no longer change it: closed or cancelled, or resolved so long
    /// ago that the window has passed, though no sweep has closed it yet.
    #[must_use]
    pub fn is_over(&self, now: Timestamp, terms: &Terms) -> bool {
        let closes = self.resolved_at.map(|resolved_at| later(resolved_at, terms.reopen_window()));
        matches!(self.status, Status::Closed | Status::Cancelled) || closes.is_some_and(|closes| closes <= now)
    }

    /// Whether it waits for an agent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.status.is_active() && self.agent.is_none() && !self.supervised
    }

    /// Whose capacity it takes up.
    #[must_use]
    pub fn burdens(&self) -> Option<&AgentId> {
        self.agent.as_ref().filter(|_| self.status.is_active())
    }

    /// What the choice of an SLA policy looks at.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let tier = self.customer.tier.unwrap_or(Tier::Standard);
        Subject { channel: self.channel, category: self.category, sentiment: self.sentiment, tier }
    }

    /// The clock of `metric` in the current cycle, if it lives.
    #[must_use]
    pub fn live_clock(&self, metric: Metric) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.metric == metric && clock.is_live())
    }

    /// The first promise to end: what the queue order sorts by.
    #[must_use]
    pub fn promised_by(&self) -> Option<Timestamp> {
        self.clocks.iter().filter(|clock| clock.is_live()).filter_map(|clock| clock.due_at).min()
    }

    /// The due mark: when this order must be looked at next, judged at `now`. An order has exactly
    /// one until it is closed or cancelled, and then none.
    #[must_use]
    pub fn due_at(&self, now: Timestamp, terms: &Terms) -> Option<Timestamp> {
        match (self.status, self.resolved_at) {
            (Status::Closed | Status::Cancelled, _) => None,
            (Status::Resolved, Some(resolved_at)) => {
                let closing = later(resolved_at, terms.reopen_window());
                let untold = self.surveyed_cycle < self.cycle;
                let telling = untold.then(|| every(resolved_at, RETRY_RESOLVED, now));
                telling.into_iter().chain([closing]).min()
            }
            _ => {
                let clocks = self.clocks.iter().filter(|clock| clock.is_live()).filter_map(Clock::next_look);
                let queued_at = self.queued_at.or(Some(self.created_at)).filter(|_| self.is_waiting());
                let waiting = queued_at.map(|since| every(since, RETRY_WAITING, now));
                clocks.chain(waiting).min().or_else(|| Some(later(now, IDLE_LOOK)))
            }
        }
    }

    /// Who counts as a person in the customer's eyes: not a bot, not Redress itself.
    fn is_person(actor: &Actor) -> bool {
        matches!(actor.kind, ActorKind::Agent | ActorKind::ApiKey)
    }
}

/// How soon an open order is looked at whose clocks have nothing left to say: it must not be forgotten.
const IDLE_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// `at` and a while.
pub fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The first of `from + period`, `from + 2 · period`, … that lies after `now`: a retry that needs
/// no record of the tries before.
#[must_use]
pub fn every(from: Timestamp, period: SignedDuration, now: Timestamp) -> Timestamp {
    let passed = now.duration_since(from).max(SignedDuration::ZERO).as_millis() / period.as_millis();
    let next = i64::try_from((passed + 1) * period.as_millis()).unwrap_or(i64::MAX);
    later(from, SignedDuration::from_millis(next))
}

#[cfg(test)]
mod tests;
