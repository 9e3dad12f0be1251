//! What must hold when everything has come to its end.

use crate::ground::{Ground, Sent};
use crate::plan::{File, Plan};
use crate::witness::Witness;
use jiff::Timestamp;
use redress_domain::delivery::{Delivery, DeliveryState, Recipient};
use redress_domain::fact::{Fact, Outcome, What};
use redress_domain::feedback::Feedback;
use redress_domain::id::{WebhookId, WorkOrderId};
use redress_domain::order::WorkOrder;
use redress_domain::policy::Terms;
use redress_domain::sla::ClockKey;
use redress_domain::survey::Survey;
use redress_domain::webhook::{self, ESCALATED};
use redress_service::effort::Spent;
use redress_service::keys;
use redress_service::ports::Record;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that there is in the end.
#[derive(Default)]
struct All {
    feedbacks: BTreeMap<String, (Feedback, Option<WorkOrderId>)>,
    orders: Vec<WorkOrder>,
    /// Facts that ride apart, by order, oldest first.
    older: BTreeMap<String, Vec<Fact>>,
    surveys: Vec<Survey>,
    deliveries: Vec<Delivery>,
    /// Time that was spent: on which order, from when on, how often that is written down.
    spent: BTreeMap<(String, Timestamp), u32>,
    /// Webhooks that are still told.
    webhooks: BTreeSet<WebhookId>,
    wrong: Vec<String>,
}

/// What does not hold.
pub(crate) fn check(snapshot: &[Record], ground: &Ground, plan: &Plan) -> Vec<String> {
    let (mut all, witness) = (All::default(), &ground.witness);
    for record in snapshot {
        all.take(record);
    }
    all.accepted(witness);
    all.ended();
    all.folded(plan);
    all.told(plan);
    all.kept(witness);
    all.wrong.extend(witness.incidents.untold(&witness.orders));
    all.wrong.extend(ground.files.values().filter_map(|sent| misjudged(sent, witness)));
    all.wrong
}

impl All {
    fn read<T: DeserializeOwned>(&mut self, record: &Record) -> Option<T> {
        self.read_part(record, &record.body)
    }

    fn read_part<T: DeserializeOwned>(&mut self, record: &Record, part: &Value) -> Option<T> {
        let read = T::deserialize(part);
        read.map_err(|error| self.wrong.push(format!("{} can't be read: {error}", record.key.partition))).ok()
    }

    fn take(&mut self, record: &Record) {
        let mut parts = record.key.partition.split('#').skip(1);
        let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if let Some(due_at) = record.due_at {
            self.wrong.push(format!("{} is still due, at {due_at}", record.key.partition));
        }
        match kind {
            "feedback" if record.body["kind"] == "said" => {
                let order = record.body["work_order"].as_str().and_then(WorkOrderId::parse);
                if let Some(feedback) = self.read_part(record, &record.body["feedback"]) {
                    self.feedbacks.insert(id.to_owned(), (feedback, order));
                }
            }
            "order" if record.key.sort == "order" => {
                let order = self.read(record);
                self.orders.extend(order);
            }
            "order" if record.key.sort.starts_with(keys::OLDER_FACTS) => {
                let facts: Option<Vec<Fact>> = self.read(record);
                self.older.entry(id.to_owned()).or_default().extend(facts.unwrap_or_default());
            }
            "order" if record.key.sort.starts_with(keys::EFFORT) => {
                let spent: Option<Spent> = self.read(record);
                let key = spent.map(|spent| (id.to_owned(), spent.effort.started_at));
                key.into_iter().for_each(|key| *self.spent.entry(key).or_default() += 1);
            }
            "survey" => {
                let survey = self.read(record);
                self.surveys.extend(survey);
            }
            "delivery" => {
                let delivery = self.read(record);
                self.deliveries.extend(delivery);
            }
            "webhooks" if record.body["state"] == "enabled" => {
                self.webhooks.extend(WebhookId::parse(&record.key.sort));
            }
            _ => {}
        }
    }

