//! What holds of every order, whatever happens to it and whenever (sla.md sections 3 to 5).

use super::happenings::{Deed, deals, happenings, starts};
use crate::actor::Actor;
use crate::calendar::Calendar;
use crate::fact::{AgreedBecause, What};
use crate::order::{Entry, WorkOrder};
use crate::policy::Terms;
use crate::sla::proof::prove;
use crate::sla::tests::story::Story;
use crate::sla::{Anchor, Breach, Clock, ClockKey, ClockState, Rung, Seconds, Segment, SegmentKind};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Clocks that were kept and breaches that were recorded, as they stood first.
#[derive(Default)]
struct Witness {
    kept: BTreeMap<ClockKey, Clock>,
    broken: BTreeMap<ClockKey, Breach>,
}

impl Witness {
    fn check(&mut self, story: &Story) {
        for clock in &story.order.clocks.all {
            if let Some(breach) = &clock.breach {
                let first = self.broken.entry(clock.key.clone()).or_insert_with(|| breach.clone());
                let annulled = first.annulled.clone().or_else(|| breach.annulled.clone());
                *first = Breach { annulled, ..first.clone() };
                assert_eq!(breach, first, "a breach is written once, and excused once");
            }
            if let Some(kept) = self.kept.get(&clock.key) {
                assert_eq!(clock, kept, "what was kept stays kept");
            } else if clock.state(story.now) == ClockState::Fulfilled {
                self.kept.insert(clock.key.clone(), clock.clone());
            }
        }
        for key in self.broken.keys() {
            assert!(story.order.clocks.find(key).unwrap().breach.is_some(), "a breach never goes");
        }
    }
}

/// What a stretch was counted on.
fn counted<'a>(clock: &Clock, segment: &'a Segment, terms: &'a Terms) -> &'a Calendar {
    match &segment.calendar {
        Some(moved) => terms.book.calendar(moved).unwrap(),
        None if clock.key.metric.is_statutory() => terms.newest_calendar("always").unwrap(),
        None => terms.book.calendar(&clock.target.calendar).unwrap(),
    }
}

/// Business time used by `until`: the sum of the stretches that ran, and of the cycles before.
fn used(clock: &Clock, until: Timestamp, terms: &Terms) -> SignedDuration {
    let runs = clock.segments.iter().filter(|segment| segment.kind == SegmentKind::Run);
    let ran = runs.map(|run| counted(clock, run, terms).between(run.from, run.to.unwrap_or(until).min(until)));
    SignedDuration::from_millis(clock.carried_ms) + ran.sum()
}

fn allowed(clock: &Clock) -> SignedDuration {
    SignedDuration::from_millis(clock.target.ms + clock.grace_ms)
}

fn check_segments(clock: &Clock) {
    let (last, closed) = clock.segments.split_last().unwrap();
    assert!(closed.iter().all(|segment| segment.to.is_some_and(|to| segment.from <= to)), "only the last may be open");
    assert!(last.to.is_none_or(|to| last.from <= to));
    assert!(clock.segments.windows(2).all(|pair| pair[0].to.unwrap() <= pair[1].from), "in order, without overlap");
    assert_eq!(clock.is_live(), last.to.is_none(), "open while the clock lives");
    let kinds =
        clock.segments.windows(2).all(|pair| pair[0].kind == SegmentKind::Run || pair[1].kind == SegmentKind::Run);
    assert!(kinds, "a pause of a pause is no stretch of its own");
}

fn check_due(clock: &Clock, terms: &Terms) {
    if !clock.is_live() || clock.is_paused() {
        assert_eq!((clock.due_at, clock.pending.as_slice()), (None, &[][..]), "nothing is due or pending");
        return;
    }
    let run = clock.segments.last().unwrap();
    let left = (allowed(clock) - used(clock, run.from, terms)).max(SignedDuration::ZERO);
    let due = counted(clock, run, terms).add(run.from, left).unwrap();
    let due = clock.overridden.map_or(due, |by_hand| by_hand.max(run.from));
    assert_eq!(clock.due_at, Some(due), "due = add(start of the run, target - consumed), or what somebody promised");
    assert!(clock.pending.is_sorted_by_key(|rung| rung.at));
}

fn check_proof(story: &Story) {
    let proved = prove(&story.order, &story.terms, story.now).unwrap();
    assert_eq!(proved.len(), story.order.clocks.all.len());
    for (proof, clock) in proved.iter().zip(&story.order.clocks.all) {
        let calendar = story.terms.book.time_of(clock).unwrap();
        assert_eq!(proof.consumed_seconds, Seconds::of(clock.consumed(calendar, story.now)));
        assert_eq!(proof.consumed_seconds, Seconds::of(used(clock, story.now, &story.terms)));
        if clock.due_at.is_some() {
            assert_eq!(proof.arithmetic.as_ref().map(|sum| sum.due_at), clock.due_at);
        }
        assert_eq!((proof.state, proof.breached), (clock.state(story.now), clock.is_breached(story.now)));
    }
}

