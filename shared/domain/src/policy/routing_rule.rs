//! Whose orders these are: rules that are asked in order, before a team's own list of categories.

use super::when::{covers, takes};
use crate::category::{Category, Language};
use crate::feedback::{Channel, Tier};
use crate::id::TeamId;
use crate::order::WorkOrder;
use crate::priority::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which orders a routing rule is for; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingConditions {
    /// One of these categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<Category>>,
    /// One of these kinds of item, in the shop's own words, letter for letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<Vec<String>>,
    /// One of the shop's own words for how far the purchase is, letter for letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_status: Option<Vec<String>>,
    /// One of these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Vec<Channel>>,
    /// One of these tiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Vec<Tier>>,
    /// One of these languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Vec<Language>>,
    /// One of these bands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Vec<Priority>>,
}

impl RoutingConditions {
    /// Whether `order` is one of those. A customer whose tier nobody said is a standard one; a
    /// purchase that nobody named is of no kind.
    #[must_use]
    pub fn matches(&self, order: &WorkOrder) -> bool {
        let purchase = order.order.as_ref();
        let tier = order.customer.tier.unwrap_or(Tier::Standard);
        takes(self.category.as_ref(), Some(&order.category))
            && takes(self.product_type.as_ref(), purchase.and_then(|purchase| purchase.product_type.as_ref()))
            && takes(self.order_status.as_ref(), purchase.and_then(|purchase| purchase.status.as_ref()))
            && takes(self.channel.as_ref(), Some(&order.channel))
            && takes(self.tier.as_ref(), Some(&tier))
            && takes(self.language.as_ref(), Some(&order.language))
            && takes(self.priority.as_ref(), Some(&order.priority))
    }

    /// Whether these match everything that `other` matches.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        covers(self.category.as_ref(), other.category.as_ref())
            && covers(self.product_type.as_ref(), other.product_type.as_ref())
            && covers(self.order_status.as_ref(), other.order_status.as_ref())
            && covers(self.channel.as_ref(), other.channel.as_ref())
            && covers(self.tier.as_ref(), other.tier.as_ref())
            && covers(self.language.as_ref(), other.language.as_ref())
            && covers(self.priority.as_ref(), other.priority.as_ref())
    }
}

/// One version of a rule that says whose orders these are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    /// Its name within the tenant.
    pub id: String,
    /// From 1; a published version never changes.
    pub version: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For which orders.
    #[serde(default)]
    pub when: RoutingConditions,
    /// Whose they are.
    pub team: TeamId,
    /// The least that whoever gets one must know of its subject, 1 to 5; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}
