//! Webhooks: servers of the shop's that are told what happens. Admins make them, change them, and
//! see what came of each delivery.
//!
//! What happens to an order is noted for them in the commit that records it, if any of them asks for
//! it, and spread by the delivery function: one delivery for each of them and each fact. Which events
//! each asks for stands in the tenant's policies, too: whoever commits has read those already.

mod deliveries;
mod news;
mod send;

pub use deliveries::{DeliveryView, list as deliveries, replay, show as delivery, test};
pub(crate) use news::{News, spread};
pub(crate) use send::send;

use crate::auth::Caller;
use crate::deliver;
use crate::desk::{IfMatch, body};
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::ports::{World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys, orders, publish};
use jiff::Timestamp;
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::id::{TenantId, WebhookId, encode};
use redress_domain::signature::SigningSecret;
use redress_domain::webhook::{Endpoint, Webhook, WebhookState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As many webhooks as a tenant may have: each multiplies what every fact sets off.
pub const MOST: usize = 20;

/// A webhook as its owner wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where events go: as [`redress_domain::webhook::check_url`] wrote it.
    pub url: String,
    /// Which events.
    pub events: BTreeSet<String>,
    /// What people call it.
    pub description: Option<String>,
    /// Whether it is told anything; as it is, if nothing is said.
    pub state: Option<WebhookState>,
}

/// A webhook, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// Where events go.
    pub url: String,
    /// Which events it is told; `*` for all.
    pub events: BTreeSet<String>,
    /// What people call it.
    pub description: Option<String>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Why it is not: `gone` (it answered 410), `given_up` (it took nothing for days), `asked`.
    pub why: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// It is told what was recorded from this instant on: when it was made, or enabled again.
    pub since: Timestamp,
    /// Until when the secret before this one signs, too; `null` once there is one only.
    pub former_secret_until: Option<Timestamp>,
    /// One more with every change.
    pub version: u64,
}

/// A webhook with its secret: the one answer that shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MadeWebhook {
    /// What it is.
    #[serde(flatten)]
    pub shown: WebhookView,
    /// What signs, with `whsec_` before it.
    pub secret: String,
}

impl WebhookView {
    fn of(webhook: &Webhook, version: u64, now: Timestamp) -> Self {
        let retired = webhook.retired.as_ref().filter(|retired| now < retired.until);
        Self {
            id: webhook.id.clone(),
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            state: webhook.state,
            why: webhook.why.clone(),
            created_at: webhook.created_at,
            since: webhook.since,
            former_secret_until: retired.map(|retired| retired.until),
            version,
        }
    }
}

/// Makes a secret of a salt.
pub type Mint<'a> = dyn Fn(&str) -> SigningSecret + Send + Sync + 'a;

/// Every webhook, oldest first.
///
/// # Errors
/// The store did not answer.
pub async fn list(world: &World, caller: &Caller, moment: Moment) -> Result<Vec<WebhookView>, Fault> {
    let all = all(world, &caller.tenant).await?;
    let mut shown: Vec<_> = all.iter().map(|one| WebhookView::of(&one.value, one.version, moment.now)).collect();
    shown.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(shown)
}

async fn all(world: &World, tenant: &TenantId) -> Result<Vec<Stored<Webhook>>, Fault> {
    let records = world.store.list(&keys::webhooks(tenant), "", None, usize::MAX).await?;
    records.iter().map(read::<Webhook>).collect()
}

/// One webhook.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(world: &World, caller: &Caller, id: &WebhookId, moment: Moment) -> Result<Reply, Fault> {
    let Stored { value, version } = find(world, &caller.tenant, id).await?;
    Ok(Reply { body: body(&WebhookView::of(&value, version, moment.now)), version, replayed: false })
}

async fn find(world: &World, tenant: &TenantId, id: &WebhookId) -> Result<Stored<Webhook>, Fault> {
    load(world.store.as_ref(), &keys::webhook(tenant, id)).await?.ok_or(Fault::NotFound)
}

/// What an admin asks of one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new one.
    Make(Wanted),
    /// Another address, other events; enabled, or not.
    Replace(WebhookId, Wanted),
    /// Another secret; the one before signs for a day more.
    Rotate(WebhookId),
    /// It goes. What was not delivered yet is not any more.
    Remove(WebhookId),
}

/// Does what an admin asks for. The reply to [`Change::Make`] and [`Change::Rotate`] shows the secret;
/// asked again under the same idempotency key, it does so again. `if_match`: the version of what is
/// changed; any without it.
///
/// # Errors
/// Not found; conflict if the caller has read an older version, or there are [`MOST`] already.
pub async fn change(
    world: &World,
    caller: &Caller,
    asked: &Change,
    mint: &Mint<'_>,
    if_match: Option<&IfMatch>,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        let attempt = Attempt { world, tenant: &caller.tenant, mint, if_match, keyed, slot: &slot, moment };
        if let Some(answer) = settled(attempt.make(asked).await) {
            return answer;
        }
    }
    Err(contended())
}

/// One attempt at one change.
struct Attempt<'a> {
    world: &'a World,
    tenant: &'a TenantId,
    mint: &'a Mint<'a>,
    if_match: Option<&'a IfMatch>,
    keyed: &'a Keyed,
    slot: &'a Slot,
    moment: Moment,
}

