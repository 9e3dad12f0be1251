//! What people wish to be told, and addresses to which nothing goes, as the API takes them.

use super::identity::VALUE;
use super::instant::instant;
use super::policy::faults;
use super::text::{email, locale, text};
use super::{Reader, by, list, no_repeats, object, one_of, words, wrong};
use jiff::Timestamp;
use redress_domain::identity::{Identity, IdentityKind};
use redress_domain::reach::{AgentWishes, CustomerWishes, Medium, QuietHours, TimeOfDay, Topic};
use redress_domain::suppression::SuppressedBecause;
use serde_json::json;

/// More than there are topics or media.
const FEW: usize = 8;

/// What a customer wishes; what is left out is as the channel and the shop have it.
pub(crate) fn customer_wishes() -> impl Reader<Of = CustomerWishes> {
    object(|fields| {
        let channels = fields.nullable("channels", no_repeats(list(FEW, one_of(&Medium::OUTSIDE)))).flatten();
        let muted = fields.optional("muted", no_repeats(list(FEW, one_of(&Topic::CUSTOMERS)))).unwrap_or_default();
        let locale = fields.nullable("locale", locale()).flatten();
        Some(CustomerWishes { channels, muted: muted.into_iter().collect(), locale })
    })
}

/// What an agent wishes, and where else than in the console the agent is told.
pub(crate) fn agent_wishes() -> impl Reader<Of = AgentWishes> {
    object(|fields| {
        let email = fields.nullable("email", email()).flatten();
        let phone = fields.nullable("phone", phone()).flatten();
        let mute = fields.optional("mute", no_repeats(list(FEW, one_of(&Topic::AGENTS)))).unwrap_or_default();
        let quiet_hours = fields.nullable("quiet_hours", quiet_hours()).flatten();
        let locale = fields.nullable("locale", locale()).flatten();
        Some(AgentWishes { email, phone, mute: mute.into_iter().collect(), quiet_hours, locale })
    })
}

fn phone() -> impl Reader<Of = String> {
    let number = |number: String| match Identity::read(IdentityKind::Phone, &number) {
        Some(_) => Ok(number),
        None => wrong("must be one telephone number of 7 to 15 digits, without an extension"),
    };
    text(64).then(number).with(json!({ "pattern": "[0-9]" }))
}

/// Hours in which somebody is left alone, agent or customer.
pub(super) fn quiet_hours() -> impl Reader<Of = QuietHours> {
    object(|fields| {
        let (from, to) = (fields.required("from", time_of_day()), fields.required("to", time_of_day()));
        let hours = from.zip(to).map(|(from, to)| QuietHours { from, to });
        fields.refuse_untold(faults(hours.map(QuietHours::faults).unwrap_or_default()));
        hours
    })
}

fn time_of_day() -> impl Reader<Of = TimeOfDay> {
    by(
        |value| match value.as_str().and_then(TimeOfDay::parse) {
            Some(time) => Ok(time),
            None => wrong("must be a time of day like 09:00, to 23:59"),
        },
        || json!({ "type": "string", "pattern": TimeOfDay::PATTERN }),
    )
}

/// Until when everything is read; now, if nothing is said.
pub(crate) fn read_until() -> impl Reader<Of = Option<Timestamp>> {
    object(|fields| Some(fields.optional("until", instant())))
}

/// Addresses that can be suppressed.
const KINDS: [(IdentityKind, &str); 2] = [(IdentityKind::Email, "email"), (IdentityKind::Phone, "phone")];

/// An address to be put on the list, and why.
pub(crate) fn suppression() -> impl Reader<Of = (Identity, SuppressedBecause)> {
    object(|fields| {
        let address = super::identity::named(fields, &KINDS, words(VALUE).with(json!({ "pattern": "[@0-9]" })));
        let because = fields.optional("because", one_of(&SuppressedBecause::ALL));
        address.map(|address| (address, because.unwrap_or(SuppressedBecause::Asked)))
    })
}
