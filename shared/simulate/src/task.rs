//! One invocation, and several at once: they take turns at their port calls, in an order that chance
//! brings, and one that dies is simply never run again.

use crate::dice::Dice;
use crate::fault::FaultKind;
use redress_service::Fault;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// One invocation of a function, as its ports know it.
pub(crate) struct Task {
    /// What it is called: the same in every telling of the story.
    pub(crate) name: String,
    calls: AtomicU32,
    dead: AtomicBool,
    /// Decides what goes wrong, and nothing else.
    pub(crate) fate: Mutex<Dice>,
}

impl Task {
    pub(crate) fn new(name: String, fate: Dice) -> Arc<Self> {
        Arc::new(Self { name, calls: AtomicU32::new(0), dead: AtomicBool::new(false), fate: Mutex::new(fate) })
    }

    /// The number of the next port call, from 1.
    pub(crate) fn next_call(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Never goes on: whoever polls it finds that it is dead.
    pub(crate) async fn die<T>(&self) -> T {
        self.dead.store(true, Ordering::Relaxed);
        std::future::pending().await
    }
}

/// Gives way once.
pub(crate) struct GiveWay(bool);

impl GiveWay {
    pub(crate) fn once() -> Self {
        Self(false)
    }
}

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// It answered.
    Done,
    /// It said why not.
    Failed(Fault),
    /// It died.
    Died,
}

impl Ending {
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::Failed(fault) => fault.to_string(),
            Self::Died => "died".to_owned(),
        }
    }
}

/// What an invocation does.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// Runs all of it at once, one step of one of them at a time, by the choices of `dice`; the endings
/// come in the order of the tasks.
pub(crate) fn run(tasks: Vec<(Arc<Task>, Work)>, dice: &mut Dice) -> Vec<Ending> {
    let mut context = Context::from_waker(Waker::noop());
    let mut endings: Vec<Option<Ending>> = tasks.iter().map(|_| None).collect();
    let mut running: Vec<(usize, Arc<Task>, Work)> =
        tasks.into_iter().enumerate().map(|(at, (task, work))| (at, task, work)).collect();
    while !running.is_empty() {
        let at = usize::try_from(dice.below(running.len() as u64)).unwrap_or(0);
        let Some((place, task, work)) = running.get_mut(at) else { break };
        let ending = match work.as_mut().poll(&mut context) {
            Poll::Ready(Ok(())) => Some(Ending::Done),
            Poll::Ready(Err(fault)) => Some(Ending::Failed(fault)),
            Poll::Pending => task.is_dead().then_some(Ending::Died),
        };
        if let Some(ending) = ending {
            if let Some(slot) = endings.get_mut(*place) {
                *slot = Some(ending);
            }
            drop(running.swap_remove(at));
        }
    }
    endings.into_iter().map(|ending| ending.unwrap_or(Ending::Died)).collect()
}

/// What a port call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    Nothing,
    Fault(FaultKind),
}

/// What a lock guards stays usable after a panic elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
