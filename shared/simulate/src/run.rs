//! One run: the people of a plan, the functions, the clock. Whatever is due at one instant happens at
//! once, one step of somebody at a time; then the clock goes on to whatever comes next.

mod about;
mod calm;
mod lives;

pub(crate) use about::About;

use crate::deed::Deed;
use crate::dice::Dice;
use crate::ending;
use crate::fault::{Fates, FaultKind, Faults, Script};
use crate::ground::{Ground, Message};
use crate::logs::{Ear, Heard};
use crate::meter::Metered;
use crate::plan::{Plan, Scale};
use crate::plant::Plant;
use crate::port::{Port, ported};
use crate::task::{self, Ending, Task, Work, lock};
use crate::witness::Witness;
use jiff::{SignedDuration, Timestamp};
use redress_domain::order::later;
use redress_service::memory::MemoryWorld;
use redress_service::ports::World;
use redress_service::sweep::{self, Horizon};
use redress_service::{Fault, Moment, handle};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// As many messages as are handled at once.
const AT_ONCE: usize = 8;

/// How often, in ten thousand, a function's clock is off.
const CLOCKS: [(FaultKind, u64); 1] = [(FaultKind::ClockOff, 200)];

/// What one run is to be like.
#[derive(Debug, Clone)]
pub(crate) struct Telling {
    pub(crate) seed: u64,
    pub(crate) scale: Scale,
    pub(crate) plant: Plant,
    pub(crate) script: Script,
    /// Stories that are left out.
    pub(crate) without: Vec<u32>,
    /// Whether every line is written down.
    pub(crate) told: bool,
    /// Whether what it would cost is measured.
    pub(crate) metered: bool,
}

/// What one run came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) violation: Option<String>,
    pub(crate) faults: Faults,
    pub(crate) story: Vec<String>,
    pub(crate) lives: u64,
    pub(crate) feedbacks: u64,
    pub(crate) orders: u64,
    pub(crate) deliveries: u64,
    pub(crate) calls: u64,
    pub(crate) conflicts: u64,
    pub(crate) events: u64,
    pub(crate) rested: u64,
    pub(crate) logged: u64,
    pub(crate) played: Vec<(&'static str, u64)>,
    pub(crate) metered: Metered,
}

/// How far a story is.
struct Progress {
    step: usize,
    due: Timestamp,
    tries: u32,
    looks: u32,
    /// What the request that is tried is about.
    about: Option<About>,
}

/// Something that happens at an instant.
enum Item {
    Message(Message),
    Life(usize),
    Shift(usize),
    Sweep,
}

/// One run.
pub(crate) struct Run {
    telling: Telling,
    plan: Plan,
    ground: Arc<Mutex<Ground>>,
    memory: Arc<MemoryWorld>,
    /// Functions that run already, each with what it has read before.
    instances: [(World, Arc<Horizon>); 2],
    lives: Vec<Progress>,
    shifts: Vec<(usize, Timestamp)>,
    outages: usize,
    swept: Timestamp,
    instants: u64,
    events: u64,
    rested: u64,
    requests: u64,
    sweeps: u64,
    heard: Arc<Mutex<Heard>>,
    /// Orders that had nobody when the desk was last looked at.
    waiting: BTreeSet<String>,
}

/// Tells one story from its beginning to its end.
pub(crate) fn tell(telling: Telling) -> Outcome {
    let mut run = Run::new(telling);
    let _ear = tracing::subscriber::set_default(Ear(Arc::clone(&run.heard)));
    run.open();
    run.live();
    run.calm_down();
    run.outcome()
}

