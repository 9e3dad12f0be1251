//! Bugs that are put into the world on purpose: whoever looks for bugs must find these.

use crate::ground::Ground;
use crate::task::lock;
use jiff::SignedDuration;
use redress_domain::event::{Event, EventType};
use redress_domain::id::{FeedbackId, TenantId};
use redress_service::ports::{Key, PortError, Record, Store, Write};
use std::borrow::Cow;
use std::sync::Mutex;

/// A bug that is put into the world, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Plant {
    /// None.
    #[default]
    Nothing,
    /// Whatever escalates an order is written without a condition: who wrote meanwhile is overwritten.
    UnconditionalEscalation,
    /// Intake emits before it writes.
    EmitBeforeWrite,
    /// A new order is written without its due mark.
    OrderWithoutMark,
}

impl Plant {
    /// Every bug and its word.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::Nothing, "nothing"),
        (Self::UnconditionalEscalation, "unconditional-escalation"),
        (Self::EmitBeforeWrite, "emit-before-write"),
        (Self::OrderWithoutMark, "order-without-mark"),
    ];

    /// The bug of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(plant, _)| *plant)
    }

    /// What is written instead; what is sent before it.
    pub(crate) fn written<'a>(self, writes: &'a [Write], ground: &Mutex<Ground>) -> Cow<'a, [Write]> {
        match self {
            Self::EmitBeforeWrite => {
                for event in writes.iter().filter_map(received) {
                    lock(ground).send(&event, SignedDuration::ZERO);
                }
                Cow::Borrowed(writes)
            }
            Self::OrderWithoutMark => writes.iter().map(unmarked).collect(),
            Self::Nothing | Self::UnconditionalEscalation => Cow::Borrowed(writes),
        }
    }

    /// Whether an event went out before its time.
    pub(crate) fn has_sent(self, event: &Event) -> bool {
        self == Self::EmitBeforeWrite && event.kind == EventType::FeedbackReceived && event.id.ends_with("/1")
    }

    /// Commits, and answers with what was written.
    pub(crate) async fn commit<'a>(
        self,
        store: &dyn Store,
        writes: Cow<'a, [Write]>,
    ) -> Result<Cow<'a, [Write]>, PortError> {
        match store.commit(&writes).await {
            Err(PortError::Conflict) if self == Self::UnconditionalEscalation && writes.iter().any(escalates) => {
                let mut forced = Vec::new();
                for write in writes.iter() {
                    forced.push(force(store, write.clone()).await?);
                }
                store.commit(&forced).await.map(|()| Cow::Owned(forced))
            }
            done => done.map(|()| writes),
        }
    }
}

/// The event that follows from a feedback's first write.
fn received(write: &Write) -> Option<Event> {
    let Write::Put(record) = write else { return None };
    let mut parts = record.key.partition.split('#');
    let tenant = TenantId::parse(parts.next()?)?;
    let id = (parts.next()? == "feedback").then(|| parts.next()).flatten().and_then(FeedbackId::parse)?;
    let at = record.body["received_at"].as_str()?.parse().ok()?;
    (record.version == 1).then(|| Event::new(&tenant, EventType::FeedbackReceived, id.as_str(), 1, at))
}

fn unmarked(write: &Write) -> Write {
    match write {
        Write::Put(record) if record.version == 1 && record.key.sort == "order" => {
            Write::Put(Record { due_at: None, ..record.clone() })
        }
        other => other.clone(),
    }
}

/// Whether the newest fact of an order that is written is an escalation.
fn escalates(write: &Write) -> bool {
    let Write::Put(Record { key, body, .. }) = write else { return false };
    let newest = body["facts"].as_array().and_then(|facts| facts.last());
    key.sort == "order" && newest.is_some_and(|fact| fact["type"] == "escalated")
}

/// The same write at whatever version there is.
async fn force(store: &dyn Store, write: Write) -> Result<Write, PortError> {
    let at = |key: Key| async move { Ok::<_, PortError>(store.get(&key).await?.map_or(0, |record| record.version)) };
    Ok(match write {
        Write::Put(record) => {
            let version = at(record.key.clone()).await? + 1;
            Write::Put(Record { version, ..record })
        }
        Write::Delete(key, _) => {
            let version = at(key.clone()).await?;
            Write::Delete(key, version)
        }
    })
}
