//! Documents as the API shows them.

mod family;

pub use family::{ChildView, PartView, WatcherView};

use crate::classify::Classification;
use crate::receive::Reception;
use jiff::Timestamp;
use redress_domain::calendar::CalendarError;
use redress_domain::category::{Category, Language, Sentiment};
use redress_domain::custom::Custom;
use redress_domain::fact::Resolution;
use redress_domain::feedback::{Channel, Customer, Feedback, Purchase};
use redress_domain::id::{AgentId, FeedbackId, SurveyId, TeamId, WorkOrderId};
use redress_domain::order::{OrderKind, Status, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::priority::{Contribution, Priority};
use redress_domain::sla::{Clock, ClockKey, ClockState};
use redress_language::entity::Entity;
use redress_language::{CategoryScore, Evidence};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A clock.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Clock")]
pub struct ClockView {
    /// What is promised, in which cycle and exchange.
    #[serde(flatten)]
    pub key: ClockKey,
    /// How it stands.
    pub state: ClockState,
    /// When the promise ends; `null` unless running or running late.
    pub due_at: Option<Timestamp>,
    /// When it is due because somebody says so, whatever the target comes to; `null` without that.
    pub due_override: Option<Timestamp>,
    /// Business seconds used up.
    pub consumed_seconds: i64,
    /// Business seconds promised.
    pub target_seconds: i64,
    /// Whether it was broken.
    pub breached: bool,
}

impl ClockView {
    fn of(clock: &Clock, terms: &Terms, now: Timestamp) -> Result<Self, CalendarError> {
        Ok(Self {
            key: clock.key.clone(),
            state: clock.state(now),
            due_at: clock.due_at,
            due_override: clock.overridden,
            consumed_seconds: clock.consumed(terms.book.time_of(clock)?, now).as_secs(),
            target_seconds: clock.target.seconds(),
            breached: clock.is_breached(now),
        })
    }
}

/// Where to read on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Links {
    /// This order.
    #[serde(rename = "self")]
    pub this: String,
    /// Its history.
    pub facts: String,
    /// What was said on it.
    pub messages: String,
    /// Who got it and why.
    pub routing: String,
    /// Why it is due when it is.
    pub proof: String,
    /// Its parts.
    pub children: String,
    /// Who watches it.
    pub watchers: String,
    /// How much time was spent on it.
    pub effort: String,
    /// What it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where it goes on, if it turned out to be a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// Where the customer answers; local cloud only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<String>,
}

impl Links {
    fn of(order: &WorkOrder) -> Self {
        let path = |id: &WorkOrderId| format!("/v1/work-orders/{id}");
        let this = path(&order.id);
        Self {
            facts: format!("{this}/facts"),
            messages: format!("{this}/messages"),
            routing: format!("{this}/routing"),
            proof: format!("{this}/sla/proof"),
            children: format!("{this}/children"),
            watchers: format!("{this}/watchers"),
            effort: format!("{this}/effort"),
            parent: order.parent.as_ref().map(|parent| path(&parent.order)),
            merged_into: order.merged_into.as_ref().map(path),
            survey: None,
            this,
        }
    }
}

