//! Scenarios in the in-memory world.

mod clocks;
mod contract;
mod crashes;
mod deeds;
mod intake;
mod models;
mod walk;
mod world;
