//! What happens: one use case a file over a few ports.
//!
//! Every use case has the same four beats: parse, load, decide (one call into the domain), commit
//! (one conditional write, then emit). From HTTP or a queue the write comes first and the emit is
//! derived again from what is stored when the trigger repeats; from the sweep the emit comes first
//! and the write that records it moves the due mark. So every use case may die at any await and be
//! run again.

pub mod amend;
pub mod answer;
pub mod api_keys;
pub mod assign;
pub mod attachments;
pub mod auth;
pub mod bootstrap;
pub mod classify;
pub mod compensations;
pub mod contract;
pub mod customers;
pub mod deliver;
pub mod desk;
pub mod effort;
pub mod fair_share;
pub mod family;
pub mod fault;
pub mod follow_up;
pub mod give;
pub mod govern;
pub mod inbox;
pub mod incidents;
pub mod keys;
pub mod labels;
pub mod letters;
pub mod links;
pub mod lists;
pub mod memory;
pub mod merge;
pub mod models;
pub mod pack;
pub mod people;
pub mod ports;
pub mod promises;
pub mod publish;
pub mod readiness;
pub mod receive;
pub mod reply;
pub mod said;
pub mod satisfaction;
pub mod secret;
pub mod suppressions;
pub mod sweep;
pub mod view;
pub mod webhooks;
pub mod wishes;

mod documents;
mod identities;
mod notices;
mod orders;
mod place;
mod roster;
mod thread;

pub use documents::Stored;
pub use fault::{Fault, Flaw};
use redress_domain::event::{Event, QueueName};

/// One invocation's own instant and randomness: read once at the edge, and passed down.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now, to the millisecond.
    pub now: jiff::Timestamp,
    /// 128 bits that nobody can guess.
    pub nonce: [u8; 16],
}

impl Moment {
    /// The same instant with other randomness: of the `number`th part of what is done in it.
    #[must_use]
    pub fn part(self, number: usize) -> Self {
        let mut nonce = self.nonce;
        for (byte, more) in nonce.iter_mut().zip(number.to_le_bytes()) {
            *byte ^= more;
        }
        Self { nonce, ..self }
    }
}

/// Hands an event to the use case that its queue belongs to.
///
/// # Errors
/// Whatever the use case says; the event is to be delivered again if that is retryable.
pub async fn handle(world: &ports::World, event: &Event, moment: Moment) -> Result<(), Fault> {
    // Each in a room of its own: the largest is five times as large as the most frequent one.
    match event.queue() {
        QueueName::Classification => Box::pin(classify::handle(world, event, moment)).await,
        QueueName::Assignment => Box::pin(assign::handle(world, event, moment)).await,
        QueueName::FollowUp => Box::pin(follow_up::handle(world, event, moment)).await,
        QueueName::Escalation => Box::pin(sweep::timer(world, event, moment)).await.map(drop),
        QueueName::Attachment => Box::pin(attachments::handle(world, event, moment)).await,
        QueueName::Delivery => Box::pin(deliver::handle(world, event, moment)).await,
    }
}
