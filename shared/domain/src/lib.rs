//! What is true: pure values and rules, no clock, no I/O.
//!
//! Every function here would still be right on paper, with a pencil for a clock: it takes the
//! present as an argument and answers with a value. Instants are UTC ([`jiff::Timestamp`], kept
//! to the millisecond), durations are [`jiff::SignedDuration`], money is integer minor units.

pub mod actor;
pub mod attachment;
pub mod bilingual;
pub mod calendar;
pub mod category;
pub mod compensation;
pub mod custom;
pub mod delivery;
pub mod effort;
pub mod event;
pub mod fact;
pub mod fair_share;
pub mod feedback;
pub mod id;
pub mod identity;
pub mod incident;
pub mod order;
pub mod policy;
pub mod priority;
pub mod promise;
pub mod reach;
pub mod routing;
pub mod satisfaction;
pub mod signature;
pub mod sla;
pub mod suppression;
pub mod survey;
pub mod webhook;
