//! Whom a message reaches, how, and when: or why it does not.

mod quiet;

pub use quiet::{QuietHours, TimeOfDay};

use crate::category::Language;
use crate::feedback::Channel;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A way to tell somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// The console's inbox; customers have none.
    InApp,
}

impl Medium {
    /// What reaches customers, and its word in JSON.
    pub const OUTSIDE: [(Self, &'static str); 2] = [(Self::Email, "email"), (Self::Sms, "sms")];
}

/// What a message is about: as much as somebody can ask not to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Customers: was it put right?
    Survey,
    /// Customers: how far it is.
    Progress,
    /// Customers: what a person answered them.
    Reply,
    /// Agents: what they work on, and no longer.
    Assignment,
    /// Agents: a promise is in danger, or a customer is.
    Escalation,
    /// Agents: what they watch.
    Watching,
    /// Agents: what they asked to be told, and what waits for a decision.
    Report,
}

impl Topic {
    /// What customers are told of, and its word in JSON.
    pub const CUSTOMERS: [(Self, &'static str); 3] =
        [(Self::Survey, "survey"), (Self::Progress, "progress"), (Self::Reply, "reply")];

    /// What agents are told of, and its word in JSON.
    pub const AGENTS: [(Self, &'static str); 4] = [
        (Self::Assignment, "assignment"),
        (Self::Escalation, "escalation"),
        (Self::Watching, "watching"),
        (Self::Report, "report"),
    ];

    /// What a template is about; `None` for what is told to nobody in words.
    #[must_use]
    pub fn of(template: &str) -> Option<Self> {
        Some(match template {
            "survey_invitation" | "survey_reminder" => Self::Survey,
            "order_resolved" | "incident" => Self::Progress,
            "reply_posted" => Self::Reply,
            "order_assigned" | "order_taken_away" | "order_merged" | "order_child_done" | "order_child_reopened" => {
                Self::Assignment
            }
            "order_escalated" | "sentiment_dropped" => Self::Escalation,
            "order_watched" => Self::Watching,
            "order_reported" | "compensation_requested" | "webhook_disabled" => Self::Report,
            _ => return None,
        })
    }

    /// Whether a person wrote it to this one reader, who waits for it.
    #[must_use]
    pub fn is_personal(self) -> bool {
        self == Self::Reply
    }
}

/// Why nobody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreached {
    /// No address is known by which this reader is told such things.
    NoAddress,
    /// The reader asked not to be told.
    OptedOut,
    /// The address bounced, complained or unsubscribed.
    Suppressed,
    /// So many messages went to this address within an hour that it looks like a loop.
    TooMany,
}

impl Unreached {
    /// The word for it in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::OptedOut => "opted_out",
            Self::Suppressed => "suppressed",
            Self::TooMany => "too_many",
        }
    }
}

/// As many messages go to one address within an hour, what people wrote not counted: more are a loop.
///
/// # Source
/// docs/adr/0027: nobody is told of one order more than a few times a day; a loop turns within seconds.
pub const MOST_AN_HOUR: u32 = 10;

/// What a customer wishes; what is absent is as the channel and the shop's policy have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerWishes {
    /// By what to be told, first choice first; empty: by nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Medium>>,
    /// Of what not to be told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub muted: BTreeSet<Topic>,
    /// In which language, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl CustomerWishes {
    /// Whether the customer asked not to be told of that, or of anything.
    #[must_use]
    pub fn declines(&self, topic: Topic) -> bool {
        self.muted.contains(&topic) || self.channels.as_ref().is_some_and(Vec::is_empty)
    }
}

/// What an agent wishes, and by what else than the console the agent is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentWishes {
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number, for what is urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Of what to be told in the console only.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mute: BTreeSet<Topic>,
    /// When not to be told but of what is urgent, except in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// In which language, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl AgentWishes {
    /// Whether what is about that stands in the console, and goes nowhere else.
    #[must_use]
    pub fn stays_inside(&self, topic: Topic) -> bool {
        self.mute.contains(&topic) || (self.email.is_none() && self.phone.is_none())
    }
}

/// An address as far as the choice must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// None is known.
    Unknown,
    /// One is known, and nothing speaks against it.
    Open,
    /// One is known that wants no mail of ours that nobody wrote.
    Unsubscribed,
    /// One is known to which nothing goes any more.
    Closed,
}

/// What is to be told, when, and what the addresses are like.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    /// What it is about.
    pub topic: Topic,
    /// Whether it waits for nobody's hours.
    pub urgent: bool,
    /// The e-mail address.
    pub email: Address,
    /// The telephone number.
    pub phone: Address,
    /// Now.
    pub now: Timestamp,
}

/// How a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// By this, now. By one and not by several: a try that half succeeded would tell twice.
    By(Medium),
    /// Not before this instant; then it is to be asked again.
    Later(Timestamp),
    /// Not at all.
    Not(Unreached),
}

