//! How soon and how wide: urgency × impact, the score, and the band that picks targets.

use crate::category::{Category, Sentiment};
use crate::feedback::Tier;
use serde::{Deserialize, Serialize};

/// The band that picks targets; P1 comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// Drop everything.
    P1,
    /// Today.
    P2,
    /// In its turn.
    P3,
    /// When there is time.
    P4,
}

impl Priority {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }

    /// The priority of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::P1, Self::P2, Self::P3, Self::P4].into_iter().find(|p| p.as_str() == text)
    }

    /// One band up; P1 stays.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::P1 | Self::P2 => Self::P1,
            Self::P3 => Self::P2,
            Self::P4 => Self::P3,
        }
    }
}

/// Which of the two questions a contribution answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// How soon it must be acted on.
    Urgency,
    /// How many or how much it touches.
    Impact,
}

/// One named reason for a score: who reads the order sees why it is red.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The rule's stable name, for example `urgency.safety`.
    pub rule: String,
    /// The axis it adds to.
    pub axis: Axis,
    /// Points, −100 to 100.
    pub weight: i32,
    /// The customer's own words that matched, as a half-open range of characters of the message;
    /// absent where the reason is not in the text (a tier, a category).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(usize, usize)>,
}

/// Points that lift an axis by one level.
const STEP: i32 = 20;

/// What is known of a feedback besides its words.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// What it is about.
    pub category: Category,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// Who says it.
    pub tier: Tier,
    /// Whether others can read it.
    pub public: bool,
}

/// How soon, how wide, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// 1 (can wait) to 4 (now).
    pub urgency: u8,
    /// 1 (one customer, little) to 4 (many, or much).
    pub impact: u8,
    /// 0 to 100: half urgency, half impact; orders equals within a band for a reader's eye.
    pub score: u8,
    /// The band.
    pub priority: Priority,
    /// Every reason, so that the numbers can be added up again by hand.
    pub contributions: Vec<Contribution>,
}

/// Urgency (row) × impact (column) to a band.
///
/// # Source
/// The impact–urgency matrix of ITIL (Service Operation, 4.2.5.4) with four steps on each side;
/// a requirement (R13), and monotone on both axes by test.
const MATRIX: [[Priority; 4]; 4] = {
    use Priority::{P1, P2, P3, P4};
    [[P4, P4, P3, P3], [P4, P3, P3, P2], [P3, P2, P2, P1], [P2, P2, P1, P1]]
};

/// The assessment of a feedback from the cues in its words and from its context.
#[must_use]
pub fn assess(cues: &[Contribution], context: Context) -> Assessment {
    let mut contributions = cues.to_vec();
    contributions.extend(context.contributions());
    let (urgency_points, impact_points) = (sum(&contributions, Axis::Urgency), sum(&contributions, Axis::Impact));
    let (urgency, impact) = (level(urgency_points), level(impact_points));
    let band = MATRIX[usize::from(urgency) - 1][usize::from(impact) - 1];
    let priority = if context.category == Category::ProductQuality { band.raised() } else { band };
    let score = u8::try_from((urgency_points + impact_points) / 2).expect("two sums of 0 to 100 halve to 0 to 100");
    Assessment { urgency, impact, score, priority, contributions }
}

/// The points of one axis, 0 to 100.
fn sum(contributions: &[Contribution], axis: Axis) -> i32 {
    contributions.iter().filter(|c| c.axis == axis).map(|c| c.weight).sum::<i32>().clamp(0, 100)
}

/// 1 to 4: one level for every [`STEP`] points.
fn level(points: i32) -> u8 {
    u8::try_from(1 + (points / STEP).min(3)).expect("1 to 4")
}

impl Context {
    /// The reasons that are not in the text.
    fn contributions(self) -> impl Iterator<Item = Contribution> {
        [self.by_sentiment(), self.by_category(), self.by_tier(), self.by_publicity()].into_iter().flatten()
    }

    fn by_sentiment(self) -> Option<Contribution> {
        (self.sentiment == Sentiment::Negative).then(|| reason("urgency.negative_sentiment", Axis::Urgency, 20))
    }

    /// R15: product quality goes one band up. It moves the band and not the points, hence weight 0.
    fn by_category(self) -> Option<Contribution> {
        (self.category == Category::ProductQuality)
            .then(|| reason("priority.product_quality_one_band_up", Axis::Urgency, 0))
    }

    fn by_tier(self) -> Option<Contribution> {
        let weight = match self.tier {
            Tier::Standard => return None,
            Tier::Silver => 5,
            Tier::Gold => 15,
            Tier::Vip => 30,
        };
        Some(reason("impact.customer_tier", Axis::Impact, weight))
    }

    fn by_publicity(self) -> Option<Contribution> {
        self.public.then(|| reason("impact.said_in_public", Axis::Impact, 25))
    }
}

fn reason(rule: &str, axis: Axis, weight: i32) -> Contribution {
    Contribution { rule: rule.to_owned(), axis, weight, span: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context { category: Category::Logistics, sentiment: Sentiment::Neutral, tier: Tier::Standard, public: false }
    }

    fn cue(axis: Axis, weight: i32) -> Contribution {
        reason("test.cue", axis, weight)
    }

    #[test]
    fn a_plain_question_is_p4_and_says_so_with_no_reasons() {
        let plain = assess(&[], context());
        assert_eq!((plain.urgency, plain.impact, plain.score, plain.priority), (1, 1, 0, Priority::P4));
        assert!(plain.contributions.is_empty());
    }

    #[test]
    fn a_vip_who_was_hurt_and_says_so_in_public_is_p1() {
        let context = Context { tier: Tier::Vip, public: true, sentiment: Sentiment::Negative, ..context() };
        let hurt = assess(&[cue(Axis::Urgency, 60)], context);
        assert_eq!((hurt.urgency, hurt.impact, hurt.priority), (4, 3, Priority::P1));
        let named: i32 = hurt.contributions.iter().map(|c| c.weight).sum();
        assert_eq!(i32::from(hurt.score), named / 2);
    }

    #[test]
    fn product_quality_goes_one_band_up() {
        let other = assess(&[cue(Axis::Urgency, 20)], context());
        let quality = assess(&[cue(Axis::Urgency, 20)], Context { category: Category::ProductQuality, ..context() });
        assert_eq!(quality.priority, other.priority.raised());
    }

    #[test]
    fn more_urgency_or_more_impact_never_lowers_the_band() {
        for urgency in 0..=100 {
            for impact in 0..=100 {
                let here = assess(&[cue(Axis::Urgency, urgency), cue(Axis::Impact, impact)], context());
                for (more_urgency, more_impact) in [(urgency + 1, impact), (urgency, impact + 1)] {
                    let there = assess(&[cue(Axis::Urgency, more_urgency), cue(Axis::Impact, more_impact)], context());
                    assert!(there.priority <= here.priority && there.score >= here.score);
                }
            }
        }
    }
}
