//! What people do, by the use cases that they call: the same request under the same key however often
//! it is tried.

mod files;
mod incidents;
mod orders;

use crate::ground::Ground;
use crate::plan::{Life, Shift, Step, able};
use crate::run::About;
use crate::task::lock;
use crate::words;
use redress_domain::fact::{Direction, Resolution, ResolutionCode, Visibility};
use redress_domain::feedback::Feedback;
use redress_domain::id::{AgentId, ApiKeyId, AttachmentId, FeedbackId, TeamId, TenantId, WorkOrderId};
use redress_domain::order::{Status, Transition};
use redress_domain::priority::Priority;
use redress_domain::routing::Agent;
use redress_domain::survey::Answer;
use redress_service::amend::{self, Amendment, Patch};
use redress_service::auth::{Caller, Role};
use redress_service::desk::{self, Draft, IfMatch};
use redress_service::give::{self, Assignment, Receiver};
use redress_service::people::{self, Staffing};
use redress_service::ports::World;
use redress_service::receive::{self, Receive};
use redress_service::reply::Keyed;
use redress_service::{Fault, Moment, answer};
use serde_json::json;
use std::sync::{Arc, Mutex};

/// Somebody who does something.
pub(crate) struct Deed {
    pub(crate) world: World,
    pub(crate) tenant: TenantId,
    pub(crate) moment: Moment,
    /// What the request is called, whoever tries it how often.
    pub(crate) key: String,
}

impl Deed {
    fn caller(&self, role: Role, agent: Option<&str>) -> Caller {
        let agent = agent.and_then(AgentId::parse);
        Caller { tenant: self.tenant.clone(), role, agent, key: ApiKeyId::derive(&["simulate"]) }
    }

    fn keyed(&self, scope: &str) -> Keyed {
        Keyed { scope: scope.to_owned(), key: Some(self.key.clone()), fingerprint: self.key.clone() }
    }

    /// A customer says something; what was answered with a 2xx is remembered.
    pub(crate) async fn say(
        self,
        life: Life,
        words: String,
        thread: Option<FeedbackId>,
        ground: Arc<Mutex<Ground>>,
    ) -> Result<(), Fault> {
        let source = life.by_source.then(|| format!("m-{}", self.key));
        let said = json!({
            "channel": life.channel, "message": words, "source_message_id": source, "thread": thread,
            "customer": {"ref": life.reference, "email": life.email, "locale": life.locale},
            "order": life.courier.map(|courier| json!({"courier": courier})),
        });
        let feedback: Feedback = serde_json::from_value(said).expect("a feedback");
        let idempotency_key = (!life.by_source || life.number.is_multiple_of(2)).then(|| self.key.clone());
        let caller = self.caller(Role::Integrator, None);
        let request = Receive { feedback, idempotency_key };
        let received = receive::receive(&self.world, &caller, request, self.moment).await?;
        let mut ground = lock(&ground);
        ground.witness.accepted.insert(received.id.clone(), words);
        let said = ground.said.entry(life.number).or_default();
        if !said.contains(&received.id) {
            said.push(received.id);
        }
        Ok(())
    }

    /// Somebody does a step of a story about an order: whoever has it; a supervisor where nobody has.
    pub(crate) async fn step(
        self,
        step: Step,
        about: About,
        chinese: bool,
        ground: Arc<Mutex<Ground>>,
    ) -> Result<(), Fault> {
        let caller = self.worker(about.agent.as_deref());
        let id = &about.order;
        match step {
            Step::Reply => self.post(&caller, id, Direction::Outbound, words::answer(chinese), None).await,
            Step::Hear(body) => self.post(&caller, id, Direction::Inbound, body, None).await,
            Step::HearWith(body) => self.post(&caller, id, Direction::Inbound, body, about.file).await,
            Step::Pend => self.transition(&caller, id, (Status::PendingCustomer, true)).await,
            Step::GoOn => self.transition(&caller, id, (Status::InProgress, true)).await,
            Step::Resolve(asked) => self.transition(&caller, id, (Status::Resolved, asked)).await,
            Step::Reopen => self.transition(&caller, id, (Status::Reopened, true)).await,
            Step::Cancel => self.transition(&caller, id, (Status::Cancelled, true)).await,
            Step::Prioritise(to) => self.prioritise(&caller, id, to).await,
            Step::Give(to) => self.give(id, to).await,
            Step::Rate { csat, solved, words } => {
                let Some((_, token)) = &about.survey else { return Ok(()) };
                let (csat, solved, at) = (Some(csat), Some(solved), self.moment.now);
                let answer = Answer { csat, ces: None, nps: None, solved, comment: words, given_by: None, at };
                answer::answer(&self.world, token, answer, self.moment).await.map(drop)
            }
            Step::Say(_) | Step::SayAnew(_) | Step::Announce(_) | Step::Upload { .. } | Step::Fetch => Ok(()),
            more => self.further(more, about, &caller, ground).await,
        }
    }

