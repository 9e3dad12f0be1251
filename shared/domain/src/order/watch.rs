//! Who is told of whatever happens to an order.

use super::{Entry, Refusal, WorkOrder};
use crate::fact::What;

/// As many as may watch one order.
pub const WATCHERS: usize = 50;

impl WorkOrder {
    /// Lets `watcher` know of whatever happens from now on; who watches already goes on.
    ///
    /// # Errors
    /// As many watch as may; a calendar has no open time.
    pub fn watch(&mut self, by: Entry<'_>, watcher: String) -> Result<(), Refusal> {
        if self.watchers.contains(&watcher) {
            return Ok(());
        }
        if self.watchers.len() >= WATCHERS {
            return Err(Refusal::TooManyWatchers);
        }
        Ok(self.record(by, What::WatcherAdded { watcher })?)
    }

    /// Tells `watcher` no more; who does not watch is left alone.
    ///
    /// # Errors
    /// A calendar has no open time.
    pub fn unwatch(&mut self, by: Entry<'_>, watcher: String) -> Result<(), Refusal> {
        if !self.watchers.contains(&watcher) {
            return Ok(());
        }
        Ok(self.record(by, What::WatcherRemoved { watcher })?)
    }
}
