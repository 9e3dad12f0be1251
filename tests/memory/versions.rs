//! Two versions on the same data: documents that an earlier version kept, stopped in the middle of
//! everything, are brought to their end by this one, beside what is new.

use super::crashes::{sweep, until_answered};
use super::world::Shop;
use crate::shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::compensation::{Asked, CompensationState, Verdict};
use redress_domain::delivery::{Delivery, DeliveryState, Outcome, Recipient};
use redress_domain::event::Event;
use redress_domain::id::{FeedbackId, WebhookId, WorkOrderId};
use redress_domain::order::{Status, WorkOrder, later};
use redress_domain::survey::{Survey, SurveyState};
use redress_domain::webhook::{self, ESCALATED};
use redress_service::auth::Role;
use redress_service::compensations::{self, CompensationFilter};
use redress_service::memory::MemoryWorld;
use redress_service::ports::{Key, Place, Record};
use redress_service::receive::Received;
use redress_service::reply::Keyed;
use redress_service::{Fault, desk, govern};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the version before bodies were packed kept, and had sent, when it stopped.
const EARLIER: &str = include_str!("earlier/2026-11-25.json");

/// By when everything has ended: surveys are open for four days, and an order may come back twice.
const END: SignedDuration = SignedDuration::from_hours(24 * 60);

/// How often agents look at what they have.
const DESK: SignedDuration = SignedDuration::from_hours(6);

#[derive(Deserialize)]
struct Earlier {
    at: Timestamp,
    waiting: Vec<Event>,
    delayed: Vec<Delayed>,
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Delayed {
    at: Timestamp,
    event: Event,
}

#[derive(Deserialize)]
struct Document {
    key: (String, String),
    version: u64,
    body: Value,
    due_at: Option<Timestamp>,
    place: Option<(String, String)>,
    expires_at: Option<Timestamp>,
}

impl From<Document> for Record {
    fn from(document: Document) -> Self {
        let Document { key: (partition, sort), version, body, due_at, place, expires_at } = document;
        let place = place.map(|(list, rank)| Place { list, rank });
        Self { key: Key { partition, sort }, version, body: body.into(), due_at, place, expires_at }
    }
}

/// The shop as it was when this version took over.
async fn take_over() -> Shop {
    let earlier: Earlier = serde_json::from_str(EARLIER).unwrap();
    let memory = MemoryWorld::new(earlier.at);
    memory.store().restore(earlier.documents.into_iter().map(Record::from));
    let queue = memory.world().queue;
    for event in &earlier.waiting {
        queue.send(event).await.unwrap();
    }
    for Delayed { at, event } in &earlier.delayed {
        queue.send_later(event, at.duration_since(earlier.at)).await.unwrap();
    }
    Shop { memory }
}

fn keyed(name: &str) -> Keyed {
    Keyed { scope: "versions".to_owned(), key: Some(name.to_owned()), fingerprint: name.to_owned() }
}

impl Shop {
    /// The documents of a kind.
    fn kept<T: for<'a> Deserialize<'a>>(&self, kind: &str, sort: &str) -> Vec<T> {
        let records = self.memory.store().snapshot().into_iter();
        let of_kind = |record: &Record| record.key.partition.split('#').nth(1) == Some(kind) && record.key.sort == sort;
        records.filter(of_kind).map(|record| T::deserialize(&*record.body).unwrap()).collect()
    }

    fn all_orders(&self) -> Vec<WorkOrder> {
        self.kept("order", "order")
    }

    fn all_surveys(&self) -> Vec<Survey> {
        self.kept("survey", "-")
    }

    /// The order of a customer of the earlier version's.
    fn order_about(&self, customer: &str) -> WorkOrder {
        let of = |order: &WorkOrder| order.customer.reference == format!("c-{customer}") && order.parent.is_none();
        self.all_orders().into_iter().find(of).unwrap()
    }

    fn survey_about(&self, customer: &str) -> Survey {
        let of = |survey: &Survey| survey.customer_ref == format!("c-{customer}");
        self.all_surveys().into_iter().find(of).unwrap()
    }

