//! A problem of each kind, as it is answered.

use crate::problem::{Code, Problem};
use crate::read::Wrong;
use serde_json::{Map, Value, json};

/// A problem of each kind, by its word.
pub(super) fn problems() -> Map<String, Value> {
    let example = |code: Code| {
        let problem = match code {
            Code::Invalid => vec![Wrong { pointer: "/customer/ref".to_owned(), detail: "required".to_owned() }].into(),
            code => Problem::new(code, code.title().to_lowercase()),
        };
        let document: Value =
            serde_json::from_slice(&problem.document("rq_0123456789abcdefghjkmnpqrs")).unwrap_or_default();
        (code.word().to_owned(), json!({ "summary": code.title(), "value": document }))
    };
    Code::ALL.into_iter().map(example).collect()
}
