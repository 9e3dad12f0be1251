//! What a shop promises in public.

use super::{Operation, POLICY, operation};
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::{promise_page, read};
use redress_domain::policy::Terms;
use redress_service::promises::{PromisesView, Published};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let terms = Terms::shipped();
    vec![
        operation("GET", "/v1/promises", "What the shop promises in public, with the figures that its clocks keep")
            .of(POLICY)
            .says("A figure is read from the SLA policy that the promise rests on, whenever somebody looks, so that what is published can't differ from what the clocks keep. Orders that are open keep what was agreed for them. The `ETag` is the version of what was written here, for `If-Match`; figures change with the policies.")
            .gives::<PromisesView>(200, &[ETag]),
        operation("PUT", "/v1/promises", "Publish promises anew, all of them, and who approves compensation")
            .of(POLICY)
            .says("`backed_by` names a metric of an SLA policy that is in force; neither can be taken away while a promise rests on it. Without it a promise is plain words. `approval` says, currency by currency, up to which amount a compensation is approved by itself, and up to which by a supervisor; above that, and in any other currency, by an admin alone.")
            .keyed()
            .if_match(true)
            .takes(&read::promises(&terms))
            .example("zh", json!({
                "promises": [{
                    "id": "complaints", "title": { "zh": "投诉一天内解决", "en": "Complaints put right in a day" },
                    "text": { "zh": "质量、物流、售后和服务态度的投诉。", "en": "Complaints of quality, delivery, returns and how you were treated." },
                    "backed_by": { "sla_policy": "complaints", "metric": "resolution" },
                }],
                "approval": [{ "currency": "CNY", "automatic_up_to_minor": 500, "supervisor_up_to_minor": 20_000 }],
            }))
            .example("en", json!({ "promises": [{
                "id": "no_bots", "title": { "zh": "真人答复", "en": "A person answers" },
                "text": { "zh": "每一条反馈都由真人答复。", "en": "Whatever you tell us, a person answers." },
            }] }))
            .gives::<PromisesView>(200, &[ETag, Replayed]),
        operation("GET", "/p/{tenant}", "What a shop promises, for everybody to read")
            .of(POLICY)
            .says("No key is needed. A page that works without scripts, or JSON by `Accept`; in the language of `lang` (`zh` or `en`), else in the reader's. It may be kept for five minutes.")
            .query(promise_page::described)
            .gives::<Published>(200, &[])
            .paged()
            .refuses(&[crate::problem::Code::Malformed]),
    ]
}
