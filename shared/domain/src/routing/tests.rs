use super::*;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn agent(id: &str, language: Language) -> Agent {
    serde_json::from_value(json!({
        "id": format!("ag_{id}"), "name": id, "teams": ["tm_a"], "languages": [language],
        "skills": {"logistics": 3}, "capacity": 4, "status": "online"
    }))
    .unwrap()
}

fn need(excluded: &[AgentId]) -> Need<'_> {
    let (category, language) = (Category::Logistics, Language::Zh);
    Need { category, language, level: 1, points: 1, excluded, last_resolver: None }
}

fn after(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn carrying(agent: &Agent, points: u32, last: Option<i64>) -> Candidate<'_> {
    let load = Load { points, last_assigned_at: last.map(after), ..Load::default() };
    Candidate { agent, load, on_shift: true, shift_begins_at: None, day_ends_at: None }
}

fn chosen(need: &Need<'_>, candidates: &[Candidate<'_>]) -> Routing {
    let (team, candidates) = (TeamId::parse("tm_a").unwrap(), candidates.to_vec());
    choose(&[Side { team: &team, candidates }], "test".into(), need, NOW).unwrap()
}

#[test]
fn the_least_loaded_agent_gets_it_and_the_longest_idle_among_equals() {
    let (a, b, c) = (agent("a", Language::Zh), agent("b", Language::Zh), agent("c", Language::Zh));
    let candidates = [carrying(&a, 2, None), carrying(&b, 1, Some(20)), carrying(&c, 1, Some(10))];
    let routing = chosen(&need(&[]), &candidates);
    assert_eq!(routing.agent, Some(c.id.clone()));
    assert_eq!(routing.candidates.iter().map(|x| x.score).collect::<Vec<_>>(), [0.75, 0.75, 0.5]);
}

#[test]
fn who_resolved_what_the_customer_had_before_comes_first_if_they_can_have_it_now() {
    let (a, b) = (agent("a", Language::Zh), agent("b", Language::Zh));
    let known = Need { last_resolver: Some(&a.id), ..need(&[]) };
    let routing = chosen(&known, &[carrying(&a, 3, Some(5)), carrying(&b, 0, None)]);
    assert_eq!((routing.agent.as_ref(), routing.candidates[0].affinity), (Some(&a.id), true));
    let away = Agent { status: Presence::Away, ..a.clone() };
    let routing = chosen(&known, &[carrying(&away, 0, None), carrying(&b, 3, None)]);
    assert_eq!(routing.agent, Some(b.id.clone()), "nobody waits for somebody who is not there");
    let excluded = [a.id.clone()];
    let disliked = Need { excluded: &excluded, ..known };
    assert_eq!(chosen(&disliked, &[carrying(&a, 0, None), carrying(&b, 3, None)]).agent, Some(b.id.clone()));
}

#[test]
fn every_agent_who_is_passed_over_is_told_why() {
    let (full, deaf, away) = (agent("full", Language::Zh), agent("deaf", Language::En), agent("away", Language::Zh));
    let away = Agent { status: Presence::Away, ..away };
    let unskilled = Agent { skills: BTreeMap::new(), ..agent("unskilled", Language::Zh) };
    let (asleep, before) = (agent("asleep", Language::Zh), agent("before", Language::Zh));
    let tired = Agent { daily_cap: Some(2), ..agent("tired", Language::Zh) };
    let excluded = [before.id.clone()];
    let mut candidates =
        [&full, &deaf, &away, &unskilled, &asleep, &before, &tired].map(|agent| carrying(agent, 0, None));
    candidates[0].load.points = 4;
    candidates[4].on_shift = false;
    candidates[6].load = Load { today: 2, today_ends_at: Some(after(60)), ..Load::default() };
    let routing = chosen(&need(&excluded), &candidates);
    assert_eq!(routing.agent, None);
    let why = |agent: &Agent| routing.considered().iter().find(|c| c.agent == agent.id).unwrap().rejected_because;
    assert_eq!(why(&full), Some(Rejection::AtCapacity));
    assert_eq!(why(&deaf), Some(Rejection::Language));
    assert_eq!(why(&away), Some(Rejection::NotOnline));
    assert_eq!(why(&unskilled), Some(Rejection::Skill));
    assert_eq!(why(&asleep), Some(Rejection::OffShift));
    assert_eq!(why(&before), Some(Rejection::PreviousResolver));
    assert_eq!(why(&tired), Some(Rejection::DailyCap));
}

