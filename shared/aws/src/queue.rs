//! Queues, by SQS.

use crate::config::{Queues, Setting};
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
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

/// Where a message rests that no further try can help, with the reason beside it.
pub struct DeadLetters {
    client: Client,
    url: Setting,
}

/// Reasons are short; what is longer is cut.
const REASON: usize = 256;

impl DeadLetters {
    /// Lays aside by `client` in the queue at `url`.
    #[must_use]
    pub fn new(client: Client, url: Setting) -> Self {
        Self { client, url }
    }

    /// Lays a message aside, its body as it came, `reason` as an attribute.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if the queue did not take it: then the message must go back.
    pub async fn lay_aside(&self, body: &str, reason: &str) -> Result<(), PortError> {
        let url = self.url.get()?;
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON).collect();
        let attribute = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let attribute = attribute.expect("an attribute with a type");
        let message = self.client.send_message().queue_url(url).message_body(body);
        let sent = message.message_attributes("reason", attribute).send().await;
        sent.map(drop).map_err(|error| unavailable("SendMessage", &error))
    }
}
