//! When customers are asked whether it was put right, and who is not.

use super::when::{covers, takes};
use super::{LONGEST, PolicyError};
use crate::category::{Category, Language};
use crate::feedback::{Channel, Tier};
use crate::order::WorkOrder;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Whom a survey policy is for; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyConditions {
    /// One of these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Vec<Channel>>,
    /// One of these tiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Vec<Tier>>,
    /// One of these categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<Category>>,
    /// One of these languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Vec<Language>>,
}

impl SurveyConditions {
    /// Whether the customer of `order` is one of those; one whose tier nobody said is a standard one.
    #[must_use]
    pub fn matches(&self, order: &WorkOrder) -> bool {
        takes(self.channel.as_ref(), Some(&order.channel))
            && takes(self.tier.as_ref(), Some(&order.customer.tier.unwrap_or(Tier::Standard)))
            && takes(self.category.as_ref(), Some(&order.category))
            && takes(self.language.as_ref(), Some(&order.language))
    }

    /// Whether these match everything that `other` matches.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        covers(self.channel.as_ref(), other.channel.as_ref())
            && covers(self.tier.as_ref(), other.tier.as_ref())
            && covers(self.category.as_ref(), other.category.as_ref())
            && covers(self.language.as_ref(), other.language.as_ref())
    }
}

/// One version of when, and whether, customers are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyPolicy {
    /// Its name within the tenant.
    pub id: String,
    /// From 1; a published version never changes.
    pub version: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For whom.
    #[serde(default)]
    pub when: SurveyConditions,
    /// Whether they are asked at all.
    pub enabled: bool,
    /// From resolved to asked.
    pub delay_seconds: i64,
    /// How long an answer is taken, and may be changed.
    pub window_seconds: i64,
}

impl SurveyPolicy {
    /// The name of the policy that every tenant starts with.
    pub const EVERYONE: &'static str = "everyone";

    /// Everything about it that can't be meant, whatever other policies there are.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyError> {
        let bounds = [("/delay_seconds", self.delay_seconds, 0), ("/window_seconds", self.window_seconds, 1)];
        let outside = bounds.into_iter().filter(|(_, seconds, least)| !(*least..=LONGEST).contains(seconds));
        outside.map(|(place, _, least)| PolicyError::at(place, format!("must be {least} to {LONGEST}"))).collect()
    }
}

/// A list of survey policies; or what stood there before there were several: one delay and one
/// window, which become the policy for everyone.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SurveyPolicy>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Many(Vec<SurveyPolicy>),
        One(Times),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Times {
        delay_seconds: i64,
        window_seconds: i64,
    }
    Ok(match Kept::deserialize(from)? {
        Kept::Many(policies) => policies,
        Kept::One(Times { delay_seconds, window_seconds }) => vec![SurveyPolicy {
            id: SurveyPolicy::EVERYONE.to_owned(),
            version: 1,
            name: None,
            when: SurveyConditions::default(),
            enabled: true,
            delay_seconds,
            window_seconds,
        }],
    })
}
