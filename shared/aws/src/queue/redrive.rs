//! Dead letters back into their queue: received, sent, deleted, one after the other.
//!
//! Whoever dies between sending and deleting has sent one twice, which every use case bears; nothing
//! is lost at any await. `StartMessageMoveTask` would do the same but for the count of reasons, and
//! is not to be had in the local cloud.

use crate::failure::unavailable;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::Timestamp;
use redress_domain::event::QueueName;
use redress_service::ports::PortError;
use std::collections::{BTreeMap, BTreeSet};

/// As many messages as a queue hands out at once.
const BATCH: usize = 10;

/// How long a queue is listened to before it counts as empty, in seconds: without, it answers
/// "nothing" although there is something.
const LISTEN: i32 = 1;

/// How long what was received is hidden from others, in seconds.
const HIDDEN: i32 = 60;

/// One queue's dead letters, on their way back.
pub struct Redrive {
    client: Client,
    queue: String,
    dead_letters: String,
    /// What was laid aside later than this came back by our own doing, and rests on.
    began: Timestamp,
    seen: BTreeSet<String>,
    held: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many rested for each reason; without one for what failed five times, of which the log of
    /// the function says more.
    pub by_reason: BTreeMap<Option<String>, usize>,
    /// How many were laid aside while this was at work, and rest on.
    pub left: usize,
}

impl Tally {
    /// How many were put back, or would be.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.by_reason.values().sum()
    }
}

impl Redrive {
    /// Of `queue` of the stack whose outputs are `output`; `began` is now.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] with the output's name, if the stack has none of that name.
    pub fn deployed(
        sdk: &SdkConfig,
        queue: QueueName,
        output: impl Fn(&str) -> Option<String>,
        began: Timestamp,
    ) -> Result<Self, PortError> {
        let url = |end: &str| {
            let name = format!("{}{end}", logical(queue));
            output(&name).ok_or_else(|| PortError::Unavailable(format!("the stack has no output {name}")))
        };
        Ok(Self::new(Client::new(sdk), url("QueueUrl")?, url("DeadLettersUrl")?, began))
    }

    /// Of `queue` of the stack called `stack`, found by the names that CloudFormation gives queues;
    /// `began` is now.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if there is no such queue in the account and region, or AWS does
    /// not answer.
    ///
    /// # Source
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>:
    /// a physical id is the stack's name, the logical id and a random part.
    pub async fn of_stack(sdk: &SdkConfig, queue: QueueName, stack: &str, began: Timestamp) -> Result<Self, PortError> {
        let client = Client::new(sdk);
        let url = async |end: &str| {
            let name = format!("{stack}-{}{end}-", logical(queue));
            let found = client.list_queues().queue_name_prefix(&name).send().await;
            let found = found.map_err(|error| unavailable("ListQueues", &error))?;
            match found.queue_urls() {
                [url] => Ok(url.clone()),
                [] => Err(PortError::Unavailable(format!("no queue {name}… in this account and region"))),
                _ => Err(PortError::Unavailable(format!("more than one queue {name}…"))),
            }
        };
        let (queue, dead_letters) = (url("Queue").await?, url("DeadLetters").await?);
        Ok(Self::new(client, queue, dead_letters, began))
    }

    fn new(client: Client, queue: String, dead_letters: String, began: Timestamp) -> Self {
        Self { client, queue, dead_letters, began, seen: BTreeSet::new(), held: Vec::new() }
    }

    /// Counts up to ten of them into `tally`, at most `limit` in all, and changes nothing; answers
    /// whether there may be more.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if AWS does not answer.
    pub async fn look(&mut self, limit: usize, tally: &mut Tally) -> Result<bool, PortError> {
        let found = self.receive(limit, tally).await?;
        for message in &found {
            tally.count(message);
            self.held.extend(message.receipt_handle.clone());
        }
        Ok(!found.is_empty())
    }

    /// Puts up to ten of them back, at most `limit` in all, and counts each into `tally` once it is
    /// back; answers whether there may be more.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] if AWS does not answer. What `tally` does not count rests where it
    /// was, but for one that may have been sent and not deleted.
    pub async fn put_back(&mut self, limit: usize, tally: &mut Tally) -> Result<bool, PortError> {
        let found = self.receive(limit, tally).await?;
        for message in &found {
            let body = message.body.as_deref().unwrap_or_default();
            let sent = self.client.send_message().queue_url(&self.queue).message_body(body).send().await;
            sent.map_err(|error| unavailable("SendMessage", &error))?;
            let handle = message.receipt_handle.as_deref().unwrap_or_default();
            let deleted = self.client.delete_message().queue_url(&self.dead_letters).receipt_handle(handle);
            deleted.send().await.map_err(|error| unavailable("DeleteMessage", &error))?;
            tally.count(message);
        }
        Ok(!found.is_empty())
    }

    /// Lets go of what was only looked at. If that fails, the queue does so by itself in a minute.
    pub async fn let_go(&mut self) {
        for handle in std::mem::take(&mut self.held) {
            let seen = self.client.change_message_visibility().queue_url(&self.dead_letters);
            let _in_a_minute = seen.receipt_handle(handle).visibility_timeout(0).send().await;
        }
    }

    /// Some that were not seen before and rested when this began; what came since is left.
    async fn receive(&mut self, limit: usize, tally: &mut Tally) -> Result<Vec<Message>, PortError> {
        let room = limit.saturating_sub(tally.messages()).min(BATCH);
        if room == 0 {
            return Ok(Vec::new());
        }
        let asked = self.client.receive_message().queue_url(&self.dead_letters);
        let asked = asked.max_number_of_messages(i32::try_from(room).expect("ten at most"));
        let asked = asked.wait_time_seconds(LISTEN).visibility_timeout(HIDDEN).message_attribute_names(REASON);
        let asked = asked.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let got = asked.send().await.map_err(|error| unavailable("ReceiveMessage", &error))?;
        let mut found = Vec::new();
        for message in got.messages.unwrap_or_default() {
            if !self.seen.insert(message.message_id.clone().unwrap_or_default()) {
                continue;
            }
            if sent(&message).is_some_and(|at| at > self.began) {
                tally.left += 1;
                self.held.extend(message.receipt_handle);
            } else {
                found.push(message);
            }
        }
        Ok(found)
    }
}

/// The attribute that says why a message rests.
pub(super) const REASON: &str = "reason";

impl Tally {
    fn count(&mut self, message: &Message) {
        let reason = message.message_attributes.as_ref().and_then(|attributes| attributes.get(REASON));
        *self.by_reason.entry(reason.and_then(|reason| reason.string_value.clone())).or_default() += 1;
    }
}

/// When a message was first sent; one that the queue itself laid aside keeps the instant of its first
/// sending.
fn sent(message: &Message) -> Option<Timestamp> {
    let sent = message.attributes.as_ref()?.get(&MessageSystemAttributeName::SentTimestamp)?;
    sent.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok())
}

/// What the queue's resources and outputs in the template begin with.
fn logical(queue: QueueName) -> &'static str {
    match queue {
        QueueName::Classification => "Classification",
        QueueName::Assignment => "Assignment",
        QueueName::FollowUp => "FollowUp",
        QueueName::Escalation => "Escalation",
        QueueName::Attachment => "Attachment",
        QueueName::Delivery => "Delivery",
    }
}

#[cfg(test)]
mod tests;
