//! One order, as whoever sees each of its writes knows it.

use jiff::{SignedDuration, Timestamp};
use redress_domain::order::later;
use redress_service::ports::Record;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// From where an order may go to where. Written down a second time, from the glossary and ADR 8.
const EDGES: [(&str, &[&str]); 10] = [
    ("open", &["cancelled"]),
    ("assigned", &WORK),
    ("in_progress", &WORK),
    ("pending_customer", &WORK),
    ("pending_supplier", &WORK),
    ("pending_carrier", &WORK),
    ("on_hold", &WORK),
    ("reopened", &REOPENED),
    // A duplicate is given up, though it was resolved already.
    ("resolved", &["closed", "reopened", "cancelled"]),
    ("closed", &["reopened"]),
];

/// Where it may go from where somebody works on it; given to a team in which nobody is free, it is open.
const WORK: [&str; 8] = [
    "in_progress",
    "pending_customer",
    "pending_supplier",
    "pending_carrier",
    "on_hold",
    "resolved",
    "cancelled",
    "open",
];

/// The same where it has come back: it stays so while it waits.
const REOPENED: [&str; 7] =
    ["in_progress", "pending_customer", "pending_supplier", "pending_carrier", "on_hold", "resolved", "cancelled"];

/// How often customers' verdicts may bring an order back, in every policy that is played.
pub(crate) const CAP: usize = 2;

/// What an order is about and whose it is, as far as an incident may concern it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Subject {
    pub(crate) category: String,
    pub(crate) courier: Option<String>,
    pub(crate) customer: String,
    /// Whether it is known where the customer is reached.
    pub(crate) reachable: bool,
    /// Whether its customer came with it: it is no part of another, and no call.
    pub(crate) own: bool,
}

/// One order, as whoever sees each of its writes knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderSeen {
    id: String,
    /// How far it is.
    pub(crate) status: String,
    /// Who has it.
    pub(crate) agent: Option<String>,
    /// Whether a supervisor has it.
    pub(crate) supervised: bool,
    /// Whether the customer has had an answer.
    pub(crate) answered: bool,
    /// The order that it is a part of, and whether that waits for it.
    pub(crate) parent: Option<(String, bool)>,
    /// Its parts, and whether it waits for them.
    pub(crate) children: BTreeMap<String, bool>,
    /// The order that goes on for it.
    pub(crate) merged_into: Option<String>,
    /// The feedbacks that it answers.
    pub(crate) feedbacks: BTreeSet<String>,
    /// The orders for which it goes on.
    pub(crate) absorbed: BTreeSet<String>,
    /// Whom incidents concern.
    pub(crate) subject: Subject,
    points: u64,
    facts: u64,
    last: Value,
    reopened: usize,
    /// What may come once only: rungs, breaches, questions.
    once: BTreeSet<String>,
}

impl OrderSeen {
    /// Whether somebody must still act.
    pub(crate) fn is_active(&self) -> bool {
        !matches!(self.status.as_str(), "" | "resolved" | "closed" | "cancelled")
    }

    /// Whether it has come back.
    pub(crate) fn came_back(&self) -> bool {
        self.reopened > 0
    }

    /// Whose capacity it takes up, and how much of it.
    pub(crate) fn burden(&self) -> Option<(String, u64)> {
        self.agent.clone().filter(|_| self.is_active()).map(|agent| (agent, self.points))
    }

