//! The customer answers: by a token that is good for one survey and nothing else, or by a message
//! on the order that is a score.

use crate::documents::{Stored, load};
use crate::fault::{Conflict, Fault, contended};
use crate::follow_up::{self, Opens};
use crate::ports::{PortError, World, Write};
use crate::{Moment, keys, orders};
use jiff::Timestamp;
use redress_domain::event::{Event, EventType};
use redress_domain::id::{SurveyId, TenantId};
use redress_domain::order::{Status, WorkOrder};
use redress_domain::survey::{Answer, AnswerRefused, Survey, SurveyState};
use redress_language::{Verdict, verdict};

/// The survey that a token opens, and whose it is.
///
/// # Errors
/// Not found for a token that opens nothing.
pub async fn open(world: &World, token: &str) -> Result<(TenantId, Stored<Survey>), Fault> {
    let opens = load::<Opens>(world.store.as_ref(), &keys::survey_token(token)).await?.ok_or(Fault::NotFound)?;
    let Opens { tenant, survey } = opens.value;
    let stored = follow_up::find(world, &tenant, &survey).await?.ok_or(Fault::NotFound)?;
    Ok((tenant, stored))
}

/// Keeps an answer and tells that it is there. The same answer again changes nothing; another one
/// within the window replaces it, and all are kept.
///
/// # Errors
/// Not found for a token that opens nothing, or a survey that was not sent; conflict
/// ([`Conflict::Closed`]) after the window.
pub async fn answer(world: &World, token: &str, answer: Answer, moment: Moment) -> Result<Survey, Fault> {
    for _ in 0..orders::TRIES {
        let (tenant, Stored { value: mut survey, version }) = open(world, token).await?;
        let changed = survey.answer(answer.clone()).map_err(|refused| match refused {
            AnswerRefused::NotSent => Fault::NotFound,
            AnswerRefused::Closed => Fault::Conflict(Conflict::Closed),
        })?;
        if changed {
            match world.store.commit(&[follow_up::keep(&tenant, &survey, version)]).await {
                Ok(()) => {}
                Err(PortError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        tell(world, &tenant, &survey, version + 1, moment).await?;
        return Ok(survey);
    }
    Err(contended())
}

/// Tells that there is an answer that the order does not know of yet; nothing if there is none.
pub(crate) async fn tell(
    world: &World,
    tenant: &TenantId,
    survey: &Survey,
    version: u64,
    moment: Moment,
) -> Result<(), Fault> {
    if survey.unread().is_none() {
        return Ok(());
    }
    let event = Event::new(tenant, EventType::SurveyAnswered, survey.id.as_str(), version, moment.now);
    Ok(world.queue.send(&event).await?)
}

/// A survey that a message on its order answers.
pub(crate) struct Replied {
    survey: Survey,
    seen: u64,
    /// Whether it says anything else than the answer before.
    changed: bool,
}

impl Replied {
    /// The write that keeps the answer; none where it was given before.
    pub(crate) fn keep(&self, tenant: &TenantId) -> Option<Write> {
        self.changed.then(|| follow_up::keep(tenant, &self.survey, self.seen))
    }

    /// Tells that it is there, once it is kept.
    pub(crate) async fn tell(&self, world: &World, tenant: &TenantId, moment: Moment) -> Result<(), Fault> {
        tell(world, tenant, &self.survey, self.seen + u64::from(self.changed), moment).await
    }
}

/// The survey that a customer's message on an order answers: the words are a score and nothing else,
/// and the customer was asked about how the order stands and can still answer.
pub(crate) async fn reply(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    words: &str,
    now: Timestamp,
) -> Result<Option<Replied>, Fault> {
    if !matches!(order.status, Status::Resolved | Status::Closed) {
        return Ok(None);
    }
    let Some(Verdict { csat, solved, comment }) = verdict(words) else { return Ok(None) };
    let id = SurveyId::of(tenant, &order.id, order.cycle);
    let Some(Stored { value: mut survey, version: seen }) = follow_up::find(world, tenant, &id).await? else {
        return Ok(None);
    };
    let taken = matches!(survey.state, SurveyState::Sent | SurveyState::Answered);
    let answer = Answer { csat, ces: None, nps: None, solved, comment, at: now };
    let answered = Some(answer).filter(|_| taken).and_then(|answer| survey.answer(answer).ok());
    Ok(answered.map(|changed| Replied { survey, seen, changed }))
}

/// Tells again what a message answered, should that have been lost.
pub(crate) async fn prompt(world: &World, tenant: &TenantId, order: &WorkOrder, moment: Moment) -> Result<(), Fault> {
    if !matches!(order.status, Status::Resolved | Status::Closed) {
        return Ok(());
    }
    match follow_up::find(world, tenant, &SurveyId::of(tenant, &order.id, order.cycle)).await? {
        Some(survey) => tell(world, tenant, &survey.value, survey.version, moment).await,
        None => Ok(()),
    }
}
