//! Policies that stand in an order: the first that matches counts.

use super::Placed;
use super::decide::Ruled;
use crate::desk::{IfMatch, body};
use crate::fault::{Conflict, Fault, Flaw};
use crate::keys;
use crate::ports::Key;
use redress_domain::id::TenantId;
use redress_domain::order::Version;
use redress_domain::policy::{
    Conditions, Policies, RoutingConditions, RoutingRule, SlaPolicy, SurveyConditions, SurveyPolicy,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A policy of an ordered list.
pub(super) trait Ranked: Clone + Serialize {
    /// Where its list stands in the whole.
    const LIST: &'static str;
    /// The list that is in force.
    fn all(policies: &Policies) -> &Vec<Self>;
    /// The same, to be changed.
    fn all_mut(policies: &mut Policies) -> &mut Vec<Self>;
    /// Its name and its version.
    fn name(&self) -> (&str, u32);
    /// The same policy at another version.
    fn at_version(&self, version: u32) -> Self;
    /// Whether nothing that stands after it is ever asked.
    fn matches_all(&self) -> bool;
    /// Where this version of it is kept once it is no longer in force.
    fn kept(&self, tenant: &TenantId) -> Key;
}

impl Ranked for SlaPolicy {
    const LIST: &'static str = "/sla";
    fn all(policies: &Policies) -> &Vec<Self> {
        &policies.sla
    }
    fn all_mut(policies: &mut Policies) -> &mut Vec<Self> {
        &mut policies.sla
    }
    fn name(&self) -> (&str, u32) {
        (&self.id, self.version)
    }
    fn at_version(&self, version: u32) -> Self {
        Self { version, ..self.clone() }
    }
    fn matches_all(&self) -> bool {
        self.when == Conditions::default()
    }
    fn kept(&self, tenant: &TenantId) -> Key {
        keys::policy_version(tenant, Version::Policy(&self.version()))
    }
}

impl Ranked for RoutingRule {
    const LIST: &'static str = "/routing";
    fn all(policies: &Policies) -> &Vec<Self> {
        &policies.routing
    }
    fn all_mut(policies: &mut Policies) -> &mut Vec<Self> {
        &mut policies.routing
    }
    fn name(&self) -> (&str, u32) {
        (&self.id, self.version)
    }
    fn at_version(&self, version: u32) -> Self {
        Self { version, ..self.clone() }
    }
    fn matches_all(&self) -> bool {
        self.when == RoutingConditions::default()
    }
    fn kept(&self, tenant: &TenantId) -> Key {
        keys::rule_version(tenant, &self.id, self.version)
    }
}

impl Ranked for SurveyPolicy {
    const LIST: &'static str = "/survey";
    fn all(policies: &Policies) -> &Vec<Self> {
        &policies.survey
    }
    fn all_mut(policies: &mut Policies) -> &mut Vec<Self> {
        &mut policies.survey
    }
    fn name(&self) -> (&str, u32) {
        (&self.id, self.version)
    }
    fn at_version(&self, version: u32) -> Self {
        Self { version, ..self.clone() }
    }
    fn matches_all(&self) -> bool {
        self.when == SurveyConditions::default()
    }
    fn kept(&self, tenant: &TenantId) -> Key {
        keys::survey_policy_version(tenant, &self.id, self.version)
    }
}

/// Where the policy of that name stands, and at which version.
pub(super) fn find<T: Ranked>(policies: &Policies, id: &str) -> Option<(usize, u32)> {
    let all = T::all(policies).iter().map(Ranked::name).enumerate();
    all.into_iter().find(|(_, (name, _))| *name == id).map(|(at, (_, version))| (at, version))
}

/// A policy that was not there.
pub(super) fn add<T: Ranked>(policies: Policies, placed: &Placed<T>, first: u32) -> Result<Ruled, Fault> {
    if find::<T>(&policies, placed.policy.name().0).is_some() {
        return Err(Fault::Conflict(Conflict::Exists));
    }
    Ok(put(policies, &placed.policy, placed.position, first))
}

/// Another version of a policy, at its old place where none is asked for.
pub(super) fn replace<T: Ranked>(
    mut policies: Policies,
    placed: &Placed<T>,
    if_match: Option<&IfMatch>,
) -> Result<Ruled, Fault> {
    let (at, version) = find::<T>(&policies, placed.policy.name().0).ok_or(Fault::NotFound)?;
    IfMatch::check(if_match, u64::from(version))?;
    T::all_mut(&mut policies).remove(at);
    Ok(put(policies, &placed.policy, placed.position.or(Some(at + 1)), version + 1))
}

/// A policy that goes.
pub(super) fn remove<T: Ranked>(mut policies: Policies, id: &str, if_match: Option<&IfMatch>) -> Result<Ruled, Fault> {
    let (at, version) = find::<T>(&policies, id).ok_or(Fault::NotFound)?;
    IfMatch::check(if_match, u64::from(version))?;
    T::all_mut(&mut policies).remove(at);
    Ok(Ruled { policies, body: Value::Null, version, place: String::new() })
}

fn put<T: Ranked>(mut policies: Policies, policy: &T, position: Option<usize>, version: u32) -> Ruled {
    let all = T::all_mut(&mut policies);
    let before_last = all.iter().rposition(Ranked::matches_all);
    let at = position.map_or(before_last.unwrap_or(all.len()), |position| position - 1).min(all.len());
    let policy = policy.at_version(version);
    let body = body(&show(at, &policy));
    all.insert(at, policy);
    Ruled { policies, body, version, place: format!("{}/{at}", T::LIST) }
}

/// A policy of an ordered list as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "{T}")]
pub struct Shown<T> {
    /// Its place among the others, from 1: the first that matches counts.
    pub position: usize,
    /// The policy.
    #[serde(flatten)]
    pub policy: T,
    /// What is doubtful about it as things are: told once, to whoever publishes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Flaw>,
}

/// An SLA policy as the API shows it.
pub type SlaPolicyView = Shown<SlaPolicy>;

/// A policy as the API shows it.
pub(super) fn show<T: Ranked>(at: usize, policy: &T) -> Shown<T> {
    Shown { position: at + 1, policy: policy.clone(), warnings: Vec::new() }
}
