//! Names of things: prefixed, opaque, and derived from what they name, so that doing a thing
//! twice names it once.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, so an id survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 128 bits of SHA-256 over `parts`, each preceded by its length, as 26 characters.
///
/// Lengths keep `["ab", "c"]` and `["a", "bc"]` apart.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    encode(&hash.finalize()[..16])
}

/// Whether `text` can be what [`digest`] made.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Bytes in Crockford's base 32, five bits a character, the last one padded with zero bits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    text
}

/// What an id names, and so what it begins with.
pub trait Kind {
    /// What every such id begins with.
    const PREFIX: &'static str;
}

/// An id of one kind of thing; the kind keeps a feedback's id from standing where an order's is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id<K>(String, #[serde(skip)] PhantomData<K>);

impl<K: Kind> Id<K> {
    /// The id that follows from `parts`; the same parts always give the same id.
    #[must_use]
    pub fn derive(parts: &[&str]) -> Self {
        Self(format!("{}{}", K::PREFIX, digest(parts)), PhantomData)
    }

    /// `text` as an id, if it has the prefix and 1 to 64 characters of `[0-9a-z_-]` after it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(K::PREFIX)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        (!rest.is_empty() && rest.len() <= 64 && rest.chars().all(plain)).then(|| Self(text.to_owned(), PhantomData))
    }

    /// What [`parse`](Self::parse) takes, as a regular expression (ECMA-262).
    #[must_use]
    pub fn pattern() -> String {
        format!("^{}[0-9a-z_-]{{1,64}}$", K::PREFIX)
    }

    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K: Kind> JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        K::PREFIX.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::pattern() })
    }
}

impl<K> std::fmt::Display for Id<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose data it is; every key begins with it.
pub type TenantId = Id<TenantKind>;
/// The kind of [`TenantId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantKind {}
impl Kind for TenantKind {
    const PREFIX: &'static str = "tn_";
}

/// One thing that a customer said.
pub type FeedbackId = Id<FeedbackKind>;
/// The kind of [`FeedbackId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedbackKind {}
impl Kind for FeedbackKind {
    const PREFIX: &'static str = "fb_";
}

/// One obligation that a feedback created.
pub type WorkOrderId = Id<WorkOrderKind>;
/// The kind of [`WorkOrderId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkOrderKind {}
impl Kind for WorkOrderKind {
    const PREFIX: &'static str = "wo_";
}

/// One person who works on orders.
pub type AgentId = Id<AgentKind>;
/// The kind of [`AgentId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentKind {}
impl Kind for AgentKind {
    const PREFIX: &'static str = "ag_";
}

/// One group of agents.
pub type TeamId = Id<TeamKind>;
/// The kind of [`TeamId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TeamKind {}
impl Kind for TeamKind {
    const PREFIX: &'static str = "tm_";
}

/// One question to a customer: was it put right?
pub type SurveyId = Id<SurveyKind>;
/// The kind of [`SurveyId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SurveyKind {}
impl Kind for SurveyKind {
    const PREFIX: &'static str = "sv_";
}

/// One API key; never the key itself.
pub type ApiKeyId = Id<ApiKeyKind>;
/// The kind of [`ApiKeyId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiKeyKind {}
impl Kind for ApiKeyKind {
    const PREFIX: &'static str = "ak_";
}

/// One stretch of an agent's time.
pub type EffortId = Id<EffortIdKind>;
/// The kind of [`EffortId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffortIdKind {}
impl Kind for EffortIdKind {
    const PREFIX: &'static str = "ef_";
}

/// One message on an order.
pub type MessageId = Id<MessageKind>;
/// The kind of [`MessageId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {}
impl Kind for MessageKind {
    const PREFIX: &'static str = "ms_";
}

/// One file that came with what was said.
pub type AttachmentId = Id<AttachmentKind>;
/// The kind of [`AttachmentId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttachmentKind {}
impl Kind for AttachmentKind {
    const PREFIX: &'static str = "at_";
}

/// Something that one receiver is told.
pub type DeliveryId = Id<DeliveryKind>;
/// The kind of [`DeliveryId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryKind {}
impl Kind for DeliveryKind {
    const PREFIX: &'static str = "dl_";
}

/// One address of a server that is told what happens.
pub type WebhookId = Id<WebhookKind>;
/// The kind of [`WebhookId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookKind {}
impl Kind for WebhookKind {
    const PREFIX: &'static str = "wh_";
}

/// What a customer is to be given for one promise that was not kept.
pub type CompensationId = Id<CompensationKind>;
/// The kind of [`CompensationId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompensationKind {}
impl Kind for CompensationKind {
    const PREFIX: &'static str = "cp_";
}

/// Something that went wrong for many at once.
pub type IncidentId = Id<IncidentKind>;
/// The kind of [`IncidentId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentKind {}
impl Kind for IncidentKind {
    const PREFIX: &'static str = "in_";
}

impl AttachmentId {
    /// An id that nobody can guess, from randomness that nobody else has seen.
    #[must_use]
    pub fn random(tenant: &TenantId, nonce: &[u8; 16]) -> Self {
        Self::derive(&[tenant.as_str(), "attachment", &encode(nonce)])
    }
}

impl WorkOrderId {
    /// The order that a feedback creates: one per feedback, whoever asks and however often.
    #[must_use]
    pub fn of(tenant: &TenantId, feedback: &FeedbackId) -> Self {
        Self::derive(&[tenant.as_str(), feedback.as_str()])
    }

    /// The `number`th part of an order, from 1.
    #[must_use]
    pub fn of_part(whole: &Self, number: usize) -> Self {
        Self::derive(&[whole.as_str(), "part", &number.to_string()])
    }
}

impl WorkOrderId {
    /// The order that goes on where `order` has ended for good: one, whoever writes again first.
    #[must_use]
    pub fn following(tenant: &TenantId, order: &Self) -> Self {
        Self::derive(&[tenant.as_str(), "following", order.as_str()])
    }
}

impl WorkOrderId {
    /// The order to call a customer about a survey: at most one for each.
    #[must_use]
    pub fn revisiting(survey: &SurveyId) -> Self {
        Self::derive(&["revisiting", survey.as_str()])
    }
}

impl SurveyId {
    /// The survey of one resolve cycle of an order: at most one.
    #[must_use]
    pub fn of(tenant: &TenantId, order: &WorkOrderId, cycle: u32) -> Self {
        Self::derive(&[tenant.as_str(), order.as_str(), &cycle.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_always_name_the_same_thing() {
        let a = FeedbackId::derive(&["tn_a", "key"]);
        assert_eq!(a, FeedbackId::derive(&["tn_a", "key"]));
        assert_eq!(a.as_str().len(), 3 + 26);
        assert_eq!(FeedbackId::parse(a.as_str()), Some(a));
    }

    #[test]
    fn moving_a_letter_between_parts_names_another_thing() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }

    #[test]
    fn text_that_is_not_an_id_is_not_taken_for_one() {
        for text in ["", "fb_", "wo_abc", "fb_A", "fb_a/b", "fb_反馈", &format!("fb_{}", "a".repeat(65))] {
            assert_eq!(FeedbackId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn base_32_is_crockfords() {
        assert_eq!(encode(&[0xff, 0x00]), "zw00");
        assert_eq!(encode(&[]), "");
    }
}
