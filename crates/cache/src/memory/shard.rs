//! What stands behind one lock: entries by key, and their keys by the moment they end.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use std::time::Duration;

use bytes::Bytes;
use types::{Error, Result, Timestamp};

/// What an entry takes beside its key and value: its places in both indexes and three allocations, as measured.
const OVERHEAD: usize = 200;

/// Expired entries that a write clears away. More than the one it may add, so that they get fewer; few, so that no
/// writer pays for all.
const SWEPT_A_WRITE: usize = 4;

/// Tables up to this many places are not worth shrinking.
const SMALL: usize = 256;

#[derive(Default)]
pub struct Shard {
    entries: HashMap<Arc<str>, Entry>,
    by_end: BTreeSet<(Timestamp, Arc<str>)>,
    /// What all entries count together.
    pub bytes: usize,
}

struct Entry {
    value: Bytes,
    ends: Timestamp,
}

/// What such an entry counts.
pub const fn size(key: &str, length: usize) -> usize {
    key.len() + length + OVERHEAD
}

impl Shard {
    pub fn get(&self, key: &str, now: Timestamp) -> Option<Bytes> {
        self.live(key, now).map(|entry| entry.value.clone())
    }

    pub fn put(&mut self, key: &str, value: Bytes, ends: Timestamp) {
        let key = self.unlink(key).map_or_else(|| key.into(), |(key, _)| key);
        self.bytes += size(&key, value.len());
        self.by_end.insert((ends, Arc::clone(&key)));
        self.entries.insert(key, Entry { value, ends });
    }

    pub fn take(&mut self, key: &str, now: Timestamp) -> Option<Bytes> {
        let (_, entry) = self.unlink(key)?;
        self.give_back();
        (entry.ends > now).then_some(entry.value)
    }

    /// Adds to the number under this key, or makes one that ends then.
    pub fn add(&mut self, key: &str, by: i64, now: Timestamp, ends: Timestamp) -> Result<i64> {
        let (before, ends) = match self.live(key, now) {
            Some(entry) => (number(&entry.value)?, entry.ends),
            None => (0, ends),
        };
        let after =
            before.checked_add(by).ok_or_else(|| Error::internal("a counter in the cache is full"))?;
        self.put(key, after.to_string().into(), ends);
        Ok(after)
    }

    /// Adds to the debt under this key, which is kept as the moment when it is paid, and ends then.
    pub fn owe(&mut self, key: &str, by: Duration, now: Timestamp) -> Result<Duration> {
        let paid = match self.live(key, now) {
            Some(entry) => Timestamp::from_micros(number(&entry.value)?).max(now),
            None => now,
        };
        let paid = paid.plus(by);
        if paid > now {
            self.put(key, paid.micros().to_string().into(), paid);
        }
        Ok(paid.since(now))
    }

    /// Clears away a few entries that have expired.
    pub fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEPT_A_WRITE {
            match self.by_end.first() {
                Some((ends, key)) if *ends <= now => drop(self.unlink(&Arc::clone(key))),
                _ => break,
            }
        }
        self.give_back();
    }

    /// When the first entry ends, not looking at this one.
    pub fn soonest(&self, but: &str) -> Option<Timestamp> {
        self.first(but).map(|(ends, _)| *ends)
    }

    /// Removes the entry that ends first, but not this one.
    pub fn evict_soonest(&mut self, but: &str) {
        if let Some((_, key)) = self.first(but) {
            self.unlink(&Arc::clone(key));
        }
    }

    fn first(&self, but: &str) -> Option<&(Timestamp, Arc<str>)> {
        self.by_end.iter().find(|(_, key)| **key != *but)
    }

    fn live(&self, key: &str, now: Timestamp) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.ends > now)
    }

    /// Takes an entry out of both indexes, whether it is expired or not.
    fn unlink(&mut self, key: &str) -> Option<(Arc<str>, Entry)> {
        let (key, entry) = self.entries.remove_entry(key)?;
        self.bytes -= size(&key, entry.value.len());
        let place = (entry.ends, key);
        self.by_end.remove(&place);
        Some((place.1, entry))
    }

    /// A hash table never shrinks by itself: without this, one busy hour would cost its memory for ever.
    fn give_back(&mut self) {
        if self.entries.capacity() > SMALL && self.entries.len() < self.entries.capacity() / 8 {
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }
}

fn number(value: &[u8]) -> Result<i64> {
    let digits = str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    digits.ok_or_else(|| Error::internal("a value in the cache that is no number cannot be added to"))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shard {
        /// What all entries count, looked at one by one.
        pub fn weighed(&self) -> usize {
            assert_eq!(self.entries.len(), self.by_end.len());
            self.entries.iter().map(|(key, entry)| size(key, entry.value.len())).sum()
        }
    }

    #[test]
    fn a_write_clears_away_a_few_expired_entries_and_no_others() {
        let (mut shard, at) = (Shard::default(), Timestamp::from_millis);
        for number in 0..10 {
            shard.put(&number.to_string(), Bytes::new(), at(if number < 6 { 1 } else { 3 }));
        }
        let mut left = || {
            shard.sweep(at(2));
            shard.entries.len()
        };
        assert_eq!([left(), left(), left()], [6, 4, 4]);
    }

    #[test]
    fn a_table_that_was_large_gives_its_memory_back() {
        let (mut shard, at) = (Shard::default(), Timestamp::from_millis);
        for number in 0..10_000 {
            shard.put(&number.to_string(), Bytes::new(), at(1));
        }
        while shard.bytes > 0 {
            shard.sweep(at(1));
        }
        assert!(shard.entries.capacity() <= SMALL);
    }
}
