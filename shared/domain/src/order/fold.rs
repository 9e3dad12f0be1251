//! What each fact does to an order. No choice is made here: a fact says what happened.

use super::{Entry, Status, WorkOrder};
use crate::calendar::CalendarError;
use crate::category::{Category, Language, Sentiment};
use crate::fact::{Direction, Fact, Origin, Understanding, Visibility, What};
use crate::id::WorkOrderId;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{Breach, Clock, Metric};
use jiff::Timestamp;

impl WorkOrder {
    /// The same order, derived from its facts alone.
    ///
    /// # Errors
    /// A calendar without open time. `None` if the first fact is not a creation.
    pub fn replay(id: &WorkOrderId, facts: &[Fact], terms: &Terms) -> Result<Option<Self>, CalendarError> {
        let Some((first, rest)) = facts.split_first() else { return Ok(None) };
        let What::Created(origin) = &first.what else { return Ok(None) };
        let mut order = Self::begin(id.clone(), (**origin).clone(), first.clone());
        for fact in rest {
            order.apply(fact, terms)?;
            order.keep(fact.clone());
        }
        Ok(Some(order))
    }

    pub(super) fn begin(id: WorkOrderId, origin: Origin, fact: Fact) -> Self {
        Self {
            id,
            status: Status::Open,
            priority: Priority::P4,
            category: Category::Other,
            needs_review: true,
            sentiment: Sentiment::Neutral,
            language: Language::Other,
            score: 0,
            channel: origin.channel,
            customer: origin.customer,
            order: origin.order,
            feedback_ids: vec![origin.feedback],
            team: None,
            agent: None,
            routing: None,
            queued_at: None,
            clocks: Vec::new(),
            cycle: 1,
            reopen_count: 0,
            excluded: Vec::new(),
            supervised: false,
            messages: 0,
            answered: false,
            reason: None,
            resolution: None,
            resolved_at: None,
            surveyed_cycle: 0,
            created_at: origin.began_at,
            updated_at: fact.recorded_at,
            fact_count: 1,
            facts: vec![fact],
        }
    }

