//! What people do with orders, as the API takes it.

use super::amendment::REASON;
use super::{Reader, boolean, category, id, instant, object, one_of, words};
use jiff::Timestamp;
use redress_domain::effort::{EffortKind, LONGEST};
use redress_domain::id::{AgentId, AgentKind, TeamKind, WorkOrderKind};
use redress_service::family::Branch;
use redress_service::give::{Assignment, Receiver};
use redress_service::merge::Merging;
use serde_json::json;

/// The longest summary of what is to be done, in characters: it becomes a message.
const SUMMARY: usize = 8_000;

/// Who shall have an order: an agent or a team, and not both.
pub(crate) fn assignment() -> impl Reader<Of = Assignment> {
    object(|fields| {
        let team = fields.optional("team", id::<TeamKind>());
        let agent = fields.optional("agent", id::<AgentKind>());
        let reason = fields.optional("reason", words(REASON));
        if fields.has("team") == fields.has("agent") {
            fields.refuse_itself("give either team or agent");
        }
        let to = team.map(Receiver::Team).or(agent.map(Receiver::Agent));
        to.map(|to| Assignment { to, reason })
    })
    .with(json!({ "oneOf": [{ "required": ["team"] }, { "required": ["agent"] }] }))
}

/// Which order goes on for a duplicate.
pub(crate) fn merging() -> impl Reader<Of = Merging> {
    object(|fields| {
        let into = fields.required("into", id::<WorkOrderKind>());
        let reason = fields.optional("reason", words(REASON));
        into.map(|into| Merging { into, reason })
    })
}

/// A part that somebody else shall do.
pub(crate) fn branch() -> impl Reader<Of = Branch> {
    object(|fields| {
        let category = fields.required("category", category());
        let summary = fields.required("summary", words(SUMMARY));
        let team = fields.optional("team", id::<TeamKind>());
        let mandatory = fields.required("mandatory", boolean());
        let made = category.zip(summary).zip(mandatory);
        made.map(|((category, summary), mandatory)| Branch { category, summary, team, mandatory })
    })
}

/// Who shall watch an order.
pub(crate) fn watcher() -> impl Reader<Of = AgentId> {
    object(|fields| fields.required("agent", id::<AgentKind>()))
}

/// A stretch of time, and whose it is, if that is said.
pub(crate) struct Stretch {
    pub(crate) agent: Option<AgentId>,
    pub(crate) kind: EffortKind,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Timestamp,
}

/// A stretch of time that has passed by `now`.
pub(crate) fn effort(now: Timestamp) -> impl Reader<Of = Stretch> {
    object(move |fields| {
        let agent = fields.optional("agent", id::<AgentKind>());
        let kind = fields.required("kind", one_of(&EffortKind::ALL));
        let started_at = fields.required("started_at", instant());
        let ended_at = fields.required("ended_at", instant());
        if ended_at.is_some_and(|ended_at| ended_at > now) {
            fields.refuse("ended_at", "must not be in the future");
        }
        let span = started_at.zip(ended_at);
        if span.is_some_and(|(from, to)| to <= from) {
            fields.refuse("ended_at", "must be after started_at");
        }
        if span.is_some_and(|(from, to)| to.duration_since(from) > LONGEST) {
            fields.refuse("ended_at", "must be at most 24 hours after started_at");
        }
        kind.zip(span).map(|(kind, (started_at, ended_at))| Stretch { agent, kind, started_at, ended_at })
    })
}
