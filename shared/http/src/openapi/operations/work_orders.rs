//! What agents and supervisors do.

use super::{Operation, WORK_ORDERS, operation};
use crate::cursor::Paging;
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::problem::Code;
use crate::routing::RoutingView;
use crate::work_orders::Proof;
use crate::{cursor, read, routing, work_orders};
use redress_domain::fact::Fact;
use redress_service::desk::Message;
use redress_service::labels::Label;
use redress_service::view::WorkOrderView;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/work-orders", "Work orders in the one queue order: priority, due, age")
            .of(WORK_ORDERS)
            .says(
                "An order that keeps its place while you page comes exactly once. One that changes its place comes where it stands then: again, if you have seen it; not at all, if it has overtaken you.",
            )
            .query(|query| (work_orders::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<WorkOrderView>>(200, &[]),
        operation("GET", "/v1/work-orders/{id}", "A work order")
            .of(WORK_ORDERS)
            .if_none_match()
            .gives::<WorkOrderView>(200, &[ETag]),
        operation("PATCH", "/v1/work-orders/{id}", "Change its priority, its subject, its calendar, the shop's own fields, or when it is due")
            .of(WORK_ORDERS)
            .says(
                "All of it or nothing, as one version. An agent's word about the subject is kept as a row to train on. `due_override` is for supervisors: the running clock ends then, whatever its target comes to, until `due_at` is `null`. `custom_fields` are merged; `null` takes a field away.",
            )
            .keyed()
            .if_match(true)
            .takes(&read::patch())
            .example("zh", json!({ "category": "logistics", "priority": "P1" }))
            .example(
                "en",
                json!({
                    "calendar": null, "custom_fields": { "rma": "R-1024", "boxes": 2, "insured": true },
                    "due_override": { "metric": "resolution", "due_at": "2026-03-06T10:00:00Z", "reason": "as agreed by phone" },
                }),
            )
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition]),
        operation("GET", "/v1/work-orders/{id}/facts", "All that happened to it, oldest first")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<cursor::Listed<Fact>>(200, &[]),
        operation("GET", "/v1/work-orders/{id}/messages", "What was said on it, oldest first")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<cursor::Listed<Message>>(200, &[]),
        operation(
            "POST",
            "/v1/work-orders/{id}/messages",
            "Say something to the customer, note something, or write down what the customer said",
        )
        .of(WORK_ORDERS)
        .keyed()
        .takes(&read::draft())
        .example("zh", json!({ "direction": "outbound", "body": "您好，已为您联系快递公司，今天内答复。" }))
        .example(
            "en",
            json!({ "direction": "outbound", "visibility": "internal", "body": "Courier says it is in Leeds." }),
        )
        .gives::<Message>(201, &[ETag, Replayed])
        .refuses(&[Code::IllegalTransition]),
        operation("POST", "/v1/work-orders/{id}/transitions", "Move it")
            .of(WORK_ORDERS)
            .says(
                "What came back because the customer was not satisfied is resolved only with a `resolution` that shows what was done: a `summary`, or `evidence`, which is ids of clean attachments and references of the shop's own. `survey: false` keeps the customer from being asked.",
            )
            .keyed()
            .if_match(true)
            .takes(&read::transition())
            .example("zh", json!({ "to": "pending_customer", "reason": "等客户提供照片" }))
            .example(
                "en",
                json!({ "to": "resolved", "resolution": { "code": "refunded", "summary": "Refunded in full.", "evidence": ["refund 2026-1024"] }, "survey": false }),
            )
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition, Code::EvidenceMissing]),
        operation("GET", "/v1/work-orders/{id}/routing", "Who got it and why, and why not the others")
            .of(WORK_ORDERS)
            .query(routing::why_not)
            .gives::<RoutingView>(200, &[]),
        operation("GET", "/v1/work-orders/{id}/sla/proof", "Why it is due when it is")
            .of(WORK_ORDERS)
            .says(
                "Every stretch of every clock with its cause, the versions of policy and calendar, and the arithmetic.",
            )
            .gives::<Proof>(200, &[]),
        operation("POST", "/v1/work-orders/{id}/sla/reapply", "Apply the policies in force to it")
            .of(WORK_ORDERS)
            .keyed()
            .takes(&read::reapply())
            .example("zh", json!({ "reason": "新合同" }))
            .example("en", json!({ "reason": "the new contract" }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed]),
        operation("POST", "/v1/work-orders/{id}/sla/annulments", "Excuse a broken promise")
            .of(WORK_ORDERS)
            .says("The record stays, with who excused it, when and why.")
            .keyed()
            .takes(&read::annulment())
            .example("zh", json!({ "metric": "resolution", "cycle": 1, "reason": "台风" }))
            .example("en", json!({ "metric": "first_response", "cycle": 1, "reason": "the line was down" }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::NothingBroken]),
        operation("GET", "/v1/labels", "What agents corrected, as rows to train on, oldest first")
            .of(WORK_ORDERS)
            .says("Words are masked.")
            .query(Paging::described)
            .gives::<cursor::Listed<Label>>(200, &[]),
    ]
}
