//! What happened to an order, kept for ever: an order is the fold of its facts.

mod parentage;
mod resolution;
mod revisited;

pub use parentage::Parentage;
pub use resolution::{Resolution, ResolutionCode};
pub use revisited::Revisited;

use crate::actor::Actor;
use crate::category::{Category, Language, Sentiment};
use crate::compensation::Verdict;
use crate::custom::CustomChanges;
use crate::feedback::{Channel, Customer, Money, Purchase};
use crate::id::{AgentId, CompensationId, FeedbackId, MessageId, SurveyId, TeamId, WorkOrderId};
use crate::order::Status;
use crate::priority::Priority;
use crate::routing::Routing;
use crate::sla::{Agreement, Audience, BreachCause, ClockKey, Metric, VersionRef};
use crate::survey::SkipReason;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that happened, by whom, because of what, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// `<order id>/<number>`, numbered from 1 without a gap.
    pub id: String,
    /// Who did it.
    pub actor: Actor,
    /// What it followed from: an event's, a feedback's, a survey's or another fact's id.
    #[serde(default)]
    pub cause: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

impl Fact {
    /// Its number among those of its order, from 1.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        self.id.rsplit('/').next()?.parse().ok()
    }
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the customer.
    Outbound,
    /// From the customer.
    Inbound,
}

/// Who may read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The customer too.
    Public,
    /// Only who works on it.
    Internal,
}

/// What an order is about: all that its creation needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The feedback that created it; a child has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<FeedbackId>,
    /// The order that it is a part of, for a child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parentage>,
    /// The work that its customer is called about, for a revisit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisits: Option<Revisited>,
    /// Where it was said.
    pub channel: Channel,
    /// By whom.
    pub customer: Customer,
    /// About which purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Purchase>,
    /// When the customer began to wait.
    pub began_at: Timestamp,
    /// The first of what was said, with what names a person or a purchase masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preview: String,
    /// The order of the same conversation that had ended for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<WorkOrderId>,
    /// Who resolved what the same customer had before, to their satisfaction as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resolver: Option<AgentId>,
}

/// What the words were understood to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Understanding {
    /// What it is about.
    pub category: Category,
    /// Whether a person should look at that.
    pub needs_review: bool,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// In which language.
    pub language: Language,
    /// 1 to 4.
    pub urgency: u8,
    /// 1 to 4.
    pub impact: u8,
    /// 0 to 100.
    pub score: u8,
    /// The band.
    pub priority: Priority,
    /// How strongly it sounds so, −100 (unhappy) to 100 (happy).
    #[serde(default)]
    pub tone: i8,
}

/// What became of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody was told.
    Fired,
    /// A warning whose due instant had already passed when it was seen: telling would be noise.
    SkippedLate,
    /// Past at once because of a new target, and a higher rung was, too.
    SkippedRetarget,
    /// The ladder in force no longer has this rung.
    Withdrawn,
}

