//! Webhooks, as the API takes them.

use super::text::text;
use super::{Reader, by, no_repeats, object, one_of, some, words, wrong};
use redress_domain::webhook::{ALL, Access, EVENTS, WebhookState, check_url};
use redress_service::webhooks::Wanted;
use serde_json::json;

/// More than an address needs; [`check_url`] has the bound itself.
const ADDRESS: usize = 2_048;

/// As long as people call it.
const DESCRIPTION: usize = 200;

const STATES: [(WebhookState, &str); 2] = [(WebhookState::Enabled, "enabled"), (WebhookState::Disabled, "disabled")];

/// A webhook as its owner wants it; its address must be one that `access` opens.
pub(crate) fn webhook(access: Access) -> impl Reader<Of = Wanted> {
    object(move |fields| {
        let url = fields.required("url", address(access));
        let events = fields.required("events", no_repeats(some(EVENTS.len(), event())));
        let description = fields.nullable("description", words(DESCRIPTION)).flatten();
        let state = fields.optional("state", one_of(&STATES));
        url.zip(events).map(|(url, events)| Wanted { url, events: events.into_iter().collect(), description, state })
    })
}

fn address(access: Access) -> impl Reader<Of = String> {
    let checked = move |url: String| match check_url(&url, access) {
        Ok(url) => Ok(url.into()),
        Err(refused) => wrong(refused.to_string()),
    };
    text(ADDRESS).then(checked).with(
        json!({ "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://", "examples": ["https://shop.example/hooks"] }),
    )
}

fn event() -> impl Reader<Of = String> {
    by(
        |value| match value.as_str().filter(|event| *event == ALL || EVENTS.contains(event)) {
            Some(event) => Ok(event.to_owned()),
            None => wrong("is no event that webhooks are told: see the list in the API's document, or take * for all"),
        },
        || {
            let events: Vec<_> = [ALL].into_iter().chain(EVENTS).collect();
            json!({ "type": "string", "enum": events })
        },
    )
}
