//! `/v1/webhooks`: servers of the shop's that are told what happens.

use crate::ask::Ask;
use crate::cursor::Paging;
use crate::policies::show as shown;
use crate::precondition;
use crate::problem::Problem;
use crate::read::{self, Object, Reader, one_of};
use crate::reply::{Answer, changed, created, json, located, removed};
use axum::http::StatusCode;
use redress_domain::delivery::DeliveryState;
use redress_domain::id::{DeliveryId, WebhookId};
use redress_domain::signature::SigningSecret;
use redress_service::reply::Reply;
use redress_service::webhooks::{self, Change};
use serde_json::Value;

/// `GET /v1/webhooks`, oldest first; never their secrets.
pub(crate) async fn list(ask: Ask) -> Answer {
    let all = webhooks::list(ask.world(), ask.caller()?, ask.moment()).await?;
    let ((), paging) = Paging::read(&ask, |_| ()).await?;
    Ok(paging.answer(paging.slice_by(all, |webhook| webhook.id.as_str())))
}

/// `GET /v1/webhooks/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    shown(&ask, &webhooks::show(ask.world(), ask.caller()?, &ask.id()?, ask.moment()).await?)
}

/// `POST /v1/webhooks`: the answer shows the secret.
pub(crate) async fn create(ask: Ask) -> Answer {
    let body = ask.json()?;
    let wanted = read::webhook(ask.world().access).read(&body);
    Ok(created(&ask, &change(&ask, &body, wanted.map(Change::Make).map_err(Problem::from)).await?))
}

/// `PUT /v1/webhooks/{id}`
pub(crate) async fn replace(ask: Ask) -> Answer {
    let id: WebhookId = ask.id()?;
    webhooks::show(ask.world(), ask.caller()?, &id, ask.moment()).await?;
    precondition::if_match(ask.headers())?;
    let body = ask.json()?;
    let wanted = read::webhook(ask.world().access).read(&body);
    let asked = wanted.map(|wanted| Change::Replace(id, wanted)).map_err(Problem::from);
    Ok(changed(StatusCode::OK, &change(&ask, &body, asked).await?))
}

/// `POST /v1/webhooks/{id}/secret`: another secret, which the answer shows.
pub(crate) async fn rotate(ask: Ask) -> Answer {
    let id: WebhookId = ask.id()?;
    webhooks::show(ask.world(), ask.caller()?, &id, ask.moment()).await?;
    Ok(changed(StatusCode::OK, &change(&ask, &Value::Null, Ok(Change::Rotate(id))).await?))
}

/// `DELETE /v1/webhooks/{id}`
pub(crate) async fn remove(ask: Ask) -> Answer {
    Ok(removed(&change(&ask, &Value::Null, Ok(Change::Remove(ask.id()?))).await?))
}

/// The secret that an answer shows is made of the stack's own secret and of a salt.
async fn change(ask: &Ask, body: &Value, asked: Result<Change, Problem>) -> Result<Reply, Problem> {
    let if_match = precondition::if_match_given(ask.headers())?;
    let keyed = ask.keyed(body)?;
    ask.no_query()?;
    let (asked, caller, secret) = (asked?, ask.caller()?, ask.api.secret().await?);
    let mint = |salt: &str| SigningSecret::new(secret.derive("webhook", &[caller.tenant.as_str()], salt));
    Ok(webhooks::change(ask.world(), caller, &asked, &mint, if_match.as_ref(), &keyed, ask.moment()).await?)
}

/// `POST /v1/webhooks/{id}/test`
pub(crate) async fn test(ask: Ask) -> Answer {
    let (id, keyed) = (ask.id()?, ask.keyed(&Value::Null)?);
    ask.no_query()?;
    let reply = webhooks::test(ask.world(), ask.caller()?, &id, &keyed, ask.moment()).await?;
    Ok(accepted(&ask, &id, &reply))
}

/// `GET /v1/webhooks/{id}/deliveries`, newest first.
pub(crate) async fn deliveries(ask: Ask) -> Answer {
    let (id, caller) = (ask.id()?, ask.caller()?);
    let (state, paging) = Paging::read(&ask, state).await?;
    let page = webhooks::deliveries(ask.world(), caller, &id, state, paging.after.clone(), paging.limit).await?;
    Ok(paging.answer(page))
}

/// What the query of a list of deliveries may hold besides the page.
pub(crate) fn state(query: &mut Object<'_>) -> Option<DeliveryState> {
    query.optional("state", one_of(&DeliveryState::WORDS))
}

/// `GET /v1/webhooks/{id}/deliveries/{delivery}`
pub(crate) async fn delivery(ask: Ask) -> Answer {
    let (id, delivery): (_, DeliveryId) = (ask.id()?, ask.member()?);
    ask.no_query()?;
    Ok(json(StatusCode::OK, &webhooks::delivery(ask.world(), ask.caller()?, (&id, &delivery)).await?))
}

/// `POST /v1/webhooks/{id}/deliveries/{delivery}/replay`
pub(crate) async fn replay(ask: Ask) -> Answer {
    let (id, delivery) = (ask.id()?, ask.member()?);
    let keyed = ask.keyed(&Value::Null)?;
    ask.no_query()?;
    let reply = webhooks::replay(ask.world(), ask.caller()?, (&id, &delivery), &keyed, ask.moment()).await?;
    Ok(accepted(&ask, &id, &reply))
}

/// It will be sent; what comes of it stands elsewhere. A delivery has no version that anybody keeps.
fn accepted(ask: &Ask, id: &WebhookId, reply: &Reply) -> axum::response::Response {
    let delivery = reply.body["id"].as_str().unwrap_or_default();
    let link = ask.api.context.link(&format!("/v1/webhooks/{id}/deliveries/{delivery}"));
    let response = crate::reply::replayed(json(StatusCode::ACCEPTED, &reply.body), reply.replayed);
    located(response, &link)
}
