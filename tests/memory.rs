//! Scenarios in the in-memory world.

mod at_once;
mod attachments;
mod bootstrap;
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
mod outage;
mod readiness;
mod revisits;
mod surveys;
mod telling;
mod threads;
mod verdicts;
mod versions;
mod waiting;
mod walk;
mod world;
