//! A feedback is understood: language, subject, mood, urgency, impact, priority.

use crate::auth::Caller;
use crate::documents::Stored;
use crate::fault::Fault;
use crate::models::{self, Reader};
use crate::ports::{PortError, World};
use crate::receive::{self, Reception};
use crate::view::ClassificationView;
use crate::{Moment, publish, suppressions};
use redress_domain::event::Event;
use redress_domain::fact::Understanding;
use redress_domain::feedback::{Automatic, Feedback, Tier};
use redress_domain::id::{FeedbackId, TenantId};
use redress_domain::identity::{Identity, IdentityKind};
use redress_domain::order::WorkOrder;
use redress_domain::priority::{Assessment, Context, PriorityPolicy, assess};
use redress_domain::suppression::{SuppressedBecause, Suppression};
use redress_language::Reading;
use serde::{Deserialize, Serialize};

/// What a feedback was understood to mean, with the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// What the words say.
    pub reading: Reading,
    /// What follows for its priority.
    pub assessment: Assessment,
    /// Which model read it: `shipped`, or the version of the tenant's own.
    #[serde(default)]
    pub model: String,
    /// Which version of the priority policy weighed it.
    #[serde(default)]
    pub policy: u32,
    /// The first of the words, masked.
    #[serde(default)]
    pub preview: String,
}

/// How long a preview is at most, in characters.
pub(crate) const PREVIEW: usize = 80;

impl Classification {
    /// Of a feedback: the words first, then what is known besides.
    #[must_use]
    pub fn of(feedback: &Feedback, reader: &Reader, policy: &PriorityPolicy) -> Self {
        let tier = feedback.customer.tier.unwrap_or(Tier::Standard);
        Self::reading(&feedback.words(), (tier, feedback.public), reader, policy)
    }

    fn reading(words: &str, (tier, public): (Tier, bool), reader: &Reader, policy: &PriorityPolicy) -> Self {
        let reading = reader.model.read(words);
        let (category, sentiment) = (reading.category, reading.sentiment_besides_cues);
        let assessment = assess(&reading.cues, Context { category, sentiment, tier, public }, policy);
        let preview = masked(words);
        Self { reading, assessment, model: reader.name.clone(), policy: policy.version, preview }
    }

    /// What an order's first words mean together with a comment on how it was resolved. Where it is
    /// known what it is about (`labelled`), or nobody can be sure, it stays that.
    pub(crate) fn again(
        order: &WorkOrder,
        (said, comment): (Option<&Feedback>, &str),
        labelled: bool,
        reader: &Reader,
        policy: &PriorityPolicy,
    ) -> Understanding {
        let words = said.map_or_else(|| comment.to_owned(), |said| format!("{}\n{comment}", said.words()));
        let reading = reader.model.read(&words);
        let category = if labelled || reading.needs_review { order.category } else { reading.category };
        let (sentiment, tier) = (reading.sentiment_besides_cues, order.customer.tier.unwrap_or(Tier::Standard));
        let public = said.is_some_and(|said| said.public);
        let assessment = assess(&reading.cues, Context { category, sentiment, tier, public }, policy);
        Understanding {
            category,
            needs_review: reading.needs_review && !labelled,
            sentiment: reading.sentiment,
            language: order.language,
            urgency: assessment.urgency,
            impact: assessment.impact,
            score: assessment.score,
            priority: assessment.priority,
            tone: reading.tone(),
        }
    }

    /// What an order needs to know of it.
    #[must_use]
    pub fn understanding(&self) -> Understanding {
        Understanding {
            category: self.reading.category,
            needs_review: self.reading.needs_review,
            sentiment: self.reading.sentiment,
            language: self.reading.language,
            urgency: self.assessment.urgency,
            impact: self.assessment.impact,
            score: self.assessment.score,
            priority: self.assessment.priority,
            tone: self.reading.tone(),
        }
    }
}

fn masked(words: &str) -> String {
    redress_language::preview(words, PREVIEW)
}

/// The first of a feedback's words, masked, though nobody has understood them yet.
pub(crate) fn preview_of(feedback: &Feedback) -> String {
    masked(&feedback.words())
}

/// Something that nobody has said yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The words.
    pub message: String,
    /// Who would say it.
    pub tier: Option<Tier>,
    /// Whether others could read it.
    pub public: bool,
    /// By this policy, or by the one in force.
    pub policy: Option<PriorityPolicy>,
}

/// How something would be understood, without anybody saying it.
///
/// # Errors
/// The store did not answer.
pub async fn preview(
    world: &World,
    caller: &Caller,
    asked: &Preview,
    moment: Moment,
) -> Result<ClassificationView, Fault> {
    let terms = publish::terms(world, &caller.tenant).await?;
    let reader = models::reader(world, &caller.tenant, &terms.policies, moment.now).await;
    let policy = asked.policy.as_ref().unwrap_or(&terms.policies.priority);
    let tier = asked.tier.unwrap_or(Tier::Standard);
    Ok(ClassificationView::from(&Classification::reading(&asked.message, (tier, asked.public), &reader, policy)))
}

/// Understands the feedback that the event is about, once.
///
/// # Errors
/// Not found if there is no such feedback; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let id = FeedbackId::parse(&event.subject).ok_or(Fault::NotFound)?;
    let stored = receive::find(world, &event.tenant, &id).await?.ok_or(Fault::NotFound)?;
    heed_bounce(world, &event.tenant, &id, &stored.value.feedback, moment).await?;
    let Stored { value, version } = match stored.value.classification {
        Some(_) => stored,
        None => understand(world, event, &id, stored, moment).await?,
    };
    match value.work_order {
        Some(_) => Ok(()),
        // An order would answer a machine, and the machine the order.
        None if value.is_put_aside() => Ok(()),
        None => receive::emit(world, &event.tenant, &id, &value, version).await,
    }
}

/// What bounced is written to no more.
async fn heed_bounce(
    world: &World,
    tenant: &TenantId,
    id: &FeedbackId,
    feedback: &Feedback,
    moment: Moment,
) -> Result<(), Fault> {
    let address = feedback.customer.email.as_deref().filter(|_| feedback.automatic == Some(Automatic::Bounce));
    let Some(address) = address.and_then(|email| Identity::read(IdentityKind::Email, email)) else { return Ok(()) };
    let suppression = Suppression::of(&address, SuppressedBecause::Bounced, moment.now, id.as_str());
    suppressions::suppress(world, tenant, &suppression).await
}

async fn understand(
    world: &World,
    event: &Event,
    id: &FeedbackId,
    stored: Stored<Reception>,
    moment: Moment,
) -> Result<Stored<Reception>, Fault> {
    let terms = publish::terms(world, &event.tenant).await?;
    let reader = models::reader(world, &event.tenant, &terms.policies, moment.now).await;
    let classification = Classification::of(&stored.value.feedback, &reader, &terms.policies.priority);
    tracing::info!(
        feedback.id = id.as_str(),
        category = classification.reading.category.as_str(),
        needs_review = classification.reading.needs_review,
        priority = classification.assessment.priority.as_str(),
        model = classification.model,
        "classified"
    );
    let reception = Reception { classification: Some(classification), ..stored.value };
    let write = receive::keep(&event.tenant, id, reception.clone(), stored.version, moment.now);
    match world.store.commit(&[write]).await {
        Ok(()) => Ok(Stored { value: reception, version: stored.version + 1 }),
        // Another delivery of the same event was faster; what it wrote is what is true.
        Err(PortError::Conflict) => receive::find(world, &event.tenant, id).await?.ok_or(Fault::NotFound),
        Err(error) => Err(error.into()),
    }
}
