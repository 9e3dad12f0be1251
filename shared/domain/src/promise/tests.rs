//! What a promise shows is what the clocks keep, and what it can't rest on.

use super::*;
use crate::sla::tests::story::{flat, hours, level, one, policies};
use serde_json::{Value, json};

fn promise(id: &str, backed_by: Value) -> Value {
    json!({"id": id, "title": {"zh": "四小时内", "en": "In four hours"}, "text": {"zh": "说到做到", "en": "We mean it"},
        "backed_by": backed_by})
}

fn resolution() -> Value {
    json!({"sla_policy": "one", "metric": "resolution"})
}

fn published(promises: Value, approval: Value) -> ServicePromises {
    serde_json::from_value(json!({"version": 1, "promises": promises, "approval": approval})).unwrap()
}

/// The figure of a promise that rests on `metric` of a policy.
fn figure(policy: Value, metric: &str, teams: &[&str]) -> Value {
    let promise = promise("p", json!({"sla_policy": "one", "metric": metric}));
    let promise: ServicePromise = serde_json::from_value(promise).unwrap();
    let teams = teams.iter().map(|id| (*id).to_owned()).collect();
    json!(one(policy).figure(&promise, &teams).unwrap())
}

fn pays(name: &str, anchor: Value, amount: i64) -> Value {
    let mut level = level(name, anchor);
    level["actions"] = json!(["notify", {"compensate": {"amount_minor": amount, "currency": "CNY"}}]);
    level
}

#[test]
fn a_figure_is_what_the_policy_promises_on_the_calendar_that_counts() {
    let plain = json!({"targets": {"resolution": hours(2, 6, 4, 8)}, "levels": []});
    let told = figure(plain.clone(), "resolution", &[]);
    let expected = json!({
        "sla_policy": "one", "version": 1, "metric": "resolution", "calendar": "office", "around_the_clock": false,
        "targets": {"P1": 7_200, "P2": 21_600, "P3": 14_400, "P4": 28_800},
    });
    assert_eq!(told, expected);
    for (own, target, teams, calendar, around) in [
        (Some("always"), None, vec![], "always", true),
        (Some("always"), Some("night"), vec![], "night", false),
        (None, Some("always"), vec![], "always", true),
        (None, Some("always"), vec!["always"], "always", true),
        (None, Some("always"), vec!["night", "always"], "always", false),
    ] {
        let mut policy = plain.clone();
        own.into_iter().for_each(|own| policy["calendar"] = json!(own));
        target.into_iter().for_each(|target| policy["targets"]["resolution"]["calendar"] = json!(target));
        let told = figure(policy, "resolution", &teams);
        assert_eq!((&told["calendar"], &told["around_the_clock"]), (&json!(calendar), &json!(around)));
        assert_eq!(told.get("team_calendars").is_some(), teams.contains(&"night"), "{told}");
    }
}

#[test]
fn days_of_a_law_are_days_whatever_calendars_teams_have() {
    let policy = json!({"targets": {"statutory:returns": {"days": 7, "calendar": "always"}}, "levels": []});
    let told = figure(policy, "statutory:returns", &["night"]);
    assert_eq!((&told["days"], told.get("targets"), told.get("team_calendars")), (&json!(7), None, None));
}

#[test]
fn what_is_offered_is_what_the_first_level_asks_for_within_the_cap() {
    let policy = |levels: Value, cap: i64| {
        json!({"targets": {"resolution": hours(1, 2, 3, 4), "first_response": flat(60)}, "levels": levels,
            "compensation_cap": {"amount_minor": cap, "currency": "CNY"}})
    };
    let late = |levels: Value, cap: i64| {
        let told = figure(policy(levels, cap), "resolution", &[]);
        ["P1", "P4"].map(|priority| {
            let late = &told["compensation"][priority];
            (late["amount"]["amount_minor"].as_i64(), late["late_by_seconds"].as_i64())
        })
    };
    assert_eq!(late(json!([pays("due", json!("at"), 600)]), 1_000), [(Some(600), Some(0)); 2]);
    assert_eq!(late(json!([pays("due", json!("at"), 600)]), 100), [(Some(100), Some(0)); 2], "no more than the cap");
    // Half as much again comes before half an hour late where the target is short, and after it where it is long.
    let both = json!([pays("over", json!({"percent": 125}), 500), pays("after", json!({"after": 1_800}), 600)]);
    assert_eq!(late(both, 1_000), [(Some(500), Some(900)), (Some(600), Some(1_800))]);
    let twice = json!([pays("one", json!({"percent": 100}), 300), pays("two", json!("at"), 600)]);
    assert_eq!(late(twice, 1_000), [(Some(300), Some(0)); 2], "the first in the policy, of two at once");
    let mut other = pays("due", json!("at"), 600);
    other["metrics"] = json!(["first_response"]);
    let told = figure(policy(json!([other]), 1_000), "resolution", &[]);
    assert_eq!((told.get("compensation"), told.get("compensation_cap")), (None, None));
}

