//! Which people are told what: derived from facts, so that telling again tells the same.

use crate::fault::Fault;
use crate::ports::World;
use crate::roster::Roster;
use crate::{deliver, incidents};
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::Category;
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::fact::{Direction, Fact, Outcome, Visibility, What};
use redress_domain::id::{AgentId, CompensationId, TenantId};
use redress_domain::order::{OrderKind, REOPEN_CAP, Status, WorkOrder, later};
use redress_domain::policy::Terms;
use redress_domain::sla::{Action, Audience, ClockKey, Level};
use redress_domain::survey::Survey;
use serde_json::{Value, json};

/// What is told again is no older than this, seen from the newest fact: of what is older, nobody
/// remembers any more that it was told ([`redress_domain::delivery::KEPT`]).
const AGAIN: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Tells whoever the facts from number `since` on concern. What was told before is told again by that,
/// which changes nothing; from 0 on, all of it is told again, should it have been lost.
pub(crate) async fn tell(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    since: u32,
    roster: Option<&Roster>,
    terms: &Terms,
) -> Result<(), Fault> {
    let first = order.fact_count - u32::try_from(order.facts.len()).unwrap_or(order.fact_count);
    let told = usize::try_from(since.saturating_sub(first)).unwrap_or(usize::MAX);
    let telling = Telling { tenant, order, again: since == 0, roster, terms };
    let newest = order.facts.last().map(|fact| fact.recorded_at);
    let is_recent = |fact: &&Fact| newest.is_none_or(|newest| newest <= later(fact.recorded_at, AGAIN));
    let facts = order.facts.iter().skip(told).filter(is_recent);
    let mut deliveries: Vec<_> = facts.flat_map(|fact| telling.of(fact)).collect();
    if telling.again && deliveries.len() > 1 {
        deliveries = deliver::missing(world, tenant, deliveries).await?;
    }
    for delivery in &deliveries {
        deliver::post(world, tenant, delivery).await?;
    }
    Ok(())
}

/// The level that a fact says was reached; none where no clock, or no level any more, is behind it.
pub(crate) fn level_of<'a>(order: &WorkOrder, what: &What, terms: &'a Terms) -> Option<&'a Level> {
    let What::Escalated { metric: Some(metric), cycle, exchange, level, .. } = what else { return None };
    let key = ClockKey { metric: metric.clone(), cycle: *cycle, exchange: *exchange };
    let clock = order.clocks.find(&key)?;
    terms.book.policy(&clock.policy).ok()?.level(level)
}

/// Whom an audience means now. One with nobody in it falls to the tenant's supervisors.
pub(crate) fn addressee(order: &WorkOrder, audience: Audience, roster: Option<&Roster>) -> Recipient {
    let lead = || roster.and_then(|roster| roster.lead(order.team.as_ref()?));
    let named = match audience {
        Audience::Agent => order.agent.as_ref(),
        Audience::TeamLead => lead(),
        Audience::Supervisors => None,
    };
    named.map_or(Recipient::Supervisors, to_agent)
}

/// An agent, as who is told.
pub(crate) fn to_agent(agent: &AgentId) -> Recipient {
    Recipient::Agent(agent.clone())
}

/// The agent who is told, if it is one.
pub(crate) fn agent_of(told: &str) -> Option<AgentId> {
    told.parse::<Recipient>().ok()?.agent().cloned()
}

/// An order whose facts are told.
struct Telling<'a> {
    tenant: &'a TenantId,
    order: &'a WorkOrder,
    /// Whether all of this was written down before.
    again: bool,
    roster: Option<&'a Roster>,
    terms: &'a Terms,
}

