//! Who is who, and what they said.

use super::{CUSTOMERS, Operation, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::problem::Code;
use crate::read;
use redress_domain::reach::CustomerWishes;
use redress_service::customers::{CustomerView, LinkView, TimelineEntry};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/customers/{ref}", "A customer: every reference, and why they are one person; the orders that are open")
            .of(CUSTOMERS)
            .says("Percent-encode the reference, slashes too. Of telephone numbers and addresses no more is shown than tells one from another.")
            .gives::<CustomerView>(200, &[]),
        operation("GET", "/v1/customers/{ref}/timeline", "What one person said over all channels, oldest first")
            .of(CUSTOMERS)
            .query(Paging::described)
            .gives::<cursor::Listed<TimelineEntry>>(200, &[]),
        operation("GET", "/v1/customers/{ref}/preferences", "What a customer wishes to be told, and how")
            .of(CUSTOMERS)
            .says("A customer who has said nothing has version 0: told by the channel that was spoken by.")
            .if_none_match()
            .gives::<CustomerWishes>(200, &[ETag]),
        operation("PUT", "/v1/customers/{ref}/preferences", "Say what a customer wishes to be told, and how")
            .of(CUSTOMERS)
            .says("`channels`: by the first of these that has an address; an empty list: by none. `muted`: `survey`, `progress` (it is resolved), `reply` (what a person answered). `locale`: in which language.")
            .keyed()
            .if_match(true)
            .takes(&read::customer_wishes())
            .example("zh", json!({ "channels": ["sms"], "muted": ["survey"], "locale": "zh-CN" }))
            .example("en", json!({ "channels": ["email", "sms"], "muted": [], "locale": "en" }))
            .gives::<CustomerWishes>(200, &[ETag, Replayed]),
        operation("POST", "/v1/customers/{ref}/identities", "Say that another identity is of the same person")
            .of(CUSTOMERS)
            .says("What one feedback names together (reference, telephone, address) is linked by itself. Said again, it changes nothing. What more than 16 share joins nobody.")
            .keyed()
            .takes(&read::identity())
            .example("zh", json!({ "kind": "openid", "value": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M" }))
            .example("en", json!({ "kind": "email", "value": "ann@example.com" }))
            .gives::<LinkView>(201, &[Replayed])
            .refuses(&[Code::Crowded]),
    ]
}
