//! Calendars and SLA policies as the API takes them. What a calendar's document may be, and what
//! can't be meant in a policy, the domain knows; here its word is told as fields of the request.

use super::feedback::{TIERS, money};
use super::{
    Keys, Object, Read, Reader, Wrong, boolean, by, category, either, instant, list, map, object, one_of, slug, some,
    whole, words, wrong,
};
use crate::openapi;
use jiff::Timestamp;
use redress_domain::calendar::CalendarSpec;
use redress_domain::category::{Category, Sentiment};
use redress_domain::feedback::{Channel, Tier};
use redress_domain::order::Status;
use redress_domain::policy::{
    CalendarVersion, Conditions, LONGEST, PolicyError, Promise, ReopenMode, Reopening, SlaPolicy, Subject, Terms,
};
use redress_domain::priority::Priority;
use redress_domain::sla::{Action, Anchor, Audience, Level, Metric, Repeat};
use redress_service::govern::PlacedPolicy;
use serde_json::{Map, Value, json};

/// The longest label, in characters.
pub(super) const LABEL: usize = 200;

/// As many policies, levels or entries of one kind as a document takes.
pub(super) const MANY: usize = 100;

const SENTIMENTS: [(Sentiment, &str); 3] =
    [(Sentiment::Negative, "negative"), (Sentiment::Neutral, "neutral"), (Sentiment::Positive, "positive")];

pub(crate) const PRIORITIES: [(Priority, &str); 4] =
    [(Priority::P1, "P1"), (Priority::P2, "P2"), (Priority::P3, "P3"), (Priority::P4, "P4")];

const AUDIENCES: [(Audience, &str); 3] =
    [(Audience::Agent, "agent"), (Audience::TeamLead, "team_lead"), (Audience::Supervisors, "supervisors")];

pub(super) fn faults(told: Vec<PolicyError>) -> Vec<Wrong> {
    told.into_iter().map(|PolicyError { pointer, detail }| Wrong { pointer, detail }).collect()
}

/// A calendar: its document, and beside it `id` where it is new, and `name`. `id` is what it is
/// called where the caller does not say.
pub(crate) fn calendar(id: &str, new: bool) -> impl Reader<Of = CalendarVersion> {
    let head = move |fields: &mut Object<'_>| {
        let named = if new { fields.optional("id", slug()) } else { None };
        Some((named, fields.optional("name", words(LABEL))))
    };
    by(
        move |value| {
            let Value::Object(fields) = value else { return wrong("must be an object") };
            let (own, document): (Map<_, _>, Map<_, _>) =
                fields.clone().into_iter().partition(|(name, _)| matches!(name.as_str(), "id" | "name"));
            let head = Object::read(&Value::Object(own), head);
            let entry = CalendarVersion { id: id.to_owned(), version: 1, name: None, calendar: document.into() };
            match (head, Terms::calendar_of(&entry).map_err(faults)) {
                (Ok((named, name)), Ok(_)) => Ok(CalendarVersion { id: named.unwrap_or(entry.id), name, ..entry }),
                (head, document) => Err(head.err().into_iter().chain(document.err()).flatten().collect()),
            }
        },
        move || {
            let mut schema = Object::describe(head);
            let document = written();
            schema["required"] = document["required"].clone();
            if let (Some(all), Some(more)) = (schema["properties"].as_object_mut(), document["properties"].as_object())
            {
                all.extend(more.clone());
            }
            schema
        },
    )
}

/// A calendar's own document, or the word `"24x7"`.
fn document() -> impl Reader<Of = Value> {
    by(
        |value| {
            let entry = CalendarVersion { id: String::new(), version: 1, name: None, calendar: value.clone() };
            Terms::calendar_of(&entry).map_err(faults).map(|_| value.clone())
        },
        || json!({ "anyOf": [{ "const": "24x7" }, written()] }),
    )
}

/// A calendar's document as it is written.
fn written() -> Value {
    let mut schema = openapi::inline::<CalendarSpec>();
    schema["additionalProperties"] = false.into();
    schema["properties"]["hours"]["additionalProperties"] = false.into();
    // The longest name of the IANA database has 32 characters.
    schema["properties"]["time_zone"] =
        json!({ "type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9_+/-]+$", "examples": ["Asia/Shanghai"] });
    schema["properties"]["overrides"]["propertyNames"] = json!({ "format": "date" });
    schema
}

