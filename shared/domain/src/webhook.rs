//! A server of the shop's that is told what happens.

mod address;
mod document;
mod endpoint;
mod events;

pub use address::{Access, RefusedUrl, check_url, may_reach};
pub use document::{OVERLAP, Retired, Webhook, WebhookState};
pub use endpoint::{Admission, Endpoint, PATIENCE, PAUSE};
pub use events::{ALL, ESCALATED, EVENTS, TEST, body, told};
