//! What people do with orders beyond answering and moving them: two become one, one becomes two,
//! somebody calls, decides, writes down how long it took.

use super::Deed;
use crate::ground::Ground;
use crate::plan::{Ruling, Step};
use crate::run::About;
use crate::task::lock;
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::Category;
use redress_domain::compensation::{Asked, Verdict};
use redress_domain::effort::{Effort, EffortKind};
use redress_domain::id::{AgentId, CompensationId, SurveyId, WorkOrderId};
use redress_domain::order::{Status, later};
use redress_domain::survey::Answer;
use redress_service::auth::{Caller, Role};
use redress_service::family::{self, Branch};
use redress_service::merge::{self, Merging};
use redress_service::{Fault, answer, compensations, effort};
use std::sync::{Arc, Mutex};

/// How long somebody has worked on what they write down.
const SPENT: SignedDuration = SignedDuration::from_mins(7);

impl Deed {
    /// Such a step. What was written down for good is remembered.
    pub(super) async fn further(
        self,
        step: Step,
        about: About,
        caller: &Caller,
        ground: Arc<Mutex<Ground>>,
    ) -> Result<(), Fault> {
        let id = &about.order;
        match step {
            Step::Merge { keeps } => {
                let Some(twin) = &about.twin else { return Ok(()) };
                let (duplicate, into) = if keeps { (twin, id) } else { (id, twin) };
                self.merge(caller, duplicate, into).await
            }
            Step::Split { mandatory } => self.split(caller, id, mandatory).await,
            Step::FinishPart => {
                let Some((part, agent)) = &about.part else { return Ok(()) };
                self.transition(&self.worker(agent.as_deref()), part, (Status::Resolved, true)).await
            }
            Step::Spend => {
                let Some(agent) = about.agent.as_deref().and_then(AgentId::parse) else { return Ok(()) };
                self.spend(caller, id, agent, about.at).await?;
                lock(&ground).witness.spent.insert((id.to_string(), later(about.at, -SPENT)));
                Ok(())
            }
            Step::Call { csat, solved } => {
                let Some((survey, _)) = &about.survey else { return Ok(()) };
                self.call(caller, survey, (csat, solved)).await?;
                lock(&ground).witness.called.insert(survey.to_string());
                Ok(())
            }
            Step::Decide(ruling) => {
                let Some((compensation, supervisors)) = &about.asked else { return Ok(()) };
                self.decide(compensation, ruling).await?;
                if !ruling.by_admin && !supervisors {
                    let what = format!("a supervisor decided on {compensation}, which is above their band");
                    lock(&ground).witness.violated(what);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Two orders are about one thing: `into` goes on for both.
    async fn merge(&self, caller: &Caller, id: &WorkOrderId, into: &WorkOrderId) -> Result<(), Fault> {
        let asked = Merging { into: into.clone(), reason: Some("同一件事 one and the same".to_owned()) };
        let keyed = self.keyed(&format!("POST {id}/merge"));
        merge::merge(&self.world, caller, id, None, &asked, &keyed, self.moment).await.map(drop)
    }

    /// A part of an order is for somebody else.
    async fn split(&self, caller: &Caller, id: &WorkOrderId, mandatory: bool) -> Result<(), Fault> {
        let summary = "请查账 please look into the payment".to_owned();
        let asked = Branch { category: Category::PaymentInvoice, summary, team: None, mandatory };
        let keyed = self.keyed(&format!("POST {id}/children"));
        family::add(&self.world, caller, id, None, &asked, &keyed, self.moment).await.map(drop)
    }

    /// Whoever has an order writes down what they have spent on it until `ended_at`.
    async fn spend(&self, caller: &Caller, id: &WorkOrderId, agent: AgentId, ended_at: Timestamp) -> Result<(), Fault> {
        let effort = Effort { agent, kind: EffortKind::Talk, started_at: later(ended_at, -SPENT), ended_at };
        let keyed = self.keyed(&format!("POST {id}/effort"));
        effort::add(&self.world, caller, id, None, &effort, &keyed, self.moment).await.map(drop)
    }

    /// Somebody calls the customer, and writes down what they say.
    async fn call(&self, caller: &Caller, id: &SurveyId, (csat, solved): (u8, bool)) -> Result<(), Fault> {
        let (csat, solved, at) = (Some(csat), Some(solved), self.moment.now);
        let answer = Answer { csat, ces: None, nps: None, solved, comment: None, given_by: None, at };
        let keyed = self.keyed(&format!("POST {id}/answers"));
        answer::enter(&self.world, caller, id, &answer, &keyed, self.moment).await.map(drop)
    }

    /// Somebody decides what a customer is given.
    async fn decide(&self, id: &CompensationId, ruling: Ruling) -> Result<(), Fault> {
        let decision = if ruling.declined { Verdict::Declined } else { Verdict::Approved };
        let reason = Some("查过了 we looked into it".to_owned());
        let asked = Asked { decision, amount_minor: ruling.given, reason };
        let caller = self.caller(if ruling.by_admin { Role::Admin } else { Role::Supervisor }, None);
        let keyed = self.keyed(&format!("POST {id}/decision"));
        compensations::decide(&self.world, &caller, id, None, &asked, &keyed, self.moment).await.map(drop)
    }
}
