//! A customer's answer as the API takes it.

use super::{Reader, boolean, object, whole, words, wrong};
use jiff::Timestamp;
use redress_domain::survey::Answer;
use serde_json::json;

/// The longest comment, in characters.
pub(crate) const COMMENT: usize = 4_000;

/// An answer that is given at `at`.
pub(crate) fn answer(at: Timestamp) -> impl Reader<Of = Answer> {
    let silent = Answer { csat: None, ces: None, nps: None, solved: None, comment: None, given_by: None, at };
    let says_something = move |answer| match answer == silent {
        true => wrong("must have at least one of csat, ces, nps, solved, comment"),
        false => Ok(answer),
    };
    let fields = object(move |fields| {
        Some(Answer {
            csat: fields.optional("csat", score(1, 5)),
            ces: fields.optional("ces", score(1, 7)),
            nps: fields.optional("nps", score(0, 10)),
            solved: fields.optional("solved", boolean()),
            comment: fields.optional("comment", words(COMMENT)),
            given_by: None,
            at,
        })
    });
    fields.then(says_something).with(json!({ "minProperties": 1 }))
}

/// A score on a scale.
pub(super) fn score(least: i64, most: i64) -> impl Reader<Of = u8> {
    whole(least, most).map(|score| u8::try_from(score).expect("a score is at most 10"))
}
