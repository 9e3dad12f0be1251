//! The obligation that a feedback created: what it is now, as the fold of its facts.

mod agree;
mod compensate;
mod customize;
mod decide;
mod escalate;
mod family;
mod fold;
mod give;
mod merge;
mod overrule;
mod refusal;
mod revisit;
mod tone;
mod watch;

pub use customize::{CUSTOM_FIELDS, CUSTOM_SIZE};
pub use decide::{PAUSE_CAP, REOPEN_CAP, Transition};
pub use family::{CHILDREN, Child, Part};
pub use overrule::DueOverride;
pub use refusal::Refusal;
pub use revisit::OrderKind;
pub use watch::WATCHERS;

use crate::actor::{Actor, ActorKind};
use crate::category::{Category, Language, Sentiment};
use crate::custom::Custom;
use crate::fact::{Fact, Origin, Parentage, Resolution, Revisited, What};
use crate::feedback::{Channel, Customer, Purchase};
use crate::id::{AgentId, FeedbackId, TeamId, WorkOrderId};
use crate::policy::Terms;
use crate::priority::Priority;
use crate::routing::Routing;
use crate::sla::{Clocks, Step, VersionRef};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// How the customer sounded, −100 (unhappy) to 100 (happy), oldest first: the last few times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tones: Vec<i8>,
    /// The first of what was said, with what names a person or a purchase masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preview: String,
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
    /// The feedbacks it answers, the first one created it; none of a child.
    pub feedback_ids: Vec<FeedbackId>,
    /// The order that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parentage>,
    /// The work that its customer is called about, if it is a revisit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisits: Option<Box<Revisited>>,
    /// Its parts, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Child>,
    /// The order that it turned out to be a duplicate of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<WorkOrderId>,
    /// Fields of the shop's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_fields: BTreeMap<String, Custom>,
    /// The order of the same conversation that had ended for good when the customer wrote again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<WorkOrderId>,
    /// Who resolved what the same customer had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resolver: Option<AgentId>,
    /// Whose queue it is in.
    pub team: Option<TeamId>,
    /// Who works on it.
    pub agent: Option<AgentId>,
    /// The last decision about who gets it; its reasons stand in the fact that says so.
    pub routing: Option<Box<Routing>>,
    /// Since when it has waited for an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<Timestamp>,
    /// What is promised, and every clock of every cycle.
    pub clocks: Clocks,
    /// The calendar that its time is counted on, instead of its team's or its policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Who is told of whatever happens to it, as in notices: `agent:<id>`, `supervisors`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watchers: Vec<String>,
    /// What its compensations come to, in minor units of its policy's cap: those that were asked for,
    /// less what was not given of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub compensated_minor: i64,
    /// Since when its status pauses a clock and nobody was reminded of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Timestamp>,
    /// 1, and one more each time it comes back.
    pub cycle: u32,
    /// How often it came back.
    pub reopen_count: u32,
    /// Who had it and did not satisfy the customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<AgentId>,
    /// A supervisor has it: it is not routed any more, unless the supervisor gives it to a team.
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
    /// The last cycle that ended with a verdict that brought it back.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unsatisfied_cycle: u32,
    /// The last cycle about which the customer is not to be asked, as whoever resolved it says.
    #[serde(default, skip_serializing_if = "is_none")]
    pub declined_cycle: u32,
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
    /// When it happened, if that was told and is believable; otherwise now.
    pub occurred_at: Option<Timestamp>,
    /// The policies in force, and the versions that the order's clocks run by.
    pub terms: &'a Terms,
}

impl<'a> Entry<'a> {
    /// Something that `actor` does now, because of nothing in particular.
    #[must_use]
    pub fn new(actor: &'a Actor, now: Timestamp, terms: &'a Terms) -> Self {
        Self { actor, cause: None, now, occurred_at: None, terms }
    }

