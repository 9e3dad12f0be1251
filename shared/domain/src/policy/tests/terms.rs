//! Who is promised what, on which calendar, and by which version.

use crate::actor::ActorKind;
use crate::category::{Category, Sentiment};
use crate::fact::{AgreedBecause, What};
use crate::feedback::{Channel, Tier};
use crate::order::Version;
use crate::policy::{CalendarChoice, Policies, SlaPolicy, Subject, Terms};
use crate::priority::Priority;
use crate::sla::tests::story::{MONDAY, Story, flat, hours, instant, policies};
use crate::sla::{Metric, VersionRef};
use jiff::SignedDuration;
use serde_json::{Value, json};

const PLAIN: Subject =
    Subject { channel: Channel::Web, category: Category::Other, sentiment: Sentiment::Neutral, tier: Tier::Standard };

fn compiled(sla: Value) -> Terms {
    Terms::compile(policies(sla)).unwrap()
}

fn matched(terms: &Terms, subject: Subject) -> Option<&str> {
    terms.matching(subject).map(|policy| policy.id.as_str())
}

#[test]
fn the_first_policy_that_matches_counts_and_no_sla_promises_nothing() {
    let promise = json!({"resolution": flat(3_600)});
    let terms = compiled(json!([
        {"id": "vip", "when": {"tier": ["gold", "vip"]}, "targets": promise},
        {"id": "angry", "when": {"sentiment": ["negative"], "category": ["logistics"]}, "targets": promise},
        {"id": "chat", "when": {"channel": ["chat", "phone"]}, "no_sla": true},
        {"id": "rest", "targets": promise},
    ]));
    let angry = Subject { sentiment: Sentiment::Negative, category: Category::Logistics, ..PLAIN };
    for (subject, expected) in [
        (PLAIN, Some("rest")),
        (Subject { tier: Tier::Vip, ..angry }, Some("vip")),
        (Subject { tier: Tier::Silver, ..angry }, Some("angry")),
        (Subject { sentiment: Sentiment::Negative, ..PLAIN }, Some("rest")),
        (Subject { category: Category::Logistics, ..PLAIN }, Some("rest")),
        (Subject { channel: Channel::Chat, ..PLAIN }, None),
        (Subject { channel: Channel::Phone, tier: Tier::Gold, ..PLAIN }, Some("vip")),
    ] {
        assert_eq!(matched(&terms, subject), expected, "{subject:?}");
    }
}

#[test]
fn the_shipped_policies_keep_their_promises() {
    let terms = Terms::shipped();
    let promised = |subject, priority, metric| {
        let agreement = terms.agreement(terms.matching(subject).unwrap(), priority, CalendarChoice::default(), None);
        let target = &agreement.targets[&metric];
        (target.seconds(), target.calendar.id.clone())
    };
    let complaint = Subject { category: Category::AfterSales, sentiment: Sentiment::Negative, ..PLAIN };
    for priority in [Priority::P1, Priority::P2, Priority::P3, Priority::P4] {
        let chat = Subject { channel: Channel::Chat, ..complaint };
        assert_eq!(promised(chat, priority, Metric::FirstResponse), (30, "always".into()));
        assert!(promised(complaint, priority, Metric::Resolution).0 <= 86_400, "complaints within a day");
        // A week of the office has forty hours.
        assert!(promised(PLAIN, priority, Metric::Resolution).0 <= 40 * 3_600, "everything within a week");
    }
    assert_eq!(promised(PLAIN, Priority::P1, Metric::Resolution), (14_400, "office".into()));
    assert_eq!(terms.reopen_window(), SignedDuration::from_hours(7 * 24));
    assert_eq!(json!(Policies::shipped()), json!(terms.policies));
}

#[test]
fn a_target_has_the_seconds_of_its_priority_and_a_law_has_days() {
    let targets = json!({"resolution": {"P1": 1, "P2": 2, "P3": 3, "P4": 4}, "statutory:x": {"days": 7}});
    let terms = compiled(json!([{"id": "all", "targets": targets, "levels": []}]));
    for (priority, seconds) in [(Priority::P1, 1), (Priority::P2, 2), (Priority::P3, 3), (Priority::P4, 4)] {
        let agreement = terms.agreement(&terms.policies.sla[0], priority, CalendarChoice::default(), None);
        assert_eq!(agreement.targets[&Metric::Resolution].ms, seconds * 1000);
        assert_eq!(agreement.targets[&Metric::Statutory("x".into())].days, Some(7));
    }
}

