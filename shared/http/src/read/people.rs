//! Teams, agents and API keys as the API takes them. Whether what they name is there, the use case
//! finds out.

use super::policy::{LABEL, MANY};
use super::{
    Keys, Reader, boolean, category, either, id, list, map, no_repeats, object, one_of, slug, whole, words, wrong,
};
use redress_domain::category::{Category, Language};
use redress_domain::id::{AgentId, TeamId};
use redress_domain::routing::{Agent, Presence, Team};
use redress_service::api_keys::Wanted;
use redress_service::auth::Role;

/// The most that an agent can carry, in points, or be given in a day.
const CAPACITY: i64 = 10_000;

/// The most teams that help one out.
const HELPERS: usize = 16;

const PRESENCES: [(Presence, &str); 3] =
    [(Presence::Online, "online"), (Presence::Away, "away"), (Presence::Offline, "offline")];

/// What people speak. Who writes in anything else may be answered by anybody.
const SPOKEN: [(Language, &str); 2] = [(Language::Zh, "zh"), (Language::En, "en")];

const ROLES: [(Role, &str); 5] = [
    (Role::Integrator, "integrator"),
    (Role::Agent, "agent"),
    (Role::Supervisor, "supervisor"),
    (Role::Admin, "admin"),
    (Role::Auditor, "auditor"),
];

/// A team. `called`: its id where the caller does not say, or may not.
pub(crate) fn team(called: TeamId, new: bool) -> impl Reader<Of = Team> {
    object(move |fields| {
        let named = if new { fields.optional("id", id()) } else { None };
        let name = fields.required("name", words(LABEL));
        let categories = fields.optional("categories", no_repeats(list(MANY, category()))).unwrap_or_default();
        let fallback = fields.optional("fallback", boolean()).unwrap_or_default();
        let lead = fields.nullable("lead", id()).flatten();
        let calendar = fields.nullable("calendar", slug()).flatten();
        let overflow = fields.optional("overflow", no_repeats(list(HELPERS, id()))).unwrap_or_default();
        let id = named.unwrap_or_else(|| called.clone());
        name.map(|name| Team { id, name, categories, fallback, lead, calendar, overflow })
    })
}

/// An agent, and whether it is said that they are there. `called` as for teams.
pub(crate) fn agent(called: AgentId, new: bool) -> impl Reader<Of = (Agent, Option<Presence>)> {
    object(move |fields| {
        let named = if new { fields.optional("id", id()) } else { None };
        let name = fields.required("name", words(LABEL));
        let teams = fields.required("teams", no_repeats(list(MANY, id())));
        let languages = fields.required("languages", no_repeats(list(MANY, one_of(&SPOKEN))));
        let skills = fields.optional("skills", map(MANY, subjects(), level())).unwrap_or_default();
        let capacity = fields.required("capacity", whole(0, CAPACITY)).and_then(|points| u32::try_from(points).ok());
        let daily_cap = fields.nullable("daily_cap", whole(0, CAPACITY)).flatten();
        let daily_cap = daily_cap.and_then(|orders| u32::try_from(orders).ok());
        let shift = fields.nullable("shift", slug()).flatten();
        let said = fields.optional("status", one_of(&PRESENCES));
        let (id, status) = (named.unwrap_or_else(|| called.clone()), said.unwrap_or(Presence::Offline));
        let made = name.zip(teams).zip(languages).zip(capacity);
        made.map(|(((name, teams), languages), capacity)| {
            (Agent { id, name, teams, languages, skills, capacity, daily_cap, shift, status }, said)
        })
    })
}

/// The keys that are categories.
fn subjects() -> Keys<Category> {
    (either(Category::ALL.map(Category::as_str)), Category::parse)
}

/// From 1, knows of it, to 5, teaches it.
pub(super) fn level() -> impl Reader<Of = u8> {
    whole(1, 5).then(|level| u8::try_from(level).map_or_else(|_| wrong("must be a whole number from 1 to 5"), Ok))
}

/// Whether an agent is there.
pub(crate) fn presence() -> impl Reader<Of = Presence> {
    object(|fields| fields.required("status", one_of(&PRESENCES)))
}

/// An API key to be made.
pub(crate) fn api_key() -> impl Reader<Of = Wanted> {
    object(|fields| {
        let role = fields.required("role", one_of(&ROLES));
        let agent = fields.nullable("agent", id());
        let name = fields.nullable("name", words(LABEL)).flatten();
        match (role, &agent) {
            (Some(Role::Agent), Some(None) | None) => {
                fields.refuse_untold([super::Wrong {
                    pointer: "/agent".to_owned(),
                    detail: "a key of the role agent says whose it is".to_owned(),
                }]);
            }
            (Some(role), Some(Some(_))) if role != Role::Agent => {
                fields.refuse("agent", "only a key of the role agent is an agent's: leave it out");
            }
            _ => {}
        }
        role.map(|role| Wanted { role, agent: agent.flatten(), name })
    })
}