impl Run {
    fn new(telling: Telling) -> Self {
        let mut plan = Plan::of(telling.seed, telling.scale);
        plan.lives.retain(|life| !telling.without.contains(&life.number));
        let fates = Fates::new(telling.seed, telling.script.clone());
        let ground = Ground::new(plan.begins, fates, Witness::default(), telling.told);
        let memory = MemoryWorld::new(plan.begins);
        if telling.metered {
            memory.weigh();
            memory.store().count_keys();
        }
        let instances = [memory.world(), memory.fresh()].map(|world| (world, Arc::default()));
        let progress = |due| Progress { step: 0, due, tries: 0, looks: 0, about: None };
        Self {
            lives: plan.lives.iter().map(|life| progress(life.begins)).collect(),
            shifts: plan.shop.shifts.iter().enumerate().map(|(at, (due, _))| (at, *due)).collect(),
            outages: 0,
            swept: plan.begins,
            instants: 0,
            events: 0,
            rested: 0,
            requests: 0,
            sweeps: 0,
            heard: Arc::default(),
            waiting: BTreeSet::new(),
            ground: Arc::new(Mutex::new(ground)),
            telling,
            plan,
            memory: Arc::new(memory),
            instances,
        }
    }

    fn now(&self) -> Timestamp {
        lock(&self.ground).now
    }

    fn dice(&self, name: &str) -> Dice {
        Dice::of(self.telling.seed, name)
    }

    fn failed(&self) -> bool {
        !lock(&self.ground).witness.violations.is_empty()
    }

    /// Lives every story, as far as it goes.
    fn live(&mut self) {
        while !self.failed() {
            let next = self.lives.iter().map(|life| life.due).chain(self.shifts.iter().map(|(_, due)| *due)).min();
            let Some(people) = next.filter(|due| *due < Timestamp::MAX) else { return };
            let Some(at) = self.next_instant(Some(people)) else { return };
            self.happen(at);
        }
    }

    /// When something happens next.
    fn next_instant(&mut self, people: Option<Timestamp>) -> Option<Timestamp> {
        let message = lock(&self.ground).next_message();
        let next = people.into_iter().chain(message).chain(self.next_sweep()).min()?.max(self.now());
        let Some((begins, lasts)) = self.plan.outages.get(self.outages).copied().filter(|(at, _)| *at <= next) else {
            return Some(next);
        };
        self.outages += 1;
        let name = format!("outage {begins}");
        let mut ground = lock(&self.ground);
        let mut dice = ground.fates.dice(&name);
        if ground.fates.at(&name, 0, &mut dice, &[(FaultKind::Outage, 10_000)]).is_none() {
            return Some(next);
        }
        ground.tell(|| format!("  ! nothing runs from {begins} on for {} s", lasts.as_secs()));
        ground.witness.running_since = later(begins, lasts).max(next);
        Some(ground.witness.running_since)
    }

    /// The whole minute at which the sweep finds something, if there is anything to find.
    fn next_sweep(&self) -> Option<Timestamp> {
        let due = self.memory.store().next_due()?;
        let from = due.max(later(self.swept, SignedDuration::from_millis(1)));
        let minutes = (from.as_millisecond() + 59_999).div_euclid(60_000);
        Timestamp::from_millisecond(minutes * 60_000).ok()
    }

    /// Everything that is due at `at` happens.
    fn happen(&mut self, at: Timestamp) {
        self.memory.advance(at.duration_since(self.now()));
        lock(&self.ground).now = at;
        self.instants += 1;
        let items = self.due(at);
        let (mut tasks, mut owners) = (Vec::new(), Vec::new());
        for (owner, item) in items.iter().enumerate() {
            let begun = self.begin(item);
            match item {
                Item::Message(_) => {}
                Item::Sweep => self.sweeps += begun.len() as u64,
                Item::Life(_) | Item::Shift(_) => self.requests += begun.len() as u64,
            }
            for (task, work) in begun {
                tasks.push((task, work));
                owners.push(owner);
            }
        }
        let names: Vec<Arc<Task>> = tasks.iter().map(|(task, _)| Arc::clone(task)).collect();
        let mut dice = self.dice(&format!("turns {at} {}", self.instants));
        let endings = task::run(tasks, &mut dice);
        for (name, ending) in names.iter().zip(&endings) {
            lock(&self.ground).tell(|| format!("{} ({} calls): {}", name.name, name.calls(), ending.told()));
        }
        let mut ended: Vec<Option<Ending>> = items.iter().map(|_| None).collect();
        for (owner, ending) in owners.into_iter().zip(endings) {
            // Of two at once, either answer is one.
            if let Some(slot) = ended.get_mut(owner)
                && *slot != Some(Ending::Done)
            {
                *slot = Some(ending);
            }
        }
        for (item, ending) in items.into_iter().zip(ended) {
            self.end(item, ending);
        }
        self.look(at);
    }

