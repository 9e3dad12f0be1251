//! The ports of one invocation: the in-memory world behind them, and before each call whatever is to
//! go wrong with it.

use crate::fault::FaultKind;
use crate::ground::Ground;
use crate::plant::Plant;
use crate::report;
use crate::task::{GiveWay, Meets, Task, lock};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Answer, Outcome};
use redress_domain::event::Event;
use redress_service::letters::Letter;
use redress_service::ports::{
    Call, DueMark, Files, Form, Found, Kept, Key, Outside, Permission, PortError, Queue, Record, Store, World, Write,
};
use std::sync::{Arc, Mutex};

/// How often, in ten thousand, a call that changes something goes wrong, and how.
const CHANGES: [(FaultKind, u64); 4] =
    [(FaultKind::DiedBefore, 40), (FaultKind::DiedAfter, 60), (FaultKind::Throttled, 50), (FaultKind::ReplyLost, 50)];

/// The same of one that reads.
const READS: [(FaultKind, u64); 2] = [(FaultKind::DiedBefore, 5), (FaultKind::Throttled, 10)];

/// The same of one that tells somebody outside.
const TELLS: [(FaultKind, u64); 6] = [
    (FaultKind::DiedBefore, 50),
    (FaultKind::DiedAfter, 100),
    (FaultKind::Refused, 400),
    (FaultKind::TimedOut, 400),
    (FaultKind::Unknown, 100),
    (FaultKind::ReplyLost, 100),
];

/// The ports of one invocation.
pub(crate) struct Port {
    pub(crate) task: Arc<Task>,
    pub(crate) ground: Arc<Mutex<Ground>>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) plant: Plant,
}

/// `world` with the ports of one invocation.
pub(crate) fn ported(world: World, port: Port) -> World {
    let port = Arc::new(port);
    World { store: port.clone(), queue: port.clone(), files: port.clone(), outside: port, ..world }
}

impl Port {
    /// Lets others go first, and says what the call meets.
    async fn meet(&self, what: &str, kinds: &[(FaultKind, u64)]) -> Meets {
        GiveWay::once().await;
        let (call, mut ground) = (self.task.next_call(), lock(&self.ground));
        ground.calls += 1;
        let met = ground.fates.at(&self.task.name, call, &mut lock(&self.task.fate), kinds);
        match met {
            None => Meets::Nothing,
            Some(kind) => {
                ground.tell(|| format!("  ! {} at call {call} ({what}) of {}", kind.as_str(), self.task.name));
                Meets::Fault(kind)
            }
        }
    }

    async fn around<T>(
        &self,
        (what, kinds): (&str, &[(FaultKind, u64)]),
        effect: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        match self.meet(what, kinds).await {
            Meets::Nothing => effect.await,
            Meets::Fault(FaultKind::DiedBefore) => self.task.die().await,
            Meets::Fault(FaultKind::DiedAfter) => {
                drop(effect.await);
                self.task.die().await
            }
            Meets::Fault(FaultKind::ReplyLost) => effect.await.and_then(|_| unavailable("the reply was lost")),
            Meets::Fault(_) => unavailable("throttled"),
        }
    }

    async fn write(&self, writes: &[Write]) -> Result<(), PortError> {
        let writes = self.plant.written(writes, &self.ground);
        let written = self.plant.commit(self.store.as_ref(), writes).await;
        let mut ground = lock(&self.ground);
        match written {
            Ok(writes) => {
                let now = ground.now;
                ground.tell(|| format!("    {} writes {}", self.task.name, report::writes(&writes)));
                ground.witness.committed(&writes, now);
                Ok(())
            }
            Err(error) => {
                ground.conflicts += u64::from(error == PortError::Conflict);
                Err(error)
            }
        }
    }

    async fn outside(&self, what: &str) -> Result<Answer, PortError> {
        let refused = |outcome| Ok(Answer { outcome, status: None, took_ms: 900, not_before: None });
        match self.meet(what, &TELLS).await {
            Meets::Nothing => Ok(Answer::taken()),
            Meets::Fault(FaultKind::Refused) => refused(Outcome::Refused),
            Meets::Fault(FaultKind::TimedOut) => refused(Outcome::TimedOut),
            Meets::Fault(FaultKind::DiedBefore | FaultKind::DiedAfter) => self.task.die().await,
            Meets::Fault(_) => unavailable("nobody knows what came of it"),
        }
    }
}

fn unavailable<T>(why: &str) -> Result<T, PortError> {
    Err(PortError::Unavailable(why.to_owned()))
}

#[async_trait]
impl Store for Port {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        self.around(("get", &READS), self.store.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.around(("get_many", &READS), self.store.get_many(keys)).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        self.around(("list", &READS), self.store.list(partition, prefix, after, limit)).await
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        self.around(("last", &READS), self.store.last(partition, limit)).await
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        self.around(("commit", &CHANGES), self.write(writes)).await
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        self.around(("due", &READS), self.store.due(shard, after, until, limit)).await
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        self.around(("worklist", &READS), self.store.worklist(list, after, limit)).await
    }
}

#[async_trait]
impl Queue for Port {
    async fn send(&self, event: &Event) -> Result<(), PortError> {
        self.send_later(event, SignedDuration::ZERO).await
    }

    async fn send_later(&self, event: &Event, delay: SignedDuration) -> Result<(), PortError> {
        let effect = async {
            if !self.plant.has_sent(event) {
                lock(&self.ground).send(event, delay);
            }
            Ok(())
        };
        self.around(("send", &CHANGES), effect).await
    }
}

#[async_trait]
impl Outside for Port {
    async fn send(&self, letter: &Letter) -> Result<Answer, PortError> {
        let now = lock(&self.ground).now;
        lock(&self.ground).witness.wrote(letter, now);
        self.outside("letter").await
    }

    async fn call(&self, call: &Call) -> Result<Answer, PortError> {
        lock(&self.ground).witness.called(call);
        self.outside("webhook").await
    }
}

#[async_trait]
impl Files for Port {
    async fn form(&self, permission: Permission<'_>) -> Result<Form, PortError> {
        self.around(("form", &READS), self.files.form(permission)).await
    }

    async fn examine(&self, path: &str) -> Result<Option<Found>, PortError> {
        self.around(("examine", &READS), self.files.examine(path)).await
    }

    async fn keep(&self, path: &str, version: &str, to: Kept<'_>) -> Result<(), PortError> {
        self.around(("keep", &CHANGES), self.files.keep(path, version, to)).await
    }

    async fn link(&self, path: &str, from: Timestamp, until: Timestamp) -> Result<String, PortError> {
        lock(&self.ground).witness.handed_out(path);
        self.around(("link", &READS), self.files.link(path, from, until)).await
    }
}