impl Telling<'_> {
    fn of(&self, fact: &Fact) -> Vec<Delivery> {
        match &fact.what {
            What::Assigned { agent, previous, .. } => {
                let data = json!({"priority": self.order.priority, "due": self.order.promised_by()});
                let new = self.notice(fact, &fact.id, to_agent(agent), "order_assigned", data);
                previous.iter().map(|previous| self.taken_away(fact, previous)).chain([new]).collect()
            }
            What::Queued { previous, .. } => previous.iter().map(|agent| self.taken_away(fact, agent)).collect(),
            What::Merged { duplicate, into, .. } => {
                let data = json!({"duplicate": duplicate, "into": into});
                let mut notices = self.worker(fact, "order_merged", &data);
                // Whoever watches the duplicate is told that it is cancelled.
                if *into == self.order.id {
                    notices.extend(self.watched(fact, data));
                }
                notices
            }
            What::ChildDone { child, status } => {
                self.worker(fact, "order_child_done", &json!({"child": child, "status": status}))
            }
            What::ChildReopened { child } => self.worker(fact, "order_child_reopened", &json!({"child": child})),
            // What time brings about was told before it was written down. Who has the order by now is not
            // who had it then, and would make another tale of it.
            What::Escalated { level, .. } if self.again && level != REOPEN_CAP => Vec::new(),
            What::Escalated { outcome: Outcome::Fired, audience, .. } => self.escalated(fact, *audience),
            // What needed nobody's approval, nobody is asked to approve.
            What::CompensationRequested { compensation, .. } if self.is_decided(compensation.as_ref()) => Vec::new(),
            What::CompensationRequested { compensation, clock, amount } => {
                let id = format!("{}/{clock}", self.order.id);
                let data = json!({"compensation": compensation, "clock": clock, "amount": amount});
                vec![self.notice(fact, &id, Recipient::Compensation, "compensation.requested.v1", data)]
            }
            // An order that has come back was there before: whoever is told of it again warns nobody anew.
            What::Classified(understanding) if self.order.reopen_count > 0 => {
                self.subscribed(fact, understanding.category)
            }
            What::Classified(understanding) => self.about(fact, understanding.category),
            What::CategoryChanged { from, to } if from != to => self.about(fact, *to),
            What::SentimentDropped { from, to } => self.soured(fact, json!({"from": from, "to": to})),
            What::StatusChanged { to, .. } => {
                let mut notices = self.watched(fact, json!({ "status": to }));
                notices.extend(self.resolved(fact, *to));
                notices
            }
            What::MessagePosted { number, direction: Direction::Outbound, visibility: Visibility::Public, .. } => {
                self.customer(fact, "reply_posted", json!({ "number": number })).into_iter().collect()
            }
            What::SurveySkipped { .. } => self.unasked(fact).into_iter().collect(),
            What::Reopened { .. } => self.watched(fact, json!({"status": "reopened"})),
            _ => Vec::new(),
        }
    }

    /// The customer is told that it was put right, unless the question whether it was comes at once.
    fn resolved(&self, fact: &Fact, to: Status) -> Option<Delivery> {
        if to == Status::Resolved && !self.is_asked_at_once() { self.put_right(fact) } else { None }
    }

    /// The same where that question was to come at once, and does not come at all.
    fn unasked(&self, fact: &Fact) -> Option<Delivery> {
        if self.order.status == Status::Resolved && self.is_asked_at_once() { self.put_right(fact) } else { None }
    }

    fn is_asked_at_once(&self) -> bool {
        self.terms.surveying(self.order).is_some_and(|policy| policy.enabled && policy.delay_seconds == 0)
    }

    /// A part of another order tells nothing, since that one tells of the whole; a call to a customer is
    /// work of ours.
    fn put_right(&self, fact: &Fact) -> Option<Delivery> {
        if self.order.parent.is_some() || self.order.kind() == OrderKind::Revisit {
            return None;
        }
        let until = later(fact.at, self.terms.reopen_window());
        self.customer(fact, "order_resolved", json!({ "until": until }))
    }

    /// Tells the customer, if it is known where; by what, and whether that is wished, is found out when
    /// it is sent.
    fn customer(&self, fact: &Fact, template: &str, data: Value) -> Option<Delivery> {
        let customer = &self.order.customer;
        let to = Recipient::Customer(customer.reference.clone());
        (!customer.contacts().is_empty()).then(|| self.notice(fact, &fact.id, to, template, data))
    }

    /// Whether somebody has decided a compensation, or nobody had to.
    fn is_decided(&self, id: Option<&CompensationId>) -> bool {
        let decides = |fact: &Fact| match &fact.what {
            What::CompensationDecided { compensation, .. } => Some(compensation) == id,
            _ => false,
        };
        self.order.facts.iter().any(decides)
    }

    /// Somebody else has it now, or nobody.
    fn taken_away(&self, fact: &Fact, agent: &AgentId) -> Delivery {
        let data = json!({"priority": self.order.priority});
        self.notice(fact, &fact.id, to_agent(agent), "order_taken_away", data)
    }

    /// Tells who worked on it when a fact was written, if somebody did.
    fn worker(&self, fact: &Fact, template: &str, data: &Value) -> Vec<Delivery> {
        let told = |agent| self.notice(fact, &fact.id, to_agent(agent), template, data.clone());
        self.worker_at(fact).map(told).into_iter().collect()
    }

    /// Who had the order when a fact was written, whoever has it by now: telling again tells nobody else.
    fn worker_at(&self, fact: &Fact) -> Option<&AgentId> {
        let at = self.order.facts.iter().position(|other| other.id == fact.id)?;
        let (before, after) = self.order.facts.split_at(at);
        let decides =
            |fact: &&Fact| matches!(fact.what, What::Assigned { .. } | What::Queued { .. } | What::Reopened { .. });
        match before.iter().rev().find(decides).map(|fact| &fact.what) {
            Some(What::Assigned { agent, .. }) => Some(agent),
            Some(_) => None,
            // What was decided before rides apart by now; the next decision says who had it until then.
            None => match after.iter().find(decides).map(|fact| &fact.what) {
                Some(What::Assigned { previous, .. } | What::Queued { previous, .. }) => previous.as_ref(),
                Some(_) => None,
                None => self.order.agent.as_ref(),
            },
        }
    }

    /// Told before it is written down, so the fact's number is not settled yet: the rung itself is.
    fn escalated(&self, fact: &Fact, audience: Audience) -> Vec<Delivery> {
        let What::Escalated { metric, cycle, exchange, level: name, repeat, .. } = &fact.what else {
            return Vec::new();
        };
        let clock = metric.clone().map(|metric| ClockKey { metric, cycle: *cycle, exchange: *exchange });
        let of = clock.map_or_else(|| format!("{cycle}/order"), |clock| clock.to_string());
        let again = if *repeat == 0 { String::new() } else { format!("/{repeat}") };
        let id = format!("{}/{of}/{name}{again}", self.order.id);
        let data = json!({"metric": metric, "level": name, "cycle": cycle, "priority": self.order.priority});
        let level = level_of(self.order, &fact.what, self.terms);
        let does = |action: &Action| level.is_none_or(|level| level.actions.contains(action));
        let to = addressee(self.order, audience, self.roster);
        let mut notices = Vec::new();
        if does(&Action::Notify) {
            let urgent = level.is_some_and(|level| level.urgent);
            let not_before = if urgent { None } else { self.at_work(&to, fact.recorded_at) };
            let mut data = data.clone();
            data["urgent"] = urgent.into();
            notices.push(self.notice(fact, &id, to.clone(), "order_escalated", data).held(not_before));
        }
        let others = self.watchers_of(fact).filter(|watcher| *watcher != to);
        notices.extend(others.map(|watcher| {
            let id = format!("{id}/{watcher}");
            self.notice(fact, &id, watcher, "order_watched", data.clone())
        }));
        notices
    }

    /// What it is about is known: whoever subscribed to that is told, and the customer, if an open
    /// incident concerns such orders.
    fn about(&self, fact: &Fact, category: Category) -> Vec<Delivery> {
        let mut notices = self.subscribed(fact, category);
        notices.extend(incidents::concerning(self.tenant, self.order, &self.terms.policies, fact.recorded_at));
        notices
    }

    /// Who is told of every order about a subject, whatever else happens to it (R15).
    fn subscribed(&self, fact: &Fact, category: Category) -> Vec<Delivery> {
        let names = self.terms.policies.priority.subscribers.get(&category);
        let told = |name: &String| {
            let (id, to) = (format!("{}/{name}", fact.id), Recipient::Subscribers(name.clone()));
            self.notice(fact, &id, to, "order_reported", json!({"category": category, "priority": self.order.priority}))
        };
        names.into_iter().flatten().map(told).collect()
    }

    /// The customer sounds much worse than before: whoever has the order is told.
    fn soured(&self, fact: &Fact, data: Value) -> Vec<Delivery> {
        let to = addressee(self.order, Audience::Agent, self.roster);
        vec![self.notice(fact, &fact.id, to, "sentiment_dropped", data)]
    }

    fn watched(&self, fact: &Fact, data: Value) -> Vec<Delivery> {
        let told = |watcher: Recipient| {
            let id = format!("{}/{watcher}", fact.id);
            self.notice(fact, &id, watcher, "order_watched", data.clone())
        };
        self.watchers_of(fact).map(told).collect()
    }

    /// Who watched already when a fact was written: telling again tells nobody of the time before.
    fn watchers_of(&self, fact: &Fact) -> impl Iterator<Item = Recipient> {
        let later = self.order.facts.iter().skip_while(|other| other.id != fact.id);
        let joined: Vec<_> = later
            .filter_map(|later| match &later.what {
                What::WatcherAdded { watcher } => Some(watcher),
                _ => None,
            })
            .collect();
        let before = self.order.watchers.iter().filter(move |watcher| !joined.contains(watcher));
        before.filter_map(|watcher| watcher.parse().ok())
    }

    /// When whoever is told is at work next; `None` if that is now, or not known. An agent's hours
    /// are those of the shift, the supervisors' those of the tenant.
    fn at_work(&self, to: &Recipient, now: Timestamp) -> Option<Timestamp> {
        let hours = match to.agent() {
            Some(agent) => self.roster?.shift_of(agent.as_str()).and_then(|shift| self.terms.newest_calendar(shift))?,
            None => self.terms.own_calendar()?,
        };
        hours.next_open(now).filter(|open| *open > now)
    }

    fn notice(&self, fact: &Fact, id: &str, to: Recipient, template: &str, data: Value) -> Delivery {
        Delivery::new(self.tenant, id, to, (template, data), fact.recorded_at).about(&self.order.id, fact.number())
    }
}

/// The question to the customer, at `at`.
pub(crate) fn invitation(tenant: &TenantId, survey: &Survey, at: Timestamp) -> Delivery {
    to_customer(tenant, survey, "survey_invitation", at)
}

/// The same question once more, at `at`.
pub(crate) fn reminder(tenant: &TenantId, survey: &Survey, at: Timestamp) -> Delivery {
    to_customer(tenant, survey, "survey_reminder", at)
}

fn to_customer(tenant: &TenantId, survey: &Survey, template: &str, at: Timestamp) -> Delivery {
    let to = Recipient::Customer(survey.customer_ref.clone());
    let data = json!({"path": format!("/s/{}", survey.token), "until": survey.closes_at});
    Delivery::new(tenant, survey.id.as_str(), to, (template, data), at).about(&survey.work_order, None)
}