    /// What holds after each instant.
    fn look(&self, at: Timestamp) {
        let leaks = std::mem::take(&mut lock(&self.heard).leaks);
        let mut ground = lock(&self.ground);
        ground
            .witness
            .violations
            .extend(leaks.into_iter().map(|line| format!("a customer's words were logged: {line}")));
        ground.witness.check_lag(self.memory.store().next_due(), at);
    }

    fn due(&mut self, at: Timestamp) -> Vec<Item> {
        let mut items: Vec<Item> = lock(&self.ground).arrived(AT_ONCE).into_iter().map(Item::Message).collect();
        items
            .extend(self.lives.iter().enumerate().filter(|(_, life)| life.due <= at).map(|(life, _)| Item::Life(life)));
        items.extend(self.shifts.iter().filter(|(_, due)| *due <= at).map(|(shift, _)| Item::Shift(*shift)));
        self.shifts.retain(|(_, due)| *due > at);
        if self.next_sweep().is_some_and(|sweep| sweep <= at) {
            // What an outage held up is swept at the next whole minute after it.
            self.swept = at;
            items.push(Item::Sweep);
        }
        items
    }

    /// The invocations that something sets off.
    fn begin(&mut self, item: &Item) -> Vec<(Arc<Task>, Work)> {
        match item {
            Item::Message(message) => {
                let (task, world, moment) = self.invoke(&format!("{}#{}", message.name, message.receives));
                let event = message.event.clone();
                vec![(task, Box::pin(async move { handle(&world, &event, moment).await }))]
            }
            Item::Sweep => {
                let name = format!("sweep {}", self.now());
                let mut tasks = vec![self.sweep(&name)];
                if self.twice(&name, FaultKind::SweptTwice, 1_500) {
                    tasks.push(self.sweep(&format!("{name} again")));
                }
                tasks
            }
            Item::Shift(number) => {
                let (task, world, moment) = self.invoke(&format!("shift {number} {}", self.now()));
                let deed =
                    Deed { world, tenant: self.plan.shop.tenant.clone(), moment, key: format!("shift-{number}") };
                let agents = self.plan.shop.agents.clone();
                let Some((_, shift)) = self.plan.shop.shifts.get(*number).cloned() else { return Vec::new() };
                vec![(task, Box::pin(deed.shift(shift, agents, Arc::clone(&self.ground))))]
            }
            Item::Life(at) => {
                self.decide_about(*at);
                self.go_on(*at)
            }
        }
    }

    fn twice(&self, name: &str, kind: FaultKind, often: u64) -> bool {
        let mut ground = lock(&self.ground);
        let mut dice = ground.fates.dice(&format!("{name} fate"));
        ground.fates.at(name, 0, &mut dice, &[(kind, often)]).is_some()
    }

    fn sweep(&self, name: &str) -> (Arc<Task>, Work) {
        let (task, world, moment) = self.invoke(&format!("{name} run"));
        let at = usize::from(name.ends_with("again"));
        let horizon = Arc::clone(&self.instances.get(at).expect("there are two").1);
        (task, Box::pin(async move { sweep::run(&world, &horizon, moment).await.map(drop) }))
    }