    /// Who works on an order.
    fn worker(&self, agent: Option<&str>) -> Caller {
        self.caller(if agent.is_some() { Role::Agent } else { Role::Supervisor }, agent)
    }

    async fn post(
        &self,
        caller: &Caller,
        id: &WorkOrderId,
        direction: Direction,
        body: String,
        file: Option<AttachmentId>,
    ) -> Result<(), Fault> {
        let draft = Draft { direction, visibility: Visibility::Public, body, attachments: file.into_iter().collect() };
        let keyed = self.keyed(&format!("POST {id}/messages"));
        desk::post_message(&self.world, caller, id, &draft, &keyed, self.moment).await.map(drop)
    }

    async fn transition(&self, caller: &Caller, id: &WorkOrderId, (to, survey): (Status, bool)) -> Result<(), Fault> {
        let summary = Some("已补发 another one is on its way".to_owned());
        let resolution = Resolution { code: ResolutionCode::Replaced, summary, evidence: Vec::new() };
        let resolution = Some(resolution).filter(|_| to == Status::Resolved);
        let asked = Transition { to, reason: Some("因为 because".to_owned()), resolution, survey };
        let keyed = self.keyed(&format!("POST {id}/transitions"));
        desk::transition(&self.world, caller, id, &IfMatch::Any, &asked, &keyed, self.moment).await.map(drop)
    }

    async fn prioritise(&self, caller: &Caller, id: &WorkOrderId, to: Priority) -> Result<(), Fault> {
        let patch = Amendment::Patch(Patch { priority: Some(to), ..Patch::default() });
        let keyed = self.keyed(&format!("PATCH {id}"));
        amend::amend(&self.world, caller, id, Some(&IfMatch::Any), &patch, &keyed, self.moment).await.map(drop)
    }

    async fn give(&self, id: &WorkOrderId, to: Option<usize>) -> Result<(), Fault> {
        let agent = to.and_then(|number| AgentId::parse(["ag_ana", "ag_bo", "ag_chen", "ag_dai"].get(number)?));
        let team = || Receiver::Team(TeamId::parse("tm_care").expect("the team has a name"));
        let asked = Assignment { to: agent.map_or_else(team, Receiver::Agent), reason: Some("换人".to_owned()) };
        let (keyed, caller) = (self.keyed(&format!("POST {id}/assignments")), self.caller(Role::Supervisor, None));
        give::give(&self.world, &caller, id, None, &asked, &keyed, self.moment).await.map(drop)
    }

    /// Something happens among the people of the shop. `agents`: as they began.
    pub(crate) async fn shift(self, shift: Shift, agents: Vec<Agent>, ground: Arc<Mutex<Ground>>) -> Result<(), Fault> {
        match shift {
            Shift::Declares(number, affects) => self.declare(number, affects, ground).await,
            Shift::Closes(number) => self.close(number, ground).await,
            Shift::Shows(agent, presence) => {
                let caller = self.caller(Role::Supervisor, None);
                people::set_status(&self.world, &caller, &agent, presence, None, self.moment).await.map(drop)
            }
            Shift::Carries(id, capacity) => {
                let Some(agent) = agents.iter().find(|agent| agent.id == id) else { return Ok(()) };
                self.staff(Agent { capacity, ..agent.clone() }, false).await
            }
            Shift::Helps(id) => {
                let Some(agent) = agents.iter().find(|agent| agent.id == id) else { return Ok(()) };
                self.staff(able(agent), true).await
            }
        }
    }

    /// An admin writes an agent anew; with `there` they are online from now on.
    pub(crate) async fn staff(self, agent: Agent, there: bool) -> Result<(), Fault> {
        let status = there.then_some(redress_domain::routing::Presence::Online);
        let (keyed, caller) = (self.keyed(&format!("PUT {}", agent.id)), self.caller(Role::Admin, None));
        let asked = Staffing::ReplaceAgent(agent, status);
        people::staff(&self.world, &caller, &asked, None, &keyed, self.moment).await.map(drop)
    }
}
