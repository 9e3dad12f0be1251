//! The customer answers: by a token that is good for one survey and nothing else, or by a message
//! on the order that is a score.

use crate::auth::Caller;
use crate::desk::body;
use crate::documents::{Stored, load};
use crate::fault::{Conflict, Fault, contended};
use crate::follow_up::{self, Opens};
use crate::ports::{PortError, World, Write};
use crate::reply::{Keyed, Reply};
use crate::{Moment, keys, orders};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::event::{Event, EventType};
use redress_domain::id::{SurveyId, TenantId, WorkOrderId};
use redress_domain::order::{Status, WorkOrder};
use redress_domain::survey::{Answer, AnswerRefused, Survey, SurveyState};
use redress_language::{Verdict, verdict};
use schemars::JsonSchema;
use serde::Serialize;

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

/// What a customer said when they were called, as it was written down.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "EnteredAnswer")]
pub struct EnteredView {
    /// Of which survey.
    pub survey: SurveyId,
    /// About which order.
    pub work_order: WorkOrderId,
    /// Satisfaction, 1 to 5.
    pub csat: Option<u8>,
    /// Effort, 1 (hard) to 7 (easy).
    pub ces: Option<u8>,
    /// Would recommend, 0 to 10.
    pub nps: Option<u8>,
    /// Whether it was put right.
    pub solved: Option<bool>,
    /// In the customer's words.
    pub comment: Option<String>,
    /// Who called and wrote it down.
    pub given_by: Actor,
    /// When.
    pub answered_at: Timestamp,
}

/// Writes down what a customer said when they were called, beside what they say themselves, and
/// tells that it is there. It is heard as any answer is.
///
/// # Errors
/// Not found, also for another tenant's; conflict if the idempotency key stands for another request.
pub async fn enter(
    world: &World,
    caller: &Caller,
    id: &SurveyId,
    answer: &Answer,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    let tenant = &caller.tenant;
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, tenant, moment.now).await?;
        let Stored { value: mut survey, version } = get(world, caller, id).await?;
        if let Some(reply) = slot.reply {
            tell(world, tenant, &survey, version, moment).await?;
            return Ok(reply);
        }
        let given_by = caller.actor();
        let changed = survey.enter(Answer { given_by: Some(given_by.clone()), ..answer.clone() });
        let version = version + u64::from(changed);
        let reply = Reply { body: body(&entered(&survey, answer, given_by)), version, replayed: false };
        let mut writes: Vec<_> = keyed.keep(tenant, &slot, &reply, moment.now).into_iter().collect();
        writes.extend(changed.then(|| follow_up::keep(tenant, &survey, version - 1)));
        match settle(world, &writes).await {
            Err(PortError::Conflict) => continue,
            done => done?,
        }
        tell(world, tenant, &survey, version, moment).await?;
        return Ok(reply);
    }
    Err(contended())
}

async fn settle(world: &World, writes: &[Write]) -> Result<(), PortError> {
    if writes.is_empty() { Ok(()) } else { world.store.commit(writes).await }
}

fn entered(survey: &Survey, answer: &Answer, given_by: Actor) -> EnteredView {
    EnteredView {
        survey: survey.id.clone(),
        work_order: survey.work_order.clone(),
        csat: answer.csat,
        ces: answer.ces,
        nps: answer.nps,
        solved: answer.solved,
        comment: answer.comment.clone(),
        given_by,
        answered_at: answer.at,
    }
}

/// A survey and its version.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn get(world: &World, caller: &Caller, id: &SurveyId) -> Result<Stored<Survey>, Fault> {
    follow_up::find(world, &caller.tenant, id).await?.ok_or(Fault::NotFound)
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
    let answer = Answer { csat, ces: None, nps: None, solved, comment, given_by: None, at: now };
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
