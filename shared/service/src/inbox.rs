//! What the console shows of what was told: the deliveries themselves, newest first. What is read is
//! said one by one on the delivery, and all at once by an instant that is kept apart: everything
//! that came about until then is read.

use crate::auth::{Caller, Role};
use crate::deliver;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Fault, Tried, contended, settled};
use crate::letters;
use crate::lists::{self, Page};
use crate::ports::World;
use crate::{Moment, keys, orders};
use jiff::Timestamp;
use redress_domain::category::Language;
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::id::{AgentId, DeliveryId, TenantId, WorkOrderId};
use redress_messages::Message;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose inbox: an agent's, or the one that all supervisors share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One agent's.
    Agent(AgentId),
    /// The supervisors'; also what is told to those who subscribed to a subject, and to whoever gives
    /// customers something.
    Supervisors,
}

impl Whose {
    /// The caller's own: an agent's, for a key of that agent, and else the supervisors'.
    #[must_use]
    pub fn own(caller: &Caller) -> Self {
        match &caller.agent {
            Some(agent) if caller.role == Role::Agent => Self::Agent(agent.clone()),
            _ => Self::Supervisors,
        }
    }

    /// Whose console shows what is told to `recipient`; `None` if none does.
    pub(crate) fn of(recipient: &Recipient) -> Option<Self> {
        match recipient {
            Recipient::Agent(agent) => Some(Self::Agent(agent.clone())),
            Recipient::Supervisors | Recipient::Subscribers(_) | Recipient::Compensation => Some(Self::Supervisors),
            Recipient::Customer(_) | Recipient::Webhook(_) => None,
        }
    }

    /// How it is called in keys.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Agent(agent) => agent.as_str(),
            Self::Supervisors => "supervisors",
        }
    }
}

/// One line of the console's inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Notice")]
pub struct NoticeView {
    /// Its id: the delivery's.
    pub id: DeliveryId,
    /// What kind of news it is, for example `order_assigned`.
    pub kind: String,
    /// What it is, in the reader's language.
    pub title: String,
    /// What happened and what is next, in the reader's language.
    pub line: String,
    /// The order it is about.
    pub work_order: Option<WorkOrderId>,
    /// When the reason for it came about.
    pub created_at: Timestamp,
    /// When it was read; `null` while it is new.
    pub read_at: Option<Timestamp>,
}

/// Until when everything is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReadUntil")]
pub struct ReadUntil {
    /// What came about until then is read.
    pub until: Timestamp,
}

/// An inbox after `after`, newest first, in `language`.
///
/// # Errors
/// The store did not answer.
pub async fn list(
    world: &World,
    tenant: &TenantId,
    whose: &Whose,
    (unread, language): (bool, Language),
    after: Option<String>,
    limit: usize,
) -> Result<Page<NoticeView>, Fault> {
    let seen = until(world, tenant, whose).await?.value;
    let show = |record: &_| {
        let view = view(&read::<Delivery>(record)?.value, seen, language);
        Ok(view.filter(|view| !unread || view.read_at.is_none()))
    };
    lists::merge(world, vec![keys::inbox(tenant, whose.as_str())], after, limit, show).await
}

/// The line for a delivery; `None` for one that this version can't write.
fn view(delivery: &Delivery, seen: ReadUntil, language: Language) -> Option<NoticeView> {
    let kind = letters::template(delivery);
    let note = Message::new(kind, language, letters::values(delivery, language)).and_then(|said| said.note());
    let note = note.inspect_err(|error| {
        tracing::error!(delivery.id = delivery.id.as_str(), error = %error, "can't be shown");
    });
    let all = (delivery.created_at <= seen.until).then_some(seen.until);
    let note = note.ok()?;
    Some(NoticeView {
        id: delivery.id.clone(),
        kind: kind.to_owned(),
        title: note.title,
        line: note.line,
        work_order: delivery.work_order.clone(),
        created_at: delivery.created_at,
        read_at: delivery.read_at.or(all),
    })
}

/// Says that a line of the caller's own inbox was read. Said again, it changes nothing.
///
/// # Errors
/// Not found, also for a line of another inbox.
pub async fn mark(
    world: &World,
    caller: &Caller,
    id: &DeliveryId,
    language: Language,
    moment: Moment,
) -> Result<NoticeView, Fault> {
    let (tenant, whose) = (&caller.tenant, Whose::own(caller));
    for _ in 0..orders::TRIES {
        let stored = deliver::find(world, tenant, id).await?;
        if Whose::of(&stored.value.to) != Some(whose.clone()) {
            return Err(Fault::NotFound);
        }
        let mut after = stored.value.clone();
        let seen = until(world, tenant, &whose).await?.value;
        after.read_at = after.read_at.or(Some(moment.now));
        let shown = view(&after, seen, language).ok_or(Fault::NotFound)?;
        if after == stored.value {
            return Ok(shown);
        }
        let write = deliver::keep(tenant, &after, stored.version, moment.now);
        if let Some(answer) = settled(world.store.commit(&[write]).await.map_err(Tried::from)) {
            return answer.map(|()| shown);
        }
    }
    Err(contended())
}

/// Says that everything in the caller's own inbox was read that came about until an instant; that
/// never goes back.
///
/// # Errors
/// The store did not answer.
pub async fn mark_all(world: &World, caller: &Caller, asked: Timestamp) -> Result<ReadUntil, Fault> {
    let (tenant, whose) = (&caller.tenant, Whose::own(caller));
    for _ in 0..orders::TRIES {
        let seen = until(world, tenant, &whose).await?;
        if seen.value.until >= asked {
            return Ok(seen.value);
        }
        let after = ReadUntil { until: asked };
        let write = put(keys::inbox_read(tenant, whose.as_str()), seen.version, &after, Marks::default());
        if let Some(answer) = settled(world.store.commit(&[write]).await.map_err(Tried::from)) {
            return answer.map(|()| after);
        }
    }
    Err(contended())
}

async fn until(world: &World, tenant: &TenantId, whose: &Whose) -> Result<Stored<ReadUntil>, Fault> {
    let stored = load(world.store.as_ref(), &keys::inbox_read(tenant, whose.as_str())).await?;
    Ok(stored.unwrap_or(Stored { value: ReadUntil { until: Timestamp::UNIX_EPOCH }, version: 0 }))
}
