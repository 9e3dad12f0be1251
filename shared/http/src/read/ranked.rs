//! Routing rules and survey policies as the API takes them.

use super::feedback::{REFERENCE, TIERS};
use super::people::level;
use super::policy::{LABEL, MANY, PRIORITIES};
use super::{Object, Reader, boolean, category, id, no_repeats, object, one_of, slug, some, whole, words};
use redress_domain::category::Language;
use redress_domain::feedback::Channel;
use redress_domain::policy::{LONGEST, RoutingConditions, RoutingRule, SurveyConditions, SurveyPolicy};
use redress_service::govern::Placed;

const LANGUAGES: [(Language, &str); 3] = [(Language::Zh, "zh"), (Language::En, "en"), (Language::Other, "other")];

/// What the policy is called, what people call it, and where it stands.
fn head(fields: &mut Object<'_>, called: &str, new: bool) -> (String, Option<String>, Option<usize>) {
    let named = if new { fields.optional("id", slug()) } else { None };
    let position = fields.optional("position", whole(1, MANY as i64)).and_then(|at| usize::try_from(at).ok());
    (named.unwrap_or_else(|| called.to_owned()), fields.optional("name", words(LABEL)), position)
}

/// A routing rule. `called`: its id where the caller does not say, or may not.
pub(crate) fn routing_rule(called: &str, new: bool) -> impl Reader<Of = Placed<RoutingRule>> {
    object(move |fields| {
        let (name_in_paths, name, position) = head(fields, called, new);
        let when = fields.optional("when", routing_conditions()).unwrap_or_default();
        let team = fields.required("team", id());
        let level = fields.optional("level", level());
        let rule = team.map(|team| RoutingRule { id: name_in_paths, version: 1, name, when, team, level });
        rule.map(|policy| Placed { policy, position })
    })
}

fn routing_conditions() -> impl Reader<Of = RoutingConditions> {
    object(|fields| {
        Some(RoutingConditions {
            category: fields.optional("category", no_repeats(some(MANY, category()))),
            product_type: fields.optional("product_type", no_repeats(some(MANY, words(REFERENCE)))),
            order_status: fields.optional("order_status", no_repeats(some(MANY, words(REFERENCE)))),
            channel: fields.optional("channel", no_repeats(some(MANY, one_of(&Channel::ALL)))),
            tier: fields.optional("tier", no_repeats(some(MANY, one_of(&TIERS)))),
            language: fields.optional("language", no_repeats(some(MANY, one_of(&LANGUAGES)))),
            priority: fields.optional("priority", no_repeats(some(MANY, one_of(&PRIORITIES)))),
        })
    })
}

/// A survey policy. `called` as for rules.
pub(crate) fn survey_policy(called: &str, new: bool) -> impl Reader<Of = Placed<SurveyPolicy>> {
    object(move |fields| {
        let (id, name, position) = head(fields, called, new);
        let when = fields.optional("when", survey_conditions()).unwrap_or_default();
        let enabled = fields.optional("enabled", boolean()).unwrap_or(true);
        let delay = fields.required("delay_seconds", whole(0, LONGEST));
        let window = fields.required("window_seconds", whole(1, LONGEST));
        let policy = delay.zip(window).map(|(delay_seconds, window_seconds)| SurveyPolicy {
            id,
            version: 1,
            name,
            when,
            enabled,
            delay_seconds,
            window_seconds,
        });
        policy.map(|policy| Placed { policy, position })
    })
}

fn survey_conditions() -> impl Reader<Of = SurveyConditions> {
    object(|fields| {
        Some(SurveyConditions {
            channel: fields.optional("channel", no_repeats(some(MANY, one_of(&Channel::ALL)))),
            tier: fields.optional("tier", no_repeats(some(MANY, one_of(&TIERS)))),
            category: fields.optional("category", no_repeats(some(MANY, category()))),
            language: fields.optional("language", no_repeats(some(MANY, one_of(&LANGUAGES)))),
        })
    })
}