/// How a customer's tone moved over what was said on an order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Trend")]
pub struct TrendView {
    /// −100 (unhappy) to 100 (happy), oldest first: the last eight times.
    pub tones: Vec<i8>,
    /// The last one against the mean of those before, −200 to 200; `null` until the second.
    pub change: Option<i32>,
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "WorkOrder")]
pub struct WorkOrderView {
    /// Its id.
    pub id: WorkOrderId,
    /// What kind of work it is.
    pub kind: OrderKind,
    /// How far it is.
    pub status: Status,
    /// The band.
    pub priority: Priority,
    /// 0 to 100.
    pub score: u8,
    /// What it is about.
    pub category: Category,
    /// Whether a person should look at that.
    pub needs_review: bool,
    /// How the customer sounded when it began.
    pub sentiment: Sentiment,
    /// How that moved since.
    pub sentiment_trend: TrendView,
    /// What the customer speaks.
    pub language: Language,
    /// The first of what was said, masked.
    pub preview: String,
    /// Where it was said.
    pub channel: Channel,
    /// By whom.
    pub customer: Customer,
    /// About which purchase.
    pub order: Option<Purchase>,
    /// Whose queue it is in.
    pub team: Option<TeamId>,
    /// Who works on it.
    pub agent: Option<AgentId>,
    /// A supervisor has it.
    pub supervised: bool,
    /// Every clock of every cycle.
    pub clocks: Vec<ClockView>,
    /// The SLA policy version that was agreed, as `id@version`; `null` where nothing is promised.
    pub policy: Option<String>,
    /// The calendar that it is counted on instead of its team's and its policy's.
    pub calendar: Option<String>,
    /// When the first running promise ends.
    pub due_at: Option<Timestamp>,
    /// Why it waits.
    pub reason: Option<String>,
    /// How it was put right.
    pub resolution: Option<Resolution>,
    /// One more with every change.
    pub version: u64,
    /// What it answers.
    pub feedback_ids: Vec<FeedbackId>,
    /// What it is a part of.
    pub parent: Option<WorkOrderId>,
    /// Whose customer is called, for a revisit.
    pub revisits: Option<WorkOrderId>,
    /// The survey that a call answers (`POST /v1/surveys/{id}/answer`), for a revisit.
    pub about_survey: Option<SurveyId>,
    /// Its parts.
    pub children: Vec<PartView>,
    /// Where it goes on, if it turned out to be a duplicate.
    pub merged_into: Option<WorkOrderId>,
    /// Who is told of whatever happens to it.
    pub watchers: Vec<WatcherView>,
    /// The shop's own fields.
    pub custom_fields: BTreeMap<String, Custom>,
    /// The order of the same conversation that had ended for good when the customer wrote again.
    pub follows: Option<WorkOrderId>,
    /// How often it came back.
    pub reopen_count: u32,
    /// When the customer began to wait.
    pub created_at: Timestamp,
    /// When something last happened.
    pub updated_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Where to read on.
    pub links: Links,
}

impl WorkOrderView {
    /// An order as it stands at `now`.
    ///
    /// # Errors
    /// The terms do not have what a clock runs by.
    pub fn of(order: &WorkOrder, version: u64, terms: &Terms, now: Timestamp) -> Result<Self, CalendarError> {
        let clocks = order.clocks.all.iter().map(|clock| ClockView::of(clock, terms, now));
        Ok(Self {
            id: order.id.clone(),
            kind: order.kind(),
            status: order.status,
            priority: order.priority,
            score: order.score,
            category: order.category,
            needs_review: order.needs_review,
            sentiment: order.sentiment,
            sentiment_trend: TrendView { tones: order.tones.clone(), change: order.tone_change() },
            language: order.language,
            preview: order.preview.clone(),
            channel: order.channel,
            customer: order.customer.clone(),
            order: order.order.clone(),
            team: order.team.clone(),
            agent: order.agent.clone(),
            supervised: order.supervised,
            clocks: clocks.collect::<Result<_, _>>()?,
            policy: order.clocks.agreement.as_ref().map(|agreement| agreement.policy.to_string()),
            calendar: order.calendar.clone(),
            due_at: order.promised_by(),
            reason: order.reason.clone(),
            resolution: order.resolution.clone(),
            version,
            feedback_ids: order.feedback_ids.clone(),
            parent: order.parent.as_ref().map(|parent| parent.order.clone()),
            revisits: order.revisits.as_ref().map(|revisited| revisited.order.clone()),
            about_survey: order.revisits.as_ref().map(|revisited| revisited.survey.clone()),
            children: order.children.iter().map(PartView::of).collect(),
            merged_into: order.merged_into.clone(),
            watchers: WatcherView::all(order),
            custom_fields: order.custom_fields.clone(),
            follows: order.follows.clone(),
            reopen_count: order.reopen_count,
            created_at: order.created_at,
            updated_at: order.updated_at,
            resolved_at: order.resolved_at,
            links: Links::of(order),
        })
    }
}

