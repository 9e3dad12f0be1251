//! What a manager may change.

use super::{Operation, POLICY, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::policies::{CalendarDue, SlaDue};
use crate::problem::Code;
use crate::read;
use redress_domain::policy::Terms;
use redress_domain::priority::PriorityPolicy;
use redress_service::amend::Reapplied;
use redress_service::govern::{CalendarView, SlaPolicyView};
use redress_service::view::ClassificationView;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let terms = Terms::shipped();
    vec![
        operation("GET", "/v1/calendars", "Calendars, by name")
            .of(POLICY)
            .query(Paging::described)
            .gives::<cursor::Listed<CalendarView>>(200, &[]),
        operation("POST", "/v1/calendars", "Add a calendar")
            .of(POLICY)
            .keyed()
            .takes(&read::calendar("", true))
            .example("zh", calendar(true))
            .example("en", json!({ "id": "night", "time_zone": "Europe/London", "hours": { "fri": [["22:00", "06:00"]] } }))
            .gives::<CalendarView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/calendars/{id}", "A calendar")
            .of(POLICY)
            .if_none_match()
            .gives::<CalendarView>(200, &[ETag]),
        operation("PUT", "/v1/calendars/{id}", "Publish a new version of a calendar")
            .of(POLICY)
            .says("No order that is open is touched: its clocks run on by the version that was agreed.")
            .keyed()
            .if_match(true)
            .takes(&read::calendar("", false))
            .example("zh", calendar(false))
            .example("en", json!({ "time_zone": "Europe/London", "hours": { "fri": [["22:00", "06:00"]] } }))
            .gives::<CalendarView>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/calendars/{id}", "Take a calendar out of force")
            .of(POLICY)
            .if_match(false)
            .gives_nothing(204)
            .refuses(&[Code::InUse]),
        operation("POST", "/v1/calendars/preview", "When so many business seconds have passed, without publishing")
            .of(POLICY)
            .takes(&read::calendar_preview())
            .example("zh", json!({ "calendar": "24x7", "start": "2026-11-27T17:30:00+08:00", "seconds": 3600 }))
            .example("en", json!({ "calendar": { "time_zone": "UTC", "hours": { "mon": [["09:00", "17:00"]] } }, "start": "2026-11-27T09:30:00Z", "seconds": 60 }))
            .gives::<CalendarDue>(200, &[]),
        operation("GET", "/v1/sla-policies", "SLA policies in the order in which they are asked: the first that matches counts")
            .of(POLICY)
            .query(Paging::described)
            .gives::<cursor::Listed<SlaPolicyView>>(200, &[]),
        operation("POST", "/v1/sla-policies", "Add an SLA policy")
            .of(POLICY)
            .keyed()
            .takes(&read::sla_policy("", true, &terms))
            .example("zh", policy(true))
            .example("en", json!({ "id": "none", "when": { "channel": ["device"] }, "no_sla": true }))
            .gives::<SlaPolicyView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::Exists]),
        operation("GET", "/v1/sla-policies/{id}", "An SLA policy")
            .of(POLICY)
            .if_none_match()
            .gives::<SlaPolicyView>(200, &[ETag]),
        operation("PUT", "/v1/sla-policies/{id}", "Publish a new version of an SLA policy")
            .of(POLICY)
            .keyed()
            .if_match(true)
            .takes(&read::sla_policy("", false, &terms))
            .example("zh", policy(false))
            .example("en", json!({ "when": { "channel": ["device"] }, "no_sla": true }))
            .gives::<SlaPolicyView>(200, &[ETag, Replayed]),
        operation("DELETE", "/v1/sla-policies/{id}", "Take an SLA policy out of force")
            .of(POLICY)
            .if_match(false)
            .gives_nothing(204)
            .refuses(&[Code::InUse]),
        operation("POST", "/v1/sla-policies/preview", "What an order would be promised, and when that would be due")
            .of(POLICY)
            .takes(&read::sla_preview(&terms))
            .example("zh", json!({ "priority": "P1", "tier": "vip", "start": "2026-11-27T17:30:00+08:00" }))
            .example("en", json!({ "priority": "P3", "channel": "email", "start": "2026-11-27T09:30:00Z" }))
            .gives::<SlaDue>(200, &[]),
        operation("POST", "/v1/sla-policies/reapply", "Apply the policies in force to a page of the open orders")
            .of(POLICY)
            .query(Paging::described)
            .keyed()
            .takes(&read::reason())
            .example("zh", json!({ "reason": "新合同" }))
            .example("en", json!({ "reason": "the new contract" }))
            .gives::<cursor::Listed<Reapplied>>(200, &[Replayed]),
        operation("GET", "/v1/priority-policy", "What makes a feedback urgent or wide")
            .of(POLICY)
            .if_none_match()
            .gives::<PriorityPolicy>(200, &[ETag]),
        operation("PUT", "/v1/priority-policy", "Publish a new version; what is left out is as it is shipped")
            .of(POLICY)
            .keyed()
            .if_match(true)
            .takes(&read::priority_policy())
            .example("zh", json!({ "weights": { "urgency.regulator": 60 }, "subscribers": { "product_quality": ["质检"] } }))
            .example("en", json!({ "sentiment_drop": 60 }))
            .gives::<PriorityPolicy>(200, &[ETag, Replayed]),
        operation("POST", "/v1/priority-policy/preview", "How something would be understood, without anybody saying it")
            .of(POLICY)
            .takes(&read::priority_preview())
            .example("zh", json!({ "message": "快递三天没到，要投诉到12315", "tier": "vip" }))
            .example("en", json!({ "message": "The battery caught fire", "public": true }))
            .gives::<ClassificationView>(200, &[]),
    ]
}

/// A Chinese shop's hours, with a holiday and a make-up working day.
fn calendar(new: bool) -> Value {
    let mut calendar = json!({
        "name": "客服", "time_zone": "Asia/Shanghai", "hours": { "mon": [["09:00", "12:00"], ["13:00", "18:00"]] },
        "holidays": ["2026-10-01"], "overrides": { "2026-10-10": [["09:00", "18:00"]] },
    });
    if new {
        calendar["id"] = "care".into();
    }
    calendar
}

/// What very important customers are promised.
fn policy(new: bool) -> Value {
    let mut policy = json!({
        "name": "贵宾", "position": 1, "when": { "tier": ["vip"] },
        "targets": { "first_response": { "P1": 300, "P2": 300, "P3": 600, "P4": 600 } },
        "levels": [{ "name": "half", "anchor": { "percent": 50 }, "audience": "team_lead", "actions": ["notify", "raise"] }],
    });
    if new {
        policy["id"] = "vip".into();
    }
    policy
}