/// An SLA policy, whose calendars are among those of `terms`. `id` is what it is called where the
/// caller does not say.
pub(crate) fn sla_policy(id: &str, new: bool, terms: &Terms) -> impl Reader<Of = PlacedPolicy> {
    object(move |fields| {
        let named = if new { fields.optional("id", slug()) } else { None };
        let position = fields.optional("position", whole(1, MANY as i64)).and_then(|at| usize::try_from(at).ok());
        let mut policy = SlaPolicy::named(&named.unwrap_or_else(|| id.to_owned()));
        policy.name = fields.optional("name", words(LABEL));
        policy.when = fields.optional("when", conditions()).unwrap_or_default();
        policy.no_sla = fields.optional("no_sla", boolean()).unwrap_or_default();
        policy.targets = fields.optional("targets", map(MANY, metrics(), promise())).unwrap_or_default();
        policy.calendar = fields.optional("calendar", slug());
        if let Some(pauses) = fields.optional("pauses", map(MANY, statuses(), list(MANY, metric()))) {
            policy.pauses = pauses;
        }
        if let Some(levels) = fields.optional("levels", list(MANY, level())) {
            policy.levels = levels;
        }
        policy.reopen = fields.optional("reopen", reopening()).unwrap_or_default();
        if let Some(seconds) = fields.optional("retarget_grace_seconds", whole(0, LONGEST)) {
            policy.retarget_grace_seconds = seconds;
        }
        if let Some(seconds) = fields.optional("pause_cap_seconds", whole(60, LONGEST)) {
            policy.pause_cap_seconds = seconds;
        }
        policy.compensation_cap = fields.optional("compensation_cap", money());
        fields.refuse_untold(faults(policy.faults().into_iter().chain(terms.unknown_calendars(&policy)).collect()));
        Some(PlacedPolicy { policy, position })
    })
}

fn conditions() -> impl Reader<Of = Conditions> {
    object(|fields| {
        Some(Conditions {
            channel: fields.optional("channel", some(MANY, one_of::<Channel>(&Channel::ALL))),
            category: fields.optional("category", some(MANY, category())),
            sentiment: fields.optional("sentiment", some(MANY, one_of(&SENTIMENTS))),
            tier: fields.optional("tier", some(MANY, one_of(&TIERS))),
        })
    })
}

/// The keys that are metrics.
fn metrics() -> Keys<Metric> {
    (Metric::pattern(), Metric::parse)
}

/// The keys that are statuses.
fn statuses() -> Keys<Status> {
    (either(Status::ALL.iter().map(|(_, word)| *word)), Status::parse)
}

pub(super) fn metric() -> impl Reader<Of = Metric> {
    by(
        |value| {
            let named = value.as_str().and_then(Metric::parse);
            let words = "must be first_response, next_response, resolution, ownership or statutory:<name>";
            named.map_or_else(|| wrong(words), Ok)
        },
        || json!({ "type": "string", "pattern": Metric::pattern() }),
    )
}

fn promise() -> impl Reader<Of = Promise> {
    object(|fields| {
        Some(Promise {
            calendar: fields.optional("calendar", slug()),
            p1: fields.optional("P1", whole(1, LONGEST)),
            p2: fields.optional("P2", whole(1, LONGEST)),
            p3: fields.optional("P3", whole(1, LONGEST)),
            p4: fields.optional("P4", whole(1, LONGEST)),
            days: fields.optional("days", whole(1, 3_660)).and_then(|days| u32::try_from(days).ok()),
        })
    })
}

fn level() -> impl Reader<Of = Level> {
    object(|fields| {
        let name = fields.required("name", slug());
        let anchor = fields.required("anchor", anchor());
        let audience = fields.required("audience", one_of(&AUDIENCES));
        let metrics = fields.optional("metrics", list(MANY, metric()));
        let actions = fields.optional("actions", list(MANY, action())).unwrap_or_else(|| vec![Action::Notify]);
        let repeat = fields.optional("repeat", repeat());
        let urgent = fields.optional("urgent", boolean()).unwrap_or_default();
        let made = name.zip(anchor).zip(audience);
        made.map(|((name, anchor), audience)| Level { name, metrics, anchor, audience, actions, repeat, urgent })
    })
}

fn anchor() -> impl Reader<Of = Anchor> {
    const SHAPE: &str = r#"must be "at", or an object with one of percent, before, after"#;
    let places = object(|fields| {
        let percent = fields.optional("percent", whole(1, 1_000)).and_then(|percent| u16::try_from(percent).ok());
        let before = fields.optional("before", whole(1, LONGEST));
        let after = fields.optional("after", whole(1, LONGEST));
        let given = [percent.map(Anchor::Percent), before.map(Anchor::Before), after.map(Anchor::After)];
        let mut given = given.into_iter().flatten();
        Some(given.next().filter(|_| given.next().is_none()))
    });
    let place = places.then(|given| given.map_or_else(|| wrong(SHAPE), Ok));
    let place = place.with(json!({ "minProperties": 1, "maxProperties": 1 }));
    word_or("at", |word| (word == "at").then_some(Anchor::At), place, SHAPE)
}

