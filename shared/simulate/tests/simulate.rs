//! The simulator by its own door: what it promises of itself, and the bugs that it must find.

use redress_simulate::{FaultKind, Plant, Scale, Simulation, Tally};

const SCALE: Scale = Scale { orders: 4, days: 2 };

fn simulation(plant: Plant) -> Simulation {
    Simulation { seed: 1, scale: SCALE, plant, metered: false }
}

#[test]
fn whatever_goes_wrong_every_invariant_holds() {
    let mut tally = Tally::default();
    for number in 0..60 {
        if let Some(failing) = simulation(Plant::Nothing).run(number, &mut tally) {
            panic!("{failing:#?}");
        }
    }
    assert_eq!(tally.runs, 60);
    for (kind, times) in tally.by_kind() {
        assert!(times > 0, "{} never happened: {tally:#?}", kind.as_str());
    }
    for (word, times) in &tally.played {
        assert!(*times > 0, "there were no {word}: {tally:#?}");
    }
    assert!(tally.conflicts > 0, "nobody ever wrote at the same time: {tally:#?}");
}

#[test]
fn the_same_seed_tells_the_same_story_byte_for_byte() {
    let simulation = simulation(Plant::Nothing);
    for number in [3, 14] {
        let story = simulation.story(number);
        assert!(story.len() > 100, "{} lines", story.len());
        assert_eq!(story, simulation.story(number));
    }
    assert_ne!(simulation.story(3), simulation.story(4));
}

/// The first run that finds a planted bug, within a thousand.
fn finds(plant: Plant) -> redress_simulate::Failing {
    let (simulation, mut tally) = (simulation(plant), Tally::default());
    (0..1_000).find_map(|number| simulation.run(number, &mut tally)).expect("found within a thousand runs")
}

#[test]
fn an_escalation_without_its_condition_is_found() {
    let failing = finds(Plant::UnconditionalEscalation);
    assert!(failing.shrunk.contains("was lost") || failing.shrunk.contains("twice"), "{failing:#?}");
    assert!(failing.lives_left <= 2, "{failing:#?}");
}

#[test]
fn intake_that_emits_before_it_writes_is_found() {
    let failing = finds(Plant::EmitBeforeWrite);
    assert!(failing.shrunk.contains("was sent before"), "{failing:#?}");
    assert_eq!((failing.lives_left, failing.left.len()), (1, 0), "{failing:#?}");
}

#[test]
fn an_order_without_its_due_mark_is_found() {
    let failing = finds(Plant::OrderWithoutMark);
    assert!(failing.shrunk.contains("open without a due mark"), "{failing:#?}");
    assert_eq!((failing.lives_left, failing.left.len()), (1, 0), "{failing:#?}");
}

#[test]
fn every_fault_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<_> = FaultKind::WORDS.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(words.len(), FaultKind::WORDS.len());
    assert!(Plant::WORDS.iter().all(|(plant, word)| Plant::parse(word) == Some(*plant)));
}
