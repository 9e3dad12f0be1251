//! Service promises: what a shop says in public that it keeps to (R42, R90), what its clocks keep of
//! that, and who may approve what follows from a promise that was not kept.

mod figure;

pub use figure::{Alike, Figure, Late};

use crate::bilingual::Bilingual;
use crate::compensation::{ApprovalBand, Approver};
use crate::feedback::Money;
use crate::policy::{PolicyError, SlaPolicy, Terms};
use crate::sla::Metric;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// As many promises as a shop publishes.
pub const PROMISES: usize = 50;

/// What a promise rests on: a metric of an SLA policy that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backing {
    /// The policy's name.
    pub sla_policy: String,
    /// What of it.
    pub metric: Metric,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePromise {
    /// Its name within the tenant.
    pub id: String,
    /// What it is called.
    pub title: Bilingual,
    /// What is promised, to whom.
    pub text: Bilingual,
    /// What keeps it; plain words without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_by: Option<Backing>,
}

/// All of a shop's promises, in the order in which they are shown, and who may approve what follows
/// from one that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePromises {
    /// From 1: one more with every publishing.
    pub version: u32,
    /// At most [`PROMISES`].
    pub promises: Vec<ServicePromise>,
    /// At most one band a currency; amounts of any other are an admin's to approve.
    #[serde(default)]
    pub approval: Vec<ApprovalBand>,
}

impl Default for ServicePromises {
    fn default() -> Self {
        Self { version: 1, promises: Vec::new(), approval: Vec::new() }
    }
}

impl ServicePromises {
    /// Whether it is what every tenant starts with: nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Who may approve so much.
    #[must_use]
    pub fn approver(&self, amount: &Money) -> Approver {
        let band = self.approval.iter().find(|band| band.currency == amount.currency);
        band.map_or(Approver::Admin, |band| band.approver(amount.amount_minor))
    }

    /// The first promise that rests on an SLA policy, or on a metric that `policy` no longer promises.
    pub fn resting_on(&self, policy: &str, kept: Option<&SlaPolicy>) -> Option<(&ServicePromise, &Metric)> {
        self.promises.iter().find_map(|promise| {
            let backing = promise.backed_by.as_ref().filter(|backing| backing.sla_policy == policy)?;
            let gone = kept.is_none_or(|policy| !policy.targets.contains_key(&backing.metric));
            gone.then_some((promise, &backing.metric))
        })
    }

    /// Everything about it that can't be meant, beside the SLA policies `sla`.
    #[must_use]
    pub fn faults(&self, sla: &[SlaPolicy]) -> Vec<PolicyError> {
        let mut faults = Vec::new();
        let mut names = BTreeSet::new();
        for (place, promise) in self.promises.iter().enumerate() {
            if !names.insert(&promise.id) {
                faults.push(PolicyError::at(format!("/promises/{place}/id"), "another promise has this id"));
            }
            let backing = promise.backed_by.iter().filter_map(|backing| backing.fault(sla));
            faults.extend(backing.map(|fault| fault.under(&format!("/promises/{place}/backed_by"))));
        }
        if self.promises.len() > PROMISES {
            faults.push(PolicyError::at("/promises", format!("a shop publishes at most {PROMISES} promises")));
        }
        let mut currencies = BTreeSet::new();
        for (place, band) in self.approval.iter().enumerate() {
            if !currencies.insert(&band.currency) {
                faults.push(PolicyError::at(
                    format!("/approval/{place}/currency"),
                    "another band is of this currency: one each",
                ));
            }
            faults.extend(band.faults().into_iter().map(|fault| fault.under(&format!("/approval/{place}"))));
        }
        faults
    }
}

impl Backing {
    fn fault(&self, sla: &[SlaPolicy]) -> Option<PolicyError> {
        let Self { sla_policy, metric } = self;
        let Some(policy) = sla.iter().find(|policy| policy.id == *sla_policy) else {
            let detail = format!("there is no SLA policy {sla_policy:?} in force; publish it first");
            return Some(PolicyError::at("/sla_policy", detail));
        };
        if *metric == Metric::Ownership {
            let detail = "is internal: rest a promise on what a customer sees";
            return Some(PolicyError::at("/metric", detail));
        }
        let detail = || format!("the SLA policy {sla_policy:?} has no target for {metric}; give it one first");
        (!policy.targets.contains_key(metric)).then(|| PolicyError::at("/metric", detail()))
    }
}

impl Terms {
    /// The figure behind a promise, as the policies in force have it; none where it is plain words.
    /// `teams`: the calendars that teams have of their own, and count an order's time on instead.
    #[must_use]
    pub fn figure(&self, promise: &ServicePromise, teams: &BTreeSet<String>) -> Option<Figure> {
        let Backing { sla_policy, metric } = promise.backed_by.as_ref()?;
        let policy = self.policies.sla.iter().find(|policy| policy.id == *sla_policy)?;
        Figure::of(self, policy, metric, teams)
    }
}

#[cfg(test)]
mod tests;