    /// It was written: what does not hold of that.
    pub(crate) fn written(&mut self, id: &str, record: &Record) -> Vec<String> {
        let (body, mut wrong) = (&record.body, Vec::new());
        id.clone_into(&mut self.id);
        let facts = body["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let count = body["fact_count"].as_u64().unwrap_or(0);
        if self.status.is_empty() {
            "open".clone_into(&mut self.status);
        }
        let new = usize::try_from(count.saturating_sub(self.facts)).unwrap_or(usize::MAX);
        let before = facts.len().checked_sub(new + 1).and_then(|at| facts.get(at));
        if count < self.facts || self.facts > 0 && before != Some(&self.last) {
            wrong.push(format!("its facts are no longer those before: something after fact {} was lost", self.facts));
        }
        for (at, fact) in facts.iter().enumerate().skip(facts.len().saturating_sub(new)) {
            let number = count - (facts.len() - at - 1) as u64;
            if fact["id"].as_str().and_then(|id| id.rsplit('/').next()) != Some(number.to_string().as_str()) {
                wrong.push(format!("its fact {number} is called {}", fact["id"]));
            }
            wrong.extend(self.recorded(fact));
        }
        let status = body["status"].as_str().unwrap_or_default();
        if status != self.status {
            wrong.push(format!("it is {status}, though its facts make it {}", self.status));
        }
        status.clone_into(&mut self.status);
        self.relate(body);
        self.agent = body["agent"].as_str().map(str::to_owned);
        self.points = body["routing"]["points"].as_u64().unwrap_or(1);
        self.supervised = body["supervised"] == true;
        self.answered = body["answered"] == true;
        (self.facts, self.last) = (count, facts.last().cloned().unwrap_or_default());
        wrong.extend(self.unmarked(record));
        wrong
    }

    /// Whose it is, and what it has to do with others.
    fn relate(&mut self, body: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let some = |value: &Value| value.as_array().map(Vec::len).unwrap_or_default();
        self.merged_into = text(&body["merged_into"]);
        if some(&body["feedback_ids"]) != self.feedbacks.len() {
            let ids = body["feedback_ids"].as_array().into_iter().flatten();
            self.feedbacks = ids.filter_map(text).collect();
        }
        if some(&body["children"]) != self.children.len() {
            let children = body["children"].as_array().into_iter().flatten();
            self.children =
                children.filter_map(|child| Some((text(&child["id"])?, child["mandatory"] == true))).collect();
        }
        if self.facts == 0 {
            let parent = &body["parent"];
            self.parent = text(&parent["order"]).map(|order| (order, parent["mandatory"] == true));
        }
        let customer = &body["customer"];
        self.subject = Subject {
            category: text(&body["category"]).unwrap_or_default(),
            courier: text(&body["order"]["courier"]),
            customer: text(&customer["ref"]).unwrap_or_default(),
            reachable: customer["email"].is_string(),
            own: self.parent.is_none() && body["revisits"].is_null(),
        };
    }

    /// A fact was written down.
    fn recorded(&mut self, fact: &Value) -> Option<String> {
        let text = |name: &str| fact[name].as_str().unwrap_or_default();
        if self.merged_into.is_some() && matches!(text("type"), "feedback_added" | "message_posted" | "assigned") {
            return Some(format!("it was merged into another, and yet there is a {}", text("type")));
        }
        match text("type") {
            "merged" if text("into") != self.id => {
                self.merged_into = Some(text("into").to_owned());
                None
            }
            "merged" => {
                self.absorbed.insert(text("duplicate").to_owned());
                None
            }
            "assigned" if self.status == "open" => {
                "assigned".clone_into(&mut self.status);
                None
            }
            "status_changed" => self.moved(text("from"), text("to"), text("cause")),
            "reopened" => {
                let judged = text("cause").starts_with("sv_");
                self.reopened += 1;
                let often = (judged && self.reopened > CAP)
                    .then(|| format!("a verdict has brought it back for the {}th time", self.reopened));
                often.or_else(|| self.moved(text("from"), "reopened", ""))
            }
            // A pause is reminded of each time that it lasts too long.
            "escalated" if text("level") == "pause_cap" => None,
            "escalated" | "breached" | "survey_scheduled" | "survey_sent" | "survey_skipped" | "survey_expired" => {
                self.once(fact)
            }
            _ => None,
        }
    }

    fn moved(&mut self, from: &str, to: &str, cause: &str) -> Option<String> {
        let edges = EDGES.iter().find(|(known, _)| *known == self.status).map(|(_, to)| *to).unwrap_or_default();
        let allowed = edges.contains(&to) && from != to;
        // What is resolved is cancelled only as a duplicate.
        let given_up = from == "resolved" && to == "cancelled" && self.merged_into.is_none();
        let wrong = (from != self.status || !allowed || given_up)
            .then(|| format!("it went from {from} to {to} because of {cause}, and was {}", self.status));
        to.clone_into(&mut self.status);
        wrong
    }

    fn once(&mut self, fact: &Value) -> Option<String> {
        let of = |name: &str| fact.get(name).map(ToString::to_string).unwrap_or_default();
        let key = ["type", "metric", "cycle", "exchange", "level", "repeat", "survey"].map(of).join(" ");
        (!self.once.insert(key.clone())).then(|| format!("{key} is on record twice"))
    }

    /// Its due mark comes no later than the first thing that its clocks owe.
    fn unmarked(&self, record: &Record) -> Option<String> {
        if !self.is_active() {
            return None;
        }
        let at = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let clocks = record.body["clocks"]["all"].as_array().map(Vec::as_slice).unwrap_or_default();
        let live = clocks.iter().filter(|clock| clock["end"].is_null());
        let owed = live.flat_map(|clock| {
            let breach = at(&clock["due_at"]).filter(|_| clock["breach"].is_null());
            let breach = breach.map(|due| later(due, SignedDuration::from_millis(1)));
            [breach, at(&clock["pending"][0]["at"])]
        });
        let first = owed.flatten().min()?;
        let late = record.due_at.is_none_or(|due_at| due_at > first);
        late.then(|| format!("its due mark is {:?}, and its clocks owe something at {first}", record.due_at))
    }
}
