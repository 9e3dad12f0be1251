//! The time that people spent on an order (sla.md section 6): talking, and what had to be done
//! after it.

use crate::id::AgentId;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest stretch that is taken at once.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What the time was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffortKind {
    /// With the customer.
    Talk,
    /// What the talk left to do.
    AfterWork,
    /// Anything else.
    Other,
}

impl EffortKind {
    /// Every kind and its word in JSON.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Talk, "talk"), (Self::AfterWork, "after_work"), (Self::Other, "other")];

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("other", |(_, word)| word)
    }
}

/// A stretch of one agent's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effort {
    /// Whose.
    pub agent: AgentId,
    /// On what.
    pub kind: EffortKind,
    /// From when.
    pub started_at: Timestamp,
    /// Until when.
    pub ended_at: Timestamp,
}

impl Effort {
    /// How long it took.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        self.ended_at.duration_since(self.started_at)
    }
}

/// What the stretches come to: where two of one agent overlap, that time counts once; two agents
/// who work at the same time are two.
///
/// # Source
/// sla.md section 6: "AHT over effort events, overlaps counted once".
#[must_use]
pub fn total<'a>(efforts: impl IntoIterator<Item = &'a Effort>) -> SignedDuration {
    let mut stretches: BTreeMap<&AgentId, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for effort in efforts {
        stretches.entry(&effort.agent).or_default().push((effort.started_at, effort.ended_at));
    }
    stretches.into_values().map(covered).sum()
}

/// How much time some stretches cover together.
fn covered(mut stretches: Vec<(Timestamp, Timestamp)>) -> SignedDuration {
    stretches.sort_unstable();
    let mut counted_to = Timestamp::MIN;
    let mut sum = SignedDuration::ZERO;
    for (from, to) in stretches {
        sum += to.duration_since(from.max(counted_to)).max(SignedDuration::ZERO);
        counted_to = counted_to.max(to);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn effort(agent: &str, from: i64, to: i64) -> Effort {
        let at = |second| Timestamp::from_second(second).unwrap();
        let agent = AgentId::parse(&format!("ag_{agent}")).unwrap();
        Effort { agent, kind: EffortKind::Talk, started_at: at(from), ended_at: at(to) }
    }

    fn seconds(efforts: &[Effort]) -> i64 {
        total(efforts).as_secs()
    }

    #[test]
    fn what_overlaps_counts_once_for_one_agent_and_twice_for_two() {
        assert_eq!(seconds(&[]), 0);
        assert_eq!(seconds(&[effort("a", 0, 60), effort("a", 30, 90)]), 90);
        assert_eq!(
            seconds(&[effort("a", 0, 100), effort("a", 20, 30), effort("a", 90, 110)]),
            110,
            "one within another"
        );
        assert_eq!(seconds(&[effort("a", 60, 90), effort("a", 0, 60)]), 90, "they touch, and come in any order");
        assert_eq!(seconds(&[effort("a", 0, 60), effort("b", 0, 60)]), 120);
    }

    proptest! {
        #[test]
        fn the_total_is_what_a_clerk_counts_second_by_second(
            spans in prop::collection::vec((prop::sample::select(vec!["a", "b"]), 0i64..120, 1i64..60), 0..12),
        ) {
            let efforts: Vec<_> = spans.iter().map(|(who, from, long)| effort(who, *from, from + long)).collect();
            let busy = |who: &str, second: i64| spans.iter().any(|(other, from, long)| *other == who && (*from..from + long).contains(&second));
            let counted = ["a", "b"].iter().map(|who| (0..200).filter(|second| busy(who, *second)).count()).sum::<usize>();
            prop_assert_eq!(seconds(&efforts), i64::try_from(counted).unwrap());
            let twice: Vec<_> = efforts.iter().chain(&efforts).cloned().collect();
            prop_assert_eq!(seconds(&twice), seconds(&efforts), "told twice it took no longer");
        }
    }
}
