//! Laws 3 and 4 as a model: what intake, assignment, sweep and agent do to one feedback and its order,
//! one port call at a time, while each may die before each call, messages come never, late, out of
//! order and again, and several run side by side. [`checks`] looks at every interleaving there is.
//!
//! | Here | There |
//! |---|---|
//! | [`World::intake`] | `receive.rs`: write, then emit, then the 202 |
//! | [`World::assign`] | `assign.rs`: write order and feedback in one, then tell, then let go of the message |
//! | [`World::sweep_feedback`], [`World::sweep_order`] | `sweep.rs`, and its timers: tell, then move the mark in the write that records it |
//! | [`World::agent`] | `desk.rs`: write on the version that was seen, then answer |
//! | [`World::commit`] | `Store::commit`: all or none, on the versions that were seen |
//! | [`World::tell`] | `deliver::post`: an insert under an id that follows from the reason |
//!
//! Time is left out: what has a mark may be looked at whenever somebody likes. A reply that is lost after
//! a commit is a task that dies after it.

mod checks;

/// A bug that is put into the protocol, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plant {
    Nothing,
    /// Intake emits, then writes.
    EmitBeforeWrite,
    /// The order is written without its mark.
    MarkDropped,
    /// What is inserted takes the place of what is there.
    UnconditionalInsert,
    /// The sweep writes over whatever there is by now.
    UnconditionalWrite,
    /// The sweep moves the mark, then tells.
    MarkMovedFirst,
}

/// A feedback as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Feedback {
    version: u8,
    /// Until it has its order.
    is_marked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Status {
    Open,
    Resolved,
    Closed,
}

/// An order as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Order {
    version: u8,
    status: Status,
    /// How many facts say that its level was reached.
    fired: u8,
    is_marked: bool,
}

impl Order {
    fn is(self, status: Status) -> bool {
        self.status == status
    }

    fn is_due(self) -> bool {
        self.is_marked && (self.fired == 0 || self.is(Status::Resolved))
    }

    /// What an agent makes of it.
    fn resolved(self) -> Self {
        Self { version: self.version + 1, status: Status::Resolved, ..self }
    }

    /// What the sweep makes of it: an open one's level is reached, a resolved one closes.
    fn caught_up(self) -> Self {
        let next = Self { version: self.version + 1, ..self };
        match self.status {
            Status::Open => Self { fired: self.fired + 1, ..next },
            Status::Resolved | Status::Closed => Self { status: Status::Closed, is_marked: false, ..next },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    Intake,
    Assign,
    SweepFeedback,
    SweepOrder,
    Agent,
}

/// Somebody who runs: which call comes next, and what they saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Task {
    who: Who,
    step: u8,
    feedback: Option<Feedback>,
    order: Option<Order>,
}

impl Task {
    #[expect(clippy::unnecessary_wraps, reason = "what comes next, or nothing, is what each step answers")]
    fn at(self, step: u8) -> Option<Self> {
        Some(Self { step, ..self })
    }
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct World {
    feedback: Option<Feedback>,
    order: Option<Order>,
    /// Copies of the one message there is, in a queue that keeps no order.
    messages: u8,
    /// In an order that means nothing.
    running: Vec<Task>,
    /// Whether a customer had the 202, and an agent the 200.
    answered: (bool, bool),
    orders_made: u8,
    /// How often the agent was told that it is theirs, and somebody of the level.
    told: [u8; 2],
}

impl World {
    /// Who may begin now. A client tries again, and the message comes again, as often as they like.
    fn triggers(&self) -> impl Iterator<Item = Task> {
        let may = |who| match who {
            Who::Intake => true,
            Who::Assign => self.messages > 0,
            Who::SweepFeedback => self.feedback.is_some_and(|feedback| feedback.is_marked),
            Who::SweepOrder => self.order.is_some_and(Order::is_due),
            Who::Agent => self.order.is_some_and(|order| order.is(Status::Open)),
        };
        let all = [Who::Intake, Who::Assign, Who::SweepFeedback, Who::SweepOrder, Who::Agent];
        all.into_iter().filter(move |who| may(*who)).map(|who| Task { who, step: 0, feedback: None, order: None })
    }

