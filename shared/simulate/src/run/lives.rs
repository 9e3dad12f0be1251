//! How customers' stories go on: each step when its time has come, tried until there is an answer.

use super::{Progress, Run};
use crate::deed::Deed;
use crate::fault::FaultKind;
use crate::next::{Next, next};
use crate::plan::{Life, Step};
use crate::task::{Ending, Task, Work, lock};
use jiff::{SignedDuration, Timestamp};
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
        let name = format!("life {} step {} try {} {}", life.number, progress.step, progress.tries, self.now());
        let mut tasks = vec![self.begin_step(life, progress, step, &name)];
        let said = matches!(step, Step::Say(_) | Step::SayAnew(_));
        if said && self.twice(&format!("{name} twice"), FaultKind::SentTwice, 1_000) {
            tasks.push(self.begin_step(life, progress, step, &format!("{name} again")));
        }
        tasks.into_iter().flatten().collect()
    }

    /// The invocation that a step sets off; none where there is nothing that it could be about.
    fn begin_step(&self, life: &Life, progress: &Progress, step: &Step, name: &str) -> Option<(Arc<Task>, Work)> {
        let (number, ground) = (life.number, Arc::clone(&self.ground));
        let (about, sent) = (progress.about.clone(), lock(&ground).files.get(&number).cloned());
        if step.needs_order() && about.is_none() {
            return None;
        }
        let (task, world, moment) = self.invoke(name);
        let key = format!("life {} step {}", life.number, progress.step);
        let deed = Deed { world, tenant: self.plan.shop.tenant.clone(), moment, key };
        let work: Work = match step {
            Step::Say(words) => {
                let thread = lock(&ground).said.get(&number).and_then(|said| said.first()).cloned();
                let thread = thread.filter(|_| progress.step > 0);
                Box::pin(deed.say(life.clone(), words.clone(), thread, ground))
            }
            Step::SayAnew(words) => Box::pin(deed.say(life.clone(), words.clone(), None, ground)),
            Step::Announce(file) => Box::pin(deed.announce(number, *file, ground)),
            Step::Upload { told } => {
                let (memory, told) = (Arc::clone(&self.memory), *told);
                Box::pin(async move {
                    deed.upload(number, told, &memory, &ground);
                    Ok(())
                })
            }
            Step::Fetch => Box::pin(deed.fetch(sent?, Arc::clone(&self.memory), ground)),
            _ => Box::pin(deed.step(step.clone(), about?, life.chinese, ground)),
        };
        Some((task, work))
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
        self.looks(life.number, |sees| next(step, sees))
    }
}
