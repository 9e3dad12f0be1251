//! What a text says, asked through the public door.

mod categories;
mod cues;
mod entities;
mod laws;
mod limits;
mod moods;
mod spans;
