//! Scenarios in the in-memory world.

mod contract;
mod crashes;
mod walk;
mod world;
