//! Who owes what, in this process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use types::{Timestamp, UserId};

use super::rate::{Rate, Taken};

/// As many locks as keep threads apart.
pub(super) const SHARDS: usize = 64;
/// Entries behind one lock. Whoever comes from more addresses than all of them hold is not held back by a limit a client.
const MOST: usize = 8_192;
/// Fewer are not worth looking through.
const FEW: usize = 256;

/// Whom a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// One address.
    Four(u32),
    /// The network (/64) that one client of IPv6 has for itself.
    Six(u64),
    /// A user.
    User(i64),
}

/// A limit and whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) limit: &'static str,
    pub(super) who: Who,
}

pub(super) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Key, Entry>,
    swept_at: usize,
}

#[derive(Clone, Copy)]
struct Entry {
    /// When everything is paid, in microseconds.
    paid: i64,
    /// Requests that other processes have not been told of.
    untold: i32,
}

impl From<IpAddr> for Who {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Four(address.to_bits()),
            IpAddr::V6(address) => {
                let [network @ .., _, _, _, _, _, _, _, _] = address.octets();
                Self::Six(u64::from_be_bytes(network))
            }
        }
    }
}

impl From<UserId> for Who {
    fn from(user: UserId) -> Self {
        Self::User(user.number())
    }
}

impl Table {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    /// Takes a request, unless more than `most_untold` were taken that others know nothing of.
    pub(super) fn take(
        &self,
        key: Key,
        rate: Rate,
        now: Timestamp,
        most_untold: Option<i32>,
    ) -> Option<Taken> {
        let mut shard = self.lock(key);
        let now = now.micros();
        if let Some(entry) = shard.entries.get_mut(&key) {
            if entry.paid <= now {
                // What others were not told of has been paid too.
                entry.untold = 0;
            }
            if most_untold.is_some_and(|most| entry.untold >= most) {
                return None;
            }
            let (debt, taken) = rate.take(entry.paid - now);
            entry.paid = now + debt;
            entry.untold = entry.untold.saturating_add(i32::from(matches!(taken, Taken::Yes { .. })));
            return Some(taken);
        }
        shard.make_room(now);
        let (debt, taken) = rate.take(0);
        shard.entries.insert(key, Entry { paid: now + debt, untold: 1 });
        Some(taken)
    }

    /// Takes back a request that was taken.
    pub(super) fn give_back(&self, key: Key, rate: Rate) {
        if let Some(entry) = self.lock(key).entries.get_mut(&key) {
            entry.paid -= rate.cost();
            entry.untold -= 1;
        }
    }

    /// How many requests others have to be told of; they count as told from here on. None when they are few.
    pub(super) fn tell(&self, key: Key, most_untold: i32) -> Option<i32> {
        let mut shard = self.lock(key);
        let entry = shard.entries.get_mut(&key).filter(|entry| entry.untold >= most_untold)?;
        Some(std::mem::take(&mut entry.untold))
    }

    /// What is owed in all, as it has been heard, and what was taken meanwhile.
    pub(super) fn hear(&self, key: Key, rate: Rate, now: Timestamp, owed: i64) {
        if let Some(entry) = self.lock(key).entries.get_mut(&key) {
            entry.paid = now.micros() + owed + i64::from(entry.untold) * rate.cost();
        }
    }

    /// Which lock this is behind.
    pub(super) fn place(&self, key: Key) -> usize {
        let [any, ..] = self.hasher.hash_one(key).to_le_bytes();
        usize::from(any) % SHARDS
    }

    /// No change leaves a shard halfway, so a panic elsewhere is no reason to lose it.
    fn lock(&self, key: Key) -> MutexGuard<'_, Shard> {
        self.shards[self.place(key)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// Forgets those who owe nothing, now and then; and everybody when that is not enough.
    fn make_room(&mut self, now: i64) {
        if self.entries.len() < self.swept_at.max(FEW) {
            return;
        }
        self.entries.retain(|_, entry| entry.paid > now);
        if self.entries.len() >= MOST {
            self.entries.clear();
        }
        self.entries.shrink_to(self.entries.len() * 2);
        self.swept_at = (self.entries.len() * 2).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const RATE: Rate = Rate { count: 2, window: Duration::from_secs(1) };

    fn key(number: i64) -> Key {
        Key { limit: "read", who: Who::User(number) }
    }

    fn takes(table: &Table, key: Key, now: Timestamp) -> bool {
        matches!(table.take(key, RATE, now, None), Some(Taken::Yes { .. }))
    }

    #[test]
    fn everybody_has_a_limit_of_their_own() {
        let (table, now) = (Table::new(), Timestamp::from_millis(1));
        for number in 0..100 {
            assert_eq!([0, 1, 2].map(|_| takes(&table, key(number), now)), [true, true, false]);
        }
        assert!(takes(&table, Key { limit: "write", who: Who::User(1) }, now));
        assert!(takes(&table, key(1), now.plus(Duration::from_millis(500))));
    }

    #[test]
    fn a_request_that_was_given_back_may_be_taken_again() {
        let (table, now) = (Table::new(), Timestamp::from_millis(1));
        assert!(takes(&table, key(1), now) && takes(&table, key(1), now));
        table.give_back(key(1), RATE);
        assert_eq!([takes(&table, key(1), now), takes(&table, key(1), now)], [true, false]);
    }

    #[test]
    fn one_network_of_ipv6_is_one_client() {
        let who = |text: &str| Who::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(who("2001:db8:1:2::3"), who("2001:db8:1:2:ffff::9"));
        assert_ne!(who("2001:db8:1:2::3"), who("2001:db8:1:3::3"));
        assert_ne!(who("203.0.113.1"), who("203.0.113.2"));
        assert_eq!(who("::ffff:203.0.113.1"), who("203.0.113.1"));
    }

    #[test]
    fn those_who_owe_nothing_are_forgotten_and_memory_has_a_bound() {
        let (table, start) = (Table::new(), Timestamp::from_millis(1));
        let held = || table.shards.iter().map(|shard| shard.lock().unwrap().entries.len()).sum::<usize>();
        for number in 0..200_000 {
            takes(&table, key(number), start.plus(Duration::from_millis(number.unsigned_abs())));
        }
        assert!(held() <= SHARDS * FEW * 2, "{} are held", held());
        for number in 0..700_000 {
            takes(&table, key(number), start);
        }
        assert!(held() <= SHARDS * MOST, "{} are held", held());
    }
}
