//! `/v1/notices`: the console's inbox.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::negotiate::language;
use crate::precondition::{etag, has};
use crate::problem::{Code, Problem};
use crate::read::{self, Object, Reader, id, one_of};
use crate::reply::{Answer, json};
use axum::http::header::{ETAG, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use redress_domain::category::Language;
use redress_domain::id::AgentId;
use redress_service::auth::Role;
use redress_service::inbox::{self, Whose};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Which lines of whose inbox.
pub(crate) struct Filter {
    unread: bool,
    agent: Option<AgentId>,
}

/// What the query may hold besides the page.
pub(crate) fn filter(query: &mut Object<'_>) -> Filter {
    let unread = query.optional("unread", one_of(&[(true, "true"), (false, "false")])).unwrap_or_default();
    Filter { unread, agent: query.optional("agent", id()) }
}

/// `GET /v1/notices`, newest first.
pub(crate) async fn list(ask: Ask) -> Answer {
    let caller = ask.caller()?;
    let (Filter { unread, agent }, paging) = Paging::read(&ask, filter).await?;
    let whose = match agent {
        None => Whose::own(caller),
        Some(agent) if matches!(caller.role, Role::Admin | Role::Auditor) || caller.agent.as_ref() == Some(&agent) => {
            Whose::Agent(agent)
        }
        Some(_) => return Err(Problem::new(Code::Forbidden, "only admins and auditors see another agent's inbox")),
    };
    let shown = (unread, spoken(&ask));
    let page = inbox::list(ask.world(), &caller.tenant, &whose, shown, paging.after.clone(), paging.limit).await?;
    Ok(unless_seen(&ask, &paging.listed(page)))
}

/// `POST /v1/notices/{id}/read`
pub(crate) async fn mark(ask: Ask) -> Answer {
    let id = ask.id()?;
    ask.no_query()?;
    let view = inbox::mark(ask.world(), ask.caller()?, &id, spoken(&ask), ask.moment()).await?;
    Ok(spoken_in(json(StatusCode::OK, &view)))
}

/// `POST /v1/notices/read`
pub(crate) async fn mark_all(ask: Ask) -> Answer {
    let body = ask.json()?;
    ask.no_query()?;
    let until = read::read_until().read(&body)?.unwrap_or(ask.moment().now).min(ask.moment().now);
    Ok(json(StatusCode::OK, &inbox::mark_all(ask.world(), ask.caller()?, until).await?))
}

fn spoken(ask: &Ask) -> Language {
    language(ask.headers(), Language::Zh)
}

fn spoken_in(mut response: Response) -> Response {
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// A page, or nothing if the caller has the same page already: who polls is answered in a few bytes.
fn unless_seen(ask: &Ask, page: &impl Serialize) -> Response {
    let body = serde_json::to_vec(page).expect("our values have string keys and finite numbers");
    let hash = Sha256::digest(&body);
    let version = u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
    let mut response =
        if has(ask.headers(), version) { StatusCode::NOT_MODIFIED.into_response() } else { json(StatusCode::OK, page) };
    response.headers_mut().insert(ETAG, etag(version));
    spoken_in(response)
}
