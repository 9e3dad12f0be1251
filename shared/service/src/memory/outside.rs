//! The outside in memory: it keeps what it was told, and refuses what a test wants refused.

use super::{Faults, lock};
use crate::letters::Letter;
use crate::ports::{Outside, PortError};
use async_trait::async_trait;
use redress_domain::delivery::Answer;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Whoever is told.
pub struct MemoryOutside {
    sent: Mutex<Vec<Letter>>,
    answers: Mutex<VecDeque<Answer>>,
    faults: Arc<Faults>,
}

impl MemoryOutside {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self { sent: Mutex::default(), answers: Mutex::default(), faults }
    }

    /// Every message that was handed over, as often as it was, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Letter> {
        lock(&self.sent).clone()
    }

    /// Answers the next message so, and after it the next: what is not said is taken.
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
}
