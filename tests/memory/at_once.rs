//! Several use cases at once, interleaved port call by port call.

use async_trait::async_trait;
use jiff::Timestamp;
use redress_service::ports::{DueMark, Key, PortError, Record, Store, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A store that gives way before every call, so that what runs at once is interleaved.
pub(super) struct Yielding(pub(super) Arc<dyn Store>);

/// Pends once.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[async_trait]
impl Store for Yielding {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        Once(false).await;
        self.0.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        Once(false).await;
        self.0.get_many(keys).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        Once(false).await;
        self.0.list(partition, prefix, after, limit).await
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        Once(false).await;
        self.0.last(partition, limit).await
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        Once(false).await;
        self.0.commit(writes).await
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        Once(false).await;
        self.0.due(shard, after, until, limit).await
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        Once(false).await;
        self.0.worklist(list, after, limit).await
    }
}

/// Something that runs at once with others.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs all of it at once, one step of somebody at a time, by the choices of `seed`.
pub(super) fn interleave(mut running: Vec<Running<'_>>, mut seed: u64) {
    let mut context = Context::from_waker(Waker::noop());
    while !running.is_empty() {
        // A linear congruential generator (Knuth, The Art of Computer Programming, 3.3.4).
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap() % running.len();
        if running[at].as_mut().poll(&mut context).is_ready() {
            drop(running.swap_remove(at));
        }
    }
}
