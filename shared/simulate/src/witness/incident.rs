//! Incidents: each customer whom one concerns is told of it once, and nobody any more when it is over.

use super::OrderSeen;
use jiff::Timestamp;
use redress_service::letters::Letter;
use redress_service::ports::Record;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
struct Seen {
    affects: Value,
    declared_at: Timestamp,
    closed_at: Option<Timestamp>,
    /// Orders that it concerns: those that were open when it was declared or came later, and have not
    /// ended before anybody was told.
    concerns: BTreeSet<String>,
    /// By which delivery each address was told.
    told: BTreeMap<String, String>,
}

/// Every incident, and who is warned.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    all: BTreeMap<String, Seen>,
    /// Deliveries that warn: of which incident, and whom.
    warnings: BTreeMap<String, (String, String)>,
}

impl Seen {
    fn is_about(&self, order: &OrderSeen) -> bool {
        let takes = |name: &str, value: Option<&str>| {
            let allowed = self.affects[name].as_array();
            allowed.is_none_or(|allowed| allowed.iter().any(|one| one.as_str() == value && value.is_some()))
        };
        let subject = &order.subject;
        subject.own && takes("category", Some(&subject.category)) && takes("courier", subject.courier.as_deref())
    }
}

impl Incidents {
    /// An incident was written.
    pub(super) fn written(&mut self, id: &str, record: &Record, now: Timestamp, orders: &BTreeMap<String, OrderSeen>) {
        let (body, seen) = (&record.body, self.all.entry(id.to_owned()).or_default());
        if record.version == 1 {
            (seen.affects, seen.declared_at) = (body["affects"].clone(), now);
            let open = orders.iter().filter(|(_, order)| order.is_active() && seen.is_about(order));
            seen.concerns = open.map(|(id, _)| id.clone()).collect();
        }
        if body["state"] == "closed" && seen.closed_at.is_none() {
            seen.closed_at = Some(now);
        }
    }

    /// An order was written.
    pub(super) fn order(&mut self, id: &str, is_new: bool, order: &OrderSeen, now: Timestamp) {
        for seen in self.all.values_mut().filter(|seen| seen.closed_at.is_none()) {
            if is_new && seen.declared_at < now && order.is_active() && seen.is_about(order) {
                seen.concerns.insert(id.to_owned());
            }
            // Who was not met while the order was open need not be told.
            if !is_new && !order.is_active() {
                seen.concerns.remove(id);
            }
        }
    }

    /// A delivery was written.
    pub(super) fn delivers(&mut self, id: &str, body: &Value) {
        if let (Some("incident"), Some(incident)) = (body["template"].as_str(), body["data"]["incident"].as_str()) {
            let to = body["to"].as_str().map_or_else(|| body["to"].to_string(), str::to_owned);
            self.warnings.insert(id.to_owned(), (incident.to_owned(), to));
        }
    }

    /// How many there are, and how many customers were warned.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.all.len() as u64, self.all.values().map(|seen| seen.told.len() as u64).sum())
    }

    /// When an incident was declared, if `id` is one's.
    pub(super) fn declared_at(&self, id: &Value) -> Option<Timestamp> {
        self.all.get(id.as_str()?).map(|seen| seen.declared_at)
    }

    /// A letter goes out: what does not hold of that.
    pub(super) fn warned(&mut self, letter: &Letter, now: Timestamp) -> Option<String> {
        if letter.template != "incident" {
            return None;
        }
        let id = letter.id.to_string();
        let Some(seen) = self.warnings.get(&id).and_then(|(incident, _)| self.all.get_mut(incident)) else {
            return Some(format!("{id} warns somebody of no incident that there is"));
        };
        if seen.closed_at.is_some_and(|closed_at| closed_at < now) {
            return Some(format!("{id} warns somebody of what is over"));
        }
        let before = seen.told.insert(letter.to.clone(), id.clone());
        before
            .filter(|before| *before != id)
            .map(|before| format!("one customer was warned twice: by {before} and by {id}"))
    }

    /// Who should have been told of an incident that is not over, and never was.
    pub(crate) fn untold(&self, orders: &BTreeMap<String, OrderSeen>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (incident, seen) in self.all.iter().filter(|(_, seen)| seen.closed_at.is_none()) {
            for id in &seen.concerns {
                let Some(order) = orders.get(id).filter(|order| order.subject.reachable) else { continue };
                let to = format!("customer:{}", order.subject.customer);
                if !self.warnings.values().any(|warning| *warning == (incident.clone(), to.clone())) {
                    wrong.push(format!("{incident} concerns {id}, and {to} was not told"));
                }
            }
        }
        wrong
    }
}