impl Attempt<'_> {
    async fn make(&self, asked: &Change) -> Result<Reply, Tried> {
        let now = self.moment.now;
        match asked {
            Change::Make(wanted) => {
                let made = self.fresh(wanted);
                let index = index(self.world, self.tenant, &made.id, Some(&made)).await?;
                // Read behind the policies: another webhook that is made meanwhile changes those.
                if all(self.world, self.tenant).await?.len() >= MOST {
                    return Err(Fault::Conflict(Conflict::TooManyWebhooks).into());
                }
                self.keep(made, 0, index, true).await
            }
            Change::Replace(id, wanted) => {
                let Stored { value: before, version } = self.seen(id).await?;
                let Wanted { url, events, description, state } = wanted.clone();
                let changed = Webhook { url, events, description, ..before };
                let changed = match state {
                    Some(WebhookState::Enabled) => changed.enabled(now),
                    Some(WebhookState::Disabled) => changed.disabled("asked"),
                    None => changed,
                };
                let mut writes = index(self.world, self.tenant, id, Some(&changed)).await?;
                // Whoever mends a server wants it called at once.
                writes.extend(self.forget(id).await?);
                self.keep(changed, version, writes, false).await
            }
            Change::Rotate(id) => {
                let Stored { value: before, version } = self.seen(id).await?;
                self.keep(before.rotated(self.secret(), now), version, Vec::new(), true).await
            }
            Change::Remove(id) => {
                let Stored { version, .. } = self.seen(id).await?;
                let mut writes = index(self.world, self.tenant, id, None).await?;
                writes.push(Write::Delete(keys::webhook(self.tenant, id), version));
                writes.extend(self.forget(id).await?);
                self.write(Value::Null, version, writes).await
            }
        }
    }

    fn fresh(&self, wanted: &Wanted) -> Webhook {
        let (now, Wanted { url, events, description, state }) = (self.moment.now, wanted.clone());
        let made = Webhook {
            id: WebhookId::derive(&[&encode(&self.moment.nonce)]),
            url,
            events,
            description,
            state: WebhookState::Enabled,
            why: None,
            created_at: now,
            since: now,
            secret: self.secret(),
            retired: None,
        };
        if state == Some(WebhookState::Disabled) { made.disabled("asked") } else { made }
    }

    fn secret(&self) -> SigningSecret {
        (self.mint)(&encode(&self.moment.nonce))
    }

    /// What is there, unless it is not what the caller has read.
    async fn seen(&self, id: &WebhookId) -> Result<Stored<Webhook>, Fault> {
        let stored = find(self.world, self.tenant, id).await?;
        IfMatch::check(self.if_match, stored.version)?;
        Ok(stored)
    }

    /// The write that forgets how its server has answered.
    async fn forget(&self, id: &WebhookId) -> Result<Option<Write>, Fault> {
        let key = keys::endpoint(self.tenant, id);
        let known = load::<Endpoint>(self.world.store.as_ref(), &key).await?;
        Ok(known.map(|known| Write::Delete(key, known.version)))
    }

    async fn keep(&self, webhook: Webhook, seen: u64, mut writes: Vec<Write>, reveal: bool) -> Result<Reply, Tried> {
        writes.push(put(keys::webhook(self.tenant, &webhook.id), seen, &webhook, Marks::default()));
        let shown = WebhookView::of(&webhook, seen + 1, self.moment.now);
        let secret = webhook.secret.reveal();
        let body = if reveal { body(&MadeWebhook { shown, secret }) } else { body(&shown) };
        self.write(body, seen + 1, writes).await
    }

    async fn write(&self, body: Value, version: u64, mut writes: Vec<Write>) -> Result<Reply, Tried> {
        let reply = Reply { body, version, replayed: false };
        writes.extend(self.keyed.keep(self.tenant, self.slot, &reply, self.moment.now));
        self.world.store.commit(&writes).await?;
        tracing::info!(webhook.version = version, "webhook changed");
        Ok(reply)
    }
}

/// The write that says in the policies what a webhook is told from now on: nothing, if it is gone or
/// disabled. No write where that is so already.
async fn index(
    world: &World,
    tenant: &TenantId,
    id: &WebhookId,
    webhook: Option<&Webhook>,
) -> Result<Vec<Write>, Fault> {
    let Stored { value: before, version } = publish::stored(world, tenant).await?;
    let mut after = before.clone();
    match webhook.and_then(Webhook::subscription) {
        Some(subscription) => after.subscriptions.insert(id.clone(), subscription),
        None => after.subscriptions.remove(id),
    };
    Ok(if after == before { Vec::new() } else { vec![put(keys::policy(tenant), version, &after, Marks::default())] })
}

/// Tells a webhook nothing more, and says so to whoever leads, in one commit. One that is disabled
/// already is left as it is.
async fn disable(world: &World, tenant: &TenantId, id: &WebhookId, why: &str, now: Timestamp) -> Result<(), Fault> {
    for _ in 0..orders::TRIES {
        let Some(Stored { value: before, version }) =
            load::<Webhook>(world.store.as_ref(), &keys::webhook(tenant, id)).await?
        else {
            return Ok(());
        };
        if before.state == WebhookState::Disabled {
            return Ok(());
        }
        // Once for each time that it was enabled.
        let reason = format!("{id}/{}", keys::instant(before.since));
        let data = json!({"webhook": id, "reason": why});
        let notice = Delivery::new(tenant, &reason, Recipient::Supervisors, ("webhook_disabled", data), now);
        let after = before.disabled(why);
        let mut writes = index(world, tenant, id, Some(&after)).await?;
        writes.push(put(keys::webhook(tenant, id), version, &after, Marks::default()));
        writes.push(deliver::keep(tenant, &notice, 0, now));
        if let Some(done) = settled(world.store.commit(&writes).await.map_err(Tried::from)) {
            done?;
            tracing::warn!(webhook.id = id.as_str(), why, "webhook disabled");
            return deliver::announce(world, tenant, &notice, 1, now).await;
        }
    }
    Err(contended())
}