    /// The same, because of `cause`.
    #[must_use]
    pub fn because(self, cause: &'a str) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// The same by another actor.
    #[must_use]
    pub fn by(self, actor: &'a Actor) -> Self {
        Self { actor, ..self }
    }

    /// The same, said to have happened at `occurred_at`.
    #[must_use]
    pub fn occurred(self, occurred_at: Option<Timestamp>) -> Self {
        Self { occurred_at, ..self }
    }
}

/// A version that an order's clocks run by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version<'a> {
    /// Of a calendar.
    Calendar(&'a VersionRef),
    /// Of a policy.
    Policy(&'a VersionRef),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_none(cycle: &u32) -> bool {
    *cycle == 0
}

/// How soon an order that nobody could take is tried again, should no capacity event come. An alarm on
/// how long orders wait must look back over several of these: in between nobody sees them.
pub const RETRY_WAITING: SignedDuration = SignedDuration::from_mins(5);

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

    /// Whether it came back, the last time, because the customer was not satisfied.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.unsatisfied_cycle > 0 && self.unsatisfied_cycle + 1 == self.cycle
    }

    /// Whether it waits for an agent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.status.is_active() && self.agent.is_none() && (!self.supervised || self.queued_at.is_some())
    }

    /// Whose capacity it takes up.
    #[must_use]
    pub fn burdens(&self) -> Option<&AgentId> {
        self.agent.as_ref().filter(|_| self.status.is_active())
    }

    /// The team whose order it is, though another one may help it out.
    #[must_use]
    pub fn home(&self) -> Option<&TeamId> {
        self.routing.as_ref().and_then(|routing| routing.home.as_ref()).or(self.team.as_ref())
    }

    /// How much of that capacity: what it weighed when it was given, whatever its priority is now.
    #[must_use]
    pub fn burden(&self) -> u32 {
        self.routing.as_ref().map_or(1, |routing| routing.points)
    }

    /// The first promise to end: what the queue order sorts by.
    #[must_use]
    pub fn promised_by(&self) -> Option<Timestamp> {
        self.clocks.promised_by()
    }

    /// What clocks need to know of a happening at `at`.
    fn step<'a>(&self, at: Timestamp, cause: &'a str, terms: &'a Terms) -> Step<'a> {
        Step { at, cause, status: self.status, cycle: self.cycle, book: &terms.book }
    }

    /// Every version of a calendar or a policy that its clocks run by.
    pub fn versions(&self) -> impl Iterator<Item = Version<'_>> {
        let agreed = self.clocks.agreement.iter().flat_map(|agreement| {
            let calendars = agreement.targets.values().map(|target| Version::Calendar(&target.calendar));
            calendars.chain([Version::Policy(&agreement.policy)])
        });
        let running = self.clocks.all.iter().flat_map(|clock| {
            let moved = clock.segments.iter().filter_map(|segment| segment.calendar.as_ref());
            let calendars = moved.chain([&clock.target.calendar]).map(Version::Calendar);
            calendars.chain([Version::Policy(&clock.policy)])
        });
        agreed.chain(running)
    }

    /// When somebody is to be reminded of a clock that has been paused for long.
    fn reminder_at(&self, terms: &Terms) -> Option<Timestamp> {
        let policy = terms.book.policy(&self.clocks.agreement.as_ref()?.policy).ok()?;
        Some(later(self.held_since?, SignedDuration::from_secs(policy.pause_cap_seconds)))
    }

    /// When a clock or a reminder wants this order to be looked at.
    #[must_use]
    pub fn next_due(&self, terms: &Terms) -> Option<Timestamp> {
        if !self.status.is_active() {
            return None;
        }
        self.clocks.next_due().into_iter().chain(self.reminder_at(terms)).min()
    }

    /// When somebody's shift or day begins who could have this order then, if it waits.
    fn look_again_at(&self) -> Option<Timestamp> {
        self.routing.as_ref().filter(|_| self.is_waiting()).and_then(|routing| routing.look_again_at)
    }

    /// When this order must be looked at to the second: a clock, a reminder, or somebody's shift that
    /// begins. What a timer is set for.
    #[must_use]
    pub fn timer_at(&self, terms: &Terms) -> Option<Timestamp> {
        self.next_due(terms).into_iter().chain(self.look_again_at()).min()
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
                let queued_at = self.queued_at.or(Some(self.created_at)).filter(|_| self.is_waiting());
                let waiting = queued_at.map(|since| every(since, RETRY_WAITING, now));
                let shift = self.look_again_at().filter(|at| *at > now);
                self.next_due(terms)
                    .into_iter()
                    .chain(waiting)
                    .chain(shift)
                    .min()
                    .or_else(|| Some(later(now, IDLE_LOOK)))
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