    /// What a customer was sent of a template: under which reason, and what came of it.
    fn told(&self, customer: &str, template: &str) -> Vec<(String, DeliveryState)> {
        let to = Recipient::Customer(format!("c-{customer}"));
        let of = |notice: &Delivery| notice.to == to && notice.template == template;
        self.memory.notices().into_iter().filter(of).map(|notice| (notice.reason, notice.state)).collect()
    }

    /// Time passes, whatever dies.
    async fn pass(&self, by: SignedDuration) {
        let end = later(self.memory.moment().now, by);
        while self.memory.live(end.duration_since(self.memory.moment().now)).await.is_err() {}
    }

    async fn write(&self, key: &str, message: &str) -> Received {
        let said = json!({
            "channel": "web", "message": message, "order": {"courier": "顺丰"},
            "customer": {"ref": format!("c-{key}"), "email": format!("{key}@example.com")},
        });
        until_answered(async || self.hand_over(key, serde_json::from_value(said.clone()).unwrap()).await).await
    }

    /// Agents answer and resolve what they have; a supervisor decides what is asked for.
    async fn work(&self) {
        let now = self.memory.moment().now;
        for order in self.all_orders().into_iter().filter(|order| order.burdens().is_some()) {
            let name = format!("{} {now}", order.id);
            until_answered(async || self.reply(&format!("answer {name}"), &order.id).await).await;
            let resolve = async || match self.move_to(&format!("resolve {name}"), &order.id, Status::Resolved).await {
                // Its parts come first.
                Err(Fault::Conflict(_)) => Ok(()),
                answer => answer.map(drop),
            };
            until_answered(resolve).await;
        }
        let (world, supervisor) = (self.memory.world(), shop::caller(Role::Supervisor));
        let filter = CompensationFilter { state: Some(CompensationState::Pending), ..CompensationFilter::default() };
        let list = async || compensations::list(&world, &supervisor, &filter, None, 50).await;
        for pending in until_answered(list).await.items {
            let asked =
                Asked { decision: Verdict::Approved, amount_minor: None, reason: Some("应得 due".to_owned()) };
            let (id, name) = (&pending.id, keyed(pending.id.as_str()));
            let decide = async || {
                compensations::decide(&world, &supervisor, id, None, &asked, &name, self.memory.moment()).await
            };
            until_answered(decide).await;
        }
    }

    /// What this version does with what it found, and with what comes in meanwhile, until nothing is open.
    async fn live_on(&self) {
        let began = self.memory.moment().now;
        self.write("new-zh", "收到的杯子是碎的，请补发").await;
        self.write("new-en", "Please send me the invoice").await;
        assert!(self.write("received", "Where is my refund?").await.replayed, "that was accepted before");
        let paused = self.order_about("paused").id;
        until_answered(async || self.hear("still", &paused, "还是不行 It still does not close").await).await;
        self.pass(SignedDuration::from_hours(1)).await;
        let burdens = self.burdens();
        assert_eq!(self.loads().into_iter().filter(|load| load.1 > 0).collect::<BTreeMap<_, _>>(), burdens);
        assert!(!burdens.is_empty());
        while self.memory.store().next_due().is_some() {
            let now = self.memory.moment().now;
            assert!(now < later(began, END), "{:?} is still due at {now}", self.memory.store().next_due());
            self.work().await;
            self.pass(DESK).await;
        }
    }

