//! Sees everything that is written, sent and logged, and knows nothing of how it came about: what must
//! hold after each single write is said here once more, in words of its own.

mod compensation;
mod family;
mod file;
mod incident;
mod order;

pub(crate) use file::Files;
pub(crate) use incident::Incidents;
pub(crate) use order::OrderSeen;

use compensation::Compensations;

use jiff::{SignedDuration, Timestamp};
use redress_domain::event::{Event, EventType};
use redress_domain::id::{AttachmentId, DeliveryId, FeedbackId, IncidentId, SurveyId, WorkOrderId};
use redress_domain::order::later;
use redress_service::keys;
use redress_service::letters::Letter;
use redress_service::ports::{Call, Key, Record, Write};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A word that stands in everything that people say and in their addresses, and nowhere else.
pub(crate) const MARKER: &str = "zebra7";

/// How long something may be due that nobody has looked at, while functions run: a sweep comes every
/// minute, and faults may spoil a few in a row.
const LAG: SignedDuration = SignedDuration::from_mins(15);

/// How long after its reason somebody may be told of something for the first time, while functions run
/// and no message rests: messages come late, and again, and clients try again.
const NEWS: SignedDuration = SignedDuration::from_hours(1);

/// How often a walk over all whom an incident concerns goes to the end.
const ROUNDS: u64 = 2;

/// How much an agent can carry, and could before the last change.
#[derive(Debug, Clone, Copy)]
struct Capacity {
    now: u64,
    before: u64,
    changed_at: Timestamp,
}

/// A customer's survey, as far as whoever answers it must know.
#[derive(Debug, Clone)]
pub(crate) struct SurveySeen {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) state: String,
}

/// Sees everything that is written, sent and logged.
#[derive(Default)]
pub(crate) struct Witness {
    versions: BTreeMap<Key, u64>,
    /// What there is of each order.
    pub(crate) orders: BTreeMap<String, OrderSeen>,
    /// Which order answers a feedback, once one does.
    pub(crate) feedbacks: BTreeMap<String, Option<String>>,
    /// The newest survey of each order.
    pub(crate) surveys: BTreeMap<String, SurveySeen>,
    loads: BTreeMap<String, u64>,
    carried: BTreeMap<String, u64>,
    capacities: BTreeMap<String, Capacity>,
    /// Every feedback that was answered with a 2xx, and its words.
    pub(crate) accepted: BTreeMap<FeedbackId, String>,
    /// What did not hold.
    pub(crate) violations: Vec<String>,
    /// When each item must be looked at, and since when it says so.
    marks: BTreeMap<Key, (Timestamp, Timestamp)>,
    /// Since when functions run without an outage.
    pub(crate) running_since: Timestamp,
    /// Whether a message has failed so often that it rests until somebody puts it back.
    pub(crate) rested: bool,
    /// What is to be given to customers.
    pub(crate) compensations: Compensations,
    /// What customers are warned of.
    pub(crate) incidents: Incidents,
    /// How far each file is.
    pub(crate) files: Files,
    /// Time that was written down: on which order, from when on.
    pub(crate) spent: BTreeSet<(String, Timestamp)>,
    /// Surveys that were answered in a call.
    pub(crate) called: BTreeSet<String>,
    pub(crate) letters: u64,
    pub(crate) webhook_calls: u64,
}

impl Witness {
    /// How often what people do came about.
    pub(crate) fn played(&self) -> Vec<(&'static str, u64)> {
        let orders = |is: fn(&OrderSeen) -> bool| self.orders.values().filter(|order| is(order)).count() as u64;
        vec![
            ("orders merged into another", orders(|order| order.merged_into.is_some())),
            ("parts of another", orders(|order| order.parent.is_some())),
            ("orders that came back", orders(OrderSeen::came_back)),
            ("calls answered", self.called.len() as u64),
            ("efforts written down", self.spent.len() as u64),
            ("compensations asked for", self.compensations.counts().0),
            ("compensations decided", self.compensations.counts().1),
            ("files clean", self.files.count("clean")),
            ("files quarantined", self.files.count("quarantined")),
            ("files that never came", self.files.count("expired")),
            ("incidents", self.incidents.counts().0),
            ("customers warned", self.incidents.counts().1),
        ]
    }

