//! What must hold, whatever happens in which order; and that each bug breaks it.

use super::{Plant, Status, Task, Who, World};
use stateright::{Checker, HasDiscoveries, Model, Path, Property};

/// As many run side by side.
const AT_ONCE: usize = 3;

/// As many copies of the message are on their way.
const COPIES: u8 = 2;

/// As often the sweep tells of the feedback again: more of the same shows nothing new.
const AGAIN: u8 = 2;

/// What happens next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Somebody begins.
    Begin(Task),
    /// Of those who run, the so-manieth makes its next call.
    Call(usize),
    /// It dies before that.
    Die(usize),
    /// A message never comes.
    Lose,
}

type Law = Property<Plant>;

const MARK: &str = "what was accepted has exactly one due mark until it is closed";
const ONCE: &str = "an effect has its key, and happens once";
const STAYS: &str = "what was acknowledged is there, and stays";
const ABOUT: &str = "a message is about something that is stored";
const ENDS: &str = "when nothing goes wrong any more it is closed, and what is on record was told";

impl Model for Plant {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::default()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.triggers().map(Action::Begin));
        actions.extend((0..world.running.len()).flat_map(|at| [Action::Call(at), Action::Die(at)]));
        actions.extend((world.messages > 0).then_some(Action::Lose));
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Begin(task) => next.running.push(task),
            Action::Call(at) => next.call(at, *self),
            Action::Die(at) => drop(next.running.remove(at)),
            Action::Lose => next.messages -= 1,
        }
        // Who is named first does not matter.
        next.running.sort_unstable();
        Some(next)
    }

    fn within_boundary(&self, world: &World) -> bool {
        let version = world.feedback.map_or(0, |feedback| feedback.version);
        world.running.len() <= AT_ONCE && world.messages <= COPIES && version <= 1 + AGAIN
    }

    fn properties(&self) -> Vec<Law> {
        vec![
            Law::always(MARK, |_, world| world.marks() == u8::from(world.feedback.is_some() && !world.is_closed())),
            Law::always(ONCE, |_, world| world.effects().into_iter().all(|times| times <= 1)),
            Law::always(STAYS, |_, world| world.keeps_its_word()),
            Law::always(ABOUT, |_, world| world.messages == 0 || world.feedback.is_some()),
            Law::always(ENDS, |plant, world| world.clone().in_peace(*plant).has_ended_well()),
            Law::sometimes("an order closes whose level has fired", |_, world| {
                world.is_closed() && world.order.is_some_and(|order| order.fired == 1)
            }),
            Law::sometimes("a sweep has told, and somebody wrote meanwhile", |_, world| {
                let is_late = |task: &Task| task.who == Who::SweepOrder && task.step == 2 && task.order != world.order;
                world.running.iter().any(is_late)
            }),
        ]
    }
}

impl World {
    fn is_closed(&self) -> bool {
        self.order.is_some_and(|order| order.is(Status::Closed))
    }

    fn marks(&self) -> u8 {
        u8::from(self.feedback.is_some_and(|it| it.is_marked)) + u8::from(self.order.is_some_and(|it| it.is_marked))
    }

    /// How often an order was made, its agent and somebody of its level were told, and its level fired.
    fn effects(&self) -> [u8; 4] {
        [self.orders_made, self.told[0], self.told[1], self.order.map_or(0, |order| order.fired)]
    }

    /// Whether what customer and agent were answered is so.
    fn keeps_its_word(&self) -> bool {
        let is_resolved = self.order.is_some_and(|order| order.status >= Status::Resolved);
        (!self.answered.0 || self.feedback.is_some()) && (!self.answered.1 || is_resolved)
    }

    /// The world after nothing has gone wrong for long: who runs goes on, and client, queue, sweep and
    /// agent do what they are there for, one after the other.
    fn in_peace(mut self, plant: Plant) -> Self {
        for _ in 0..100 {
            let next = self.triggers().find(|task| task.who != Who::Intake || !self.answered.0);
            match next {
                _ if !self.running.is_empty() => self.call(0, plant),
                Some(task) => self.running.push(task),
                None => break,
            }
        }
        self
    }

    fn has_ended_well(&self) -> bool {
        let [made, _, told, fired] = self.effects();
        self.is_closed() && self.running.is_empty() && made == 1 && fired <= told
    }
}

/// A way to what does not hold with that bug; empty if there is none.
fn refuted(plant: Plant, law: &'static str) -> Vec<Action> {
    let checker = plant.checker().finish_when(HasDiscoveries::AnyOf([law].into())).spawn_bfs().join();
    checker.discovery(law).map(Path::into_actions).unwrap_or_default()
}

#[test]
fn whatever_dies_and_in_whatever_order_nothing_is_lost_forgotten_or_done_twice() {
    let checker = Plant::Nothing.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    // Other bounds, another protocol: whoever changes either looks at this number again.
    assert_eq!(checker.unique_state_count(), 822_256);
}

#[test]
fn a_message_before_the_write_is_refuted() {
    assert!(!refuted(Plant::EmitBeforeWrite, ABOUT).is_empty());
}

#[test]
fn an_order_without_its_mark_is_refuted() {
    assert!(!refuted(Plant::MarkDropped, MARK).is_empty());
    assert!(!refuted(Plant::MarkDropped, ENDS).is_empty());
}

#[test]
fn an_insert_without_its_condition_is_refuted() {
    assert!(!refuted(Plant::UnconditionalInsert, ONCE).is_empty());
}

#[test]
fn a_write_over_whatever_there_is_by_now_is_refuted() {
    assert!(!refuted(Plant::UnconditionalWrite, STAYS).is_empty());
}

#[test]
fn a_mark_that_is_moved_before_anybody_is_told_is_refuted() {
    assert!(!refuted(Plant::MarkMovedFirst, ENDS).is_empty());
}
