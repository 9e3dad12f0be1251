//! What agents and supervisors do.

use super::{Operation, WORK_ORDERS, operation};
use crate::cursor::Paging;
use crate::messages::MessageView;
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::problem::Code;
use crate::routing::RoutingView;
use crate::work_orders::Proof;
use crate::{cursor, read, routing, work_orders};
use redress_domain::fact::Fact;
use redress_service::labels::Label;
use redress_service::view::WorkOrderView;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/work-orders", "Work orders in the one queue order: priority, due, age")
            .of(WORK_ORDERS)
            .query(|query| (work_orders::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<WorkOrderView>>(200, &[]),
        operation("GET", "/v1/work-orders/{id}", "A work order")
            .of(WORK_ORDERS)
            .if_none_match()
            .gives::<WorkOrderView>(200, &[ETag]),
        operation("PATCH", "/v1/work-orders/{id}", "Change its priority, its subject or its calendar")
            .of(WORK_ORDERS)
            .says("An agent's word about the subject is kept as a row to train on.")
            .keyed()
            .if_match(true)
            .takes(&read::patch())
            .example("zh", json!({ "category": "logistics", "priority": "P1" }))
            .example("en", json!({ "calendar": null }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed]),
        operation("GET", "/v1/work-orders/{id}/facts", "All that happened to it, oldest first")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<cursor::Listed<Fact>>(200, &[]),
        operation("GET", "/v1/work-orders/{id}/messages", "What was said on it, oldest first")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<cursor::Listed<MessageView>>(200, &[]),
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
        .gives::<MessageView>(201, &[ETag, Replayed])
        .refuses(&[Code::IllegalTransition]),
        operation("POST", "/v1/work-orders/{id}/transitions", "Move it")
            .of(WORK_ORDERS)
            .keyed()
            .if_match(true)
            .takes(&read::transition())
            .example("zh", json!({ "to": "pending_customer", "reason": "等客户提供照片" }))
            .example(
                "en",
                json!({ "to": "resolved", "resolution": { "code": "refunded", "summary": "Refunded in full." } }),
            )
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition]),
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
