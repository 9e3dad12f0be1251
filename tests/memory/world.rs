//! A shop in memory, and the use cases as its people call them.

use crate::shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::Category;
use redress_domain::effort::{Effort, EffortKind};
use redress_domain::fact::{Direction, Resolution, ResolutionCode, Visibility};
use redress_domain::feedback::Feedback;
use redress_domain::id::{AgentId, FeedbackId, SurveyId, WorkOrderId};
use redress_domain::order::{Status, Transition, WorkOrder};
use redress_domain::policy::Policies;
use redress_domain::priority::Priority;
use redress_domain::routing::Agent;
use redress_domain::survey::{Answer, Survey};
use redress_service::amend::{self, Amendment, Patch};
use redress_service::auth::Role;
use redress_service::desk::{self, Draft, IfMatch};
use redress_service::family::{self, Branch};
use redress_service::give::{self, Assignment, Receiver};
use redress_service::govern::{self, PlacedPolicy, Ruling};
use redress_service::lists::{self, SurveyFilter};
use redress_service::memory::MemoryWorld;
use redress_service::merge::{self, Merging};
use redress_service::receive::{self, Receive, Received};
use redress_service::reply::{Keyed, Reply};
use redress_service::said::{self, FeedbackFilter};
use redress_service::{Fault, answer, effort, publish};
use serde_json::json;

/// A Monday morning in Shanghai, within office hours.
pub(crate) const MONDAY: &str = "2026-11-23T02:00:00Z";

/// A shop in memory.
pub(crate) struct Shop {
    pub(crate) memory: MemoryWorld,
}

impl Shop {
    /// A shop of three agents who speak Chinese and English.
    pub(crate) async fn open() -> Self {
        let agents = ["ana", "bo", "chen"].map(|name| shop::agent(name, &["zh", "en"], 10));
        Self::of(&agents, &shop::policies()).await
    }

    /// A shop of these agents.
    pub(crate) async fn of(agents: &[Agent], policies: &Policies) -> Self {
        Self::at(MONDAY.parse().unwrap(), agents, policies).await
    }

    /// A shop of these agents, from that instant on.
    pub(crate) async fn at(now: Timestamp, agents: &[Agent], policies: &Policies) -> Self {
        let memory = MemoryWorld::new(now);
        let writes = shop::writes(&shop::tenant(), agents, policies);
        publish::seed(&memory.world(), writes).await.unwrap();
        Self { memory }
    }

    /// Somebody says something; the key makes it the same on a repeat.
    pub(crate) async fn say(&self, key: &str, message: &str) -> Result<Received, Fault> {
        let feedback = json!({"channel": "web", "message": message, "customer": {"ref": "c-1"}});
        self.hand_over(key, serde_json::from_value(feedback).unwrap()).await
    }

    pub(crate) async fn hand_over(&self, key: &str, feedback: Feedback) -> Result<Received, Fault> {
        self.bring(Some(key), feedback).await
    }

    /// A channel brings a feedback, with or without a key of the caller's.
    pub(crate) async fn bring(&self, key: Option<&str>, feedback: Feedback) -> Result<Received, Fault> {
        let request = Receive { feedback, idempotency_key: key.map(str::to_owned) };
        let caller = shop::caller(Role::Integrator);
        receive::receive(&self.memory.world(), &caller, request, self.memory.moment()).await
    }

    /// The order that answers a feedback.
    pub(crate) async fn order_of(&self, feedback: &FeedbackId) -> WorkOrder {
        let stored = receive::find(&self.memory.world(), &shop::tenant(), feedback).await.unwrap().unwrap();
        self.order(&stored.value.work_order.expect("it has an order")).await
    }

    /// Every feedback of one person, oldest first, by the message.
    pub(crate) async fn said_by(&self, reference: &str) -> Vec<String> {
        let filter = FeedbackFilter { customer_ref: Some(reference.to_owned()), ..FeedbackFilter::default() };
        let caller = shop::caller(Role::Agent);
        let page = said::list(&self.memory.world(), &caller, &filter, None, 200).await.unwrap();
        page.items.into_iter().map(|view| view.feedback.message).collect()
    }

    /// How many orders there are.
    pub(crate) fn orders(&self) -> usize {
        self.memory.store().snapshot().iter().filter(|record| record.key.sort == "order").count()
    }

    pub(crate) async fn order(&self, id: &WorkOrderId) -> WorkOrder {
        desk::get(&self.memory.world(), &shop::caller(Role::Agent), id).await.unwrap().value
    }

    /// An agent says something to the customer.
    pub(crate) async fn reply(&self, key: &str, id: &WorkOrderId) -> Result<Reply, Fault> {
        let draft = Draft {
            direction: Direction::Outbound,
            visibility: Visibility::Public,
            body: "马上为您处理 We are on it".to_owned(),
            attachments: Vec::new(),
        };
        let keyed = keyed("POST messages", key);
        let caller = shop::caller(Role::Agent);
        desk::post_message(&self.memory.world(), &caller, id, &draft, &keyed, self.memory.moment()).await
    }

