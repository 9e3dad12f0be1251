//! Who is told.

use crate::id::{AgentId, WebhookId};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// Who is told, written as one string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    /// `agent:<id>`: one agent.
    Agent(AgentId),
    /// `supervisors`: whoever supervises.
    Supervisors,
    /// `customer:<reference>`: one customer.
    Customer(String),
    /// `subscribers:<name>`: who is told of every order about a subject.
    Subscribers(String),
    /// `compensation`: whoever gives customers something.
    Compensation,
    /// `webhook:<id>`: a server of the shop's.
    Webhook(WebhookId),
}

/// A text that names nobody who could be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("names nobody who could be told")]
pub struct NoRecipient;

impl Recipient {
    /// The agent, if it is one.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    /// The webhook, if it is one.
    #[must_use]
    pub fn webhook(&self) -> Option<&WebhookId> {
        match self {
            Self::Webhook(webhook) => Some(webhook),
            _ => None,
        }
    }
}

impl Display for Recipient {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Agent(agent) => write!(f, "agent:{agent}"),
            Self::Supervisors => f.write_str("supervisors"),
            Self::Customer(reference) => write!(f, "customer:{reference}"),
            Self::Subscribers(name) => write!(f, "subscribers:{name}"),
            Self::Compensation => f.write_str("compensation"),
            Self::Webhook(webhook) => write!(f, "webhook:{webhook}"),
        }
    }
}

impl FromStr for Recipient {
    type Err = NoRecipient;

    fn from_str(text: &str) -> Result<Self, NoRecipient> {
        match text.split_once(':') {
            None if text == "supervisors" => Ok(Self::Supervisors),
            None if text == "compensation" => Ok(Self::Compensation),
            Some(("agent", id)) => AgentId::parse(id).map(Self::Agent).ok_or(NoRecipient),
            Some(("webhook", id)) => WebhookId::parse(id).map(Self::Webhook).ok_or(NoRecipient),
            Some(("customer", reference)) => Ok(Self::Customer(reference.to_owned())),
            Some(("subscribers", name)) => Ok(Self::Subscribers(name.to_owned())),
            _ => Err(NoRecipient),
        }
    }
}

impl TryFrom<String> for Recipient {
    type Error = NoRecipient;

    fn try_from(text: String) -> Result<Self, NoRecipient> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}