    /// Something did not hold.
    pub(crate) fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    /// An event is sent: what it is about is there, and it says nothing that a customer said.
    pub(crate) fn sent(&mut self, event: &Event) {
        if [&event.id, &event.subject, &event.source].into_iter().any(|text| text.contains(MARKER)) {
            self.violated(format!("the event {} holds a customer's words", event.id));
        }
        let tenant = &event.tenant;
        let key = match event.kind {
            EventType::FeedbackReceived | EventType::FeedbackClassified => {
                FeedbackId::parse(&event.subject).map(|id| keys::feedback(tenant, &id))
            }
            EventType::WorkOrderWaiting | EventType::WorkOrderResolved | EventType::WorkOrderDue => {
                WorkOrderId::parse(&event.subject).map(|id| keys::order(tenant, &id))
            }
            EventType::SurveyDue | EventType::SurveyAnswered => {
                SurveyId::parse(&event.subject).map(|id| keys::survey(tenant, &id))
            }
            EventType::DeliveryDue => DeliveryId::parse(&event.subject).map(|id| keys::delivery(tenant, &id)),
            EventType::IncidentDeclared => IncidentId::parse(&event.subject).map(|id| keys::incident(tenant, &id)),
            EventType::AttachmentUploaded | EventType::AttachmentDue => {
                AttachmentId::parse(&event.subject).map(|id| keys::attachment(tenant, &id))
            }
            _ => return,
        };
        if key.is_none_or(|key| !self.versions.contains_key(&key)) {
            self.violated(format!("the event {} was sent before what it is about was written", event.id));
        }
    }

    /// A letter goes out.
    pub(crate) fn wrote(&mut self, letter: &Letter, now: Timestamp) {
        self.letters += 1;
        let wrong = self.incidents.warned(letter, now);
        self.violations.extend(wrong);
    }

