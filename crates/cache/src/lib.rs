//! Short-lived state: values with a lifetime, counters, broadcast.
//!
//! Nothing here is the only copy of anything: a value may go before its time when room is short, and all of it is gone
//! when the process ends. What must stay is in the database. Every verb waits and may fail, so that a server shared by
//! many processes (Redis) can stand behind the same handle.
//!
//! A key begins with the domain that owns it, `identity:code:17`; so does a topic.

mod memory;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use types::{Clock, Result};

use memory::Memory;
use topics::Topics;
pub use topics::{News, Subscription};

/// How much a cache in memory may hold when nobody says otherwise.
pub const DEFAULT_LIMIT_BYTES: usize = 64 << 20;

/// The handle to all of it. Clones see the same state.
///
/// A lifetime is counted in milliseconds, and is one at least: a value is there until that moment, and not at it.
#[derive(Clone)]
pub struct Cache {
    memory: Arc<Memory>,
    topics: Arc<Topics>,
}

#[expect(clippy::unused_async, reason = "memory never waits; a server shared by many processes will")]
impl Cache {
    /// An empty one in this process's memory. Beyond the limit the values that would end soonest make room.
    pub fn in_memory(limit_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        Self { memory: Arc::new(Memory::new(limit_bytes, clock)), topics: Arc::default() }
    }

    /// The value, if there is one.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.memory.get(key))
    }

    /// Keeps a value for that long, whatever was there. One that alone is over the limit is refused as
    /// [`types::Error::Full`], and what was there stays.
    pub async fn put(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<()> {
        self.memory.put(key, value, lifetime)
    }

    /// Keeps a value if there is none, and tells whether it did. Of many at once, one wins.
    pub async fn put_new(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool> {
        self.memory.put_new(key, value, lifetime)
    }

    /// Gets and removes a value in one step. Of many at once, one gets it.
    pub async fn take(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.memory.take(key))
    }

    /// Removes a value, and tells whether there was one.
    pub async fn remove(&self, key: &str) -> Result<bool> {
        Ok(self.memory.take(key).is_some())
    }

    /// Adds to a counter and gives its new number. The first addition makes it, from 0, and its lifetime starts then:
    /// later ones do not prolong it. [`Cache::get`] reads a counter as decimal digits.
    pub async fn add(&self, key: &str, by: i64, lifetime: Duration) -> Result<i64> {
        self.memory.add(key, by, lifetime)
    }

    /// Tells those who are subscribed now. It never waits for them, and it is no error when there are none.
    pub async fn publish(&self, topic: &str, message: &[u8]) -> Result<()> {
        self.topics.publish(topic, message);
        Ok(())
    }

    /// Hears everything that is published from the moment this returns.
    pub async fn subscribe(&self, topic: &str) -> Result<Subscription> {
        Ok(self.topics.subscribe(topic))
    }
}
