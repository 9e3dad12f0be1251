//! The choice: eligible, then who knows the customer, then the least loaded, then the longest idle.

use super::load::weighs;
use super::record::{Considered, PassedOver, Rejection, Routing};
use super::{Agent, Load, Presence};
use crate::calendar::Calendar;
use crate::category::{Category, Language};
use crate::id::{AgentId, TeamId};
use jiff::Timestamp;

/// What the order needs.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// What it is about.
    pub category: Category,
    /// What the customer speaks.
    pub language: Language,
    /// The least of the skill that it takes, 1 to 5.
    pub level: u8,
    /// What it weighs, in points.
    pub points: u32,
    /// Who has had it and did not put it right.
    pub excluded: &'a [AgentId],
    /// Who resolved what the same customer had before.
    pub last_resolver: Option<&'a AgentId>,
}

/// An agent as the choice sees them.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// What they carry.
    pub load: Load,
    /// Whether their shift is on.
    pub on_shift: bool,
    /// When their next shift begins, if it is not on.
    pub shift_begins_at: Option<Timestamp>,
    /// When their day ends, if they are given only so many orders a day.
    pub day_ends_at: Option<Timestamp>,
}

/// A team's people, as one decision looks at them.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    /// Which team.
    pub team: &'a TeamId,
    /// Its people.
    pub candidates: Vec<Candidate<'a>>,
}

/// Chooses among the agents of the order's own team, and among those of the next team that helps it
/// out only where nobody of the ones before is free: eligible, then who resolved what the same
/// customer had before, then least loaded by share of capacity, then longest idle, then by id, so
/// that the same question always has the same answer.
///
/// The first side is the order's own team. Without any side there is no decision.
#[must_use]
pub fn choose(sides: &[Side<'_>], rule: String, need: &Need<'_>, now: Timestamp) -> Option<Routing> {
    let home = sides.first()?.team;
    let (mut passed_over, mut look_again_at) = (Vec::new(), None);
    let (mut team, mut candidates) = (home, Vec::new());
    for side in sides {
        let other = Some(side.team).filter(|team| *team != home).cloned();
        let mut eligible = Vec::new();
        for candidate in &side.candidates {
            match candidate.rejection(need, now) {
                None => eligible.push(candidate.considered(need, other.clone())),
                Some(because) => {
                    look_again_at = sooner(look_again_at, candidate.eligible_at(need, because));
                    pass_over(&mut passed_over, because, other.as_ref(), &candidate.agent.id);
                }
            }
        }
        if !eligible.is_empty() {
            (team, candidates) = (side.team, eligible);
            break;
        }
    }
    candidates.sort_by(better);
    let chosen = candidates.first().map(|best| best.agent.clone());
    let capacity = sides.iter().flat_map(|side| &side.candidates).find(|one| Some(&one.agent.id) == chosen.as_ref());
    Some(Routing {
        team: team.clone(),
        home: Some(home).filter(|home| *home != team).cloned(),
        points: capacity.map_or(need.points, |one| weighs(need.points, one.agent.capacity)),
        look_again_at: look_again_at.filter(|_| chosen.is_none()),
        agent: chosen,
        rule,
        decided_at: now,
        candidates,
        passed_over,
    })
}

/// Who comes first.
fn better(a: &Considered, b: &Considered) -> std::cmp::Ordering {
    b.affinity
        .cmp(&a.affinity)
        .then(b.score.total_cmp(&a.score))
        .then(a.idle_since.cmp(&b.idle_since))
        .then(a.agent.cmp(&b.agent))
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

fn pass_over(groups: &mut Vec<PassedOver>, because: Rejection, overflow: Option<&TeamId>, agent: &AgentId) {
    let same = |group: &&mut PassedOver| group.because == because && group.overflow.as_ref() == overflow;
    match groups.iter_mut().find(same) {
        Some(group) => group.agents.push(agent.clone()),
        None => groups.push(PassedOver { because, overflow: overflow.cloned(), agents: vec![agent.clone()] }),
    }
}

impl Candidate<'_> {
    fn considered(&self, need: &Need<'_>, overflow: Option<TeamId>) -> Considered {
        Considered {
            agent: self.agent.id.clone(),
            eligible: true,
            score: self.free_share(),
            affinity: need.last_resolver == Some(&self.agent.id),
            idle_since: self.load.last_assigned_at,
            overflow,
            rejected_because: None,
        }
    }

    /// Why they can't have it, whatever they carry: all but the last two reasons.
    #[must_use]
    pub fn unfit(&self, need: &Need<'_>) -> Option<Rejection> {
        let agent = self.agent;
        // Any agent may take what is in no language we know; nobody could be refused for it.
        let speaks = need.language == Language::Other || agent.languages.contains(&need.language);
        // `other` asks for no skill: somebody has to read it first.
        let skilled = |level: &u8| *level >= need.level.max(1);
        let knows = need.category == Category::Other || agent.skills.get(&need.category).is_some_and(skilled);
        [
            (need.excluded.contains(&agent.id), Rejection::PreviousResolver),
            (agent.status != Presence::Online, Rejection::NotOnline),
            (!self.on_shift, Rejection::OffShift),
            (!speaks, Rejection::Language),
            (!knows, Rejection::Skill),
        ]
        .into_iter()
        .find_map(|(rejected, why)| rejected.then_some(why))
    }

    fn rejection(&self, need: &Need<'_>, now: Timestamp) -> Option<Rejection> {
        self.unfit(need).or_else(|| is_free(self.agent, &self.load, need.points, now).err())
    }

    /// When somebody who is passed over for their hours, or for the day's work, could have it.
    fn eligible_at(&self, need: &Need<'_>, because: Rejection) -> Option<Timestamp> {
        match because {
            Rejection::DailyCap => self.day_ends_at,
            Rejection::OffShift => {
                let on_shift = Self { on_shift: true, ..self.clone() };
                self.shift_begins_at.filter(|_| on_shift.unfit(need).is_none())
            }
            _ => None,
        }
    }

    /// 1 for an idle agent, 0 for a full one, to three places.
    fn free_share(&self) -> f64 {
        let capacity = self.agent.capacity.max(1);
        let free = capacity.saturating_sub(self.load.points);
        (f64::from(free) / f64::from(capacity) * 1000.0).round() / 1000.0
    }
}

/// Whether somebody who carries `load` can be given an order of `points` more.
///
/// # Errors
/// Why not: [`Rejection::AtCapacity`] or [`Rejection::DailyCap`].
pub fn is_free(agent: &Agent, load: &Load, points: u32, now: Timestamp) -> Result<(), Rejection> {
    if load.points.saturating_add(weighs(points, agent.capacity)) > agent.capacity {
        return Err(Rejection::AtCapacity);
    }
    match agent.daily_cap {
        Some(cap) if load.given_on(now) >= cap => Err(Rejection::DailyCap),
        _ => Ok(()),
    }
}

/// Whether a shift is on; an agent without one is always on.
#[must_use]
pub fn on_shift(shift: Option<&Calendar>, now: Timestamp) -> bool {
    shift.is_none_or(|calendar| calendar.is_open(now))
}
