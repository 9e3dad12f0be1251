//! A feedback as the API takes it.

use super::text::{currency, email, locale, text};
use super::{Object, Reader, boolean, id, instant, list, no_repeats, object, one_of, whole, words, wrong};
use jiff::{SignedDuration, Timestamp};
use redress_domain::feedback::{Automatic, Channel, Customer, Feedback, Money, Purchase, Tier};
use redress_domain::id::{AttachmentId, AttachmentKind, FeedbackKind};
use redress_domain::order::later;

/// The longest message and the longest transcript, in characters.
pub(super) const MESSAGE: usize = 8_000;

/// The longest reference, in characters.
pub(crate) const REFERENCE: usize = 128;

/// As many attachments as one feedback or message takes.
const ATTACHMENTS: usize = 20;

/// How far ahead of ours a channel's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Integers that every reader of JSON keeps exactly.
///
/// # Source
/// RFC 7493 (I-JSON), section 2.2.
pub(super) const EXACT: i64 = (1 << 53) - 1;

pub(super) const TIERS: [(Tier, &str); 4] =
    [(Tier::Standard, "standard"), (Tier::Silver, "silver"), (Tier::Gold, "gold"), (Tier::Vip, "vip")];

/// A feedback that comes in at `now`.
pub(crate) fn feedback(now: Timestamp) -> impl Reader<Of = Feedback> {
    object(move |fields| said(fields, now))
}

/// The fields of a feedback that comes in at `now`.
pub(super) fn said(fields: &mut Object<'_>, now: Timestamp) -> Option<Feedback> {
    let channel = fields.required("channel", one_of(&Channel::ALL));
    let message = fields.required("message", words(MESSAGE));
    let customer = fields.required("customer", customer());
    let order = fields.optional("order", purchase());
    let source_message_id = fields.optional("source_message_id", words(255));
    let occurred_at = fields.optional("occurred_at", past(now));
    let locale = fields.optional("locale", locale());
    let public = fields.optional("public", boolean()).unwrap_or(false);
    let attachments = fields.optional("attachments", attachments()).unwrap_or_default();
    let thread = fields.optional("thread", id::<FeedbackKind>());
    let transcript = fields.optional("transcript", text(MESSAGE));
    let automatic = fields.nullable("automatic", one_of(&Automatic::ALL)).flatten();
    channel.zip(message).zip(customer).map(|((channel, message), customer)| Feedback {
        channel,
        message,
        customer,
        order,
        source_message_id,
        occurred_at,
        locale,
        public,
        attachments,
        thread,
        transcript,
        automatic,
    })
}

/// Files, by their ids: which of them there are, the store knows.
pub(super) fn attachments() -> impl Reader<Of = Vec<AttachmentId>> {
    no_repeats(list(ATTACHMENTS, id::<AttachmentKind>()))
}

fn customer() -> impl Reader<Of = Customer> {
    object(|fields| {
        let reference = fields.required("ref", words(REFERENCE));
        let name = fields.optional("name", text(200));
        let email = fields.optional("email", email());
        let phone = fields.optional("phone", text(64));
        let tier = fields.optional("tier", one_of(&TIERS));
        let locale = fields.optional("locale", locale());
        reference.map(|reference| Customer { reference, name, email, phone, tier, locale })
    })
}

fn purchase() -> impl Reader<Of = Purchase> {
    object(|fields| {
        Some(Purchase {
            reference: fields.optional("ref", words(REFERENCE)),
            sku: fields.optional("sku", words(REFERENCE)),
            product_type: fields.optional("product_type", words(REFERENCE)),
            lot: fields.optional("lot", words(REFERENCE)),
            courier: fields.optional("courier", words(REFERENCE)),
            warehouse: fields.optional("warehouse", words(REFERENCE)),
            status: fields.optional("status", words(REFERENCE)),
            amount: fields.optional("amount", money()),
            delivered_at: fields.optional("delivered_at", instant()),
        })
    })
}

pub(super) fn money() -> impl Reader<Of = Money> {
    object(|fields| {
        let amount = fields.required("amount_minor", whole(-EXACT, EXACT));
        let currency = fields.required("currency", currency());
        amount.zip(currency).map(|(amount_minor, currency)| Money { amount_minor, currency })
    })
}

fn past(now: Timestamp) -> impl Reader<Of = Timestamp> {
    instant()
        .then(move |at| if at > later(now, AHEAD) { wrong("must not be more than 24 hours ahead") } else { Ok(at) })
}
