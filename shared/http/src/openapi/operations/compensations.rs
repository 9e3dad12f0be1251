//! What customers are given for promises that were not kept.

use super::{COMPENSATION, Operation, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::problem::Code;
use crate::{compensations, read};
use redress_service::compensations::CompensationView;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/compensations", "What customers are to be given, the earliest first")
            .of(COMPENSATION)
            .says("One for each breach that a level of the SLA policy compensates, within the policy's cap for the order.")
            .query(|query| (compensations::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<CompensationView>>(200, &[]),
        operation("GET", "/v1/compensations/{id}", "A compensation")
            .of(COMPENSATION)
            .if_none_match()
            .gives::<CompensationView>(200, &[ETag]),
        operation("POST", "/v1/compensations/{id}/decision", "Approve a compensation, all of it or less, or decline it")
            .of(COMPENSATION)
            .says("Who may follows from the amount that is asked for and from `approval` of the promises: a supervisor up to the band of its currency, an admin any. `amount_minor` may be less than was asked for and never more; whoever gives less, or nothing, says why in `reason`. What is not given no longer counts against the order's cap. The same verdict again is answered as before; another is 409 with the state.")
            .keyed()
            .if_match(false)
            .takes(&read::verdict())
            .example("zh", json!({ "decision": "approved", "amount_minor": 300, "reason": "只晚了几分钟" }))
            .example("en", json!({ "decision": "declined", "reason": "the customer had cancelled before" }))
            .gives::<CompensationView>(200, &[ETag, Replayed])
            .refuses(&[Code::AlreadyDecided]),
    ]
}
