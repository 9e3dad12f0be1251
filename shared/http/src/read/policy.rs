//! Calendars and SLA policies as the API takes them. What a calendar's document may be, and what
//! can't be meant in a policy, the domain knows; here its word is told as fields of the request.

use super::feedback::{TIERS, money};
use super::{Object, Read, Wrong, boolean, instant, list, one_of, whole, within, words, wrong};
use jiff::Timestamp;
use redress_domain::category::{Category, Sentiment};
use redress_domain::feedback::{Channel, Tier};
use redress_domain::order::Status;
use redress_domain::policy::{
    CalendarVersion, Conditions, LONGEST, NAME, PolicyError, Promise, ReopenMode, Reopening, SlaPolicy, Subject, Terms,
};
use redress_domain::priority::Priority;
use redress_domain::sla::{Action, Anchor, Audience, Level, Metric, Repeat};
use redress_service::govern::PlacedPolicy;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest label, in characters.
const LABEL: usize = 200;

/// As many policies, levels or entries of one kind as a document takes.
pub(super) const MANY: usize = 100;

const SENTIMENTS: [(Sentiment, &str); 3] =
    [(Sentiment::Negative, "negative"), (Sentiment::Neutral, "neutral"), (Sentiment::Positive, "positive")];

pub(crate) const PRIORITIES: [(Priority, &str); 4] =
    [(Priority::P1, "P1"), (Priority::P2, "P2"), (Priority::P3, "P3"), (Priority::P4, "P4")];

const AUDIENCES: [(Audience, &str); 3] =
    [(Audience::Agent, "agent"), (Audience::TeamLead, "team_lead"), (Audience::Supervisors, "supervisors")];

/// The name of a calendar or a policy, as it stands in paths.
pub(crate) fn slug(value: &Value) -> Read<String> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    let text = value.as_str().unwrap_or_default();
    if text.is_empty() || text.len() > NAME || !text.bytes().all(plain) {
        return wrong(format!("must be 1 to {NAME} of a-z, 0-9, _ and -"));
    }
    if matches!(text, "preview" | "reapply") {
        return wrong("is the name of a route; take another");
    }
    Ok(text.to_owned())
}

fn faults(told: Vec<PolicyError>) -> Vec<Wrong> {
    told.into_iter().map(|PolicyError { pointer, detail }| Wrong { pointer, detail }).collect()
}

/// A calendar: its document, and beside it `id` where it is new, and `name`. `id` is what it is
/// called where the caller does not say.
pub(crate) fn calendar(value: &Value, id: &str, new: bool) -> Read<CalendarVersion> {
    let Value::Object(fields) = value else { return wrong("must be an object") };
    let mut document: Map<String, Value> = fields.clone();
    let own: Map<String, Value> =
        ["id", "name"].into_iter().filter_map(|key| Some((key.to_owned(), document.remove(key)?))).collect();
    let own = Value::Object(own);
    let mut head = Object::of(&own)?;
    let named = if new { head.optional("id", slug) } else { None };
    let name = head.optional("name", words(LABEL));
    let entry = CalendarVersion {
        id: named.unwrap_or_else(|| id.to_owned()),
        version: 1,
        name,
        calendar: Value::Object(document),
    };
    let (head, document) = (head.close(Some(())), Terms::calendar_of(&entry).map_err(faults));
    match (head, document) {
        (Ok(()), Ok(_)) => Ok(entry),
        (head, document) => Err(head.err().into_iter().chain(document.err()).flatten().collect()),
    }
}

/// A calendar's own document, or the word `"24x7"`.
fn document(value: &Value) -> Read<Value> {
    let entry = CalendarVersion { id: String::new(), version: 1, name: None, calendar: value.clone() };
    Terms::calendar_of(&entry).map_err(faults).map(|_| value.clone())
}