#[test]
fn a_rule_may_ask_for_more_than_a_little_skill() {
    let a = agent("a", Language::Zh);
    for (level, taken) in [(1, true), (3, true), (4, false)] {
        assert_eq!(chosen(&Need { level, ..need(&[]) }, &[carrying(&a, 0, None)]).agent.is_some(), taken, "{level}");
    }
}

#[test]
fn an_urgent_order_weighs_more_and_never_more_than_somebody_can_carry() {
    let a = agent("a", Language::Zh);
    let heavy = Need { points: 3, ..need(&[]) };
    for (carried, points) in [(0, Some(3)), (1, Some(3)), (2, None)] {
        let routing = chosen(&heavy, &[carrying(&a, carried, None)]);
        assert_eq!(routing.agent.is_some().then_some(routing.points), points, "carrying {carried}");
    }
    let small = Agent { capacity: 1, ..a.clone() };
    assert_eq!(chosen(&heavy, &[carrying(&small, 0, None)]).points, 1, "who carries nothing can take anything");
    assert_eq!(chosen(&heavy, &[carrying(&small, 1, None)]).agent, None);
    let none = Agent { capacity: 0, ..a };
    assert_eq!(chosen(&heavy, &[carrying(&none, 0, None)]).agent, None, "who can carry nothing gets nothing");
}

#[test]
fn a_day_ends_when_it_ends_and_the_next_one_counts_anew() {
    let (morning, noon, tomorrow) = (after(0), after(100), after(1_000));
    let load = Load::default().with(1, morning, after(200)).with(1, noon, after(999));
    assert_eq!((load.given_on(noon), load.today_ends_at), (2, Some(after(200))), "the day that began it counts");
    assert_eq!((load.given_on(tomorrow), load.points), (0, 2));
    let next = load.with(1, tomorrow, after(2_000));
    assert_eq!((next.given_on(tomorrow), next.points, next.without(2).points), (1, 3, 1));
}

#[test]
fn a_wait_ends_when_the_first_shift_or_day_begins_of_somebody_who_could_have_it() {
    let (early, late, deaf) = (agent("early", Language::Zh), agent("late", Language::Zh), agent("deaf", Language::En));
    let off =
        |agent, begins| Candidate { on_shift: false, shift_begins_at: Some(after(begins)), ..carrying(agent, 0, None) };
    let routing = chosen(&need(&[]), &[off(&late, 900), off(&early, 600), off(&deaf, 300)]);
    assert_eq!(routing.look_again_at, Some(after(600)));
    let tired = Agent { daily_cap: Some(1), ..agent("tired", Language::Zh) };
    let mut done = carrying(&tired, 0, None);
    done.load = Load { today: 1, today_ends_at: Some(after(60)), ..Load::default() };
    done.day_ends_at = Some(after(60));
    let routing = chosen(&need(&[]), &[off(&late, 900), done.clone()]);
    assert_eq!(routing.look_again_at, Some(after(60)));
    let free = carrying(&early, 0, None);
    assert_eq!(chosen(&need(&[]), &[done, free]).look_again_at, None, "it waits for nobody");
}

fn team_of(id: &str, categories: Vec<Category>, fallback: bool, overflow: &[&str]) -> Team {
    let overflow: Vec<String> = overflow.iter().map(|team| format!("tm_{team}")).collect();
    serde_json::from_value(json!({
        "id": format!("tm_{id}"), "name": id, "categories": categories, "fallback": fallback, "overflow": overflow
    }))
    .unwrap()
}

#[test]
fn a_category_nobody_lists_goes_to_the_fallback_team() {
    let teams = [team_of("a", vec![Category::Logistics], false, &[]), team_of("b", vec![], true, &[])];
    assert_eq!(team(&teams, Category::Logistics).unwrap().0.id, teams[0].id);
    let (fallback, rule) = team(&teams, Category::Account).unwrap();
    assert_eq!((&fallback.id, rule.as_str()), (&teams[1].id, "fallback"));
    assert!(team(&[], Category::Account).is_none());
}

