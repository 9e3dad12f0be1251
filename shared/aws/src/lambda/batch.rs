//! A batch of a queue: each message by itself, and only what failed goes back.

use super::{Handlers, OnEvent, Outcome, caught, notification};
use crate::clock;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use futures::stream::{self, StreamExt};
use redress_domain::event::Event;
use redress_service::Fault;
use serde_json::error::Category;
use serde_json::{Value, json};

/// Handles the messages of `payload`, so many side by side as the function can, and answers which of
/// them go back.
///
/// What may pass goes back to the queue, which lays it aside after the last try. What can't be
/// helped by trying again rests in the dead-letter queue at once, with its reason.
pub(super) async fn handle(handlers: &Handlers, act: &OnEvent, mut payload: Value) -> Value {
    let records = payload["Records"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let mut failed = SqsBatchResponse::default();
    // What is no message at all has no id: an empty one puts the whole batch back, so that nothing
    // is lost.
    let messages = records.into_iter().map(|record| serde_json::from_value::<SqsMessage>(record).unwrap_or_default());
    let handled = stream::iter(messages).map(|message| async move { (one(handlers, act, &message).await, message) });
    let handled: Vec<_> = handled.buffered(handlers.abreast).collect().await;
    for (_, message) in handled.into_iter().filter(|(done, _)| !done) {
        failed.add_failure(message.message_id.unwrap_or_default());
    }
    json!(failed)
}

/// Whether the message is done with.
async fn one(handlers: &Handlers, act: &OnEvent, message: &SqsMessage) -> bool {
    let (event, told) = match read(message) {
        Ok(events) => handle_all(handlers, act, events).await,
        Err(fault) => (None, Err(fault)),
    };
    let Err(fault) = told else { return true };
    log(message, event.as_ref(), &fault);
    !fault.is_retryable() && rests(handlers, message, &fault).await
}

/// Handles the events of one message, in turn; answers with the one that failed.
async fn handle_all(handlers: &Handlers, act: &OnEvent, events: Vec<Event>) -> (Option<Event>, Outcome) {
    for event in events {
        if let Err(fault) = caught(act(handlers.world(), event.clone(), clock::moment())).await {
            return (Some(event), Err(fault));
        }
    }
    (None, Ok(()))
}

/// Lays a message aside; if that fails it goes back, and the queue lays it aside in the end.
async fn rests(handlers: &Handlers, message: &SqsMessage, fault: &Fault) -> bool {
    let body = message.body.as_deref().unwrap_or_default();
    let laid = handlers.dead_letters.lay_aside(body, &fault.to_string()).await;
    laid.inspect_err(|error| tracing::error!(message.id = message.message_id, %error, "not laid aside")).is_ok()
}

/// The events in `message`: its one event, or what a bucket says in its own words. Why there is none says where reading stopped and never what stood there:
/// whoever sent this may have sent anything. What is an event of a type unknown here may be known
/// to the version that is being deployed, and goes back.
fn read(message: &SqsMessage) -> Result<Vec<Event>, Fault> {
    let body = message.body.as_deref().unwrap_or_default();
    serde_json::from_str(body).map(|event| vec![event]).or_else(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        notification::events(body).unwrap_or_else(|| match error.classify() {
            Category::Data => Err(Fault::Unavailable(format!("not an event of this version: {place}"))),
            _ => Err(Fault::invalid("", format!("not JSON: {place}"))),
        })
    })
}

/// What failed, named by ids that hold nothing of a customer's; what is no event has none.
fn log(message: &SqsMessage, event: Option<&Event>, fault: &Fault) {
    tracing::error!(
        event.id = event.map(|event| event.id.as_str()),
        event.r#type = event.map(|event| event.kind.as_str()),
        tenant.id = event.map(|event| event.tenant.as_str()),
        message.id = message.message_id,
        message.receive_count = receive_count(message),
        retried = fault.is_retryable(),
        reason = %fault,
        "event failed"
    );
}

/// How often the queue has handed the message out, this time included.
fn receive_count(message: &SqsMessage) -> Option<u32> {
    message.attributes.get("ApproximateReceiveCount")?.parse().ok()
}
