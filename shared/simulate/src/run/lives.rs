//! How customers' stories go on: each step when its time has come, tried until there is an answer.

use super::{About, Run};
use crate::deed::Deed;
use crate::fault::FaultKind;
use crate::next::{Next, next};
use crate::plan::Step;
use crate::task::{Ending, Task, Work, lock};
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::WorkOrderId;
use redress_domain::order::later;
use redress_service::Fault;
use std::sync::Arc;

/// As often as somebody looks whether they can go on with a story.
const LOOKS: u32 = 12;

/// As often as a client tries again.
const TRIES: u32 = 20;

impl Run {
    /// What a request is about is settled when it is made for the first time.
    pub(super) fn decide_about(&mut self, at: usize) {
        let about = self.plan.lives.get(at).and_then(|life| self.sees(life.number));
        if let Some(progress) = self.lives.get_mut(at).filter(|progress| progress.about.is_none()) {
            progress.about = about;
        }
    }

    /// A story goes on.
    pub(super) fn go_on(&self, at: usize) -> Vec<(Arc<Task>, Work)> {
        let (Some(life), Some(progress)) = (self.plan.lives.get(at), self.lives.get(at)) else { return Vec::new() };
        let goes_on = progress.tries > 0 || self.decides(at) == Next::Does;
        let Some((_, step)) = life.steps.get(progress.step).filter(|_| goes_on) else { return Vec::new() };
        let key = format!("life {} step {}", life.number, progress.step);
        let name = format!("{key} try {} {}", progress.tries, self.now());
        let deed = |name: &str| {
            let (task, world, moment) = self.invoke(name);
            (task, Deed { world, tenant: self.plan.shop.tenant.clone(), moment, key: key.clone() })
        };
        if let Step::Say(words) = step {
            let thread = lock(&self.ground).said.get(&life.number).and_then(|said| said.first()).cloned();
            let thread = thread.filter(|_| progress.step > 0);
            let say = |name: &str| {
                let (task, deed) = deed(name);
                let work = deed.say(life.clone(), words.clone(), thread.clone(), Arc::clone(&self.ground));
                (task, Box::pin(work) as Work)
            };
            let mut tasks = vec![say(&name)];
            if self.twice(&format!("{name} twice"), FaultKind::SentTwice, 1_000) {
                tasks.push(say(&format!("{name} again")));
            }
            return tasks;
        }
        let Some((id, agent, token)) = progress.about.clone() else { return Vec::new() };
        let (task, deed) = deed(&name);
        vec![(task, Box::pin(deed.step(step.clone(), id, agent, (life.chinese, token))))]
    }

    /// The order that a story is about by now, who has it, and where its customer answers.
    fn sees(&self, life: u32) -> Option<About> {
        let ground = lock(&self.ground);
        let witness = &ground.witness;
        let order = |id| witness.feedbacks.get(id).cloned().flatten();
        let said = ground.said.get(&life)?;
        let id = said.iter().rev().find_map(|said| order(said.as_str()))?;
        let agent = witness.orders.get(&id)?.agent.clone();
        let token = witness.surveys.get(&id).map(|survey| survey.token.clone()).unwrap_or_default();
        Some((WorkOrderId::parse(&id)?, agent, token))
    }

    pub(super) fn stepped(&mut self, at: usize, ending: Option<Ending>) {
        let now = self.now();
        let Some(life) = self.plan.lives.get(at) else { return };
        let decided = self.decides(at);
        let mut dice = self.dice(&format!("life {} at {now}", life.number));
        let Some(progress) = self.lives.get_mut(at) else { return };
        let retried = matches!(ending, Some(Ending::Died | Ending::Failed(Fault::Unavailable(_))));
        if retried && progress.tries < TRIES {
            progress.tries += 1;
            progress.due = later(now, SignedDuration::from_millis(dice.between(500, 30_000)));
        } else if ending.is_none() && decided != Next::Leaves && progress.looks < LOOKS {
            (progress.looks, progress.about) = (progress.looks + 1, None);
            progress.due = later(now, SignedDuration::from_secs(dice.between(120, 14_400)));
        } else {
            (progress.step, progress.tries, progress.looks, progress.about) = (progress.step + 1, 0, 0, None);
            let wait = life.steps.get(progress.step).map(|(wait, _)| *wait);
            progress.due = wait.map_or(Timestamp::MAX, |wait| later(now, SignedDuration::from_secs(wait)));
        }
    }

    fn decides(&self, at: usize) -> Next {
        let (Some(life), Some(progress)) = (self.plan.lives.get(at), self.lives.get(at)) else { return Next::Leaves };
        let Some((_, step)) = life.steps.get(progress.step) else { return Next::Leaves };
        let id = self.sees(life.number).map(|(id, ..)| id);
        let ground = lock(&self.ground);
        let witness = &ground.witness;
        let of = |id: &WorkOrderId| (witness.orders.get(id.as_str()), witness.surveys.get(id.as_str()));
        let (order, survey) = id.as_ref().map_or((None, None), of);
        next(step, order, survey)
    }
}
