//! Who may approve what, what a verdict comes to, and what the cap gets back.

use super::*;
use crate::actor::ActorKind;
use crate::order::Status;
use crate::promise::ServicePromises;
use crate::sla::Metric;
use crate::sla::tests::story::{Story, flat, level, one};
use serde_json::{Value, json};

fn money(amount_minor: i64, currency: &str) -> Money {
    Money { amount_minor, currency: currency.to_owned() }
}

fn bands(automatic: i64, supervisor: i64) -> ServicePromises {
    let approval =
        json!([{"currency": "CNY", "automatic_up_to_minor": automatic, "supervisor_up_to_minor": supervisor}]);
    serde_json::from_value(json!({"version": 2, "promises": [], "approval": approval})).unwrap()
}

/// An order of two promises of an hour, each compensated with 600 at its due and 700 ten minutes
/// later, up to `cap`; at noon, when both are broken.
fn broken(cap: i64, promises: ServicePromises) -> Story {
    let pays = |name: &str, anchor: Value, amount: i64| {
        let mut level = level(name, anchor);
        level["actions"] = json!([{"compensate": {"amount_minor": amount, "currency": "CNY"}}]);
        level
    };
    let levels = json!([pays("one", json!("at"), 600), pays("two", json!({"after": 600}), 700)]);
    let targets = json!({"first_response": flat(3_600), "resolution": flat(3_600)});
    let cap = json!({"amount_minor": cap, "currency": "CNY"});
    let mut terms = one(json!({"targets": targets, "levels": levels, "compensation_cap": cap}));
    terms.policies.promises = promises;
    let mut story = Story::of(terms);
    story.at("23T10:05:00").catch_up();
    story
}

/// The compensations of an order, as its facts have them.
fn compensations(story: &Story) -> Vec<Compensation> {
    let facts = &story.order.facts;
    let asked = facts.iter().filter_map(|fact| Compensation::requested(&story.order, fact));
    asked.map(|asked| facts.iter().fold(asked, Compensation::after)).collect()
}

fn decide(story: &mut Story, compensation: &Compensation, decision: Verdict, given: i64) {
    let ruled = (decision, given);
    story
        .act(ActorKind::ApiKey, |order, by, _| order.decide_compensation(by, compensation, ruled, Some("因为".into())))
        .unwrap();
}

#[test]
fn bands_say_who_may_approve_and_a_currency_without_one_is_an_admins() {
    let promises = bands(500, 2_000);
    for (amount, approver) in [
        (1, Approver::Nobody),
        (500, Approver::Nobody),
        (501, Approver::Supervisor),
        (2_000, Approver::Supervisor),
        (2_001, Approver::Admin),
    ] {
        assert_eq!(promises.approver(&money(amount, "CNY")), approver, "{amount}");
    }
    assert_eq!(promises.approver(&money(1, "USD")), Approver::Admin);
    assert_eq!(ServicePromises::default().approver(&money(1, "CNY")), Approver::Admin);
    assert_eq!(bands(0, 0).approver(&money(1, "CNY")), Approver::Admin);
}

#[test]
fn a_verdict_gives_what_was_asked_or_less_with_a_reason_and_never_more() {
    let compensation = compensations(&broken(1_000, ServicePromises::default())).remove(0);
    let given = |decision, amount_minor, reason: Option<&str>| {
        compensation.given(&Asked { decision, amount_minor, reason: reason.map(str::to_owned) })
    };
    use Verdict::{Approved, Declined};
    assert_eq!(given(Approved, None, None), Ok(600));
    assert_eq!(given(Approved, Some(600), None), Ok(600));
    assert_eq!(given(Approved, Some(1), Some("少给")), Ok(1));
    assert_eq!(given(Declined, None, Some("no fault of ours")), Ok(0));
    assert_eq!(given(Approved, Some(599), None), Err(Meaningless::ReasonMissing));
    assert_eq!(given(Declined, None, None), Err(Meaningless::ReasonMissing));
    assert_eq!(given(Approved, Some(601), Some("more")), Err(Meaningless::Amount(600)));
    assert_eq!(given(Approved, Some(0), Some("nothing")), Err(Meaningless::Amount(600)));
    assert_eq!(given(Declined, Some(5), Some("both")), Err(Meaningless::AmountDeclined));
}

#[test]
fn a_breach_has_one_compensation_with_all_that_somebody_needs_to_decide() {
    let mut story = broken(1_000, ServicePromises::default());
    story.at("23T12:00:00").catch_up();
    let all = compensations(&story);
    assert_eq!(all.iter().map(|each| each.amount.amount_minor).collect::<Vec<_>>(), [600, 400], "within the cap");
    let first = &all[0];
    assert_eq!(first.id, CompensationId::of(&story.order.id, &first.clock));
    assert_ne!(first.id, all[1].id);
    assert_eq!((first.customer_ref.as_str(), first.policy.to_string()), ("c-1", "one@1".to_owned()));
    assert_eq!(first.due_at.unwrap().to_string(), "2026-11-23T02:00:00Z");
    assert_eq!((first.state(), first.clock.cycle), (CompensationState::Pending, 1));
}

