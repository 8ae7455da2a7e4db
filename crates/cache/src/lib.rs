//! Short-lived state: values with a lifetime, counters, broadcast.
//!
//! Nothing here is the only copy of anything: a value may go before its time when room is short, and all of it is gone
//! when the process, or the server that holds it, ends. What must stay is in the database. Every verb waits and may fail,
//! because a server shared by many processes (Redis) can stand behind the same handle as this process's memory.
//!
//! A key begins with the domain that owns it, `identity:code:17`; so does a topic.

mod memory;
mod redis;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use types::{Clock, Result};

use memory::Memory;
use redis::Redis;
use topics::Topics;
pub use topics::{News, Subscription};

/// How much a cache in memory may hold when nobody says otherwise.
pub const DEFAULT_LIMIT_BYTES: usize = 64 << 20;

/// The handle to all of it. Clones see the same state.
///
/// A lifetime is counted in milliseconds, and is one at least: a value is there until that moment, and not at it. Redis
/// has a clock of its own and looks at it in whole milliseconds; there a value may be seen for one more.
///
/// Where a server holds the state, a verb fails with [`types::Error::Unavailable`] within half a second when the server
/// does not answer, and at once while it is known to be away. Whether such a verb took effect is then unknown.
#[derive(Clone)]
pub struct Cache(Store);

#[derive(Clone)]
enum Store {
    Memory(Arc<Memory>, Arc<Topics>),
    Redis(Arc<Redis>),
}

impl Cache {
    /// An empty one in this process's memory. Beyond the limit the values that would end soonest make room.
    pub fn in_memory(limit_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        Self(Store::Memory(Arc::new(Memory::new(limit_bytes, clock)), Arc::default()))
    }

    /// One that a Redis server (6 or newer) holds: `redis://user:password@host:6379/0`, or `rediss://` for TLS with the
    /// system's root certificates. Every key and topic there begins with the prefix, so that others who use the server
    /// do not meet us. Connects when it is first used, and again by itself whenever the connection is lost.
    pub fn redis(url: &str, prefix: &str) -> Result<Self> {
        Ok(Self(Store::Redis(Arc::new(Redis::open(url, prefix)?))))
    }

    /// Whether the server that holds the state answers; memory always does.
    pub async fn ping(&self) -> Result<()> {
        match &self.0 {
            Store::Memory(..) => Ok(()),
            Store::Redis(redis) => redis.ping().await,
        }
    }

    /// The value, if there is one.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match &self.0 {
            Store::Memory(memory, _) => Ok(memory.get(key)),
            Store::Redis(redis) => redis.get(key).await,
        }
    }

    /// The values under all these keys, asked for at once.
    pub async fn get_each<const N: usize>(&self, keys: [&str; N]) -> Result<[Option<Bytes>; N]> {
        match &self.0 {
            Store::Memory(memory, _) => Ok(keys.map(|key| memory.get(key))),
            Store::Redis(redis) => redis.get_each(keys).await,
        }
    }

    /// Keeps a value for that long, whatever was there. One that there is no room for is refused as
    /// [`types::Error::Full`], and what was there stays.
    pub async fn put(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<()> {
        match &self.0 {
            Store::Memory(memory, _) => memory.put(key, value, lifetime),
            Store::Redis(redis) => redis.put(key, value, lifetime).await,
        }
    }

    /// Keeps a value if there is none, and tells whether it did. Of many at once, one wins.
    pub async fn put_new(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool> {
        match &self.0 {
            Store::Memory(memory, _) => memory.put_new(key, value, lifetime),
            Store::Redis(redis) => redis.put_new(key, value, lifetime).await,
        }
    }

    /// Gets and removes a value in one step. Of many at once, one gets it.
    pub async fn take(&self, key: &str) -> Result<Option<Bytes>> {
        match &self.0 {
            Store::Memory(memory, _) => Ok(memory.take(key)),
            Store::Redis(redis) => redis.take(key).await,
        }
    }

    /// Removes a value, and tells whether there was one.
    pub async fn remove(&self, key: &str) -> Result<bool> {
        match &self.0 {
            Store::Memory(memory, _) => Ok(memory.take(key).is_some()),
            Store::Redis(redis) => redis.remove(key).await,
        }
    }

    /// Adds to a counter and gives its new number. The first addition makes it, from 0, and its lifetime starts then:
    /// later ones do not prolong it. [`Cache::get`] reads a counter as decimal digits.
    pub async fn add(&self, key: &str, by: i64, lifetime: Duration) -> Result<i64> {
        match &self.0 {
            Store::Memory(memory, _) => memory.add(key, by, lifetime),
            Store::Redis(redis) => redis.add(key, by, lifetime).await,
        }
    }

    /// Adds to a debt that time pays off, and gives what is owed now: the first addition makes it, and it is gone when it
    /// is paid. Time is that of whoever holds the state, so that processes need not agree on theirs. A key of a debt is
    /// for this verb alone.
    pub async fn owe(&self, key: &str, by: Duration) -> Result<Duration> {
        match &self.0 {
            Store::Memory(memory, _) => memory.owe(key, by),
            Store::Redis(redis) => redis.owe(key, by).await,
        }
    }

    /// Whether other processes may see this state too.
    pub const fn is_shared(&self) -> bool {
        matches!(self.0, Store::Redis(_))
    }

    /// Tells those who are subscribed now. It never waits for them, and it is no error when there are none.
    pub async fn publish(&self, topic: &str, message: &[u8]) -> Result<()> {
        match &self.0 {
            Store::Memory(_, topics) => {
                topics.publish(topic, News::Message(Bytes::copy_from_slice(message)));
                Ok(())
            }
            Store::Redis(redis) => redis.publish(topic, message).await,
        }
    }

    /// Hears everything that is published from the moment this returns. While the server is away it returns all the same,
    /// and the subscriber hears [`News::Missed`] once the server is back: after that nothing escapes it.
    pub async fn subscribe(&self, topic: &str) -> Result<Subscription> {
        match &self.0 {
            Store::Memory(_, topics) => Ok(topics.subscribe(topic)),
            Store::Redis(redis) => redis.subscribe(topic).await,
        }
    }
}