/// Why something was agreed, or agreed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreedBecause {
    /// The order began.
    Created,
    /// It has another priority.
    Priority,
    /// What a policy's conditions look at has changed.
    Conditions,
    /// Its team, or it itself, counts on another calendar.
    Calendar,
    /// Somebody asked that the policies in force be applied to it.
    Reapply,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// A feedback became an order.
    Created(Box<Origin>),
    /// Its words were understood.
    Classified(Understanding),
    /// It was given to an agent.
    Assigned {
        /// The agent's team.
        team: TeamId,
        /// The agent.
        agent: AgentId,
        /// Why, with the others who might have had it.
        routing: Box<Routing>,
        /// Who had it until then, if that was somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<AgentId>,
        /// Why, in the words of whoever gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It waits: nobody of the team can take it now.
    Queued {
        /// The team.
        team: TeamId,
        /// Why not, agent by agent.
        routing: Box<Routing>,
        /// Who had it until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<AgentId>,
        /// Why, in the words of whoever gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Somebody said something on it. The words are kept apart.
    MessagePosted {
        /// Which message.
        message: MessageId,
        /// Its number on this order, from 1.
        number: u32,
        /// Which way.
        direction: Direction,
        /// Who may read it.
        visibility: Visibility,
        /// How the customer sounds in it, −100 (unhappy) to 100 (happy).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tone: Option<i8>,
    },
    /// The customer sounds much worse than before.
    SentimentDropped {
        /// What the tone was until then, −100 to 100: the mean of what was said before.
        from: i8,
        /// What it is now.
        to: i8,
    },
    /// The customer said more: another feedback of the same conversation.
    FeedbackAdded {
        /// Which.
        feedback: FeedbackId,
    },
    /// It moved.
    StatusChanged {
        /// From here.
        from: Status,
        /// To here.
        to: Status,
        /// Why, in the actor's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// How it was put right.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolution: Option<Resolution>,
    },
    /// What is promised, by which policy, from now on; nothing where no policy matches.
    SlaApplied {
        /// What is promised.
        agreement: Option<Agreement>,
        /// Why now.
        why: AgreedBecause,
        /// The clock that keeps its target: its own escalation raised the priority.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spared: Option<ClockKey>,
        /// Why, in the words of whoever asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It is more or less urgent than it was.
    PriorityChanged {
        /// From this band.
        from: Priority,
        /// To this.
        to: Priority,
    },
    /// It is about something else: a person said so, or its words were read again.
    CategoryChanged {
        /// It was taken for this.
        from: Category,
        /// It is about this.
        to: Category,
    },
    /// Somebody promised by hand when a clock is due, or took that back.
    DueOverridden {
        /// Which clock.
        #[serde(flatten)]
        clock: ClockKey,
        /// When it is due; `null` if its target says so again.
        due_at: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// Its time is counted on a calendar of its own, or no longer.
    CalendarChanged {
        /// The calendar's name.
        calendar: Option<String>,
    },
    /// A promise came near its end or went past it, and what the level says was done.
    Escalated {
        /// Which clock; absent where no clock is behind it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metric: Option<Metric>,
        /// Of which cycle.
        cycle: u32,
        /// Of which exchange.
        #[serde(default = "first", skip_serializing_if = "is_first")]
        exchange: u32,
        /// Which rung.
        level: String,
        /// The how-manieth time, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        repeat: u32,
        /// Who was told.
        audience: Audience,
        /// Whether it was still worth telling.
        outcome: Outcome,
    },
    /// Somebody is told of whatever else happens to it.
    WatcherAdded {
        /// As in notices: `agent:<id>`, `supervisors`.
        watcher: String,
    },
    /// Somebody is told of it no longer.
    WatcherRemoved {
        /// As in notices.
        watcher: String,
    },
    /// Two orders are about one thing: the same fact stands on both.
    Merged {
        /// The one that is given up.
        duplicate: WorkOrderId,
        /// The one that goes on, with the other's feedback.
        into: WorkOrderId,
        /// What the customer had said on the duplicate.
        feedback: Vec<FeedbackId>,
        /// Why, in the words of whoever said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Somebody else does a part of it.
    ChildAdded {
        /// The order that is the part.
        child: WorkOrderId,
        /// Whether it must be done before this one can be resolved.
        mandatory: bool,
    },
    /// A part that must be done is done, or given up.
    ChildDone {
        /// Which.
        child: WorkOrderId,
        /// Where it stands now.
        status: Status,
    },
    /// A part that must be done came back.
    ChildReopened {
        /// Which.
        child: WorkOrderId,
    },
    /// Fields of the shop's own have other values.
    CustomFieldsChanged {
        /// The new values; `null` for what was taken away.
        fields: CustomChanges,
    },
    /// The customer is to be given something for a promise that was not kept.
    CompensationRequested {
        /// What somebody decides; absent of the time when nobody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compensation: Option<CompensationId>,
        /// Which promise.
        #[serde(flatten)]
        clock: ClockKey,
        /// How much, what the cap left of it.
        amount: Money,
    },
    /// Somebody decided whether the customer is given it; or nobody had to.
    CompensationDecided {
        /// Which.
        compensation: CompensationId,
        /// Which promise.
        #[serde(flatten)]
        clock: ClockKey,
        /// Which way.
        decision: Verdict,
        /// What the customer is given: nothing if it was declined.
        amount: Money,
        /// What the order's cap gets back of what was asked for, in minor units.
        returned_minor: i64,
        /// Why, in the words of whoever gives less than was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A promise was broken.
    Breached {
        /// Which promise.
        #[serde(flatten)]
        clock: ClockKey,
        /// What had been promised.
        due_at: Timestamp,
        /// Why it counts as broken.
        #[serde(rename = "breach_cause")]
        why: BreachCause,
        /// Business milliseconds used up.
        consumed_ms: i64,
        /// Business milliseconds promised.
        target_ms: i64,
        /// The policy version it was promised by.
        policy: VersionRef,
        /// The calendar version it was counted on.
        calendar: VersionRef,
        /// Whose queue it was in at that instant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<TeamId>,
        /// Who had it at that instant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
    },
    /// A broken promise is excused; its record stays.
    BreachAnnulled {
        /// Which promise.
        #[serde(flatten)]
        clock: ClockKey,
        /// Why.
        reason: String,
    },
    /// The customer will be asked.
    SurveyScheduled {
        /// Which survey.
        survey: SurveyId,
        /// Of which cycle.
        cycle: u32,
        /// When.
        ask_at: Timestamp,
    },
    /// The customer will not be asked.
    SurveySkipped {
        /// Of which cycle.
        cycle: u32,
        /// Why.
        why: SkipReason,
    },
    /// The customer was asked.
    SurveySent {
        /// Which survey.
        survey: SurveyId,
        /// Of which cycle.
        cycle: u32,
    },
    /// The customer was asked and did not answer: they were asked once more.
    SurveyReminded {
        /// Which survey.
        survey: SurveyId,
        /// Of which cycle.
        cycle: u32,
    },
    /// The customer never answered, and can't any more.
    SurveyExpired {
        /// Which survey.
        survey: SurveyId,
        /// Of which cycle.
        cycle: u32,
    },
    /// Whoever resolved it said that the customer is not to be asked.
    SurveyDeclined {
        /// Of which cycle.
        cycle: u32,
    },
    /// The customer answered. The comment is kept with the survey.
    SurveyAnswered {
        /// Which survey.
        survey: SurveyId,
        /// Of which cycle.
        cycle: u32,
        /// How many answers have been read, this one included.
        answers: u32,
        /// 1 to 5.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        csat: Option<u8>,
        /// Effort, 1 to 7.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ces: Option<u8>,
        /// Would recommend, 0 to 10.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nps: Option<u8>,
        /// Whether it was put right.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        solved: Option<bool>,
        /// Whether that is good enough.
        satisfied: bool,
    },
    /// The customer is called about it: by another order.
    RevisitMade {
        /// Which survey's questions are asked.
        survey: SurveyId,
        /// The order to call.
        revisit: WorkOrderId,
    },
    /// The customer was not satisfied and said why: the words were read again together with that.
    Reassessed {
        /// Which survey's answer it was.
        survey: SurveyId,
        /// What they are understood to mean now.
        #[serde(flatten)]
        understanding: Understanding,
    },
    /// It came back.
    Reopened {
        /// From here.
        from: Status,
        /// The cycle that begins.
        cycle: u32,
        /// Who shall not get it again: the customer was not satisfied.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        excluded: Option<AgentId>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl What {
    /// Whether it may pause a clock, or let a paused one go on or end.
    pub(crate) fn may_hold_clocks(&self) -> bool {
        match self {
            Self::SlaApplied { .. }
            | Self::Queued { .. }
            | Self::Assigned { .. }
            | Self::StatusChanged { .. }
            | Self::Reopened { .. } => true,
            Self::MessagePosted { visibility, .. } => *visibility == Visibility::Public,
            _ => false,
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Classified(_) => "classified",
            Self::Assigned { .. } => "assigned",
            Self::Queued { .. } => "queued",
            Self::MessagePosted { .. } => "message_posted",
            Self::SentimentDropped { .. } => "sentiment_dropped",
            Self::FeedbackAdded { .. } => "feedback_added",
            Self::StatusChanged { .. } => "status_changed",
            Self::SlaApplied { .. } => "sla_applied",
            Self::PriorityChanged { .. } => "priority_changed",
            Self::CategoryChanged { .. } => "category_changed",
            Self::DueOverridden { .. } => "due_overridden",
            Self::CalendarChanged { .. } => "calendar_changed",
            Self::Escalated { .. } => "escalated",
            Self::WatcherAdded { .. } => "watcher_added",
            Self::WatcherRemoved { .. } => "watcher_removed",
            Self::Merged { .. } => "merged",
            Self::ChildAdded { .. } => "child_added",
            Self::ChildDone { .. } => "child_done",
            Self::ChildReopened { .. } => "child_reopened",
            Self::CustomFieldsChanged { .. } => "custom_fields_changed",
            Self::CompensationRequested { .. } => "compensation_requested",
            Self::CompensationDecided { .. } => "compensation_decided",
            Self::Breached { .. } => "breached",
            Self::BreachAnnulled { .. } => "breach_annulled",
            Self::SurveyScheduled { .. } => "survey_scheduled",
            Self::SurveySkipped { .. } => "survey_skipped",
            Self::SurveySent { .. } => "survey_sent",
            Self::SurveyReminded { .. } => "survey_reminded",
            Self::SurveyExpired { .. } => "survey_expired",
            Self::SurveyDeclined { .. } => "survey_declined",
            Self::SurveyAnswered { .. } => "survey_answered",
            Self::RevisitMade { .. } => "revisit_made",
            Self::Reassessed { .. } => "reassessed",
            Self::Reopened { .. } => "reopened",
        }
    }
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_first(exchange: &u32) -> bool {
    *exchange == first()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(repeat: &u32) -> bool {
    *repeat == 0
}
