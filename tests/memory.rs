//! Scenarios in the in-memory world.

mod attachments;
mod busy;
mod clocks;
mod compensations;
mod contract;
mod crashes;
mod customers;
mod deeds;
mod intake;
mod letters;
mod lines;
mod models;
mod revisits;
mod surveys;
mod telling;
mod threads;
mod verdicts;
mod waiting;
mod walk;
mod world;
