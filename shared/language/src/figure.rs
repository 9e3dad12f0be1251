//! Numbers that make a matter wide: how many orders or people, how much money.

use redress_domain::priority::Cue;

use crate::entity::{Counted, Entity, Value};

/// So many orders, people or pieces are more than one household's matter.
const MANY: u32 = 10;
/// So many are a whole department, class or pallet.
const VERY_MANY: u32 = 50;
/// 5,000.00 in any currency (half a million yen): what most households would not shrug off. A rough
/// mark; the shop's own policy knows the order's value.
const LARGE_MINOR: i64 = 500_000;
/// Ten times that.
const VERY_LARGE_MINOR: i64 = 5_000_000;

/// Every rule that a figure can fire.
#[cfg(test)]
pub(crate) const RULES: [&str; 4] = ["impact.many", "impact.very_many", "impact.amount", "impact.very_large_amount"];

/// The numbers worth points among what a text names, in its order.
pub(crate) fn find(entities: &[Entity]) -> impl Iterator<Item = Cue> + '_ {
    entities.iter().filter_map(|entity| {
        let rule = figure(entity.value?)?.to_owned();
        Some(Cue { rule, span: (entity.start, entity.end) })
    })
}

fn figure(value: Value) -> Option<&'static str> {
    match value {
        // How often somebody wrote says how urgent it is, not how wide.
        Value::Count { of: Counted::Times, .. } | Value::Day { .. } | Value::DaysAgo { .. } => None,
        Value::Count { number, .. } if number >= VERY_MANY => Some("impact.very_many"),
        Value::Count { number, .. } => (number >= MANY).then_some("impact.many"),
        Value::Amount { amount_minor, .. } if amount_minor >= VERY_LARGE_MINOR => Some("impact.very_large_amount"),
        Value::Amount { amount_minor, .. } => (amount_minor >= LARGE_MINOR).then_some("impact.amount"),
    }
}