#[test]
fn the_order_s_calendar_comes_before_its_team_s_the_promise_s_the_policy_s_and_the_tenant_s() {
    let chosen = |order, team, promise: Option<&str>, policy: Option<&str>| {
        let mut resolution = flat(60);
        resolution["calendar"] = json!(promise);
        let terms = compiled(json!([{"id": "all", "calendar": policy, "targets": {"resolution": resolution}}]));
        let choice = CalendarChoice { order, team };
        let agreement = terms.agreement(&terms.policies.sla[0], Priority::P1, choice, None);
        agreement.targets[&Metric::Resolution].calendar.to_string()
    };
    assert_eq!(chosen(Some("always"), Some("night"), Some("new_york"), Some("new_york")), "always@1");
    assert_eq!(chosen(None, Some("night"), Some("new_york"), Some("always")), "night@1");
    assert_eq!(chosen(None, None, Some("new_york"), Some("always")), "new_york@1");
    assert_eq!(chosen(None, None, None, Some("always")), "always@1");
    assert_eq!(chosen(None, None, None, None), "office@1");
    assert_eq!(chosen(Some("gone"), None, None, Some("always")), "always@1", "one that is not there is passed over");
}

/// The same document one version later: the office opens at ten, and targets are halved.
fn later(terms: &Terms) -> Terms {
    let mut next = terms.policies.clone();
    next.version += 1;
    let office = next.calendars.iter_mut().find(|calendar| calendar.id == "office").unwrap();
    office.version += 1;
    office.calendar =
        json!({"time_zone": "Asia/Shanghai", "hours": {"mon": [["10:00", "18:00"]], "tue": [["10:00", "18:00"]]}});
    for policy in &mut next.sla {
        policy.version += 1;
        policy.targets.insert(Metric::Resolution, serde_json::from_value(flat(4 * 3_600)).unwrap());
    }
    let mut next = Terms::compile(next).unwrap();
    next.book.extend(&terms.book);
    next
}

fn first() -> Terms {
    compiled(json!([
        {"id": "goods", "when": {"category": ["after_sales"]}, "levels": [], "targets": {"resolution": flat(28_800)}},
        {"id": "rest", "levels": [], "targets": {"resolution": hours(2, 4, 6, 8)}},
    ]))
}

#[test]
fn publishing_touches_no_live_order_and_reapplying_is_a_fact_with_its_reason() {
    let mut story = Story::of(first());
    story.terms = later(&story.terms);
    story.at("23T11:00:00");
    assert!(story.catch_up().is_empty());
    assert_eq!(story.due(&Metric::Resolution), "23T18:00:00");
    story.prioritise(Priority::P3);
    assert_eq!(story.due(&Metric::Resolution), "23T16:00:00", "six hours, by the version that was agreed");
    let told = story.told(|story| {
        story.act(ActorKind::ApiKey, |order, by, team| order.reapply(by, team, "春节".into())).unwrap();
    });
    assert_eq!(told, ["sla_applied"]);
    // Two hours are used; two of four are left, in an office without a lunch break.
    assert_eq!(story.due(&Metric::Resolution), "23T13:00:00");
    let What::SlaApplied { agreement, why, reason, .. } = &story.order.facts.last().unwrap().what else { panic!() };
    assert_eq!((*why, reason.as_deref()), (AgreedBecause::Reapply, Some("春节")));
    assert_eq!(agreement.as_ref().unwrap().policy.to_string(), "rest@2");
    let proof = story.proof(&Metric::Resolution);
    let on = |place: usize| proof.segments[place].calendar_version.as_str();
    assert_eq!(
        (on(0), on(proof.segments.len() - 1), proof.policy_version.as_str()),
        ("office@1", "office@2", "rest@2")
    );
    let again = story.told(|story| {
        story.act(ActorKind::ApiKey, |order, by, team| order.reapply(by, team, "again".into())).unwrap();
    });
    assert_eq!(again, ["sla_applied"], "nothing is different, and that it was asked for is on record");
}

