//! Who did it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of actor stands behind a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The person who said it.
    Customer,
    /// A person who works on it.
    Agent,
    /// A machine that talks to customers.
    Bot,
    /// Redress itself.
    System,
    /// A program, or a person without an agent record, known by its key.
    ApiKey,
}

/// Who did it: a kind and the id within that kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// An agent's or a key's id, a customer's reference, the name of one of our functions.
    pub id: String,
}

impl Actor {
    /// An actor of `kind` named `id`.
    pub fn new(kind: ActorKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Redress itself, by the name of the use case that decided.
    #[must_use]
    pub fn system(name: &str) -> Self {
        Self::new(ActorKind::System, name)
    }
}
