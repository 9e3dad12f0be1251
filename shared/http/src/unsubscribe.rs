//! `/u/{token}`: a customer wants no more mails that nobody wrote. Opening it changes nothing, since
//! mail scanners open every link; sending it does, from the page or by a mail program's own button.
//!
//! # Source
//! RFC 8058, section 3.2: the mail program posts, with a body that says nothing that the address
//! does not.

use crate::ask::Ask;
use crate::negotiate::{language, prefers_page};
use crate::pages::{self, page, render};
use crate::problem::Problem;
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_domain::category::Language;
use redress_domain::id::TenantId;
use redress_service::{links, suppressions};
use schemars::JsonSchema;
use serde::Serialize;

/// Whose mails end, and whether they have.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Unsubscription {
    /// As much of the address as is shown.
    address: String,
    /// Whether mails that nobody wrote have ended.
    unsubscribed: bool,
}

/// What the link names.
async fn named(ask: &Ask) -> Result<(TenantId, String, String), Problem> {
    let secret = ask.api.secret().await?;
    links::opens_unsubscribe(secret, ask.param()).ok_or_else(Problem::not_found)
}

/// `GET /u/{token}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let (tenant, digest, address) = named(&ask).await?;
    let unsubscribed = suppressions::is_suppressed(ask.world(), &tenant, &digest).await?;
    Ok(answer(&ask, &Unsubscription { address, unsubscribed }))
}

/// `POST /u/{token}`
pub(crate) async fn confirm(ask: Ask) -> Answer {
    let (tenant, digest, address) = named(&ask).await?;
    suppressions::unsubscribe(ask.world(), &tenant, (digest, address.clone()), ask.moment()).await?;
    Ok(answer(&ask, &Unsubscription { address, unsubscribed: true }))
}

fn answer(ask: &Ask, shown: &Unsubscription) -> axum::response::Response {
    if prefers_page(ask.headers()) == Some(false) {
        return pages::varies(json(StatusCode::OK, shown));
    }
    let language = language(ask.headers(), Language::Zh);
    page(StatusCode::OK, language, render("unsubscribe.html", language, serde_json::json!(shown)))
}
