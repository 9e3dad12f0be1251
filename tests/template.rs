//! What the template wires is what the code serves, reads and may do; and what is planted against that
//! is found.

mod environment;
mod plan;
mod queues;
mod rights;
mod routes;

const TEMPLATE: &str = include_str!("../template.yaml");

/// The template with a fault: `new` in the place of the first `old`.
fn planted(old: &str, new: &str) -> String {
    assert!(TEMPLATE.contains(old), "{old:?} stands nowhere in the template any more: plant it anew");
    TEMPLATE.replacen(old, new, 1)
}

/// That what is wrong with a planted template is told with these words.
#[track_caller]
fn told(faults: &[String], words: &str) {
    assert!(faults.iter().any(|fault| fault.contains(words)), "{words:?} is not among {faults:#?}");
}
