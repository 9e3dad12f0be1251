//! What happens between a look and the write that rests on it: a store in which somebody else is
//! faster, once.

use super::Shop;
use crate::{Context, all};
use redress_service::fair_share::Rates;
use redress_service::ports::{DueMark, Key, PortError, Record, Store, World, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

type Deed = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Between {
    store: Arc<dyn Store>,
    deed: Mutex<Option<Deed>>,
}

#[async_trait::async_trait]
impl Store for Between {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        self.store.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.store.get_many(keys).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        self.store.list(partition, prefix, after, limit).await
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        self.store.last(partition, limit).await
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        let deed = self.deed.lock().unwrap().take();
        if let Some(deed) = deed {
            deed.await;
        }
        self.store.commit(writes).await
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<jiff::Timestamp>,
        until: jiff::Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        self.store.due(shard, after, until, limit).await
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        self.store.worklist(list, after, limit).await
    }
}

impl Shop {
    /// The same shop, where `deed` is done just before the first write.
    pub(super) fn but_first(&self, deed: impl Future<Output = ()> + Send + 'static) -> Self {
        self.at_rates(Rates::default(), deed)
    }

    /// The same shop as another function sees it, where `deed` is done just before the first write.
    pub(super) fn at_rates(&self, rates: Rates, deed: impl Future<Output = ()> + Send + 'static) -> Self {
        let memory = Arc::clone(&self.memory);
        let store = Between { store: memory.world().store, deed: Mutex::new(Some(Box::pin(deed))) };
        let (world, clock) = (World { store: Arc::new(store), ..memory.world() }, Arc::clone(&memory));
        let moment: crate::Clock = Arc::new(move || clock.moment());
        let context = Context {
            world,
            moment,
            public_url: None,
            survey_links: false,
            cors_origin: None,
            rates,
            untold: Arc::new(|| ()),
        };
        Self { memory, api: all(context) }
    }

    /// The same shop once more.
    pub(super) fn again(&self) -> Self {
        Self { memory: Arc::clone(&self.memory), api: self.api.clone() }
    }
}
