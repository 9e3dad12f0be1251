//! The customer answers: by a token that is good for one survey and nothing else.

use crate::documents::{Stored, load};
use crate::fault::{Conflict, Fault, contended};
use crate::follow_up::{self, Opens};
use crate::ports::{PortError, World};
use crate::{Moment, keys, orders};
use redress_domain::event::{Event, EventType};
use redress_domain::id::TenantId;
use redress_domain::survey::{Answer, AnswerRefused, Survey};

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
        if survey.unread().is_some() {
            let event = Event::new(&tenant, EventType::SurveyAnswered, survey.id.as_str(), version + 1, moment.now);
            world.queue.send(&event).await?;
        }
        return Ok(survey);
    }
    Err(contended())
}
