//! The in-memory world: the same conditional semantics, a virtual clock, delivered step by step,
//! and a crash wherever a test wants one.

mod busiest;
mod faults;
mod files;
mod meter;
mod outside;
mod store;

pub use busiest::{Busiest, Part};
pub use faults::{Crash, Faults};
pub use files::Download;
pub use meter::Meter;
pub use outside::MemoryOutside;
pub use store::MemoryStore;

use crate::ports::{Form, Models, PortError, Queue, Record, World};
use crate::{Fault, Moment, handle, sweep};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::Delivery;
use redress_domain::event::{Event, QueueName};
use redress_domain::id::TenantId;
use redress_domain::webhook::Access;
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often an event is delivered before it is laid aside, as in `template.yaml`.
pub const MAX_RECEIVES: u32 = 5;

/// What a lock guards stays usable after a panic elsewhere: every change is made in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Default)]
struct Queues {
    waiting: BTreeMap<QueueName, VecDeque<(Event, u32)>>,
    /// Held back until an instant; of the same instant in the order in which they came.
    delayed: BTreeMap<(Timestamp, u64), Event>,
    /// How many were ever held back: tells those of one instant apart.
    held_back: u64,
    sent: u64,
    delivered: u64,
    dead: Vec<(Event, String)>,
}

/// Queues, an outside and a clock around a [`MemoryStore`].
pub struct MemoryWorld {
    store: Arc<MemoryStore>,
    queues: Arc<MemoryQueue>,
    outside: Arc<MemoryOutside>,
    models: Arc<MemoryModels>,
    files: Arc<files::MemoryFiles>,
    faults: Arc<Faults>,
    compiled: Arc<crate::publish::Compiled>,
    readers: Arc<crate::models::Readers>,
    crews: Arc<crate::roster::Crews>,
    horizon: sweep::Horizon,
    clock: Arc<Mutex<(Timestamp, u64)>>,
}

struct MemoryQueue {
    queues: Mutex<Queues>,
    clock: Arc<Mutex<(Timestamp, u64)>>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, event: &Event) -> Result<(), PortError> {
        self.faults.around(|| {
            let mut queues = lock(&self.queues);
            queues.sent += 1;
            queues.waiting.entry(event.queue()).or_default().push_back((event.clone(), 0));
            Ok(())
        })
    }

    async fn send_later(&self, event: &Event, delay: SignedDuration) -> Result<(), PortError> {
        self.faults.around(|| {
            let at = redress_domain::order::later(lock(&self.clock).0, delay);
            let mut queues = lock(&self.queues);
            queues.sent += 1;
            queues.held_back += 1;
            let place = (at, queues.held_back);
            queues.delayed.insert(place, event.clone());
            Ok(())
        })
    }
}

struct MemoryModels {
    kept: Mutex<BTreeMap<(TenantId, String), Vec<u8>>>,
    fallbacks: Mutex<u64>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Models for MemoryModels {
    async fn get(&self, tenant: &TenantId, digest: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.faults.around(|| Ok(lock(&self.kept).get(&(tenant.clone(), digest.to_owned())).cloned()))
    }

    async fn put(&self, tenant: &TenantId, digest: &str, bytes: &[u8]) -> Result<(), PortError> {
        self.faults.around(|| {
            lock(&self.kept).insert((tenant.clone(), digest.to_owned()), bytes.to_vec());
            Ok(())
        })
    }

    fn count_fallback(&self) {
        *lock(&self.fallbacks) += 1;
    }
}

impl MemoryWorld {
    /// An empty world at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let (faults, clock) = (Arc::new(Faults::default()), Arc::new(Mutex::new((now, 0))));
        let queues = Mutex::default();
        let queues = Arc::new(MemoryQueue { queues, clock: Arc::clone(&clock), faults: Arc::clone(&faults) });
        Self {
            store: Arc::new(MemoryStore::new(Arc::clone(&faults))),
            files: Arc::new(files::MemoryFiles {
                bucket: Mutex::default(),
                queues: Arc::clone(&queues),
                clock: Arc::clone(&clock),
                faults: Arc::clone(&faults),
            }),
            queues,
            outside: Arc::new(MemoryOutside::new(Arc::clone(&faults))),
            models: Arc::new(MemoryModels {
                kept: Mutex::default(),
                fallbacks: Mutex::default(),
                faults: Arc::clone(&faults),
            }),
            faults,
            compiled: Arc::default(),
            readers: Arc::default(),
            crews: Arc::default(),
            horizon: sweep::Horizon::default(),
            clock,
        }
    }

