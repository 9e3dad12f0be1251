//! Scenarios in the in-memory world.

mod clocks;
mod contract;
mod crashes;
mod customers;
mod intake;
mod models;
mod threads;
mod walk;
mod world;
