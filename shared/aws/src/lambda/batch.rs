//! A batch of a queue: each message by itself, and only what failed goes back.

use super::{OnEvent, Outcome, caught};
use crate::clock;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use redress_domain::event::Event;
use redress_service::ports::World;
use serde_json::{Value, json};

/// Handles the messages of `payload` one after the other and answers which of them failed.
///
/// A message that fails each time rests in the dead-letter queue after its last try; the line that
/// each try logs says why, and `message.id` is the message's own there.
pub(super) async fn handle(world: &World, act: &OnEvent, mut payload: Value) -> Value {
    let records = payload["Records"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let mut failed = SqsBatchResponse::default();
    for record in records {
        // What is no message at all has no id: an empty one puts the whole batch back, so that
        // nothing is lost.
        let message: SqsMessage = serde_json::from_value(record).unwrap_or_default();
        if one(world, act, &message).await.is_err() {
            failed.add_failure(message.message_id.unwrap_or_default());
        }
    }
    json!(failed)
}

async fn one(world: &World, act: &OnEvent, message: &SqsMessage) -> Outcome {
    let event = read(message)?;
    let told = caught(act(world.clone(), event.clone(), clock::moment())).await;
    if let Err(reason) = &told {
        tracing::error!(
            event.id = event.id,
            event.r#type = event.kind.as_str(),
            event.subject = event.subject,
            tenant.id = event.tenant.as_str(),
            message.id = message.message_id,
            message.receive_count = receive_count(message),
            reason,
            "event failed"
        );
    }
    told
}

/// The event in `message`. Why there is none says where reading stopped and never what stood there:
/// whoever sent this may have sent anything.
fn read(message: &SqsMessage) -> Result<Event, String> {
    serde_json::from_str(message.body.as_deref().unwrap_or_default()).map_err(|error| {
        let reason = format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column());
        tracing::error!(
            message.id = message.message_id,
            message.receive_count = receive_count(message),
            reason,
            "message is not an event"
        );
        reason
    })
}

/// How often the queue has handed the message out, this time included.
fn receive_count(message: &SqsMessage) -> Option<u32> {
    message.attributes.get("ApproximateReceiveCount")?.parse().ok()
}
