//! Any bytes as a calendar's document, or else as the making of one that is right; then business
//! time on it, whose laws must hold.

#![no_main]

mod made;
mod question;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use redress_domain::calendar::{Calendar, CalendarError, CalendarSpec};
use serde_json::{Value, json};

use made::Made;
use question::Question;

// A document and, as its last bytes, what to ask of it.
fuzz_target!(|bytes: &[u8]| {
    let Some((document, question)) = bytes.split_last_chunk() else { return };
    let question = Question::of(question);
    match serde_json::from_slice(document) {
        Ok(value) => written(&value, &question),
        Err(_) => made(document, &question),
    }
});

/// A document somebody wrote: it is read, or else its faults are told.
fn written(value: &Value, question: &Question) {
    match Calendar::parse(value) {
        Ok(calendar) => question.ask(&calendar),
        Err(faults) => told_well(value, &faults),
    }
    let spec: Result<CalendarSpec, _> = serde_json::from_value(value.clone());
    assert_eq!(spec.is_ok(), Calendar::parse(value).is_ok(), "what can be read compiles");
}

/// At least one, none twice, and each at a place that is there or is missed.
fn told_well(value: &Value, faults: &[CalendarError]) {
    assert!(!faults.is_empty());
    for fault in faults {
        let there = value.pointer(&fault.pointer).is_some();
        assert_eq!(there, fault.code != "missing_key", "{fault}");
    }
    let mut seen: Vec<_> = faults.iter().map(|fault| (&fault.pointer, fault.code)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), faults.len(), "{faults:?}");
}

/// A calendar that is right by its making: it must be read, and survive its journey through JSON.
fn made(bytes: &[u8], question: &Question) {
    let Ok(made) = Made::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let document = made.document();
    let spec: CalendarSpec = serde_json::from_value(document).expect("right by its making");
    let calendar = Calendar::compile(&spec).expect("what can be read compiles");
    assert_eq!(serde_json::from_value::<CalendarSpec>(json!(spec)).expect("a spec"), spec);
    question.ask(&calendar);
}
