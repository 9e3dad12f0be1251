//! The outside in memory: it keeps what it was told, and refuses what a test wants refused.

use super::{Faults, lock};
use crate::letters::Letter;
use crate::ports::{Call, Outside, PortError};
use async_trait::async_trait;
use redress_domain::delivery::Answer;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Whoever is told.
pub struct MemoryOutside {
    sent: Mutex<Vec<Letter>>,
    calls: Mutex<Vec<Call>>,
    answers: Mutex<VecDeque<Answer>>,
    faults: Arc<Faults>,
}

impl MemoryOutside {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self { sent: Mutex::default(), calls: Mutex::default(), answers: Mutex::default(), faults }
    }

    /// Every message that was handed over, as often as it was, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Letter> {
        lock(&self.sent).clone()
    }

    /// Every call of a server of a shop's, as often as it was made, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    /// Answers the next message or call so, and after it the next: what is not said is taken.
    pub fn answer(&self, answer: Answer) {
        lock(&self.answers).push_back(answer);
    }
}

#[async_trait]
impl Outside for MemoryOutside {
    async fn send(&self, letter: &Letter) -> Result<Answer, PortError> {
        self.faults.around(|| {
            lock(&self.sent).push(letter.clone());
            Ok(lock(&self.answers).pop_front().unwrap_or_else(Answer::taken))
        })
    }

    async fn call(&self, call: &Call) -> Result<Answer, PortError> {
        self.faults.around(|| {
            lock(&self.calls).push(call.clone());
            Ok(lock(&self.answers).pop_front().unwrap_or_else(Answer::taken))
        })
    }
}
