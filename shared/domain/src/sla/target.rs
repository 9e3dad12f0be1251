//! What is promised, to whom, by which version of what.

use crate::policy::NAME;
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// What is promised.
///
/// In JSON a word: `first_response`, `next_response`, `resolution`, `ownership`, or
/// `statutory:<name>` with a name of small letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// A person's first public answer.
    FirstResponse,
    /// A person's public answer to a later message.
    NextResponse,
    /// From creation to resolved.
    Resolution,
    /// From a team's queue to an agent; internal.
    Ownership,
    /// What a law gives, in calendar days: never paused, the same for every priority.
    Statutory(String),
}

impl Metric {
    /// What the word of a statutory metric begins with.
    const STATUTORY: &'static str = "statutory:";

    /// The metrics that every shop has; statutory ones are named by its policies.
    pub const NAMED: [Self; 4] = [Self::FirstResponse, Self::NextResponse, Self::Resolution, Self::Ownership];

    /// The word used in JSON.
    #[must_use]
    pub fn word(&self) -> Cow<'static, str> {
        match self {
            Self::FirstResponse => "first_response".into(),
            Self::NextResponse => "next_response".into(),
            Self::Resolution => "resolution".into(),
            Self::Ownership => "ownership".into(),
            Self::Statutory(name) => format!("{}{name}", Self::STATUTORY).into(),
        }
    }

    /// The metric of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let law = |name: &&str| {
            !name.is_empty()
                && name.len() <= NAME
                && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        match word.strip_prefix(Self::STATUTORY) {
            Some(name) => Some(name).filter(law).map(|name| Self::Statutory(name.to_owned())),
            None => Self::NAMED.into_iter().find(|metric| metric.word() == word),
        }
    }

    /// What [`parse`](Self::parse) takes, as a regular expression (ECMA-262).
    #[must_use]
    pub fn pattern() -> String {
        let named = Self::NAMED.map(|metric| metric.word().into_owned()).join("|");
        format!("^({named}|{}[a-z0-9_]{{1,{NAME}}})$", Self::STATUTORY)
    }

    /// Whether a law gives it, and no priority, pause or team changes it.
    #[must_use]
    pub fn is_statutory(&self) -> bool {
        matches!(self, Self::Statutory(_))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word())
    }
}

impl JsonSchema for Metric {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::pattern() })
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<'_, str>::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| serde::de::Error::custom(format_args!("{word} is no metric")))
    }
}

/// One immutable version of a calendar or a policy. Shown as `id@version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct VersionRef {
    /// Its name within the tenant.
    pub id: String,
    /// From 1; a version never changes.
    pub version: u32,
}

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

/// How much time, on which calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Business milliseconds. Of a statutory target, the elapsed milliseconds from its start to the
    /// end of its last day, known once it has started.
    pub ms: i64,
    /// The calendar that they are counted on; a statutory target takes its time zone alone.
    pub calendar: VersionRef,
    /// Whole local days of a statutory target, the day of its start not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Target {
    /// As a duration.
    #[must_use]
    pub fn duration(&self) -> SignedDuration {
        SignedDuration::from_millis(self.ms)
    }

    /// In whole seconds, as the API shows it.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.ms / 1000
    }

    /// A share of it, in percent; at least a millisecond, unless it is nothing.
    #[must_use]
    pub(super) fn percent(&self, percent: i64) -> Self {
        Self { ms: (self.ms.saturating_mul(percent) / 100).max(self.ms.min(1)), ..self.clone() }
    }
}

/// What is promised to one order: copied from a policy version when it was matched, so that no
/// later version changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// The policy that matched.
    pub policy: VersionRef,
    /// How much time for each metric; what is absent is not promised.
    pub targets: BTreeMap<Metric, Target>,
}

/// Which clock of an order: what escalation and breach records are keyed by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ClockKey {
    /// What is promised.
    pub metric: Metric,
    /// In which cycle, from 1.
    pub cycle: u32,
    /// The how-manieth of this metric in this cycle, from 1: every exchange has a record of its own.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub exchange: u32,
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_first(exchange: &u32) -> bool {
    *exchange == first()
}

impl fmt::Display for ClockKey {
    /// As it stands in ids: `<cycle>/<metric>`, and `/<exchange>` from the second on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cycle, self.metric)?;
        if is_first(&self.exchange) { Ok(()) } else { write!(f, "/{}", self.exchange) }
    }
}

/// Business time as the API tells it: seconds, and a fraction only where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(i64);

impl Seconds {
    /// Of a duration, to the millisecond.
    #[must_use]
    pub fn of(time: SignedDuration) -> Self {
        Self(super::clock::millis(time))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Milliseconds are exact in a float for 285,000 years.
        write!(f, "{}", self.0 as f64 / 1000.0)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

impl JsonSchema for Seconds {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}
