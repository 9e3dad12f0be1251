//! Something went wrong for many at once.

use super::{NOTICES, Operation, operation};
use crate::cursor::{self, Paging};
use crate::incidents::filter;
use crate::openapi::operation::Header::{ETag, Location, Replayed};
use crate::problem::Code;
use crate::read;
use crate::webhooks::state;
use redress_service::incidents::{IncidentView, Reached};
use redress_service::webhooks::DeliveryView;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/incidents", "Incidents, newest first")
            .of(NOTICES)
            .query(|query| {
                filter(query);
                Paging::described(query);
            })
            .gives::<cursor::Listed<IncidentView>>(200, &[]),
        operation("POST", "/v1/incidents", "Declare an incident: customers are told before they ask")
            .of(NOTICES)
            .says("Each customer is told once, by mail or text message as they wish and in their language: those who have an open order that it concerns, and those whose orders come while it is open. All of what `affects` gives must hold, letter for letter. Look at the preview first.")
            .keyed()
            .takes(&read::incident())
            .example("zh", flood("zh"))
            .example("en", flood("en"))
            .gives::<IncidentView>(201, &[ETag, Location, Replayed])
            .refuses(&[Code::TooMany]),
        operation("POST", "/v1/incidents/preview", "Whom an incident would concern now")
            .of(NOTICES)
            .says("Changes nothing and tells nobody.")
            .takes(&read::affects())
            .example("zh", json!({ "affects": { "courier": ["顺丰"], "category": ["logistics"] } }))
            .example("en", json!({ "affects": { "lot": ["L-2026-11"] } }))
            .gives::<Reached>(200, &[]),
        operation("GET", "/v1/incidents/{id}", "An incident")
            .of(NOTICES)
            .if_none_match()
            .gives::<IncidentView>(200, &[ETag]),
        operation("POST", "/v1/incidents/{id}/close", "Close an incident")
            .of(NOTICES)
            .says("Nobody is told of it any more, also of those who were to be told in the morning. One that is closed stays closed.")
            .keyed()
            .gives::<IncidentView>(200, &[ETag, Replayed]),
        operation("GET", "/v1/incidents/{id}/deliveries", "Who was told of an incident, and who was not and why, newest first")
            .of(NOTICES)
            .query(|query| {
                state(query);
                Paging::described(query);
            })
            .gives::<cursor::Listed<DeliveryView>>(200, &[]),
    ]
}

fn flood(language: &str) -> Value {
    let courier = if language == "zh" { "顺丰" } else { "SF" };
    json!({
        "title": { "zh": "部分包裹延误", "en": "Some parcels are late" },
        "text": {
            "zh": "因暴雨，今天发往华南的包裹会晚到一至两天。",
            "en": "Because of heavy rain, parcels to the south will be one or two days late.",
        },
        "affects": { "courier": [courier] },
    })
}
