//! Scenarios through the public doors: in the in-memory world, and, with the feature `cloud`,
//! through the functions themselves in the local cloud.

#![expect(clippy::unwrap_used, reason = "all of this is tests: a panic is the finding")]

#[cfg(feature = "cloud")]
mod cloud;
mod conformance;
mod memory;
mod shop;
mod template;
