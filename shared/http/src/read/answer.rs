//! A customer's answer as the API takes it.

use super::{Object, Read, Wrong, boolean, whole, words};
use jiff::Timestamp;
use redress_domain::survey::Answer;
use serde_json::Value;

/// The longest comment, in characters.
pub(crate) const COMMENT: usize = 4_000;

/// An answer that is given at `at`.
pub(crate) fn answer(value: &Value, at: Timestamp) -> Read<Answer> {
    let mut fields = Object::of(value)?;
    let answer = Answer {
        csat: fields.optional("csat", score(1, 5)),
        ces: fields.optional("ces", score(1, 7)),
        nps: fields.optional("nps", score(0, 10)),
        solved: fields.optional("solved", boolean),
        comment: fields.optional("comment", words(COMMENT)),
        at,
    };
    let answer = fields.close(Some(answer))?;
    let silent = Answer { csat: None, ces: None, nps: None, solved: None, comment: None, at };
    if answer == silent {
        let detail = "must have at least one of csat, ces, nps, solved, comment".to_owned();
        return Err(vec![Wrong { pointer: String::new(), detail }]);
    }
    Ok(answer)
}

fn score(least: i64, most: i64) -> impl Fn(&Value) -> Read<u8> {
    move |value| Ok(u8::try_from(whole(least, most)(value)?).expect("a score is at most 10"))
}
