//! What people do with orders besides working on them.

use super::{Operation, WORK_ORDERS, operation};
use crate::cursor::{Listed, Paging};
use crate::effort::EffortView;
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::problem::Code;
use crate::read;
use jiff::Timestamp;
use redress_service::effort::Spent;
use redress_service::view::{ChildView, WatcherView, WorkOrderView};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let mut operations = give_and_merge();
    operations.extend(children());
    operations.extend(watchers());
    operations.extend(effort());
    operations
}

fn give_and_merge() -> Vec<Operation> {
    vec![
        operation("POST", "/v1/work-orders/{id}/assignments", "Give it to an agent, or to a team")
            .of(WORK_ORDERS)
            .says(
                "An agent gets it whatever the rules say, but for capacity. A team's agents are chosen from as ever, and if nobody can take it, it waits there. Giving it to who has it changes nothing.",
            )
            .keyed()
            .if_match(false)
            .takes(&read::assignment())
            .example("zh", json!({ "agent": "ag_li", "reason": "客户点名" }))
            .example("en", json!({ "team": "tm_care", "reason": "Needs a technician." }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition, Code::AtCapacity]),
        operation("POST", "/v1/work-orders/{id}/merge", "Give it up as a duplicate of another of the same customer's")
            .of(WORK_ORDERS)
            .says(
                "It is cancelled, its clocks end, and the other order goes on with what the customer said. Whoever follows the feedback is led there.",
            )
            .keyed()
            .if_match(false)
            .takes(&read::merging())
            .example("zh", json!({ "into": "wo_4k8zmq2w0v", "reason": "同一个包裹" }))
            .example("en", json!({ "into": "wo_4k8zmq2w0v" }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition, Code::OtherCustomer]),
    ]
}

fn children() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/work-orders/{id}/children", "Its parts, in the order in which they were made")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<Listed<ChildView>>(200, &[]),
        operation("POST", "/v1/work-orders/{id}/children", "Let somebody else do a part of it")
            .of(WORK_ORDERS)
            .says(
                "A part is a work order with clocks and an agent of its own. While a mandatory one is active, its parent can't be resolved. At most 20, and no parts of parts.",
            )
            .keyed()
            .if_match(false)
            .takes(&read::branch())
            .example("zh", json!({ "category": "logistics", "summary": "请向快递公司索赔", "mandatory": true }))
            .example(
                "en",
                json!({ "category": "product_quality", "summary": "Test the returned kettle.", "team": "tm_care", "mandatory": false }),
            )
            .gives::<WorkOrderView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::IllegalTransition]),
    ]
}

fn watchers() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/work-orders/{id}/watchers", "Who is told of whatever happens to it")
            .of(WORK_ORDERS)
            .query(Paging::described)
            .gives::<Listed<WatcherView>>(200, &[]),
        operation("POST", "/v1/work-orders/{id}/watchers", "Let an agent watch it")
            .of(WORK_ORDERS)
            .says("An agent does so for themselves, a supervisor for anybody. At most 50 watch.")
            .keyed()
            .if_match(false)
            .takes(&read::watcher())
            .example("zh", json!({ "agent": "ag_mei" }))
            .example("en", json!({ "agent": "ag_li" }))
            .gives::<WorkOrderView>(200, &[ETag, Replayed])
            .refuses(&[Code::IllegalTransition]),
        operation("DELETE", "/v1/work-orders/{id}/watchers/{agent}", "Tell an agent no more")
            .of(WORK_ORDERS)
            .says("Also where the agent did not watch.")
            .if_match(false)
            .gives_nothing(204),
    ]
}

fn effort() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/work-orders/{id}/effort", "How much time was spent on it")
            .of(WORK_ORDERS)
            .says("Where two stretches of one agent overlap, that time counts once.")
            .query(Paging::described)
            .gives::<EffortView>(200, &[]),
        operation("POST", "/v1/work-orders/{id}/effort", "Write down time that was spent on it")
            .of(WORK_ORDERS)
            .says("An agent's own, or, for a supervisor, anybody's. The same stretch told twice is one.")
            .keyed()
            .if_match(false)
            .takes(&read::effort(Timestamp::UNIX_EPOCH))
            .example(
                "zh",
                json!({ "agent": "ag_mei", "kind": "talk", "started_at": "2026-03-04T09:00:00+08:00", "ended_at": "2026-03-04T09:12:30+08:00" }),
            )
            .example(
                "en",
                json!({ "agent": "ag_mei", "kind": "after_work", "started_at": "2026-03-04T01:12:30Z", "ended_at": "2026-03-04T01:20:00Z" }),
            )
            .gives::<Spent>(201, &[Replayed]),
    ]
}
