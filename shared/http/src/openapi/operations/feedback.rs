//! Feedback comes in, and customers see how far it is.

use super::{FEEDBACK, Operation, operation};
use crate::batch::Batched;
use crate::cursor::{self, Paging};
use crate::feedback::{self, Accepted};
use crate::openapi::operation::Header::{Location, Replayed};
use crate::problem::Code;
use crate::read;
use crate::tracking::Tracked;
use jiff::Timestamp;
use redress_service::view::FeedbackView;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("POST", "/v1/feedback", "Take in what a customer said")
            .of(FEEDBACK)
            .says("Needs an `Idempotency-Key`, or the channel's own `source_message_id`: a retry then finds the first try. `automatic`: a machine said it (a mail whose `Auto-Submitted` is not `no`, or that bears our own `X-Redress-Delivery`); it is kept, and no order is made of it. A `bounce` also ends all mail to its customer's address.")
            .keyed()
            .takes(&read::feedback(Timestamp::UNIX_EPOCH))
            .example("zh", json!({
                "channel": "wechat", "message": "快递三天没有更新，包裹到底在哪里？",
                "customer": { "ref": "openid-o6_bmjrPTlm6", "name": "王芳", "tier": "gold", "locale": "zh-CN" },
                "order": { "ref": "88231", "status": "shipped", "courier": "顺丰", "amount": { "amount_minor": 12900, "currency": "CNY" } },
            }))
            .example("en", json!({
                "channel": "email", "message": "The kettle leaks. I'd like my money back.", "source_message_id": "<17@mail.example>",
                "customer": { "ref": "c-1042", "email": "ann@example.com" }, "order": { "ref": "A-7", "sku": "KT-2" },
            }))
            .gives::<Accepted>(202, &[Location, Replayed])
            .refuses(&[Code::IdempotencyKeyMissing, Code::SourceMessageIdReused]),
        operation("GET", "/v1/feedback", "What customers said, oldest first")
            .of(FEEDBACK)
            .says("Whatever was taken in is here a moment later, though nobody has understood it yet. With `customer_ref` it is all that one person said, under whatever reference, and at once. A page of long words may end early.")
            .query(|query| (feedback::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<FeedbackView>>(200, &[]),
        operation("POST", "/v1/feedback/batch", "Take in many, each with an answer of its own")
            .of(FEEDBACK)
            .says("One bad item is nothing to the others. Each needs a name: its own `idempotency_key`, the channel's `source_message_id`, or its place under the request's `Idempotency-Key`. Brought again, what is there already is `replayed` and the rest is taken in. Equal items are one feedback.")
            .keyed()
            .takes(&read::batch(Timestamp::UNIX_EPOCH))
            .example("zh", json!({ "items": [
                { "channel": "weibo", "message": "客服态度太差了", "public": true, "source_message_id": "wb-1", "customer": { "ref": "wb-77" } },
                { "channel": "qq", "message": "什么时候发货", "idempotency_key": "2026-11-27/2", "customer": { "ref": "10001" } },
            ] }))
            .example("en", json!({ "items": [
                { "channel": "api", "message": "Two of six glasses are broken", "customer": { "ref": "c-7" } },
            ] }))
            .gives::<Batched<'_>>(200, &[Replayed]),
        operation("GET", "/v1/feedback/{id}", "A feedback, what it was understood to mean, and how far it is")
            .of(FEEDBACK)
            .says("Readable at once after the 202.")
            .gives::<FeedbackView>(200, &[]),
        operation("GET", "/t/{token}", "How far a feedback is, for the customer who gave it")
            .of(FEEDBACK)
            .says("No login, and nothing about a person. A page in the customer's language, or JSON by `Accept`.")
            .gives::<Tracked>(200, &[])
            .paged(),
    ]
}
