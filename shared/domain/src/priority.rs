//! How soon and how wide: urgency × impact, the score, and the band that picks targets.

mod policy;

pub use policy::PriorityPolicy;

use crate::category::{Category, Sentiment};
use crate::feedback::Tier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The band that picks targets; P1 comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// How soon it must be acted on.
    Urgency,
    /// How many or how much it touches.
    Impact,
}

impl Axis {
    /// The axis of a rule: what its name begins with.
    #[must_use]
    pub fn of(rule: &str) -> Self {
        if rule.starts_with("impact.") { Self::Impact } else { Self::Urgency }
    }
}

/// A reason to hurry or to look wider that the words hold, before anybody has weighed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cue {
    /// The rule's stable name, for example `urgency.safety`.
    pub rule: String,
    /// The customer's own words that matched, as a half-open range of characters of the message.
    pub span: (usize, usize),
}

/// One named reason for a score: who reads the order sees why it is red.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// The rule's stable name, for example `urgency.safety`.
    pub rule: String,
    /// The axis it adds to.
    pub axis: Axis,
    /// Points by the policy in force, 0 to 100. What moves the band and not the score has none.
    pub weight: i32,
    /// The customer's own words that matched, as a half-open range of characters of the message;
    /// absent where the reason is not in the text (a tier, a category).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(usize, usize)>,
}

/// Points that lift an axis by one level.
const STEP: i32 = 20;

/// What is known of a feedback besides its cues.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// What it is about.
    pub category: Category,
    /// How its words sound, the cues left out: they speak for themselves.
    pub sentiment: Sentiment,
    /// Who says it.
    pub tier: Tier,
    /// Whether others can read it.
    pub public: bool,
}

/// How soon, how wide, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// The assessment of a feedback from the cues in its words and from its context, as the policy
/// weighs them. One more cue never lowers the score or the band: no weight is below 0.
///
/// ```
/// use redress_domain::category::{Category, Sentiment};
/// use redress_domain::feedback::Tier;
/// use redress_domain::priority::{Context, Cue, Priority, PriorityPolicy, assess};
///
/// // 孩子被烫伤了
/// let cues = [Cue { rule: "urgency.safety".to_owned(), span: (3, 5) }];
/// let category = Category::Other;
/// let context = Context { category, sentiment: Sentiment::Neutral, tier: Tier::Standard, public: false };
/// let assessed = assess(&cues, context, &PriorityPolicy::shipped());
/// assert_eq!((assessed.urgency, assessed.impact, assessed.priority), (4, 1, Priority::P1));
/// ```
#[must_use]
pub fn assess(cues: &[Cue], context: Context, policy: &PriorityPolicy) -> Assessment {
    let mut contributions: Vec<_> = cues.iter().map(|cue| policy.contribution(&cue.rule, Some(cue.span))).collect();
    contributions.extend(context.rules().map(|rule| policy.contribution(rule, None)));
    let (urgency_points, impact_points) = (sum(&contributions, Axis::Urgency), sum(&contributions, Axis::Impact));
    let (urgency, impact) = (level(urgency_points), level(impact_points));
    let mut priority = MATRIX[usize::from(urgency) - 1][usize::from(impact) - 1];
    if policy.one_band_up.contains(&context.category) {
        priority = priority.raised();
        contributions.push(moves(format!("priority.{}_one_band_up", context.category.as_str()), None));
    }
    let floors = cues.iter().filter_map(|cue| Some((policy.at_least.get(&cue.rule)?, cue)));
    if let Some((floor, cue)) = floors.min_by_key(|(floor, _)| **floor).filter(|(floor, _)| **floor < priority) {
        priority = *floor;
        contributions.push(moves(format!("priority.{}_is_{}", name(&cue.rule), floor.as_str()), Some(cue.span)));
    }
    let score = u8::try_from((urgency_points + impact_points) / 2).expect("two sums of 0 to 100 halve to 0 to 100");
    Assessment { urgency, impact, score, priority, contributions }
}

/// `safety` of `urgency.safety`.
fn name(rule: &str) -> &str {
    rule.split_once('.').map_or(rule, |(_, name)| name)
}

/// A reason that moves the band and not the points.
fn moves(rule: String, span: Option<(usize, usize)>) -> Contribution {
    Contribution { rule, axis: Axis::Urgency, weight: 0, span }
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
    /// The rules that speak up for reasons which are not in the text.
    fn rules(self) -> impl Iterator<Item = &'static str> {
        let sentiment = (self.sentiment == Sentiment::Negative).then_some("urgency.negative_sentiment");
        let tier = match self.tier {
            Tier::Standard => None,
            Tier::Silver => Some("impact.tier_silver"),
            Tier::Gold => Some("impact.tier_gold"),
            Tier::Vip => Some("impact.tier_vip"),
        };
        [sentiment, tier, self.public.then_some("impact.said_in_public")].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests;
