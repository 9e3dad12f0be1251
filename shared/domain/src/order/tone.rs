//! How a customer's tone moves over what is said on an order (R16).

use super::WorkOrder;
use crate::fact::What;

/// As many tones as are kept: what somebody said weeks ago says little of how they feel now.
const KEPT: usize = 8;

impl WorkOrder {
    pub(super) fn hear_tone(&mut self, tone: i8) {
        if self.tones.len() == KEPT {
            self.tones.remove(0);
        }
        self.tones.push(tone);
    }

    /// How far the last tone is from the mean of those before it, −200 to 200; `None` until the
    /// customer has spoken twice.
    #[must_use]
    pub fn tone_change(&self) -> Option<i32> {
        let (last, before) = self.tones.split_last()?;
        Some(i32::from(*last) - mean(before)?)
    }

    /// What is to be written down if the customer now speaks in `tone`: an unhappy one that is at
    /// least `drop` points below the mean of those before. The same anger again is no news.
    pub(super) fn drop_to(&self, tone: i8, drop: i32) -> Option<What> {
        let told = self.tones.split_last().is_some_and(|(last, before)| fell(before, *last, drop).is_some());
        let from = fell(&self.tones, tone, drop).filter(|_| !told)?;
        Some(What::SentimentDropped { from, to: tone })
    }
}

/// The mean of the tones before, if `tone` is that much below it.
fn fell(before: &[i8], tone: i8, drop: i32) -> Option<i8> {
    let from = mean(before).filter(|from| tone < 0 && from - i32::from(tone) >= drop)?;
    Some(i8::try_from(from).expect("a mean of tones is a tone"))
}

/// To the nearest whole point towards 0; `None` of none.
fn mean(tones: &[i8]) -> Option<i32> {
    let count = i32::try_from(tones.len()).ok().filter(|count| *count > 0)?;
    Some(tones.iter().map(|tone| i32::from(*tone)).sum::<i32>() / count)
}