    /// The customer says something on an order.
    pub(crate) async fn hear(&self, key: &str, id: &WorkOrderId, body: &str) -> Result<Reply, Fault> {
        let (direction, visibility) = (Direction::Inbound, Visibility::Public);
        let draft = Draft { direction, visibility, body: body.to_owned(), attachments: Vec::new() };
        let (keyed, caller) = (keyed("POST messages", key), shop::caller(Role::Agent));
        desk::post_message(&self.memory.world(), &caller, id, &draft, &keyed, self.memory.moment()).await
    }

    /// An agent moves an order.
    pub(crate) async fn move_to(&self, key: &str, id: &WorkOrderId, to: Status) -> Result<Reply, Fault> {
        self.transition(key, id, to, true).await
    }

    /// An agent resolves an order, about which the customer is not to be asked.
    pub(crate) async fn resolve_unasked(&self, key: &str, id: &WorkOrderId) -> Result<Reply, Fault> {
        self.transition(key, id, Status::Resolved, false).await
    }

    async fn transition(&self, key: &str, id: &WorkOrderId, to: Status, survey: bool) -> Result<Reply, Fault> {
        let summary = Some("已补发 another one is on its way".to_owned());
        let resolution = Resolution { code: ResolutionCode::Replaced, summary, evidence: Vec::new() };
        let resolution = Some(resolution).filter(|_| to == Status::Resolved);
        let asked = Transition { to, reason: Some("因为 because".to_owned()), resolution, survey };
        let (keyed, caller) = (keyed("POST transitions", key), shop::caller(Role::Agent));
        let moment = self.memory.moment();
        desk::transition(&self.memory.world(), &caller, id, &IfMatch::Any, &asked, &keyed, moment).await
    }

    /// An agent says what an order is about.
    pub(crate) async fn relabel_order(&self, key: &str, id: &WorkOrderId, to: Category) -> Result<Reply, Fault> {
        let patch = Amendment::Patch(Patch { category: Some(to), ..Patch::default() });
        let (keyed, caller) = (keyed("PATCH", key), shop::caller(Role::Agent));
        let moment = self.memory.moment();
        amend::amend(&self.memory.world(), &caller, id, Some(&IfMatch::Any), &patch, &keyed, moment).await
    }

    /// An agent gives an order another priority.
    pub(crate) async fn prioritise(&self, key: &str, id: &WorkOrderId, to: Priority) -> Result<Reply, Fault> {
        let patch = Amendment::Patch(Patch { priority: Some(to), ..Patch::default() });
        let (keyed, caller) = (keyed("PATCH", key), shop::caller(Role::Agent));
        let moment = self.memory.moment();
        amend::amend(&self.memory.world(), &caller, id, Some(&IfMatch::Any), &patch, &keyed, moment).await
    }

    /// A supervisor gives an order to somebody.
    pub(crate) async fn give(&self, key: &str, id: &WorkOrderId, to: Receiver) -> Result<Reply, Fault> {
        let asked = Assignment { to, reason: Some("换人 somebody else".to_owned()) };
        let (keyed, caller) = (keyed("POST assignments", key), shop::caller(Role::Supervisor));
        give::give(&self.memory.world(), &caller, id, None, &asked, &keyed, self.memory.moment()).await
    }

    /// A supervisor gives an order up as a duplicate.
    pub(crate) async fn merge(&self, key: &str, id: &WorkOrderId, into: &WorkOrderId) -> Result<Reply, Fault> {
        let asked = Merging { into: into.clone(), reason: None };
        let (keyed, caller) = (keyed("POST merge", key), shop::caller(Role::Supervisor));
        merge::merge(&self.memory.world(), &caller, id, None, &asked, &keyed, self.memory.moment()).await
    }

    /// An agent lets somebody else do a part of an order.
    pub(crate) async fn split(&self, key: &str, id: &WorkOrderId, mandatory: bool) -> Result<WorkOrderId, Fault> {
        let (category, summary) = (Category::ProductQuality, "请检测 please test it".to_owned());
        let asked = Branch { category, summary, team: None, mandatory };
        let (keyed, caller) = (keyed("POST children", key), shop::caller(Role::Agent));
        let reply = family::add(&self.memory.world(), &caller, id, None, &asked, &keyed, self.memory.moment()).await?;
        Ok(WorkOrderId::parse(reply.body["id"].as_str().unwrap()).unwrap())
    }

