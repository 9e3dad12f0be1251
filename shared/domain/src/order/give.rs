//! Who gets an order: by the rules, or because somebody says so.

use super::{Entry, Refusal, Status, WorkOrder};
use crate::calendar::CalendarError;
use crate::fact::What;
use crate::routing::Routing;
use jiff::Timestamp;

impl WorkOrder {
    /// Writes down who got it, or that nobody could. A wait that is already on record is not
    /// written again, unless somebody else's shift is what it waits for now.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn route(&mut self, by: Entry<'_>, routing: Routing) -> Result<(), CalendarError> {
        let known = |last: &Routing| last.look_again_at == routing.look_again_at;
        let waits = self.queued_at.is_some()
            && self.team.as_ref() == Some(&routing.team)
            && self.routing.as_deref().is_some_and(known);
        if routing.agent.is_none() && waits { Ok(()) } else { self.hand_over(by, routing, None) }
    }

    /// Gives it to whom somebody says. Another team's calendar counts from now on, and an order that
    /// nobody could take waits as an open one does.
    ///
    /// # Errors
    /// The order is not active; a calendar has no open time.
    pub fn give(
        &mut self,
        by: Entry<'_>,
        routing: Routing,
        reason: Option<String>,
        team_calendar: Option<&str>,
    ) -> Result<(), Refusal> {
        if !self.status.is_active() {
            return Err(Refusal::NotActive(self.status));
        }
        let (other_team, taken) = (self.team.as_ref() != Some(&routing.team), routing.agent.is_some());
        self.hand_over(by, routing, reason)?;
        let from = self.status;
        if !taken && !matches!(from, Status::Open | Status::Reopened) {
            self.record(by, What::StatusChanged { from, to: Status::Open, reason: None, resolution: None })?;
        }
        if other_team { Ok(self.recount(by, team_calendar)?) } else { Ok(()) }
    }

    /// Since when somebody is missing who takes it, judged at `now`: since it was queued. `None` where it
    /// does not wait, and while it waits for a shift or a day to begin; and only since then, until
    /// somebody has looked whether it can be taken now.
    #[must_use]
    pub fn unserved_since(&self, now: Timestamp) -> Option<Timestamp> {
        let queued_at = self.queued_at.unwrap_or(self.created_at);
        let since = self.look_again_at().map_or(queued_at, |begins| begins.max(queued_at));
        Some(since).filter(|since| self.is_waiting() && *since <= now)
    }

    fn hand_over(&mut self, by: Entry<'_>, routing: Routing, reason: Option<String>) -> Result<(), CalendarError> {
        let previous = self.agent.clone().filter(|previous| routing.agent.as_ref() != Some(previous));
        let (team, agent) = (routing.team.clone(), routing.agent.clone());
        let routing = Box::new(routing);
        let what = match agent {
            Some(agent) => What::Assigned { team, agent, routing, previous, reason },
            None => What::Queued { team, routing, previous, reason },
        };
        self.record(by, what)
    }
}