    /// Writes a fact down and lets it take effect. Promises that were broken by now are written
    /// down first, so that a breach is recorded even if no timer ran.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn record(&mut self, by: Entry<'_>, what: What) -> Result<(), CalendarError> {
        for breached in self.broken(by.now, by.terms) {
            self.write(by, breached)?;
        }
        self.write(by, what)
    }

    pub(super) fn write(&mut self, by: Entry<'_>, what: What) -> Result<(), CalendarError> {
        let fact = Fact {
            id: format!("{}/{}", self.id, self.fact_count + 1),
            actor: by.actor.clone(),
            cause: by.cause.map(str::to_owned),
            at: by.now,
            recorded_at: by.now,
            what,
        };
        self.apply(&fact, by.terms)?;
        self.keep(fact);
        Ok(())
    }

    fn keep(&mut self, fact: Fact) {
        self.fact_count += 1;
        self.updated_at = fact.recorded_at;
        self.facts.push(fact);
    }

    /// The breaches to write down at `now`.
    pub(super) fn broken(&self, now: Timestamp, terms: &Terms) -> Vec<What> {
        let late = |clock: &&Clock| clock.breach.is_none() && clock.due_at.is_some_and(|due_at| due_at < now);
        self.clocks.iter().filter(late).filter_map(|clock| self.breached(clock, now, terms)).collect()
    }

    fn breached(&self, clock: &Clock, now: Timestamp, terms: &Terms) -> Option<What> {
        let consumed = clock.consumed(terms.calendar(&clock.target.calendar), now);
        Some(What::Breached {
            metric: clock.metric,
            cycle: clock.cycle,
            due_at: clock.due_at?,
            why: crate::sla::BreachCause::Elapsed,
            consumed_seconds: consumed.as_secs(),
            target_seconds: clock.target.seconds,
            agent: self.agent.clone(),
        })
    }

    fn apply(&mut self, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        match &fact.what {
            What::Created(_) => {}
            What::Classified(understanding) => self.understood(*understanding, terms)?,
            What::Assigned { team, agent, routing } => {
                (self.team, self.agent) = (Some(team.clone()), Some(agent.clone()));
                (self.routing, self.queued_at) = (Some(routing.clone()), None);
                if self.status == Status::Open {
                    self.status = Status::Assigned;
                }
            }
            What::Queued { team, routing } => {
                (self.team, self.agent) = (Some(team.clone()), None);
                (self.routing, self.queued_at) = (Some(routing.clone()), Some(fact.at));
            }
            What::MessagePosted { number, direction, visibility, .. } => {
                self.messages = *number;
                self.said(fact, *direction, *visibility, terms)?;
            }
            What::FeedbackAdded { feedback } => self.feedback_ids.push(feedback.clone()),
            What::StatusChanged { to, reason, resolution, .. } => {
                self.reason.clone_from(reason);
                if let Some(resolution) = resolution {
                    self.resolution = Some(resolution.clone());
                }
                self.moved(*to, fact, terms)?;
            }
            What::Escalated { metric, cycle, level, .. } => match metric {
                Some(metric) => self.each_clock(*metric, *cycle, |clock| clock.fire(level)),
                None => self.supervised = true,
            },
            What::Breached { metric, cycle, due_at, why, consumed_seconds, .. } => {
                let (due_at, cause, consumed_seconds) = (*due_at, *why, *consumed_seconds);
                let breach = Breach { due_at, detected_at: fact.at, cause, consumed_seconds };
                self.each_clock(*metric, *cycle, |clock| clock.breach = Some(breach.clone()));
            }
            // A late word about an earlier cycle's survey says nothing of a newer one.
            What::SurveyScheduled { cycle, .. } | What::SurveySkipped { cycle, .. } => {
                self.surveyed_cycle = self.surveyed_cycle.max(*cycle);
            }
            What::SurveySent { .. } | What::SurveyAnswered { .. } => {}
            What::Reopened { excluded, .. } => {
                self.excluded.extend(excluded.clone());
                self.reopen_count += 1;
                self.came_back(fact, terms)?;
            }
        }
        Ok(())
    }

    fn each_clock(&mut self, metric: Metric, cycle: u32, change: impl FnMut(&mut Clock)) {
        self.clocks.iter_mut().filter(|clock| clock.metric == metric && clock.cycle == cycle).for_each(change);
    }

    fn understood(&mut self, understanding: Understanding, terms: &Terms) -> Result<(), CalendarError> {
        let Understanding { category, needs_review, sentiment, language, score, priority, .. } = understanding;
        (self.category, self.needs_review, self.sentiment) = (category, needs_review, sentiment);
        (self.language, self.score, self.priority) = (language, score, priority);
        let cause = format!("{}/1", self.id);
        let from = (self.created_at, cause.as_str());
        self.start(Metric::FirstResponse, 0, from, terms)?;
        self.start(Metric::Resolution, 0, from, terms)
    }

    /// Starts a clock of the current cycle, if the policy promises anything.
    fn start(
        &mut self,
        metric: Metric,
        carried_seconds: i64,
        from: (Timestamp, &str),
        terms: &Terms,
    ) -> Result<(), CalendarError> {
        if let Some((target, version)) = terms.target(self.subject(), metric, self.priority) {
            let rules = terms.rules(&target);
            let clock = Clock::start(metric, self.cycle, (target.clone(), version), carried_seconds, from, &rules)?;
            self.clocks.push(clock);
        }
        Ok(())
    }

    fn said(
        &mut self,
        fact: &Fact,
        direction: Direction,
        visibility: Visibility,
        terms: &Terms,
    ) -> Result<(), CalendarError> {
        match (direction, visibility) {
            (Direction::Outbound, Visibility::Public) if Self::is_person(&fact.actor) => {
                self.answered = true;
                self.stop(&[Metric::FirstResponse, Metric::NextResponse], fact.at, terms);
                Ok(())
            }
            (Direction::Outbound, Visibility::Public) => {
                self.answered = true;
                Ok(())
            }
            (Direction::Inbound, _) if self.awaits_next_response() => {
                self.start(Metric::NextResponse, 0, (fact.at, &fact.id), terms)
            }
            _ => Ok(()),
        }
    }

    /// A customer's message opens a next response once the first was given and while none is open.
    fn awaits_next_response(&self) -> bool {
        let open = |metric| self.live_clock(metric).is_some();
        self.status.is_active() && !open(Metric::FirstResponse) && !open(Metric::NextResponse)
    }

    fn stop(&mut self, metrics: &[Metric], at: Timestamp, terms: &Terms) {
        for clock in self.clocks.iter_mut().filter(|clock| clock.is_live() && metrics.contains(&clock.metric)) {
            clock.stop(at, terms.calendar(&clock.target.calendar));
        }
    }

    fn cancel_clocks(&mut self, at: Timestamp, terms: &Terms) {
        for clock in &mut self.clocks {
            clock.cancel(at, terms.calendar(&clock.target.calendar));
        }
    }

    fn moved(&mut self, to: Status, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        match to {
            Status::Reopened => return self.came_back(fact, terms),
            Status::Resolved => {
                self.stop(&[Metric::Resolution], fact.at, terms);
                self.cancel_clocks(fact.at, terms);
                self.resolved_at = Some(fact.at);
            }
            Status::Cancelled => self.cancel_clocks(fact.at, terms),
            Status::Closed => {}
            _ => self.hold(to, fact, terms)?,
        }
        self.status = to;
        Ok(())
    }

    /// Pauses the clocks that `to` holds, and lets the others go on.
    fn hold(&mut self, to: Status, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        for clock in &mut self.clocks {
            if terms.pauses(to, clock.metric) {
                clock.pause(fact.at, &fact.id, terms.calendar(&clock.target.calendar));
            } else {
                clock.resume(fact.at, &fact.id, &terms.rules(&clock.target.clone()))?;
            }
        }
        Ok(())
    }

    /// A new cycle: the resolution goes on with what was left of it, and so does a first response
    /// that was never given. Cycles before stay as they are.
    fn came_back(&mut self, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        (self.status, self.resolved_at, self.reason) = (Status::Reopened, None, None);
        // Somebody must be found anew; a supervisor who has it keeps it.
        self.agent = None;
        let before = self.cycle;
        self.cycle += 1;
        let ended = |metric| move |clock: &&Clock| clock.metric == metric && clock.cycle == before;
        let resolution = self.clocks.iter().find(ended(Metric::Resolution)).cloned();
        let unanswered = self.clocks.iter().find(ended(Metric::FirstResponse)).filter(|c| c.cancelled).cloned();
        for clock in resolution.into_iter().chain(unanswered) {
            self.go_on(&clock, fact, terms)?;
        }
        Ok(())
    }

    fn go_on(&mut self, before: &Clock, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        let rules = terms.rules(&before.target);
        let mut target = before.target.clone();
        let mut carried = before.consumed(rules.calendar, fact.at).as_secs();
        if before.breach.is_some() {
            let share = terms.policies.reopen.target_percent_after_breach;
            (target.seconds, carried) = ((target.seconds * share / 100).max(1), 0);
        }
        let agreed = (target, before.policy_version);
        let clock = Clock::start(before.metric, self.cycle, agreed, carried, (fact.at, &fact.id), &rules)?;
        self.clocks.push(clock);
        Ok(())
    }
}
