//! Queues, by SQS.

use crate::config::{Queues, Setting};
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use redress_domain::event::{Event, QueueName};
use redress_service::ports::{PortError, Queue};

/// Sends each event to the queue that its type belongs to.
pub struct SqsQueue {
    client: Client,
    queues: Queues,
}

impl SqsQueue {
    /// Sends by `client` to `queues`.
    #[must_use]
    pub fn new(client: Client, queues: Queues) -> Self {
        Self { client, queues }
    }

    fn url(&self, queue: QueueName) -> &Setting {
        match queue {
            QueueName::Classification => &self.queues.classification,
            QueueName::Assignment => &self.queues.assignment,
            QueueName::FollowUp => &self.queues.follow_up,
        }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, event: &Event) -> Result<(), PortError> {
        let url = self.url(event.queue()).get()?;
        let body = serde_json::to_string(event).expect("an event is strings and an instant");
        let sent = self.client.send_message().queue_url(url).message_body(body).send().await;
        sent.map(drop).map_err(|error| unavailable("SendMessage", &error))
    }
}
