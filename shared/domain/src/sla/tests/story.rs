//! The story of one order, told in a line a happening: what the tests of clocks are made of.

use crate::actor::{Actor, ActorKind};
use crate::fact::{Direction, Outcome, Understanding, Visibility, What};
use crate::feedback::Channel;
use crate::id::{FeedbackId, MessageId, TenantId, WorkOrderId};
use crate::order::{Entry, Refusal, Status, Transition, WorkOrder};
use crate::policy::{Policies, Terms};
use crate::priority::Priority;
use crate::sla::proof::{ProvedClock, prove};
use crate::sla::{Clock, ClockState, Metric};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A Monday, 09:00 in Shanghai.
pub(crate) const MONDAY: &str = "2026-11-23T09:00:00+08:00";

/// The same seconds at every priority.
pub(crate) fn flat(seconds: i64) -> Value {
    json!({"P1": seconds, "P2": seconds, "P3": seconds, "P4": seconds})
}

/// Hours of business time at P1, P2, P3 and P4.
pub(crate) fn hours(p1: i64, p2: i64, p3: i64, p4: i64) -> Value {
    json!({"P1": p1 * 3600, "P2": p2 * 3600, "P3": p3 * 3600, "P4": p4 * 3600})
}

/// Policies over four calendars: `office` (Mon–Fri 09–12 and 13–18 in Shanghai, the tenant's),
/// `always`, `new_york` (01:00 to 05:00 every day) and `night` (22:00 to 06:00 every day, Shanghai).
pub(crate) fn policies(sla: Value) -> Policies {
    let day = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
    let week = |hours: Value| json!({"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours, "sat": hours, "sun": hours});
    let calendars = json!([
        {"id": "office", "version": 1, "calendar": {
            "time_zone": "Asia/Shanghai", "hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}}},
        {"id": "always", "version": 1, "calendar": "24x7"},
        {"id": "new_york", "version": 1, "calendar": {
            "time_zone": "America/New_York", "hours": week(json!([["01:00", "05:00"]]))}},
        {"id": "night", "version": 1, "calendar": {
            "time_zone": "Asia/Shanghai", "hours": week(json!([["22:00", "06:00"]]))}},
    ]);
    serde_json::from_value(json!({
        "version": 1, "calendars": calendars, "calendar": "office", "sla": sla,
        "survey": {"delay_seconds": 3600, "window_seconds": 604_800},
        "reopen": {"window_seconds": 604_800, "cap": 2},
    }))
    .unwrap()
}

/// The same with a single policy for everything.
pub(crate) fn one(policy: Value) -> Terms {
    let mut policy = policy;
    policy["id"] = json!("one");
    Terms::compile(policies(json!([policy]))).unwrap()
}

/// A level that tells who leads the team.
pub(crate) fn level(name: &str, anchor: Value) -> Value {
    json!({"name": name, "anchor": anchor, "audience": "team_lead"})
}

/// A resolution of eight hours at P4, four at P3, six at P2 and two at P1, with these levels.
pub(crate) fn ladder(levels: Value) -> Terms {
    one(json!({"targets": {"resolution": hours(2, 6, 4, 8)}, "levels": levels}))
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One order under some terms, at an instant.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) terms: Terms,
    pub(crate) order: WorkOrder,
    pub(crate) now: Timestamp,
    team_calendar: Option<String>,
}

impl Story {
    /// An order that a customer opens on Monday at 09:00: a product enquiry at P4.
    pub(crate) fn of(terms: Terms) -> Self {
        Self::from(terms, MONDAY)
    }

    pub(crate) fn from(terms: Terms, began_at: &str) -> Self {
        Self::opened(terms, instant(began_at), None)
    }

    pub(crate) fn opened(terms: Terms, now: Timestamp, team_calendar: Option<String>) -> Self {
        let customer = Actor::new(ActorKind::Customer, "c-1");
        let feedback = FeedbackId::parse("fb_1").unwrap();
        let origin =
            json!({"feedback": feedback, "channel": Channel::Web, "customer": {"ref": "c-1"}, "began_at": now});
        let id = WorkOrderId::of(&TenantId::parse("tn_a").unwrap(), &feedback);
        let by = Entry::new(&customer, now, &terms);
        let mut order = WorkOrder::create(id, serde_json::from_value(origin).unwrap(), by);
        let understanding: Understanding = serde_json::from_value(json!({
            "category": "product_enquiry", "needs_review": false, "sentiment": "neutral", "language": "zh",
            "urgency": 1, "impact": 1, "score": 0, "priority": "P4"
        }))
        .unwrap();
        order.classify(by, understanding).unwrap();
        order.agree(by, team_calendar.as_deref()).unwrap();
        Self { terms, order, now, team_calendar }
    }

    /// Another order under the same terms.
    pub(crate) fn of_order(&self, order: WorkOrder) -> Self {
        Self { order, ..self.clone() }
    }

    /// The same order, with an agent of team a.
    pub(crate) fn assigned(mut self) -> Self {
        self.route("tm_a", Some("ag_a"));
        self
    }

    /// Goes on at a day and time of November 2026 in Shanghai, such as `23T16:24:00`.
    pub(crate) fn at(&mut self, clock: &str) -> &mut Self {
        self.now = instant(&format!("2026-11-{clock}+08:00"));
        self
    }

    /// Goes on at any instant.
    pub(crate) fn on(&mut self, text: &str) -> &mut Self {
        self.now = instant(text);
        self
    }

    /// Lets `who` do something now.
    pub(crate) fn act<T>(
        &mut self,
        who: ActorKind,
        what: impl FnOnce(&mut WorkOrder, Entry<'_>, Option<&str>) -> T,
    ) -> T {
        let actor = Actor::new(who, "somebody");
        what(&mut self.order, Entry::new(&actor, self.now, &self.terms), self.team_calendar.as_deref())
    }

    pub(crate) fn say(&mut self, who: ActorKind, visibility: Visibility) -> Result<MessageId, Refusal> {
        let direction = if who == ActorKind::Customer { Direction::Inbound } else { Direction::Outbound };
        self.act(who, |order, by, _| order.post(by, direction, visibility, None))
    }

    /// A person answers the customer.
    pub(crate) fn answer(&mut self) -> &mut Self {
        self.say(ActorKind::Agent, Visibility::Public).unwrap();
        self
    }

    /// The customer writes.
    pub(crate) fn ask(&mut self) -> &mut Self {
        self.say(ActorKind::Customer, Visibility::Public).unwrap();
        self
    }

    pub(crate) fn go(&mut self, to: Status) -> &mut Self {
        let asked = Transition { to, reason: Some("等待".into()), resolution: None, survey: true };
        self.act(ActorKind::Agent, |order, by, _| order.transition(by, asked)).unwrap();
        self
    }

    pub(crate) fn route(&mut self, team: &str, agent: Option<&str>) -> &mut Self {
        let routing = json!({"team": team, "agent": agent, "rule": "test", "decided_at": self.now, "candidates": []});
        let routing = serde_json::from_value(routing).unwrap();
        self.act(ActorKind::System, |order, by, _| order.route(by, routing)).unwrap();
        self
    }

    pub(crate) fn prioritise(&mut self, to: Priority) -> &mut Self {
        self.act(ActorKind::Agent, |order, by, calendar| order.prioritise(by, to, calendar, None)).unwrap();
        self
    }

    /// What catching up now writes down: `<clock> <level>#<repeat> <outcome>` for what was climbed,
    /// and the word of any other fact.
    pub(crate) fn catch_up(&mut self) -> Vec<String> {
        self.told(|story| {
            story.act(ActorKind::System, |order, by, calendar| order.catch_up(by, calendar)).unwrap();
        })
    }

    /// What is written down meanwhile, as [`Story::catch_up`] tells it.
    pub(crate) fn told(&mut self, happening: impl FnOnce(&mut Self)) -> Vec<String> {
        let before = self.order.facts.len();
        happening(self);
        self.order.facts[before..].iter().map(|fact| word(&fact.what)).collect()
    }

    pub(crate) fn clock(&self, metric: &Metric) -> &Clock {
        self.order.clocks.latest(metric).unwrap()
    }

    pub(crate) fn state(&self, metric: &Metric) -> ClockState {
        self.clock(metric).state(self.now)
    }

    /// When a clock is due: day and time of November 2026 in Shanghai, or `none`.
    pub(crate) fn due(&self, metric: &Metric) -> String {
        self.clock(metric).due_at.map_or("none".to_owned(), local)
    }

    /// The rungs that a clock has still to climb: `<level>#<repeat> <when>`.
    pub(crate) fn pending(&self, metric: &Metric) -> Vec<String> {
        let rungs = self.clock(metric).pending.iter();
        rungs.map(|rung| format!("{}#{} {}", rung.level, rung.repeat, local(rung.at))).collect()
    }

    pub(crate) fn proof(&self, metric: &Metric) -> ProvedClock {
        let proved = prove(&self.order, &self.terms, self.now).unwrap();
        proved.into_iter().rfind(|clock| clock.key.metric == *metric).unwrap()
    }

    /// Clocks that were started, of any state.
    pub(crate) fn count(&self, metric: &Metric) -> usize {
        self.order.clocks.all.iter().filter(|clock| clock.key.metric == *metric).count()
    }
}

fn local(at: Timestamp) -> String {
    let text = at.in_tz("Asia/Shanghai").unwrap().datetime().to_string();
    text.strip_prefix("2026-11-").unwrap_or(&text).to_owned()
}

fn word(what: &What) -> String {
    match what {
        What::Escalated { metric, level, repeat, outcome, .. } => {
            let metric = metric.as_ref().map_or("order".into(), Metric::word);
            let outcome = match outcome {
                Outcome::Fired => "fired",
                Outcome::SkippedLate => "skipped_late",
                Outcome::SkippedRetarget => "skipped_retarget",
                Outcome::Withdrawn => "withdrawn",
            };
            format!("{metric} {level}#{repeat} {outcome}")
        }
        other => other.word().to_owned(),
    }
}
