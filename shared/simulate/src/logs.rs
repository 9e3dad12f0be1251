//! Hears what is logged, and looks for what only people say.

use crate::witness::MARKER;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What was heard that should not have been said, and how many bytes were.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) bytes: u64,
    pub(crate) leaks: Vec<String>,
}

/// Hears every line.
pub(crate) struct Ear(pub(crate) Arc<Mutex<Heard>>);

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _never = write!(self.0, "{}={value:?} ", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _never = write!(self.0, "{}={value} ", field.name());
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let mut heard = crate::task::lock(&self.0);
        heard.bytes += line.0.len() as u64;
        if line.0.contains(MARKER) {
            heard.leaks.push(line.0);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