    /// What was accepted is there for ever, once, and one order answers it.
    fn accepted(&mut self, witness: &Witness) {
        let mut answers: BTreeMap<&str, Vec<&WorkOrderId>> = BTreeMap::new();
        for order in &self.orders {
            for feedback in &order.feedback_ids {
                answers.entry(feedback.as_str()).or_default().push(&order.id);
            }
        }
        let mut sources = BTreeSet::new();
        let mut wrong = Vec::new();
        for (id, words) in &witness.accepted {
            match self.feedbacks.get(id.as_str()) {
                None => wrong.push(format!("{id} was answered with a 2xx and is lost")),
                Some((feedback, _)) if feedback.message != *words => wrong.push(format!("{id} says something else")),
                Some((_, None)) => wrong.push(format!("{id} has no work order")),
                Some(_) => {}
            }
        }
        for (id, (feedback, order)) in &self.feedbacks {
            let by: BTreeSet<_> = answers.get(id.as_str()).into_iter().flatten().copied().collect();
            if by != self.going_on_from(order.as_ref()) {
                wrong.push(format!("{id} names {order:?}, and {by:?} answer it"));
            }
            let source = feedback.source_message_id.as_ref().map(|source| (feedback.channel, source.clone()));
            if source.is_some_and(|source| !sources.insert(source)) {
                wrong.push(format!("{id} is the second feedback of one message of its channel"));
            }
        }
        self.wrong.extend(wrong);
    }

    /// An order, and those that it was merged into one after the other.
    fn going_on_from<'a>(&'a self, order: Option<&'a WorkOrderId>) -> BTreeSet<&'a WorkOrderId> {
        let into = |id: &&'a WorkOrderId| self.orders.iter().find(|order| order.id == **id)?.merged_into.as_ref();
        std::iter::successors(order, into).collect()
    }

    /// What was written down for good is there, and once.
    fn kept(&mut self, witness: &Witness) {
        let mut wrong = Vec::new();
        for (order, since) in &witness.spent {
            let times = self.spent.get(&(order.clone(), *since));
            if times != Some(&1) {
                wrong.push(format!("the time spent on {order} since {since} is written down {times:?} times"));
            }
        }
        for survey in &self.surveys {
            if witness.called.contains(survey.id.as_str()) && survey.entered().is_none() {
                wrong.push(format!("what was said in a call about {} is lost", survey.id));
            }
        }
        for order in &self.orders {
            let id = order.id.as_str();
            let asks = |fact: &&Fact| matches!(fact.what, What::CompensationRequested { .. });
            let asked = self.facts(order).iter().filter(asks).count();
            let (there, sum) = (witness.compensations.count(id), witness.compensations.of(id));
            if (asked, order.compensated_minor) != (there, sum) {
                let says = order.compensated_minor;
                wrong
                    .push(format!("{id} has asked {asked} times for {says}, and there are {there} that come to {sum}"));
            }
        }
        self.wrong.extend(wrong);
    }

    /// Everything has come to its end.
    fn ended(&mut self) {
        let mut cycles = BTreeSet::new();
        let mut wrong = Vec::new();
        for order in &self.orders {
            if !matches!(order.status.as_str(), "closed" | "cancelled") {
                wrong.push(format!("{} is still {}", order.id, order.status.as_str()));
            }
            if order.status.as_str() == "closed" && order.surveyed_cycle != order.cycle {
                wrong.push(format!("{} has neither asked about cycle {} nor said why not", order.id, order.cycle));
            }
        }
        for survey in &self.surveys {
            if !cycles.insert((survey.work_order.clone(), survey.cycle)) {
                wrong.push(format!("{} is the second survey about its cycle", survey.id));
            }
        }
        for delivery in &self.deliveries {
            if delivery.state == DeliveryState::Pending {
                wrong.push(format!("the delivery {} has not ended", delivery.reason));
            }
        }
        self.wrong.extend(wrong);
    }

