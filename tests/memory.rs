//! Scenarios in the in-memory world.

mod crashes;
mod walk;
mod world;
