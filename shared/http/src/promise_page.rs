//! `/p/{tenant}`: what a shop promises, for everybody. No key, no scripts, and the same for all who
//! read one language, so that it may be kept for some minutes on its way.

use crate::ask::Ask;
use crate::negotiate::{language, prefers_page, spoken};
use crate::pages::{self, page, render};
use crate::problem::Problem;
use crate::read::{Object, by};
use crate::reply::{Answer, json};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use redress_domain::category::Language;
use redress_domain::id::TenantKind;
use redress_service::promises::{self, Published};

/// How long whoever carries it may keep it.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /p/{tenant}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let tenant = ask.id::<TenantKind>()?;
    let published = promises::published(ask.world(), &tenant, asked(&ask)?).await?;
    let mut response = match prefers_page(ask.headers()) {
        Some(false) => pages::varies(json(StatusCode::OK, &published)),
        _ => page(StatusCode::OK, published.language, written(&published)),
    };
    response.headers_mut().insert(CACHE_CONTROL, CACHED);
    Ok(response)
}

/// The language that the link says, else the reader's. Whatever else stands in the query was put there
/// by whoever passed the link on.
fn asked(ask: &Ask) -> Result<Language, Problem> {
    let said = ask.pairs()?.into_iter().find(|(name, _)| name == "lang");
    let said = said.and_then(|(_, tag)| spoken(&tag));
    Ok(said.unwrap_or_else(|| language(ask.headers(), Language::Zh)))
}

/// What its query may hold, as the document describes it.
pub(crate) fn described(query: &mut Object<'_>) {
    let tag = by(|_| Ok(()), || serde_json::json!({ "type": "string", "examples": ["zh", "en"] }));
    query.optional("lang", tag);
}

fn written(published: &Published) -> String {
    let other = if published.language == Language::Zh { "en" } else { "zh" };
    let timed = published.promises.iter().any(|promise| promise.figure.is_some());
    let values = serde_json::json!({ "promises": published.promises, "timed": timed, "other": other });
    render("promises.html", published.language, values)
}
