//! How AWS does it: the table, the queues, the outbox, and the entry points of functions.
//!
//! The only crate with the SDK, a clock, randomness and the environment. [`config::surroundings`] makes
//! the [`redress_service::ports::World`] that every use case runs in, [`lambda::run`] brings it
//! what happens.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge: the one crate that reads the clock and the environment"
)]

pub mod calls;
pub mod clock;
pub mod config;
mod failure;
pub mod files;
pub mod lambda;
pub mod logging;
pub mod models;
pub mod outbox;
pub mod post;
pub mod queue;
pub mod readiness;
pub mod store;
mod transport;
