//! The agreement, and one clock per metric, cycle and exchange.
//!
//! A [`Clock`] keeps the segments in which it ran or paused; consumed time is the sum of the run
//! segments and is never computed again from creation (sla.md section 3). [`Clocks`] are all
//! clocks of one order: what happens to the order moves them, and nothing else does, so that the
//! same happenings always make the same clocks. What they run by is looked up in a [`Book`] of
//! versions that never change.

mod book;
mod climb;
mod clock;
mod clocks;
mod level;
mod overrule;
pub mod proof;
mod record;
mod reopen;
pub mod replay;
mod target;

pub use book::Book;
pub use clock::{Clock, Rules};
pub use clocks::{Clocks, FirstResponse, Step};
pub use level::{Action, Anchor, Audience, Level, Repeat, Rung};
pub use record::{Annulment, Breach, BreachCause, ClockState, Segment, SegmentKind};
pub use target::{Agreement, ClockKey, Metric, Seconds, Target, VersionRef};

#[cfg(test)]
pub(crate) mod tests;
