//! Something that went wrong for many at once: whoever it concerns is told before they ask, each
//! customer once (R57).

use crate::actor::Actor;
use crate::bilingual::Bilingual;
use crate::category::{Category, Language};
use crate::delivery::{Delivery, Recipient};
use crate::id::{IncidentId, TenantId};
use crate::identity::Identity;
use crate::order::{OrderKind, WorkOrder};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// As many incidents as may be open at a time: each is held against every new order.
pub const OPEN: usize = 20;

/// The template that tells of one.
pub const TEMPLATE: &str = "incident";

/// Whose orders it concerns: all of what is given must hold, letter for letter in the shop's own words;
/// what is absent holds for all, and never all of it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affected {
    /// About one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<Category>>,
    /// One of these kinds of item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<Vec<String>>,
    /// One of these items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Vec<String>>,
    /// Of one of these lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<Vec<String>>,
    /// On the way with one of these couriers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<Vec<String>>,
    /// From one of these warehouses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<Vec<String>>,
}

impl Affected {
    /// Whether it says nothing, and so would hold for everybody.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the customer of an open order is concerned. A call to a customer is work of ours and no
    /// order of theirs.
    #[must_use]
    pub fn concerns(&self, order: &WorkOrder) -> bool {
        fn takes<T: PartialEq>(allowed: Option<&Vec<T>>, value: Option<&T>) -> bool {
            allowed.is_none_or(|allowed| value.is_some_and(|value| allowed.contains(value)))
        }
        let purchase = order.order.as_ref();
        order.status.is_active()
            && order.kind() != OrderKind::Revisit
            && takes(self.category.as_ref(), Some(&order.category))
            && takes(self.product_type.as_ref(), purchase.and_then(|purchase| purchase.product_type.as_ref()))
            && takes(self.sku.as_ref(), purchase.and_then(|purchase| purchase.sku.as_ref()))
            && takes(self.lot.as_ref(), purchase.and_then(|purchase| purchase.lot.as_ref()))
            && takes(self.courier.as_ref(), purchase.and_then(|purchase| purchase.courier.as_ref()))
            && takes(self.warehouse.as_ref(), purchase.and_then(|purchase| purchase.warehouse.as_ref()))
    }
}

/// Whether anybody is still told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Whoever it concerns is told, new orders' customers too.
    Open,
    /// Nobody is told any more, also of those who were to be told later.
    Closed,
}

/// How far the walk over the orders that were open is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Behind which place it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How often it has come to the end: an order whose place moved meanwhile is met the second time.
    #[serde(default)]
    pub rounds: u8,
}

impl Walk {
    /// As many rounds as are made.
    pub const ROUNDS: u8 = 2;

    /// Whether everybody was met.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.rounds >= Self::ROUNDS
    }

    /// Where it goes on behind a page that ended at `next`.
    #[must_use]
    pub fn on(&self, next: Option<String>) -> Self {
        Self { rounds: self.rounds + u8::from(next.is_none()), after: next }
    }
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What it is called: the subject of what customers get.
    pub title: Bilingual,
    /// What customers are told.
    pub text: Bilingual,
    /// Whom it concerns.
    pub affects: Affected,
    /// Whether anybody is still told.
    pub state: IncidentState,
    /// By whom it was declared.
    pub declared_by: Actor,
    /// When.
    pub declared_at: Timestamp,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// How far those who were there before are told.
    #[serde(default)]
    pub walk: Walk,
}

impl Incident {
    /// The title and the words in a language; a third one reads English.
    #[must_use]
    pub fn said(&self, language: Language) -> (&str, &str) {
        (self.title.to(language), self.text.to(language))
    }

    /// Whether somebody is still to be told.
    #[must_use]
    pub fn is_spreading(&self) -> bool {
        self.state == IncidentState::Open && !self.walk.is_over()
    }

    /// The same, of which nobody is told any more.
    #[must_use]
    pub fn closed(self, now: Timestamp) -> Self {
        Self { state: IncidentState::Closed, closed_at: self.closed_at.or(Some(now)), ..self }
    }
}

/// What the customer of an order is told of an incident; nothing if it is not known where. The same
/// customer is told once, however many orders it concerns.
#[must_use]
pub fn warning(tenant: &TenantId, id: &IncidentId, order: &WorkOrder, at: Timestamp) -> Option<Delivery> {
    let reference = &order.customer.reference;
    if order.customer.contacts().is_empty() {
        return None;
    }
    let reason = format!("{id}/{}", Identity::reference(reference).digest());
    let told = (TEMPLATE, json!({ "incident": id }));
    let delivery = Delivery::new(tenant, &reason, Recipient::Customer(reference.clone()), told, at);
    Some(delivery.about(&order.id, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_twice_from_the_first_to_the_last() {
        let mut walk = Walk::default();
        for next in [Some("b"), None, Some("c"), None] {
            assert!(!walk.is_over());
            walk = walk.on(next.map(str::to_owned));
        }
        assert!(walk.is_over());
    }

    #[test]
    fn what_says_nothing_would_hold_for_everybody() {
        assert!(Affected::default().is_everybody());
        let given = serde_json::from_value::<Affected>(json!({"courier": ["顺丰"]})).unwrap();
        assert!(!given.is_everybody());
    }
}