    /// A supervisor lets an agent watch an order.
    pub(crate) async fn watch(&self, key: &str, id: &WorkOrderId, agent: &AgentId) -> Result<Reply, Fault> {
        let (keyed, caller) = (keyed("POST watchers", key), shop::caller(Role::Supervisor));
        let watch = Amendment::Watch(agent.clone());
        amend::amend(&self.memory.world(), &caller, id, None, &watch, &keyed, self.memory.moment()).await
    }

    /// An agent writes down a minute that has passed.
    pub(crate) async fn spend(&self, key: &str, id: &WorkOrderId, agent: &AgentId) -> Result<Reply, Fault> {
        let (started_at, ended_at) = (MONDAY.parse().unwrap(), "2026-11-23T02:01:00Z".parse().unwrap());
        let effort = Effort { agent: agent.clone(), kind: EffortKind::Talk, started_at, ended_at };
        let (keyed, caller) = (keyed("POST effort", key), shop::caller(Role::Supervisor));
        effort::add(&self.memory.world(), &caller, id, None, &effort, &keyed, self.memory.moment()).await
    }

    /// An admin publishes another version of the policy for everything.
    pub(crate) async fn publish(&self, key: &str) -> Result<Reply, Fault> {
        let policy = shop::policies().sla.pop().expect("there is a last one");
        let ruling = Ruling::ReplacePolicy(PlacedPolicy { policy, position: None });
        let (keyed, caller) = (keyed("PUT", key), shop::caller(Role::Admin));
        govern::rule(&self.memory.world(), &caller, &ruling, None, &keyed, self.memory.moment()).await
    }

    /// The surveys of an order, oldest first.
    pub(crate) async fn surveys(&self, id: &WorkOrderId) -> Vec<Survey> {
        let filter = SurveyFilter { work_order: Some(id.clone()), ..SurveyFilter::default() };
        let caller = shop::caller(Role::Supervisor);
        lists::surveys(&self.memory.world(), &caller, &filter, None, 50).await.unwrap().items
    }

    /// The customer answers the newest survey of an order.
    pub(crate) async fn answer(&self, id: &WorkOrderId, csat: u8, solved: bool) -> Result<Survey, Fault> {
        let token = self.surveys(id).await.last().expect("a survey was made").token.clone();
        self.answer_at(&token, csat, solved).await
    }

    /// The customer is not satisfied with the newest resolve of an order, and says why.
    pub(crate) async fn complain(&self, id: &WorkOrderId, comment: &str) -> Result<Survey, Fault> {
        let token = self.surveys(id).await.last().expect("a survey was made").token.clone();
        self.complain_at(&token, comment).await
    }

    pub(crate) async fn complain_at(&self, token: &str, comment: &str) -> Result<Survey, Fault> {
        let (moment, comment) = (self.memory.moment(), Some(comment.to_owned()));
        let answer = Answer {
            csat: Some(1),
            ces: None,
            nps: None,
            solved: Some(false),
            comment,
            given_by: None,
            at: moment.now,
        };
        answer::answer(&self.memory.world(), token, answer, moment).await
    }

    pub(crate) async fn answer_at(&self, token: &str, csat: u8, solved: bool) -> Result<Survey, Fault> {
        let moment = self.memory.moment();
        let answer = Answer {
            csat: Some(csat),
            ces: None,
            nps: None,
            solved: Some(solved),
            comment: None,
            given_by: None,
            at: moment.now,
        };
        answer::answer(&self.memory.world(), token, answer, moment).await
    }

    /// An agent writes down what the customer said in a call.
    pub(crate) async fn enter(&self, key: &str, survey: &SurveyId, csat: u8) -> Result<Reply, Fault> {
        let (moment, caller) = (self.memory.moment(), shop::caller(Role::Agent));
        let answer = json!({"csat": csat, "at": moment.now});
        let answer: Answer = serde_json::from_value(answer).unwrap();
        answer::enter(&self.memory.world(), &caller, survey, &answer, &keyed("POST answer", key), moment).await
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.memory.advance(SignedDuration::from_secs(seconds));
    }

    /// The words of an order's facts, oldest first.
    pub(crate) async fn story(&self, id: &WorkOrderId) -> Vec<String> {
        let facts = desk::facts(&self.memory.world(), &shop::caller(Role::Agent), id).await.unwrap();
        facts.iter().map(|fact| fact.what.word().to_owned()).collect()
    }

    /// What each agent carries, by the documents that say so.
    pub(crate) fn loads(&self) -> Vec<(String, u64)> {
        let records = self.memory.store().snapshot().into_iter();
        let loads = records.filter(|record| record.key.partition.contains("#load#"));
        loads.map(|record| (record.key.partition, record.body["points"].as_u64().unwrap())).collect()
    }
}

fn keyed(scope: &str, key: &str) -> Keyed {
    Keyed { scope: scope.to_owned(), key: Some(key.to_owned()), fingerprint: key.to_owned() }
}
