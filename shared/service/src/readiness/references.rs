//! Whether every name that is used is there. The API refuses a name that is not, and lets nothing go
//! that something rests on; a restored table, or one that was written by hand, knows no such rules.

use super::sight::Sight;
use super::{Finding, or_well};
use redress_domain::id::{AgentId, TeamId};
use redress_domain::policy::{RoutingRule, Terms};
use redress_domain::routing::{Agent, Team};

const ID: &str = "tenant.references";

/// Teams, agents, calendars and webhooks that are named and not there.
pub(super) fn references(seen: &Sight) -> Vec<Finding> {
    let Some(terms) = seen.terms() else { return Vec::new() };
    let mut faults = of_rules(seen, &terms);
    faults.extend(of_teams(seen, &terms));
    faults.extend(of_agents(seen, &terms));
    faults.extend(of_subscriptions(seen, &terms));
    or_well(ID, seen.at("policies, teams, agents"), "every name that they use is there", faults)
}

fn missing(place: String, what: impl std::fmt::Display, mend: String) -> Finding {
    Finding::fail(ID, place, format!("names {what}, which is not there"), mend)
}

fn calendar(terms: &Terms, id: Option<&String>) -> Option<String> {
    id.filter(|id| terms.newest_calendar(id).is_none()).map(|id| format!("the calendar {id}"))
}

fn team(seen: &Sight, id: &TeamId) -> Option<String> {
    (!seen.teams.iter().any(|team| team.id == *id)).then(|| format!("the team {id}"))
}

fn agent(seen: &Sight, id: &AgentId) -> Option<String> {
    (!seen.agents.iter().any(|agent| agent.id == *id)).then(|| format!("the agent {id}"))
}

fn of_rules(seen: &Sight, terms: &Terms) -> Vec<Finding> {
    let lost = terms.policies.routing.iter().filter_map(|rule| Some((rule, team(seen, &rule.team)?)));
    let fault = |(rule, what): (&RoutingRule, String)| {
        let place = seen.at(format!("routing rule {} version {}", rule.id, rule.version));
        missing(place, what, format!("`PUT /v1/routing-rules/{}` with a team that is there", rule.id))
    };
    lost.map(fault).collect()
}

fn of_teams(seen: &Sight, terms: &Terms) -> Vec<Finding> {
    let of = |one: &Team| {
        let names = calendar(terms, one.calendar.as_ref()).into_iter();
        let names = names.chain(one.overflow.iter().filter_map(|id| team(seen, id)));
        let names = names.chain(one.lead.iter().filter_map(|id| agent(seen, id)));
        let fault = |what: String| {
            missing(seen.at(&one.id), what, format!("`PUT /v1/teams/{}` without it, or make it", one.id))
        };
        names.map(fault).collect::<Vec<_>>()
    };
    seen.teams.iter().flat_map(of).collect()
}

fn of_agents(seen: &Sight, terms: &Terms) -> Vec<Finding> {
    let of = |one: &Agent| {
        let names = calendar(terms, one.shift.as_ref()).into_iter();
        let names = names.chain(one.teams.iter().filter_map(|id| team(seen, id)));
        let fault = |what: String| {
            missing(seen.at(&one.id), what, format!("`PUT /v1/agents/{}` without it, or make it", one.id))
        };
        names.map(fault).collect::<Vec<_>>()
    };
    seen.agents.iter().flat_map(of).collect()
}

fn of_subscriptions(seen: &Sight, terms: &Terms) -> Vec<Finding> {
    let lost = terms.policies.subscriptions.keys().filter(|id| !seen.webhooks.iter().any(|one| one.id == **id));
    let mend = "change any webhook, `PUT /v1/webhooks/{id}`: that writes the list anew";
    lost.map(|id| missing(seen.at("policies"), format!("the webhook {id}"), mend.to_owned())).collect()
}