/// An SLA policy, whose calendars are among those of `terms`. `id` is what it is called where the
/// caller does not say.
pub(crate) fn sla_policy(value: &Value, id: &str, new: bool, terms: &Terms) -> Read<PlacedPolicy> {
    let mut fields = Object::of(value)?;
    let named = if new { fields.optional("id", slug) } else { None };
    let position = fields.optional("position", whole(1, MANY as i64)).and_then(|at| usize::try_from(at).ok());
    let mut policy = SlaPolicy::named(&named.unwrap_or_else(|| id.to_owned()));
    policy.name = fields.optional("name", words(LABEL));
    policy.when = fields.optional("when", conditions).unwrap_or_default();
    policy.no_sla = fields.optional("no_sla", boolean).unwrap_or_default();
    policy.targets = fields.optional("targets", map(MANY, metric, promise)).unwrap_or_default();
    policy.calendar = fields.optional("calendar", slug);
    if let Some(pauses) = fields.optional("pauses", map(MANY, status, list(MANY, a_metric))) {
        policy.pauses = pauses;
    }
    if let Some(levels) = fields.optional("levels", list(MANY, level)) {
        policy.levels = levels;
    }
    policy.reopen = fields.optional("reopen", reopening).unwrap_or_default();
    if let Some(seconds) = fields.optional("retarget_grace_seconds", whole(0, LONGEST)) {
        policy.retarget_grace_seconds = seconds;
    }
    if let Some(seconds) = fields.optional("pause_cap_seconds", whole(60, LONGEST)) {
        policy.pause_cap_seconds = seconds;
    }
    policy.compensation_cap = fields.optional("compensation_cap", money);
    let whole = fields.close(Some(()));
    // What could not be read is told already; what it would have meant need not be told too.
    let meant = faults(policy.faults().into_iter().chain(terms.unknown_calendars(&policy)).collect());
    let told: Vec<Wrong> = match whole {
        Ok(()) => meant,
        Err(told) => {
            let again = |fault: &Wrong| {
                told.iter()
                    .any(|wrong| wrong.pointer.starts_with(&fault.pointer) || fault.pointer.starts_with(&wrong.pointer))
            };
            let meant: Vec<_> = meant.into_iter().filter(|fault| !again(fault)).collect();
            told.into_iter().chain(meant).collect()
        }
    };
    if told.is_empty() { Ok(PlacedPolicy { policy, position }) } else { Err(told) }
}

fn conditions(value: &Value) -> Read<Conditions> {
    let mut fields = Object::of(value)?;
    let categories = Category::ALL.map(|category| (category, category.as_str()));
    let conditions = Conditions {
        channel: fields.optional("channel", some(one_of::<Channel>(&Channel::ALL))),
        category: fields.optional("category", some(one_of(&categories))),
        sentiment: fields.optional("sentiment", some(one_of(&SENTIMENTS))),
        tier: fields.optional("tier", some(one_of(&TIERS))),
    };
    fields.close(Some(conditions))
}

/// A list that is not empty: an empty one would match nothing.
fn some<T>(read: impl Fn(&Value) -> Read<T>) -> impl FnOnce(&Value) -> Read<Vec<T>> {
    |value| match list(MANY, read)(value)? {
        none if none.is_empty() => wrong("an empty list matches nothing: leave the condition out"),
        some => Ok(some),
    }
}

/// A list in which nothing stands twice.
pub(super) fn no_repeats<T: PartialEq>(read: impl Fn(&Value) -> Read<Vec<T>>) -> impl Fn(&Value) -> Read<Vec<T>> {
    move |value| {
        let items = read(value)?;
        let twice = items.iter().enumerate().find(|(at, item)| items[..*at].contains(item));
        match twice {
            Some((at, _)) => Err(vec![Wrong { pointer: format!("/{at}"), detail: "stands there twice".to_owned() }]),
            None => Ok(items),
        }
    }
}

/// An object whose keys are read by `key` and whose values by `read`.
pub(super) fn map<K: Ord, V>(
    most: usize,
    key: fn(&str) -> Option<K>,
    read: impl Fn(&Value) -> Read<V>,
) -> impl FnOnce(&Value) -> Read<BTreeMap<K, V>> {
    move |value| {
        let Value::Object(fields) = value else { return wrong("must be an object") };
        if fields.len() > most {
            return wrong(format!("must have at most {most} entries"));
        }
        let (mut made, mut why) = (BTreeMap::new(), Vec::new());
        for (name, value) in fields {
            match (key(name), read(value)) {
                (Some(key), Ok(value)) => drop(made.insert(key, value)),
                (None, _) => {
                    why.extend(within(name, vec![Wrong { pointer: String::new(), detail: "unknown key".to_owned() }]))
                }
                (_, Err(wrong)) => why.extend(within(name, wrong)),
            }
        }
        if why.is_empty() { Ok(made) } else { Err(why) }
    }
}

fn metric(word: &str) -> Option<Metric> {
    Metric::parse(word)
}

fn status(word: &str) -> Option<Status> {
    Status::parse(word)
}

fn a_metric(value: &Value) -> Read<Metric> {
    let named = value.as_str().and_then(Metric::parse);
    let words = "must be first_response, next_response, resolution, ownership or statutory:<name>";
    named.map_or_else(|| wrong(words), Ok)
}

fn promise(value: &Value) -> Read<Promise> {
    let mut fields = Object::of(value)?;
    let promise = Promise {
        calendar: fields.optional("calendar", slug),
        p1: fields.optional("P1", whole(1, LONGEST)),
        p2: fields.optional("P2", whole(1, LONGEST)),
        p3: fields.optional("P3", whole(1, LONGEST)),
        p4: fields.optional("P4", whole(1, LONGEST)),
        days: fields.optional("days", whole(1, 3_660)).and_then(|days| u32::try_from(days).ok()),
    };
    fields.close(Some(promise))
}