/// How a customer is told who spoke to us by `channel`. `quiet`: the hours in which customers are
/// left alone, on the clock of `zone`.
#[must_use]
pub fn customer(
    telling: Telling,
    channel: Channel,
    wishes: &CustomerWishes,
    (quiet, zone): (QuietHours, &str),
) -> Reach {
    if let Some(why) = never(channel, telling.topic, wishes) {
        return Reach::Not(why);
    }
    let media = wishes.channels.clone().unwrap_or_else(|| by_channel(channel, telling.topic));
    // Who wants no mails of ours is not written to by another way instead, unless that is their choice.
    if wishes.channels.is_none() && media.iter().any(|medium| telling.is_unwanted(*medium)) {
        return Reach::Not(Unreached::Suppressed);
    }
    let Some(medium) = media.iter().copied().find(|medium| telling.address(*medium).takes(telling.topic)) else {
        return Reach::Not(telling.why_not(&media));
    };
    // Whoever wrote a mail waits for the answer, and a mail wakes nobody; a survey comes when its own
    // policy says, in the customer's own day.
    let answers = telling.topic.is_personal() && medium == Medium::Email;
    let at_once = telling.urgent || answers || telling.topic == Topic::Survey;
    match quiet.end(telling.now, zone).filter(|_| !at_once) {
        Some(end) => Reach::Later(end),
        None => Reach::By(medium),
    }
}

/// Why a customer who spoke to us by `channel` is not told of a topic, wherever that customer lives; `None`
/// if an address decides.
#[must_use]
pub fn never(channel: Channel, topic: Topic, wishes: &CustomerWishes) -> Option<Unreached> {
    if wishes.declines(topic) {
        return Some(Unreached::OptedOut);
    }
    (wishes.channels.is_none() && by_channel(channel, topic).is_empty()).then_some(Unreached::NoAddress)
}

/// How an agent is told: in the console always; and outside of it by mail, or, if it is urgent and
/// there is a telephone, by text message.
#[must_use]
pub fn agent(telling: Telling, wishes: &AgentWishes, zone: &str) -> Reach {
    let sms = telling.urgent && telling.phone.takes(telling.topic);
    let medium = match (sms, telling.email.takes(telling.topic)) {
        _ if wishes.mute.contains(&telling.topic) => return Reach::By(Medium::InApp),
        (true, _) => Medium::Sms,
        (false, true) => Medium::Email,
        (false, false) => return Reach::By(Medium::InApp),
    };
    let quiet = wishes.quiet_hours.filter(|_| !telling.urgent);
    match quiet.and_then(|quiet| quiet.end(telling.now, zone)) {
        Some(end) => Reach::Later(end),
        None => Reach::By(medium),
    }
}

/// By what the customers of a channel are told. Where the shop itself carries the conversation (its
/// app, a chat, WeChat, a marketplace), it shows there what was answered and how far it is: a mail
/// beside it would tell twice. The question whether it was put right is ours alone.
fn by_channel(channel: Channel, topic: Topic) -> Vec<Medium> {
    match channel {
        Channel::Email => vec![Medium::Email, Medium::Sms],
        Channel::Sms | Channel::Phone => vec![Medium::Sms, Medium::Email],
        _ if topic == Topic::Survey => vec![Medium::Email, Medium::Sms],
        _ => Vec::new(),
    }
}

impl Address {
    fn takes(self, topic: Topic) -> bool {
        self == Self::Open || (self == Self::Unsubscribed && topic.is_personal())
    }
}

impl Telling {
    fn address(&self, medium: Medium) -> Address {
        match medium {
            Medium::Email => self.email,
            Medium::Sms => self.phone,
            Medium::InApp => Address::Unknown,
        }
    }

    /// Whether the reader ended by a link what would come there.
    fn is_unwanted(&self, medium: Medium) -> bool {
        self.address(medium) == Address::Unsubscribed && !self.topic.is_personal()
    }

    fn why_not(&self, media: &[Medium]) -> Unreached {
        match media.iter().any(|medium| self.address(*medium) != Address::Unknown) {
            true => Unreached::Suppressed,
            false => Unreached::NoAddress,
        }
    }
}

/// In which language somebody is told: as the tag says, in Chinese if that is Chinese and in English
/// if it is another; else in what the person wrote; else in the shop's own.
///
/// ```
/// use redress_domain::category::Language;
/// use redress_domain::reach::language;
///
/// assert_eq!(language(Some("zh-HK"), None, Language::En), Language::Zh);
/// assert_eq!(language(Some("fr"), Some(Language::Zh), Language::Zh), Language::En);
/// assert_eq!(language(None, Some(Language::Zh), Language::En), Language::Zh);
/// assert_eq!(language(None, None, Language::Zh), Language::Zh);
/// ```
#[must_use]
pub fn language(tag: Option<&str>, wrote: Option<Language>, shops: Language) -> Language {
    let by_tag = tag.and_then(|tag| tag.split(['-', '_']).next()).filter(|primary| !primary.is_empty());
    let known = by_tag.map(|primary| if primary.eq_ignore_ascii_case("zh") { Language::Zh } else { Language::En });
    match known.or(wrote).unwrap_or(shops) {
        Language::Zh => Language::Zh,
        Language::En | Language::Other => Language::En,
    }
}

#[cfg(test)]
mod tests;