fn action() -> impl Reader<Of = Action> {
    const SHAPE: &str =
        r#"must be notify, raise, reassign, watch, webhook, or {"compensate": {"amount_minor", "currency"}}"#;
    let word = |word: &str| match word {
        "notify" => Some(Action::Notify),
        "raise" => Some(Action::Raise),
        "reassign" => Some(Action::Reassign),
        "watch" => Some(Action::Watch),
        "webhook" => Some(Action::Webhook),
        _ => None,
    };
    let compensate = object(|fields| fields.required("compensate", money()).map(Action::Compensate));
    word_or("notify|raise|reassign|watch|webhook", word, compensate, SHAPE)
}

/// One of some words, or an object.
fn word_or<T>(
    words: &'static str,
    word: impl Fn(&str) -> Option<T>,
    other: impl Reader<Of = T>,
    shape: &'static str,
) -> impl Reader<Of = T> {
    struct WordOr<W, R> {
        words: &'static str,
        word: W,
        other: R,
        shape: &'static str,
    }

    impl<T, W: Fn(&str) -> Option<T>, R: Reader<Of = T>> Reader for WordOr<W, R> {
        type Of = T;

        fn read(&self, value: &Value) -> Read<T> {
            match value {
                Value::String(text) => (self.word)(text).map_or_else(|| wrong(self.shape), Ok),
                Value::Object(_) => self.other.read(value),
                _ => wrong(self.shape),
            }
        }

        fn schema(&self) -> Value {
            let words: Vec<_> = self.words.split('|').collect();
            json!({ "anyOf": [{ "type": "string", "enum": words }, self.other.schema()] })
        }
    }

    WordOr { words, word, other, shape }
}

fn repeat() -> impl Reader<Of = Repeat> {
    object(|fields| {
        let every = fields.required("every_seconds", whole(60, LONGEST));
        let max = fields.required("max", whole(2, 100)).and_then(|max| u32::try_from(max).ok());
        every.zip(max).map(|(every_seconds, max)| Repeat { every_seconds, max })
    })
}

fn reopening() -> impl Reader<Of = Reopening> {
    const MODES: [(ReopenMode, &str); 2] = [(ReopenMode::Continue, "continue"), (ReopenMode::Restart, "restart")];
    object(|fields| {
        let usual = Reopening::default();
        let mode = fields.optional("mode", one_of(&MODES)).unwrap_or(usual.mode);
        let percent = fields.optional("target_percent_after_breach", whole(1, 100));
        let target_percent_after_breach = percent.unwrap_or(usual.target_percent_after_breach);
        Some(Reopening { mode, target_percent_after_breach })
    })
}

/// A question to a calendar that need not be published.
pub(crate) struct CalendarPreview {
    pub(crate) calendar: Value,
    pub(crate) start: Timestamp,
    pub(crate) seconds: i64,
}

/// A question to a calendar: when so many business seconds from an instant on have passed.
pub(crate) fn calendar_preview() -> impl Reader<Of = CalendarPreview> {
    object(|fields| {
        let calendar = fields.required("calendar", document());
        let start = fields.required("start", instant());
        let seconds = fields.required("seconds", whole(0, LONGEST));
        let made = calendar.zip(start).zip(seconds);
        made.map(|((calendar, start), seconds)| CalendarPreview { calendar, start, seconds })
    })
}

/// A question about an order that need not be there.
pub(crate) struct SlaPreview {
    /// By this policy, or by those in force.
    pub(crate) policy: Option<SlaPolicy>,
    pub(crate) subject: Subject,
    pub(crate) priority: Priority,
    pub(crate) start: Timestamp,
}

/// A question about an order: what would be promised to it, and when would that be due.
pub(crate) fn sla_preview(terms: &Terms) -> impl Reader<Of = SlaPreview> {
    object(move |fields| {
        let policy = fields.optional("policy", sla_policy("preview", true, terms)).map(|placed| placed.policy);
        let subject = Subject {
            channel: fields.optional("channel", one_of(&Channel::ALL)).unwrap_or(Channel::Web),
            category: fields.optional("category", category()).unwrap_or(Category::Other),
            sentiment: fields.optional("sentiment", one_of(&SENTIMENTS)).unwrap_or(Sentiment::Neutral),
            tier: fields.optional("tier", one_of(&TIERS)).unwrap_or(Tier::Standard),
        };
        let priority = fields.required("priority", one_of(&PRIORITIES));
        let start = fields.required("start", instant());
        priority.zip(start).map(|(priority, start)| SlaPreview { policy, subject, priority, start })
    })
}
