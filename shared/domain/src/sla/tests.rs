//! What clocks promise, held against the fixture, against tables by hand, and against the stories
//! of whole orders that [`story`] tells.

mod breach;
mod deeds;
mod ladder;
mod law;
mod proof;
mod refusals;
mod retarget;
pub(crate) mod story;
mod vectors;
mod words;
