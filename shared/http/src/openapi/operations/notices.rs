//! Who is told what, and how.

use super::{NOTICES, Operation, operation};
use crate::cursor::{self, Paging};
use crate::notices::filter;
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::read;
use crate::unsubscribe::Unsubscription;
use redress_domain::reach::AgentWishes;
use redress_domain::suppression::Suppression;
use redress_service::inbox::{NoticeView, ReadUntil};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    [inbox(), preferences(), suppressions(), unsubscribing()].into_iter().flatten().collect()
}

fn inbox() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/notices", "The console's inbox, newest first")
            .of(NOTICES)
            .says("An agent's own; and for whoever leads the one that they share, in which stands what is told to supervisors. `agent`: another agent's, for admins and auditors. In the language of `Accept-Language`. Poll it with `If-None-Match`.")
            .query(|query| drop((filter(query), Paging::described(query))))
            .if_none_match()
            .gives::<cursor::Listed<NoticeView>>(200, &[ETag]),
        operation("POST", "/v1/notices/read", "Everything until an instant is read; until now, if none is given")
            .of(NOTICES)
            .says("Never goes back: said again, or for an earlier instant, it changes nothing.")
            .takes(&read::read_until())
            .example("zh", json!({}))
            .example("en", json!({ "until": "2026-11-25T08:00:00Z" }))
            .gives::<ReadUntil>(200, &[]),
        operation("POST", "/v1/notices/{id}/read", "One line is read")
            .of(NOTICES)
            .says("Said again, it changes nothing.")
            .gives::<NoticeView>(200, &[]),
    ]
}

fn preferences() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/agents/{id}/preferences", "What an agent wishes to be told, and how")
            .of(NOTICES)
            .says("For the agent and for admins. An agent who has said nothing has version 0: told in the console alone.")
            .if_none_match()
            .gives::<AgentWishes>(200, &[ETag]),
        operation("PUT", "/v1/agents/{id}/preferences", "Say what an agent wishes to be told, and how")
            .of(NOTICES)
            .says("The console shows everything always. A mail goes to `email`, and a text message to `phone` if it is urgent; not for what is in `mute`, and not within `quiet_hours` unless it is urgent.")
            .keyed()
            .if_match(true)
            .takes(&read::agent_wishes())
            .example("zh", json!({ "email": "mei@example.com", "mute": ["watching"], "quiet_hours": { "from": "20:00", "to": "08:30" }, "locale": "zh-CN" }))
            .example("en", json!({ "email": "ann@example.com", "phone": "+44 20 7946 0123", "quiet_hours": null }))
            .gives::<AgentWishes>(200, &[ETag, Replayed]),
    ]
}

fn unsubscribing() -> Vec<Operation> {
    vec![
        operation("GET", "/u/{token}", "A customer may end mails that nobody wrote")
            .of(NOTICES)
            .says("The link stands in every such mail. A page that works without scripts, or JSON by `Accept`. Reading it changes nothing.")
            .gives::<Unsubscription>(200, &[])
            .paged(),
        operation("POST", "/u/{token}", "End mails that nobody wrote")
            .of(NOTICES)
            .says("Needs no body and reads none, as RFC 8058 has it. What a person writes to the customer still goes out.")
            .gives::<Unsubscription>(200, &[])
            .paged(),
    ]
}

fn suppressions() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/suppressions", "Addresses to which nothing goes any more, by id")
            .of(NOTICES)
            .says("What bounced, complained, unsubscribed, or was put here. Kept as digests: of an address no more is shown than tells one from another.")
            .query(Paging::described)
            .gives::<cursor::Listed<Suppression>>(200, &[]),
        operation("POST", "/v1/suppressions", "Put an address on the list")
            .of(NOTICES)
            .says("One that stands there already keeps its own reason, unless it only unsubscribed: then this one says more. An address that unsubscribed still gets what a person wrote to it.")
            .keyed()
            .takes(&read::suppression())
            .example("zh", json!({ "kind": "phone", "value": "+86 138 0013 8000" }))
            .example("en", json!({ "kind": "email", "value": "ann@example.com", "because": "complained" }))
            .gives::<Suppression>(201, &[ETag, Location, Replayed]),
        operation("GET", "/v1/suppressions/{id}", "An address on the list")
            .of(NOTICES)
            .if_none_match()
            .gives::<Suppression>(200, &[ETag]),
        operation("DELETE", "/v1/suppressions/{id}", "Take an address off the list")
            .of(NOTICES)
            .keyed()
            .gives_nothing(204),
    ]
}
