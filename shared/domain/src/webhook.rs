//! A server of the shop's that is told what happens.

mod address;

pub use address::{Access, RefusedUrl, check_url, may_reach};
