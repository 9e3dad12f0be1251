//! Scenarios in the in-memory world.

mod attachments;
mod clocks;
mod contract;
mod crashes;
mod intake;
mod models;
mod walk;
mod world;
