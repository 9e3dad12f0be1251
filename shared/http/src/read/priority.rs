//! What makes a feedback urgent or wide, as the API takes it.

use super::feedback::{MESSAGE, TIERS};
use super::policy::{MANY, PRIORITIES};
use super::{Keys, Reader, Wrong, boolean, category, either, list, map, no_repeats, object, one_of, whole, words};
use redress_domain::category::Category;
use redress_domain::feedback::Tier;
use redress_domain::policy::{NAME, PolicyError};
use redress_domain::priority::{Priority, PriorityPolicy};
use serde_json::json;

/// A priority policy. What it leaves out is as it is shipped; its version is ours to give.
pub(crate) fn priority_policy() -> impl Reader<Of = PriorityPolicy> {
    object(|fields| {
        let mut policy = PriorityPolicy::shipped();
        let points = || whole(0, 100).map(|points| i32::try_from(points).expect("a hundred is small"));
        if let Some(weights) = fields.optional("weights", map(MANY, rules(), points())) {
            policy.weights.extend(weights);
        }
        if let Some(floors) = fields.optional(
            "at_least",
            map(MANY, rules(), one_of(&PRIORITIES))
                .with(json!({ "propertyNames": { "pattern": either(PriorityPolicy::cues()) } })),
        ) {
            policy.at_least = floors;
        }
        if let Some(raised) = fields.optional("one_band_up", no_repeats(list(MANY, category()))) {
            policy.one_band_up = raised;
        }
        let names = no_repeats(list(MANY, words(NAME))).with(json!({ "minItems": 1 }));
        if let Some(subscribers) = fields.optional("subscribers", map(MANY, categories(), names)) {
            policy.subscribers = subscribers;
        }
        if let Some(drop) = fields.optional("sentiment_drop", whole(10, 200)) {
            policy.sentiment_drop = i32::try_from(drop).expect("two hundred is small");
        }
        if let Some(points) = fields.optional("points", map(MANY, bands(), whole(1, 100))) {
            let points = points.into_iter().filter_map(|(band, points)| Some((band, u32::try_from(points).ok()?)));
            policy.points.extend(points);
        }
        let meant = policy.faults().into_iter().map(|PolicyError { pointer, detail }| Wrong { pointer, detail });
        fields.refuse_untold(meant);
        Some(policy)
    })
}

/// The keys that are rules.
fn rules() -> Keys<String> {
    let rule = |word: &str| PriorityPolicy::rules().any(|rule| rule == word).then(|| word.to_owned());
    (either(PriorityPolicy::rules()), rule)
}

/// The keys that are bands.
fn bands() -> Keys<Priority> {
    let band = |word: &str| PRIORITIES.iter().find(|(_, known)| *known == word).map(|(band, _)| *band);
    (either(PRIORITIES.map(|(_, word)| word)), band)
}

/// The keys that are categories.
fn categories() -> Keys<Category> {
    (either(Category::ALL.map(Category::as_str)), Category::parse)
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
pub(crate) fn priority_preview() -> impl Reader<Of = PriorityPreview> {
    object(|fields| {
        let said = fields.required("message", words(MESSAGE));
        let tier = fields.optional("tier", one_of(&TIERS));
        let public = fields.optional("public", boolean()).unwrap_or_default();
        let policy = fields.optional("policy", priority_policy());
        said.map(|message| PriorityPreview { message, tier, public, policy })
    })
}
