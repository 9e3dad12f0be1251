//! Queues, by SQS.

use crate::config::{Queues, Setting};
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use jiff::SignedDuration;
use redress_domain::event::{Event, QueueName};
use redress_service::ports::{PortError, Queue};

mod redrive;
mod scratch;

pub use redrive::{Redrive, Tally};
pub use scratch::Scratch;

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
            QueueName::Escalation => &self.queues.escalation,
            QueueName::Attachment => &self.queues.attachment,
            QueueName::Delivery => &self.queues.delivery,
        }
    }

    /// Hands an event to its queue, which holds it back for so many seconds.
    async fn hand(&self, event: &Event, seconds: i32) -> Result<(), PortError> {
        let url = self.url(event.queue()).get()?;
        let body = serde_json::to_string(event).expect("an event is strings and an instant");
        let message = self.client.send_message().queue_url(url).message_body(body).delay_seconds(seconds);
        message.send().await.map(drop).map_err(|error| unavailable("SendMessage", &error))
    }
}

/// As long as a queue holds a message back, in seconds.
const LONGEST_DELAY: i64 = 900;

/// The whole seconds of a delay, rounded up: what comes a moment early finds nothing due.
fn seconds(delay: SignedDuration) -> i32 {
    let up = delay.as_secs() + i64::from(delay.subsec_nanos() > 0);
    i32::try_from(up.clamp(0, LONGEST_DELAY)).expect("a quarter of an hour is few seconds")
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, event: &Event) -> Result<(), PortError> {
        self.hand(event, 0).await
    }

    async fn send_later(&self, event: &Event, delay: SignedDuration) -> Result<(), PortError> {
        self.hand(event, seconds(delay)).await
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
        let sent = message.message_attributes(redrive::REASON, attribute).send().await;
        sent.map(drop).map_err(|error| unavailable("SendMessage", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_whole_seconds_never_too_short_and_at_most_a_quarter_of_an_hour() {
        let of = |ms| seconds(SignedDuration::from_millis(ms));
        assert_eq!([of(-5), of(0), of(1), of(1000), of(1001)], [0, 0, 1, 1, 2]);
        assert_eq!([of(899_001), of(900_000), of(5_000_000)], [900, 900, 900]);
    }
}
