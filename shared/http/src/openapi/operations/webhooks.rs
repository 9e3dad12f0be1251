//! Servers of the shop's that are told what happens.

use super::{Operation, WEBHOOKS, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::problem::Code;
use crate::read;
use crate::webhooks::state;
use redress_domain::webhook::Access;
use redress_service::webhooks::{DeliveryView, MadeWebhook, WebhookView};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    [webhooks(), deliveries()].into_iter().flatten().collect()
}

fn webhooks() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/webhooks", "Webhooks, oldest first; never their secrets")
            .of(WEBHOOKS)
            .query(Paging::described)
            .gives::<cursor::Listed<WebhookView>>(200, &[]),
        operation("POST", "/v1/webhooks", "Make a webhook: the answer shows its secret")
            .of(WEBHOOKS)
            .says("Each event is one POST as Standard Webhooks has it: `webhook-id` (the same for all tries), `webhook-timestamp`, `webhook-signature` (`v1,` and HMAC-SHA256 in base64 over `id.timestamp.body`), and a body `{\"type\",\"timestamp\",\"data\"}`; `data` holds ids and small facts, with `work_order_id` and `sequence`, the fact's number on its order: order by that, since events may overtake each other and come more than once. 2xx is delivered, 410 disables; anything else is tried again after about 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h (not before `Retry-After`), and then the webhook is disabled and the supervisors are told. Redirects are not followed; 15 s are waited. https only, to public addresses, which is looked at again at each try.")
            .keyed()
            .takes(&read::webhook(Access::Public))
            .example("zh", json!({ "url": "https://erp.example/redress", "events": ["*"], "description": "ERP 同步" }))
            .example("en", json!({ "url": "https://crm.example/hooks?shop=7", "events": ["work_order.created.v1", "survey.answered.v1"] }))
            .gives::<MadeWebhook>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::TooMany]),
        operation("GET", "/v1/webhooks/{id}", "A webhook, without its secrets")
            .of(WEBHOOKS)
            .if_none_match()
            .gives::<WebhookView>(200, &[ETag]),
        operation("PUT", "/v1/webhooks/{id}", "Replace a webhook; enable or disable it")
            .of(WEBHOOKS)
            .says("Without `state` it stays as it is. One that is enabled again is told what happens from then on; what it missed can be replayed.")
            .keyed()
            .if_match(true)
            .takes(&read::webhook(Access::Public))
            .example("zh", json!({ "url": "https://erp.example/redress", "events": ["*"], "state": "disabled" }))
            .example("en", json!({ "url": "https://crm.example/hooks", "events": ["survey.answered.v1"], "state": "enabled" }))
            .gives::<WebhookView>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/webhooks/{id}", "Remove a webhook; what was not delivered is not any more")
            .of(WEBHOOKS)
            .keyed()
            .if_match(false)
            .gives_nothing(204),
        operation("POST", "/v1/webhooks/{id}/secret", "Another secret: the answer shows it")
            .of(WEBHOOKS)
            .says("For 24 hours more the one before signs, too: two signatures, a space between them. One before that signs no longer.")
            .keyed()
            .if_match(false)
            .gives::<MadeWebhook>(200, &[ETag, Replayed]),
    ]
}

fn deliveries() -> Vec<Operation> {
    vec![
        operation("POST", "/v1/webhooks/{id}/test", "Send an event that stands for nothing")
            .of(WEBHOOKS)
            .says("Of the type `webhook.test.v1`, also to a webhook that is disabled. What came of it stands at `Location`.")
            .keyed()
            .gives::<DeliveryView>(202, &[Location, Replayed]),
        operation("GET", "/v1/webhooks/{id}/deliveries", "What a webhook was told, newest first")
            .of(WEBHOOKS)
            .says("Kept for 30 days after it has ended.")
            .query(|query| {
                state(query);
                Paging::described(query);
            })
            .gives::<cursor::Listed<DeliveryView>>(200, &[]),
        operation("GET", "/v1/webhooks/{id}/deliveries/{delivery}", "One delivery, with its tries")
            .of(WEBHOOKS)
            .gives::<DeliveryView>(200, &[]),
        operation("POST", "/v1/webhooks/{id}/deliveries/{delivery}/replay", "Send it once more, under the same id")
            .of(WEBHOOKS)
            .says("Whatever came of it before; its tries begin anew.")
            .keyed()
            .gives::<DeliveryView>(202, &[Location, Replayed])
            .refuses(&[Code::WebhookDisabled]),
    ]
}
