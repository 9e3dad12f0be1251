//! How much waits in the queues.

use crate::{Cloud, LocalError, emulator};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One queue of the stack and its dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue, as its function is named: `follow-up`.
    pub name: String,
    /// Messages that may be received now.
    pub waiting: usize,
    /// Messages that are being worked on, rest after a failure, or are held back for later.
    pub in_flight: usize,
    /// Messages given up after five attempts.
    pub dead_letters: usize,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "IsVisible")]
    is_visible: bool,
}

/// By account, region and queue address.
#[derive(Deserialize)]
struct Answer {
    messages: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<Message>>>>,
}

/// The depth of every queue that the stack names in its outputs.
///
/// # Errors
/// `NoAnswer` when the cloud is gone.
pub fn queues(cloud: &Cloud) -> Result<Vec<QueueDepth>, LocalError> {
    let failed = |e: ureq::Error| LocalError::NoAnswer { endpoint: cloud.endpoint.clone(), reason: e.to_string() };
    let address = format!("{}/_ministack/sqs/messages", cloud.endpoint);
    let answer: Answer =
        emulator::agent().get(address).call().and_then(|mut r| r.body_mut().read_json()).map_err(failed)?;
    let messages = answer.messages.into_values().flat_map(BTreeMap::into_values).flatten().collect();
    Ok(depths(&cloud.outputs, &messages))
}

fn depths(outputs: &BTreeMap<String, String>, messages: &BTreeMap<String, Vec<Message>>) -> Vec<QueueDepth> {
    let inside =
        |output: String| outputs.get(&output).and_then(|address| messages.get(address)).map_or(&[][..], Vec::as_slice);
    let named = outputs.keys().filter_map(|output| output.strip_suffix("QueueUrl"));
    named
        .map(|name| {
            let queue = inside(format!("{name}QueueUrl"));
            let waiting = queue.iter().filter(|message| message.is_visible).count();
            QueueDepth {
                name: kebab(name),
                waiting,
                in_flight: queue.len() - waiting,
                dead_letters: inside(format!("{name}DeadLettersUrl")).len(),
            }
        })
        .collect()
}

/// `FollowUp` as `follow-up`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_counted_with_its_dead_letters() {
        let outputs = [("FollowUpQueueUrl", "q"), ("FollowUpDeadLettersUrl", "d"), ("TableName", "t")];
        let outputs = outputs.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let messages = BTreeMap::from([
            ("q".to_owned(), vec![Message { is_visible: true }, Message { is_visible: false }]),
            ("d".to_owned(), vec![Message { is_visible: true }]),
        ]);
        let expected = QueueDepth { name: "follow-up".to_owned(), waiting: 1, in_flight: 1, dead_letters: 1 };
        assert_eq!(depths(&outputs, &messages), [expected]);
    }
}
