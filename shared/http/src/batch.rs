//! `/v1/feedback/batch`: many feedbacks at once, each with an answer of its own.

use crate::ask::Ask;
use crate::feedback::Accepted;
use crate::json::canonical;
use crate::problem::{Code, Document, Problem};
use crate::read::{self, Reader};
use crate::reply::{Answer, json, replayed};
use axum::http::StatusCode;
use redress_domain::feedback::Feedback;
use redress_domain::id::digest;
use redress_service::Fault;
use redress_service::receive::{self, Receive};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// The answer to a batch.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Batched<'a> {
    /// One for each item, in their order.
    items: Vec<Item<'a>>,
}

/// What became of one item.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BatchedItem")]
pub(crate) struct Item<'a> {
    /// Which item, from 0.
    index: usize,
    /// What it would have been answered with alone.
    status: u16,
    /// The feedback that it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<&'a Accepted>,
    /// Whether it had come in before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
    /// Why it is none: a problem document, whose pointers begin at the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Document<'a>>,
    /// When to bring it again, where that may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u32>,
}

/// `POST /v1/feedback/batch`
pub(crate) async fn receive(ask: Ask) -> Answer {
    let (caller, moment) = (ask.caller()?, ask.moment());
    let mut body = ask.document()?;
    let key = ask.idempotency_key()?;
    ask.no_query()?;
    read::batch(moment.now).read(&body)?;
    let items = body["items"].take();
    let secret = ask.api.secret().await?;

    let reader = read::item(moment.now);
    let keys = Keys::of(key.as_deref(), items.as_array().map(Vec::as_slice).unwrap_or_default());
    let (mut requests, mut answers) = (Vec::new(), Vec::new());
    for (index, item) in items.as_array().into_iter().flatten().enumerate() {
        let read = reader.read(item).map_err(Problem::from).and_then(|read| keys.name(index, read));
        answers.push(read.map(|request| requests.push(request)));
    }
    drop(items);
    let mut received = receive::each(ask.world(), caller, requests, moment).await.into_iter();
    let answers = answers.into_iter().map(|answer| {
        let () = answer?;
        let received = received.next().unwrap_or(Err(Fault::NotFound))?;
        Ok((Accepted::of(&ask, secret, &caller.tenant, &received), received.replayed))
    });
    let answers: Vec<Result<_, Problem>> = answers.collect();
    let outcomes = answers.iter().enumerate().map(|(index, answer)| outcome(index, answer, ask.request_id()));
    let items: Vec<_> = outcomes.collect();
    let all_replayed = items.iter().all(|item| item.replayed);
    Ok(replayed(json(StatusCode::OK, &Batched { items }), all_replayed))
}

fn outcome<'a>(index: usize, answer: &'a Result<(Accepted, bool), Problem>, request_id: &'a str) -> Item<'a> {
    let (feedback, problem) = (answer.as_ref().ok(), answer.as_ref().err());
    Item {
        index,
        status: problem.map_or(StatusCode::ACCEPTED, Problem::status).as_u16(),
        feedback: feedback.map(|(accepted, _)| accepted),
        replayed: feedback.is_some_and(|(_, replayed)| *replayed),
        problem: problem.map(|problem| problem.as_document(request_id)),
        retry_after_seconds: problem.filter(|problem| problem.code == Code::Unavailable).map(|_| 1),
    }
}

/// The names that items have by the request's own key: equal items have one name.
struct Keys<'a> {
    key: Option<&'a str>,
    first: Vec<usize>,
}

impl<'a> Keys<'a> {
    fn of(key: Option<&'a str>, items: &[Value]) -> Self {
        let mut seen = HashMap::new();
        let first = items.iter().enumerate().filter(|_| key.is_some());
        let first = first.map(|(index, item)| *seen.entry(digest(&[&canonical(item)])).or_insert(index)).collect();
        Self { key, first }
    }

    /// The request that an item is: under its own key, else the channel's id, else the request's key
    /// and the item's place. No caller's own key has a line break, so none is ever mistaken for that.
    fn name(&self, index: usize, (feedback, own): (Feedback, Option<String>)) -> Result<Receive, Problem> {
        let by_place = || Some(format!("{}\n{}", self.key?, self.first.get(index)?));
        let idempotency_key = match (own, &feedback.source_message_id) {
            (Some(own), _) => Some(own),
            (None, Some(_)) => None,
            (None, None) => Some(by_place().ok_or_else(unnamed)?),
        };
        Ok(Receive { feedback, idempotency_key })
    }
}

fn unnamed() -> Problem {
    let detail = "give the item an idempotency_key or the channel's own source_message_id, or the request an \
                  Idempotency-Key: a retry needs one of them";
    Problem::new(Code::IdempotencyKeyMissing, detail)
}
