//! What somebody sees of the story that they are about to go on with.

use super::Run;
use crate::next::Sees;
use crate::task::lock;
use crate::witness::Witness;
use jiff::Timestamp;
use redress_domain::id::{AttachmentId, CompensationId, FeedbackId, SurveyId, WorkOrderId};

/// What a request is about: settled when it is made for the first time, however things change since.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The order that the customer's words are answered by.
    pub(crate) order: WorkOrderId,
    /// Who has it; a supervisor acts where nobody has.
    pub(crate) agent: Option<String>,
    /// When the request was made for the first time.
    pub(crate) at: Timestamp,
    /// Where the customer answers, and the survey that this belongs to.
    pub(crate) survey: Option<(SurveyId, String)>,
    /// Another open order of the same customer's, from what they said as if it were new.
    pub(crate) twin: Option<WorkOrderId>,
    /// A part that is not done, and who has it.
    pub(crate) part: Option<(WorkOrderId, Option<String>)>,
    /// What is to be decided, and whether a supervisor may.
    pub(crate) asked: Option<(CompensationId, bool)>,
    /// The file that the customer sent.
    pub(crate) file: Option<AttachmentId>,
}

impl About {
    /// An order, and nothing besides.
    pub(crate) fn order(order: WorkOrderId, agent: Option<String>, at: Timestamp) -> Self {
        Self { order, agent, at, survey: None, twin: None, part: None, asked: None, file: None }
    }
}

impl Run {
    /// What a story is about by now.
    pub(super) fn sees(&self, life: u32) -> Option<About> {
        let ground = lock(&self.ground);
        let witness = &ground.witness;
        let said = ground.said.get(&life)?;
        let order = said.iter().rev().find_map(|said| answering(witness, said))?;
        let seen = witness.orders.get(&order)?;
        let others = said.iter().filter_map(|said| answering(witness, said)).filter(|other| *other != order);
        let open = |id: &String| witness.orders.get(id).is_some_and(|order| order.is_active());
        let twin = others.into_iter().find(open).filter(|_| open(&order));
        let part = seen.children.keys().find(|id| open(id));
        let part = part.and_then(|id| Some((WorkOrderId::parse(id)?, witness.orders.get(id)?.agent.clone())));
        let survey = witness.surveys.get(&order);
        Some(About {
            agent: seen.agent.clone(),
            at: ground.now,
            survey: survey.and_then(|survey| Some((SurveyId::parse(&survey.id)?, survey.token.clone()))),
            twin: twin.and_then(|id| WorkOrderId::parse(&id)),
            part,
            asked: witness.compensations.pending(&order),
            file: ground.files.get(&life).map(|sent| sent.id.clone()),
            order: WorkOrderId::parse(&order)?,
        })
    }

    /// The same, as far as it decides whether somebody can act.
    pub(super) fn looks(&self, life: u32, look: impl FnOnce(Sees<'_>) -> crate::next::Next) -> crate::next::Next {
        let about = self.sees(life);
        let ground = lock(&self.ground);
        let witness = &ground.witness;
        let id = about.as_ref().map(|about| about.order.as_str());
        let said = ground.said.get(&life).map(Vec::as_slice).unwrap_or_default();
        look(Sees {
            order: id.and_then(|id| witness.orders.get(id)),
            survey: id.and_then(|id| witness.surveys.get(id)),
            about: about.as_ref(),
            unanswered: said.iter().any(|said| answering(witness, said).is_none()),
            file: ground.files.get(&life),
        })
    }
}

/// The order that answers a feedback by now: the one that goes on for it, where it was merged.
fn answering(witness: &Witness, feedback: &FeedbackId) -> Option<String> {
    let mut order = witness.feedbacks.get(feedback.as_str()).cloned().flatten()?;
    while let Some(into) = witness.orders.get(&order).and_then(|order| order.merged_into.clone()) {
        order = into;
    }
    Some(order)
}
