//! `/v1/api-keys`: who gets in.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::guard::bearer;
use crate::read::{self, Reader};
use crate::reply::{Answer, created, json, removed};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use redress_domain::id::digest;
use redress_service::reply::Keyed;
use redress_service::{api_keys, auth};
use serde_json::Value;

/// `GET /v1/api-keys`, oldest first; never the keys themselves.
pub(crate) async fn list(ask: Ask) -> Answer {
    let all = api_keys::list(ask.world(), ask.caller()?).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |key| key.id.as_str())))
}

/// `GET /v1/api-keys/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let key = api_keys::get(ask.world(), ask.caller()?, &ask.id()?).await?;
    ask.no_query()?;
    Ok(json(StatusCode::OK, &key))
}

/// `POST /v1/api-keys`: the one answer that shows a key.
///
/// The key is made of the stack's secret, the admin's own key, the idempotency key and a salt that
/// is kept with the reply. So the same request gives the same key again, and nobody else finds it
/// out who can read the table: neither the admin's key nor the idempotency key is there.
pub(crate) async fn create(ask: Ask) -> Answer {
    let body = ask.json()?;
    let keyed = ask.keyed(&body)?;
    ask.no_query()?;
    let wanted = read::api_key().read(&body)?;
    let caller = ask.caller()?;
    // With another admin's key it is another request: its answer would be another key.
    let fingerprint = digest(&[&keyed.fingerprint, caller.key.as_str()]);
    let keyed = Keyed { fingerprint, ..keyed };
    let secret = ask.api.secret().await?;
    let bounds = [bearer(ask.headers()).unwrap_or_default(), keyed.key.as_deref().unwrap_or_default()];
    let mint = |salt: &str| auth::key(&secret.derive("api key", &bounds, salt));
    let reply = api_keys::create(ask.world(), caller, &wanted, &mint, &keyed, ask.moment()).await?;
    let mut response = created(&ask, &reply);
    // A key never changes.
    response.headers_mut().remove(ETAG);
    Ok(response)
}

/// `DELETE /v1/api-keys/{id}`: revoked at once.
pub(crate) async fn revoke(ask: Ask) -> Answer {
    let id = ask.id()?;
    let keyed = ask.keyed(&Value::Null)?;
    ask.no_query()?;
    Ok(removed(&api_keys::revoke(ask.world(), ask.caller()?, &id, &keyed, ask.moment()).await?))
}