#[test]
fn an_order_that_comes_to_mean_something_else_gets_the_newest_policy_on_the_calendar_it_has() {
    let mut story = Story::of(first());
    story.terms = later(&story.terms);
    story.at("23T11:00:00");
    let relabel =
        |story: &mut Story, to| story.act(ActorKind::Agent, |order, by, _| order.relabel(by, to, None)).unwrap();
    relabel(&mut story, Category::Account);
    let agreed = |story: &Story| {
        let agreement = story.order.clocks.agreement.clone().unwrap();
        (agreement.policy.to_string(), agreement.targets[&Metric::Resolution].calendar.to_string())
    };
    assert_eq!(agreed(&story), ("rest@1".into(), "office@1".into()), "the policy that matched still does");
    relabel(&mut story, Category::AfterSales);
    assert_eq!(agreed(&story), ("goods@2".into(), "office@1".into()));
    assert_eq!(story.due(&Metric::Resolution), "23T14:00:00", "two of four hours, after lunch");
}

#[test]
fn a_new_order_counts_on_the_newest_version() {
    let terms = later(&first());
    let story = Story::of(terms.clone());
    assert_eq!(story.due(&Metric::Resolution), "23T14:00:00");
    assert_eq!(terms.newest_calendar("office").map(|calendar| calendar.is_open(instant(MONDAY))), Some(false));
    assert!(terms.own_calendar().is_some_and(|calendar| !calendar.is_open(instant(MONDAY))));
    assert!(terms.newest_calendar("gone").is_none());
}

#[test]
fn a_team_s_calendar_is_taken_at_creation_and_when_the_team_changes() {
    let mut story = Story::opened(first(), instant(MONDAY), Some("always".into()));
    assert_eq!(story.due(&Metric::Resolution), "23T17:00:00");
    story.at("23T11:00:00").act(ActorKind::System, |order, by, _| order.recount(by, Some("night"))).unwrap();
    assert_eq!(story.due(&Metric::Resolution), "24T04:00:00");
    let told = story.told(|story| {
        story.act(ActorKind::System, |order, by, _| order.recount(by, Some("night"))).unwrap();
    });
    assert!(told.is_empty());
}

#[test]
fn an_order_names_every_version_that_it_runs_by_and_a_book_without_one_says_so() {
    let mut story = Story::of(first());
    story.act(ActorKind::Agent, |order, by, team| order.recalendar(by, Some("always".into()), team)).unwrap();
    let named = |version: &Version<'_>| match version {
        Version::Calendar(version) => format!("calendar {version}"),
        Version::Policy(version) => format!("policy {version}"),
    };
    let mut names: Vec<_> = story.order.versions().map(|version| named(&version)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["calendar always@1", "calendar office@1", "policy rest@1"]);
    let gone = VersionRef { id: "rest".into(), version: 9 };
    let error = story.terms.book.policy(&gone).unwrap_err();
    assert_eq!((error.code, error.detail.contains("policy rest@9")), ("unknown_version", true));
    assert!(story.terms.book.calendar(&gone).unwrap_err().detail.contains("calendar rest@9"));
    let kept = VersionRef { id: "rest".into(), version: 1 };
    assert!(story.terms.book.has_policy(&kept) && !story.terms.book.has_policy(&gone));
    let office = VersionRef { id: "office".into(), version: 1 };
    assert!(story.terms.book.has_calendar(&office) && !story.terms.book.has_calendar(&kept));
}

#[test]
fn a_policy_that_says_little_has_the_defaults_of_the_house() {
    let policy: SlaPolicy = serde_json::from_value(json!({"id": "little"})).unwrap();
    assert_eq!(policy, SlaPolicy::named("little"));
    assert_eq!(policy.version().to_string(), "little@1");
    let written = json!(policy);
    assert_eq!(written["pauses"], json!({"pending_customer": ["resolution"]}));
    assert_eq!((&written["pause_cap_seconds"], &written["retarget_grace_seconds"]), (&json!(1_209_600), &json!(0)));
    assert_eq!(written["reopen"], json!({"mode": "continue", "target_percent_after_breach": 50}));
    let levels = json!([
        {"name": "warn_80", "anchor": {"percent": 80}, "audience": "agent", "actions": ["notify"]},
        {"name": "at_due", "anchor": "at", "audience": "team_lead", "actions": ["notify"]},
        {"name": "over_50", "anchor": {"percent": 150}, "audience": "supervisors", "actions": ["notify"],
         "repeat": {"every_seconds": 86_400, "max": 5}},
    ]);
    assert_eq!(written["levels"], levels);
    assert!(policy.level("at_due").is_some() && policy.level("at").is_none());
}
