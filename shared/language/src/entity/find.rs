//! Who may take which characters: the surer kinds first.

use std::collections::BTreeMap;

use super::plain::Plain;
use super::{EntityKind, Value, contact, date, quantity, reference};

/// Something found in the bytes `start..end` of a plain text.
pub(super) struct Found {
    pub(super) kind: EntityKind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: Option<Value>,
}

/// What was found so far, by its first byte; whoever comes later takes only what is free.
#[derive(Default)]
pub(super) struct Claims(BTreeMap<usize, Found>);

impl Claims {
    /// Takes the bytes if they are free.
    pub(super) fn take(&mut self, found: Found) {
        let (start, end) = (found.start, found.end);
        // What is taken does not overlap, so that only the last one that begins before the end can reach in.
        let is_free = self.0.range(..end).next_back().is_none_or(|(_, before)| before.end <= start);
        if is_free {
            self.0.insert(start, found);
        }
    }

    /// Takes the bytes for something without a value.
    pub(super) fn take_name(&mut self, kind: EntityKind, (start, end): (usize, usize)) {
        self.take(Found { kind, start, end, value: None });
    }
}

/// Everything a plain text names, in its order.
///
/// A number named by its word (订单号) comes before a sum, a sum before a phone; then an order that
/// is only near its number (`order 88231`), and last a card, since every tenth number may be one.
pub(super) fn find(plain: &Plain) -> impl Iterator<Item = Found> + use<> {
    let text = plain.text.as_str();
    let mut claims = Claims::default();
    contact::addresses(text, &mut claims);
    if plain.has_digit {
        date::absolute(text, &mut claims);
        reference::named(text, &mut claims);
    }
    quantity::amounts(text, &mut claims);
    if plain.has_digit {
        contact::people(text, &mut claims);
    }
    quantity::counts(plain, &mut claims);
    date::relative(text, &mut claims);
    if plain.has_digit {
        reference::near(text, &mut claims);
        contact::cards(text, &mut claims);
    }
    claims.0.into_values()
}
