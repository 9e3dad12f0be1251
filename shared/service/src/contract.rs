//! What every store must do, whichever world it stands in: [`check`] panics at the first clause
//! that does not hold.
//!
//! Each clause works under keys of its own that begin with the name of the run, so that it can run
//! on a table that others use, and removes the marks that a sweep would find.

mod documents;
mod indexes;

use crate::ports::{Key, PortError, Record, Store, Write};
use serde_json::Value;
use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// How often an index that lags is asked again before it counts as wrong.
const TRIES: usize = 500;

/// Holds `store` to the contract. `run` is a name that was never given before on this store.
///
/// # Panics
/// At the first clause that does not hold, saying which.
pub async fn check(store: &dyn Store, run: &str) {
    let bench = &Bench { store, run };
    documents::what_was_never_put_is_not_there(bench).await;
    documents::what_is_put_comes_back(bench).await;
    documents::a_document_is_created_once(bench).await;
    documents::each_version_follows_the_one_before(bench).await;
    documents::the_same_commit_again_is_done(bench).await;
    documents::only_the_version_that_was_seen_is_deleted(bench).await;
    documents::several_writes_happen_all_or_none(bench).await;
    documents::several_writes_again_are_done(bench).await;
    documents::what_was_undone_can_be_done_again(bench).await;
    documents::of_racing_writes_one_wins(bench).await;
    documents::of_racing_commits_one_wins(bench).await;
    documents::many_are_read_at_once(bench).await;
    documents::a_partition_is_listed_in_order(bench).await;
    documents::the_end_of_a_partition_is_read_backwards(bench).await;
    documents::text_comes_back_code_point_for_code_point(bench).await;
    documents::numbers_come_back_exactly(bench).await;
    documents::a_long_document_comes_back(bench).await;
    indexes::a_due_mark_appears_moves_and_vanishes(bench).await;
    indexes::due_marks_come_earliest_first_up_to_an_instant(bench).await;
    indexes::a_place_appears_moves_and_vanishes(bench).await;
    indexes::a_work_list_comes_in_the_order_of_rank(bench).await;
}

/// The store under test, and what makes the keys of this run its own.
struct Bench<'a> {
    store: &'a dyn Store,
    run: &'a str,
}

impl Bench<'_> {
    /// A name of this run: a partition or a work list.
    fn name(&self, clause: &str) -> String {
        format!("tn_contract#{}#{clause}", self.run)
    }

    fn key(&self, clause: &str, sort: &str) -> Key {
        Key { partition: self.name(clause), sort: sort.to_owned() }
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        self.store.commit(writes).await
    }

    /// Writes what must succeed.
    async fn put(&self, record: &Record) {
        assert_eq!(self.commit(&[Write::Put(record.clone())]).await, Ok(()), "put {:?}", record.key);
    }

    /// Removes what must be there.
    async fn delete(&self, record: &Record) {
        let delete = Write::Delete(record.key.clone(), record.version);
        assert_eq!(self.commit(&[delete]).await, Ok(()), "delete {:?}", record.key);
    }

    async fn get(&self, key: &Key) -> Option<Record> {
        self.store.get(key).await.expect("a store under test answers")
    }

    /// What is stored is exactly `record`.
    async fn expect(&self, record: &Record) {
        assert_eq!(self.get(&record.key).await.as_ref(), Some(record));
    }

    async fn expect_nothing(&self, key: &Key) {
        assert_eq!(self.get(key).await, None);
    }
}

/// The body of a document.
fn said(body: impl Into<Value>) -> Arc<Value> {
    Arc::new(body.into())
}

/// A document without marks.
fn plain(key: Key, version: u64, body: impl Into<Value>) -> Record {
    Record { key, version, body: said(body), due_at: None, place: None, expires_at: None }
}

/// `record` as its next version, with another body.
fn next(record: &Record, body: impl Into<Value>) -> Record {
    Record { version: record.version + 1, body: said(body), ..record.clone() }
}

/// Asks until the answer is `expected`: an index may lag a write by a moment.
async fn settles<T: PartialEq + Debug>(expected: T, ask: impl AsyncFn() -> T) {
    for _ in 1..TRIES {
        if ask().await == expected {
            return;
        }
        let_others_work().await;
    }
    assert_eq!(ask().await, expected, "after {TRIES} tries");
}

/// Gives way once.
async fn let_others_work() {
    let mut waited = false;
    let once = std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    pin!(once).await;
}
