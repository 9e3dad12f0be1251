//! Routing rules and survey policies: the first that matches counts, and none stands where it is
//! never asked.

use crate::category::{Category, Language};
use crate::feedback::Tier;
use crate::id::{TeamId, TenantId, WorkOrderId};
use crate::order::WorkOrder;
use crate::policy::{Policies, PolicyError, RoutingConditions, SurveyPolicy, Terms};
use crate::priority::Priority;
use crate::routing::{Team, ruled};
use serde_json::{Value, json};

fn policies(survey: Value, routing: Value) -> Policies {
    let mut document = serde_json::to_value(Policies::shipped()).unwrap();
    document["survey"] = survey;
    document["routing"] = routing;
    serde_json::from_value(document).unwrap()
}

fn faults(survey: Value, routing: Value) -> Vec<String> {
    let told = Terms::compile(policies(survey, routing)).err().unwrap_or_default();
    assert!(told.iter().all(|PolicyError { detail, .. }| !detail.is_empty()));
    told.into_iter().map(|fault| fault.pointer).collect()
}

fn survey(id: &str, when: Value) -> Value {
    json!({"id": id, "version": 1, "when": when, "enabled": true, "delay_seconds": 60, "window_seconds": 600})
}

fn rule(id: &str, when: Value) -> Value {
    json!({"id": id, "version": 1, "when": when, "team": format!("tm_{id}")})
}

fn everyone() -> Value {
    json!([survey("everyone", json!({}))])
}

/// An order of a VIP about the delivery of a phone.
fn order() -> WorkOrder {
    let terms = Terms::shipped();
    let now = "2026-11-23T01:00:00Z".parse().unwrap();
    let customer = crate::actor::Actor::new(crate::actor::ActorKind::Customer, "c-1");
    let origin = serde_json::from_value(json!({
        "feedback": "fb_1", "channel": "chat", "customer": {"ref": "c-1", "tier": "vip"}, "began_at": now,
        "order": {"product_type": "手机", "status": "shipped"},
    }));
    let id = WorkOrderId::derive(&[TenantId::parse("tn_a").unwrap().as_str()]);
    let mut order = WorkOrder::create(id, origin.unwrap(), crate::order::Entry::new(&customer, now, &terms));
    (order.category, order.language, order.priority) = (Category::Logistics, Language::Zh, Priority::P2);
    order
}

#[test]
fn one_delay_and_one_window_as_they_were_kept_are_the_policy_for_everyone() {
    let kept = policies(json!({"delay_seconds": 60, "window_seconds": 600}), json!([]));
    assert_eq!(serde_json::to_value(&kept.survey[0]).unwrap(), survey(SurveyPolicy::EVERYONE, json!({})));
    assert_eq!(kept.survey.len(), 1);
    let before: Value = serde_json::to_value(Policies::shipped()).unwrap();
    assert_eq!(before.get("routing"), None, "what no tenant has is not written");
}

#[test]
fn every_condition_must_hold_and_any_value_of_one_is_enough() {
    let order = order();
    let matches = |when: Value| serde_json::from_value::<RoutingConditions>(when).unwrap().matches(&order);
    for (field, right, wrong) in [
        ("category", "logistics", "account"),
        ("product_type", "手机", "电视"),
        ("order_status", "shipped", "paid"),
        ("channel", "chat", "web"),
        ("tier", "vip", "gold"),
        ("language", "zh", "en"),
        ("priority", "P2", "P1"),
    ] {
        assert!(matches(json!({field: [wrong, right]})), "{field}");
        assert!(!matches(json!({field: [wrong]})), "{field}");
    }
    assert!(matches(json!({})) && matches(json!({"tier": ["vip"], "priority": ["P2"]})));
    assert!(!matches(json!({"tier": ["vip"], "priority": ["P1"]})));
    let unnamed = WorkOrder { order: None, customer: serde_json::from_value(json!({"ref": "c"})).unwrap(), ..order };
    let matches = |when: Value| serde_json::from_value::<RoutingConditions>(when).unwrap().matches(&unnamed);
    assert!(matches(json!({"tier": ["standard"]})) && !matches(json!({"tier": ["vip"]})));
    assert!(!matches(json!({"product_type": ["手机"]})) && !matches(json!({"order_status": ["shipped"]})));
}

