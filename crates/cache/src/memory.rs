//! Values and counters in this process's memory: sixteen locks, and one sum of bytes over all of them.

mod shard;

use std::array;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use types::{Clock, Error, Result, Timestamp};

use shard::{Shard, size};

const SHARDS: usize = 16;

/// What the longest number takes.
const DIGITS: usize = 20;

/// Values by key.
pub struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    bytes: AtomicUsize,
    limit_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Memory {
    pub fn new(limit_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        let shards = array::from_fn(|_| Mutex::default());
        Self { shards, hasher: RandomState::new(), bytes: AtomicUsize::new(0), limit_bytes, clock }
    }

    pub fn get(&self, key: &str) -> Option<Bytes> {
        lock(self.shard(key)).get(key, self.clock.now())
    }

    pub fn put(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<()> {
        self.write(key, value.len(), |shard, now| {
            shard.put(key, Bytes::copy_from_slice(value), end(now, lifetime));
        })
    }

    pub fn put_new(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool> {
        self.write(key, value.len(), |shard, now| {
            let is_new = shard.get(key, now).is_none();
            if is_new {
                shard.put(key, Bytes::copy_from_slice(value), end(now, lifetime));
            }
            is_new
        })
    }

    pub fn take(&self, key: &str) -> Option<Bytes> {
        self.counted(self.shard(key), |shard| shard.take(key, self.clock.now()))
    }

    pub fn add(&self, key: &str, by: i64, lifetime: Duration) -> Result<i64> {
        self.write(key, DIGITS, |shard, now| shard.add(key, by, now, end(now, lifetime)))?
    }

    pub fn owe(&self, key: &str, by: Duration) -> Result<Duration> {
        self.write(key, DIGITS, |shard, now| shard.owe(key, by, now))?
    }

    /// A change that may need room. The value is in before others go, so that a refused one costs them nothing.
    fn write<T>(
        &self,
        key: &str,
        length: usize,
        change: impl FnOnce(&mut Shard, Timestamp) -> T,
    ) -> Result<T> {
        if size(key, length) > self.limit_bytes {
            return Err(Error::Full(None));
        }
        let now = self.clock.now();
        let outcome = self.counted(self.shard(key), |shard| {
            shard.sweep(now);
            change(shard, now)
        });
        self.make_room(key);
        Ok(outcome)
    }

    /// Evicts what would end soonest anywhere, expired or not, until the limit is kept. The key just written stays:
    /// a short-lived one among long-lived ones would always be the first to go, and its writer believe it kept.
    fn make_room(&self, keep: &str) {
        while self.bytes.load(Ordering::Relaxed) > self.limit_bytes {
            let ends = self.shards.iter().filter_map(|shard| Some((lock(shard).soonest(keep)?, shard)));
            let Some((_, shard)) = ends.min_by_key(|(end, _)| *end) else { return };
            self.counted(shard, |shard| shard.evict_soonest(keep));
        }
    }

    /// A change to one shard, and to the sum of bytes with it.
    fn counted<T>(&self, shard: &Mutex<Shard>, change: impl FnOnce(&mut Shard) -> T) -> T {
        let mut shard = lock(shard);
        let before = shard.bytes;
        let outcome = change(&mut shard);
        // The difference wraps when the shard shrank, and so does the sum: together they come out right.
        self.bytes.fetch_add(shard.bytes.wrapping_sub(before), Ordering::Relaxed);
        outcome
    }

    fn shard(&self, key: &str) -> &Mutex<Shard> {
        let [any, ..] = self.hasher.hash_one(key).to_le_bytes();
        &self.shards[usize::from(any) % SHARDS]
    }
}

fn end(now: Timestamp, lifetime: Duration) -> Timestamp {
    now.plus(lifetime.max(Duration::from_millis(1)))
}

/// No change leaves a shard halfway, so a panic elsewhere is no reason to lose it.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::StillClock;

    #[test]
    fn the_sum_of_bytes_is_right_after_any_changes() {
        let clock = StillClock::default();
        let memory = Memory::new(20_000, Arc::new(clock.clone()));
        let mut random = 1_u64;
        let mut below = |most: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % most
        };
        for _ in 0..20_000 {
            let (key, lifetime) = (format!("key:{}", below(200)), Duration::from_millis(below(50)));
            let value = vec![b'1'; usize::try_from(below(18)).unwrap()];
            match below(5) {
                0 => drop(memory.take(&key)),
                1 => drop(memory.put_new(&key, &value, lifetime)),
                2 => drop(memory.add(&key, 1, lifetime)),
                _ => memory.put(&key, &value, lifetime).unwrap(),
            }
            clock.advance(Duration::from_millis(below(2)));
            let held: usize = memory.shards.iter().map(|shard| lock(shard).weighed()).sum();
            assert_eq!(memory.bytes.load(Ordering::Relaxed), held);
            assert!(held <= memory.limit_bytes);
        }
    }
}