    /// The next call of one of those who run; who has made the last is gone.
    fn call(&mut self, at: usize, plant: Plant) {
        let task = self.running.remove(at);
        let next = match task.who {
            Who::Intake => self.intake(task, plant),
            Who::Assign => self.assign(task, plant),
            Who::SweepFeedback => self.sweep_feedback(task),
            Who::SweepOrder => self.sweep_order(task, plant),
            Who::Agent => self.agent(task),
        };
        self.running.extend(next);
    }

    fn intake(&mut self, task: Task, plant: Plant) -> Option<Task> {
        let writes = u8::from(plant == Plant::EmitBeforeWrite);
        match task.step {
            2 => {
                self.answered.0 = true;
                return None;
            }
            step if step == writes => {
                // That it is there already is as good.
                self.commit(task, Some(Feedback { version: 1, is_marked: true }), None);
            }
            _ => self.messages += 1,
        }
        task.at(task.step + 1)
    }

    fn assign(&mut self, task: Task, plant: Plant) -> Option<Task> {
        match task.step {
            // A message about nothing fails. Who has an order already is told again.
            0 if self.feedback?.is_marked => self.load(task).at(1),
            0 => task.at(2),
            1 => {
                let is_marked = plant != Plant::MarkDropped;
                let order = Order { version: 1, status: Status::Open, fired: 0, is_marked };
                let seen = task.feedback?;
                let waits_no_more = Feedback { version: seen.version + 1, is_marked: false };
                if !self.commit(task, Some(waits_no_more), Some(order)) {
                    return task.at(0);
                }
                self.orders_made += 1;
                task.at(2)
            }
            2 => {
                self.tell(0, plant);
                task.at(3)
            }
            _ => {
                self.messages = self.messages.saturating_sub(1);
                None
            }
        }
    }

    fn sweep_feedback(&mut self, task: Task) -> Option<Task> {
        match task.step {
            0 => self.load(task).at(1).filter(|task| task.feedback.is_some_and(|feedback| feedback.is_marked)),
            1 => {
                self.messages += 1;
                task.at(2)
            }
            _ => {
                // Who wrote meanwhile has moved the mark.
                let moved = task.feedback.map(|seen| Feedback { version: seen.version + 1, ..seen });
                self.commit(task, moved, None);
                None
            }
        }
    }

    fn sweep_order(&mut self, task: Task, plant: Plant) -> Option<Task> {
        let writes = if plant == Plant::MarkMovedFirst { 1 } else { 2 };
        match task.step {
            0 => self.load(task).at(1).filter(|task| task.order.is_some_and(Order::is_due)),
            3 => None,
            step if step == writes => {
                let seen = if plant == Plant::UnconditionalWrite { self.load(task) } else { task };
                let is_done = self.commit(seen, None, task.order.map(Order::caught_up));
                task.at(if is_done { step + 1 } else { 0 })
            }
            step => {
                if task.order.is_some_and(|order| order.is(Status::Open)) {
                    self.tell(1, plant);
                }
                task.at(step + 1)
            }
        }
    }

    fn agent(&mut self, task: Task) -> Option<Task> {
        match task.step {
            0 => self.load(task).at(1).filter(|task| task.order.is_some_and(|order| order.is(Status::Open))),
            1 => task.at(if self.commit(task, None, task.order.map(Order::resolved)) { 2 } else { 0 }),
            _ => {
                self.answered.1 = true;
                None
            }
        }
    }

    fn load(&self, task: Task) -> Task {
        Task { feedback: self.feedback, order: self.order, ..task }
    }

    /// Both documents or none, on what was seen of those that are written: one version has one content.
    fn commit(&mut self, seen: Task, feedback: Option<Feedback>, order: Option<Order>) -> bool {
        let holds =
            (feedback.is_none() || seen.feedback == self.feedback) && (order.is_none() || seen.order == self.order);
        if holds {
            (self.feedback, self.order) = (feedback.or(self.feedback), order.or(self.order));
        }
        holds
    }

    /// Tells somebody, unless they were told under that key.
    fn tell(&mut self, key: usize, plant: Plant) {
        if self.told[key] == 0 || plant == Plant::UnconditionalInsert {
            self.told[key] += 1;
        }
    }
}
