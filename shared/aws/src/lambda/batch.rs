//! A batch of a queue: each message by itself, and only what failed goes back.

use super::{Invocation, OnEvent, Outcome, caught};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use redress_domain::event::Event;
use redress_service::ports::World;
use serde_json::{Value, json};

/// Handles the messages of `payload` one after the other and answers which of them failed.
///
/// A message that fails each time rests in the dead-letter queue after its last try; the line that
/// each try logs says why.
pub(super) async fn handle(world: &World, act: &OnEvent, mut payload: Value) -> Value {
    let records = payload["Records"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let mut failed = SqsBatchResponse::default();
    for record in records {
        // An empty identifier puts the whole batch back: nothing is lost that could not be named.
        let id = record["messageId"].as_str().unwrap_or_default().to_owned();
        if one(world, act, record).await.is_err() {
            failed.add_failure(id);
        }
    }
    json!(failed)
}

async fn one(world: &World, act: &OnEvent, record: Value) -> Outcome {
    let message: SqsMessage = serde_json::from_value(record).map_err(|error| unreadable(&error))?;
    let body = message.body.as_deref().unwrap_or_default();
    let event: Event = serde_json::from_str(body).map_err(|error| unreadable(&error))?;
    let told = caught(act(world.clone(), event.clone(), Invocation::read())).await;
    if let Err(reason) = &told {
        tracing::error!(
            event.id = event.id,
            event.r#type = event.kind.as_str(),
            event.subject = event.subject,
            tenant.id = %event.tenant,
            message.id = message.message_id,
            message.receive_count = receive_count(&message),
            reason,
            "event failed"
        );
    }
    told
}

/// How often the queue has handed the message out, this time included.
fn receive_count(message: &SqsMessage) -> Option<u32> {
    message.attributes.get("ApproximateReceiveCount")?.parse().ok()
}

/// Says where reading stopped and never what stood there: whoever sent this may have sent anything.
fn unreadable(error: &serde_json::Error) -> String {
    let reason = format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column());
    tracing::error!(reason, "message is not an event");
    reason
}