#[test]
fn the_first_rule_whose_team_is_there_decides() {
    let team = |id: &str| Team {
        id: TeamId::parse(id).unwrap(),
        name: id.to_owned(),
        categories: vec![],
        fallback: false,
        lead: None,
        calendar: None,
        overflow: vec![],
    };
    let teams = [team("tm_phones"), team("tm_vip")];
    let rules = json!([
        rule("gold", json!({"tier": ["gold"]})),
        rule("gone", json!({"channel": ["chat"]})),
        rule("vip", json!({"tier": ["vip"]})),
        rule("phones", json!({"product_type": ["手机"]})),
    ]);
    let rules = policies(everyone(), rules).routing;
    let decided =
        |rules: &[_]| ruled(&teams, rules, &order()).map(|(team, rule)| (team.id.to_string(), rule.id.clone()));
    assert_eq!(decided(&rules), Some(("tm_vip".to_owned(), "vip".to_owned())));
    assert_eq!(decided(&rules[3..]), Some(("tm_phones".to_owned(), "phones".to_owned())));
    assert_eq!(decided(&rules[..2]), None);
}

#[test]
fn the_first_survey_policy_that_matches_counts() {
    let survey = json!([
        survey("english", json!({"language": ["en"]})),
        survey("vip", json!({"tier": ["vip"], "channel": ["chat", "phone"], "category": ["logistics"]})),
        survey("everyone", json!({})),
    ]);
    let terms = Terms::compile(policies(survey, json!([]))).unwrap();
    let asked = |order: &WorkOrder| terms.surveying(order).unwrap().id.clone();
    assert_eq!(asked(&order()), "vip");
    assert_eq!(asked(&WorkOrder { language: Language::En, ..order() }), "english");
    assert_eq!(asked(&WorkOrder { category: Category::Account, ..order() }), "everyone");
    let gold = crate::feedback::Customer { tier: Some(Tier::Gold), ..order().customer };
    assert_eq!(asked(&WorkOrder { customer: gold, ..order() }), "everyone");
}

#[test]
fn what_an_earlier_one_takes_whole_is_never_asked_and_so_refused() {
    let rules = |first: Value, second: Value| faults(everyone(), json!([rule("a", first), rule("b", second)]));
    for (first, second) in [
        (json!({}), json!({})),
        (json!({}), json!({"tier": ["vip"]})),
        (json!({"tier": ["vip", "gold"]}), json!({"tier": ["gold"]})),
        (json!({"tier": ["vip"]}), json!({"tier": ["vip"], "channel": ["chat"]})),
    ] {
        assert_eq!(rules(first, second), ["/routing/1/when"]);
    }
    for (first, second) in [
        (json!({"tier": ["vip"]}), json!({})),
        (json!({"tier": ["gold"]}), json!({"tier": ["vip", "gold"]})),
        (json!({"tier": ["vip"], "channel": ["chat"]}), json!({"tier": ["vip"], "category": ["account"]})),
        (json!({"product_type": ["手机"]}), json!({"order_status": ["shipped"]})),
    ] {
        assert_eq!(rules(first, second), [""; 0]);
    }
    let twice = json!([rule("a", json!({"tier": ["vip"]})), rule("a", json!({"tier": ["gold"]}))]);
    assert_eq!(faults(everyone(), twice), ["/routing/1/id"]);
}

#[test]
fn somebody_must_be_asked_or_not_by_a_last_policy_that_matches_everything() {
    let none: [&str; 0] = [];
    assert_eq!(faults(json!([]), json!([])), ["/survey"]);
    assert_eq!(faults(json!([survey("vip", json!({"tier": ["vip"]}))]), json!([])), ["/survey"]);
    let both = [survey("everyone", json!({})), survey("vip", json!({"tier": ["vip"]}))];
    assert_eq!(faults(json!(both), json!([])), ["/survey/1/when", "/survey"]);
    assert_eq!(faults(json!([both[1], both[0]]), json!([])), none);
    let mut odd = survey("everyone", json!({}));
    (odd["delay_seconds"], odd["window_seconds"]) = (json!(-1), json!(0));
    assert_eq!(faults(json!([odd]), json!([])), ["/survey/0/delay_seconds", "/survey/0/window_seconds"]);
}
