//! Whether somebody is there for what comes in: a team for what no other takes, and in each team
//! somebody for each language, on shift now.

use super::sight::Sight;
use super::{Finding, or_well};
use jiff::Timestamp;
use redress_domain::category::Language;
use redress_domain::policy::Terms;
use redress_domain::routing::{Agent, Presence, Team, on_shift, overflow};

/// The languages that customers are answered in.
const SPOKEN: [Language; 2] = [Language::Zh, Language::En];

/// A fall-back team, agents for every team, and who is there now, by team and language.
pub(super) fn people(seen: &Sight, now: Timestamp) -> Vec<Finding> {
    if seen.teams.is_empty() {
        let mend = "`POST /v1/teams` with `\"fallback\":true`, then `POST /v1/agents`";
        return vec![Finding::fail("tenant.fallback", seen.at("teams"), "there is no team: every order waits", mend)];
    }
    let mut findings = vec![fallback(seen)];
    let empty = seen.teams.iter().filter(|team| members(seen, team).is_empty());
    let faults = empty.map(|team| {
        let mend = format!("`POST /v1/agents` with it in `teams`, or give {} an `overflow`", team.id);
        let says = "no agent belongs to it, or to a team that helps it out: its orders wait";
        Finding::fail("tenant.team_agents", seen.at(&team.id), says, mend)
    });
    let says = format!("{} teams have their agents, {} in all", seen.teams.len(), seen.agents.len());
    findings.extend(or_well("tenant.team_agents", seen.at("teams"), says, faults.collect()));
    findings.extend(present(seen, now));
    findings
}

/// Without one, what no team lists goes to the first there is.
fn fallback(seen: &Sight) -> Finding {
    const ID: &str = "tenant.fallback";
    match seen.teams.iter().find(|team| team.fallback) {
        Some(team) => Finding::ok(ID, seen.at(&team.id), "takes what no other team answers for"),
        None => {
            let says = format!("no team is the fall-back: {} gets what nobody answers for", seen.teams[0].id);
            let mend = "`PUT /v1/teams/{id}` with `\"fallback\":true` on the one that shall";
            Finding::warn(ID, seen.at("teams"), says, mend)
        }
    }
}

/// Who could have an order of a team: its own, and those of the teams that help it out.
fn members<'a>(seen: &'a Sight, team: &Team) -> Vec<&'a Agent> {
    let reached = overflow(&seen.teams, &team.id);
    let among = |agent: &&Agent| reached.iter().any(|team| agent.teams.contains(&team.id));
    seen.agents.iter().filter(among).collect()
}

/// For each team with agents, and each language: whether somebody speaks it, and is there now.
fn present(seen: &Sight, now: Timestamp) -> Vec<Finding> {
    const ID: &str = "tenant.on_shift";
    let Some(terms) = seen.terms() else { return Vec::new() };
    let (mut faults, mut there) = (Vec::new(), Vec::new());
    for team in &seen.teams {
        let members = members(seen, team);
        for language in SPOKEN.into_iter().filter(|_| !members.is_empty()) {
            let speak: Vec<_> = members.iter().filter(|agent| agent.languages.contains(&language)).collect();
            let now_there = speak.iter().filter(|agent| is_there(agent, &terms, now)).count();
            let place = seen.at(format!("{} {}", team.id, code(language)));
            if speak.is_empty() {
                let mend = "give an agent of the team the language, or the team somebody who helps it out";
                faults.push(Finding::warn(ID, place, "nobody speaks it: such orders wait for ever", mend));
            } else if now_there == 0 {
                let says = format!("of {} who speak it nobody is online and on shift now: orders wait", speak.len());
                let mend = "somebody goes online, `PUT /v1/agents/{id}/status`, unless nobody is to work now";
                faults.push(Finding::warn(ID, place, says, mend));
            } else {
                there.push(format!("{} {} {now_there}", team.id, code(language)));
            }
        }
    }
    or_well(ID, seen.at("agents"), format!("online and on shift now: {}", there.join(", ")), faults)
}

fn is_there(agent: &Agent, terms: &Terms, now: Timestamp) -> bool {
    let shift = agent.shift.as_deref().map(|id| terms.newest_calendar(id));
    // A shift whose calendar is not there is another finding; it is on to nobody.
    agent.status == Presence::Online && shift.is_none_or(|shift| shift.is_some_and(|shift| on_shift(Some(shift), now)))
}

fn code(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh",
        Language::En => "en",
        Language::Other => "other",
    }
}
