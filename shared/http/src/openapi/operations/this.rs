//! The API's description of itself.

use super::{Operation, THIS, operation};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/openapi.json", "This document")
            .of(THIS)
            .gives::<serde_json::Map<String, serde_json::Value>>(200, &[]),
    ]
}
