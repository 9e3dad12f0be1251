//! Scenarios through the public doors: in the in-memory world, and, with the feature `cloud`,
//! through the functions themselves in the local cloud.

#[cfg(feature = "cloud")]
mod cloud;
mod memory;
mod shop;