    /// What agents carry by the orders that they have.
    fn burdens(&self) -> BTreeMap<String, u64> {
        let mut loads = BTreeMap::new();
        for order in self.all_orders() {
            if let Some(agent) = order.burdens() {
                *loads.entry(format!("{}#load#{agent}", shop::tenant())).or_default() += u64::from(order.burden());
            }
        }
        loads
    }
}

/// Holds the shop to what must be when everything has ended.
async fn check_the_end(shop: &Shop) {
    let (world, agent) = (shop.memory.world(), shop::caller(Role::Agent));
    let terms = govern::terms(&world, &agent).await.unwrap();
    let orders: BTreeMap<WorkOrderId, WorkOrder> =
        shop.all_orders().into_iter().map(|order| (order.id.clone(), order)).collect();
    let since = hooks(shop);
    let mut owed = BTreeSet::new();
    for (id, order) in &orders {
        let ended = if order.merged_into.is_some() { Status::Cancelled } else { Status::Closed };
        assert_eq!(order.status, ended, "{id}");
        assert!(ended == Status::Cancelled || order.surveyed_cycle == order.cycle, "{id} was neither asked nor spared");
        let facts = desk::facts(&world, &agent, id).await.unwrap();
        let told = facts.iter().filter(|fact| webhook::told(fact).is_some_and(|(event, _)| event != ESCALATED));
        for fact in told {
            let after = since.iter().filter(|(_, since)| fact.recorded_at >= *since);
            owed.extend(after.map(|(webhook, _)| (webhook.clone(), id.clone(), fact.number())));
        }
        let mut folded = WorkOrder::replay(id, facts, &terms).unwrap().unwrap();
        folded.facts.clone_from(&order.facts);
        assert_eq!(folded, *order, "the fold of its facts");
    }
    answered(shop, &orders);
    asked(shop);
    let notices = shop.memory.notices();
    for notice in &notices {
        assert_ne!(notice.state, DeliveryState::Pending, "{}", notice.reason);
    }
    let to_hooks = notices.iter().filter_map(|notice| {
        let webhook = notice.to.webhook().filter(|_| notice.template != ESCALATED)?;
        Some((webhook.clone(), notice.work_order.clone()?, notice.sequence))
    });
    let to_hooks: Vec<_> = to_hooks.collect();
    assert_eq!(to_hooks.len(), owed.len(), "each fact once");
    assert_eq!(to_hooks.into_iter().collect::<BTreeSet<_>>(), owed);
    let (dead, waiting) = (shop.memory.dead(), shop.memory.waiting());
    assert_eq!((dead, waiting, shop.memory.store().next_due()), (vec![], vec![], None));
    assert!(shop.loads().iter().all(|load| load.1 == 0), "{:?}", shop.loads());
    let (files, amounts): (Vec<Value>, Vec<Value>) = (shop.kept("attachment", "-"), shop.kept("compensation", "-"));
    assert!(files.iter().all(|file| file["status"] == "expired") && files.len() == 1, "{files:?}");
    assert!(
        amounts.iter().all(|amount| amount["ruled"]["decision"] == "approved") && amounts.len() == 2,
        "{amounts:?}"
    );
    for warned in ["received", "classified", "lost", "new-zh"] {
        assert_eq!(shop.told(warned, "incident").len(), 1, "{warned} is warned once");
    }
}

/// Which webhooks are told, from when on.
fn hooks(shop: &Shop) -> Vec<(WebhookId, Timestamp)> {
    let records = shop.memory.store().snapshot().into_iter();
    let hooks = records.filter(|record| record.key.partition.split('#').nth(1) == Some("webhooks"));
    let since = |record: Record| {
        (WebhookId::parse(&record.key.sort).unwrap(), Timestamp::deserialize(&record.body["since"]).unwrap())
    };
    hooks.map(since).collect()
}

/// Each feedback is answered by the order that it names, or by the one that this was merged into.
fn answered(shop: &Shop, orders: &BTreeMap<WorkOrderId, WorkOrder>) {
    let mut answers: BTreeMap<&FeedbackId, BTreeSet<&WorkOrderId>> = BTreeMap::new();
    for order in orders.values() {
        for feedback in &order.feedback_ids {
            answers.entry(feedback).or_default().insert(&order.id);
        }
    }
    let said: Vec<(String, Value)> = {
        let records = shop.memory.store().snapshot().into_iter();
        let said = records.filter(|record| record.body["kind"] == "said");
        said.map(|r| (r.key.partition.split('#').nth(2).unwrap().to_owned(), Value::clone(&r.body))).collect()
    };
    assert!(said.len() > 15, "{}", said.len());
    for (id, reception) in said {
        let first = WorkOrderId::parse(reception["work_order"].as_str().unwrap_or_else(|| panic!("{id} is lost")));
        let into = |id: &WorkOrderId| orders[id].merged_into.clone();
        let chain: BTreeSet<_> = std::iter::successors(first, into).collect();
        let by = answers.remove(&FeedbackId::parse(&id).unwrap()).unwrap();
        assert_eq!(by.into_iter().cloned().collect::<BTreeSet<_>>(), chain, "{id}");
    }
}

/// Each cycle is asked about once, and whoever was asked, or reminded, was told so.
fn asked(shop: &Shop) {
    let (mut cycles, reasons) = (BTreeSet::new(), shop.memory.notices());
    let reasons: BTreeSet<String> = reasons.into_iter().map(|notice| notice.reason).collect();
    for survey in shop.all_surveys() {
        assert!(cycles.insert((survey.work_order.clone(), survey.cycle)), "{} is the second", survey.id);
        let told = ["survey_invitation", "survey_reminder"].map(|template| format!("{}/{template}", survey.id));
        let was = told.map(|reason| reasons.contains(&reason));
        assert_eq!(was, [survey.sent_at.is_some(), survey.reminded_at.is_some()], "{} told", survey.id);
        assert!(!matches!(survey.state, SurveyState::Scheduled | SurveyState::Sent), "{}", survey.id);
    }
}

/// How many documents an earlier version left that something is still to come of, by kind.
fn begun(shop: &Shop) -> BTreeMap<String, usize> {
    let mut begun = BTreeMap::new();
    for record in shop.memory.store().snapshot().into_iter().filter(|record| record.due_at.is_some()) {
        let kind = record.key.partition.split('#').nth(1).unwrap().to_owned();
        *begun.entry(kind).or_default() += 1;
    }
    begun
}

#[tokio::test]
async fn what_an_earlier_version_began_is_brought_to_its_end_beside_what_is_new() {
    let shop = take_over().await;
    let kinds = ["attachment", "delivery", "feedback", "incident", "news", "order", "survey"];
    assert_eq!(begun(&shop).into_keys().collect::<Vec<_>>(), kinds, "stopped in the middle of everything");
    shop.live_on().await;
    check_the_end(&shop).await;
    let refused: Vec<_> = shop
        .memory
        .notices()
        .into_iter()
        .filter(|n| n.tries.first().is_some_and(|t| t.outcome == Outcome::Refused))
        .collect();
    assert!(refused.len() == 1 && refused[0].state == DeliveryState::Delivered, "{refused:?}");
}

#[tokio::test]
async fn a_customer_of_whom_an_earlier_version_only_wrote_that_they_were_asked_or_reminded_is_told_once() {
    let shop = take_over().await;
    for (customer, template, before) in
        [("asked", "survey_invitation", 0), ("told", "survey_invitation", 1), ("reminded", "survey_reminder", 0)]
    {
        assert_eq!(shop.survey_about(customer).state, SurveyState::Sent);
        assert_eq!(shop.told(customer, template).len(), before, "{customer}");
    }
    for _ in 0..5 {
        shop.wait(61);
        sweep(&shop).await;
    }
    for (customer, template) in
        [("asked", "survey_invitation"), ("told", "survey_invitation"), ("reminded", "survey_reminder")]
    {
        let survey = shop.survey_about(customer);
        let reason = format!("{}/{template}", survey.id);
        assert_eq!(shop.told(customer, template), [(reason, DeliveryState::Delivered)], "{customer}");
        let mark = shop.memory.store().snapshot().into_iter().find(|r| r.body["token"] == survey.token.as_str());
        assert_eq!(mark.unwrap().due_at, survey.due_at(), "{customer} is left alone until there is something to do");
    }
}

#[tokio::test]
async fn what_an_earlier_version_began_is_brought_to_its_end_though_calls_die() {
    for every in [61, 97, 151] {
        let shop = take_over().await;
        shop.memory.faults().arm_each(every);
        shop.live_on().await;
        assert!(shop.memory.faults().disarm());
        check_the_end(&shop).await;
    }
}
