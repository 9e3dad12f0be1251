//! Values of requests: parsed once into what the domain knows, with *everything* that is wrong
//! told at once. Each reader also says, as JSON Schema, which values it reads, so that the OpenAPI
//! document can't promise one thing and the API do another.
//!
//! [`object`] puts readers of fields together: one function reads the fields of an [`Object`], and
//! run on an empty one it describes them. Written by hand and not derived with `deserr`: there an
//! absent optional field and `null` are one and the same, every constrained text needs a type of
//! its own beside the domain's, and queries and forms would need a second way. This is shorter than
//! its attributes would be.

mod amendment;
mod answer;
mod attachment;
mod batch;
mod deed;
mod feedback;
mod identity;
mod incident;
mod instant;
mod many;
mod message;
mod object;
mod people;
mod plain;
mod policy;
mod priority;
mod promise;
mod query;
mod ranked;
mod reader;
mod text;
mod transition;
mod webhook;
mod wishes;

pub(crate) use amendment::{annulment, patch, reapply, reason};
pub(crate) use answer::answer;
pub(crate) use attachment::declared;
pub(crate) use batch::{batch, item};
pub(crate) use deed::{Stretch, assignment, branch, effort, merging, watcher};
pub(crate) use feedback::{REFERENCE, feedback};
pub(crate) use identity::identity;
pub(crate) use incident::{affects, incident};
pub(crate) use instant::instant;
pub(crate) use many::{Keys, either, list, map, no_repeats, some};
pub(crate) use message::draft;
pub(crate) use object::{Object, object};
pub(crate) use people::{agent, api_key, presence, team};
pub(crate) use plain::{boolean, category, id, one_of, whole};
pub(crate) use policy::{CalendarPreview, PRIORITIES, calendar, calendar_preview, sla_policy, sla_preview};
pub(crate) use priority::{PriorityPreview, priority_policy, priority_preview};
pub(crate) use promise::{promises, verdict};
pub(crate) use query::{query_flag, query_instant, query_number};
pub(crate) use ranked::{routing_rule, survey_policy};
pub(crate) use reader::{Reader, by};
pub(crate) use text::{slug, words};
pub(crate) use transition::transition;
pub(crate) use webhook::webhook;
pub(crate) use wishes::{agent_wishes, customer_wishes, read_until, suppression};

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// JSON pointer (RFC 6901) from the value that was read.
    pub(crate) pointer: String,
    /// What is wrong and how to mend it.
    pub(crate) detail: String,
}

/// A value, or everything that is wrong with it.
pub(crate) type Read<T> = Result<T, Vec<Wrong>>;

/// The value itself is wrong.
pub(crate) fn wrong<T>(detail: impl Into<String>) -> Read<T> {
    Err(vec![Wrong { pointer: String::new(), detail: detail.into() }])
}

/// The same, as seen from the value that holds it under `name`.
fn within(name: &str, wrong: Vec<Wrong>) -> impl Iterator<Item = Wrong> {
    let name = name.replace('~', "~0").replace('/', "~1");
    wrong.into_iter().map(move |Wrong { pointer, detail }| Wrong { pointer: format!("/{name}{pointer}"), detail })
}

#[cfg(test)]
mod tests;
