//! Who is who, and what they said.

use super::{CUSTOMERS, Operation, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::Replayed;
use crate::problem::Code;
use crate::read;
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
