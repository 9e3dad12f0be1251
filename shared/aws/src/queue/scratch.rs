//! A queue that nobody reads: whoever measures what a queue takes must put nothing into those that
//! functions read.

use crate::failure::unavailable;
use aws_sdk_sqs::Client;
use redress_service::ports::PortError;

/// A queue of one's own, for a moment.
#[derive(Clone)]
pub struct Scratch {
    client: Client,
    url: String,
}

impl Scratch {
    /// Makes it, by `sdk`, under that name: 1 to 80 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if there is none.
    pub async fn make(sdk: &aws_config::SdkConfig, name: &str) -> Result<Self, PortError> {
        let client = Client::new(sdk);
        let made = client.create_queue().queue_name(name).send().await;
        let made = made.map_err(|error| unavailable("CreateQueue", &error))?;
        let url = made.queue_url.ok_or_else(|| PortError::Unavailable("a queue without an address".to_owned()))?;
        Ok(Self { client, url })
    }

    /// Puts a message into it.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if it did not take it.
    pub async fn send(&self, body: &str) -> Result<(), PortError> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| unavailable("SendMessage", &error))
    }

    /// Takes it away, with whatever is in it.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if it may still be there.
    pub async fn remove(self) -> Result<(), PortError> {
        let removed = self.client.delete_queue().queue_url(&self.url).send().await;
        removed.map(drop).map_err(|error| unavailable("DeleteQueue", &error))
    }
}