fn level(value: &Value) -> Read<Level> {
    let mut fields = Object::of(value)?;
    let name = fields.required("name", slug);
    let anchor = fields.required("anchor", anchor);
    let audience = fields.required("audience", one_of(&AUDIENCES));
    let metrics = fields.optional("metrics", list(MANY, a_metric));
    let actions = fields.optional("actions", list(MANY, action)).unwrap_or_else(|| vec![Action::Notify]);
    let repeat = fields.optional("repeat", repeat);
    let urgent = fields.optional("urgent", boolean).unwrap_or_default();
    let made = name.zip(anchor).zip(audience);
    fields.close(made.map(|((name, anchor), audience)| Level {
        name,
        metrics,
        anchor,
        audience,
        actions,
        repeat,
        urgent,
    }))
}

fn anchor(value: &Value) -> Read<Anchor> {
    if value == "at" {
        return Ok(Anchor::At);
    }
    let shape = r#"must be "at", or an object with one of percent, before, after"#;
    let Ok(mut fields) = Object::of(value) else { return wrong(shape) };
    let percent = fields.optional("percent", whole(1, 1_000)).and_then(|percent| u16::try_from(percent).ok());
    let before = fields.optional("before", whole(1, LONGEST));
    let after = fields.optional("after", whole(1, LONGEST));
    let given = [percent.map(Anchor::Percent), before.map(Anchor::Before), after.map(Anchor::After)];
    let mut given = given.into_iter().flatten();
    let anchor = match (given.next(), given.next()) {
        (Some(anchor), None) => Some(anchor),
        _ => None,
    };
    match fields.close(Some(anchor))? {
        Some(anchor) => Ok(anchor),
        None => wrong(shape),
    }
}

fn action(value: &Value) -> Read<Action> {
    const WORDS: [(&str, Action); 5] = [
        ("notify", Action::Notify),
        ("raise", Action::Raise),
        ("reassign", Action::Reassign),
        ("watch", Action::Watch),
        ("webhook", Action::Webhook),
    ];
    if let Some((_, action)) = WORDS.iter().find(|(word, _)| value == word) {
        return Ok(action.clone());
    }
    let shape = r#"must be notify, raise, reassign, watch, webhook, or {"compensate": {"amount_minor", "currency"}}"#;
    let Ok(mut fields) = Object::of(value) else { return wrong(shape) };
    let amount = fields.required("compensate", money);
    fields.close(amount.map(Action::Compensate))
}

fn repeat(value: &Value) -> Read<Repeat> {
    let mut fields = Object::of(value)?;
    let every = fields.required("every_seconds", whole(60, LONGEST));
    let max = fields.required("max", whole(2, 100)).and_then(|max| u32::try_from(max).ok());
    fields.close(every.zip(max).map(|(every_seconds, max)| Repeat { every_seconds, max }))
}

fn reopening(value: &Value) -> Read<Reopening> {
    const MODES: [(ReopenMode, &str); 2] = [(ReopenMode::Continue, "continue"), (ReopenMode::Restart, "restart")];
    let (mut fields, usual) = (Object::of(value)?, Reopening::default());
    let mode = fields.optional("mode", one_of(&MODES)).unwrap_or(usual.mode);
    let percent = fields.optional("target_percent_after_breach", whole(1, 100));
    let target_percent_after_breach = percent.unwrap_or(usual.target_percent_after_breach);
    fields.close(Some(Reopening { mode, target_percent_after_breach }))
}

/// A question to a calendar that need not be published.
pub(crate) struct CalendarPreview {
    pub(crate) calendar: Value,
    pub(crate) start: Timestamp,
    pub(crate) seconds: i64,
}

/// A question to a calendar: when so many business seconds from an instant on have passed.
pub(crate) fn calendar_preview(value: &Value) -> Read<CalendarPreview> {
    let mut fields = Object::of(value)?;
    let calendar = fields.required("calendar", document);
    let start = fields.required("start", instant);
    let seconds = fields.required("seconds", whole(0, LONGEST));
    let made = calendar.zip(start).zip(seconds);
    fields.close(made.map(|((calendar, start), seconds)| CalendarPreview { calendar, start, seconds }))
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
pub(crate) fn sla_preview(value: &Value, terms: &Terms) -> Read<SlaPreview> {
    let mut fields = Object::of(value)?;
    let categories = Category::ALL.map(|category| (category, category.as_str()));
    let policy =
        fields.optional("policy", |value| sla_policy(value, "preview", true, terms).map(|placed| placed.policy));
    let subject = Subject {
        channel: fields.optional("channel", one_of(&Channel::ALL)).unwrap_or(Channel::Web),
        category: fields.optional("category", one_of(&categories)).unwrap_or(Category::Other),
        sentiment: fields.optional("sentiment", one_of(&SENTIMENTS)).unwrap_or(Sentiment::Neutral),
        tier: fields.optional("tier", one_of(&TIERS)).unwrap_or(Tier::Standard),
    };
    let priority = fields.required("priority", one_of(&PRIORITIES));
    let start = fields.required("start", instant);
    fields.close(priority.zip(start).map(|(priority, start)| SlaPreview { policy, subject, priority, start }))
}