    /// An invocation: on a function that runs already or on a new one, by a clock that may be off.
    fn invoke(&self, name: &str) -> (Arc<Task>, World, Moment) {
        let mut ground = lock(&self.ground);
        let (mut dice, mut fate) = (ground.fates.dice(name), ground.fates.dice(&format!("{name} fate")));
        let met = ground.fates.at(name, 0, &mut fate, &CLOCKS);
        let off = dice.between(-400, 400);
        let off = if met.is_some() { off } else { 0 };
        let nonce = (u128::from(dice.below(u64::MAX)) << 64) | u128::from(dice.below(u64::MAX));
        let moment = Moment { now: later(ground.now, SignedDuration::from_millis(off)), nonce: nonce.to_be_bytes() };
        let world = match dice.below(32) {
            0 => self.memory.fresh(),
            number => self.instances.get(usize::from(number.is_multiple_of(2))).expect("there are two").0.clone(),
        };
        let (store, files) = (Arc::clone(&world.store), Arc::clone(&world.files));
        let task = Task::new(name.to_owned(), fate);
        let port =
            Port { task: Arc::clone(&task), ground: Arc::clone(&self.ground), store, files, plant: self.telling.plant };
        (task, ported(world, port), moment)
    }

    /// What became of something.
    fn end(&mut self, item: Item, ending: Option<Ending>) {
        match (item, ending) {
            (Item::Message(message), Some(ending)) => self.handled(message, ending),
            (Item::Life(at), ending) => self.stepped(at, ending),
            // Whoever had no answer says it again.
            (Item::Shift(number), Some(Ending::Died | Ending::Failed(Fault::Unavailable(_)))) => {
                self.shifts.push((number, later(self.now(), SignedDuration::from_secs(20))));
            }
            _ => {}
        }
    }

    fn handled(&mut self, message: Message, ending: Ending) {
        self.events += 1;
        let (mut dice, ground) = (self.dice(&format!("{} back {}", message.name, message.receives)), &self.ground);
        match ending {
            Ending::Done => {}
            Ending::Died => lock(ground).put_back(message, "died", &mut dice),
            Ending::Failed(fault) => {
                let mut ground = lock(ground);
                if !fault.is_retryable() {
                    let what = format!("{} can never be handled: {fault}", message.event.id);
                    ground.witness.violated(what);
                }
                ground.put_back(message, &fault.to_string(), &mut dice);
            }
        }
    }

    /// What it would have cost.
    fn metered(&self, sent: u64) -> Metered {
        let (meter, logged) = (self.memory.store().meter(), lock(&self.heard).bytes);
        let (received, requests, sweeps, tenants) = (self.events, self.requests, self.sweeps, 1);
        let mut metered = Metered { meter, sent, received, requests, sweeps, logged, tenants, ..Metered::default() };
        metered.wrote(&self.memory.store().busiest());
        metered
    }

    fn outcome(self) -> Outcome {
        let (snapshot, mut ground) = (self.memory.store().snapshot(), lock(&self.ground));
        if ground.witness.violations.is_empty() {
            let wrong = ending::check(&snapshot, &ground, &self.plan);
            ground.witness.violations.extend(wrong);
        }
        let metered = self.metered(ground.sent());
        let many = |what: &str| snapshot.iter().filter(|record| record.key.partition.contains(what)).count() as u64;
        Outcome {
            violation: ground.witness.violations.first().cloned(),
            faults: std::mem::take(&mut ground.fates.met),
            story: ground.story.take().unwrap_or_default(),
            lives: self.plan.lives.len() as u64,
            feedbacks: many("#feedback#"),
            orders: ground.witness.orders.len() as u64,
            deliveries: many("#delivery#"),
            calls: ground.calls,
            conflicts: ground.conflicts,
            events: self.events,
            rested: self.rested,
            logged: lock(&self.heard).bytes,
            played: ground.witness.played(),
            metered,
        }
    }
}
