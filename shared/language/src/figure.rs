//! Numbers that make a matter wide: how many orders or people, how much money.

use redress_domain::priority::{Axis, Contribution};

use crate::entity::{Counted, Entity, Value};

/// So many orders, people or pieces are more than one household's matter.
const MANY: i64 = 10;
/// So many are a whole department, class or pallet.
const VERY_MANY: i64 = 50;
/// 5,000.00 in any currency (half a million yen): what most households would not shrug off. A rough
/// mark; the shop's own policy knows the order's value.
const LARGE_SUM_MINOR: i64 = 500_000;
/// Ten times that.
const VERY_LARGE_SUM_MINOR: i64 = 5_000_000;

const POINTS_MANY: i32 = 20;
const POINTS_VERY_MANY: i32 = 40;
const POINTS_LARGE: i32 = 20;
const POINTS_VERY_LARGE: i32 = 40;

/// The numbers worth points among what a text names, in its order.
pub(crate) fn find(entities: &[Entity]) -> impl Iterator<Item = Contribution> + '_ {
    entities.iter().filter_map(|entity| {
        let (rule, weight) = figure(entity.value?)?;
        let span = Some((entity.start, entity.end));
        Some(Contribution { rule: rule.to_owned(), axis: Axis::Impact, weight, span })
    })
}

fn figure(value: Value) -> Option<(&'static str, i32)> {
    match value {
        // How often somebody wrote says how urgent it is, not how wide.
        Value::Count { of: Counted::Times, .. } | Value::Day { .. } | Value::DaysAgo { .. } => None,
        Value::Count { number, .. } => {
            let points = points(i64::from(number), (MANY, POINTS_MANY), (VERY_MANY, POINTS_VERY_MANY))?;
            Some(("impact.many", points))
        }
        Value::Amount { amount_minor, .. } => {
            let (large, very_large) = ((LARGE_SUM_MINOR, POINTS_LARGE), (VERY_LARGE_SUM_MINOR, POINTS_VERY_LARGE));
            Some(("impact.amount", points(amount_minor, large, very_large)?))
        }
    }
}

fn points(value: i64, large: (i64, i32), very_large: (i64, i32)) -> Option<i32> {
    [very_large, large].into_iter().find(|mark| value >= mark.0).map(|mark| mark.1)
}
