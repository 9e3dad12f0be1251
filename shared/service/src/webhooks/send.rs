//! One try at telling a webhook.

use super::disable;
use crate::deliver::Came;
use crate::documents::{Marks, Stored, load, put};
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::{Call, PortError, World};
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
    let answer = call(world, tenant, (&webhook, delivery), now).await?;
    if let Some(why @ ("gone" | "given_up")) = delivery.after(now, &answer).why.as_deref() {
        disable(world, tenant, id, why, now).await?;
    }
    Ok(Came::Answered(answer))
}

async fn call(
    world: &World,
    tenant: &TenantId,
    (webhook, delivery): (&Webhook, &Delivery),
    now: Timestamp,
) -> Result<Answer, Fault> {
    let not_tried = |outcome| Answer { outcome, ..Answer::taken() };
    // What may be reached can have changed since it was saved.
    let Ok(url) = check_url(&webhook.url, world.access) else { return Ok(not_tried(Outcome::Forbidden)) };
    if !admitted(world, tenant, &webhook.id, now).await? {
        return Ok(not_tried(Outcome::LeftAlone));
    }
    let body = webhook::body(&delivery.template, delivery.created_at, &delivery.data).to_string().into_bytes();
    let seal = sign(&webhook.secrets(now), delivery.id.as_str(), now, &body);
    let seal = seal.map_err(|error| Fault::Unavailable(error.to_string()))?;
    let answer = world.outside.call(&Call { url, seal, body }).await?;
    remember(world, tenant, &webhook.id, answer, now).await?;
    Ok(answer)
}

/// Whether the server may be called now. Where one must find out whether it answers again, that is
/// whoever says so first.
async fn admitted(world: &World, tenant: &TenantId, id: &WebhookId, now: Timestamp) -> Result<bool, Fault> {
    let key = keys::endpoint(tenant, id);
    let Some(Stored { value: endpoint, version }) = load::<Endpoint>(world.store.as_ref(), &key).await? else {
        return Ok(true);
    };
    match endpoint.admits(now) {
        Admission::Open => Ok(true),
        Admission::Closed => Ok(false),
        Admission::Probe(probed) => match world.store.commit(&[put(key, version, &probed, Marks::default())]).await {
            Ok(()) => Ok(true),
            Err(PortError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        },
    }
}

/// Remembers whether the server answered; nothing is written of one that answers as it did before.
async fn remember(
    world: &World,
    tenant: &TenantId,
    id: &WebhookId,
    answer: Answer,
    now: Timestamp,
) -> Result<(), Fault> {
    let (key, ended) = (keys::endpoint(tenant, id), later(now, SignedDuration::from_millis(answer.took_ms.into())));
    for _ in 0..orders::TRIES {
        let known = load::<Endpoint>(world.store.as_ref(), &key).await?;
        let Stored { value: before, version } = known.unwrap_or(Stored { value: Endpoint::default(), version: 0 });
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