    /// From now on, the meter weighs what is read and written, too.
    pub fn weigh(&self) {
        self.store.weigh();
    }

    /// The world as use cases see it.
    #[must_use]
    pub fn world(&self) -> World {
        let store: Arc<dyn crate::ports::Store> = self.store.clone();
        World {
            store,
            queue: self.queues.clone(),
            outside: self.outside.clone(),
            access: Access::Public,
            public_url: "https://care.example.com".into(),
            models: self.models.clone(),
            files: self.files.clone(),
            compiled: Arc::clone(&self.compiled),
            readers: Arc::clone(&self.readers),
            crews: Arc::clone(&self.crews),
        }
    }

    /// The same, as a function sees it that has just started: nothing was compiled or loaded before.
    #[must_use]
    pub fn fresh(&self) -> World {
        World { compiled: Arc::default(), readers: Arc::default(), crews: Arc::default(), ..self.world() }
    }

    /// Puts other bytes in the place of every tenant's model, or takes them all away.
    pub fn spoil_models(&self, bytes: Option<&[u8]>) {
        let mut kept = lock(&self.models.kept);
        match bytes {
            Some(bytes) => kept.values_mut().for_each(|model| bytes.clone_into(model)),
            None => kept.clear(),
        }
    }

    /// Uploads a file by a form, as anybody may who holds one.
    ///
    /// # Errors
    /// Which condition of the form does not hold.
    pub fn upload(&self, form: &Form, bytes: &[u8]) -> Result<(), &'static str> {
        self.files.upload(&form.fields, bytes)
    }

    /// Loses what the bucket says of uploads from now on.
    pub fn silence_uploads(&self) {
        lock(&self.files.bucket).silent = true;
    }

    /// What a link opens now, to anybody who has it.
    #[must_use]
    pub fn download(&self, url: &str) -> Option<Download> {
        self.files.download(url)
    }

    /// How often the shipped model read instead of a tenant's own.
    #[must_use]
    pub fn fallbacks(&self) -> u64 {
        *lock(&self.models.fallbacks)
    }

    /// The documents.
    #[must_use]
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// What was read, written, sent and delivered so far.
    #[must_use]
    pub fn meter(&self) -> Meter {
        let queues = lock(&self.queues.queues);
        Meter { sends: queues.sent, deliveries: queues.delivered, ..self.store.meter() }
    }

    /// The crash switch.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// This instant, with randomness of its own.
    pub fn moment(&self) -> Moment {
        let mut clock = lock(&self.clock);
        clock.1 += 1;
        Moment { now: clock.0, nonce: u128::from(clock.1).to_be_bytes() }
    }

    /// Lets time pass; nothing happens by itself.
    pub fn advance(&self, by: SignedDuration) {
        let mut clock = lock(&self.clock);
        clock.0 = redress_domain::order::later(clock.0, by);
    }

    /// Events that wait to be delivered.
    #[must_use]
    pub fn waiting(&self) -> Vec<Event> {
        lock(&self.queues.queues).waiting.values().flatten().map(|(event, _)| event.clone()).collect()
    }

    /// Events that were laid aside, with the reason of the last failure.
    #[must_use]
    pub fn dead(&self) -> Vec<(Event, String)> {
        lock(&self.queues.queues).dead.clone()
    }

    /// Events that are held back, with when they come.
    #[must_use]
    pub fn delayed(&self) -> Vec<(Timestamp, Event)> {
        lock(&self.queues.queues).delayed.iter().map(|((at, _), event)| (*at, event.clone())).collect()
    }

    /// Takes every event that can be delivered now: for who delivers them in an order of their own.
    #[must_use]
    pub fn take_all(&self) -> Vec<Event> {
        std::iter::from_fn(|| self.take()).map(|(event, _)| event).collect()
    }

    /// Loses every event that waits to be delivered, and those that are held back.
    pub fn lose_events(&self) {
        let mut queues = lock(&self.queues.queues);
        queues.waiting.clear();
        queues.delayed.clear();
    }

    /// The sweep, once, now.
    ///
    /// # Errors
    /// The sweep's.
    pub async fn sweep(&self) -> Result<sweep::SweepReport, Fault> {
        sweep::run(&self.world(), &self.horizon, self.moment()).await
    }

    /// What is to be told, or was, in the order of the reasons.
    #[must_use]
    pub fn notices(&self) -> Vec<Delivery> {
        let records = self.store.snapshot().into_iter();
        let deliveries = records.filter(|record| record.key.partition.split('#').nth(1) == Some("delivery"));
        let read = |record: Record| Delivery::deserialize(&*record.body).expect("a delivery, as it was put there");
        let mut notices: Vec<Delivery> = deliveries.map(read).collect();
        notices.sort_by(|one, other| one.reason.cmp(&other.reason));
        notices
    }

    /// What went out.
    #[must_use]
    pub fn outside(&self) -> &MemoryOutside {
        &self.outside
    }

    /// Delivers one event, if one waits; what fails goes to the end of its queue, and is laid
    /// aside after [`MAX_RECEIVES`] tries.
    ///
    /// # Errors
    /// What the use case said.
    pub async fn deliver(&self) -> Option<Result<(), Fault>> {
        let (event, receives) = self.take()?;
        let outcome = handle(&self.world(), &event, self.moment()).await;
        if let Err(fault) = &outcome {
            let mut queues = lock(&self.queues.queues);
            if receives + 1 >= MAX_RECEIVES {
                queues.dead.push((event, fault.to_string()));
            } else {
                queues.waiting.entry(event.queue()).or_default().push_back((event, receives + 1));
            }
        }
        Some(outcome)
    }

    fn take(&self) -> Option<(Event, u32)> {
        let now = lock(&self.clock).0;
        let mut queues = lock(&self.queues.queues);
        while let Some(first) = queues.delayed.first_entry().filter(|first| first.key().0 <= now) {
            let event = first.remove();
            queues.waiting.entry(event.queue()).or_default().push_back((event, 0));
        }
        let taken = queues.waiting.values_mut().find_map(VecDeque::pop_front);
        queues.delivered += u64::from(taken.is_some());
        taken
    }

    /// Delivers until nothing waits.
    pub async fn settle(&self) {
        while self.deliver().await.is_some() {}
    }

    /// Lets time pass as it does when the sweep runs: whatever was held back is delivered when its
    /// time comes, and at every due instant until `by` is over the sweep looks, and what it says is
    /// delivered.
    ///
    /// # Errors
    /// The sweep's.
    pub async fn live(&self, by: SignedDuration) -> Result<(), Fault> {
        let end = redress_domain::order::later(self.moment().now, by);
        loop {
            self.settle().await;
            let now = self.moment().now;
            let delayed = lock(&self.queues.queues).delayed.keys().next().map(|(at, _)| *at);
            let next = self.store.next_due().into_iter().chain(delayed).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            lock(&self.clock).0 = next.max(now);
            self.settle().await;
            if self.store.next_due().is_some_and(|due_at| due_at <= next) {
                self.sweep().await?;
            }
        }
        lock(&self.clock).0 = end;
        Ok(())
    }
}
