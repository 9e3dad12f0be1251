//! `/t/{token}`: how far a feedback is, for the customer who gave it. No login, and nothing about
//! a person: whoever finds the link learns how fast the shop is.

use crate::ask::Ask;
use crate::negotiate::{language, prefers_page, spoken};
use crate::pages;
use crate::problem::Problem;
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use redress_domain::category::Language;
use redress_domain::order::WorkOrder;
use redress_service::links;
use redress_service::receive::{self, Reception};
use redress_service::view::Progress;
use schemars::JsonSchema;
use serde::Serialize;

/// What a customer may know.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Progress")]
pub(crate) struct Tracked {
    pub(crate) status: Progress,
    pub(crate) received_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) language: Language,
}

/// `GET /t/{token}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let secret = ask.api.secret().await?;
    let (tenant, id) = links::opens_tracking(secret, ask.param()).ok_or_else(Problem::not_found)?;
    let (reception, order) = receive::follow(ask.world(), &tenant, &id).await?;
    let tracked = Tracked {
        status: Progress::of(&reception, order.as_ref()),
        received_at: reception.received_at,
        updated_at: order.map_or(reception.received_at, |order: WorkOrder| order.updated_at),
        language: language(ask.headers(), speaks(&reception)),
    };
    Ok(answer(&ask, &tracked))
}

fn answer(ask: &Ask, tracked: &Tracked) -> Response {
    if prefers_page(ask.headers()) == Some(false) {
        return pages::varies(json(StatusCode::OK, tracked));
    }
    pages::page(StatusCode::OK, tracked.language, pages::tracking(tracked))
}

/// What the customer speaks: as the channel says, else as the words sound.
fn speaks(reception: &Reception) -> Language {
    let feedback = &reception.feedback;
    let said = feedback
        .locale
        .as_deref()
        .or(feedback.customer.locale.as_deref())
        .map(|tag| spoken(tag).unwrap_or(Language::Other));
    let sounds = reception.classification.as_ref().map(|classification| classification.reading.language);
    said.or(sounds).unwrap_or(Language::Zh)
}
