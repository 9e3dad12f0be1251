use super::*;
use serde_json::json;

fn context() -> Context {
    Context { category: Category::Logistics, sentiment: Sentiment::Neutral, tier: Tier::Standard, public: false }
}

fn cue(rule: &str) -> Cue {
    Cue { rule: rule.to_owned(), span: (0, 2) }
}

fn shipped(cues: &[Cue], context: Context) -> Assessment {
    assess(cues, context, &PriorityPolicy::shipped())
}

#[test]
fn a_plain_question_is_p4_and_says_so_with_no_reasons() {
    let plain = shipped(&[], context());
    assert_eq!((plain.urgency, plain.impact, plain.score, plain.priority), (1, 1, 0, Priority::P4));
    assert!(plain.contributions.is_empty());
}

#[test]
fn a_vip_who_was_hurt_and_says_so_in_public_is_p1() {
    let context = Context { tier: Tier::Vip, public: true, sentiment: Sentiment::Negative, ..context() };
    let hurt = shipped(&[cue("urgency.safety")], context);
    assert_eq!((hurt.urgency, hurt.impact, hurt.priority), (4, 3, Priority::P1));
    let named: i32 = hurt.contributions.iter().map(|c| c.weight).sum();
    assert_eq!(i32::from(hurt.score), named / 2);
    assert!(!hurt.contributions.iter().any(|c| c.rule.starts_with("priority.")), "the matrix says P1 by itself");
}

#[test]
fn the_word_of_a_priority_is_its_own() {
    for (priority, word) in [(Priority::P1, "P1"), (Priority::P2, "P2"), (Priority::P3, "P3"), (Priority::P4, "P4")] {
        assert_eq!((priority.as_str(), Priority::parse(word)), (word, Some(priority)));
    }
    assert_eq!(Priority::parse("P5"), None);
}

#[test]
fn somebody_who_was_hurt_is_p1_whoever_it_is_and_the_rule_that_made_it_so_is_named() {
    let hurt = shipped(&[cue("urgency.haste"), cue("urgency.safety")], context());
    assert_eq!(hurt.priority, Priority::P1);
    let raised = hurt.contributions.last().unwrap();
    assert_eq!((raised.rule.as_str(), raised.weight, raised.span), ("priority.safety_is_P1", 0, Some((0, 2))));
}

#[test]
fn product_quality_goes_one_band_up() {
    let other = shipped(&[cue("urgency.deadline")], context());
    let context = Context { category: Category::ProductQuality, ..context() };
    let quality = shipped(&[cue("urgency.deadline")], context);
    assert_eq!(quality.priority, other.priority.raised());
    assert_eq!(quality.contributions.last().unwrap().rule, "priority.product_quality_one_band_up");
}

#[test]
fn a_customers_tier_and_an_audience_widen_it() {
    let weights = [Tier::Standard, Tier::Silver, Tier::Gold, Tier::Vip]
        .map(|tier| shipped(&[], Context { tier, ..context() }).contributions.first().map_or(0, |c| c.weight));
    assert_eq!(weights, [0, 5, 15, 30]);
    assert_eq!(shipped(&[], Context { public: true, ..context() }).impact, 2);
}

#[test]
fn a_tenants_own_weights_count_and_a_rule_newer_than_them_weighs_what_it_is_shipped_with() {
    let mut policy = PriorityPolicy::shipped();
    policy.weights.insert("urgency.haste".to_owned(), 60);
    policy.weights.remove("urgency.deadline");
    let (haste, deadline) = (policy.contribution("urgency.haste", None), policy.contribution("urgency.deadline", None));
    assert_eq!((haste.weight, deadline.weight), (60, 20));
}

/// Of every pair of levels that two rules can reach, more points never mean less.
#[test]
fn more_urgency_or_more_impact_never_lowers_the_band() {
    let weighing = |urgency: i32, impact: i32| {
        let mut policy = PriorityPolicy::shipped();
        policy.weights.insert("urgency.haste".to_owned(), urgency);
        policy.weights.insert("impact.many".to_owned(), impact);
        assess(&[cue("urgency.haste"), cue("impact.many")], context(), &policy)
    };
    for urgency in (0..=100).step_by(5) {
        for impact in (0..=100).step_by(5) {
            let here = weighing(urgency, impact);
            for there in [weighing(urgency + 5, impact), weighing(urgency, impact + 5)] {
                assert!(there.priority <= here.priority && there.score >= here.score);
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn one_more_cue_never_lowers_score_or_band(picks in proptest::collection::vec(0_usize..64, 0..12), more in 0_usize..64) {
        let rules: Vec<_> = PriorityPolicy::cues().collect();
        let mut cues: Vec<_> = picks.iter().map(|pick| cue(rules[pick % rules.len()])).collect();
        let before = shipped(&cues, context());
        cues.push(cue(rules[more % rules.len()]));
        let after = shipped(&cues, context());
        proptest::prop_assert!(after.score >= before.score && after.priority <= before.priority);
    }
}

#[test]
fn the_shipped_policy_can_be_meant_and_weighs_every_rule() {
    let shipped = PriorityPolicy::shipped();
    assert_eq!(shipped.faults(), []);
    assert!(PriorityPolicy::cues().all(|rule| rule.starts_with("urgency.") || rule.starts_with("impact.")));
    assert_eq!(PriorityPolicy::rules().count() - PriorityPolicy::cues().count(), 5);
}

#[test]
fn all_that_cant_be_meant_is_told_at_once_by_its_place() {
    let mut broken = PriorityPolicy::shipped();
    broken.weights.insert("urgency.safety".to_owned(), -1);
    broken.weights.insert("urgency.mood".to_owned(), 5);
    broken.at_least.insert("impact.tier_vip".to_owned(), Priority::P1);
    broken.subscribers.insert(Category::Other, Vec::new());
    broken.sentiment_drop = 0;
    let places: Vec<_> = broken.faults().into_iter().map(|fault| fault.pointer).collect();
    let expected = [
        "/weights/urgency.mood",
        "/weights/urgency.safety",
        "/at_least/impact.tier_vip",
        "/subscribers/other",
        "/sentiment_drop",
    ];
    assert_eq!(places, expected);
    for name in [" ".to_owned(), "x".repeat(65)] {
        let mut broken = PriorityPolicy::shipped();
        broken.subscribers.insert(Category::Order, vec!["客服".to_owned(), name]);
        assert_eq!(broken.faults()[0].pointer, "/subscribers/order");
    }
    assert!(serde_json::from_value::<PriorityPolicy>(json!({"version": 1, "weight": {}})).is_err());
}
