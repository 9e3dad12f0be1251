//! One try at telling a webhook.

use super::disable;
use crate::deliver::Came;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::{Call, Key, World};
use crate::{Moment, keys, orders};
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Answer, Delivery, Outcome};
use redress_domain::id::{TenantId, WebhookId};
use redress_domain::order::later;
use redress_domain::signature::sign;
use redress_domain::webhook::{self, Admission, Endpoint, TEST, Webhook, WebhookState, check_url};

/// Tells the webhook, if it may be told now. A delivery that ends because the server is gone, or could
/// not be reached for days, disables the webhook first: dying in between makes the try again.
///
/// # Errors
/// The world did not answer.
pub(crate) async fn send(
    world: &World,
    tenant: &TenantId,
    (id, delivery): (&WebhookId, &Delivery),
    moment: Moment,
) -> Result<Came, Fault> {
    let now = moment.now;
    let Some(Stored { value: webhook, .. }) = load::<Webhook>(world.store.as_ref(), &keys::webhook(tenant, id)).await?
    else {
        return Ok(Came::Suppressed("webhook_gone"));
    };
    if webhook.state == WebhookState::Disabled && delivery.template != TEST {
        return Ok(Came::Suppressed("webhook_disabled"));
    }
    let came = call(world, tenant, (&webhook, delivery), now).await?;
    if let Came::Answered(answer) = &came
        && let Some(why @ ("gone" | "given_up")) = delivery.after(now, answer).why.as_deref()
    {
        disable(world, tenant, id, why, now).await?;
    }
    Ok(came)
}

async fn call(
    world: &World,
    tenant: &TenantId,
    (webhook, delivery): (&Webhook, &Delivery),
    now: Timestamp,
) -> Result<Came, Fault> {
    let not_called = |outcome| Ok(Came::Answered(Answer { outcome, ..Answer::taken() }));
    // What may be reached can have changed since it was saved.
    let Ok(url) = check_url(&webhook.url, world.access) else { return not_called(Outcome::Forbidden) };
    match admission(world, tenant, &webhook.id, now).await? {
        Admission::Open | Admission::Probe(_) => {}
        Admission::Busy(until) => return Ok(Came::Later(until)),
        Admission::LeftAlone => return not_called(Outcome::LeftAlone),
    }
    let body = webhook::body(&delivery.template, delivery.created_at, &delivery.data).to_string().into_bytes();
    let seal = sign(&webhook.secrets(now), delivery.id.as_str(), now, &body);
    let seal = seal.map_err(|error| Fault::Unavailable(error.to_string()))?;
    let answer = world.outside.call(&Call { url, seal, body }).await?;
    remember(world, tenant, &webhook.id, answer, now).await?;
    Ok(Came::Answered(answer))
}

/// Whether the server may be called now. Where one must find out whether it answers, that is whoever
/// says so first.
async fn admission(world: &World, tenant: &TenantId, id: &WebhookId, now: Timestamp) -> Result<Admission, Fault> {
    let key = keys::endpoint(tenant, id);
    for _ in 0..orders::TRIES {
        let Stored { value: endpoint, version } = known(world, &key).await?;
        let admission = endpoint.admits(now);
        let Admission::Probe(probed) = admission else { return Ok(admission) };
        let kept = world.store.commit(&[put(key.clone(), version, &probed, Marks::default())]).await;
        if let Some(done) = settled(kept.map_err(Tried::from)) {
            return done.map(|()| admission);
        }
    }
    Err(contended())
}

async fn known(world: &World, key: &Key) -> Result<Stored<Endpoint>, Fault> {
    let known = load::<Endpoint>(world.store.as_ref(), key).await?;
    Ok(known.unwrap_or(Stored { value: Endpoint::default(), version: 0 }))
}

/// Remembers whether the server answered.
async fn remember(
    world: &World,
    tenant: &TenantId,
    id: &WebhookId,
    answer: Answer,
    now: Timestamp,
) -> Result<(), Fault> {
    let (key, ended) = (keys::endpoint(tenant, id), later(now, SignedDuration::from_millis(answer.took_ms.into())));
    for _ in 0..orders::TRIES {
        let Stored { value: before, version } = known(world, &key).await?;
        let after = before.after(answer.outcome, ended);
        if after == before {
            return Ok(());
        }
        let kept = world.store.commit(&[put(key.clone(), version, &after, Marks::default())]).await;
        if let Some(done) = settled(kept.map_err(Tried::from)) {
            return done;
        }
    }
    Err(contended())
}