#[test]
fn a_figure_says_what_the_order_is_asked_to_be_given() {
    let levels = json!([pays("after", json!({"after": 1_800}), 600), pays("over", json!({"percent": 125}), 500)]);
    let policy = json!({"targets": {"resolution": flat(3_600)}, "levels": levels,
        "compensation_cap": {"amount_minor": 1_000, "currency": "CNY"}});
    let shown = figure(policy.clone(), "resolution", &[]);
    let (amount, late_by) = (&shown["compensation"]["P4"]["amount"], &shown["compensation"]["P4"]["late_by_seconds"]);
    let mut story = crate::sla::tests::story::Story::of(one(policy));
    story.at("23T10:14:59").catch_up();
    assert_eq!(story.order.compensated_minor, 0, "a second before {late_by}");
    story.at("23T10:15:00").catch_up();
    assert_eq!((json!(story.order.compensated_minor), late_by), (amount["amount_minor"].clone(), &json!(900)));
    story.at("23T18:00:00").catch_up();
    assert_eq!(json!(story.order.compensated_minor), amount["amount_minor"], "a breach is compensated once");
}

#[test]
fn what_a_promise_cant_rest_on_is_told_at_its_place() {
    let sla = policies(json!([{"id": "one", "targets": {"resolution": flat(60), "ownership": flat(60)}}])).sla;
    let faults = |promises: Value, approval: Value| -> Vec<String> {
        let told = published(promises, approval).faults(&sla);
        assert!(told.iter().all(|fault| !fault.detail.is_empty()));
        told.into_iter().map(|fault| fault.pointer).collect()
    };
    let band = |automatic: i64, supervisor: i64| json!({"currency": "CNY", "automatic_up_to_minor": automatic, "supervisor_up_to_minor": supervisor});
    assert_eq!(faults(json!([promise("a", resolution()), promise("b", Value::Null)]), json!([band(0, 0)])), [""; 0]);
    for (promises, approval, pointer) in [
        (json!([promise("a", Value::Null), promise("a", Value::Null)]), json!([]), "/promises/1/id"),
        (
            json!([promise("a", json!({"sla_policy": "two", "metric": "resolution"}))]),
            json!([]),
            "/promises/0/backed_by/sla_policy",
        ),
        (
            json!([promise("a", json!({"sla_policy": "one", "metric": "first_response"}))]),
            json!([]),
            "/promises/0/backed_by/metric",
        ),
        (
            json!([promise("a", json!({"sla_policy": "one", "metric": "ownership"}))]),
            json!([]),
            "/promises/0/backed_by/metric",
        ),
        (json!([]), json!([band(1, 2), band(3, 4)]), "/approval/1/currency"),
        (json!([]), json!([band(-1, 2)]), "/approval/0/automatic_up_to_minor"),
        (json!([]), json!([band(2, 1)]), "/approval/0/supervisor_up_to_minor"),
    ] {
        assert_eq!(faults(promises, approval), [pointer]);
    }
    let many: Vec<_> = (0..=PROMISES).map(|number| promise(&number.to_string(), Value::Null)).collect();
    assert_eq!(faults(json!(many), json!([])), ["/promises"]);
}

#[test]
fn a_policy_that_a_promise_rests_on_is_found_and_so_is_a_metric_that_it_no_longer_has() {
    let promises = published(json!([promise("a", Value::Null), promise("b", resolution())]), json!([]));
    let policy = |targets: Value| policies(json!([{"id": "one", "targets": targets}])).sla.remove(0);
    let found = |policy: &str, kept: Option<&SlaPolicy>| promises.resting_on(policy, kept).map(|(p, _)| p.id.as_str());
    assert_eq!((found("one", None), found("two", None)), (Some("b"), None));
    assert_eq!(found("one", Some(&policy(json!({"resolution": flat(1)})))), None);
    assert_eq!(found("one", Some(&policy(json!({"first_response": flat(1)})))), Some("b"));
}

#[test]
fn policies_without_promises_are_written_as_before_there_were_any() {
    let kept = policies(json!([{"id": "one", "no_sla": true}]));
    assert_eq!((json!(kept).get("promises"), kept.promises.version), (None, 1));
    let mut with = kept.clone();
    with.promises = published(json!([promise("a", Value::Null)]), json!([]));
    assert_eq!(serde_json::from_value::<crate::policy::Policies>(json!(with)).unwrap(), with);
}

#[test]
fn priorities_for_which_it_is_the_same_are_shown_once() {
    let alike = |policy: Value| -> Vec<_> {
        let figure: Figure = serde_json::from_value(figure(policy, "resolution", &[])).unwrap();
        figure.alike().into_iter().map(|each| (each.priorities.len(), each.seconds)).collect()
    };
    let policy = |target: Value| json!({"targets": {"resolution": target}, "levels": []});
    assert_eq!(alike(policy(flat(60))), [(4, Some(60))]);
    let some = json!({"P1": 60, "P2": 60, "P3": 90, "P4": 60});
    assert_eq!(alike(policy(some)), [(2, Some(60)), (1, Some(90)), (1, Some(60))]);
    let mut paid = policy(hours(1, 1, 2, 2));
    paid["levels"] = json!([pays("over", json!({"percent": 150}), 5)]);
    paid["compensation_cap"] = json!({"amount_minor": 5, "currency": "CNY"});
    assert_eq!(alike(paid), [(2, Some(3_600)), (2, Some(7_200))]);
}