#[test]
fn another_team_helps_out_only_when_nobody_of_ones_own_is_free() {
    let (own, other) = (agent("own", Language::Zh), agent("other", Language::Zh));
    let (home, helper) = (TeamId::parse("tm_a").unwrap(), TeamId::parse("tm_b").unwrap());
    let decide = |carried: u32, theirs: u32| {
        let sides = [
            Side { team: &home, candidates: vec![carrying(&own, carried, None)] },
            Side { team: &helper, candidates: vec![carrying(&other, theirs, None)] },
        ];
        choose(&sides, "category:logistics".into(), &need(&[]), NOW).unwrap()
    };
    let busy = decide(3, 0);
    assert_eq!((busy.agent.as_ref(), &busy.team, busy.home), (Some(&own.id), &home, None), "busier, but their own");
    let full = decide(4, 3);
    assert_eq!((full.agent.as_ref(), &full.team, full.home.as_ref()), (Some(&other.id), &helper, Some(&home)));
    assert_eq!(full.why_not(&own.id), WhyNot::Rejected(Rejection::AtCapacity));
    let nobody = decide(4, 4);
    assert_eq!((nobody.agent, &nobody.team, nobody.home), (None, &home, None), "it waits at home");
    assert_eq!(nobody.passed_over.len(), 2, "{:?}", nobody.passed_over);
}

#[test]
fn helpers_are_asked_nearest_first_each_once_and_a_circle_is_found_where_it_begins() {
    let teams = [
        team_of("a", vec![], false, &["b", "c"]),
        team_of("b", vec![], false, &["d"]),
        team_of("c", vec![], false, &["d", "x"]),
        team_of("d", vec![], true, &[]),
    ];
    let reached: Vec<_> = overflow(&teams, &teams[0].id).iter().map(|team| team.id.as_str()).collect();
    assert_eq!(reached, ["tm_a", "tm_b", "tm_c", "tm_d"]);
    assert_eq!(overflow_cycle(&teams, &team_of("d", vec![], true, &["x", "a"])), Some(1));
    assert_eq!(overflow_cycle(&teams, &team_of("d", vec![], true, &["d"])), Some(0));
    assert_eq!(overflow_cycle(&teams, &team_of("d", vec![], true, &["x"])), None);
}

#[test]
fn what_was_decided_before_reasons_were_kept_apart_still_reads() {
    let kept = json!({
        "team": "tm_a", "agent": null, "rule": "fallback", "decided_at": "2026-11-23T01:00:00Z",
        "candidates": [{"agent": "ag_f", "eligible": false, "score": 0.0, "rejected_because": "at_capacity"}],
    });
    let routing: Routing = serde_json::from_value(kept).unwrap();
    assert_eq!((routing.points, routing.candidates.len()), (1, 0));
}

proptest! {
    #[test]
    fn whoever_is_chosen_stays_within_capacity_and_the_same_question_has_the_same_answer(
        carried in prop::collection::vec((0_u32..6, 0_u32..6, prop::option::of(0_u32..3), 0_u32..4), 1..12),
        points in 1_u32..5,
        turn in 0_usize..12,
    ) {
        let agents: Vec<Agent> = carried.iter().enumerate().map(|(at, (_, capacity, daily_cap, _))| {
            Agent { capacity: *capacity, daily_cap: *daily_cap, ..agent(&format!("n{at:02}"), Language::Zh) }
        }).collect();
        let mut candidates: Vec<Candidate<'_>> = agents.iter().zip(&carried).map(|(agent, (points, _, _, today))| {
            let load = Load { points: *points, today: *today, today_ends_at: Some(after(9)), last_assigned_at: None };
            Candidate { load, ..carrying(agent, 0, None) }
        }).collect();
        let need = Need { points, ..need(&[]) };
        let routing = chosen(&need, &candidates);
        if let Some(id) = &routing.agent {
            let one = candidates.iter().find(|one| one.agent.id == *id).unwrap();
            let load = one.load.with(routing.points, NOW, after(9));
            prop_assert!(load.points <= one.agent.capacity);
            prop_assert!(one.agent.daily_cap.is_none_or(|cap| load.given_on(NOW) <= cap));
        }
        prop_assert_eq!(routing.considered().len(), candidates.len());
        let by = turn % candidates.len();
        candidates.rotate_left(by);
        prop_assert_eq!(chosen(&need, &candidates).agent, routing.agent, "whatever order they are read in");
    }
}
