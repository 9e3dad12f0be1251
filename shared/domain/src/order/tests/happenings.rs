//! What may happen to an order, at random: by whom, when, and told how late.

use crate::actor::{Actor, ActorKind};
use crate::category::Category;
use crate::custom::Custom;
use crate::fact::{Direction, Visibility};
use crate::id::WorkOrderId;
use crate::order::{DueOverride, Entry, Part, Refusal, Status, Transition, WorkOrder};
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::Metric;
use crate::sla::tests::story::{Story, flat, hours, policies};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Say(ActorKind, Visibility),
    Go(Status),
    Prioritise(Priority),
    Relabel(Category),
    Recalendar(Option<&'static str>),
    Recount(Option<&'static str>),
    Route(&'static str, bool),
    Give(&'static str, bool),
    /// Somebody promises by hand: so many minutes on, or no longer.
    Overrule(Metric, Option<i64>),
    Watch(bool),
    Customize(&'static str, Option<i64>),
    Split(bool),
    /// A part ends, or comes back.
    Part(bool),
    /// Another order of the customer's turns out to be the same, and is taken in.
    TakeIn,
    /// This order turns out to be a duplicate.
    GiveUp,
    Reapply,
    Annul,
    /// Somebody looks whether anything is due.
    CatchUp,
    /// The timer rings when it was set to.
    Timer,
}

#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub(super) deed: Deed,
    /// After what happened before.
    after: SignedDuration,
    /// How long ago it is said to have happened.
    ago: Option<SignedDuration>,
}

fn deeds() -> impl Strategy<Value = Deed> {
    use ActorKind::{Agent, ApiKey, Bot, Customer};
    let say = (
        prop::sample::select(vec![Customer, Customer, Agent, Agent, ApiKey, Bot]),
        prop::sample::select(vec![Visibility::Public, Visibility::Public, Visibility::Internal]),
    );
    let calendars =
        || prop::sample::select(vec![None, Some("office"), Some("always"), Some("new_york"), Some("night")]);
    let to = Status::ALL.map(|(status, _)| status).into_iter().chain([Status::PendingCustomer, Status::Reopened]);
    let categories = vec![Category::ProductEnquiry, Category::ProductEnquiry, Category::Account, Category::Logistics];
    let metrics = prop::sample::select(vec![Metric::Resolution, Metric::Resolution, Metric::FirstResponse]);
    let bands = vec![Priority::P1, Priority::P2, Priority::P3, Priority::P4];
    prop_oneof![
        5 => say.prop_map(|(who, visibility)| Deed::Say(who, visibility)),
        6 => prop::sample::select(to.collect::<Vec<_>>()).prop_map(Deed::Go),
        2 => prop::sample::select(bands).prop_map(Deed::Prioritise),
        2 => prop::sample::select(categories).prop_map(Deed::Relabel),
        1 => calendars().prop_map(Deed::Recalendar),
        1 => calendars().prop_map(Deed::Recount),
        3 => (prop::sample::select(vec!["tm_a", "tm_b"]), any::<bool>()).prop_map(|(team, taken)| Deed::Route(team, taken)),
        2 => (prop::sample::select(vec!["tm_a", "tm_b"]), any::<bool>()).prop_map(|(team, taken)| Deed::Give(team, taken)),
        2 => (metrics, prop::option::weighted(0.7, 1..6_000i64)).prop_map(|(metric, minutes)| Deed::Overrule(metric, minutes)),
        4 => others(),
        1 => Just(Deed::Reapply),
        1 => Just(Deed::Annul),
        3 => Just(Deed::CatchUp),
        5 => Just(Deed::Timer),
    ]
}

/// What moves no clock.
fn others() -> impl Strategy<Value = Deed> {
    let values = prop::sample::select(vec![None, Some(1), Some(2)]);
    prop_oneof![
        4 => any::<bool>().prop_map(Deed::Watch),
        4 => (prop::sample::select(vec!["a", "b"]), values).prop_map(|(name, value)| Deed::Customize(name, value)),
        4 => any::<bool>().prop_map(Deed::Split),
        4 => any::<bool>().prop_map(Deed::Part),
        2 => Just(Deed::TakeIn),
        1 => Just(Deed::GiveUp),
    ]
}

pub(super) fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let hour = 3_600_000i64;
    let after = prop_oneof![2 => Just(0), 1 => Just(1), 6 => 0..hour, 4 => 0..30 * hour, 1 => 0..480 * hour];
    let ago = prop::option::weighted(0.3, 0..hour / 3);
    let one = (deeds(), after, ago).prop_map(|(deed, after, ago)| Happening {
        deed,
        after: SignedDuration::from_millis(after),
        ago: ago.map(SignedDuration::from_millis),
    });
    prop::collection::vec(one, 1..28)
}

/// Somewhere around the end of summer time in New York, to the millisecond.
pub(super) fn starts() -> impl Strategy<Value = Timestamp> {
    (0..4 * 86_400_000i64).prop_map(|ms| Timestamp::from_millisecond(1_793_318_400_000 + ms).unwrap())
}

/// Every anchor there is, once each, and one level that raises.
fn levels() -> Value {
    let level = |name: &str, anchor: Value| json!({"name": name, "anchor": anchor, "audience": "team_lead"});
    let mut over = level("over", json!({"percent": 150}));
    over["repeat"] = json!({"every_seconds": 14_400, "max": 3});
    let mut raise = level("raise", json!({"percent": 60}));
    (raise["metrics"], raise["actions"]) = (json!(["resolution"]), json!(["raise"]));
    json!([
        over,
        raise,
        level("warn", json!({"percent": 80})),
        level("before", json!({"before": 600})),
        level("due", json!("at")),
        level("after", json!({"after": 900})),
    ])
}

/// What differs between the policies of one case and another.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    reopen: &'static str,
    grace: i64,
    calendar: &'static str,
}

pub(super) fn deals() -> impl Strategy<Value = Deal> {
    let calendars = prop::sample::select(vec!["office", "always", "new_york", "night"]);
    (prop::sample::select(vec!["continue", "restart"]), prop::sample::select(vec![0, 900]), calendars)
        .prop_map(|(reopen, grace, calendar)| Deal { reopen, grace, calendar })
}

impl Deal {
    /// Goods have every metric, other things some, and logistics nothing.
    pub(super) fn terms(&self) -> Terms {
        let goods = json!({
            "id": "goods", "when": {"category": ["product_enquiry"]}, "calendar": self.calendar, "levels": levels(),
            "targets": {
                "first_response": hours(1, 2, 3, 4), "next_response": flat(3_600), "resolution": hours(2, 4, 8, 16),
                "ownership": flat(1_800), "statutory:returns": {"days": 3},
            },
            "reopen": {"mode": self.reopen},
            "retarget_grace_seconds": self.grace,
            "pauses": {"pending_customer": ["resolution"], "on_hold": ["resolution", "next_response", "first_response"]},
            "pause_cap_seconds": 86_400,
        });
        let nothing = json!({"id": "nothing", "when": {"category": ["logistics"]}, "no_sla": true});
        let rest = json!({
            "id": "rest", "targets": {"resolution": hours(1, 3, 9, 27), "next_response": hours(1, 1, 2, 2)},
            "pauses": {"pending_carrier": ["resolution"]},
        });
        Terms::compile(policies(json!([goods, nothing, rest]))).unwrap()
    }
}

/// Another order of the same customer, that begins now.
fn another(terms: &Terms, now: Timestamp) -> WorkOrder {
    let mut order = Story::opened(terms.clone(), now, None).order;
    order.id = WorkOrderId::parse("wo_another").unwrap();
    order
}

fn check_part(part: &WorkOrder, whole: &WorkOrder, terms: &Terms) {
    assert_eq!((part.priority, part.language, &part.customer), (whole.priority, whole.language, &whole.customer));
    assert_eq!((part.category, part.needs_review, &part.feedback_ids), (Category::Account, false, &Vec::new()));
    assert_eq!(whole.children.last().map(|child| &child.id), Some(&part.id));
    assert_eq!(WorkOrder::replay(&part.id, part.facts.clone(), terms).unwrap().as_ref(), Some(part));
}

fn check_given_up(duplicate: &WorkOrder, into: &WorkOrder, terms: &Terms) {
    assert_eq!((duplicate.status, duplicate.merged_into.as_ref()), (Status::Cancelled, Some(&into.id)));
    assert!(duplicate.clocks.live().next().is_none() && duplicate.burdens().is_none(), "it owes nothing");
    assert_eq!(duplicate.due_at(duplicate.updated_at, terms), None);
    assert!(duplicate.feedback_ids.iter().all(|id| into.feedback_ids.contains(id)));
}

impl Happening {
    /// Lets it happen, or leaves the order as it was where that is refused.
    pub(super) fn to(&self, story: &mut Story) {
        story.now = match self.deed {
            Deed::Timer => story.order.next_due(&story.terms).map_or(story.now, |due| due.max(story.now)),
            _ => story.now + self.after,
        };
        let before = story.order.clone();
        match self.decide(story) {
            Ok(()) => {}
            Err(Refusal::Calendar(error)) => panic!("{error}"),
            Err(_) => assert_eq!(story.order, before, "a refusal changes nothing"),
        }
    }

    fn decide(&self, story: &mut Story) -> Result<(), Refusal> {
        let occurred = self.ago.map(|ago| story.now - ago);
        let (order, terms, now) = (&mut story.order, &story.terms, story.now);
        let agent = Actor::new(ActorKind::Agent, "ag_a");
        let by = Entry::new(&agent, now, terms).occurred(occurred);
        match self.deed {
            Deed::Say(who, visibility) => {
                let who = Actor::new(who, "somebody");
                let inbound = who.kind == ActorKind::Customer;
                let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
                let tone = inbound.then(|| if now.as_millisecond() % 2 == 0 { 60 } else { -60 });
                order.post(by.by(&who), direction, visibility, tone).map(|_| ())
            }
            Deed::Go(to) => {
                order.transition(by, Transition { to, reason: Some("等".into()), resolution: None, survey: true })
            }
            Deed::Prioritise(to) => Ok(order.prioritise(by, to, None, None)?),
            Deed::Relabel(to) => Ok(order.relabel(by, to, None)?),
            Deed::Recalendar(calendar) => order.recalendar(by, calendar.map(str::to_owned), None),
            Deed::Recount(team) => Ok(order.recount(by, team)?),
            Deed::Route(team, taken) => {
                let agent = taken.then_some("ag_a");
                let routing = json!({"team": team, "agent": agent, "rule": "x", "decided_at": now, "candidates": []});
                Ok(order.route(by, serde_json::from_value(routing).unwrap())?)
            }
            Deed::Give(team, taken) => {
                let agent = taken.then_some("ag_b");
                let routing =
                    json!({"team": team, "agent": agent, "rule": "manual", "decided_at": now, "candidates": []});
                let calendar = (team == "tm_b").then_some("always");
                order.give(by, serde_json::from_value(routing).unwrap(), Some("换人".into()), calendar)
            }
            Deed::Overrule(ref metric, minutes) => {
                let due_at = minutes.map(|minutes| now + SignedDuration::from_mins(minutes));
                order.overrule(by, DueOverride { metric: metric.clone(), due_at, reason: "约定 agreed".into() })
            }
            Deed::Watch(true) => order.watch(by, "agent:ag_a".into()),
            Deed::Watch(false) => order.unwatch(by, "agent:ag_a".into()),
            Deed::Customize(name, value) => {
                order.customize(by, [(name.to_owned(), value.map(Custom::Whole))].into_iter().collect())
            }
            Deed::Split(mandatory) => {
                let preview = "退货 return".to_owned();
                let part = order.split(by, Part { category: Category::Account, mandatory, preview })?;
                check_part(&part, order, terms);
                Ok(())
            }
            Deed::Part(done) => {
                let Some(child) = order.children.first() else { return Ok(()) };
                let status = if done { Status::Resolved } else { Status::Reopened };
                let part = WorkOrder { id: child.id.clone(), status, ..order.clone() };
                order.hear_of_part(by, &part)
            }
            Deed::TakeIn => {
                let mut other = another(terms, now);
                other.merge(order, by, false, None)?;
                check_given_up(&other, order, terms);
                Ok(())
            }
            Deed::GiveUp => {
                let mut other = another(terms, now);
                order.merge(&mut other, by, false, None)?;
                check_given_up(order, &other, terms);
                Ok(())
            }
            Deed::Reapply => Ok(order.reapply(by, None, "new year".into())?),
            Deed::Annul => {
                let broken = order.clocks.all.iter().find(|clock| clock.breach.is_some());
                let key = broken.map_or_else(|| order.clocks.all[0].key.clone(), |clock| clock.key.clone());
                order.annul(by, key, "台风".into())
            }
            Deed::CatchUp | Deed::Timer => {
                let (due, facts) = (order.next_due(terms), order.fact_count);
                order.catch_up(Entry::new(&agent, now, terms), None)?;
                let quiet = due.is_none_or(|due| due > now) && order.status != Status::Closed;
                assert!(!quiet || order.fact_count == facts, "nothing is owed before the timer rings");
                Ok(())
            }
        }
    }
}