/// Nothing is owed to the past any more, and asking again changes nothing.
fn check_caught_up(story: &mut Story) {
    let before = story.order.clone();
    let system = Actor::system("test");
    story.order.catch_up(Entry::new(&system, story.now, &story.terms), None).unwrap();
    assert_eq!(story.order, before, "run twice it does nothing the second time");
    assert!(story.order.next_due(&story.terms).is_none_or(|due| due > story.now));
    assert!(story.order.due_at(story.now, &story.terms).is_none_or(|due| due > story.now));
    assert!(story.order.clocks.all.iter().all(|clock| !clock.is_breached(story.now) || clock.breach.is_some()));
}

/// Every rung and every breach is written down once.
fn check_facts(order: &WorkOrder) {
    let (mut climbed, mut broken) = (BTreeMap::new(), BTreeMap::new());
    for fact in &order.facts {
        match &fact.what {
            What::Escalated { metric: Some(metric), cycle, exchange, level, repeat, .. } => {
                let key = ClockKey { metric: metric.clone(), cycle: *cycle, exchange: *exchange };
                *climbed.entry((key, level.clone(), *repeat)).or_insert(0) += 1;
            }
            What::Breached { clock, .. } => *broken.entry(clock.clone()).or_insert(0) += 1,
            _ => {}
        }
    }
    let rungs = |clock: &Clock| {
        clock.done.iter().map(|rung| (clock.key.clone(), rung.level.clone(), rung.repeat)).collect::<Vec<_>>()
    };
    let done: BTreeMap<_, _> = order.clocks.all.iter().flat_map(rungs).map(|rung| (rung, 1)).collect();
    assert_eq!(climbed, done, "each rung has its one fact, and each fact its rung");
    let breaches = order.clocks.all.iter().filter(|clock| clock.breach.is_some()).map(|clock| (clock.key.clone(), 1));
    assert_eq!(broken, breaches.collect(), "each breach has its one fact");
}

/// A rung of a clock whose target was never changed lies where its anchor says, or later.
fn check_rung(clock: &Clock, rung: &Rung, terms: &Terms) {
    let policy = terms.book.policy(&clock.policy).unwrap();
    let level = policy.level(&rung.level).unwrap();
    assert!(level.is_for(&clock.key.metric) && rung.repeat < level.times());
    let at = used(clock, rung.at, terms);
    let reached = match level.anchor {
        Anchor::Percent(percent) => SignedDuration::from_millis(clock.target.ms * i64::from(percent) / 100),
        Anchor::Before(seconds) => allowed(clock) - SignedDuration::from_secs(seconds),
        Anchor::At => allowed(clock),
        Anchor::After(seconds) => allowed(clock) + SignedDuration::from_secs(seconds),
    };
    assert!(at >= reached, "{} of {} was reached too early", rung.level, clock.key);
}

fn check_rungs(story: &Story) {
    let agreed_again = story.order.facts.iter().any(|fact| match &fact.what {
        What::SlaApplied { why, .. } => *why != AgreedBecause::Created,
        What::DueOverridden { .. } => true,
        _ => false,
    });
    for clock in story.order.clocks.all.iter().filter(|_| !agreed_again) {
        clock.done.iter().chain(&clock.pending).for_each(|rung| check_rung(clock, rung, &story.terms));
    }
    assert!(story.order.clocks.all.iter().all(|clock| clock.done.iter().all(|rung| rung.at <= story.now)));
}

fn check_replay(story: &Story) {
    let order = &story.order;
    let again = WorkOrder::replay(&order.id, order.facts.clone(), &story.terms).unwrap().unwrap();
    assert_eq!(&again, order, "the facts alone make the same order");
    let stored: WorkOrder = serde_json::from_str(&serde_json::to_string(order).unwrap()).unwrap();
    assert_eq!(&stored, order, "what is stored is read back");
}

/// PROPTEST_CASES asks for more of them, or for fewer.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 96 };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_happens_to_an_order_its_clocks_keep_the_laws(
        deal in deals(), start in starts(), happenings in happenings(),
    ) {
        let (mut story, mut witness) = (Story::opened(deal.terms(), start, None), Witness::default());
        for happening in &happenings {
            happening.to(&mut story);
            witness.check(&story);
            for clock in &story.order.clocks.all {
                check_segments(clock);
                check_due(clock, &story.terms);
            }
            let over = !story.order.status.is_active();
            prop_assert!(!over || story.order.clocks.live().next().is_none(), "what is done owes nothing");
            check_proof(&story);
            if matches!(happening.deed, Deed::CatchUp | Deed::Timer) {
                check_caught_up(&mut story);
            }
        }
        check_facts(&story.order);
        check_rungs(&story);
        check_replay(&story);
    }
}
