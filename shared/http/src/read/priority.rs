//! What makes a feedback urgent or wide, as the API takes it.

use super::feedback::{MESSAGE, TIERS};
use super::policy::{MANY, PRIORITIES, map, no_repeats};
use super::{Object, Read, Wrong, boolean, list, one_of, whole, words};
use redress_domain::category::Category;
use redress_domain::feedback::Tier;
use redress_domain::policy::{NAME, PolicyError};
use redress_domain::priority::PriorityPolicy;
use serde_json::Value;

/// A priority policy. What it leaves out is as it is shipped; its version is ours to give.
pub(crate) fn priority_policy(value: &Value) -> Read<PriorityPolicy> {
    let (mut fields, mut policy) = (Object::of(value)?, PriorityPolicy::shipped());
    let categories = Category::ALL.map(|category| (category, category.as_str()));
    let points = |value: &Value| whole(0, 100)(value).map(|points| i32::try_from(points).unwrap_or_default());
    if let Some(weights) = fields.optional("weights", map(MANY, rule, points)) {
        policy.weights.extend(weights);
    }
    if let Some(floors) = fields.optional("at_least", map(MANY, rule, one_of(&PRIORITIES))) {
        policy.at_least = floors;
    }
    if let Some(raised) = fields.optional("one_band_up", no_repeats(list(MANY, one_of(&categories)))) {
        policy.one_band_up = raised;
    }
    let names = no_repeats(list(MANY, words(NAME)));
    if let Some(subscribers) = fields.optional("subscribers", map(MANY, Category::parse, names)) {
        policy.subscribers = subscribers;
    }
    if let Some(drop) = fields.optional("sentiment_drop", whole(10, 200)) {
        policy.sentiment_drop = i32::try_from(drop).unwrap_or_default();
    }
    let mut told = fields.close(Some(())).err().unwrap_or_default();
    let meant = policy.faults().into_iter().map(|PolicyError { pointer, detail }| Wrong { pointer, detail });
    let again = |fault: &Wrong| told.iter().any(|wrong| wrong.pointer == fault.pointer);
    let meant: Vec<_> = meant.filter(|fault| !again(fault)).collect();
    told.extend(meant);
    if told.is_empty() { Ok(policy) } else { Err(told) }
}

/// A rule that there is.
fn rule(word: &str) -> Option<String> {
    PriorityPolicy::rules().any(|rule| rule == word).then(|| word.to_owned())
}

/// A feedback that need not be sent.
pub(crate) struct PriorityPreview {
    pub(crate) message: String,
    pub(crate) tier: Option<Tier>,
    pub(crate) public: bool,
    /// By this policy, or by the one in force.
    pub(crate) policy: Option<PriorityPolicy>,
}

/// A question: how would this be understood, and how urgent would it be?
pub(crate) fn priority_preview(value: &Value) -> Read<PriorityPreview> {
    let mut fields = Object::of(value)?;
    let said = fields.required("message", words(MESSAGE));
    let tier = fields.optional("tier", one_of(&TIERS));
    let public = fields.optional("public", boolean).unwrap_or_default();
    let policy = fields.optional("policy", priority_policy);
    fields.close(said.map(|message| PriorityPreview { message, tier, public, policy }))
}