#[test]
fn what_is_declined_or_lowered_leaves_room_under_the_cap_for_what_is_broken_later() {
    for (decision, given, room) in
        [(Verdict::Declined, 0, 600), (Verdict::Approved, 250, 350), (Verdict::Approved, 600, 0)]
    {
        // The cap leaves nothing for the second promise, until the first is decided.
        let mut story = broken(600, ServicePromises::default());
        assert_eq!((compensations(&story).len(), story.order.compensated_minor), (1, 600));
        let first = compensations(&story).remove(0);
        decide(&mut story, &first, decision, given);
        assert_eq!(story.order.compensated_minor, given);
        story.at("23T12:00:00").catch_up();
        let all = compensations(&story);
        let later: Vec<_> = all[1..].iter().map(|each| each.amount.amount_minor).collect();
        assert_eq!(later, if room > 0 { vec![room] } else { vec![] }, "{decision:?} {given}");
        assert_eq!(story.order.compensated_minor, given + room);
        let ruled = all[0].ruled.clone().unwrap();
        assert_eq!((ruled.decision, ruled.amount_minor, ruled.reason.as_deref()), (decision, given, Some("因为")));
        assert_eq!(all[0].clock, first.clock, "a breach that was decided is not asked for again");
    }
}

#[test]
fn what_needs_nobody_is_approved_at_once_and_recorded_as_by_the_system() {
    let story = broken(1_000, bands(500, 1_000));
    let all = compensations(&story);
    assert_eq!(
        all.iter().map(Compensation::state).collect::<Vec<_>>(),
        [CompensationState::Pending, CompensationState::Approved]
    );
    let ruled = all[1].ruled.clone().unwrap();
    assert_eq!((ruled.amount_minor, ruled.by, ruled.reason), (400, Actor::system("approval"), None));
    assert_eq!(story.order.compensated_minor, 1_000);
    let facts = &story.order.facts;
    let [asked, decided] = [facts.len() - 2, facts.len() - 1].map(|place| &facts[place]);
    assert_eq!((asked.what.word(), decided.what.word()), ("compensation_requested", "compensation_decided"));
    assert_eq!(decided.cause.as_ref(), Some(&asked.id));
}

#[test]
fn the_same_verdict_is_known_again_and_another_is_not() {
    let mut story = broken(1_000, ServicePromises::default());
    let first = compensations(&story).remove(0);
    let asked = |decision, amount_minor| Asked { decision, amount_minor, reason: Some("又说一次".into()) };
    assert!(!first.is_ruled_so(&asked(Verdict::Approved, None)), "nobody has said anything yet");
    decide(&mut story, &first, Verdict::Approved, 600);
    let first = compensations(&story).remove(0);
    assert!(
        first.is_ruled_so(&asked(Verdict::Approved, None)) && first.is_ruled_so(&asked(Verdict::Approved, Some(600)))
    );
    assert!(
        !first.is_ruled_so(&asked(Verdict::Approved, Some(5))) && !first.is_ruled_so(&asked(Verdict::Declined, None))
    );
}

#[test]
fn a_breach_that_is_excused_before_its_compensation_is_asked_for_asks_for_none() {
    let pays = json!([{"name": "late", "anchor": {"after": 3_600}, "audience": "team_lead",
        "actions": [{"compensate": {"amount_minor": 600, "currency": "CNY"}}]}]);
    let policy = json!({"targets": {"resolution": flat(3_600)}, "levels": pays,
        "compensation_cap": {"amount_minor": 600, "currency": "CNY"}});
    let mut story = Story::of(one(policy));
    story.at("23T10:30:00").catch_up();
    let clock = ClockKey { metric: Metric::Resolution, cycle: 1, exchange: 1 };
    story.act(ActorKind::Agent, |order, by, _| order.annul(by, clock, "台风 a storm".into())).unwrap();
    story.at("23T15:00:00").catch_up();
    assert_eq!((compensations(&story), story.order.compensated_minor), (vec![], 0));
}

#[test]
fn a_verdict_can_be_given_on_an_order_that_is_over_and_replays_as_it_was() {
    let mut story = broken(1_000, ServicePromises::default()).assigned();
    story.go(Status::Cancelled);
    let first = compensations(&story).remove(0);
    decide(&mut story, &first, Verdict::Approved, 600);
    assert_eq!((story.order.status, story.order.due_at(story.now, &story.terms)), (Status::Cancelled, None));
    let again = WorkOrder::replay(&story.order.id, story.order.facts.clone(), &story.terms).unwrap().unwrap();
    assert_eq!(again, story.order);
}

#[test]
fn no_more_are_asked_for_at_once_than_one_commit_holds_and_the_rest_stays_due() {
    let laws: serde_json::Map<_, _> = (0..30).map(|n| (format!("statutory:law_{n}"), json!({"days": 1}))).collect();
    let policy = json!({"targets": laws, "compensation_cap": {"amount_minor": 1_000, "currency": "CNY"},
        "levels": [{"name": "late", "anchor": "at", "audience": "team_lead",
            "actions": [{"compensate": {"amount_minor": 1, "currency": "CNY"}}]}]});
    let mut story = Story::of(one(policy));
    story.at("26T09:00:00");
    let mut asked = Vec::new();
    for _ in 0..4 {
        story.catch_up();
        asked.push(compensations(&story).len());
        let due = story.order.due_at(story.now, &story.terms).unwrap();
        assert_eq!(due <= story.now, asked.last() != Some(&30), "{due}");
    }
    assert_eq!(asked, [12, 24, 30, 30]);
}