    fn facts(&self, order: &WorkOrder) -> Vec<Fact> {
        let older = self.older.get(order.id.as_str()).cloned().unwrap_or_default();
        older.into_iter().chain(order.facts.iter().cloned()).collect()
    }

    /// Each order is the fold of its facts.
    fn folded(&mut self, plan: &Plan) {
        let terms = Terms::compile(plan.shop.policies.clone()).expect("our policies can be meant");
        let mut wrong = Vec::new();
        for order in &self.orders {
            match WorkOrder::replay(&order.id, self.facts(order), &terms) {
                Ok(Some(folded))
                    if (WorkOrder { facts: Vec::new(), ..folded.clone() })
                        == (WorkOrder { facts: Vec::new(), ..order.clone() }) => {}
                Ok(folded) => {
                    let folded = folded.map(|folded| WorkOrder { facts: Vec::new(), ..folded });
                    let stored = WorkOrder { facts: Vec::new(), ..order.clone() };
                    wrong.push(format!("{} is not the fold of its facts: {folded:?} of {stored:?}", order.id));
                }
                Err(error) => wrong.push(format!("{} can't be folded: {error}", order.id)),
            }
        }
        self.wrong.extend(wrong);
    }

    /// Each rung that fired was told once, and each fact once to each webhook.
    fn told(&mut self, plan: &Plan) {
        let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
        let mut news: BTreeMap<(&WebhookId, &WorkOrderId, u32), u32> = BTreeMap::new();
        for delivery in &self.deliveries {
            *reasons.entry(delivery.reason.as_str()).or_default() += 1;
            if let (Recipient::Webhook(webhook), Some(order), Some(number)) =
                (&delivery.to, &delivery.work_order, delivery.sequence)
            {
                *news.entry((webhook, order, number)).or_default() += 1;
            }
        }
        let mut wrong = Vec::new();
        for order in &self.orders {
            for fact in self.facts(order) {
                if let Some(reason) = escalation(&order.id, &fact)
                    && reasons.get(reason.as_str()) != Some(&1)
                {
                    wrong.push(format!("{reason} fired and was told {:?} times", reasons.get(reason.as_str())));
                }
                let event = webhook::told(&fact).map(|(event, _)| event);
                let known = event.is_some_and(|event| event != ESCALATED) && fact.recorded_at >= plan.begins;
                for webhook in self.webhooks.iter().filter(|_| known) {
                    let times = news.get(&(webhook, &order.id, fact.number().unwrap_or(0)));
                    if times != Some(&1) {
                        wrong.push(format!("{} was told {times:?} times to {webhook}", fact.id));
                    }
                }
            }
        }
        if let Some((twice, _)) = news.iter().find(|(_, times)| **times > 1) {
            wrong.push(format!("{twice:?} was told twice"));
        }
        self.wrong.extend(wrong);
    }
}

/// A file that is not judged as its bytes say.
fn misjudged(sent: &Sent, witness: &Witness) -> Option<String> {
    let right = match (sent.uploaded, sent.file) {
        (false, _) => "expired",
        (true, File::AsAnnounced) => "clean",
        (true, _) => "quarantined",
    };
    let is = witness.files.status(sent.id.as_str());
    (is != Some(right)).then(|| format!("{} is {is:?}, and should be {right}", sent.id))
}

/// Why somebody was told of a rung, if this is one that fired.
fn escalation(order: &WorkOrderId, fact: &Fact) -> Option<String> {
    let What::Escalated { metric, cycle, exchange, level, repeat, outcome: Outcome::Fired, .. } = &fact.what else {
        return None;
    };
    let clock = metric.clone().map(|metric| ClockKey { metric, cycle: *cycle, exchange: *exchange });
    let of = clock.map_or_else(|| format!("{cycle}/order"), |clock| clock.to_string());
    let again = if *repeat == 0 { String::new() } else { format!("/{repeat}") };
    Some(format!("{order}/{of}/{level}{again}/order_escalated"))
}