/// How far a feedback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Accepted.
    Received,
    /// Understood.
    Classified,
    /// Has its order, no agent yet.
    Waiting,
    /// Somebody has it.
    Assigned,
    /// Done.
    Closed,
}

impl Progress {
    /// Of a feedback and, if there is one, its order.
    #[must_use]
    pub fn of(reception: &Reception, order: Option<&WorkOrder>) -> Self {
        match (order, &reception.classification) {
            (Some(order), _) if matches!(order.status, Status::Closed | Status::Cancelled) => Self::Closed,
            (Some(order), _) if order.is_waiting() => Self::Waiting,
            (Some(_), _) => Self::Assigned,
            (None, Some(_)) if reception.is_put_aside() => Self::Closed,
            (None, Some(_)) => Self::Classified,
            (None, None) => Self::Received,
        }
    }
}

/// What a feedback was understood to mean.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Classification")]
pub struct ClassificationView {
    /// What it is about.
    pub category: Category,
    /// A score, 0 to 1, not a probability.
    pub confidence: f64,
    /// Whether a person should look at it.
    pub needs_review: bool,
    /// The three best categories.
    pub top: Vec<CategoryScore>,
    /// What else it is about.
    pub secondary: Vec<Category>,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// How strongly, −1 (unhappy) to 1 (happy).
    pub sentiment_score: f64,
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
    /// Every reason.
    pub contributions: Vec<Contribution>,
    /// The customer's own words that decided.
    pub evidence: Vec<Evidence>,
    /// What the words name: orders, amounts, dates.
    pub entities: Vec<Entity>,
    /// Which model read it: `shipped`, or the version of the tenant's own.
    pub model: String,
    /// Which version of the priority policy weighed it.
    pub priority_policy: u32,
}

impl From<&Classification> for ClassificationView {
    fn from(Classification { reading, assessment, model, policy, .. }: &Classification) -> Self {
        Self {
            category: reading.category,
            confidence: reading.confidence,
            needs_review: reading.needs_review,
            top: reading.top.clone(),
            secondary: reading.secondary.clone(),
            sentiment: reading.sentiment,
            sentiment_score: reading.sentiment_score,
            language: reading.language,
            urgency: assessment.urgency,
            impact: assessment.impact,
            score: assessment.score,
            priority: assessment.priority,
            contributions: assessment.contributions.clone(),
            evidence: reading.evidence.clone(),
            entities: reading.entities.clone(),
            model: model.clone(),
            priority_policy: *policy,
        }
    }
}

/// A feedback.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Feedback")]
pub struct FeedbackView {
    /// Its id.
    pub id: FeedbackId,
    /// How far it is.
    pub status: Progress,
    /// When it came in.
    pub received_at: Timestamp,
    /// What was said, as it was handed over.
    #[serde(flatten)]
    pub feedback: Feedback,
    /// What it was understood to mean; `null` until it was.
    pub classification: Option<ClassificationView>,
    /// The order that answers it, if it was merged the one that goes on; `null` until there is one.
    pub work_order_id: Option<WorkOrderId>,
    /// When the order got the agent who has it; `null` while nobody has.
    pub assigned_at: Option<Timestamp>,
}

impl FeedbackView {
    /// A feedback and, if there is one, its order.
    #[must_use]
    pub fn of(id: &FeedbackId, reception: &Reception, order: Option<&WorkOrder>) -> Self {
        Self {
            id: id.clone(),
            status: Progress::of(reception, order),
            received_at: reception.received_at,
            feedback: reception.feedback.clone(),
            classification: reception.classification.as_ref().map(ClassificationView::from),
            work_order_id: order.map(|order| order.id.clone()).or_else(|| reception.work_order.clone()),
            assigned_at: order
                .filter(|order| order.agent.is_some())
                .and_then(|order| Some(order.routing.as_ref()?.decided_at)),
        }
    }
}
