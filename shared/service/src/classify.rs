//! A feedback is understood: language, subject, mood, urgency, impact, priority.

use crate::Moment;
use crate::documents::Stored;
use crate::fault::Fault;
use crate::ports::{PortError, World};
use crate::receive::{self, Reception};
use redress_domain::event::Event;
use redress_domain::fact::Understanding;
use redress_domain::feedback::{Feedback, Tier};
use redress_domain::id::FeedbackId;
use redress_domain::priority::{Assessment, Context, assess};
use redress_language::Reading;
use serde::{Deserialize, Serialize};

/// What a feedback was understood to mean, with the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// What the words say.
    pub reading: Reading,
    /// What follows for its priority.
    pub assessment: Assessment,
}

impl Classification {
    /// Of a feedback: the words first, then what is known besides.
    #[must_use]
    pub fn of(feedback: &Feedback) -> Self {
        let reading = redress_language::read(&feedback.words());
        let context = Context {
            category: reading.category,
            sentiment: reading.sentiment,
            tier: feedback.customer.tier.unwrap_or(Tier::Standard),
            public: feedback.public,
        };
        let assessment = assess(&reading.cues, context);
        Self { reading, assessment }
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
        }
    }
}

/// Understands the feedback that the event is about, once.
///
/// # Errors
/// Not found if there is no such feedback; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let id = FeedbackId::parse(&event.subject).ok_or(Fault::NotFound)?;
    let stored = receive::find(world, &event.tenant, &id).await?.ok_or(Fault::NotFound)?;
    let Stored { value, version } = match stored.value.classification {
        Some(_) => stored,
        None => understand(world, event, &id, stored, moment).await?,
    };
    match value.work_order {
        Some(_) => Ok(()),
        None => receive::emit(world, &event.tenant, &id, &value, version).await,
    }
}

async fn understand(
    world: &World,
    event: &Event,
    id: &FeedbackId,
    stored: Stored<Reception>,
    moment: Moment,
) -> Result<Stored<Reception>, Fault> {
    let classification = Classification::of(&stored.value.feedback);
    tracing::info!(
        feedback.id = id.as_str(),
        category = classification.reading.category.as_str(),
        needs_review = classification.reading.needs_review,
        priority = classification.assessment.priority.as_str(),
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
