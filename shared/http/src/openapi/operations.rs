//! Every operation of the API, part by part.

mod attachments;
mod compensations;
mod customers;
mod deeds;
mod feedback;
mod incidents;
mod notices;
mod people;
mod policies;
mod promises;
mod rules;
mod surveys;
mod this;
mod webhooks;
mod work_orders;

use super::operation::{Operation, operation};
use serde_json::{Value, json};

/// Every operation, in the order of the document.
pub(super) fn all() -> Vec<Operation> {
    let parts = [
        feedback::operations(),
        attachments::operations(),
        customers::operations(),
        work_orders::operations(),
        deeds::operations(),
        people::operations(),
        notices::operations(),
        incidents::operations(),
        webhooks::operations(),
        policies::operations(),
        rules::operations(),
        promises::operations(),
        compensations::operations(),
        surveys::operations(),
    ];
    parts.into_iter().flatten().chain(this::operations()).collect()
}

const FEEDBACK: &str = "Feedback";
const ATTACHMENTS: &str = "Attachments";
const CUSTOMERS: &str = "Customers";
const WORK_ORDERS: &str = "Work orders";
const PEOPLE: &str = "People";
const NOTICES: &str = "Notices";
const WEBHOOKS: &str = "Webhooks";
const POLICY: &str = "Policy";
const COMPENSATION: &str = "Compensation";
const VOICE: &str = "The customer's voice";
const THIS: &str = "This document";

/// The parts of the API, in their order.
pub(super) fn tags() -> Value {
    json!([
        { "name": FEEDBACK, "description": "What customers say, from any channel. 反馈" },
        { "name": ATTACHMENTS, "description": "Files that come with what is said. 附件" },
        { "name": CUSTOMERS, "description": "Who is one person over many channels, and what that person said. 顾客" },
        { "name": WORK_ORDERS, "description": "The obligations that it creates. 工单" },
        { "name": PEOPLE, "description": "Who may act, and who gets in. 人员" },
        { "name": NOTICES, "description": "Who is told what, and how. 通知" },
        { "name": WEBHOOKS, "description": "Servers of the shop's that are told what happens. 回调" },
        { "name": POLICY, "description": "What a manager may change: versioned, and validated as a whole before it is published. 策略" },
        { "name": COMPENSATION, "description": "What customers are given for promises that were not kept. 补偿" },
        { "name": VOICE, "description": "Was it put right? 满意度" },
        { "name": THIS },
    ])
}
