//! What each fact does to an order. No choice is made here: a fact says what happened.

use super::{Child, Entry, PAUSE_CAP, Status, WorkOrder};
use crate::calendar::CalendarError;
use crate::category::{Category, Language, Sentiment};
use crate::fact::{AgreedBecause, Direction, Fact, Origin, Understanding, Visibility, What};
use crate::id::WorkOrderId;
use crate::policy::Terms;
use crate::priority::Priority;
use crate::sla::{Annulment, Breach, Clock, ClockKey, Clocks, Step};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl WorkOrder {
    /// The same order, derived from its facts alone.
    ///
    /// # Errors
    /// A calendar without open time. `None` if the first fact is not a creation.
    pub fn replay(id: &WorkOrderId, facts: Vec<Fact>, terms: &Terms) -> Result<Option<Self>, CalendarError> {
        let mut facts = facts.into_iter();
        let Some(first) = facts.next() else { return Ok(None) };
        let What::Created(origin) = &first.what else { return Ok(None) };
        let mut order = Self::begin(id.clone(), (**origin).clone(), first);
        order.facts.reserve(facts.len());
        for fact in facts {
            order.apply(&fact, terms)?;
            order.keep(fact);
        }
        Ok(Some(order))
    }

    pub(super) fn begin(id: WorkOrderId, origin: Origin, fact: Fact) -> Self {
        // A child is opened by who works on its parent: the customer waits for nothing of it yet.
        // Nor of a call that is made to them.
        let clocks = Clocks::opened(origin.parent.is_none() && origin.revisits.is_none());
        let (parent, revisits) = (origin.parent, origin.revisits);
        let order = Self {
            id,
            status: Status::Open,
            priority: Priority::P4,
            category: Category::Other,
            needs_review: true,
            sentiment: Sentiment::Neutral,
            tones: Vec::new(),
            preview: origin.preview,
            language: Language::Other,
            score: 0,
            parent: None,
            revisits: None,
            children: Vec::new(),
            merged_into: None,
            custom_fields: BTreeMap::new(),
            channel: origin.channel,
            customer: origin.customer,
            order: origin.order,
            feedback_ids: origin.feedback.into_iter().collect(),
            follows: origin.follows,
            last_resolver: origin.last_resolver,
            team: None,
            agent: None,
            routing: None,
            queued_at: None,
            clocks,
            calendar: None,
            watchers: Vec::new(),
            compensated_minor: 0,
            held_since: None,
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
            declined_cycle: 0,
            unsatisfied_cycle: 0,
            created_at: origin.began_at,
            updated_at: fact.recorded_at,
            fact_count: 1,
            facts: vec![fact],
        };
        match (parent, revisits) {
            (Some(parent), _) => order.part_of(parent),
            (None, Some(revisited)) => order.calling(revisited),
            (None, None) => order,
        }
    }

    /// Writes a fact down and lets it take effect. Promises that were broken when it happened are
    /// written down first, so that a breach is recorded even if no timer ran.
    ///
    /// # Errors
    /// A calendar without open time.
    pub fn record(&mut self, by: Entry<'_>, what: What) -> Result<(), CalendarError> {
        self.settle(by)?;
        self.write(by, what)
    }

    /// Writes down the promises that were broken by the time of what happens.
    pub(super) fn settle(&mut self, by: Entry<'_>) -> Result<(), CalendarError> {
        self.broken(self.happened(by), by)?.into_iter().try_for_each(|breached| self.write(by, breached))
    }

    /// When a fact happened: when it is said to have, unless that is still to come or before the
    /// last fact; then now.
    pub(super) fn happened(&self, by: Entry<'_>) -> Timestamp {
        let last = self.facts.last().map_or(self.created_at, |fact| fact.at);
        by.occurred_at.filter(|at| (last..=by.now).contains(at)).unwrap_or(by.now)
    }

    pub(super) fn write(&mut self, by: Entry<'_>, what: What) -> Result<(), CalendarError> {
        let fact = Fact {
            id: format!("{}/{}", self.id, self.fact_count + 1),
            actor: by.actor.clone(),
            cause: by.cause.map(str::to_owned),
            at: self.happened(by),
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

    fn apply(&mut self, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        if !fact.what.may_hold_clocks() {
            return self.take_effect(fact, terms);
        }
        let held = self.is_held();
        self.take_effect(fact, terms)?;
        // A pause of a pause changes only the reason, and another policy may hold or free clocks, too.
        if self.is_held() != held {
            self.held_since = (!held).then_some(fact.at);
        }
        Ok(())
    }

    /// Whether a clock is paused.
    fn is_held(&self) -> bool {
        self.clocks.live().any(Clock::is_paused)
    }

    fn take_effect(&mut self, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        match &fact.what {
            What::Created(_) => {}
            What::Classified(understanding) => self.understood(*understanding),
            What::SlaApplied { agreement, why, spared, .. } => {
                // Promises of an order that begins count from when its customer began to wait.
                let began = *why == AgreedBecause::Created;
                let (since, cause) =
                    if began { (self.created_at, format!("{}/1", self.id)) } else { (fact.at, fact.id.clone()) };
                let step = self.step(fact.at, &cause, terms);
                self.clocks.agree(step, agreement.as_ref(), since, spared.as_ref())?;
            }
            What::PriorityChanged { to, .. } => self.priority = *to,
            What::CategoryChanged { to, .. } => (self.category, self.needs_review) = (*to, false),
            What::DueOverridden { clock, due_at, .. } => {
                self.clocks.overrule(clock, *due_at, self.step(fact.at, &fact.id, terms))?;
            }
            What::CalendarChanged { calendar } => self.calendar.clone_from(calendar),
            What::Assigned { team, agent, routing, .. } => {
                let other_team = self.team.as_ref().is_some_and(|before| before != team);
                (self.team, self.agent) = (Some(team.clone()), Some(agent.clone()));
                (self.routing, self.queued_at) = (Some(Box::new(routing.outcome())), None);
                if self.status == Status::Open {
                    self.status = Status::Assigned;
                }
                self.clocks.taken(self.step(fact.at, &fact.id, terms), other_team)?;
            }
            What::Queued { team, routing, .. } => {
                let other_team = self.team.as_ref().is_some_and(|before| before != team);
                (self.team, self.agent) = (Some(team.clone()), None);
                let since = self.queued_at.filter(|_| !other_team).unwrap_or(fact.at);
                (self.routing, self.queued_at) = (Some(Box::new(routing.outcome())), Some(since));
                self.clocks.queued(self.step(fact.at, &fact.id, terms), other_team)?;
            }
            What::MessagePosted { number, direction, visibility, tone, .. } => {
                self.messages = *number;
                tone.iter().for_each(|tone| self.hear_tone(*tone));
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
            What::Escalated { metric: Some(metric), cycle, exchange, level, repeat, .. } => {
                let key = ClockKey { metric: metric.clone(), cycle: *cycle, exchange: *exchange };
                self.clocks.climb(&key, level, *repeat, &terms.book)?;
            }
            What::Escalated { metric: None, level, .. } if level == PAUSE_CAP => self.held_since = None,
            What::Escalated { metric: None, .. } => self.supervised = true,
            What::WatcherAdded { watcher } => self.watchers.push(watcher.clone()),
            What::WatcherRemoved { watcher } => self.watchers.retain(|other| other != watcher),
            What::Merged { duplicate, into, feedback, .. } => self.merged(duplicate, into, feedback),
            What::ChildAdded { child, mandatory } => self.children.push(Child::new(child.clone(), *mandatory)),
            What::ChildDone { child, .. } => self.note_part(child, true),
            What::ChildReopened { child } => self.note_part(child, false),
            What::CustomFieldsChanged { fields } => self.customized(&fields.0),
            What::CompensationRequested { clock, amount, .. } => {
                self.compensated_minor += amount.amount_minor;
                self.clocks.compensate(clock);
            }
            What::CompensationDecided { returned_minor, .. } => self.compensated_minor -= returned_minor,
            What::Breached { clock, due_at, why, consumed_ms, .. } => {
                let (detected_at, cause) = (fact.recorded_at, *why);
                let breach = Breach { due_at: *due_at, detected_at, cause, consumed_ms: *consumed_ms, annulled: None };
                self.clocks.record(clock, &breach);
            }
            What::BreachAnnulled { clock, reason } => {
                let annulment = Annulment { by: fact.actor.clone(), at: fact.at, reason: reason.clone() };
                self.clocks.annul(clock, &annulment);
            }
            // A late word about an earlier cycle's survey says nothing of a newer one.
            What::SurveyScheduled { cycle, .. } | What::SurveySkipped { cycle, .. } => {
                self.surveyed_cycle = self.surveyed_cycle.max(*cycle);
            }
            What::SurveyAnswered { cycle, satisfied, .. } => {
                if !satisfied && self.is_judged(*cycle) {
                    self.unsatisfied_cycle = *cycle;
                }
            }
            What::SurveyDeclined { cycle } => self.declined_cycle = *cycle,
            What::SurveySent { .. }
            | What::SurveyReminded { .. }
            | What::SurveyExpired { .. }
            | What::RevisitMade { .. }
            | What::SentimentDropped { .. } => {}
            What::Reassessed { understanding, .. } => {
                (self.needs_review, self.sentiment) = (understanding.needs_review, understanding.sentiment);
                self.score = self.score.max(understanding.score);
            }
            What::Reopened { excluded, .. } => {
                self.excluded.extend(excluded.clone());
                self.reopen_count += 1;
                self.came_back(fact, terms)?;
            }
        }
        Ok(())
    }

    fn understood(&mut self, understanding: Understanding) {
        let Understanding { category, needs_review, sentiment, language, score, priority, tone, .. } = understanding;
        self.hear_tone(tone);
        (self.category, self.needs_review, self.sentiment) = (category, needs_review, sentiment);
        (self.language, self.score, self.priority) = (language, score, priority);
    }

    fn said(
        &mut self,
        fact: &Fact,
        direction: Direction,
        visibility: Visibility,
        terms: &Terms,
    ) -> Result<(), CalendarError> {
        let step = self.step(fact.at, &fact.id, terms);
        match (direction, visibility) {
            (Direction::Inbound, _) => self.clocks.heard(step),
            (Direction::Outbound, Visibility::Public) => {
                self.answered = true;
                if Self::is_person(&fact.actor) { self.clocks.answered(step) } else { Ok(()) }
            }
            (Direction::Outbound, Visibility::Internal) => Ok(()),
        }
    }

    fn moved(&mut self, to: Status, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        if to == Status::Reopened {
            return self.came_back(fact, terms);
        }
        let step = Step { status: to, ..self.step(fact.at, &fact.id, terms) };
        match to {
            Status::Resolved => {
                self.clocks.resolved(step)?;
                self.resolved_at = Some(fact.at);
            }
            Status::Cancelled => self.clocks.cancelled(step)?,
            Status::Closed => {}
            _ => self.clocks.moved(step)?,
        }
        self.status = to;
        Ok(())
    }

    /// A new cycle: the resolution goes on with what was left of it, and so does a first response
    /// that was never given. Cycles before stay as they are.
    fn came_back(&mut self, fact: &Fact, terms: &Terms) -> Result<(), CalendarError> {
        (self.status, self.resolved_at, self.reason) = (Status::Reopened, None, None);
        // Somebody must be found anew; a supervisor who has it keeps it.
        (self.agent, self.queued_at) = (None, None);
        self.cycle += 1;
        self.clocks.reopened(self.step(fact.at, &fact.id, terms))
    }
}