    /// A webhook is called: nothing that anybody said is in it.
    pub(crate) fn called(&mut self, call: &Call) {
        self.webhook_calls += 1;
        if call.body.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()) {
            self.violated(format!("the webhook call {} holds a customer's words", call.seal.id));
        }
    }

    /// Documents were written, all at once.
    pub(crate) fn committed(&mut self, writes: &[Write], now: Timestamp) {
        // An earlier try of the same had won, and its reply was lost: nothing is new.
        let known = |write: &Write| match write {
            Write::Put(record) => self.versions.get(&record.key) == Some(&record.version),
            Write::Delete(key, _) => !self.versions.contains_key(key),
        };
        if writes.iter().all(known) {
            return;
        }
        let mut touched = Vec::new();
        for write in writes {
            match write {
                Write::Put(record) => self.put(record, now, &mut touched),
                Write::Delete(key, _) => self.deleted(key),
            }
        }
        touched.sort();
        touched.dedup();
        for agent in touched {
            self.check_load(&agent);
        }
        self.check_families(writes);
    }

    fn put(&mut self, record: &Record, now: Timestamp, touched: &mut Vec<String>) {
        let seen = self.versions.insert(record.key.clone(), record.version).unwrap_or(0);
        if record.version != seen + 1 {
            let (key, version) = (&record.key.partition, record.version);
            self.violated(format!("{key} went from version {seen} to {version}"));
        }
        let mut parts = record.key.partition.split('#').skip(1);
        let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        self.check_mark(kind, record);
        match record.due_at {
            Some(due_at) => self.marks.insert(record.key.clone(), (due_at, now)),
            None => self.marks.remove(&record.key),
        };
        if kind == "delivery" && record.version == 1 {
            self.check_news(record, now);
        }
        match kind {
            "order" if record.key.sort == "order" => self.order(id, record, now, touched),
            "feedback" if record.body["kind"] == "said" => {
                let order = record.body["work_order"].as_str().map(str::to_owned);
                self.feedbacks.insert(id.to_owned(), order);
            }
            "survey" => {
                let text = |name: &str| record.body[name].as_str().unwrap_or_default().to_owned();
                let seen = SurveySeen { id: id.to_owned(), token: text("token"), state: text("state") };
                self.surveys.insert(text("work_order"), seen);
            }
            "load" => self.load(id, record.body["points"].as_u64().unwrap_or(0), now, touched),
            "roster" => self.staffed(record, now),
            "delivery" => {
                if holds_marker(&record.body) {
                    self.violated(format!("the delivery {id} holds a customer's words"));
                }
                self.incidents.delivers(id, &record.body);
            }
            "compensation" => {
                let wrong = self.compensations.written(id, record);
                self.violations.extend(wrong);
            }
            "incident" => self.incidents.written(id, record, now, &self.orders),
            "attachment" => {
                let wrong = self.files.written(id, record);
                self.violations.extend(wrong);
            }
            // What nobody need approve, and who may approve how much, is said in the policies.
            "policy" => self.compensations.banded(&record.body),
            _ => {}
        }
    }

    fn deleted(&mut self, key: &Key) {
        self.versions.remove(key);
        self.marks.remove(key);
        if matches!(key.partition.split('#').nth(1), Some("feedback" | "order" | "survey" | "delivery")) {
            self.violated(format!("{} was deleted", key.partition));
        }
    }

    /// What is open has one due mark, and what has ended has none.
    fn check_mark(&mut self, kind: &str, record: &Record) {
        let body = &record.body;
        let open = match kind {
            "order" if record.key.sort == "order" => !matches!(body["status"].as_str(), Some("closed" | "cancelled")),
            "feedback" => body["kind"] == "said" && body["work_order"].is_null(),
            "survey" => {
                let answers = body["answers"].as_array().map_or(0, Vec::len) as u64;
                let unread = body["answers_read"].as_u64().unwrap_or(0) < answers;
                unread || matches!(body["state"].as_str(), Some("scheduled" | "sent"))
            }
            "delivery" => body["state"] == "pending",
            "attachment" => body["status"] == "pending",
            "incident" => body["state"] == "open" && body["walk"]["rounds"].as_u64().unwrap_or(0) < ROUNDS,
            "news" => true,
            _ => false,
        };
        if record.due_at.is_some() != open {
            let (key, state) = (&record.key.partition, if open { "open without" } else { "over, and has" });
            self.violated(format!("{key} is {state} a due mark"));
        }
    }

    fn order(&mut self, id: &str, record: &Record, now: Timestamp, touched: &mut Vec<String>) {
        let seen = self.orders.entry(id.to_owned()).or_default();
        let before = seen.burden();
        let wrong = seen.written(id, record);
        let after = seen.burden();
        self.incidents.order(id, record.version == 1, seen, now);
        self.violations.extend(wrong.into_iter().map(|wrong| format!("{id}: {wrong}")));
        if before == after {
            return;
        }
        if let Some((agent, points)) = before {
            let carried = self.carried.entry(agent.clone()).or_default();
            *carried = carried.saturating_sub(points);
            touched.push(agent);
        }
        if let Some((agent, points)) = after {
            *self.carried.entry(agent.clone()).or_default() += points;
            touched.push(agent);
        }
    }

    fn load(&mut self, agent: &str, points: u64, now: Timestamp, touched: &mut Vec<String>) {
        let before = self.loads.insert(agent.to_owned(), points).unwrap_or(0);
        touched.push(agent.to_owned());
        let Some(capacity) = self.capacities.get(agent) else { return };
        // Who decides at the very moment at which it changes may know the one or the other.
        let most = if capacity.changed_at == now { capacity.now.max(capacity.before) } else { capacity.now };
        if points > before && points > most {
            self.violated(format!("{agent} was given more than they can carry: {points} of {most}"));
        }
    }

    fn staffed(&mut self, record: &Record, now: Timestamp) {
        let (Some(agent), Some(can)) = (record.key.sort.strip_prefix(keys::AGENTS), record.body["capacity"].as_u64())
        else {
            return;
        };
        let before = self.capacities.get(agent).map_or(can, |known| known.now);
        self.capacities.insert(agent.to_owned(), Capacity { now: can, before, changed_at: now });
    }

    /// What an agent's document says they carry is what their open orders weigh.
    fn check_load(&mut self, agent: &str) {
        let (says, has) = (self.loads.get(agent).copied().unwrap_or(0), self.carried.get(agent).copied().unwrap_or(0));
        if says != has {
            self.violated(format!("{agent} is said to carry {says} points, and their open orders weigh {has}"));
        }
    }

    /// Nobody is told anew of what is long past.
    fn check_news(&mut self, record: &Record, now: Timestamp) {
        let since = record.body["created_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        // Who is warned is warned of the incident, however long their order has been there.
        let since = since.max(self.incidents.declared_at(&record.body["data"]["incident"]));
        let late = since.is_some_and(|since| later(since.max(self.running_since), NEWS) < now);
        if late && !self.rested {
            let (reason, since) = (&record.body["reason"], &record.body["created_at"]);
            self.violated(format!("{reason} is told for the first time, and came about at {since}"));
        }
    }

    /// Nothing is due for long that nobody has looked at. `next_due`: the first mark that there is.
    pub(crate) fn check_lag(&mut self, next_due: Option<Timestamp>, now: Timestamp) {
        let is_late = |due: Timestamp| later(due.max(self.running_since), LAG) < now;
        if !next_due.is_some_and(is_late) {
            return;
        }
        let late = self.marks.iter().find(|(_, (due, written))| is_late((*due).max(*written)));
        if let Some((key, (due, _))) = late {
            let what = format!("{} has been due since {due}, and nobody has dealt with it by {now}", key.partition);
            self.violated(what);
        }
    }
}

/// Whether any text in it holds what only people say.
pub(crate) fn holds_marker(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MARKER),
        Value::Array(items) => items.iter().any(holds_marker),
        Value::Object(fields) => fields.values().any(holds_marker),
        _ => false,
    }
}
